"""What a person reads on a terminal or in a log."""

from __future__ import annotations

from agentctl.results import Finding, Report, Verdict

_COLOURS = {
    Verdict.PASS: "32",
    Verdict.FAIL: "31",
    Verdict.ERROR: "31",
    Verdict.INVALID: "31",
    Verdict.WARN: "33",
    Verdict.UNKNOWN: "35",
}


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as text of at most ``width`` columns, with ANSI colour when asked for."""
    lines: list[str] = []
    for result in report.results:
        lines += _finding(result, colour=colour)
    for section in report.sections:
        lines += ["", section.title, *(f"  {line}" for line in section.lines)]
    lines += report.notes
    lines.append(_paint(report.summary, report.verdict, colour=colour))
    if report.next_steps:
        lines += ["", "Next steps:", *(f"  {step}" for step in report.next_steps)]
    return "\n".join(lines) + "\n"


def _finding(result: Finding, *, colour: bool) -> list[str]:
    place = f"{result.location}: " if result.location else ""
    lines = [f"{place}{_paint(result.verdict, result.verdict, colour=colour)} [{result.id}] {result.message}"]
    if result.frame:
        lines += result.frame.splitlines()
    if result.hint:
        lines.append(f"  = {result.hint}")
    return lines


def _paint(text: str, verdict: Verdict, *, colour: bool) -> str:
    code = _COLOURS.get(verdict)
    return f"\033[{code}m{text}\033[0m" if colour and code else text
