"""Names of sessions, and ratings of their turns."""

import sqlalchemy as sa
from alembic import op

revision = "base_0004"
down_revision = "base_0003"
branch_labels = None
depends_on = None

ADDED = ("turn_id", "score", "comment", "rated_at")


def upgrade() -> None:
    """Take the step. Turns of before, and of the version before while it still runs, have no id and are not rated."""
    op.create_table(
        "session_names",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False, server_default="default"),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_session_names"),
        sa.UniqueConstraint("tenant", "subject", "session_id", name="uq_session_names_tenant_subject_session_id"),
    )
    op.add_column("session_turns", sa.Column("turn_id", sa.String(32)))
    op.add_column("session_turns", sa.Column("score", sa.Integer()))
    op.add_column("session_turns", sa.Column("comment", sa.LargeBinary()))
    op.add_column("session_turns", sa.Column("rated_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take it back: names and ratings are deleted, what was said stays."""
    with op.batch_alter_table("session_turns") as table:
        for column in ADDED:
            table.drop_column(column)
    op.drop_table("session_names")
