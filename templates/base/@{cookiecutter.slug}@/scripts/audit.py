"""Look after the audit trail: ``python scripts/audit.py [--state-dir FOLDER] COMMAND``.

rotate          put the entries so far into a file of their own (audit-<time>.jsonl)
prune --days N  rotate, and delete the files whose last entry is older
export SUBJECT  print every entry about a person, as JSON lines
erase SUBJECT   rotate, and take the person and the digests of what was asked out of every entry; that something
                happened, when and how it ended stays

The service may go on running: it opens the trail for each entry, so the current file can be renamed at any time.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

STATE_DIR_VARIABLE = "@{cookiecutter.package | upper}@_STATE_DIR"
CURRENT = "audit.jsonl"
OTHERS = "audit-*.jsonl"
ERASED = "[erased]"
WRITERS_ARE_DONE_SECONDS = 0.2
"""How long a writer that opened the file before it was renamed may need for its one line."""

Entry = dict[str, str]


def trails(folder: Path) -> list[Path]:
    """Return the files of the trail, oldest first."""
    return [*sorted(folder.glob(OTHERS)), *folder.glob(CURRENT)]


def entries(path: Path) -> Iterator[Entry]:
    """Yield the entries of one file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def rotate(folder: Path) -> None:
    """Give the current entries a file of their own; without any nothing happens."""
    current = folder / CURRENT
    if not current.exists() or not current.stat().st_size:
        return
    current.rename(folder / f"audit-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl")
    time.sleep(WRITERS_ARE_DONE_SECONDS)


def prune(folder: Path, days: int) -> int:
    """Delete the files whose last entry is older than ``days``; return how many."""
    rotate(folder)
    oldest = datetime.now(UTC) - timedelta(days=days)
    expired = [path for path in folder.glob(OTHERS) if last_time(path) < oldest]
    for path in expired:
        path.unlink()
    return len(expired)


def last_time(path: Path) -> datetime:
    """Return when the last entry of a file was made; a file without any counts as old."""
    times = [datetime.fromisoformat(entry["time"]) for entry in entries(path)]
    return max(times, default=datetime.min.replace(tzinfo=UTC))


def export(folder: Path, subject: str) -> list[Entry]:
    """Return the entries about a subject."""
    return [entry for path in trails(folder) for entry in entries(path) if entry["subject"] == subject]


def erase(folder: Path, subject: str) -> int:
    """Take a subject out of every entry; return how many named it."""
    rotate(folder)
    return sum(erase_from(path, subject) for path in folder.glob(OTHERS))


def erase_from(path: Path, subject: str) -> int:
    """Write a file anew without the subject, in one step; return how many entries named it."""
    before = list(entries(path))
    named = sum(entry["subject"] == subject for entry in before)
    if named:
        draft = path.with_name(f".{path.name}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(line(without(entry, subject)) for entry in before)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return named


def without(entry: Entry, subject: str) -> Entry:
    """Return an entry that does not tell who, if it was the subject."""
    if entry["subject"] != subject:
        return entry
    return {**entry, "subject": ERASED, "digest": "", "correlation_id": ""}


def line(entry: Entry) -> str:
    """Return an entry as the service writes it."""
    return json.dumps(entry, ensure_ascii=False) + "\n"


def run(arguments: argparse.Namespace) -> str:
    """Do what was asked; return what to print."""
    folder: Path = arguments.state_dir
    if not folder.is_dir():
        message = f"{folder}: there is no state folder"
        raise FileNotFoundError(message)
    if arguments.command == "rotate":
        rotate(folder)
        return ""
    if arguments.command == "prune":
        return f"{prune(folder, arguments.days)} files deleted\n"
    if arguments.command == "export":
        return "".join(line(entry) for entry in export(folder, arguments.subject))
    return f"{erase(folder, arguments.subject)} entries erased\n"


def parse() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description="Look after the audit trail.")
    parser.add_argument("--state-dir", type=Path, default=Path(os.environ.get(STATE_DIR_VARIABLE, "var")))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("rotate", help="put the entries so far into a file of their own")
    commands.add_parser("prune", help="delete old files").add_argument("--days", type=int, required=True)
    for name, text in (("export", "print every entry about a person"), ("erase", "take a person out of every entry")):
        commands.add_parser(name, help=text).add_argument("subject")
    return parser.parse_args()


def main() -> int:
    """Do one command; return the exit code."""
    try:
        sys.stdout.write(run(parse()))
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"not done: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
