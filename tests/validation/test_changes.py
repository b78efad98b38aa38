"""Every pair under ``tests/examples/changes`` says by its folder what must be found in its change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.results import Severity
from agentctl.validation import run
from agentctl.validation.changes.model import BREAKING, CHANGE, Change, Version
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


_KEYS = st.sampled_from(["ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "regex", "x"])
_anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
_types = st.sampled_from(["int", "float", "str", "Optional[int]", "Literal['a']", "Literal['a', 1]", "Literal[", ""])
_flags = st.sampled_from(["hidden", "use_in_tts", "category"])
_fields = st.fixed_dictionaries(
    {"field_name": st.sampled_from(["one", "two", "too"])},
    optional={
        "field_type": _types | _anything,
        "required": st.booleans() | _anything,
        "default": _anything,
        "description": st.just("same") | _anything,
        "constraints": st.dictionaries(_KEYS, _anything, max_size=3) | _anything,
        "metadata": st.dictionaries(_flags, _anything, max_size=2) | _anything,
    },
)
_agents = st.fixed_dictionaries(
    {},
    optional={
        "agent_id": st.sampled_from(["a-v1", "a-v2"]) | _anything,
        "version": st.sampled_from(["1.0.0", "1.1.0", "2.0.0", "latest"]) | _anything,
        "released": _anything,
        "schema_config": st.fixed_dictionaries({"fields": st.lists(_fields, max_size=3) | _anything}) | _anything,
        "x": _anything,
    },
)


@given(_agents, _agents, st.booleans())
def test_whatever_two_versions_hold_the_rules_give_an_answer(old, new, released):
    change = Change(old=old, new=new, base="1.0.0 at main", released=released)
    for rule in rules().values():
        for one in rule.check(change) if rule.kinds & {BREAKING, CHANGE} else ():
            assert one.message
            assert "\n" not in one.message


@given(_agents)
def test_no_version_breaks_with_itself(agent):
    change = Change(old=agent, new=json.loads(json.dumps(agent)), base="1.0.0 at main", released=True)

    assert [one for rule in rules().values() if BREAKING in rule.kinds for one in rule.check(change)] == []


_FAILS = {
    "ge": lambda value, bound: value < bound,
    "gt": lambda value, bound: value <= bound,
    "le": lambda value, bound: value > bound,
    "lt": lambda value, bound: value >= bound,
    "multiple_of": lambda value, bound: value % bound != 0,
}
_small = st.integers(-6, 6)
_bounds = st.fixed_dictionaries(
    {}, optional={"ge": _small, "gt": _small, "le": _small, "lt": _small, "multiple_of": st.integers(1, 4)}
)


def _taken(bounds, whole):
    """Return which of many numbers bounds take, by trying each."""
    steps = range(-40, 41)
    values = list(steps) if whole else [step / 4 for step in steps]
    return {one for one in values if not any(_FAILS[key](one, bound) for key, bound in bounds.items())}


@given(_bounds, _bounds, st.sampled_from(["int", "float"]))
def test_bounds_that_refuse_what_was_taken_are_always_told(before, after, kind):
    def agent(bounds):
        return {"schema_config": {"fields": [{"field_name": "n", "field_type": kind, "constraints": bounds}]}}

    change = Change(old=agent(before), new=agent(after), base="1.0.0")
    told = list(rules()["change-field-constraint"].check(change))

    if not _taken(before, kind == "int") <= _taken(after, kind == "int"):
        assert told
    for one in told:
        assert after[one.pointer[-1]] != before.get(one.pointer[-1])
