"""The tables of the store: which steps were taken, taking them, and taking them back."""

from collections.abc import Callable
from functools import cache
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


def downgrade(connection: Connection, revision: str) -> list[str]:
    """Take back every step after ``revision`` in its branch, and return them; other branches stay as they are.

    Args:
        connection: In whose transaction.
        revision: A step; ``STEP-1``, the one before it; ``BRANCH@base``, none of a branch; ``base``, none at all.

    Raises:
        ConfigurationError: There is no such step.
    """
    _lock(connection)
    target, before = _target(revision), pending(connection)
    _move(connection, lambda config: command.downgrade(config, target))
    back = [step for step in pending(connection) if step not in before]
    logger.info("tables_changed_back", to=target, steps=back)
    return back


def pending(connection: Connection) -> list[str]:
    """Return the steps that this version knows and the store lacks.

    A store that is ahead lacks none: while a release is under way the old version runs on the new tables.
    """
    script = _steps()
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


def _target(revision: str) -> str:
    """Return where to go back to. Alembic's own relative steps can leave the branch: they would take all back."""
    script = _steps()
    down = {step.revision: step.down_revision for step in script.walk_revisions()}
    if revision in {"base", *(f"{name.rpartition('_')[0]}@base" for name in down)}:
        return revision
    name, _, further = revision.partition("-")
    steps = [step.revision for step in script.iterate_revisions(name, "base")] if name in down else []
    back = int(further) if further.isdecimal() else 0
    if not steps or back > len(steps) or (further and not back):
        message = f"there is no step {revision} to go back to; there are {', '.join(sorted(down))}"
        raise ConfigurationError(message)
    return [*steps, f"{name.rpartition('_')[0]}@base"][back]


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


@cache
def _steps() -> ScriptDirectory:
    """Read the files of the steps once."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
