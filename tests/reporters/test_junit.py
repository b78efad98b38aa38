from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from reporters.samples import CHECKLIST, CI, LOADTEST, NOTHING, VALIDATE
from reporters.strategies import reports

from agentctl.reporters import junit

XSD = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "examples" / "schemas" / "junit-10.xsd"))


def _cases(report):
    return {case.get("name").split()[0]: case for case in ET.fromstring(junit.render(report)).iter("testcase")}


def test_every_sample_follows_the_published_schema(sample):
    XSD.validate(junit.render(sample[1]))


def test_a_suite_per_group_with_its_own_sums():
    suites = {suite.get("name"): suite.attrib for suite in ET.fromstring(junit.render(CHECKLIST))}

    assert list(suites) == [
        "checklist.Architecture",
        "checklist.Reliability",
        "checklist.Testing",
        "checklist.Security",
        "checklist.Operations",
        "checklist.Deployment",
    ]
    assert suites["checklist.Architecture"]["errors"] == "1"
    assert suites["checklist.Reliability"]["failures"] == "1"
    assert suites["checklist.Operations"]["skipped"] == "1"


@pytest.mark.parametrize(
    ("finding", "outcome"),
    [
        ("AR05", "system-out"),
        ("OP04", "system-out"),
        ("RL02", "system-out"),
        ("RL01", "failure"),
        ("AR12", "error"),
        ("TS08", "skipped"),
        ("SC12", "skipped"),
        ("OP03", "skipped"),
        ("DP09", "skipped"),
    ],
)
def test_only_what_is_known_to_hold_has_passed(finding, outcome):
    assert [child.tag for child in _cases(CHECKLIST)[finding]] == [outcome]


def test_a_skip_says_why():
    skipped = _cases(CHECKLIST)["TS08"].find("skipped")

    assert skipped.get("message") == "Load test completed: there is no fresh record of a load test"
    assert "hint: agentctl loadtest --serve" in skipped.text


def test_the_name_of_a_case_does_not_depend_on_the_line():
    names = [case.get("name") for case in ET.fromstring(junit.render(VALIDATE)).iter("testcase")]

    assert names[0] == "schema/unknown-key Keys that the schema does not know (configs/agent.yaml)"


def test_a_report_without_results_is_a_case_of_its_own():
    root = ET.fromstring(junit.render(NOTHING))

    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_parts_are_told_apart_and_summed():
    root = ET.fromstring(junit.render(CI))

    assert root.get("tests") == str(sum(len(report.results) for report in (VALIDATE, LOADTEST, CHECKLIST)))
    assert {suite.get("name").partition(".")[0] for suite in root} == {"validate", "loadtest", "checklist"}


@given(reports)
def test_no_string_breaks_the_document(report):
    XSD.validate(ET.fromstring(junit.render(report).encode("utf-8")))
