"""Elements of HTML and SVG; whatever goes in as text comes out as exactly that text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias
from xml.etree import ElementTree as ET

from agentctl.reporters._values import visible

Child: TypeAlias = "ET.Element | str | Iterable[Child] | None"


# Each begins a line of its own in the file, so that people and diff can read it.
_LINES = frozenset({
    "body", "div", "dl", "figure", "footer", "form", "h1", "h2", "h3", "head", "header", "html", "li", "link", "main",
    "meta", "ol", "p", "path", "section", "svg", "table", "tr", "ul",
})  # fmt: skip


class Ids:
    """Names for anchors: the words that they stand for where that is possible, and never the same one twice.

    Attributes:
        given: The first name that was given for some words.
    """

    def __init__(self, *reserved: str) -> None:
        self._seen = Counter(reserved)
        self.given: dict[str, str] = {}

    def make(self, words: str) -> str:
        """Return a name that is fit for a fragment."""
        name = self._unused(re.sub(r"[^A-Za-z0-9_-]+", "-", words).strip("-")[:60] or "part")
        self.given.setdefault(words, name)
        return name

    def _unused(self, name: str) -> str:
        self._seen[name] += 1
        return name if self._seen[name] == 1 else self._unused(f"{name}-{self._seen[name]}")


def tag(name: str, /, *children: Child, **attributes: str | float | bool | None) -> ET.Element:
    """Return an element; ``class_`` becomes ``class``, ``aria_label`` ``aria-label``; None and False are left out."""
    element = ET.Element(name)
    for key, value in attributes.items():
        if value is not None and value is not False:
            element.set(key.rstrip("_").replace("_", "-"), "" if value is True else visible(str(value)))
    _add(element, children)
    element.tail = "\n" if name in _LINES else None
    return element


def _add(element: ET.Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, ET.Element):
        element.append(child)
    elif isinstance(child, str):
        _add_text(element, visible(child))
    else:
        for one in child:
            _add(element, one)


def _add_text(element: ET.Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def bar(parts: Iterable[tuple[str, float]], total: float, label: str) -> ET.Element:
    """Return shares of a whole as one stacked bar; each part is a class and its amount."""
    drawn, at = [], 0.0
    for name, amount in parts:
        width = 100 * amount / total if total else 0.0
        drawn.append(tag("rect", x=f"{at:.2f}", y="0", width=f"{width:.2f}", height="8", class_=f"fill-{name}"))
        at += width
    return tag(
        "svg", drawn, class_="bar", viewBox="0 0 100 8", preserveAspectRatio="none", role="img", aria_label=label
    )
