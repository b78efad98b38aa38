"""What ``agentctl explain`` says of a checklist item."""

from __future__ import annotations

import inspect

from agentctl.checklist import checks
from agentctl.checklist.items import ITEMS
from agentctl.results import Section

_MODES = {
    "A": "answered from the repository",
    "E": "answered from a recorded run that is bound to the content it ran on",
    "H": "answered from the repository where there is evidence, else by a person",
    "M": "answered by a person",
}


# What a report says of the policy itself; policy-expired and policy-date are rules of validate as well.
_OF_THE_POLICY = {
    "policy-unused": (
        "Is every entry of the policy of use?",
        "Why: a waiver of what holds by itself hides the day on which it stops to hold.",
        "Counts: an entry whose item was asked, that has not ended, and that changed no verdict.",
        "Mend: remove it.",
    ),
    "threshold-verified": (
        "Is as much verified as the policy asks for?",
        "Counts: verified %, against thresholds.verified in the policy.",
        "Mend: settle what is open, heaviest first.",
    ),
    "threshold-decided": (
        "Is as much decided as the policy asks for?",
        "Counts: decided %, against thresholds.decided in the policy.",
        "Mend: settle what is unknown or waits for a person, heaviest first.",
    ),
}


def ids() -> list[str]:
    """Return the ids of every item of the catalogue, then those of what is said of the policy itself."""
    return [*ITEMS, *_OF_THE_POLICY]


def explain(id: str) -> Section | None:  # noqa: A002 - the word that the command uses
    """Return an item's question, reason, evidence and mend, or None when there is no such item."""
    if id.lower() in _OF_THE_POLICY:
        return Section(title=id.lower(), lines=_OF_THE_POLICY[id.lower()])
    item = ITEMS.get(id.upper())
    if item is None:
        return None
    found = checks.all_checks().get(item.id)
    doc = inspect.getdoc(found) if found else None
    guides = ", ".join(item.guides) or "beyond the guides"
    facts = (f"Family: {item.family}. Tier: {item.tier} (weight {item.weight}). Guides: {guides}.",
             f"Mode {item.mode}: {_MODES[item.mode]}.")  # fmt: skip
    if doc is None:
        return Section(title=f"{item.id} {item.title}", lines=("A person has to answer it.", *facts))
    return Section(title=f"{item.id} {item.title}", lines=(*_paragraphs(doc), *facts))


def _paragraphs(doc: str) -> list[str]:
    """Return the docstring as one string per paragraph or labelled line."""
    found: list[str] = []
    for row in doc.splitlines():
        text = row.strip()
        label = text.split(":")[0]
        if not text:
            continue
        if not found or label in {"Why", "Counts", "Does not count", "Closed", "Mend"}:
            found.append(text)
        else:
            found[-1] = f"{found[-1]} {text}"
    return found
