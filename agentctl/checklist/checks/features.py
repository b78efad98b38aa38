"""TS: journeys that are written as features (Gherkin), with steps in Python."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, passed, places, weak
from agentctl.checklist.checks import testing
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.deploy import line_of
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Function
from agentctl.results import Location

_RUNS = re.compile(r"(^|[\s;&|])behave(\s|$)")
_SCENARIO = re.compile(r"^\s*Scenario(?: Outline)?:", re.MULTILINE)


def answered(facts: Facts) -> Answer | None:
    """Return the answer for journeys that are written as features, None without any."""
    features = {path: len(_SCENARIO.findall(text)) for path, text in facts.tree.plain.items()
                if path.endswith(".feature") and _SCENARIO.search(text)}  # fmt: skip
    written = steps(facts)
    if not features or not written:
        return None
    spots = [Location(path=path, line=line_of(facts.tree.plain[path], "Scenario")) for path in features]
    words = f"{counted(sum(features.values()), 'scenario')} in {counted(features, 'feature')}"
    if not any(step.asserts for step in written):
        return weak(f"{words}, whose steps assert nothing", "assert what the journey leads to", places(written))
    live = [step for step in facts.ci if step.changes and step.binding]
    run = [step for step in live if _RUNS.search(step.text) or _collects(facts, step.text)]
    if run:
        return passed(f"{words}, run by CI on changes", [*places(run[:1]), *spots])
    return weak(f"{words}, which CI does not run on changes", "run the features in CI", spots)


def steps(facts: Facts) -> list[Function]:
    """Return the functions that are steps of features, wherever they stand."""
    beside = (m for m in facts.modules.values() if facts.roles[m.path] != roles.VENDORED)
    return [f for m in beside for f in m.functions
            if any(frameworks.is_one_of(facts.symbols.name(d), frameworks.STEPS) for d in f.decorators)]  # fmt: skip


def _collects(facts: Facts, command: str) -> bool:
    """Return whether a command runs the features with the other tests, which pytest's plugin allows."""
    return testing.runs_tests(command) and bool(facts.imported("pytest_bdd", modules=facts.tests))
