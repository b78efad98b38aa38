"""Compare agents with what they were, and tell of those that are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from agentctl.documents import secrets
from agentctl.documents.frame import harmless
from agentctl.documents.words import shown
from agentctl.errors import UsageError
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.validation import catalogue, checking, discovery
from agentctl.validation.changes.asked import Asked, Compared, broken, times
from agentctl.validation.changes.baseline import Baseline, Old
from agentctl.validation.changes.model import BREAKING, CHANGE, REMOVAL, Change, line_of
from agentctl.validation.changes.revision import Revision
from agentctl.validation.checking import Checked, Part
from agentctl.validation.rules import Break


def compare(checked: Sequence[Checked], before: Baseline, asked: Asked) -> Compared:
    """Compare each agent with what it was.

    Raises:
        UsageError: A file was named, and it holds no other version of any of them.
    """
    count = sum(_is_agent(part) for one in checked for part in one.parts)
    notes = list(before.notes)
    compared: list[Checked] = []
    new = 0
    for one in checked:
        parts = []
        for part in one.parts:
            old = before.of(part.value, one.candidate.path, alone=count == 1) if _is_agent(part) else None
            new += _is_agent(part) and old is None
            parts.append(_compared(part, old, one.candidate.name, asked, notes) if old else part)
        compared.append(one._replace(parts=tuple(parts)))
    if count and new == count and before.revision is None:
        hint = "name the configuration that it is another version of: agentctl validate NEW --against OLD"
        raise UsageError(f"--against {before.told}: no configuration is another version of it", hint=hint)
    if new:
        notes.append(f"{new} of {times(count, 'agent')} had no earlier version in {before.told}")
    return Compared(checked=compared, findings=list(_gone(checked, before, asked)), notes=notes)


def _is_agent(part: Part) -> bool:
    return part.schema.kind == "agent" and isinstance(part.value, dict)


def _compared(part: Part, old: Old, name: str, asked: Asked, notes: list[str]) -> Part:
    """Return the part with what is wrong with its change; a break that version and id tell of is only noted."""
    change = Change(old=old.value, new=part.value, base=old.base, released=old.released)
    breaks = [found for found in broken(BREAKING, change, asked.disabled) if not _is_blamed(found[1], part)]
    if breaks and change.may_break:
        notes.append(f"{name}: {times(len(breaks), 'breaking change')} since {old.base}, which its version tells")
        breaks = []
    change = replace(change, breaking=tuple(found.pointer for _, found in breaks))
    others = list(broken(CHANGE, change, asked.disabled))
    own = part.problems
    if any(rule.id == "change-id" for rule, _ in others):  # one cause: only the id is missing
        breaks, own = [], tuple(problem for problem in own if problem.pointer != ("agent_id",))
    hidden = secrets.known_in(old.value)
    problems = [checking.problem(rule, _worded(found, change, hidden)) for rule, found in (*breaks, *others)]
    return part._replace(problems=(*own, *problems))


def _is_blamed(found: Break, part: Part) -> bool:
    """Return whether the new value is wrong in itself: then there is nothing to compare."""
    return not found.at_key and any(
        problem.pointer == found.pointer and problem.severity is Severity.ERROR for problem in part.problems
    )


def _worded(found: Break, change: Change, hidden: tuple[str, ...]) -> Break:
    """Return it with a hint, and without the secrets of a version that no reporter has seen."""
    hint = found.hint or _mend(change)
    return replace(found, message=secrets.masked(found.message, hidden), hint=secrets.masked(hint, hidden))


def _mend(change: Change) -> str:
    before, _ = change.versions
    major = before.major + 1 if before else 2
    version = f'version "{major}.0.0"'
    if not change.same_id:
        return f"take it back, or write {version}"
    place = "in a new file" if change.released else "here"
    return f'take it back, or write agent_id "{line_of(change.new)}-v{major}" and {version} {place}'


def _gone(checked: Sequence[Checked], before: Baseline, asked: Asked) -> Iterator[Finding]:
    """Yield the released agents of a revision that are no longer there."""
    here = {str(part.value.get("agent_id")) for one in checked for part in one.parts if _is_agent(part)}
    for old in before.agents if before.revision else ():
        if (
            old.released
            and str(old.id) not in here
            and before.revision
            and _was_asked_for(old, before.revision, checked, asked)
        ):
            for rule, found in broken(REMOVAL, {"base": f"{shown(old.id)} {old.base}"}, asked.disabled):
                yield Finding(
                    id=rule.id,
                    title=catalogue.title(rule.id),
                    verdict=Verdict.FAIL,
                    message=harmless(secrets.masked(found.message)),
                    hint=found.hint,
                    evidence=(Location(path=_path_of(old, before.revision, asked)),),
                )


def _path_of(old: Old, found: Revision, asked: Asked) -> str:
    return harmless(discovery.shown(found.top / old.name, asked.governance.root))


def _was_asked_for(old: Old, found: Revision, checked: Sequence[Checked], asked: Asked) -> bool:
    """Return whether its file was looked at and read, or would have been, were it still there."""
    path = found.top / old.name
    if path.exists():
        return any(one.parts for one in checked if found.within(one.candidate.path) == old.name)
    folders = [Path(one).resolve() for one in asked.paths] or [asked.governance.root.resolve()]
    return any(path.is_relative_to(folder) for folder in folders)
