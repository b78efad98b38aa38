"""What Alembic runs: the steps over a connection that it is given, or over the store of the settings."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from @{cookiecutter.package}@.config.settings import load_settings
from @{cookiecutter.package}@.models.tables import all_tables
from @{cookiecutter.package}@.services.store import Store


def run(connection: Connection) -> None:
    """Take the steps in the transaction that the connection is in."""
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite changes a table by making it anew
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    """Take the steps when the ``alembic`` command started this."""
    settings = load_settings()
    store = Store(settings.store, settings.state_dir)
    try:
        await store.run(run)
    finally:
        await store.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_alone())
else:
    run(given)
