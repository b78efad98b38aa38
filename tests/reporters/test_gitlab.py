from __future__ import annotations

import json

from hypothesis import given
from jsonschema import Draft202012Validator
from reporters.samples import CHECKLIST, CI, NOTHING, VALIDATE
from reporters.strategies import reports

from agentctl.reporters import gitlab
from agentctl.results import Finding, Location, Report, Verdict

# What GitLab's documentation requires of a Code Quality report.
VALIDATOR = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": False,
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{33,}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "additionalProperties": False,
                    "properties": {
                        "path": {"type": "string", "minLength": 1},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}, "end": {"type": "integer"}},
                        },
                    },
                },
            },
        },
    }
)


def _issues(report):
    return json.loads(gitlab.render(report))


def _found(line=1, path="a.yaml", message="m"):
    return Finding(id="rule", verdict=Verdict.FAIL, message=message, evidence=(Location(path=path, line=line),))


def _prints(*findings):
    report = Report(command="validate", verdict=Verdict.FAIL, exit_code=1, summary="s", results=findings)
    return [issue["fingerprint"] for issue in _issues(report)]


def test_every_sample_follows_the_format(sample):
    VALIDATOR.validate(_issues(sample[1]))


def test_an_issue_has_what_gitlab_shows():
    issue = _issues(VALIDATE)[1]

    assert issue["check_name"] == "schema/unknown-key"
    assert issue["severity"] == "major"
    assert issue["location"] == {"path": "configs/agent.yaml", "lines": {"begin": 12}}
    assert issue["description"].endswith("did you mean 'temperature'? (rename it to 'temperature')")


def test_severities_follow_the_verdict():
    assert [issue["severity"] for issue in _issues(CHECKLIST)] == ["critical", "major", "minor"]
    assert [issue["severity"] for issue in _issues(NOTHING)] == ["critical"]


def test_fingerprints_stay_when_lines_move_and_are_never_shared():
    assert _prints(_found(1), _found(9)) == _prints(_found(31), _found(39))
    assert len(set(_prints(_found(), _found(), _found(path="b"), _found(message="n")))) == 4
    assert len({issue["fingerprint"] for issue in _issues(CI)}) == len(_issues(CI))


def test_nothing_wrong_is_an_empty_list():
    assert _issues(Report(command="validate", verdict=Verdict.PASS, exit_code=0, summary="s")) == []


@given(reports)
def test_no_string_breaks_the_list(report):
    text = gitlab.render(report)
    issues = json.loads(text)

    text.encode("utf-8")
    VALIDATOR.validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
