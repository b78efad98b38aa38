"""What steps at work have done, so that it is not done again after a crash."""

import sqlalchemy as sa
from alembic import op

revision = "team_0004"
down_revision = "team_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "project_calls",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("step_id", sa.String(128), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_project_calls_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "step_id", "key", name="pk_project_calls"),
    )


def downgrade() -> None:
    """Take it back: steps that were at work begin from the start."""
    op.drop_table("project_calls")
