"""What is read first: the answer, the headline figures, and what to do next with its commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from xml.etree import ElementTree as ET

from agentctl.reporters._alerts import open_findings
from agentctl.reporters._page.elements import Child, bar, tag
from agentctl.reporters._page.verdicts import badge, shares, tone
from agentctl.reporters._values import figure, label, one_line
from agentctl.results import Figure, Finding, Report, Verdict

ANSWERS = {Verdict.PASS: "pass", Verdict.FAIL: "fail", Verdict.INVALID: "no answer"}
HEADLINES = {
    "validate": ("errors", "warnings"),
    "test": ("passed", "failed", "coverage"),
    "loadtest": ("success_rate", "rate", "p95"),
    "checklist": ("verified", "decided", "tier"),
}
_STEPS = 7
_ENOUGH = 3
_PROGRAMS = "agentctl|make|cd|git|pip|pipx|python3?|uv|ruff|docker|kubectl|mkdir"
_COMMAND = re.compile(rf"(?:^|: |\()((?:{_PROGRAMS}) [^()]*?)\)?$")
_FULL = 100.0


def hero(report: Report, found: Sequence[Finding]) -> ET.Element:
    """Return the head of the page: what was asked, the answer in a word and in a sentence, and its main figures."""
    asked = f"agentctl {one_line(report.command)}".strip()
    subject = one_line(report.subject)
    title = tag("h1", tag("span", asked, class_="asked"), f" {subject}" if subject else None)
    return tag(
        "header",
        tag("div", badge(report.verdict, ANSWERS.get(report.verdict)), title, class_="answer"),
        tag("p", one_line(report.summary), class_="summary") if report.summary.strip() else None,
        figures(report, headline(report)),
        shares(found) if len(found) > 1 else None,
        class_=f"hero {tone(report.verdict)}",
    )


def headline(report: Report) -> list[Figure]:
    """Return the figures that tell the state of a command in a glance."""
    by_name = {one.name: one for one in report.figures}
    names = HEADLINES.get(report.command, tuple(by_name)[:2])
    return [by_name[name] for name in names if name in by_name and by_name[name].value is not None]


def cards(found: Iterable[tuple[Report, str]]) -> ET.Element:
    """Return a card for each part of a merged report, which leads to it."""
    return tag("ul", [tag("li", _card(part, anchor)) for part, anchor in found], class_="cards", aria_label="Parts")


def _card(part: Report, anchor: str) -> ET.Element:
    shown = [tag("span", tag("b", figure(one)), f" {label(one)}", class_="fact") for one in headline(part)]
    return tag(
        "a",
        tag("span", badge(part.verdict, ANSWERS.get(part.verdict)), " ", tag("b", name(part)), class_="name"),
        tag("span", one_line(part.summary), class_="summary"),
        tag("span", shown, class_="facts") if shown else None,
        href=f"#{anchor}",
        class_=tone(part.verdict),
    )


def name(part: Report) -> str:
    """Return what a part is called."""
    return " ".join(filter(None, (one_line(part.command), one_line(part.subject)))) or "part"


def figures(report: Report, chosen: Sequence[Figure]) -> ET.Element | None:
    """Return figures; a finding that is named like a figure is the gate that it had to pass."""
    gates = {finding.id.removeprefix("gate:"): finding for finding in report.results}
    shown = [_figure(one, gates.get(one.name) or gates.get(one.name.removesuffix("_rate"))) for one in chosen]
    return tag("dl", shown, class_="figures") if shown else None


def others(report: Report) -> list[Figure]:
    """Return the figures that are not among the headlines."""
    told = headline(report)
    return [one for one in report.figures if one not in told]


def _figure(one: Figure, gate: Finding | None) -> ET.Element:
    share = _share(one)
    return tag(
        "div",
        tag("dt", label(one) or "figure"),
        tag("dd", figure(one), class_="value"),
        None if share is None else tag("dd", bar([("share", share)], _FULL, f"{figure(one)} of 100 %"), class_="share"),
        tag("dd", badge(gate.verdict), " ", one_line(gate.message), class_="gate") if gate else None,
    )


def _share(one: Figure) -> float | None:
    if one.unit != "%" or isinstance(one.value, str) or one.value is None or one.name.endswith("_change"):
        return None
    return float(one.value) if 0 <= one.value <= _FULL else None


def next_steps(report: Report, anchors: Mapping[str, str]) -> ET.Element | None:
    """Return what to do, best first: what the report advises, else the mends of what is worst."""
    steps = list(islice(_steps(report), _STEPS))
    if not steps:
        return None
    items = [tag("li", _step(step, anchors, part)) for part, step in steps]
    head = tag("h2", "Do this next", id="next-steps")
    return tag("section", head, tag("ol", items, class_="steps"), class_="next", aria_labelledby="next-steps")


def _steps(report: Report) -> Iterator[tuple[str, str]]:
    """Yield a part's name, where there are several, and a step; parts that say no come first.

    "Go on with the checklist" is no advice in a report that holds it.
    """
    if not report.projects:
        yield from (("", step) for step in _advice(report))
        return
    yield from (("", step) for step in report.next_steps)
    told = {report.command} if report.next_steps else set()  # the whole of a monorepo has advised for its projects
    merged = sorted((part for part in report.projects if part.command not in told), key=_passed)
    done = {f"agentctl {part.command}" for part in merged}
    yield from ((part.command, step) for part in merged for step in _advice(part) if step not in done)


def _passed(part: Report) -> bool:
    return part.verdict is Verdict.PASS


def _advice(report: Report) -> Iterator[str]:
    """Yield what a report advises; where that is little, the mends of what is worst as well."""
    yield from report.next_steps
    if report.verdict is Verdict.PASS or len(report.next_steps) >= _ENOUGH:
        return
    mends = (finding for finding in open_findings(report) if finding.hint and finding.hint not in report.next_steps)
    for finding in islice(mends, _ENOUGH - len(report.next_steps)):
        yield f"{finding.id}: {finding.hint}" + (f" ({finding.location})" if finding.location else "")


def _step(step: str, anchors: Mapping[str, str], part: str) -> Iterator[Child]:
    text = one_line(step)
    found = _COMMAND.search(text)
    words = text[: found.start()].rstrip(" :(") if found else text
    yield tag("span", _linked(words, anchors), class_="words") if words else None
    if found:
        yield tag(
            "span",
            tag("code", found[1].strip()),
            tag("button", "Copy", type="button", class_="copy", hidden=True),
            class_="command",
        )
    if part:
        yield tag("small", one_line(part), class_="from")


def _linked(words: str, anchors: Mapping[str, str]) -> Sequence[Child]:
    first, _, rest = words.partition(" ")
    anchor = anchors.get(first.rstrip(":"))
    return (tag("a", first, href=f"#{anchor}"), f" {rest}") if anchor else (words,)
