"""Profiles, tiers, waivers, attestations, weights and thresholds: what people decide, and what they cannot."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.checklist import checks
from agentctl.checklist.answer import failed, passed
from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy import entries, gates, guides, profiles
from agentctl.checklist.policy.figures import shares
from agentctl.checklist.policy.model import Attestation, Policy, Waiver
from agentctl.errors import UsageError
from agentctl.results import Finding, Location, Verdict

TODAY = datetime.now(UTC).date()
SOON, PAST = TODAY + timedelta(days=30), TODAY - timedelta(days=1)
POLICY = ".agentctl/checklist.yaml"


def waiver(id_: str, *, until: object = SOON, **more: object) -> str:
    rows = {"id": id_, "reason": "the platform has it", "owner": "ops", "expires": until, **more}
    return "  - " + "\n    ".join(f"{name}: {value}" for name, value in rows.items()) + "\n"


def attestation(id_: str, *, until: object = SOON, when: object = PAST, **more: object) -> str:
    rows = {"id": id_, "who": "Ann", "when": when, "until": until, **more}
    return "  - " + "\n    ".join(f"{name}: {value}" for name, value in rows.items()) + "\n"


def found(agent, **options: object) -> dict[str, Finding]:
    return {result.id: result for result in agent.report(**options).results}


def finding(id_: str, verdict: str) -> Finding:
    return Finding(id=id_, verdict=Verdict(verdict), message="m")


# ---------------------------------------------------------------- waivers


def test_a_waived_item_shows_the_verdict_beneath_with_both_places(agent) -> None:
    agent.remove("tests")
    agent.write(POLICY, "waivers:\n" + waiver("TS01", ticket="OPS-7"))
    result = found(agent)["TS01"]
    assert (result.verdict, result.beneath, result.severity) == ("waived", "fail", "advice")
    assert f"fail, waived by ops until {SOON}: the platform has it (OPS-7). Beneath: no test function" in result.message
    assert (result.evidence[-1].path, result.evidence[-1].line) == (POLICY, 2)


@pytest.mark.parametrize(("days", "told"), [(14, True), (15, False)])
def test_what_ends_soon_is_told(agent, days: int, told: bool) -> None:
    end = TODAY + timedelta(days=days)
    agent.write(POLICY, "waivers:\n" + waiver("DV06", until=end))
    words = f"The waiver of DV06 ends on {end} ({POLICY}:2:5)."
    assert (words in agent.report().notes) is told


def test_waived_is_no_failure_and_never_raises_what_is_verified(agent) -> None:
    agent.remove("tests")
    before = agent.report()
    agent.write(POLICY, "waivers:\n" + "".join(map(waiver, [r.id for r in before.results if r.verdict == "fail"])))
    after = agent.report()
    assert (before.exit_code, after.exit_code) == (1, 0)
    assert after.figures[0].value == before.figures[0].value
    assert after.figures[1].value < before.figures[1].value


@pytest.mark.parametrize(
    ("entry", "problem", "words"),
    [
        (waiver("TS02", until=PAST), "policy-expired", f"ended on {PAST}"),
        (waiver("TS02", until="2027-02-30"), "policy-date", "no calendar has"),
        (waiver("CQ01"), "policy-unused", "is pass by itself"),
        (waiver("TS02", scope="elsewhere/**"), "policy-unused", "lies in elsewhere/**"),
    ],
)
def test_a_waiver_that_does_not_hold_is_a_finding_and_changes_nothing(agent, entry, problem, words) -> None:
    before = {id_: result.verdict for id_, result in found(agent).items()}
    agent.write(POLICY, "waivers:\n" + entry)
    after = found(agent)
    told = after.pop(problem)
    assert {id_: result.verdict for id_, result in after.items()} == before
    assert (told.verdict, told.evidence[0].path, told.evidence[0].line) == ("warn", POLICY, 2)
    assert words in told.message


def test_entries_of_items_that_were_not_asked_are_not_judged(agent) -> None:
    agent.write(POLICY, "waivers:\n" + waiver("CQ01") + waiver("TS02", until=PAST))
    assert {result.id for result in agent.report(only=["SE"]).results} <= set(ITEMS)


def test_expired_entries_fail_where_warnings_do(agent) -> None:
    agent.write(POLICY, "waivers:\n" + waiver("CQ01", until=PAST))
    assert agent.report(only=["CQ01"]).exit_code == 0
    assert agent.report(only=["CQ01"], fail_on="warn").exit_code == 1


def test_a_scope_waives_the_places_in_it_and_no_more(agent) -> None:
    silent = "\n\ndef quiet() -> None:\n    try:\n        print()\n    except Exception:\n        pass\n"
    agent.write("shop_agent/old/part.py", '"""Old."""' + silent)
    agent.write("shop_agent/services/new.py", '"""New."""' + silent)
    agent.write(POLICY, "waivers:\n" + waiver("CQ02", scope="shop_agent/old/**"))
    result = found(agent)["CQ02"]
    assert result.verdict in {"warn", "fail"}
    assert {place.path for place in result.evidence} == {"shop_agent/services/new.py"}
    assert "(1 of 2 places waived)" in result.message
    agent.remove("shop_agent/services/new.py")
    assert found(agent)["CQ02"].verdict == "waived"


def test_a_scope_is_told_from_all_places_not_from_those_that_are_shown(agent, monkeypatch) -> None:
    places = [Location(path=f"a/m{number}.py", line=1) for number in range(20)] + [Location(path="b/n.py", line=1)]
    monkeypatch.setitem(checks.all_checks(), "CQ01", lambda _facts, _ships: failed("m", "h", places))
    agent.write(POLICY, "waivers:\n" + waiver("CQ01", scope="a"))
    result = found(agent)["CQ01"]
    assert (result.verdict, [place.path for place in result.evidence]) == ("fail", ["b/n.py"])


# ---------------------------------------------------------------- attestations


def test_an_attested_item_is_decided_but_not_verified(agent) -> None:
    before = agent.report()
    agent.write(POLICY, "attestations:\n" + attestation("DV06", link="docs/go-live.md", note="board of May"))
    after = agent.report()
    result = next(r for r in after.results if r.id == "DV06")
    assert (result.verdict, result.beneath, result.hint) == ("attested", "manual", None)
    assert f"attested by Ann, seen on {PAST}, until {SOON}, board of May, docs/go-live.md" in result.message
    assert (result.evidence[0].path, result.evidence[0].line) == (POLICY, 2)
    assert after.figures[0].value == before.figures[0].value
    assert after.figures[1].value > before.figures[1].value


def test_what_fails_cannot_be_attested_away(agent) -> None:
    agent.remove("tests")
    agent.write(POLICY, "attestations:\n" + attestation("TS01"))
    results = found(agent)
    assert results["TS01"].verdict == "fail"
    assert "cannot be attested away" in results["policy-unused"].message


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (attestation("DV06", until=PAST, when=PAST), "policy-expired"),
        (attestation("DV06", when=SOON), "policy-date"),
        (attestation("DV06", when="2026-02-30"), "policy-date"),
        (attestation("CQ01"), "policy-unused"),
    ],
)
def test_an_attestation_that_does_not_hold_is_a_finding(agent, entry, problem) -> None:
    agent.write(POLICY, "attestations:\n" + entry)
    results = found(agent)
    assert (results["DV06"].verdict, results[problem].verdict) == ("manual", "warn")


# ---------------------------------------------------------------- which policy


def test_a_policy_that_is_handed_over_replaces_that_of_the_tree_and_its_settings(agent, tmp_path) -> None:
    agent.remove("tests")
    agent.edit("pyproject.toml", "[build-system]", "[tool.agentctl.checklist]\nexclude = ['*']\n\n[build-system]")
    agent.write(POLICY, "waivers:\n" + waiver("TS01"))
    mine = tmp_path / "mine.yaml"
    mine.write_text("waivers:\n" + waiver("DV06"))
    results = found(agent, policy=mine)
    assert (results["TS01"].verdict, results["DV06"].verdict) == ("fail", "waived")
    assert results["DV06"].evidence[-1].path == str(mine)


def test_no_policy_at_all_can_be_asked_for(agent) -> None:
    agent.remove("tests")
    agent.write(POLICY, "waivers:\n" + waiver("TS01"))
    agent.write("agentctl.toml", "[[[ broken")
    report = agent.report(policy=Path("none"))
    assert {r.id: r.verdict for r in report.results}["TS01"] == "fail"
    assert "Judged without a policy and without the settings of the tree." in report.notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("waivers:\n  - id: TS08\n", r"checklist\.yaml:2:5: .*`reason`"),
        ("profil: all\n", r"checklist\.yaml:1:1: .*`profil`"),
        ("profile: [\n", r"checklist\.yaml:\d"),
        ("a: 1\n---\nb: 2\n", "more than one document|unknown|not a key"),
        ("waivers:\n" + waiver("TS99"), r"checklist\.yaml:2:9: .*TS99"),
        ("\x00", "NUL"),
    ],
)
def test_a_broken_policy_is_told_with_its_place(agent, text: str, words: str) -> None:
    agent.write(POLICY, text)
    with pytest.raises(UsageError, match=words):
        agent.report()


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_a_policy_with_nothing_in_it_decides_nothing(agent, text: str) -> None:
    before = agent.verdicts()
    agent.write(POLICY, text)
    assert agent.verdicts() == before


def test_a_policy_that_is_not_there_is_told(agent, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"mine\.yaml: cannot be read"):
        agent.report(policy=tmp_path / "mine.yaml")


def test_a_secret_in_a_policy_is_never_shown(agent) -> None:
    key = "sk-ant-" + "a1B2c3D4e5F6g7H8" * 2
    agent.write(POLICY, "waivers:\n" + waiver("DV06", ticket=f'"see {key}"', reason=f'"key {key}"', owner=f'"{key}"'))
    assert key not in repr(agent.report())
    agent.write(POLICY, f"waivers:\n  - id: {key}\n")
    with pytest.raises(UsageError) as refused:
        agent.report()
    assert key not in f"{refused.value} {refused.value.hint}"


# ---------------------------------------------------------------- figures


def test_weights_of_the_policy_count_in_both_figures() -> None:
    pair = shares([finding("CQ01", "pass"), finding("TS08", "unknown")], {"TS08": 9})
    assert [figure.value for figure in pair] == [25, 25]


def test_what_is_no_item_has_no_weight() -> None:
    assert [figure.value for figure in shares([finding("CQ01", "pass"), finding("policy-unused", "warn")])] == [
        100,
        100,
    ]


def test_the_weights_of_a_policy_move_the_figures(agent) -> None:
    before = agent.report().figures[0].value
    agent.write(POLICY, "weights:\n  TS02: 100\n")
    assert agent.report().figures[0].value < before / 1.5


def test_what_a_policy_measures_otherwise_is_told(agent) -> None:
    agent.write(POLICY, "weights:\n  TS01: 0.5\nthresholds:\n  coverage: 10\n  silent_handlers: 3.5\n")
    notes = agent.report().notes
    assert "Weights of the policy: TS01 0.5 in place of 3." in notes
    assert "Bounds of the policy: coverage 10, silent_handlers 3.5." in notes


@pytest.mark.parametrize(("least", "verdict", "code"), [(50, "pass", 0), (99.9, "fail", 1)])
def test_a_threshold_is_a_gate(agent, least: float, verdict: str, code: int) -> None:
    agent.write(POLICY, f"thresholds:\n  verified: {least}\n")
    report = agent.report()
    result = next(r for r in report.results if r.id == "threshold-verified")
    assert (result.verdict, report.exit_code, result.evidence[0].line) == (verdict, code, 2)
    assert f"the policy asks for {least:g} %" in result.message


@pytest.mark.parametrize(
    ("threshold", "item"),
    [("annotations: 100", "CQ01"), ("docstrings: 100", "CQ05"), ("failure_tests: 100", "TS05")],
)
def test_bounds_of_the_checks_are_those_of_the_policy(agent, threshold: str, item: str) -> None:
    agent.write("shop_agent/services/loose.py", "def loose(x):\n    return x\n")
    assert found(agent)[item].verdict == "pass"
    agent.write(POLICY, f"thresholds:\n  {threshold}\n")
    assert found(agent)[item].verdict != "pass"


def test_the_bound_for_silent_handlers(agent) -> None:
    silent = "def quiet() -> None:\n    try:\n        print()\n    except Exception:\n        pass\n"
    agent.write("shop_agent/services/quiet.py", silent)
    assert found(agent)["CQ02"].verdict == "fail"
    agent.write(POLICY, "thresholds:\n  silent_handlers: 50\n")
    assert found(agent)["CQ02"].verdict == "warn"


VERDICTS = ("pass", "fail", "warn", "unknown", "manual", "error", "n/a")


@given(
    verdicts=st.lists(st.sampled_from(VERDICTS), min_size=6, max_size=6),
    waived=st.sets(st.integers(0, 5)),
    attested=st.sets(st.integers(0, 5)),
    days=st.integers(-2, 2),
)
def test_no_entry_raises_what_is_verified_or_closes_what_fails(verdicts, waived, attested, days: int) -> None:
    ids = list(ITEMS)[:6]
    results = [finding(id_, verdict) for id_, verdict in zip(ids, verdicts, strict=True)]
    until, place = TODAY + timedelta(days=days), Location(path="p")
    policy = Policy(
        waivers=[Waiver(number=n, id=ids[n], until=until, place=place, reason="r", owner="o") for n in waived],
        attestations=[Attestation(number=n, id=ids[n], until=until, place=place, who="w", when=PAST) for n in attested],
    )
    judged = entries.judged(results, policy, TODAY).results
    before, after = shares(results), shares(judged)
    assert (after[0].value or 0) <= (before[0].value or 0)
    assert [b.verdict for b in judged if b.beneath is None] == [
        a.verdict for a, b in zip(results, judged, strict=True) if b.beneath is None
    ]
    assert all(b.verdict == "waived" for a, b in zip(results, judged, strict=True) if a.verdict == "fail" and b.beneath)
    assert days >= 0 or judged == tuple(results)


# ---------------------------------------------------------------- profiles


def test_the_lines_of_a_guide_ask_what_the_catalogue_says_it_asks() -> None:
    for guide, lines in guides.lines().items():
        asked = {id_ for line in lines for id_ in line.items}
        assert asked == {item.id for item in ITEMS.values() if guide[-1] in item.guides}, guide
        assert all(line.done <= set(line.items) and line.items for line in lines)


def test_a_guide_is_answered_line_by_line(agent) -> None:
    (table,) = agent.report(profile="guide-1").tables
    rows = {row[0]: row[1:] for row in table.rows}
    assert len(rows) == len(guides.lines()["guide-1"])
    assert rows["Property-based tests"] == ("TS07", "pass")
    assert rows["Unit tests with more than 80 % coverage"] == ("TS01 TS02", "unknown")
    held = sum(row[-1] in {"pass", "n/a", "attested"} for row in table.rows)
    assert table.title == f"Guide 1: {held} of {len(rows)} lines hold"


def test_guide_1_is_content_with_less_coverage(agent) -> None:
    agent.record("test", figures={"coverage": 85.0})
    assert found(agent, profile="guide-1")["TS02"].verdict == "pass"
    assert found(agent, profile="guide-0")["TS02"].verdict == "fail"
    agent.write(POLICY, "thresholds:\n  coverage: 84\n")
    assert found(agent, profile="guide-0")["TS02"].verdict == "pass"


def test_a_guide_wants_deeds_done_and_production_wants_them_defined(agent) -> None:
    for profile, verdict in (("production", "pass"), ("guide-1", "unknown"), ("all", "unknown")):
        assert found(agent, profile=profile)["TS11"].verdict == verdict
    told = found(agent, profile="guide-1")["TS11"]
    assert told.message.startswith("defined, but nothing shows that it was done")
    assert told.hint == "run: agentctl test chaos"


def test_a_fresh_run_of_the_suite_shows_that_it_was_done(agent) -> None:
    agent.record("test", figures={"coverage": 95.0}, suites=[{"name": "chaos", "tests": 4, "verdict": "pass"}])
    results = found(agent, profile="guide-1")
    assert (results["TS11"].verdict, results["TS10"].verdict) == ("pass", "unknown")
    assert results["TS11"].evidence[-1].path.startswith(".agentctl/records/test-")
    agent.write("shop_agent/services/later.py", "x = 1\n")
    assert found(agent, profile="guide-1")["TS11"].verdict == "unknown"


@pytest.mark.parametrize("suite", [{"tests": 0}, {"verdict": "fail"}])
def test_a_suite_that_ran_nothing_or_failed_shows_nothing(agent, suite: dict[str, object]) -> None:
    row = {"name": "chaos", "tests": 4, "verdict": "pass", **suite}
    agent.record("test", figures={"coverage": 95.0}, suites=[row])
    assert found(agent, profile="guide-1")["TS11"].verdict == "unknown"


def test_a_load_test_that_waited_for_readiness_verifies_connectivity(agent) -> None:
    assert found(agent, profile="guide-2")["OB02"].verdict == "unknown"
    agent.record("loadtest", figures={"p95": 0.1}, bound=True, health_only=False)
    assert found(agent, profile="guide-2")["OB02"].verdict == "pass"


def test_a_deed_that_no_run_shows_can_be_attested(agent) -> None:
    agent.write(POLICY, "attestations:\n" + attestation("DP07", note="restored on 3 May"))
    assert found(agent, profile="guide-1")["DP07"].verdict == "attested"


def test_the_policy_names_the_profile_and_the_command_line_wins(agent) -> None:
    agent.write(POLICY, "profile: guide-3\n")
    assert "TS07" not in found(agent)
    assert "TS07" in found(agent, profile="guide-1")


# ---------------------------------------------------------------- tiers and gates


def everything(verdict: str, **other: str) -> list[Finding]:
    return [finding(id_, other.get(id_, verdict)) for id_ in ITEMS]


@pytest.mark.parametrize(
    ("open_", "tier"),
    [
        ({}, "production"),
        ({"TS07": "warn"}, "staging"),
        ({"SE01": "unknown"}, "development"),
        ({"CQ01": "error"}, "none"),
    ],
)
def test_a_tier_is_a_bar_over_its_items_and_those_below(open_: dict[str, str], tier: str) -> None:
    assert gates.reached(everything("pass", **open_)).value == tier


@pytest.mark.parametrize("verdict", ["pass", "attested", "waived", "n/a"])
def test_what_holds_reaches_a_tier(verdict: str) -> None:
    assert gates.below(everything(verdict), "production") == []


@pytest.mark.parametrize("verdict", ["fail", "warn", "unknown", "manual", "error"])
def test_what_is_open_reaches_none(verdict: str) -> None:
    assert len(gates.below(everything(verdict), "production")) == len(ITEMS)


def test_a_part_of_the_items_reaches_no_tier() -> None:
    assert gates.reached([finding("CQ01", "pass")]) is None


def test_a_tier_gates_its_items(agent) -> None:
    assert agent.report(tier="development").exit_code == 0
    report = agent.report(tier="staging")
    assert report.exit_code == 1
    assert "staging is 1 item away" in report.summary
    agent.run_everything()
    assert agent.report(tier="staging").exit_code == 0
    report = agent.report(fail_on="tier")
    assert report.exit_code == 1
    assert [step[:4] for step in report.next_steps[:2]] == ["DV06", "OP05"]  # only people can answer these


def test_a_tier_is_not_reached_by_what_was_not_asked(agent) -> None:
    assert agent.report(tier="development").summary.endswith("; development is reached")
    report = agent.report(tier="development", only=["CQ01"])
    assert report.exit_code == 0
    assert re.search(r"; development is reached, but for \d+ items not asked$", report.summary)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tier": "prod"}, "--tier prod"),
        ({"tier": "staging", "fail_on": "warn"}, "does not go with"),
        ({"fail_on": "new"}, "nothing to compare with"),
        ({"write_baseline": True}, "no file to write"),
    ],
)
def test_what_does_not_fit_together_is_told(agent, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        agent.report(**options)


def test_profiles_and_tiers_are_those_of_the_schema() -> None:
    from agentctl.documents import schemas

    content = schemas.builtin("checklist").content
    assert tuple(content["properties"]["profile"]["enum"]) == profiles.PROFILES
    assert content["$defs"]["id"]["enum"] == list(ITEMS)


def test_passes_keep_few_places(agent) -> None:
    assert len(passed("m", [Location(path="a")] * 20).evidence) == 5
