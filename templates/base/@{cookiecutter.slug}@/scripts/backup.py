"""Back up the state folder: ``python scripts/backup.py [--state-dir FOLDER] ARCHIVE.tar.gz|-``.

The service may go on running: a trail of JSON lines is taken up to its last whole line, an SQLite database through
SQLite's own backup. The archive holds the SHA-256 of every file; ``restore.py`` checks them. It holds secrets of the
development environment and who asked when: keep it where only operators get in.
"""

import argparse
import hashlib
import io
import os
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

STATE_DIR_VARIABLE = "@{cookiecutter.package | upper}@_STATE_DIR"
MANIFEST = "SHA256SUMS"
SQLITE = b"SQLite format 3\0"
BESIDE_A_DATABASE = ("-wal", "-shm", "-journal")


def state_files(folder: Path) -> Iterator[Path]:
    """Yield the files to keep; drafts and what SQLite keeps beside a database are left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(BESIDE_A_DATABASE):
            yield path


def content(path: Path) -> bytes:
    """Return a file as it can be restored, even while it is being written."""
    with path.open("rb") as file:
        if file.read(len(SQLITE)) == SQLITE:
            return database(path)
    data = path.read_bytes()
    return data[: data.rfind(b"\n") + 1] if path.suffix == ".jsonl" else data


def database(path: Path) -> bytes:
    """Return a consistent copy of an SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy.read_bytes()


def archive(folder: Path) -> bytes:
    """Return the state folder as a compressed archive with a manifest."""
    contents = {path.relative_to(folder).as_posix(): content(path) for path in state_files(folder)}
    if not contents:
        message = f"{folder}: there is no state to back up"
        raise FileNotFoundError(message)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in contents.items())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as bundle:
        for name, data in {MANIFEST: sums.encode(), **contents}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            bundle.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def write(data: bytes, target: str) -> None:
    """Write the archive to standard output, or to a new file that only its owner may read."""
    if target == "-":
        sys.stdout.buffer.write(data)
        return
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def main() -> int:
    """Back up; return the exit code."""
    parser = argparse.ArgumentParser(description="Back up the state folder.")
    parser.add_argument("archive", help="a new file, or - for standard output")
    parser.add_argument("--state-dir", type=Path, default=Path(os.environ.get(STATE_DIR_VARIABLE, "var")))
    arguments = parser.parse_args()
    try:
        write(archive(arguments.state_dir), arguments.archive)
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"no backup: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
