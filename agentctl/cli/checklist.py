"""``agentctl checklist``: is it ready for production?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish

if TYPE_CHECKING:
    from agentctl.results import Report


def checklist(
    path: Annotated[
        Path, typer.Argument(help="The repository to look at.", show_default="the current folder")
    ] = Path(),
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="IDS", help="Items or families, for example TS02,SE.")
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option("--fail-on", metavar="fail|warn|unknown", help="The mildest verdict that makes the answer no."),
    ] = "fail",
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="production, all, or guide-0 to guide-4.")
    ] = "production",
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Exit 0 whatever was found, as long as something was decided.")
    ] = False,
    list_items: Annotated[bool, typer.Option("--list", help="Show the catalogue and what is automated today.")] = False,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - the handler at the top reads it
) -> None:
    """Say whether an agent is ready for production, item by item, with the place that proves it.

    Reads the code, tests, deployment files and CI definitions of any Python repository, and the records that
    [b]agentctl test[/b] and [b]agentctl loadtest[/b] leave. Nothing of the repository is imported or run and nothing is
    written into it. What cannot be told is [b]unknown[/b] and never raises the score.

    Examples:
      agentctl checklist
      agentctl checklist ../other-agent --format json
      agentctl checklist --only SE,TS02 --fail-on warn
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    from agentctl.checklist import run

    if list_items:
        finish(run.listing(profile), wanted)
    from agentctl.cli.progress import progress

    with progress("reading the repository", quiet=quiet):
        report = run.check(
            path,
            only=only or (),
            fail_on=fail_on,
            profile=profile,
            report_only=report_only,
            validation=_validation(path),
        )
    finish(report, wanted)


def _validation(path: Path) -> Report | None:
    """Return what ``validate`` says of the same tree; None where it gives no answer (nothing to validate)."""
    from agentctl.errors import AgentctlError

    try:
        from agentctl.validation import run
    except ImportError:
        return None
    if not path.is_dir():
        return None
    try:
        report: Report = run.validate(path, (path,), allow_ungoverned=True)
    except AgentctlError:
        return None
    return report
