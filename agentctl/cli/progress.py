"""Progress on standard error: a live line on a terminal, nothing in a pipe or in CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str], None]


@contextmanager
def progress(doing: str, *, quiet: bool = False) -> Iterator[Tell]:
    """Show what is being done until the block ends; yields a function that changes the words."""
    if quiet or not sys.stderr.isatty() or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        yield lambda _words: None
        return
    from rich.console import Console
    from rich.markup import escape

    from agentctl.reporters._values import visible

    with Console(stderr=True).status(escape(visible(doing))) as status:
        yield lambda words: status.update(escape(visible(words)))


def hint(words: str, *, quiet: bool = False) -> None:
    """Say something to the person, beside the data."""
    if not quiet:
        from agentctl.reporters._values import visible

        print(visible(words), file=sys.stderr)  # noqa: T201 - the command line is where printing belongs
