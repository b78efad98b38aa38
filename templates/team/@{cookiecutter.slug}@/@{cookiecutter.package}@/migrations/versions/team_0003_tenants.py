"""Tenants: whose projects are."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "team_0003"
down_revision = "team_0002"
branch_labels = None
depends_on = None

PARTS = ("project_steps", "project_events", "project_questions")
KEY_BEFORE, KEY_AFTER = "uq_projects_owner_idempotency_key", "uq_projects_tenant_owner_idempotency_key"
LIST_BEFORE, LIST_AFTER = "ix_projects_owner_created_at", "ix_projects_tenant_owner_created_at"


def upgrade() -> None:
    """Take the step: what is there belongs to the default tenant."""
    op.drop_index(LIST_BEFORE, "projects")
    with _parts_detached(), op.batch_alter_table("projects") as table:
        table.add_column(sa.Column("tenant", sa.String(64), nullable=False, server_default="default"))
        table.drop_constraint(KEY_BEFORE, type_="unique")
        table.create_unique_constraint(KEY_AFTER, ["tenant", "owner", "idempotency_key"])
    op.create_index(LIST_AFTER, "projects", ["tenant", "owner", "created_at"])


def downgrade() -> None:
    """Take it back. What other tenants have is deleted: without the column nothing could keep it apart."""
    projects = sa.table("projects", sa.column("tenant"))
    op.execute(projects.delete().where(projects.c.tenant != "default"))
    op.drop_index(LIST_AFTER, "projects")
    with _parts_detached(), op.batch_alter_table("projects") as table:
        table.drop_constraint(KEY_AFTER, type_="unique")
        table.create_unique_constraint(KEY_BEFORE, ["owner", "idempotency_key"])
        table.drop_column("tenant")
    op.create_index(LIST_BEFORE, "projects", ["owner", "created_at"])


@contextmanager
def _parts_detached() -> Iterator[None]:
    """Let the parts of projects stand alone: SQLite makes a changed table anew, and they would go with the old one."""
    for name in PARTS:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"fk_{name}_project_id_projects", type_="foreignkey")
    yield
    for name in PARTS:
        with op.batch_alter_table(name) as table:
            key = f"fk_{name}_project_id_projects"
            table.create_foreign_key(key, "projects", ["project_id"], ["id"], ondelete="CASCADE")
