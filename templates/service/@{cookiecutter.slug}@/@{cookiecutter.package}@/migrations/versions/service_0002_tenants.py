"""Tenants: whose agents and tasks are."""

import sqlalchemy as sa
from alembic import op

revision = "service_0002"
down_revision = "service_0001"
branch_labels = None
depends_on = None

AGENT_BEFORE, AGENT_AFTER = "fk_agent_capabilities_agent_id_agents", "fk_agent_capabilities_tenant_agent_id_agents"
KEY_BEFORE, KEY_AFTER = "uq_tasks_submitted_by_idempotency_key", "uq_tasks_tenant_submitted_by_idempotency_key"


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.String(64), nullable=False, server_default="default")


def upgrade() -> None:
    """Take the step: what is there belongs to the default tenant; each tenant has ids of agents of its own."""
    with op.batch_alter_table("agent_capabilities") as table:
        table.drop_constraint(AGENT_BEFORE, type_="foreignkey")
        table.drop_constraint("pk_agent_capabilities", type_="primary")
        table.add_column(_tenant())
        table.create_primary_key("pk_agent_capabilities", ["capability", "tenant", "agent_id"])
    with op.batch_alter_table("agents") as table:
        table.drop_constraint("pk_agents", type_="primary")
        table.add_column(_tenant())
        table.create_primary_key("pk_agents", ["tenant", "id"])
    with op.batch_alter_table("agent_capabilities") as table:
        columns = ["tenant", "agent_id"]
        table.create_foreign_key(AGENT_AFTER, "agents", columns, ["tenant", "id"], ondelete="CASCADE")
    op.drop_index("ix_tasks_submitted_by_id", "tasks")
    with op.batch_alter_table("tasks") as table:
        table.add_column(_tenant())
        table.drop_constraint(KEY_BEFORE, type_="unique")
        table.create_unique_constraint(KEY_AFTER, ["tenant", "submitted_by", "idempotency_key"])
    op.create_index("ix_tasks_tenant_submitted_by_id", "tasks", ["tenant", "submitted_by", "id"])


def downgrade() -> None:
    """Take it back. What other tenants have is deleted: without the column nothing could keep it apart."""
    for name in ("agent_capabilities", "agents", "tasks"):
        rows = sa.table(name, sa.column("tenant"))
        op.execute(rows.delete().where(rows.c.tenant != "default"))
    op.drop_index("ix_tasks_tenant_submitted_by_id", "tasks")
    with op.batch_alter_table("tasks") as table:
        table.drop_constraint(KEY_AFTER, type_="unique")
        table.create_unique_constraint(KEY_BEFORE, ["submitted_by", "idempotency_key"])
        table.drop_column("tenant")
    op.create_index("ix_tasks_submitted_by_id", "tasks", ["submitted_by", "id"])
    with op.batch_alter_table("agent_capabilities") as table:
        table.drop_constraint(AGENT_AFTER, type_="foreignkey")
        table.drop_constraint("pk_agent_capabilities", type_="primary")
        table.drop_column("tenant")
        table.create_primary_key("pk_agent_capabilities", ["capability", "agent_id"])
    with op.batch_alter_table("agents") as table:
        table.drop_constraint("pk_agents", type_="primary")
        table.drop_column("tenant")
        table.create_primary_key("pk_agents", ["id"])
    with op.batch_alter_table("agent_capabilities") as table:
        table.create_foreign_key(AGENT_BEFORE, "agents", ["agent_id"], ["id"], ondelete="CASCADE")
