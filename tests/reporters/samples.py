"""One report of each shape, and hostile ones."""

from __future__ import annotations

from dataclasses import replace

from agentctl.results import (
    Confidence,
    Figure,
    Finding,
    Location,
    Report,
    Section,
    Series,
    Severity,
    Table,
    Verdict,
)

VALIDATE = Report(
    command="validate",
    verdict=Verdict.FAIL,
    exit_code=1,
    summary="2 errors, 1 piece of advice in 3 files",
    results=(
        Finding(
            id="schema/unknown-key",
            verdict=Verdict.FAIL,
            title="Keys that the schema does not know",
            message="unknown key 'temprature' in model, did you mean 'temperature'?",
            evidence=(
                Location(path="configs/agent.yaml", line=12, column=3, end_column=13, pointer="/model/temprature"),
            ),
            frame="   12 |   temprature: 0.3\n      |   ^^^^^^^^^^",
            hint="rename it to 'temperature'",
            group="configs/agent.yaml",
        ),
        Finding(
            id="agent/id-form",
            verdict=Verdict.WARN,
            severity=Severity.ADVICE,
            message="id 'x' is not of the form type-variant-vN",
            evidence=(Location(path="configs/agent.yaml", line=1, column=1, pointer="/agent_id"),),
            group="configs/agent.yaml",
        ),
        Finding(
            id="read/not-utf-8",
            verdict=Verdict.ERROR,
            message="byte 0xff at offset 17 is not UTF-8",
            evidence=(Location(path="configs/größe.yaml"),),
            hint="save the file as UTF-8",
            group="configs/größe.yaml",
        ),
    ),
    next_steps=("agentctl explain schema/unknown-key",),
)

CHECKLIST = Report(
    command="checklist",
    verdict=Verdict.FAIL,
    exit_code=1,
    subject="orders",
    summary="not ready: 1 failed, 1 unknown, 2 passed; verified 41 %, decided 62 %",
    figures=(
        Figure(name="verified", value=41.37931, unit="%", label="verified"),
        Figure(name="decided", value=62, unit="%", label="decided"),
        Figure(name="p95", value=None, unit="ms", label="95th percentile of the last load test"),
    ),
    results=(
        Finding(
            id="AR05",
            verdict=Verdict.PASS,
            title="Tests stand in the standard folders",
            message="tests/unit and tests/integration hold 41 tests",
            evidence=(Location(path="orders/tests/unit/test_price.py", line=3),),
            group="Architecture",
        ),
        Finding(
            id="RL01",
            verdict=Verdict.FAIL,
            title="Outbound calls are retried",
            message="every outbound client was resolved and none is wrapped",
            evidence=tuple(
                Location(path=f"orders/services/client_{number}.py", line=12, column=5, symbol="httpx.AsyncClient")
                for number in range(5)
            ),
            frame="12 | client = httpx.AsyncClient()\n   |          ^^^^^^^^^^^^^^^^^",
            scope="214 of 217 files, 3 did not parse",
            hint="wrap the call with stamina.retry(on=httpx.HTTPError)",
            group="Reliability",
        ),
        Finding(
            id="RL02",
            verdict=Verdict.WARN,
            confidence=Confidence.MEDIUM,
            title="Outbound calls have a time limit",
            message="2 of 5 clients have none",
            severity=Severity.WARNING,
            group="Reliability",
        ),
        Finding(
            id="TS08",
            verdict=Verdict.UNKNOWN,
            title="Load test completed",
            message="there is no fresh record of a load test",
            hint="agentctl loadtest --serve",
            group="Testing",
        ),
        Finding(
            id="SC12",
            verdict=Verdict.WAIVED,
            title="Network policy",
            message="fail beneath; waived by Ada until 2027-01-31: the mesh enforces it",
            group="Security",
        ),
        Finding(
            id="OP03", verdict=Verdict.MANUAL, title="On-call is staffed", message="needs a person", group="Operations"
        ),
        Finding(
            id="OP04",
            verdict=Verdict.ATTESTED,
            title="Recovery was tested",
            message="by Grace on 2026-11-02",
            group="Operations",
        ),
        Finding(
            id="DP09",
            verdict=Verdict.NOT_APPLICABLE,
            title="Images are built",
            message="ships no image",
            group="Deployment",
        ),
        Finding(
            id="AR12",
            verdict=Verdict.ERROR,
            title="Layers point downward",
            message="the check itself failed: KeyError",
            group="Architecture",
        ),
    ),
    sections=(Section(title="What it ships", lines=("one service: orders/app.py builds a FastAPI application",)),),
    notes=("3 files did not parse and count as not looked at.",),
    next_steps=(
        "agentctl loadtest --serve",
        "wrap the clients in orders/services with retries and a bound on how often they are repeated",
    ),
)

LOADTEST = Report(
    command="loadtest",
    verdict=Verdict.PASS,
    exit_code=0,
    subject="orders",
    summary="the agent held 20 requests/s for 5 s",
    figures=(
        Figure(name="rate", value=19.98, unit="1/s", label="requests per second"),
        Figure(name="p95", value=41.2, unit="ms"),
        Figure(name="requests", value=100),
    ),
    results=(
        Finding(id="success>95%", verdict=Verdict.PASS, message="100.0 %", duration=5.02),
        Finding(id="p95<800ms", verdict=Verdict.PASS, message="41.2 ms"),
    ),
    series=(
        Series(name="requests", points=tuple((float(second), 20.0 + second % 3) for second in range(5)), unit="1/s"),
        Series(name="p95", points=((0.0, 38.0), (1.0, float("nan")), (2.0, 41.2)), unit="ms", limit=80.0),
        Series(name="failures", points=(), unit="1/s"),
    ),
    tables=(
        Table(
            title="Routes",
            columns=("route", "requests", "p50", "p95"),
            rows=(
                ("POST /v1/tasks", "80", "12 ms", "41 ms"),
                (
                    "GET /v1/tasks/an identifier that is much longer than any column would like to be",
                    "20",
                    "2 ms",
                    "3 ms",
                ),
                ("GET /日本語", "0", "-", "-"),
            ),
        ),
    ),
    notes=("The limiter and the authentication stayed in the path (environment load).",),
)

NOTHING = Report(command="validate", verdict=Verdict.INVALID, exit_code=3, summary="no governed file was found")

CI = Report(
    command="ci",
    verdict=Verdict.FAIL,
    exit_code=1,
    summary="2 of 3 parts said no",
    projects=(VALIDATE, LOADTEST, CHECKLIST),
)

_ATTACK = "\x1b[31m\x07\u202e]]> <script>alert('x')</script> | `whoami` [a](javascript:b) ![c](d) @team ::error::\ud800\ufffe\r\n# h"

HOSTILE = Report(
    command="checklist",
    verdict=Verdict.FAIL,
    exit_code=1,
    subject=_ATTACK,
    summary=_ATTACK,
    figures=(Figure(name=_ATTACK, value=_ATTACK, unit=_ATTACK), Figure(name="infinite", value=float("inf"))),
    results=(
        Finding(
            id=_ATTACK,
            verdict=Verdict.FAIL,
            title=_ATTACK,
            message=_ATTACK,
            hint=_ATTACK,
            group=_ATTACK,
            scope=_ATTACK,
            frame=f"1 | ```\n2 | {_ATTACK}",
            evidence=(Location(path=f"a b/ü%20?#:{_ATTACK}", line=1, column=9, end_column=2, symbol=_ATTACK),),
        ),
    ),
    series=(Series(name=_ATTACK, points=((0.0, 1.0),), unit=_ATTACK),),
    tables=(Table(title=_ATTACK, columns=(_ATTACK, "b"), rows=((_ATTACK, _ATTACK),)),),
    sections=(Section(title=_ATTACK, lines=(_ATTACK,)),),
    notes=(_ATTACK,),
    next_steps=(_ATTACK,),
)

ALL = {
    "validate": VALIDATE,
    "checklist": CHECKLIST,
    "loadtest": LOADTEST,
    "nothing": NOTHING,
    "ci": CI,
    "hostile": HOSTILE,
    "hostile-validate": replace(HOSTILE, command="validate"),
}
