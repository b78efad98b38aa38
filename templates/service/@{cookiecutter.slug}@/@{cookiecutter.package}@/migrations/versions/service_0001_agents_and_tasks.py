"""The agent registry and the tasks."""

import sqlalchemy as sa
from alembic import op

revision = "service_0001"
down_revision = None
branch_labels = ("service",)
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "agents",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("endpoint", sa.String(2_083)),
        sa.Column("audience", sa.String(80)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
    )
    op.create_index("ix_agents_expires_at", "agents", ["expires_at"])
    op.create_table(
        "agent_capabilities",
        sa.Column("capability", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("capability", "agent_id", name="pk_agent_capabilities"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_agent_capabilities_agent_id_agents", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_agent_capabilities_agent_id", "agent_capabilities", ["agent_id"])
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("submitted_by", sa.String(255), nullable=False),
        sa.Column("idempotency_key", sa.String(128)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("held_by", sa.String(200)),
        sa.Column("error", sa.String(500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("submitted_by", "idempotency_key", name="uq_tasks_submitted_by_idempotency_key"),
    )
    op.create_index("ix_tasks_submitted_by_id", "tasks", ["submitted_by", "id"])
    op.create_index("ix_tasks_status_due_at", "tasks", ["status", "due_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("tasks")
    op.drop_table("agent_capabilities")
    op.drop_table("agents")
