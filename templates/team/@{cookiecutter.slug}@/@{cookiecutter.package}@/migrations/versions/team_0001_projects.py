"""Projects, their steps and their events."""

import sqlalchemy as sa
from alembic import op

revision = "team_0001"
down_revision = None
branch_labels = ("team",)
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "projects",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("spent", sa.Text(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.String(255), nullable=True),
        sa.Column("request_digest", sa.String(64), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("owner", "idempotency_key", name="uq_projects_owner_idempotency_key"),
    )
    op.create_index("ix_projects_owner_created_at", "projects", ["owner", "created_at"])
    op.create_index("ix_projects_updated_at", "projects", ["updated_at"])
    op.create_table(
        "project_steps",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("step_id", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_project_steps_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "step_id", name="pk_project_steps"),
    )
    op.create_table(
        "project_events",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_project_events_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "number", name="pk_project_events"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("project_events")
    op.drop_table("project_steps")
    op.drop_table("projects")
