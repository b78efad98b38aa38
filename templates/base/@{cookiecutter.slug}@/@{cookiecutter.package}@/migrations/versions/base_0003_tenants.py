"""Tenants: whose session turns are."""

import sqlalchemy as sa
from alembic import op

revision = "base_0003"
down_revision = "base_0002"
branch_labels = None
depends_on = None

BEFORE = "ix_session_turns_subject_session_id_number"
AFTER = "ix_session_turns_tenant_subject_session_id_number"


def upgrade() -> None:
    """Take the step: what is there belongs to the default tenant."""
    op.add_column("session_turns", sa.Column("tenant", sa.String(64), nullable=False, server_default="default"))
    op.drop_index(BEFORE, "session_turns")
    op.create_index(AFTER, "session_turns", ["tenant", "subject", "session_id", "number"])


def downgrade() -> None:
    """Take it back. What other tenants have is deleted: without the column nothing could keep it apart."""
    turns = sa.table("session_turns", sa.column("tenant"))
    op.execute(turns.delete().where(turns.c.tenant != "default"))
    op.drop_index(AFTER, "session_turns")
    with op.batch_alter_table("session_turns") as table:
        table.drop_column("tenant")
    op.create_index(BEFORE, "session_turns", ["subject", "session_id", "number"])
