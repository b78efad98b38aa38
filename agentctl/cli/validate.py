"""``agentctl validate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from agentctl.cli import streams
from agentctl.cli.output import (
    DebugOption,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
    emit,
    finish,
)
from agentctl.cli.progress import hint
from agentctl.errors import EXIT_NO, EXIT_YES, UsageError

if TYPE_CHECKING:
    from agentctl.results import Report


def validate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files, folders, or - for standard input; without any, every governed file of the project."
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema", "-s", metavar="FILE|KIND", help="Hold all files against a schema file or a built-in kind."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="REF|FILE",
            help="Compare with a git revision, another version's file or an older schema: what breaks consumers, and "
            "whether version and id say so.",
        ),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Mend what has one safe mend (a misspelt key or choice, a quoted number or boolean, a version of two "
            "parts), then report the rest. Comments and layout stay.",
        ),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would write, and write nothing; exit 1 if it would.")
    ] = False,
    allow_ungoverned: Annotated[
        bool, typer.Option("--allow-ungoverned", help="Exit 0 when no schema governs any of the files.")
    ] = False,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Look at every file anew. What unchanged files came to is kept for each user."),
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Report again whenever a file changes, until Ctrl-C.")] = False,
    graph: Annotated[
        str | None,
        typer.Option("--graph", metavar="mermaid", help="Draw a workflow (CSV) instead of checking it."),
    ] = None,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """Are these configurations right, and safe to release?

    Checks agent configurations, environment files, the settings of agentctl (YAML, JSON, TOML) and workflows (CSV)
    against their schemas and rules, and shows the place, the reason and the mend of each finding. Nothing is fetched,
    nothing is executed.

    The schema of a file is the first of: --schema, its own $schema, an editor's modeline, its name, the settings;
    a CSV file is a workflow by its columns.

    [bold]Examples[/bold]

      agentctl validate

      agentctl validate config/agents/sales-v1.yaml

      agentctl validate --schema agent - < candidate.yaml

      agentctl validate --schema my.schema.json data/

      agentctl validate --fix --diff

      agentctl validate --graph mermaid workflow.csv

    A finding is waived, with a reason, by a comment on its line or the line above:
    # agentctl: disable=RULE reason
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    if graph is not None:
        _draw(graph, paths or ())
        return
    if watch and (fix or diff):
        raise UsageError("--watch only reports: it goes with neither --fix nor --diff", hint="run --fix once before it")
    if diff:
        _show_mends(paths or (), schema, wanted)
    mended = _mended(paths or (), schema) if fix else ()
    from agentctl.validation import run

    def looked() -> Report:
        return run.validate(
            paths=paths or (), schema=schema, against=against, allow_ungoverned=allow_ungoverned, cached=not no_cache
        )

    if watch:
        from agentctl.cli.watch import watch as watched

        watched(paths or (), schema, looked, wanted)
    report = looked()
    finish(replace(report, notes=(*mended, *report.notes)), wanted)


def _mended(paths: Sequence[Path], schema: str | None) -> tuple[str, ...]:
    """Mend the files, and return what was done."""
    from agentctl.validation import fixes

    files = fixes.mended(paths, schema=schema)
    fixes.write(files)
    return tuple(f"mended: {words}" for one in files for words in one.done)


def _show_mends(paths: Sequence[Path], schema: str | None, wanted: Output) -> NoReturn:
    """Write what --fix would change: a diff for a person, a report for a machine."""
    from agentctl.results import Report, Section, Verdict
    from agentctl.validation import fixes

    files = fixes.mended(paths, schema=schema)
    done = tuple(words for one in files for words in one.done)
    report = Report(
        command="validate",
        verdict=Verdict.FAIL if files else Verdict.PASS,
        exit_code=EXIT_NO if files else EXIT_YES,
        summary=f"--fix mends {len(done)} of what is wrong" if files else "there is nothing that --fix can mend",
        sections=tuple(Section(title=one.name, lines=tuple(one.diff.splitlines())) for one in files),
        notes=done,
    )
    emit(report, wanted, text=False)
    if wanted.format == "text":
        streams.write("".join(one.diff for one in files), machine=True)
        hint(report.summary)
    raise typer.Exit(report.exit_code)


def _draw(form: str, paths: Sequence[Path]) -> None:
    """Write a workflow as a drawing to standard output."""
    if form != "mermaid":
        raise UsageError(f"--graph: unknown form {form!r}", hint="write --graph mermaid")
    if len(paths) != 1:
        raise UsageError("--graph draws one file", hint="agentctl validate --graph mermaid FILE")
    from agentctl.validation.graph import mermaid

    streams.write(mermaid(paths[0]), machine=True)
