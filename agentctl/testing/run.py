"""Run a project's tests: the suites in order, their coverage, the verdict, the record."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agentctl import files, records
from agentctl.errors import AgentctlError, NoAnswerError
from agentctl.project import Project
from agentctl.records import Content, Record
from agentctl.results import Finding, Report, Section, Table, Verdict
from agentctl.testing import child, coverage, environment, outcomes, report, suites, verdicts
from agentctl.testing.child import Bench
from agentctl.testing.coverage import Coverage, Measured
from agentctl.testing.outcomes import SuiteRun
from agentctl.testing.report import Run
from agentctl.testing.suites import Choice, Suite


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line.

    Attributes:
        names: Suites by name; none for all that the settings have.
        python: The interpreter; None for the project's own.
        cov_floor: Percent of lines; None for the settings' floor, 0 for none.
        seed: Of a random order for all suites; None for what the settings ask.
        extra: Arguments for pytest.
        show: The file descriptor that gets pytest's output while it runs; None hides it.
    """

    names: tuple[str, ...] = ()
    python: Path | None = None
    cov_floor: float | None = None
    seed: int | None = None
    extra: tuple[str, ...] = ()
    show: int | None = None


def test(project: Project, options: Options) -> Report:
    """Run the tests and return the report; leaves a record in the project when the run can prove something.

    Raises:
        UsageError: An unknown suite, wrong settings, or an interpreter that is none.
        NoAnswerError: The interpreter cannot run, or pytest (or coverage, where a floor needs it) is not there.
    """
    choice = _with_seed(suites.chosen(project, options.names, options.extra), options.seed)
    floor = _floor(project, options)
    python = environment.find(project, options.python)
    wanted = coverage.settings(project, required=floor is not None or any(each.cov_floor for each in choice.suites))
    before = records.content(project.root)
    if not before.files:
        raise NoAnswerError(f"{project.root}: there is nothing to test", hint="name a project with --project DIR")
    folder = Path(tempfile.mkdtemp(prefix="agentctl-test-"))
    try:
        bench = Bench(
            root=project.root,
            python=python,
            folder=folder,
            extra=options.extra,
            coverage=wanted,
            show=options.show,
            seed=environment.new_seed() if options.seed is None else options.seed,
        )
        with ThreadPoolExecutor(1) as aside:
            runs = tuple(_run_suite(suite, bench) for suite in choice.suites)
            after = aside.submit(records.content, project.root)
            run = _judged(project, options, choice, runs, bench, floor)
        return _finished(project, options, run, bench, before, after)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def listing(project: Project, names: Sequence[str] = ()) -> Report:
    """Return the suites that would run and what each selects.

    Raises:
        UsageError: An unknown suite or wrong settings.
    """
    choice = suites.chosen(project, names)
    rows = tuple(_listed(suite) for suite in (*choice.suites, *choice.skipped))
    standard = Section(title="Standard suites, by folder or marker", lines=(", ".join((*suites.STANDARD, suites.ALL)),))
    table = Table(title="Suites", columns=("Suite", "Selects", "At least", "Timeout", "Network"), rows=rows)
    words = f"{len(rows)} {'suite' if len(rows) == 1 else 'suites'}"
    return Report(
        command="test",
        verdict=Verdict.PASS,
        exit_code=0,
        subject=project.name,
        summary=words,
        tables=(table,),
        sections=(standard,),
    )


def _listed(suite: Suite) -> tuple[str, ...]:
    selected = " ".join((*suite.select, *suite.args)) or "pytest's own choice"
    if suite.absent:
        selected = f"{' '.join(suite.absent)} (not there)"
    least = "1" if suite.min_tests is None else str(suite.min_tests)
    return suite.name, selected, least, "-" if suite.timeout is None else f"{suite.timeout:g} s", suite.network


def _with_seed(choice: Choice, seed: int | None) -> Choice:
    if seed is None:
        return choice
    return replace(choice, suites=tuple(replace(suite, random_order=True) for suite in choice.suites))


def _floor(project: Project, options: Options) -> float | None:
    if options.cov_floor is not None:
        return options.cov_floor or None
    return suites.number(project, "cov_floor", project.section("test").get("cov_floor")) or None


def _run_suite(suite: Suite, bench: Bench) -> SuiteRun:
    if suite.absent:
        return SuiteRun(suite=suite)
    run = child.run(suite, bench)
    if not run.started:
        environment.explain_missing(bench.python, bench.root, environment.variables(bench.python))
    problem = child.measuring_problem(suite, bench.folder)
    if problem and not run.started:
        raise NoAnswerError(
            f"the coverage floor cannot be judged with {bench.python.path}: {problem}",
            hint=f"{bench.python.install('coverage')}; or --cov-floor 0",
        )
    return run


def _judged(
    project: Project, options: Options, choice: Choice, runs: tuple[SuiteRun, ...], bench: Bench, floor: float | None
) -> Run:
    measured = _measured(runs, bench)
    whole = _whole_finding(options, choice, runs, measured.whole, floor)
    answers = tuple(_suite_finding(run, bench) for run in runs)
    findings = (
        *answers,
        *(finding for run in runs for finding in _floor_of_suite(run, measured)),
        *(finding for run in runs for finding in verdicts.failure_findings(run)),
    )
    if all(answer.verdict is Verdict.SKIPPED for answer in answers):
        words = "no answer: none of the suites is there, or has tests"
        findings = (*findings, Finding(id=suites.ALL, verdict=Verdict.INVALID, message=words))
    return Run(
        subject=project.name,
        runs=runs,
        measured=measured,
        findings=(*findings, whole),
        floor=floor,
        skipped=choice.skipped,
        left_out=choice.left_out,
    )


def _suite_finding(run: SuiteRun, bench: Bench) -> Finding:
    words = child.last_words(run.suite, bench.folder) if run.finished is None else ""
    return verdicts.suite_finding(run, words)


def _floor_of_suite(run: SuiteRun, measured: Measured) -> tuple[Finding, ...]:
    if run.suite.cov_floor is None:
        return ()
    found = coverage.judged(measured.suites.get(run.suite.name, Coverage()), run.suite.cov_floor)
    return (replace(found, id=f"{coverage.ID}::{run.suite.name}", group=run.suite.name),)


def _whole_finding(
    options: Options, choice: Choice, runs: tuple[SuiteRun, ...], whole: Coverage, floor: float | None
) -> Finding:
    """A part of the tests is held against the floor of the settings only where it reaches it, or when told to."""
    silent = [run.suite.name for run in runs if verdicts.why_no_answer(run)[0]]
    incomplete = f"no answer from {', '.join(silent)}" if silent else ""
    if options.cov_floor is None:
        incomplete = incomplete or "; ".join(choice.left_out)
    return coverage.judged(whole, floor, incomplete=incomplete)


def _measured(runs: Sequence[SuiteRun], bench: Bench) -> Measured:
    problems = [problem for run in runs if (problem := child.measuring_problem(run.suite, bench.folder))]
    if problems:
        missing = "not installed" in problems[0]
        how = f"; {bench.python.install('coverage')}" if missing else ""
        return Measured(whole=Coverage(problem=problems[0] + how))
    parts = {run.suite.name: child.data_files(run.suite, bench.folder) for run in runs}
    return coverage.combine(parts, root=bench.root, python=bench.python, folder=bench.folder)


def _finished(
    project: Project, options: Options, run: Run, bench: Bench, before: Content, after: Future[Content]
) -> Report:
    record = _record(options, run, before, files.commit(project.root))
    notes = [] if bench.python.own else [f"no virtual environment of the project was found: {bench.python.path} ran it"]
    moved = records.changed(record, after.result())
    if moved:
        shown = ", ".join(moved[:3]) + (f" and {len(moved) - 3} more" if moved[3:] else "")
        notes.append(f"no record was written: files changed while the tests ran: {shown}")
    elif any(one.tests or one.uncollected for one in run.runs):
        notes.append(_written(project, record))
    return report.build(run, notes=notes, next_steps=_next_steps(options, run))


def _written(project: Project, record: Record) -> str:
    """Leave the record; a folder that cannot be written takes the proof away, not the answer."""
    try:
        path = records.write(project.root, record)
    except AgentctlError as error:
        return f"no record was written: {error.message}"
    return f"record: {path.relative_to(project.root).as_posix()}"


def _record(options: Options, run: Run, content: Content, commit: str | None) -> Record:
    measured = run.measured
    inside = next((dict(one.versions) for one in run.runs if one.versions), {})
    theirs = {**inside, **({"coverage": measured.version} if measured.version else {})}
    return Record(
        kind="test",
        verdict=run.verdict.value,
        command=(
            "agentctl",
            "test",
            *options.names,
            *(("--", *map(outcomes.mask, options.extra)) if options.extra else ()),
        ),
        content=content,
        commit=commit,
        figures={figure.name: figure.value for figure in run.figures},
        versions={**records.versions(), **theirs},
        details={
            "partial": bool(run.left_out),
            "left_out": [outcomes.mask(reason) for reason in run.left_out],
            "branch": measured.whole.branches is not None,
            "suites": [_suite_details(one, run) for one in run.runs],
            "skipped_suites": [suite.name for suite in run.skipped],
            "covered_files": dict(measured.whole.files),
        },
    )


def _suite_details(one: SuiteRun, run: Run) -> dict[str, Any]:
    covered = run.measured.suites.get(one.suite.name)
    percent = covered.percent if covered else None
    verdict = next(finding.verdict.value for finding in run.findings if finding.id == one.suite.name)
    counts = {name: one.count(name) for name in ("passed", "failed", "error", "skipped", "xfailed", "xpassed")}
    return {
        **asdict(one.suite),
        "verdict": verdict,
        "tests": len(one.tests),
        **counts,
        "deselected": one.deselected,
        "duration": round(one.duration, 3),
        "coverage": None if percent is None else round(percent, 4),
        "seed": one.seed,
    }


def _next_steps(options: Options, run: Run) -> tuple[str, ...]:
    named = " ".join(("agentctl test", *options.names))
    if run.verdict is Verdict.PASS:
        return ("agentctl checklist",)
    if run.verdict is Verdict.FAIL:
        return (_after_failure(named, run),)
    broken = next((one.running for one in run.runs if one.running and one.finished is None), "")
    if broken:
        return (f"run that test alone: python -m pytest -s {shlex.quote(broken)}",)
    if any(one.internal or one.finished is None for one in run.runs):
        return (f"see what pytest says: {named}",)
    return (f"see what the suites select: {named} --list",)


def _after_failure(named: str, run: Run) -> str:
    if any(test.bad for one in run.runs for test in one.uncollected):
        return f"let every test be collected (what it imports is installed where it runs), then: {named}"
    if any(one.failures for one in run.runs):
        return f"run the failed tests again: {named} -- --last-failed"
    uncovered = any(one.id.partition("::")[0] == coverage.ID and one.verdict is Verdict.FAIL for one in run.findings)
    return f"test what is not covered yet, then: {named}" if uncovered else f"see what pytest says: {named}"
