"""``agentctl test``."""

# ruff: noqa: PT028 - the command is named test and is none
from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.errors import UsageError


def test(
    context: typer.Context,
    suites: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SUITES]... [-- PYTEST ARGS]",
            help="unit, integration, e2e, property, performance, security, chaos, evals, all, or one of the settings.",
            show_default=False,
        ),
    ] = None,
    project: Annotated[
        Path | None, typer.Option("--project", metavar="DIR", help="The project; the current folder's unless given.")
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(
            "--python",
            metavar="PATH",
            help="The interpreter to test in; else .venv, venv, the active one, Poetry's or Pipenv's.",
        ),
    ] = None,
    cov_floor: Annotated[
        float | None,
        typer.Option(
            "--cov-floor",
            metavar="N",
            min=0,
            max=100,
            envvar="AGENTCTL_TEST_COV_FLOOR",
            help="Percent of lines that the tests must cover; 0 for no floor.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="Run in random order, repeatable by this number.")
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="List the suites and what they select; run nothing.")
    ] = False,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - the handler at the top looks for it
) -> None:
    r"""Does it work? Run the project's tests, each suite in a pytest of its own, and judge them.

    Works on any repository with pytest tests, in the project's own interpreter. Suites, floors, timeouts and the
    network policy stand in [bold]\[tool.agentctl.test][/bold]; without them all runs as pytest alone would run it.
    pytest's output goes to standard error while it runs; the report goes to standard output.

    Exit codes: 0 all passed, 1 a test failed or coverage is below the floor, 3 no answer (nothing ran, pytest died).

    For example: agentctl test; agentctl test unit --cov-floor 90; agentctl test unit -- -x -k login
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    from agentctl import project as projects
    from agentctl.testing import run

    if project is not None and project.exists() and not project.is_dir():
        raise UsageError(f"--project {project}: not a folder", hint="name the project's folder")
    found = projects.load(project)
    if show_list:
        finish(run.listing(found, suites or ()), wanted)
    options = run.Options(
        names=tuple(suites or ()),
        python=python,
        cov_floor=cov_floor,
        seed=seed,
        extra=tuple(context.obj or ()),
        show=None if quiet else _live_stream(),
    )
    finish(run.test(found, options), wanted)


def _live_stream() -> int | None:
    """Return the descriptor of standard error, which the children write to themselves; None without one."""
    try:
        sys.stderr.flush()
        return sys.stderr.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None
