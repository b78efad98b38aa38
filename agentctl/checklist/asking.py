"""Ask the items of a tree: facts, checks, answers, each behind a barrier of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentctl.checklist import absence, checks, frameworks, known, patience, ships
from agentctl.checklist.answer import Answer, counted, named, unknown
from agentctl.checklist.facts import index
from agentctl.checklist.facts.parsing import without_collecting
from agentctl.checklist.items import ITEMS, Item
from agentctl.checklist.tree import Tree
from agentctl.results import Confidence, Finding, Report, Severity, Verdict

LIMIT = 60.0  # seconds for one check
ALL_TOGETHER = 300.0  # seconds for all of them
# What is answered from files beside the code, in whatever language that is.
_BESIDE = {"SE02", "SE04", "SE05", "SE09", "SE11", "DP03", "DP04", "DP05", "DP07", "DV01", "DV04", "DV05", "DV06"}
_OF_CONFIGURATIONS = {"CF01", "CF02", "CF03", "CF04"}
_OPEN = {Verdict.UNKNOWN, Verdict.MANUAL}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of one tree.

    Attributes:
        root: Where it lies; what is known of it is kept under this name.
        wanted: Ids of items.
        settings: What the checks read: bounds, and what is left out.
        validation: What ``agentctl validate`` says of the same tree, with the changes since its release as a part.
        recorded: The records of runs, and what the tree is now.
    """

    root: Path
    tree: Tree
    wanted: Sequence[str]
    settings: Mapping[str, Any]
    validation: Report | None
    recorded: index.Recorded


def ask(question: Question) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return a finding for each item, and what a person should know about how they were found."""
    one = question
    asked = known.key(one.tree, one.wanted, one.settings, one.validation, one.recorded)
    answers = known.read(one.tree, one.root, asked)
    if answers is None:
        with without_collecting():
            answers = _found(one)
        known.write(one.tree, one.root, asked, answers)
    return answers


def _found(one: Question) -> known.Answers:
    """Gather the facts and ask; they are gone when this returns, so that the collector does not go through them."""
    facts = index.gather(
        one.tree,
        settings=one.settings,
        validation=one.validation,
        recorded=one.recorded,
        meanwhile=checks.all_checks,
    )
    return _answers(facts, one.wanted)


def severity(verdict: Verdict) -> Severity:
    """Return how much a verdict weighs."""
    if verdict in {Verdict.FAIL, Verdict.ERROR}:
        return Severity.ERROR
    return Severity.WARNING if verdict is Verdict.WARN else Severity.ADVICE


def plain(message: str) -> str:
    """Return a message without control characters, which a hostile file name could carry."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", message)


def _answers(facts: index.Facts, wanted: Sequence[str]) -> known.Answers:
    what = ships.decide(facts)
    end = time.monotonic() + ALL_TOGETHER
    results = tuple(_asked(ITEMS[id_], facts, what, min(LIMIT, end - time.monotonic())) for id_ in wanted)
    return results, (what.sentence, *_built_with(facts), *_coverage(results), *_reading(facts))


def _asked(item: Item, facts: index.Facts, what: ships.Ships, seconds: float) -> Finding:
    found = checks.all_checks().get(item.id)
    try:
        with patience.at_most(seconds):
            answer = _as_far_as_read(item, found(facts, what), facts, what) if found else _manual(item.id)
    except patience.TookTooLongError:
        answer = _error("the check took too long and was stopped", "leave out what it reads: --only, or exclude")
    except Exception as error:  # noqa: BLE001 - a crash in one check is that check's error and nothing else's
        answer = _error(f"the check itself failed: {type(error).__name__}: {error}", "report this bug")
    return Finding(
        id=item.id,
        title=item.title,
        verdict=answer.verdict,
        severity=severity(answer.verdict),
        message=plain(answer.message),
        hint=answer.hint,
        evidence=answer.evidence,
        scope=facts.scope if answer.scope is None else answer.scope or None,
        confidence=answer.confidence,
        group=item.family,
    )


_SUBMODULE = re.compile(r"^[ \t]*path[ \t]*=[ \t]*(\S.*)$", re.MULTILINE)
_READ_ALL = "let all of it be read: mend what does not parse, and exclude nothing that ships"


def _as_far_as_read(item: Item, answer: Answer, facts: index.Facts, what: ships.Ships) -> Answer:
    """Return an answer as far as it holds where some or most of the code was not read."""
    if answer.verdict is Verdict.NOT_APPLICABLE and item.id not in _OF_CONFIGURATIONS:
        hidden = absence.hidden(facts)
        if hidden:
            return unknown(f"{hidden}; of the rest: {answer.message}", _READ_ALL, answer.evidence)
    if what.kind != ships.FOREIGN or item.id in _BESIDE or answer.verdict in _OPEN:
        return answer
    if item.family == "Operations" or item.id in _OF_CONFIGURATIONS:
        return answer
    words = f"most of the code is {what.unread}, which is not read; of the rest: {answer.message}"
    return unknown(words, "let a person look, and attest what holds", answer.evidence)


def _error(message: str, hint: str) -> Answer:
    return Answer(verdict=Verdict.ERROR, message=message, hint=hint, confidence=Confidence.LOW)


def _manual(id_: str) -> Answer:
    hint = f"let a person look, and keep who did: agentctl checklist --attest {id_} --who … --link … --until …"
    return Answer(verdict=Verdict.MANUAL, message="a person has to answer this", hint=hint, scope="")


def _coverage(results: tuple[Finding, ...]) -> tuple[str, ...]:
    """Return how many items are shown, and who answers them."""
    person = sum(result.id not in checks.all_checks() for result in results)
    shown = f"{counted(results, 'item')} of {len(ITEMS)} shown"
    rest = f", {person} for a person to answer" if person else ""
    return (f"{shown}: {len(results) - person} looked up{rest} (agentctl checklist --list).",)


def _built_with(facts: index.Facts) -> tuple[str, ...]:
    """Return the agent libraries that the shipped code imports."""
    used = [name for name in frameworks.AGENTS if facts.imported(name)]
    return (f"Its agents are built with {', '.join(used)}.",) if used else ()


def _submodules(facts: index.Facts) -> list[str]:
    """Return the folders of git submodules, of which git's list of the tree holds no file."""
    _, text = facts.text(".gitmodules") or ("", "")
    folders = [path.strip().strip("/") for path in _SUBMODULE.findall(text)]
    return [plain(one) for one in folders if not any(path.startswith(f"{one}/") for path in facts.tree.paths)]


def _reading(facts: index.Facts) -> tuple[str, ...]:
    notes = []
    if facts.broken:
        shown = named([f"{plain(path)} ({why})" for path, why in sorted(facts.broken.items())])
        notes.append(f"{counted(facts.broken, 'Python file')} not looked at: {shown}.")
    modules = _submodules(facts)
    if modules:
        notes.append(f"{counted(modules, 'git submodule')} not looked at: {named(modules)}.")
    for pattern, (number, shipped) in facts.tree.left_out.items():
        code = f", {shipped} of them Python that it would ship" if shipped else ""
        notes.append(
            f"The tree's own settings leave out {plain(pattern)}: {counted(number, 'file')}{code} "
            "([tool.agentctl.checklist] exclude; --policy judges without them)."
        )
    return tuple(notes)
