"""Vectors of passages."""

import sqlalchemy as sa
from alembic import op

revision = "llm_0001"
down_revision = None
branch_labels = ("llm",)
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "passage_vectors",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False, server_default="default"),
        sa.Column("embedder", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_passage_vectors"),
        sa.UniqueConstraint("tenant", "embedder", "digest", name="uq_passage_vectors_tenant_embedder_digest"),
    )


def downgrade() -> None:
    """Take it back; the vectors are made anew when they are wanted again."""
    op.drop_table("passage_vectors")
