from __future__ import annotations

import pytest

from agentctl.checklist import catalogue, checks
from agentctl.checklist.items import ITEMS


def test_every_item_can_be_explained() -> None:
    assert catalogue.ids()[: len(ITEMS)] == list(ITEMS)
    assert all(catalogue.explain(id_) for id_ in catalogue.ids())
    assert catalogue.explain("XX99") is None
    assert catalogue.explain("ts02") == catalogue.explain("TS02")


@pytest.mark.parametrize("item", sorted(checks.all_checks()))
def test_a_check_says_why_and_what_counts_and_how_to_mend(item: str) -> None:
    section = catalogue.explain(item)
    assert section is not None
    assert section.lines[0].endswith("?")
    labels = {line.split(":")[0] for line in section.lines}
    assert {"Why", "Counts", "Does not count", "Closed", "Mend"} <= labels
    assert any(line.startswith("Family: ") for line in section.lines)


def test_what_only_a_person_answers_says_so() -> None:
    assert {id_ for id_ in ITEMS if id_ not in checks.all_checks()} == {"OP05", "DV06"}
    assert catalogue.explain("OP05").lines[0] == "A person has to answer it."
