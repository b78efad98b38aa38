"""Questions to people; ids of steps of teams within the team are longer."""

import sqlalchemy as sa
from alembic import op

revision = "team_0002"
down_revision = "team_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "project_questions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_project_questions_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_project_questions"),
    )
    op.create_index("ix_project_questions_status_due_at", "project_questions", ["status", "due_at"])
    op.create_index("ix_project_questions_project_id", "project_questions", ["project_id"])
    _step_ids(sa.String(40), sa.String(128))


def downgrade() -> None:
    """Take it back; steps of teams within the team go with it."""
    op.drop_table("project_questions")
    op.execute("DELETE FROM project_steps WHERE length(step_id) > 40")
    _step_ids(sa.String(128), sa.String(40))


def _step_ids(before: sa.String, after: sa.String) -> None:
    with op.batch_alter_table("project_steps") as steps:
        steps.alter_column("step_id", existing_type=before, type_=after, existing_nullable=False)
