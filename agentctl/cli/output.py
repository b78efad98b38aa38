"""Where a report goes: one format to standard output, any number to files."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from agentctl import reporters
from agentctl.cli import streams
from agentctl.errors import UsageError

if TYPE_CHECKING:
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
        return cls(format=format, files=_targets(output or ()), quiet=quiet, verbose=verbose)


def finish(report: Report, output: Output) -> NoReturn:
    """Write the report wherever it was asked for and end the command with its exit code."""
    emit(report, output)
    raise typer.Exit(report.exit_code)


def emit(report: Report, output: Output, *, text: bool = True) -> None:
    """Write the report to its files, then to standard output; without ``text`` only if a machine will read it.

    Raises:
        UsageError: A file cannot be written.
        NoAnswerError: Standard output cannot be written.
    """
    for name, path in output.files:
        _write(path, reporters.get(name)(report))
    if output.format != "text":
        streams.write(reporters.get(output.format)(report), machine=True)
    elif text:
        streams.write(_for_a_person(report), machine=False)


def _for_a_person(report: Report) -> str:
    from agentctl.reporters import text

    return text.render(
        report,
        width=shutil.get_terminal_size((80, 24)).columns,
        colour=streams.wants_colour(sys.stdout),
        ascii_only=streams.ascii_only(sys.stdout),
        whole_lines=not sys.stdout.isatty() and "COLUMNS" not in os.environ,
    )


def _known(name: str, option: str) -> None:
    if name not in reporters.names():
        known = ", ".join(reporters.names())
        raise UsageError(f"{option}: unknown format {name!r}", hint=f"choose one of {known}")


def _targets(pairs: Sequence[str]) -> tuple[tuple[str, Path], ...]:
    targets = tuple(map(_target, pairs))
    files = [path.resolve() for _name, path in targets]
    twice = next((path for path in files if files.count(path) > 1), None)
    if twice is not None:
        raise UsageError(f"--output: {twice} is named twice", hint="give each format a file of its own")
    return targets


def _target(pair: str) -> tuple[str, Path]:
    name, found, file = pair.partition("=")
    if not found or not file:
        raise UsageError(f"--output {pair}: not FORMAT=FILE", hint="for example --output json=report.json")
    _known(name, "--output")
    path = Path(file)
    if path.is_dir():
        raise UsageError(f"--output {pair}: {file} is a folder", hint="name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"--output {pair}: there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"--output {pair}: {file} cannot be written", hint="name a file that you may write")
    return name, path


def _write(path: Path, text: str) -> None:
    """Replace the file in one step, so that a reader never sees half of it; a device or a pipe is written to."""
    target = path.resolve()
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="\n")
            return
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise UsageError(f"--output: {path} cannot be written: {error.strerror or error}") from error
