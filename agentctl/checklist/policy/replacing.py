"""Write a file in one step, so that nobody ever reads half of it."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from agentctl.errors import UsageError


def replace_text(path: Path, text: str) -> None:
    """Replace (or make) a file; its permissions stay, and a link keeps pointing to it.

    Raises:
        UsageError: It cannot be written.
    """
    target = path.resolve()
    partial = None
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as stream:
            partial = Path(stream.name)
            stream.write(text.encode())
        partial.chmod(mode)
        partial.replace(target)
    except OSError as error:
        if partial is not None:
            with suppress(OSError):
                partial.unlink()
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}", hint="check its folder") from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
