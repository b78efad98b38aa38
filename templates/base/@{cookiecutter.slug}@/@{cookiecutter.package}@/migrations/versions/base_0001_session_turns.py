"""Session turns."""

import sqlalchemy as sa
from alembic import op

revision = "base_0001"
down_revision = None
branch_labels = ("base",)
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "session_turns",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_session_turns"),
    )
    op.create_index("ix_session_turns_subject_session_id_number", "session_turns", ["subject", "session_id", "number"])
    op.create_index("ix_session_turns_time", "session_turns", ["time"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("session_turns")
