"""Cache entries."""

import sqlalchemy as sa
from alembic import op

revision = "base_0002"
down_revision = "base_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "cache_entries",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_cache_entries"),
    )
    op.create_index("ix_cache_entries_expires", "cache_entries", ["expires"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("cache_entries")
