"""Memories of users."""

import sqlalchemy as sa
from alembic import op

revision = "llm_0002"
down_revision = "llm_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "memories",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False, server_default="default"),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("memory_id", sa.String(32), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_memories"),
    )
    op.create_index("ix_memories_tenant_subject_number", "memories", ["tenant", "subject", "number"])
    op.create_index("ix_memories_time", "memories", ["time"])


def downgrade() -> None:
    """Take it back; what was remembered is gone."""
    op.drop_table("memories")
