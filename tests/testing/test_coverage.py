"""Coverage against a floor."""

from __future__ import annotations

import pytest

from agentctl.results import Severity, Verdict
from agentctl.testing import coverage
from agentctl.testing.coverage import Coverage


@pytest.mark.parametrize(
    ("covered", "floor", "verdict"),
    [(90, 90, Verdict.PASS), (89, 90, Verdict.FAIL), (0, 90, Verdict.INVALID), (89, None, Verdict.NOT_APPLICABLE)],
)
def test_the_floor_is_held_exactly(covered, floor, verdict):
    assert coverage.judged(Coverage(lines=100, covered=covered), floor).verdict is verdict


def test_nothing_is_rounded_up_to_the_floor():
    finding = coverage.judged(Coverage(lines=100_000, covered=89_999), 90)
    assert finding.verdict is Verdict.FAIL
    assert finding.message == "89.9 % of 100000 lines, below the floor of 90 %"


def test_an_incomplete_run_disproves_nothing_and_proves_what_it_reaches():
    whole = Coverage(lines=100, covered=80)
    below = coverage.judged(whole, 90, incomplete="only unit")
    assert (below.verdict, below.severity) == (Verdict.UNKNOWN, Severity.ADVICE)
    assert "only unit" in below.message
    assert coverage.judged(whole, 80, incomplete="only unit").verdict is Verdict.PASS


def test_the_least_covered_files_come_first_and_full_ones_not_at_all():
    files = {"a.py": (10, 9), "b.py": (100, 50), "c.py": (5, 5), "d.py": (10, 9)}
    assert coverage.least_covered(Coverage(files=files)) == [("b.py", 50), ("a.py", 1), ("d.py", 1)]


def test_a_problem_is_told_instead_of_a_figure():
    finding = coverage.judged(Coverage(problem="it broke"), 90)
    assert (finding.verdict, "it broke" in finding.message) == (Verdict.INVALID, True)
    assert coverage.judged(Coverage(problem="it broke"), None).verdict is Verdict.NOT_APPLICABLE


def test_no_data_files_are_no_coverage(tmp_path):
    measured = coverage.combine({"unit": []}, root=tmp_path, python=None, folder=tmp_path)
    assert measured.whole.problem == "no coverage data was written"
