"""``agentctl validate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish


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
    allow_ungoverned: Annotated[
        bool, typer.Option("--allow-ungoverned", help="Exit 0 when no schema governs any of the files.")
    ] = False,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """Are these configurations right, and safe to release?

    Checks agent configurations, environment files and the settings of agentctl (YAML, JSON, TOML) against their schemas
    and rules, and shows the place, the reason and the mend of each finding. Nothing is fetched, nothing is executed.

    The schema of a file is the first of: --schema, its own $schema, an editor's modeline, its name, the settings.

    [bold]Examples[/bold]

      agentctl validate

      agentctl validate config/agents/sales-v1.yaml

      agentctl validate --schema agent - < candidate.yaml

      agentctl validate --schema my.schema.json data/
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    from agentctl.validation import run

    finish(run.validate(paths=paths or (), schema=schema, allow_ungoverned=allow_ungoverned), wanted)
