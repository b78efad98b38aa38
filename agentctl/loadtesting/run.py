"""One load test from plan to record."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentctl import files, records
from agentctl.errors import NoAnswerError, UsageError
from agentctl.loadtesting import driver, judgement, redaction, report, serving, settings, units
from agentctl.loadtesting import plan as plans
from agentctl.loadtesting.driver import Drive
from agentctl.loadtesting.judgement import Judgement
from agentctl.loadtesting.measurement import Sample
from agentctl.loadtesting.metering import Usage
from agentctl.loadtesting.plan import Options, Plan, Target
from agentctl.loadtesting.serving import NotReadyError, Server
from agentctl.loadtesting.settings import Settings
from agentctl.project import Project
from agentctl.results import Report, Verdict

Tell = Callable[[str], None]
CONNECT_BOUND = 10.0


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is driven: a target, and the server behind it where it is ours."""

    target: Target
    server: Server | None = None

    def alive(self) -> bool:
        """Return whether it makes sense to go on."""
        return self.server is None or self.server.alive()


def loadtest(
    project: Project, options: Options, *, python: Path | None = None, command: Sequence[str] = (), tell: Tell
) -> Report:
    """Run a load test, write its record, and return the report.

    Args:
        project: The project under test; its settings may hold the plan.
        options: What the command line asked for.
        python: The project's interpreter, where it is not the one found.
        command: The argument list, for the record.
        tell: Takes what is being done, in words.

    Raises:
        UsageError: Options or settings are wrong.
        NoAnswerError: The plan is too short, the token command failed, or the generator died.
    """
    found = settings.of(project)
    if options.serve == (options.host is not None):
        raise UsageError("what should be driven?", hint="give --serve or --host URL, one of them")
    host = None if options.serve else plans.target(options)
    plan = plans.planned(options, found)
    content = records.content(project.root) if _is_project(project) else None
    tokens = serving.tokens(project, found, python) if plan.needs_tokens else ()
    hidden = redaction.secrets(tokens, found.environment)
    try:
        with _aimed(project, found, python, host, tell) as aim:
            run, answer = _driven(aim, plan, tokens, hidden, tell)
    except NotReadyError as error:
        lines = redaction.hide_all(error.lines, hidden)
        return report.no_run(Verdict.INVALID, found.serve or "", error.message, lines=lines)
    except _TargetGoneError as error:
        return report.no_run(Verdict.FAIL, str(host or found.serve), str(error), hint=error.hint)
    if content is None:
        return report.report(replace(run, notes=("no project here, so the run left no record",)), answer)
    record = records.Record(
        kind="loadtest",
        verdict=answer.verdict.value,
        command=list(command),
        content=content,
        commit=files.commit(project.root),
        versions=records.versions(),
        figures={figure.name: figure.value for figure in report.figures(run.measured)},
        details=_details(options, found, run, answer),
    )
    records.write(project.root, record)
    return report.report(run, answer)


def _is_project(project: Project) -> bool:
    """Return whether the root is one: a run from just anywhere neither reads that tree nor leaves a folder in it."""
    return bool(project.settings_file or project.pyproject or (project.root / ".git").exists())


class _TargetGoneError(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@contextmanager
def _aimed(project: Project, found: Settings, python: Path | None, host: Target | None, tell: Tell) -> Iterator[Aim]:
    if host is not None:
        _reach(host)
        yield Aim(target=host)
        return
    tell("starting the server")
    with serving.served(project, found, python) as server:
        yield Aim(target=Target(host=serving.HOST, port=server.port), server=server)


def _reach(host: Target) -> None:
    try:
        socket.create_connection((host.host, host.port), CONNECT_BOUND).close()
    except OSError as error:
        words = f"nothing answers at {host}: {error.strerror or error}"
        raise _TargetGoneError(words, "start it, or check --host") from error


def _driven(
    aim: Aim, plan: Plan, tokens: tuple[str, ...], hidden: Sequence[str], tell: Tell
) -> tuple[report.Run, Judgement]:
    usage: list[tuple[float, Usage]] = []
    if aim.server is not None:
        aim.server.usage()  # the first reading only sets the mark

    def on_sample(sample: Sample) -> None:
        tell(_progress(sample, plan))
        used = aim.server.usage() if aim.server is not None else None
        if used is not None:
            usage.append((sample.at, used))

    tell("starting the load generator")
    drive = driver.drive(plan, aim.target, tokens, on_sample=on_sample, alive=aim.alive)
    death = None if aim.alive() or aim.server is None else aim.server.ending()
    return _judged(aim, plan, drive, usage, death, hidden)


def _judged(
    aim: Aim,
    plan: Plan,
    drive: Drive,
    usage: Sequence[tuple[float, Usage]],
    death: str | None,
    hidden: Sequence[str],
) -> tuple[report.Run, Judgement]:
    if drive.measurement is None and death is not None:
        raise _TargetGoneError(f"the server {death} during the run", "look at the server's own log")
    if drive.measurement is None:
        raise NoAnswerError(f"the load generator died: {redaction.hide(drive.complaint, hidden)}", hint="run it again")
    answer = judgement.judge(plan.gates, drive.measurement, rate=plan.schedule.rate, death=death)
    lines = aim.server.last_lines() if aim.server is not None and answer.verdict is not Verdict.PASS else ()
    run = report.Run(
        subject=str(aim.target),
        plan=plan,
        measured=drive.measurement,
        samples=drive.samples,
        usage=usage,
        sections=report.said(redaction.hide_all(lines, hidden)),
    )
    return run, answer


def _progress(sample: Sample, plan: Plan) -> str:
    p95 = "-" if sample.p95 is None else units.show_seconds(sample.p95)
    of = f"{min(sample.at, plan.schedule.duration):.0f} s of {plan.schedule.duration:.0f} s"
    return f"{of}: {sample.completed}/s, p95 {p95}, {sample.failed} failed, {sample.in_flight} under way"


def _details(options: Options, found: Settings, run: report.Run, answer: Judgement) -> Mapping[str, Any]:
    plan, measured = run.plan, run.measured
    return {
        "mode": "serve" if options.serve else "host",
        "bound": options.serve,
        "target": run.subject,
        "environment": _environment_name(found) if options.serve else None,
        "requests": [{"method": request.method, "path": request.path} for request in plan.requests],
        "rate": plan.schedule.rate,
        "duration": plan.schedule.duration,
        "health_only": plan.health_only,
        "rate_limited": measured.rate_limited,
        "cause": answer.cause,
        "gates": [
            {
                "metric": gate.metric,
                "text": gate.text,
                "limit": gate.limit,
                "unit": gate.unit,
                "value": judgement.value(gate, measured, plan.schedule.rate),
                "verdict": finding.verdict.value,
            }
            for gate, finding in zip(plan.gates, answer.gates, strict=True)
        ],
    }


def _environment_name(found: Settings) -> str:
    """Return the name that the settings give the server's environment, going by what such variables are called."""
    named = (value for name, value in found.environment.items() if name.upper().endswith(("ENV", "ENVIRONMENT")))
    return next(named, "load")
