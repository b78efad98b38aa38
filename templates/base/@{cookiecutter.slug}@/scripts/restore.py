"""Restore the state folder: ``python scripts/restore.py [--state-dir FOLDER] ARCHIVE.tar.gz|-``.

Stop the service first. Nothing is written before the whole archive has been checked against its manifest, and nothing
that is there is overwritten: move the old state away before.
"""

import argparse
import hashlib
import io
import os
import sys
import tarfile
from pathlib import Path, PurePosixPath

STATE_DIR_VARIABLE = "@{cookiecutter.package | upper}@_STATE_DIR"
MANIFEST = "SHA256SUMS"


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive, each checked against the manifest.

    Raises:
        ValueError: It is damaged or not one of our archives.
    """
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as bundle:
        for member in bundle.getmembers():
            source = bundle.extractfile(member)
            if source is None or not inside(member.name):
                message = f"{member.name!r} does not belong into a backup"
                raise ValueError(message)
            files[member.name] = source.read()
    manifest = files.pop(MANIFEST, b"").decode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    if not files or manifest != sums:
        message = "the archive does not hold what its manifest says"
        raise ValueError(message)
    return files


def inside(name: str) -> bool:
    """Return whether a name stays in the folder that it is restored into."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def restore(files: dict[str, bytes], folder: Path) -> None:
    """Write the files, readable by their owner only.

    Raises:
        FileExistsError: One is there already; nothing has been written.
    """
    if present := [name for name in files if (folder / name).exists()]:
        message = f"{folder} holds {', '.join(present)}: move it away first"
        raise FileExistsError(message)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)


def main() -> int:
    """Restore; return the exit code."""
    parser = argparse.ArgumentParser(description="Restore the state folder from a backup.")
    parser.add_argument("archive", help="a file that backup.py made, or - for standard input")
    parser.add_argument("--state-dir", type=Path, default=Path(os.environ.get(STATE_DIR_VARIABLE, "var")))
    arguments = parser.parse_args()
    try:
        data = sys.stdin.buffer.read() if arguments.archive == "-" else Path(arguments.archive).read_bytes()
        restore(unpacked(data), arguments.state_dir)
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        sys.stderr.write(f"nothing restored: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
