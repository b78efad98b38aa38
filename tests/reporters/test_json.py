from __future__ import annotations

import json

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError
from reporters.samples import CHECKLIST, LOADTEST
from reporters.strategies import reports

from agentctl import resources
from agentctl.reporters import json as reporter
from agentctl.results import REPORT_SCHEMA

SCHEMA = json.loads((resources.schemas() / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_one_and_is_strict_everywhere():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == REPORT_SCHEMA
    objects = [SCHEMA, *(part for part in SCHEMA["$defs"].values() if part["type"] == "object")]
    assert all(part["additionalProperties"] is False for part in objects)


def test_every_sample_follows_the_schema(sample):
    VALIDATOR.validate(json.loads(reporter.render(sample[1])))


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"},
        {"exit_code": 4},
        {"extra": 1},
        {"results": [{"id": "X"}]},
        {"verdict": "pass", "exit_code": 1},
        {"schema": "urn:other"},
    ],
)
def test_the_schema_refuses_what_is_no_report(change):
    with pytest.raises(ValidationError):
        VALIDATOR.validate({**json.loads(reporter.render(CHECKLIST)), **change})


def test_nothing_is_lost_of_a_result():
    values = json.loads(reporter.render(CHECKLIST))
    failed = next(result for result in values["results"] if result["id"] == "RL01")

    assert failed["evidence"][4] == {
        "path": "orders/services/client_4.py",
        "line": 12,
        "column": 5,
        "symbol": "httpx.AsyncClient",
    }
    assert failed["hint"] == "wrap the call with stamina.retry(on=httpx.HTTPError)"
    assert "duration" not in failed


def test_what_could_not_be_measured_is_null():
    series = json.loads(reporter.render(LOADTEST))["series"]

    assert series[1]["points"] == [[0.0, 38.0], [1.0, None], [2.0, 41.2]]


def _refuse(constant):
    raise AssertionError(constant)


@given(reports)
def test_every_string_survives(report):
    text = reporter.render(report)
    values = json.loads(text, parse_constant=_refuse)

    text.encode("utf-8")
    VALIDATOR.validate(values)
    assert values["summary"] == report.summary
    assert [result["message"] for result in values["results"]] == [result.message for result in report.results]
