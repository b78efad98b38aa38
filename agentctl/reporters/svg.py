"""A badge: which command, its answer, and the figures that tell most; it fetches nothing and needs no font."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

from agentctl.reporters._page.elements import tag
from agentctl.reporters._page.overview import ANSWERS
from agentctl.reporters._values import figure, label, one_line
from agentctl.results import Figure, Report, Verdict

FIGURES = {"checklist": ("verified", "tier"), "test": ("coverage",), "loadtest": ("p95",)}
_COLOURS = {Verdict.PASS: "#1a7f37", Verdict.FAIL: "#c62828"}  # white on them reads at 4.5 to 1 and better
_GREY, _DARK = "#616161", "#3d3d3d"
_HEIGHT, _PAD = 20, 6
_LONGEST = 60
_WIDE = frozenset("mwMW@%—")
_THIN = frozenset("iljtfrI1.,:;'|!()[]/ ")


def render(report: Report) -> str:
    """Return the badge as one SVG document."""
    left = _cut(f"agentctl {one_line(report.command)}".strip())
    right = _cut(_answer(report))
    first, second = _width(left) + 2 * _PAD, _width(right) + 2 * _PAD
    badge = tag(
        "svg",
        tag("title", f"{left}: {right}"),
        tag("clipPath", tag("rect", width=first + second, height=_HEIGHT, rx=3), id="r"),
        tag(
            "g",
            tag("rect", width=first, height=_HEIGHT, fill=_DARK),
            tag("rect", x=first, width=second, height=_HEIGHT, fill=_COLOURS.get(report.verdict, _GREY)),
            clip_path="url(#r)",
        ),
        tag("g", _words(left, 0, first), _words(right, first, second), **_FONT),
        xmlns="http://www.w3.org/2000/svg",
        width=first + second,
        height=_HEIGHT,
        role="img",
        aria_label=f"{left}: {right}",
    )
    return ET.tostring(badge, encoding="unicode")


_FONT = {"fill": "#fff", "text_anchor": "middle", "font_family": "Verdana,DejaVu Sans,sans-serif", "font_size": "11"}


def _answer(report: Report) -> str:
    """The answer and, where they were measured, the figures."""
    wanted = FIGURES.get(report.command, ())
    told = [_told(one) for one in report.figures if one.name in wanted and one.value not in {None, "none"}]
    return ", ".join([ANSWERS.get(report.verdict, report.verdict.value), *told])


def _told(one: Figure) -> str:
    """Whole percents, cut off: 99.9 % are not 100 %."""
    if one.unit == "%" and isinstance(one.value, float) and math.isfinite(one.value):
        return f"{math.floor(one.value)} % {label(one)}"
    if isinstance(one.value, str):
        return f"{one_line(one.name)} {one_line(one.value)}"
    return f"{figure(one)} {label(one)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _width(text: str) -> int:
    """Return about how wide 11 px of Verdana are; the viewer stretches the words to exactly that."""
    return round(sum(9.8 if one in _WIDE else 3.8 if one in _THIN else 6.7 for one in text))


def _words(text: str, left: int, width: int) -> ET.Element:
    return tag("text", text, x=f"{left + width / 2:g}", y=14, textLength=width - 2 * _PAD)
