"""Report again whenever what is looked at has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from agentctl.cli.output import Output, emit
from agentctl.cli.progress import hint
from agentctl.errors import AgentctlError, UsageError

if TYPE_CHECKING:
    from agentctl.results import Report

_PAUSE = 0.5  # seconds: soon enough for a person, and no load where there are a thousand files


def watch(paths: Sequence[Path], schema: str | None, report: Callable[[], Report], wanted: Output) -> NoReturn:
    """Write a report now, and another after each change of a file, until Ctrl-C.

    The first look fails as it would without watching; later ones only tell it, since a file may be half-written.

    Raises:
        UsageError: Standard input was named, which does not change, or the first look failed.
    """
    from agentctl.validation import run

    if any(str(path) == "-" for path in paths):
        raise UsageError("--watch needs files: standard input does not change", hint="name the file itself")
    seen: object = run.state(paths, schema)
    emit(report(), wanted)
    while True:
        hint("watching for changes; Ctrl-C ends it", quiet=wanted.quiet)
        seen = _changed(paths, schema, seen)
        try:
            emit(report(), wanted)
        except AgentctlError as error:
            hint(f"error: {error.message}")


def _changed(paths: Sequence[Path], schema: str | None, seen: object) -> object:
    """Return the new state, as soon as it differs from the one that was seen."""
    from agentctl.validation import run

    while True:
        time.sleep(_PAUSE)
        now: object
        try:
            now = run.state(paths, schema)
        except AgentctlError as error:
            now = error.message
        if now != seen:
            return now
