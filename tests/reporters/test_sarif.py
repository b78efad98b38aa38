from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from jsonschema import Draft4Validator
from reporters.samples import CHECKLIST, CI, HOSTILE, NOTHING, VALIDATE
from reporters.strategies import reports

from agentctl.reporters import sarif
from agentctl.results import Finding, Location, Report, Severity, Verdict

_SCHEMA = json.loads(
    (Path(__file__).parents[1] / "examples" / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft4Validator(_SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)


def _run(report):
    return json.loads(sarif.render(report))["runs"][0]


def _found(path="a.py", line=1, **values):
    place = Location(path=path, line=line, **values)
    return Finding(id="X1", verdict=Verdict.FAIL, message=f"found at line {line}", evidence=(place,))


def _report(*findings):
    return Report(command="validate", verdict=Verdict.FAIL, exit_code=1, summary="s", results=findings)


def test_every_sample_follows_the_published_schema(sample):
    VALIDATOR.validate(json.loads(sarif.render(sample[1])))


def test_only_what_is_wrong_raises_an_alert():
    run = _run(CHECKLIST)

    assert {result["ruleId"]: result["level"] for result in run["results"]} == {
        "RL01": "error",
        "RL02": "warning",
        "SC12": "error",
        "AR12": "error",
    }


def test_what_was_waived_is_suppressed():
    waived = next(result for result in _run(CHECKLIST)["results"] if result["ruleId"] == "SC12")

    assert waived["suppressions"][0]["status"] == "accepted"


def test_each_rule_stands_once_and_says_how_to_mend():
    rules = _run(VALIDATE)["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["schema/unknown-key", "agent/id-form", "read/not-utf-8"]
    assert rules[0]["help"]["text"] == "rename it to 'temperature'"
    assert rules[1]["help"]["text"].startswith("agentctl explain agent/id-form")


def test_paths_are_relative_and_percent_encoded():
    places = [result["locations"][0]["physicalLocation"] for result in _run(VALIDATE)["results"]]

    assert places[2]["artifactLocation"] == {"uri": "configs/gr%C3%B6%C3%9Fe.yaml", "uriBaseId": "%SRCROOT%"}
    assert "region" not in places[2]
    assert "#" not in json.dumps(_run(HOSTILE)["results"][0]["locations"][0]["physicalLocation"])


def test_a_path_outside_is_absolute_without_a_base():
    result = _run(_report(_found(path="/etc/a b.yaml")))["results"][0]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///etc/a%20b.yaml"}


def test_a_name_that_is_no_utf_8_keeps_its_bytes():
    result = _run(_report(_found(path="\udcff.py")))["results"][0]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.py"


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ({"line": 3}, {"startLine": 3}),
        ({"line": 3, "column": 2, "end_column": 5}, {"startLine": 3, "startColumn": 2, "endColumn": 5}),
        ({"line": 3, "column": 2, "end_column": 2}, {"startLine": 3, "startColumn": 2}),
        ({"line": 3, "end_line": 2}, {"startLine": 3}),
        (
            {"line": 3, "column": 9, "end_line": 4, "end_column": 1},
            {"startLine": 3, "startColumn": 9, "endLine": 4, "endColumn": 1},
        ),
    ],
)
def test_a_region_is_never_empty_or_backwards(place, region):
    result = _run(_report(_found(**place)))["results"][0]

    assert result["locations"][0]["physicalLocation"]["region"] == region


def test_fingerprints_stay_when_lines_move_and_differ_between_twins():
    def prints(*findings):
        return [result["partialFingerprints"]["agentctl/v1"] for result in _run(_report(*findings))["results"]]

    assert prints(_found(line=1), _found(line=9)) == prints(_found(line=31), _found(line=39))
    assert len(set(prints(_found(line=1), _found(line=2), _found(path="b.py"), _found(symbol="x")))) == 4


def test_the_fingerprint_that_github_reads_stays_when_lines_and_list_items_move():
    def prints(*findings):
        return [one["partialFingerprints"]["primaryLocationLineHash"] for one in _run(_report(*findings))["results"]]

    before, after = _found(line=3, pointer="/fields/0/default"), _found(line=30, pointer="/fields/7/default")
    assert prints(before) == prints(after)
    assert re.fullmatch(r"[0-9a-f]{16}:1", prints(before)[0])
    assert len(set(prints(before, before, after))) == 3


def test_a_run_keeps_what_github_stores_the_worst_first_and_says_what_it_left_out():
    advice = replace(_found(), severity=Severity.ADVICE, verdict=Verdict.WARN)
    run = _run(_report(*[advice] * sarif.MOST_RESULTS, _found(path="worst.py")))

    assert len(run["results"]) == sarif.MOST_RESULTS
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "worst.py"
    assert "1 further results are left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_a_result_has_no_more_places_than_github_shows():
    many = replace(_found(), evidence=tuple(Location(path="a.py", line=n) for n in range(1, 1002)))
    result = _run(_report(many))["results"][0]

    assert len(result["locations"]) + len(result["relatedLocations"]) == sarif.MOST_PLACES


def test_a_log_has_no_more_runs_than_github_takes():
    good = replace(_report(), verdict=Verdict.PASS, exit_code=0)
    log = json.loads(sarif.render(replace(CI, projects=(*[good] * 30, _report(_found())))))

    assert len(log["runs"]) == sarif.MOST_RUNS
    assert len(log["runs"][0]["results"]) == 1
    assert "11 further runs" in log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    VALIDATOR.validate(log)


def test_further_places_are_related_locations():
    result = _run(CHECKLIST)["results"][0]

    assert [place["id"] for place in result["relatedLocations"]] == [1, 2, 3, 4]


def test_parts_are_runs_of_their_own():
    runs = json.loads(sarif.render(CI))["runs"]

    assert [run["automationDetails"]["id"] for run in runs] == [
        "agentctl/validate/",
        "agentctl/loadtest/orders/",
        "agentctl/checklist/orders/",
    ]


def test_no_answer_is_told_as_a_run_that_failed():
    assert _run(NOTHING)["invocations"] == [{"executionSuccessful": False, "exitCode": 3}]
    assert _run(replace(NOTHING, exit_code=0))["invocations"][0]["executionSuccessful"] is True


@given(reports)
def test_no_string_breaks_the_log(report):
    text = sarif.render(report)

    text.encode("utf-8")
    VALIDATOR.validate(json.loads(text))
