"""Annotations of a GitHub workflow run: at most ten, worst first; no word of a report can become another command."""

from __future__ import annotations

from collections.abc import Iterator

from agentctl.reporters._alerts import open_findings, severity
from agentctl.reporters._values import one_line, statement, visible
from agentctl.results import Finding, Location, Report, Severity

MOST = 10  # GitHub shows ten of a kind for each step, and drops the others without a word
_LINES = "\n"
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render(report: Report) -> str:
    """Return one workflow command for each annotation, and a last line for the log that counts the rest."""
    found = open_findings(report)
    lines = [*map(_command, found[:MOST]), _last(report, len(found) - MOST)]
    return "\n".join(lines) + "\n"


def _command(finding: Finding) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in _properties(finding))
    parts = (statement(finding) or one_line(finding.id) or "finding", one_line(finding.hint or ""))
    return f"::{_COMMANDS[severity(finding)]} {properties}::{_data(visible(_LINES.join(filter(None, parts))))}"


def _properties(finding: Finding) -> Iterator[tuple[str, str]]:
    place = finding.location
    if place:
        yield "file", visible(place.path) or "."
        yield from ((name, str(value)) for name, value in _region(place))
    yield "title", one_line(finding.id) or "agentctl"


def _region(place: Location) -> Iterator[tuple[str, int]]:
    """Columns count only within one line: GitHub refuses them for more."""
    if not place.line:
        return
    yield "line", place.line
    if place.end_line and place.end_line > place.line:
        yield "endLine", place.end_line
    elif place.column:
        yield "col", place.column
        if place.end_column and place.end_column > place.column:
            yield "endColumn", place.end_column


def _last(report: Report, left: int) -> str:
    """The runner takes ``##[`` anywhere in a line for a command of its older form."""
    more = f" ({left} more {'is' if left == 1 else 'are'} not annotated)" if left > 0 else ""
    return f"agentctl {one_line(report.command)}: {one_line(report.summary)}{more}".replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
