"""Back PostgreSQL up and restore it: ``python scripts/store.py backup|restore FILE.dump``.

backup   dump the database into a new private file while the service runs; it is checked before it gets its name
restore  fill an empty database from a dump, in one transaction: all or nothing

Needs pg_dump and pg_restore. The URL comes from where the service has it; the password goes by the environment, so
that no list of processes shows it. What clients said is encrypted in the dump as it is in the database.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

VARIABLE = "@{cookiecutter.package | upper}@_STORE__URL"
IN_USE = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1"


class StoreScriptError(Exception):
    """Why it was not done."""


def url() -> str:
    """Return the database's URL.

    Raises:
        StoreScriptError: Nobody says which.
    """
    if path := os.environ.get(f"{VARIABLE}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    if value := os.environ.get(VARIABLE):
        return value
    message = f"set {VARIABLE}_FILE or {VARIABLE}"
    raise StoreScriptError(message)


def connection(address: str) -> dict[str, str]:
    """Return the variables by which PostgreSQL's own programs know where to connect.

    Raises:
        StoreScriptError: It is no PostgreSQL URL.
    """
    parts = urlsplit(address)
    if not parts.scheme.startswith("postgres"):
        message = "the URL must begin with postgresql://"
        raise StoreScriptError(message)
    values = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": parse_qs(parts.query).get("sslmode", [os.environ.get("PGSSLMODE", "")])[0],
        "PGSSLROOTCERT": parse_qs(parts.query).get("sslrootcert", [os.environ.get("PGSSLROOTCERT", "")])[0],
    }
    return {name: value for name, value in values.items() if value}


def run(program: str, *arguments: str, place: Mapping[str, str]) -> str:
    """Return what one of PostgreSQL's programs prints.

    Raises:
        StoreScriptError: It is not there, or failed.
    """
    path = shutil.which(program)
    if path is None:
        message = f"{program} is not installed (package postgresql-client)"
        raise StoreScriptError(message)
    done = subprocess.run(  # noqa: S603  # a program of PostgreSQL's, with arguments of this script
        [path, *arguments], env={**os.environ, **place}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{program}: {done.stderr.strip()}"
        raise StoreScriptError(message)
    return done.stdout


def backup(target: Path, place: Mapping[str, str]) -> None:
    """Dump the database into a file that is not there yet."""
    if target.exists():
        message = f"{target}: is already there"
        raise StoreScriptError(message)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}", place=place)
        run("pg_restore", "--list", str(draft), place=place)
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def restore(source: Path, place: Mapping[str, str]) -> None:
    """Fill an empty database."""
    if not source.is_file():
        message = f"{source}: there is no such file"
        raise StoreScriptError(message)
    if run("psql", "--no-psqlrc", "--tuples-only", "--no-align", f"--command={IN_USE}", place=place).strip():
        message = "the database has tables: restore into an empty one, and let the service use that"
        raise StoreScriptError(message)
    database = f"--dbname={place['PGDATABASE']}"
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", database)
    run("pg_restore", *options, str(source), place=place)


def main() -> int:
    """Do one command; return the exit code."""
    parser = argparse.ArgumentParser(description="Back PostgreSQL up and restore it.")
    parser.add_argument("command", choices=("backup", "restore"))
    parser.add_argument("file", type=Path)
    wanted = parser.parse_args()
    try:
        place = connection(url())
        (backup if wanted.command == "backup" else restore)(wanted.file, place)
    except (StoreScriptError, OSError) as error:
        sys.stderr.write(f"not done: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
