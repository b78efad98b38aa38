"""DV: the stores that it keeps, and how their schemas change."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, not_applicable, passed, places, unknown, weak
from agentctl.checklist.facts import deploy, roles
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import literal
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_CREATES = re.compile(r"\bCREATE\s+TABLE\b", re.IGNORECASE)
_MIGRATES = re.compile(r"(^|/)(\w*migrations?|migrate|alembic|flyway|sqitch)/", re.IGNORECASE)
_MIGRATION_FOLDERS = {"versions", "migrations", "alembic"}
_BACK_FILE = re.compile(r"\.down\.sql$|\.rollback\.sql$|(^|/)U\d[\w.]*__|(^|/)(revert|down|rollback)/")
_BACK_PART = re.compile(r"^--\s*(migrate:down|\+goose Down|\+migrate Down|rollback)", re.IGNORECASE | re.MULTILINE)
_OWN_STEP = re.compile(r"_*(migrate|upgrade_schema|schema_migration)(_|$)")
_RUN_SQL = ("execute", "executescript", "executemany", "text", "fetch", "run_sync", "exec_driver_sql")


def dv03(facts: Facts, _ships: Ships) -> Answer:
    """Are schema changes of its stores made by reversible migrations?

    Why: guide 4 phase 1 "Design database schema".
    Counts: Alembic or Django migrations, or files of SQL (golang-migrate, dbmate, goose, Flyway, yoyo), each with a way
    back.
    Does not count: an empty downgrade; SQL that only goes forward; ``create_all`` at the start; a script that creates
    the tables.
    Closed: n/a where no shipped code opens a database, declares a table, creates one in SQL or migrates what it keeps.
    Mend: alembic init, and a downgrade for each upgrade.
    """
    good, empty = migrations(facts)
    if good and not empty:
        return passed(f"{counted(good, 'migration')}, each with a way back", good)
    if good or empty:
        return weak(f"{counted(empty, 'migration')} without a way back", "write the downgrade", [*empty, *good])
    forward = facts.used(("playhouse.migrate", "yoyo", "aerich", "peewee_migrate"))
    if forward:
        return weak("the code changes its tables without a way back", "write a way back for each step", forward)
    tables = [*_declared(facts), *_created(facts)]
    if tables:
        return unknown("tables are declared, but no migration was found", "keep migrations with Alembic", tables)
    opened = facts.called(*frameworks.DATABASES)
    if opened:
        return unknown("a database is opened, and nothing shows who makes its tables",
                       "say what makes and changes them", places(opened))  # fmt: skip
    own = facts.named(_OWN_STEP.match)
    if own:
        return unknown("the code changes what it keeps by steps of its own; whether they go back cannot be told",
                       "write a way back for each step, and try it", places(own))  # fmt: skip
    return not_applicable("it opens no database, declares no tables and changes no schema of what it keeps")


def migrations(facts: Facts) -> tuple[list[Location], list[Location]]:
    """Return the database migrations that can be taken back, and those that cannot."""
    good: list[Location] = []
    empty: list[Location] = []
    for module in facts.modules.values():
        if _MIGRATION_FOLDERS.isdisjoint(module.path.split("/")):
            continue
        down = next((f for f in module.functions if f.short == "downgrade"), None)
        steps = any(name.partition(".")[0] in {"alembic", "sqlalchemy"} for name in module.imports)
        if down is not None and steps and any(f.short == "upgrade" for f in module.functions):
            acts = any(call.function == down.name for call in module.calls)
            (good if acts else empty).append(Location(path=module.path, line=down.line))
        elif "migrations" in module.path.split("/") and "django.db.migrations" in module.imports:
            good.append(Location(path=module.path))
    back, forward = _of_sql(facts)
    return good + back, empty + forward


def _of_sql(facts: Facts) -> tuple[list[Location], list[Location]]:
    """Return the migrations that are files of SQL: those with a way back, and those that only go forward."""
    files = {path: text for path, text in facts.beside.items() if path.endswith(".sql") and _MIGRATES.search(path)}
    steps = [path for path in files if not _BACK_FILE.search(path)]
    back = [path for path in steps if _BACK_PART.search(files[path]) or _paired(path, files)]
    return [Location(path=path) for path in back], [Location(path=path) for path in steps if path not in back]


def _paired(path: str, files: Mapping[str, str]) -> bool:
    """Return whether the file that goes back stands beside one that goes forward."""
    folder, _, name = path.rpartition("/")
    names = (name.replace(".up.", ".down."), f"{name.removesuffix('.sql')}.rollback.sql", re.sub("^V", "U", name))
    return any(f"{folder}/{other}" in files for other in names if other != name)


def _declared(facts: Facts) -> list[Location]:
    """Return the tables of an object-relational mapper; the base that they share is none."""
    tables = [kind for kind in facts.subclasses(*frameworks.ORMS) if not set(kind.bases) & set(frameworks.ORM_BASES)]
    return places([*tables, *facts.called("sqlalchemy.Table")])


def _created(facts: Facts) -> list[Location]:
    """Return where SQL of its own creates a table: in code, scripts and SQL files."""
    runs = [*facts.ending(*_RUN_SQL), *(c for m in facts.of(roles.TOOLING) for c in m.calls)]
    calls = [c for c in runs if c.args and _CREATES.search(literal(c.args[0]) or "")]
    return places(calls) + [
        Location(path=path, line=deploy.line_of(text, match.group()))
        for path, text in facts.beside.items()
        if path.endswith(".sql") and (match := _CREATES.search(text))
    ]
