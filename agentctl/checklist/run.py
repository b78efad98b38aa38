"""From a folder to the report: files, facts, checks, policy, figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from agentctl.checklist import asking, case, comparison, projects, reporting, tree
from agentctl.checklist.case import Case, Validate
from agentctl.checklist.facts import index
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy import done, entries, gates, guides, profiles
from agentctl.checklist.policy.entries import Judged
from agentctl.checklist.policy.model import Policy
from agentctl.checklist.reporting import Outcome
from agentctl.checklist.tree import Tree
from agentctl.errors import NoAnswerError
from agentctl.results import Location, Report

FAIL_ON = gates.FAIL_ON
PROFILES = profiles.PROFILES
TIERS = profiles.TIERS
Options = case.Options


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What a tree, or one project of it, came to under the policy."""

    name: str
    judged: Judged
    notes: tuple[str, ...]


def check(
    path: Path, options: Options | None = None, *, validation: Report | None = None, validate: Validate | None = None
) -> Report:
    """Ask every item of the profile of the tree at ``path`` and return the report.

    Args:
        path: The folder to look at; nothing is written into it (but a baseline that was asked for), nothing of it run.
        options: What is asked for.
        validation: What ``agentctl validate`` says of the same tree, the changes since its release as a part of it.
        validate: Says the same of another folder: a project in the tree, or the tree as it was.

    Raises:
        UsageError: The path is no folder, its settings or policy are broken, or something that is asked for is unknown.
        NoAnswerError: There is no file to look at.
    """
    asked = case.made(path, options or Options(), validate or (lambda _folder: None))
    found = tree.read(asked.root, asked.exclude)
    if not found.texts:
        raise NoAnswerError(f"{path}: there is no file to look at", hint="name the folder of a project")
    whole = _whole(asked, found, validation)
    parts = [_part(part, asked) for part in projects.parts(found)]
    asked, told = comparison.with_baseline(asked, [one.judged.results for one in (whole, *parts)], found)
    then = comparison.before(asked)
    used = whole.judged.used.union(*(part.judged.used for part in parts))
    issues = entries.problems(asked.policy, whole.judged.results, used, asked.today)
    outcome = _outcome(asked, whole, found, then)
    notes = (
        *outcome.notes,
        *_policy_notes(asked.policy, used),
        *entries.ending(asked.policy, used, asked.today),
        *told,
    )
    of_parts = replace(asked, policy=replace(asked.policy, thresholds={}))  # they are about the whole
    return reporting.report(
        replace(outcome, results=(*outcome.results, *issues), notes=notes),
        before=then,
        projects=tuple(reporting.report(_outcome(of_parts, part, found, None)) for part in parts),
    )


def listing(profile: str = profiles.PRODUCTION) -> Report:
    """Return the catalogue: which items there are, and which of them are answered today."""
    return reporting.listing(profiles.chosen(profile, Policy()))


def _whole(asked: Case, found: Tree, validation: Report | None) -> _Looked:
    """Look at the tree as a whole, with the evidence that was handed over."""
    recorded, told = _recorded(asked, found)
    raw, notes = asking.ask(asked.question(found, recorded, validation))
    if asked.options.evidence:
        from agentctl.checklist.policy.evidence import benchmarks

        raw = benchmarks.held(raw, recorded, found.texts)
    strict = done.strictly(raw, guides.deeds(asked.profile), recorded)
    return _Looked(
        name=asked.root.name, judged=entries.judged(strict, asked.policy, asked.today), notes=(*notes, *told)
    )


def _part(part: projects.Part, asked: Case) -> _Looked:
    """Look at one project of a monorepo; records of the whole tree say nothing of it alone."""
    folder = asked.root / part.folder
    own = index.recorded(folder)
    raw, notes = asking.ask(asked.question(part.tree, own, asked.validate(folder), folder))
    placed = (part.placed(result) for result in done.strictly(raw, guides.deeds(asked.profile), own))
    return _Looked(name=part.folder, judged=entries.judged(placed, asked.policy, asked.today, part.folder), notes=notes)


def _outcome(asked: Case, looked: _Looked, found: Tree, then: comparison.Before | None) -> Outcome:
    beside = comparison.beside(asked, looked.judged.results, found, then)
    return Outcome(
        name=looked.name,
        results=beside.results,
        notes=looked.notes,
        profile=asked.profile,
        policy=asked.policy,
        gate=replace(asked.gate, new=beside.new),
    )


def _recorded(asked: Case, found: Tree) -> tuple[Recorded, tuple[str, ...]]:
    """Return the records of the tree with what was handed over, and what came of each file of that."""
    own = index.recorded(asked.root)
    if not asked.options.evidence:
        return own, ()
    from agentctl.checklist.policy.evidence import reading

    return reading.add(asked.options.evidence, asked.root, found.texts, own)


def _policy_notes(policy: Policy, used: frozenset[Location]) -> tuple[str, ...]:
    if policy.path is None:
        return ("Judged without a policy and without the settings of the tree.",) if policy.given else ()
    all_ = len(policy.waivers) + len(policy.attestations)
    return (f"Judged by the policy in {policy.path}: entries in use: {len(used)} of {all_}.", *_own_measure(policy))


def _own_measure(policy: Policy) -> tuple[str, ...]:
    """Return what a policy measures otherwise than everybody, so that nobody compares its figures unawares."""
    weights = [f"{id_} {value:g} in place of {ITEMS[id_].weight}" for id_, value in policy.weights.items()]
    bounds = [f"{name} {value:g}" for name, value in policy.thresholds.items()]
    told = (("Weights of the policy", weights), ("Bounds of the policy", bounds))
    return tuple(f"{what}: {', '.join(some)}." for what, some in told if some)
