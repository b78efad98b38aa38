from __future__ import annotations

import json

import pytest

from agentctl.checklist import catalogue as checks
from agentctl.validation import catalogue as rules

EVERY = [*rules.ids(), *checks.ids()]


def test_ids_are_unique_over_rules_and_checks():
    assert len({one.lower() for one in EVERY}) == len(EVERY) > 20


@pytest.mark.parametrize("one", EVERY)
def test_every_id_is_explained(one):
    section = rules.explain(one) or checks.explain(one)

    assert section.title
    assert all(line.strip() for line in section.lines)
    assert len(section.lines) >= 2


@pytest.mark.parametrize("one", [rules.ids()[0], checks.ids()[0], checks.ids()[-1].lower()])
def test_one_is_told_in_every_case(agentctl, one):
    done = agentctl("explain", one, "--format", "json")
    report = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert report["subject"].lower() == one.lower()
    assert len(report["sections"]) == 1


def test_without_an_id_all_are_listed(agentctl):
    report = json.loads(agentctl("explain", "--format", "json").stdout)
    listed = [row[0] for table in report["tables"] for row in table["rows"]]

    assert listed == EVERY
    assert report["summary"].startswith(f"{len(EVERY)} rules and checks")


def test_an_unknown_id_gets_suggestions(agentctl):
    wanted = checks.ids()[0]
    done = agentctl("explain", f"{wanted}x")

    assert done.returncode == 2
    assert done.stderr.startswith(
        f"error: explain {wanted}x: there is no such rule or check\n  hint: did you mean {wanted}"
    )


def test_a_word_that_is_near_to_nothing_points_at_the_list(agentctl):
    done = agentctl("explain", "@@@@@@@@@@@@@@@@@@@@@@@@@")

    assert done.returncode == 2
    assert done.stderr.endswith("hint: agentctl explain lists them all\n")


def test_ids_are_completed(agentctl):
    wanted = checks.ids()[0]
    words = {"COMP_WORDS": f"agentctl explain {wanted[:2]}", "COMP_CWORD": "2", "_AGENTCTL_COMPLETE": "complete_bash"}
    found = agentctl(env=words, program=("-c", "from agentctl.__main__ import main; main()"))

    assert wanted in found.stdout.split()
