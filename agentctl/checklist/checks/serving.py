"""TS: tests that ask a server which runs beside them, several times and over its port."""

from __future__ import annotations

import re
from collections import Counter

from agentctl.checklist import frameworks
from agentctl.checklist.checks import driving, testing
from agentctl.checklist.facts.deploy import Step
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Function, Module

_SERVES = re.compile(
    r"(^|\.)(uvicorn\.run|uvicorn\.Server\(\)\.(run|serve)|hypercorn\.\w+\.serve|(FastMCP|Flask|Quart|Sanic|Server)\(\)\.run(_\w+)?"
    r"|make_server\(\)\.serve_forever|waitress\.serve|aiohttp\.web\.run_app)$"
)
_LOCAL = re.compile(r"^https?://(localhost|127\.0\.0\.1|0\.0\.0\.0):(\d+)")
_STARTS = re.compile(r"\bdocker run\b|\bpodman run\b|\b(uvicorn|gunicorn|fastapi run)\b.*&\s*$")
_SEVERAL = 2  # requests of one test, or more: one request is no journey
_LEFT_OUT = re.compile(r"-[mk][ =]\S*\s*[\"']?\(?not\b|--(ignore|deselect)\b")
_BY_NAME = re.compile(r"-k[ =][\"']?(\w+)[\"']?(?=\s|$)")


def journeys(facts: Facts) -> dict[Function, Step]:
    """Return the tests that go through a running server, each with a step of CI on changes that runs it."""
    tests = [test for test in _tests(facts) if facts.once(_asked)[test.name] >= _SEVERAL]
    begun = facts.once(_begun) if tests else set()
    served = [test for test in tests if test.name in begun or _in_ci(facts, test.path)]
    run = [step for step in facts.ci if step.changes and step.binding and testing.runs_tests(step.text)]
    return {test: step for test in served for step in run if _collects(step, test.path) and _chosen(step, test)}


# ---------------------------------------------------------------- what the check looks for


def _tests(facts: Facts) -> list[Function]:
    return [test for some in facts.once(testing.collected_by_file).values() for test in some]


def _asked(facts: Facts) -> Counter[str]:
    """Return how many requests each test makes, by itself or by a client of the tests' own."""
    asking = Counter(c.function for m in facts.tests for c in m.calls if _is_request(c))
    tests = {test.name for test in _tests(facts)}
    helpers = {name.rpartition(".")[2] for name in asking if name not in tests}
    wrapping = (c for m in facts.tests for c in m.calls if "client" in c.raw.lower() and not _is_request(c))
    return asking + Counter(c.function for c in wrapping if c.raw.rpartition(".")[2] in helpers)


def _is_request(call: Call) -> bool:
    return call.role == "call" and bool(driving.REQUEST.search(call.raw))


def _begun(facts: Facts) -> set[str]:
    """Return the tests that start the program, or are given a server, that runs in a process or thread of its own."""
    return {test.name for test in driving.beginning(facts, facts.once(driving.starting) | _serving(facts))}


def _serving(facts: Facts) -> set[str]:
    """Return the functions of tests that start a server of own code in a process or thread of its own."""
    return {call.function for m in facts.tests for call in m.calls
            if call.has("target") and call.raw.endswith((".Process", ".Thread", "Process", "Thread"))
            and _serves(facts, m, str(call.keywords["target"]))}  # fmt: skip


def _serves(facts: Facts, module: Module, target: str) -> bool:
    """Return whether what a process runs serves, and takes what it serves from own code."""
    inside = [c for c in module.calls if c.function == facts.symbols.identity(target)]
    serving = _SERVES.search(facts.symbols.name(target)) or any(_SERVES.search(c.name) for c in inside)
    return bool(serving) and testing.own_imports(facts, module) > 0 and any(_of_own(facts, c) for c in inside)


def _of_own(facts: Facts, call: Call) -> bool:
    given = (value for value in (*call.args, *call.keywords.values()) if isinstance(value, str) and "." in value)
    shipped = {module.path for module in facts.shipped}
    modules = (facts.symbols.module(facts.symbols.identity(name)) for name in (call.name, *given))
    return any(module is not None and module.path in shipped for module in modules)


def _in_ci(facts: Facts, path: str) -> bool:
    """Return whether CI starts what a file of tests asks, on the port that it asks, and the file fakes nothing."""
    module = facts.modules[path]
    ports = {match[2] for text in module.strings if (match := _LOCAL.match(text.name))}
    if not ports or facts.used(frameworks.FAKES, [module]):
        return False
    return any(_STARTS.search(step.text) and ports & set(re.findall(r"\d+", step.text)) for step in facts.ci)


def _collects(step: Step, path: str) -> bool:
    """Return whether a command runs the tests of a file: by its name, a folder's, or because it runs all of them."""
    if _LEFT_OUT.search(step.text):
        return False
    words = re.findall(r"[\w./-]*\w", step.text)
    return any(path == word or path.startswith(f"{word}/") for word in words) or testing.runs_all([step])


def _chosen(step: Step, test: Function) -> bool:
    """Return whether a command leaves a test in that chooses by names (``-k word``)."""
    chosen = _BY_NAME.search(step.text)
    return chosen is None or chosen[1] in test.name
