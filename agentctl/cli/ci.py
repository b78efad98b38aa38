"""``agentctl ci``: the four commands in a row, one merged report, one exit code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentctl.cli.output import DebugOption, FormatOption, Output, OutputOption, QuietOption, VerboseOption, finish
from agentctl.cli.progress import Tell, hint, progress
from agentctl.errors import EXIT_BUG, EXIT_NO, EXIT_NO_ANSWER, EXIT_USAGE, EXIT_YES, AgentctlError, UsageError

if TYPE_CHECKING:
    from agentctl.project import Project
    from agentctl.results import Report

STEPS = ("validate", "test", "loadtest", "checklist")
_WORST_FIRST = (EXIT_BUG, EXIT_NO, EXIT_USAGE, EXIT_NO_ANSWER)


def ci(
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="STEP", help=f"Leave one out: {', '.join(STEPS)}. Repeatable."),
    ] = None,
    project: Annotated[
        Path | None, typer.Option("--project", metavar="DIR", help="The project; the current folder's unless given.")
    ] = None,
    python: Annotated[
        Path | None, typer.Option("--python", metavar="PATH", help="The interpreter that tests and serves the project.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="fail|warn|unknown|new|tier",
            help="The mildest checklist verdict that fails: fail, or new where the policy has a baseline.",
        ),
    ] = None,
    format: FormatOption = "text",  # noqa: A002 - the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,  # noqa: ARG001 - read by the handler at the top
) -> None:
    """Is this change fit to merge? Run validate, test, loadtest and checklist, and merge their reports.

    A step that fails or has no answer never hides the next one. The load test runs where the settings say how to serve
    the project. The exit code is 1 when any step says no, else 2 or 3 when any step could give no answer.

    [bold]Examples[/bold]

      agentctl ci

      agentctl ci --skip loadtest --output junit=junit.xml --output sarif=agentctl.sarif
    """
    wanted = Output.of(format, output, quiet=quiet, verbose=verbose)
    from agentctl import project as projects
    from agentctl.checklist.policy.gates import FAIL_ON

    left_out = _checked(skip or ())
    if fail_on is not None and fail_on not in FAIL_ON:
        raise UsageError(f"--fail-on {fail_on}: unknown", hint=f"choose one of {', '.join(FAIL_ON)}")
    found = projects.load(project)
    reports: dict[str, Report] = {}
    for name in (step for step in STEPS if step not in left_out):
        if name == "loadtest" and not found.section("loadtest").get("serve"):
            left_out[name] = "the settings do not say how to serve the project ([tool.agentctl.loadtest] serve)"
            continue
        hint(f"agentctl {name} ...", quiet=quiet)
        with progress(name, quiet=quiet) as tell:
            reports[name] = _guarded(name, partial(_run, name, found, python, fail_on, reports, tell))
    if _looked_at_nothing(reports.get("validate")):
        left_out["validate"] = reports.pop("validate").summary
    finish(_merged(found, reports, left_out), wanted)


def _checked(skipped: list[str] | tuple[str, ...]) -> dict[str, str]:
    for name in skipped:
        if name not in STEPS:
            raise UsageError(f"--skip {name}: there is no such step", hint=f"choose from {', '.join(STEPS)}")
    return dict.fromkeys(skipped, "left out by --skip")


def _run(
    name: str, project: Project, python: Path | None, fail_on: str | None, before: dict[str, Report], tell: Tell
) -> Report:
    """Call one capability with plain arguments; what needs two of them is composed here."""
    if name == "validate":
        from agentctl.validation.run import validate

        return validate(project.root, allow_ungoverned=True)
    if name == "test":
        from agentctl.testing import run as testing

        return testing.test(project, testing.Options(python=python))
    if name == "loadtest":
        from agentctl.loadtesting.plan import Options
        from agentctl.loadtesting.run import loadtest

        command = ["agentctl", "loadtest", "--serve"]
        return loadtest(project, Options(serve=True), python=python, command=command, tell=tell)
    from agentctl.checklist import run as checklist
    from agentctl.cli.checklist import examined, with_changes

    said = with_changes(project.root, before.get("validate"))
    return checklist.check(project.root, checklist.Options(fail_on=fail_on), validation=said, validate=examined)


def _guarded(name: str, step: Callable[[], Report]) -> Report:
    """Turn a step's refusal into its report, so that it hides no other step."""
    from agentctl.results import Report, Verdict

    try:
        return step()
    except AgentctlError as error:
        return Report(
            command=name,
            verdict=Verdict.INVALID,
            exit_code=error.exit_code,
            summary=error.message,
            next_steps=(error.hint,) if error.hint else (),
        )


def _looked_at_nothing(said: Report | None) -> bool:
    """Return whether there was no file to validate, which is neither a yes nor in the way of the other steps."""
    return said is not None and not said.results and any(one.name == "files" and not one.value for one in said.figures)


def _merged(project: Project, reports: dict[str, Report], left_out: dict[str, str]) -> Report:
    from agentctl.results import Finding, Report, Verdict

    codes = {report.exit_code for report in reports.values()}
    code = next((code for code in _WORST_FIRST if code in codes), EXIT_YES) if reports else EXIT_NO_ANSWER
    verdict = {EXIT_YES: Verdict.PASS, EXIT_NO: Verdict.FAIL}.get(code, Verdict.INVALID)
    said = ", ".join(f"{name} {report.verdict}" for name, report in reports.items())
    return Report(
        command="ci",
        verdict=verdict,
        exit_code=code,
        subject=project.name,
        summary=f"{project.name}: {said or 'nothing was run'}",
        results=(
            *(Finding(id=name, verdict=report.verdict, message=report.summary) for name, report in reports.items()),
            *(Finding(id=name, verdict=Verdict.SKIPPED, message=why) for name, why in left_out.items()),
        ),
        projects=tuple(reports.values()),
    )
