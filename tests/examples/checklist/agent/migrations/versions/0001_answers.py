"""The first table."""

from alembic import op


def upgrade() -> None:
    """Go on."""
    op.create_table("answers")


def downgrade() -> None:
    """Go back."""
    op.drop_table("answers")
