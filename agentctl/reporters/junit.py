"""JUnit XML as Jenkins, GitLab and others read it: a test suite per group, and what was skipped has not passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from agentctl.reporters._values import BROKEN, NOT_DECIDED, by_group, one_line, statement, visible
from agentctl.results import Finding, Report, Severity, Verdict


def render(report: Report) -> str:
    """Return the report as one ``testsuites`` document; each suite is named by its command and group."""
    suites = list(_suites(report))
    root = ET.Element("testsuites", {"name": one_line(f"agentctl {report.command}"), **_sums(suites)})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suites(report: Report, within: str = "") -> Iterator[ET.Element]:
    """Yield the suites; a part of the same command as its whole is a project of a monorepo and named in its suites."""
    for group, findings in by_group(report.results).items():
        yield _suite((report.command, within, group), findings)
    if not report.results and not report.projects:
        yield _suite((report.command, within), [_whole(report)])
    for part in report.projects:
        yield from _suites(part, part.subject if part.command == report.command else "")


def _whole(report: Report) -> Finding:
    """The report itself as a case, so that a run without findings is not a run without tests."""
    return Finding(id=report.command, verdict=report.verdict, message=report.summary)


def _suite(names: Iterable[str], findings: Iterable[Finding]) -> ET.Element:
    name = ".".join(filter(None, map(one_line, names))) or "agentctl"
    cases = [_case(name, finding) for finding in findings]
    counts = Counter(outcome.tag for case in cases for outcome in case)
    seconds = sum(float(case.get("time", 0)) for case in cases)
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{seconds:.3f}",
    )
    suite.extend(cases)
    return suite


def _case(suite: str, finding: Finding) -> ET.Element:
    place = f"({finding.location.path})" if finding.location else ""  # no line: a case keeps its name when code moves
    name = one_line(f"{finding.id} {finding.title} {place}")
    case = ET.Element("testcase", name=name, classname=suite, time=f"{finding.duration or 0:.3f}")
    tag = _outcome(finding)
    if tag is None:
        ET.SubElement(case, "system-out").text = visible(_details(finding))
        return case
    outcome = ET.SubElement(case, tag, type=finding.verdict.value, message=statement(finding))
    outcome.text = visible(_details(finding))
    return case


def _outcome(finding: Finding) -> str | None:
    """A warning does not fail the command, so it does not fail here either; its text is in the case's output."""
    if finding.verdict in BROKEN:
        return "error"
    if finding.verdict in NOT_DECIDED:
        return "skipped"
    return "failure" if finding.verdict is Verdict.FAIL and finding.severity is Severity.ERROR else None


def _details(finding: Finding) -> str:
    parts = [f"{finding.verdict}: {finding.message}", *map(str, finding.evidence), finding.frame, finding.scope]
    return "\n".join([*(part for part in parts if part), *([f"hint: {finding.hint}"] if finding.hint else [])])


def _sums(suites: Iterable[ET.Element]) -> dict[str, str]:
    found = list(suites)
    counts = {key: str(sum(int(suite.get(key, 0)) for suite in found)) for key in ("tests", "failures", "errors")}
    return {**counts, "time": f"{sum(float(suite.get('time', 0)) for suite in found):.3f}"}
