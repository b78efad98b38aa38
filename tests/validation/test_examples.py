"""Every file under ``tests/examples/documents`` says by its name what must be found in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentctl.documents import schemas
from agentctl.validation import catalogue, run
from agentctl.validation.rules import rules

EXAMPLES = Path(__file__).parents[1] / "examples" / "documents"
CASES = sorted(path.relative_to(EXAMPLES) for path in EXAMPLES.glob("*/*valid/*"))


def found(case: Path) -> list[str]:
    report = run.validate(paths=[EXAMPLES / case], schema=case.parts[0])
    return [result.id for result in report.results]


@pytest.mark.parametrize("case", [case for case in CASES if case.parts[1] == "valid"], ids=str)
def test_valid_examples_give_nothing(case):
    assert found(case) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.parts[1] == "invalid"], ids=str)
def test_invalid_examples_give_one_finding_that_is_named_like_the_file(case):
    assert found(case) == [case.name.partition(".")[0]]


OF_DOCUMENTS = sorted(name for name, one in rules().items() if one.kinds <= schemas.kinds().keys())


@pytest.mark.parametrize("rule", OF_DOCUMENTS)
def test_each_rule_has_examples_of_both(rule):
    having = {case.parts[1] for case in CASES if case.name.partition(".")[0] == rule}
    assert having == {"valid", "invalid"}


@pytest.mark.parametrize("name", catalogue.ids())
def test_each_id_is_explained_with_reason_and_mend(name):
    section = catalogue.explain(name)
    assert section.title.startswith(f"{name}: ")
    assert len(section.lines) >= 2
    assert all(len(line) > 10 for line in section.lines)


def test_an_unknown_id_is_not_explained():
    assert catalogue.explain("no-such-rule") is None
