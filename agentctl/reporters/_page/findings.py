"""The findings: a row for each, with its proof and its mend behind it, under the sections that they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree as ET

from agentctl.reporters._alerts import OPEN, severity
from agentctl.reporters._page import verdicts
from agentctl.reporters._page.elements import Child, Ids, tag
from agentctl.reporters._values import by_group, one_line, quantity
from agentctl.results import Confidence, Finding, Location, Severity, Verdict

_MOST_SECTIONS = 40
_FEW = 20  # frames that stand open from the start
_MANY = 300  # rows that are laid out only when they come into sight


def listed(found: Sequence[Finding], ids: Ids, heading: str) -> Iterator[ET.Element]:
    """Yield the overview by section, where it says more than the list, and the list itself."""
    groups = [(name, ids.make(name or "findings"), part) for name, part in _groups(found).items()]
    if 1 < len(groups) <= _MOST_SECTIONS and any(finding.verdict is Verdict.PASS for finding in found):
        shares = [tag("li", _share(name, anchor, part)) for name, anchor, part in groups]
        yield tag("ul", shares, class_="overview", aria_label="By section")
    unfold = sum(bool(finding.frame) for finding in found) <= _FEW
    rows = [_group(name, anchor, part, ids, heading, unfold=unfold) for name, anchor, part in groups]
    more = tag("button", "Show more", type="button", class_="more-rows", hidden=True)
    yield tag("div", rows, more, class_="list many" if len(found) > _MANY else "list")


def _groups(found: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings by section; one that is a section of its own goes to those without any."""
    groups: dict[str, list[Finding]] = {}
    for name, part in by_group(found).items():
        alone = len(part) == 1 and part[0].id == name
        groups.setdefault("" if alone else name, []).extend(part)
    return groups


def _share(name: str, anchor: str, found: Sequence[Finding]) -> ET.Element:
    passed = sum(finding.verdict is Verdict.PASS for finding in found)
    return tag(
        "a",
        tag("span", one_line(name) or "Results", class_="name"),
        tag("span", f"{passed} of {len(found)}", class_="count"),
        verdicts.shares(found),
        href=f"#{anchor}",
    )


def _group(name: str, anchor: str, found: Sequence[Finding], ids: Ids, heading: str, *, unfold: bool) -> ET.Element:
    title = tag("span", one_line(name) or "Results", class_="name")
    head = tag(heading, title, " ", tag("small", verdicts.words(found)), id=anchor)
    rows = [_row(finding, ids, unfold=unfold) for finding in found]
    return tag("section", head, tag("ol", rows, class_="findings"), class_="group", aria_labelledby=anchor)


def _row(finding: Finding, ids: Ids, *, unfold: bool) -> ET.Element:
    weight = severity(finding).value if finding.verdict in OPEN else None
    return tag(
        "li",
        _folded(finding, unfold=unfold),
        id=ids.make(finding.id),
        data_verdict=finding.verdict.value,
        data_severity=weight,
    )


def _folded(finding: Finding, *, unfold: bool) -> ET.Element:
    more = list(_more(finding))
    if not more:
        return tag("div", _head(finding), class_="plain")
    summary = tag("summary", _head(finding))
    return tag("details", summary, tag("div", more, class_="more"), open=unfold and bool(finding.frame))


def _head(finding: Finding) -> Iterator[Child]:
    yield verdicts.badge(finding.verdict, _word(finding))
    yield tag("span", one_line(finding.id), class_="id")
    yield tag("span", _what(finding), class_="what")
    if finding.location:
        yield tag("span", one_line(str(finding.location)), class_="place")
    if finding.duration:
        yield tag("span", quantity(finding.duration, "s"), class_="place")


def _word(finding: Finding) -> str:
    """The verdict, and how much it weighs where that is not what the verdict says already."""
    weight = severity(finding)
    usual = {Verdict.FAIL: Severity.ERROR, Verdict.WARN: Severity.WARNING}.get(finding.verdict, weight)
    return finding.verdict.value if weight is usual else f"{finding.verdict}, {weight}"


def _what(finding: Finding) -> Iterator[Child]:
    title, message = one_line(finding.title), one_line(finding.message)
    if title and title != message:
        yield tag("b", title)
        yield " "
    yield tag("span", message or title or "(no words)")


def _more(finding: Finding) -> Iterator[ET.Element]:
    if finding.frame:
        yield tag("pre", finding.frame, class_="frame", tabindex="0", aria_label="Source")
    if finding.hint:
        yield tag("p", tag("b", "What to do: "), one_line(finding.hint), class_="hint")
    if len(finding.evidence) > 1 or any(place.symbol or place.pointer for place in finding.evidence):
        yield tag(
            "ul", [tag("li", _place(place)) for place in finding.evidence], class_="places", aria_label="Evidence"
        )
    facts = list(_facts(finding))
    if facts:
        yield tag("p", "; ".join(facts), class_="facts")


def _place(place: Location) -> Iterator[Child]:
    yield tag("code", one_line(str(place)))
    for words in (place.symbol, place.pointer):
        if words:
            yield " "
            yield tag("code", one_line(words), class_="symbol")


def _facts(finding: Finding) -> Iterator[str]:
    if finding.scope:
        yield f"Looked at: {one_line(finding.scope)}"
    if finding.confidence is not Confidence.HIGH:
        yield f"Confidence: {finding.confidence}"


def toolbar(found: Sequence[Finding]) -> ET.Element:
    """Return search and filters; the script shows them, because without it they would do nothing."""
    weights = Counter(severity(finding).value for finding in found if finding.verdict in OPEN)
    words = "words, an id, a file …"
    search = tag("input", type="search", id="q", autocomplete="off", spellcheck="false", placeholder=words)
    return tag(
        "form",
        tag("label", tag("span", "Search"), search),
        _choice("severity", "Severity", [(name, f"{name} ({count})") for name, count in weights.items()]),
        _choice("section", "Section", ()),
        tag("button", "Clear", type="reset"),
        tag("button", "Open all", type="button", id="unfold"),
        tag(
            "div", [_chip(*pair) for pair in verdicts.counts(found)], class_="chips", role="group", aria_label="Verdict"
        ),
        tag("output", id="shown", role="status"),
        id="filters",
        class_="filters",
        role="search",
        aria_label="Filter the findings",
        hidden=True,
    )


def _chip(verdict: Verdict, count: int) -> ET.Element:
    return tag(
        "button",
        f"{verdicts.MARKS[verdict]} {verdict} ",
        tag("b", str(count)),
        type="button",
        class_=f"chip {verdicts.tone(verdict)}",
        data_verdict=verdict.value,
        aria_pressed="false",
    )


def _choice(name: str, label: str, options: Iterable[tuple[str, str]]) -> ET.Element:
    offered = [tag("option", words, value=value) for value, words in (("", "all"), *options)]
    return tag("label", tag("span", label), tag("select", offered, id=name))
