"""CF: what releases promise: configurations that stay as they are, schemas that go on taking what they took."""

from __future__ import annotations

from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, unknown
from agentctl.checklist.checks.configuration import configurations, ungoverned
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import Ships
from agentctl.results import Location, Report, Severity, Verdict

_SCOPE = "agent configurations, and the newest release tag"
_CHANGE = "change-"
_STAYS = frozenset({"change-released", "change-removed", "change-version"})


def cf03(facts: Facts, _ships: Ships) -> Answer:
    """Are released configurations left unchanged, so that a change makes a new version?

    Why: guide 3 "Configuration Immutability", "Versioning Strategy".
    Counts: what ``agentctl validate --against`` says of every agent configuration since the newest release tag.
    Does not count: ``enabled``, ``feature_flags``, ``rollout`` and ``notes``, which may change in a release.
    Closed: over the agent configurations; n/a without any file that configures agents, or without a release tag
    (a shallow clone has none, which is unknown).
    Mend: take the change back, or make it in a new version.
    """
    return _answer(facts, stays=True, held="left as they were released",
                   broken="changed without a new version", hint="take it back, or raise the version")  # fmt: skip


def cf04(facts: Facts, _ships: Ships) -> Answer:
    """Is every schema change since the release backward compatible, or a major version?

    Why: guide 3 "Schema Evolution".
    Counts: what ``agentctl validate --against`` says of fields that were removed, renamed, narrowed or made required
    since the newest release tag, without a major version and an id of its own.
    Does not count: new optional fields.
    Closed: over the agent configurations; n/a without any file that configures agents, or without a release tag
    (a shallow clone has none, which is unknown).
    Mend: keep the old field beside the new one, or make a new major version with a new id.
    """
    return _answer(facts, stays=False, held="compatible with what was released",
                   broken="would break consumers", hint="keep what was, or make a new major version")  # fmt: skip


def _answer(facts: Facts, *, stays: bool, held: str, broken: str, hint: str) -> Answer:
    found = [Location(path=path) for path, _body in configurations(facts)]
    if not found:
        return ungoverned(facts) or not_applicable("there is no agent configuration (a document with agent_id)")
    since = _since(facts)
    if since is None:
        return not_applicable("there is no release tag (v*) to compare the configurations with", found)
    if since.verdict is Verdict.INVALID:
        named = " " not in (since.subject or " ")
        hint = f"run: agentctl validate --against {since.subject}" if named else "fetch the history and its tags"
        return unknown(f"they cannot be compared with {since.subject}: {since.summary}", hint, found, scope=_SCOPE)
    errors = [one for one in since.results if one.severity is Severity.ERROR and one.verdict is Verdict.FAIL]
    changes = [one for one in errors if one.id.startswith(_CHANGE)]
    wrong = [one for one in changes if (one.id in _STAYS) is stays]
    if wrong:
        words = f"{counted(wrong, 'configuration change')} since {since.subject} {broken}: {wrong[0].message}"
        spots = [place for one in wrong for place in one.evidence[:1]]
        return failed(words, f"{hint}: agentctl validate --against {since.subject}", spots, scope=_SCOPE)
    names = tuple(place.path for place in found)
    if any(place.path.endswith(names) for one in errors if one not in changes for place in one.evidence[:1]):
        return unknown("they are not valid, so that their changes cannot be told", "run: agentctl validate", found,
                       scope=_SCOPE)  # fmt: skip
    return passed(f"{counted(found, 'configuration')} {held} with {since.subject}", found, scope=_SCOPE)


def _since(facts: Facts) -> Report | None:
    """Return what changed since the newest release tag, which is a part of what validate says."""
    return next(iter(facts.validation.projects), None) if facts.validation else None
