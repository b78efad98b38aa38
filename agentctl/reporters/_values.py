"""How values look in every format: numbers, hostile characters, and the findings by group."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from agentctl.results import Figure, Finding, Verdict

# Control characters, what steers the direction of text, lone surrogates and non-characters: none is fit to print.
_UNPRINTABLE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"

_KILO = 1000
_BYTES = ("B", "kB", "MB", "GB", "TB")
NOT_DECIDED = frozenset({
    Verdict.UNKNOWN, Verdict.MANUAL, Verdict.NOT_APPLICABLE, Verdict.WAIVED, Verdict.SKIPPED,
})  # fmt: skip
BROKEN = frozenset({Verdict.ERROR, Verdict.INVALID})


def visible(text: str) -> str:
    """Return the text with each character that could steer a terminal or break a file written out as its escape."""
    if text.isascii() and text.isprintable():  # compiling the class of characters takes milliseconds
        return text
    return re.sub(_UNPRINTABLE, lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """Return the text on one line, without hostile characters."""
    return visible(" ".join(text.split()))


def number(value: float | str | None) -> str:
    """Return a value as a person reads it: at most three decimals, ``-`` when it could not be measured."""
    if value is None:
        return "-"
    if isinstance(value, float):
        digits = f"{value:.3f}" if abs(value) < 100 else f"{value:.1f}"  # noqa: PLR2004 - four figures are enough
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return one_line(str(value))


def quantity(value: float | str | None, unit: str) -> str:
    """Return a value with its unit, in the size that a person would choose: ms below a second, MB for many bytes."""
    if value is None:
        return "-"
    if isinstance(value, int | float) and unit == "s" and 0 < abs(value) < 1:
        return f"{number(round(value * 1000.0, 1 if abs(value) * 1000 >= 1 else 3))} ms"
    if isinstance(value, int | float) and unit == "B" and abs(value) >= _KILO:
        power = min(int(math.log(abs(value), _KILO)), len(_BYTES) - 1) if math.isfinite(value) else 0
        return f"{number(round(value / _KILO**power, 1))} {_BYTES[power]}"
    if unit == "1/s":
        return f"{number(value)}/s"
    return f"{number(value)} {one_line(unit)}".rstrip()


def figure(value: Figure) -> str:
    """Return a figure with its unit."""
    return quantity(value.value, value.unit)


def label(value: Figure) -> str:
    """Return what a person reads as the figure's name."""
    return one_line(value.label or value.name.replace("_", " "))


def statement(finding: Finding) -> str:
    """Return the question and what was found as one line."""
    title, message = one_line(finding.title), one_line(finding.message)
    return f"{title}: {message}" if title and message and title != message else message or title


def by_group(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings under their groups, both in the order in which they came; ``""`` without a group."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.group or "", []).append(finding)
    return groups
