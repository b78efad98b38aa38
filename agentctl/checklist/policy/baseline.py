"""What is known to be wrong today, so that only what is new stands in the way.

A baseline is a multiset of fingerprints, each over an item, the name around the place and the statement there. It
never grows by itself: what is in it stays visible, and what was mended is taken out when it is written again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy.replacing import replace_text
from agentctl.checklist.policy.snippets import Snippets
from agentctl.documents import limits, reading
from agentctl.documents.model import BadDocumentError
from agentctl.errors import UsageError
from agentctl.results import Finding, Location, Verdict

SCHEMA = "urn:agentctl:schemas:baseline:1"
_WRONG = (Verdict.FAIL, Verdict.WARN)
_ABOUT = "What agentctl checklist found wrong when this was written; see docs/checklist.md. Made by --write-baseline."


@dataclass(frozen=True, order=True)
class Print:
    """A fingerprint; ``name`` tells a person what it is about and ``hash`` holds all of it."""

    id: str
    verdict: str
    name: str
    hash: str


Prints = Counter[Print]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Findings beside a baseline.

    Attributes:
        results: The same findings; the message says what of them is known, and new places come first.
        new: Ids of items with something that the baseline has not.
        kept: Prints of the baseline that are still there.
    """

    results: tuple[Finding, ...]
    new: frozenset[str]
    kept: Prints


def prints(results: Iterable[Finding], texts: Mapping[str, str]) -> Prints:
    """Return the fingerprints of what fails or warns."""
    snippets = Snippets(texts)
    return Counter(one for result in results if _counts(result) for one, _place in _of(result, snippets))


def compare(results: Iterable[Finding], known: Prints, texts: Mapping[str, str], told: str) -> Compared:
    """Mark what a baseline knows; ``told`` is how messages call it."""
    left, snippets = Counter(known), Snippets(texts)
    marked, new = [], set()
    for result in results:
        if _counts(result):
            fresh = [place for one, place in _of(result, snippets) if not _taken(one, left)]
            new |= {result.id} if fresh else set()
            result = _marked(result, [place for place in fresh if place is not None], told, known=not fresh)  # noqa: PLW2901
        marked.append(result)
    return Compared(results=tuple(marked), new=frozenset(new), kept=known - left)


def read(path: Path, told: str) -> Prints:
    """Return a baseline file.

    Raises:
        UsageError: It is not there, or is none.
    """
    try:
        values = json.loads(reading.read_file(path))
        if values["schema"] != SCHEMA:
            raise UsageError(f"{told}: is no baseline ({SCHEMA})", hint=_write_it(told))
        return Counter(dict(_row(row) for row in values["known"][: limits.MAX_VALUES]))
    except BadDocumentError as error:
        raise UsageError(f"{told}: {error.problem.message}", hint=_write_it(told)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"{told}: is no baseline: {type(error).__name__}", hint=_write_it(told)) from error


def write(path: Path, known: Prints) -> None:
    """Write a baseline whole or not at all, sorted, so that a review shows what came and went.

    Raises:
        UsageError: It cannot be written.
    """
    rows = [
        {"id": one.id, "verdict": one.verdict, "name": one.name, "hash": one.hash, "count": count}
        for one, count in sorted(known.items())
    ]
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    body = f" [\n{lines}\n ]" if rows else " []"
    text = f'{{\n "schema": {json.dumps(SCHEMA)},\n "about": {json.dumps(_ABOUT)},\n "known":{body}\n}}\n'
    replace_text(path, text)


def _counts(result: Finding) -> bool:
    return result.verdict in _WRONG and result.id in ITEMS


def _of(result: Finding, snippets: Snippets) -> list[tuple[Print, Location | None]]:
    if not result.evidence:
        return [(_print(result, "", ""), None)]
    return [(_print(result, *snippets.at(place)), place) for place in result.evidence]


def _print(result: Finding, name: str, snippet: str) -> Print:
    text = f"{result.id}\0{name}\0{snippet}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    return Print(result.id, result.verdict.value, name, digest)


def _taken(one: Print, left: Prints) -> bool:
    """Take a print out of those that are left; a failure that is known also covers a warning at that place."""
    for verdict in (one.verdict, Verdict.FAIL.value):
        known = replace(one, verdict=verdict)
        if left[known] > 0:
            left[known] -= 1
            return True
    return False


def _marked(result: Finding, fresh: list[Location], told: str, *, known: bool) -> Finding:
    if known:
        return replace(result, message=f"{result.message} (known: in {told})")
    if not fresh or len(fresh) == len(result.evidence):
        return replace(result, message=f"{result.message} (new since {told})")
    old = tuple(place for place in result.evidence if place not in fresh)
    words = f"{result.message} ({len(fresh)} of {len(result.evidence)} places new since {told})"
    return replace(result, evidence=(*fresh, *old), message=words)


def _row(row: Mapping[str, Any]) -> tuple[Print, int]:
    one = Print(*(str(row[name]) for name in ("id", "verdict", "name", "hash")))
    return one, int(row["count"])


def _write_it(told: str) -> str:
    return f"make it: agentctl checklist --baseline {told} --write-baseline"
