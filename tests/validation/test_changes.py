"""Every pair under ``tests/examples/changes`` says by its folder what must be found in its change."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentctl.results import Severity
from agentctl.validation import run
from agentctl.validation.changes.model import BREAKING, CHANGE, Version
from agentctl.validation.rules import rules

EXAMPLES = Path(__file__).parents[1] / "examples" / "changes"
BREAKS = sorted(path.name for path in (EXAMPLES / "breaking").iterdir())
COMPATIBLE = sorted(path.name for path in (EXAMPLES / "compatible").iterdir())
VERSIONS = sorted(path.name for path in (EXAMPLES / "versions").iterdir())
_ID, _VERSION = "agent_id: sales-friendly-v1", "version: 1.1.0"


def compared(before: Path, after: Path):
    return run.validate(paths=[after], schema="agent", against=str(before))


def found(folder: str, case: str) -> list[str]:
    pair = EXAMPLES / folder / case
    return [result.id for result in compared(pair / "before.yaml", pair / "after.yaml").results]


def rewritten(tmp_path: Path, folder: str, case: str, **words: str) -> Path:
    """Return the example's later version with other words in it."""
    text = (EXAMPLES / folder / case / "after.yaml").read_text(encoding="utf-8")
    for old, new in ((_ID, words.get("id", _ID)), (_VERSION, words.get("version", _VERSION))):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "after.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", BREAKS)
def test_a_breaking_change_is_one_error_with_place_frame_and_mend(case):
    pair = EXAMPLES / "breaking" / case
    report = compared(pair / "before.yaml", pair / "after.yaml")
    (one,) = report.results

    assert one.id == case.partition(".")[0]
    assert one.severity is Severity.ERROR
    assert report.exit_code == 1
    assert "1.0.0 in" in one.message
    assert one.location.line
    assert one.frame
    assert 'agent_id "sales-friendly-v2" and version "2.0.0"' in one.hint


@pytest.mark.parametrize("case", BREAKS)
def test_a_new_major_version_with_a_new_id_may_break(case, tmp_path):
    later = rewritten(tmp_path, "breaking", case, id="agent_id: sales-friendly-v2", version="version: 2.0.0")
    report = compared(EXAMPLES / "breaking" / case / "before.yaml", later)

    assert report.results == ()
    assert any("1 breaking change since 1.0.0" in note for note in report.notes)


@pytest.mark.parametrize("case", COMPATIBLE)
def test_a_compatible_change_needs_a_higher_version_only(case):
    expected = [case] if case in rules() else []
    assert found("compatible", case) == expected
    assert all(rules()[one].severity is not Severity.ERROR for one in expected)


@pytest.mark.parametrize("case", [case for case in COMPATIBLE if case not in {"prompt", "before-1.0.0"}])
def test_a_compatible_change_under_the_same_version_is_told(case, tmp_path):
    later = rewritten(tmp_path, "compatible", case, version="version: 1.0.0")
    report = compared(EXAMPLES / "compatible" / case / "before.yaml", later)
    told = [one for one in report.results if one.id == "change-version"]

    assert [one.hint for one in told] == ['write version "1.1.0"']


@pytest.mark.parametrize("case", VERSIONS)
def test_versions_say_what_happened(case):
    wanted = case.partition(".")[0]
    assert found("versions", case) == ([] if wanted == "nothing" else [wanted])


def test_every_rule_of_changes_has_an_example():
    kinds = {BREAKING, CHANGE}
    wanted = {one.id for one in rules().values() if one.kinds & kinds}
    assert wanted == {case.partition(".")[0] for case in (*BREAKS, *COMPATIBLE, *VERSIONS)} & set(rules())


def test_versions_are_ordered_as_semantic_versioning_orders_them():
    texts = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.9.0",
        "1.10.0",
        "2.0.0",
    ]
    versions = [Version.of(text) for text in texts]

    assert versions == sorted(versions)
    assert len(set(versions)) == len(texts)
    assert Version.of("latest") is Version.of("1.0") is Version.of(1.0) is None
