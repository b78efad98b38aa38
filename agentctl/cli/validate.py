"""``agentctl validate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from agentctl.cli import streams
from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.errors import UsageError


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
    allow_ungoverned: Annotated[
        bool, typer.Option("--allow-ungoverned", help="Exit 0 when no schema governs any of the files.")
    ] = False,
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

      agentctl validate --graph mermaid workflow.csv
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    if graph is not None:
        _draw(graph, paths or ())
        return
    from agentctl.validation import run

    finish(run.validate(paths=paths or (), schema=schema, against=against, allow_ungoverned=allow_ungoverned), wanted)


def _draw(form: str, paths: Sequence[Path]) -> None:
    """Write a workflow as a drawing to standard output."""
    if form != "mermaid":
        raise UsageError(f"--graph: unknown form {form!r}", hint="write --graph mermaid")
    if len(paths) != 1:
        raise UsageError("--graph draws one file", hint="agentctl validate --graph mermaid FILE")
    from agentctl.validation.graph import mermaid

    streams.write(mermaid(paths[0]), machine=True)
