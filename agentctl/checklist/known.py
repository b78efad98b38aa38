"""Answers that were given before on the very same content, so that asking again costs reading the tree and no more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentctl.checklist.cache import Store
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.facts.parsing import CACHED
from agentctl.checklist.tree import Tree
from agentctl.results import Confidence, Finding, Location, Report, Severity, Verdict

Answers = tuple[tuple[Finding, ...], tuple[str, ...]]
_KEPT = 8


def key(
    tree: Tree, wanted: Sequence[str], settings: Mapping[str, object], validation: Report | None, recorded: Recorded
) -> str:
    """Return a digest of all that the answers follow from."""
    whole = [
        sorted(tree.digests.items()), sorted(tree.unread.items()), tree.paths, sorted(tree.left_out.items()),
        list(wanted), sorted(settings.items()), validation, sorted(recorded.runs.items()), recorded.content,
        recorded.tracked,
    ]  # fmt: skip
    return hashlib.sha256(repr(whole).encode("utf-8", "surrogatepass")).hexdigest()


def read(tree: Tree, root: Path, asked: str) -> Answers | None:
    """Return the answers to what was asked before, None when it was not or the tree is too small to keep any."""
    found = Store("answers", root).read().get(asked) if _is_large(tree) else None
    if found is None:
        return None
    try:
        results, notes = json.loads(found)
        return tuple(_finding(values) for values in results), tuple(notes)
    except (ValueError, TypeError, KeyError):
        return None


def write(tree: Tree, root: Path, asked: str, answers: Answers) -> None:
    """Keep the answers, and the few newest beside them."""
    if not _is_large(tree):
        return
    results, notes = answers
    if any(result.verdict is Verdict.ERROR for result in results):
        return
    store = Store("answers", root)
    kept = list(store.read().items())[-_KEPT + 1 :]
    data = json.dumps([results, notes], default=vars).encode()
    store.write([*kept, (asked, data)])


def _is_large(tree: Tree) -> bool:
    return sum(path.endswith(".py") for path in tree.texts) >= CACHED


def _finding(values: dict[str, Any]) -> Finding:
    places = tuple(Location(**place) for place in values.pop("evidence"))
    kinds = {"verdict": Verdict, "severity": Severity, "confidence": Confidence}
    typed: dict[str, Any] = {name: kinds[name](value) if name in kinds else value for name, value in values.items()}
    return Finding(**typed, evidence=places)
