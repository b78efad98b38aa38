"""The tables of the store: which steps were taken, taking them, and taking them back."""

from collections.abc import Callable
from pathlib import Path

import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from ..exceptions import ConfigurationError
from ..models.tables import all_tables

logger = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parents[1] / "migrations"
LOCK = 7_205_759
"""PostgreSQL's advisory lock that lets only one process at a time change the tables."""


def upgrade(connection: Connection) -> None:
    """Take every step that was not taken yet, in the connection's transaction; others wait."""
    _lock(connection)
    if steps := pending(connection):
        _move(connection, lambda config: command.upgrade(config, "heads"))
        logger.info("tables_changed", steps=steps)


def downgrade(connection: Connection, revision: str) -> None:
    """Take back every step after ``revision``; ``base`` takes all of them back.

    Raises:
        ConfigurationError: There is no such step.
    """
    _lock(connection)
    _move(connection, lambda config: command.downgrade(config, revision))
    logger.info("tables_changed_back", to=revision)


def pending(connection: Connection) -> list[str]:
    """Return the steps that this version knows and the store lacks.

    A store that is ahead lacks none: while a release is under way the old version runs on the new tables.
    """
    script = ScriptDirectory.from_config(_config())
    taken: set[str] = set()
    for head in MigrationContext.configure(connection).get_current_heads():
        known = [step.revision for step in script.walk_revisions()]
        if head in known:
            taken |= {step.revision for step in script.iterate_revisions(head, "base")}
        else:
            taken |= _branch(script, head)
    return [step.revision for step in reversed(list(script.walk_revisions())) if step.revision not in taken]


def drift(connection: Connection) -> list[object]:
    """Return how the tables differ from what the code expects of them."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, all_tables()))


def _lock(connection: Connection) -> None:
    """Wait until nobody else changes the tables; SQLite's transaction does that by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _move(connection: Connection, step: Callable[[Config], None]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    try:
        step(config)
    except CommandError as error:
        message = f"the tables cannot be changed: {error}"
        raise ConfigurationError(message) from error


def _branch(script: ScriptDirectory, unknown: str) -> set[str]:
    """Return all known steps of the branch that a newer version's step belongs to, by its name."""
    name = unknown.rpartition("_")[0]
    return {step.revision for step in script.walk_revisions() if step.revision.rpartition("_")[0] == name}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
