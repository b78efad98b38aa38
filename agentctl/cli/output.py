"""Where a report goes: one format to standard output, any number to files."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer

from agentctl import reporters
from agentctl.errors import UsageError
from agentctl.results import Report

_PANEL = "Output"

FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        envvar="AGENTCTL_FORMAT",
        help=f"What goes to standard output: {', '.join(reporters.names())}.",
        autocompletion=lambda: list(reporters.names()),
        rich_help_panel=_PANEL,
    ),
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT=FILE",
        help="Write the same report to a file in a format of its own; repeat it for more.",
        rich_help_panel=_PANEL,
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no hints; the report only.", rich_help_panel=_PANEL)
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Say more while working.", rich_help_panel=_PANEL)]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Show the traceback when agentctl itself fails.", rich_help_panel=_PANEL)
]


@dataclass(frozen=True, kw_only=True)
class Output:
    """What was asked of the output: checked before the work starts, so that no long run is lost to a typo.

    Attributes:
        format: The format on standard output.
        files: Format and file of each ``--output``.
    """

    format: str = "text"
    files: tuple[tuple[str, Path], ...] = ()
    quiet: bool = False
    verbose: bool = False

    @classmethod
    def of(cls, format: str, output: Sequence[str] | None, *, quiet: bool = False, verbose: bool = False) -> Output:  # noqa: A002 - the option's name
        """Check the options.

        Raises:
            UsageError: An unknown format, or a file that cannot be written.
        """
        _known(format, "--format")
        return cls(format=format, files=tuple(map(_target, output or ())), quiet=quiet, verbose=verbose)


def finish(report: Report, output: Output) -> NoReturn:
    """Write the report wherever it was asked for and end the command with its exit code."""
    emit(report, output)
    raise typer.Exit(report.exit_code)


def emit(report: Report, output: Output) -> None:
    """Write the report to its files, then to standard output.

    Raises:
        UsageError: A file cannot be written.
    """
    for name, path in output.files:
        _write(path, reporters.get(name)(report))
    sys.stdout.write(_rendered(report, output.format))
    sys.stdout.flush()


def wants_colour(stream: TextIO) -> bool:
    """Return whether to colour a stream: ``NO_COLOR`` and ``FORCE_COLOR`` win, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _rendered(report: Report, name: str) -> str:
    if name != "text":
        return reporters.get(name)(report)
    from agentctl.reporters import text

    width = shutil.get_terminal_size((80, 24)).columns
    return text.render(report, width=width, colour=wants_colour(sys.stdout))


def _known(name: str, option: str) -> None:
    if name not in reporters.names():
        known = ", ".join(reporters.names())
        raise UsageError(f"{option}: unknown format {name!r}", hint=f"choose one of {known}")


def _target(pair: str) -> tuple[str, Path]:
    name, found, file = pair.partition("=")
    if not found or not file:
        raise UsageError(f"--output {pair}: not FORMAT=FILE", hint="for example --output json=report.json")
    _known(name, "--output")
    path = Path(file)
    if path.is_dir():
        raise UsageError(f"--output {pair}: {file} is a folder", hint="name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"--output {pair}: folder {path.parent} is not there", hint=f"mkdir -p {path.parent}")
    return name, path


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error
