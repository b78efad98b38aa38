"""Tasks that call another tool than the one that answers questions."""

import sqlalchemy as sa
from alembic import op

revision = "service_0003"
down_revision = "service_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step: the tasks that there are answer questions."""
    with op.batch_alter_table("tasks") as table:
        table.add_column(sa.Column("tool", sa.String(64), nullable=False, server_default="answer.text"))


def downgrade() -> None:
    """Take it back; tasks of other tools go with it."""
    op.execute("DELETE FROM tasks WHERE tool <> 'answer.text'")
    with op.batch_alter_table("tasks") as table:
        table.drop_column("tool")
