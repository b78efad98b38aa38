"""TS: what recorded runs prove."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentctl import records
from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, passed, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_FLOOR = 90.0
_LOADING = re.compile(r"(^|[/_])(load[_-]?tests?|load[_-]?testing|stress([_-]?tests?)?|soak[_-]?tests?)[/_.]")
_AT_ONCE = ("gather", "ThreadPoolExecutor", "create_task", "Thread")


def ts02(facts: Facts, _ships: Ships) -> Answer:
    """Does a fresh measurement show line coverage at or above the floor (90 % unless set)?

    Why: guide 0 "Unit tests with >90% coverage", guide 4 "90%+ code coverage required", guide 1 asks for 80 %.
    Counts: the newest record of ``agentctl test`` while sources, tests, settings and locks are what it ran on.
    Does not count: a badge, a configured floor, a record of other content; a record that git tracks only warns.
    Closed: never; without a fresh record the answer is unknown.
    Mend: ``agentctl test``.
    """
    run = latest(facts, "test")
    if run is None:
        return unknown("there is no record of a test run", "run: agentctl test", scope="")
    stale = staleness(facts, run)
    if stale:
        return stale
    value = run.figures.get("coverage")
    floor = _floor(facts)
    if not isinstance(value, (int, float)):
        return unknown("the newest test run measured no coverage", "run: agentctl test", record_place(run))
    if run.verdict != "pass":
        return failed(f"the newest test run did not pass ({run.verdict})", "run: agentctl test", record_place(run))
    message = f"line coverage is {value:.1f} %, the floor is {floor:g} %"
    if value < floor:
        return failed(message, "test the lines that agentctl test lists as missing", record_place(run))
    if facts.tracked_records:
        return weak(
            message, "the record is committed to git, so it proves little: run agentctl test", record_place(run)
        )
    return passed(message, record_place(run), scope=f"the run of {run.created}")


def ts08(facts: Facts, _ships: Ships) -> Answer:
    """Is there a load test, and does a fresh run of it meet its limits?

    Why: guide 0 "Load Testing" (success above 95 %, mean under 2 s), guides 2, 3 and 4.
    Counts: the newest record of ``agentctl loadtest`` that passed, bound to this content, on more than health routes.
    Does not count: a locustfile that nobody ran (it warns where it has tasks, and so does a script that is named for
    load or stress and asks many times at once); runs on other content, against other hosts or health routes alone.
    Closed: never; without tasks, and with a stale record, the answer is unknown.
    Mend: ``agentctl loadtest --serve``.
    """
    run = latest(facts, "loadtest")
    if run is None:
        return _load_test_defined(facts)
    stale = staleness(facts, run)
    if stale:
        return stale
    measured = _measured(run)
    if run.verdict == "fail":
        return failed(
            f"the newest load test missed its gates ({measured})", "mend what the gates show", record_place(run)
        )
    if run.verdict != "pass":
        return unknown("the newest load test gave no answer", "run: agentctl loadtest --serve", record_place(run))
    if not run.details.get("bound") or run.details.get("health_only"):
        why = "only drove health routes" if run.details.get("health_only") else "is not bound to this content"
        return weak(f"the newest load test {why}", "run: agentctl loadtest --serve", record_place(run))
    if facts.tracked_records:
        return weak(
            "the record of the load test is committed to git", "run: agentctl loadtest --serve", record_place(run)
        )
    return passed(
        f"a fresh load test met its limits ({measured})", record_place(run), scope=f"the run of {run.created}"
    )


def latest(facts: Facts, kind: str) -> records.Record | None:
    """Return the newest record of a kind."""
    found = facts.runs.get(kind) or []
    return found[0] if found else None


def record_place(run: records.Record) -> list[Location]:
    """Return where a record stands."""
    return [Location(path=run.path or records.FOLDER)]


def staleness(facts: Facts, run: records.Record) -> Answer | None:
    """Return the answer for a record of other content, None when it is fresh."""
    changed = records.changed(run, facts.content) if facts.content else ["everything"]
    if not changed:
        return None
    command = "agentctl test" if run.kind == "test" else "agentctl loadtest --serve"
    shown = ", ".join(changed[:3]) + (" and more" if len(changed) > 3 else "")  # noqa: PLR2004 - three are shown
    count = counted(changed, "file")
    words = f"the newest record is stale: {count} changed since ({shown})"
    return unknown(words, f"run: {command}", record_place(run), scope="")


def _measured(run: records.Record) -> str:
    """Return what the gates measured, else the first figures."""
    gates = run.details.get("gates")
    rows = [gate for gate in gates if isinstance(gate, Mapping)] if isinstance(gates, list) else []
    if rows:
        return ", ".join(
            f"{gate.get('text')}: {_short(gate.get('value'))} {gate.get('unit', '')}".strip() for gate in rows
        )
    return ", ".join(f"{name} {_short(value)}" for name, value in list(run.figures.items())[:4])


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, (int, float)) else str(value)


def _floor(facts: Facts) -> float:
    floor = facts.settings.get("coverage_floor", _FLOOR)
    return float(floor) if isinstance(floor, (int, float)) else _FLOOR


def _load_test_defined(facts: Facts) -> Answer:
    everything = list(facts.modules.values())
    defined = facts.used(frameworks.LOAD_TESTS, everything)
    k6 = [Location(path=path) for path, text in facts.tree.plain.items()
          if path.endswith((".js", ".ts")) and re.search(r"from ['\"]k6/http['\"]", text)]  # fmt: skip
    planned = "loadtest" in str(facts.manifest.pyproject.get("tool", {}).get("agentctl", {}).keys())
    if planned:
        defined.append(Location(path="pyproject.toml", symbol="tool.agentctl.loadtest"))
    if defined or k6:
        words = "a load test is defined, but there is no record of a run"
        asking = k6 or facts.used(("locust.task", "molotov.scenario"), everything)
        return (weak if asking else unknown)(words, "run: agentctl loadtest --serve", [*defined, *k6], scope="")
    scripts = [m for m in everything if _LOADING.search(m.path) and any(c.raw.endswith(_AT_ONCE) for c in m.calls)]
    if scripts:
        return weak("a script puts load on it, and nothing holds it to limits or records its runs",
                    "run: agentctl loadtest --serve", [Location(path=m.path) for m in scripts], scope="")  # fmt: skip
    return unknown("there is no load test and no record of one", "run: agentctl loadtest --serve", scope="")
