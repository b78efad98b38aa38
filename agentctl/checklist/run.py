"""From a folder to the report: files, facts, checks, policy, figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from agentctl import project
from agentctl.checklist import asking, projects, reporting, tree
from agentctl.checklist.asking import Question
from agentctl.checklist.facts import index
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.policy import baseline, done, entries, gates, guides, past, profiles
from agentctl.checklist.policy import reading as policies
from agentctl.checklist.policy.baseline import Prints
from agentctl.checklist.policy.comparing import NOT_COMPARED
from agentctl.checklist.policy.gates import Gate
from agentctl.checklist.policy.model import Policy
from agentctl.checklist.reporting import Comparison, Outcome
from agentctl.checklist.tree import Tree
from agentctl.errors import NoAnswerError, UsageError
from agentctl.results import Finding, Location, Report

FAIL_ON = gates.FAIL_ON
PROFILES = profiles.PROFILES
TIERS = profiles.TIERS
Validate = Callable[[Path], Report | None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is asked for.

    Attributes:
        only: Item ids or families (``TS02``, ``SE``); empty for all of the profile.
        profile: One of ``PROFILES``; None for the policy's, else ``production``.
        tier: One of ``TIERS``: the answer is no unless all of its items, and of those below it, hold.
        fail_on: One of ``FAIL_ON``, the mildest verdict that makes the answer no; None for the tier's gate where one is
            asked for, for ``new`` with a baseline, else for ``fail``.
        report_only: Exit 0 whatever was found, as long as something was decided.
        policy: A file that replaces the tree's policy and settings, or ``none``.
        evidence: Files and folders that runs left.
        baseline: A file with what is known to be wrong; None for the policy's.
        write_baseline: Make the baseline, or take out of it what was mended.
        against: A git revision to compare with.
    """

    only: Sequence[str] = ()
    profile: str | None = None
    tier: str | None = None
    fail_on: str | None = None
    report_only: bool = False
    policy: Path | None = None
    evidence: Sequence[Path] = ()
    baseline: Path | None = None
    write_baseline: bool = False
    against: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What one run judges by, checked before any work starts."""

    root: Path
    options: Options
    policy: Policy
    profile: str
    wanted: Sequence[str]
    gate: Gate
    settings: Mapping[str, object]
    baseline: Path | None
    known: Prints | None
    validate: Validate
    today: date


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
    case = _case(_folder(path), options or Options(), validate or (lambda _folder: None))
    found = tree.read(case.root, _strings(case.settings.get("exclude")))
    if not found.texts:
        raise NoAnswerError(f"{path}: there is no file to look at", hint="name the folder of a project")
    recorded, told = _recorded(case, found)
    raw, notes = asking.ask(_question(case, case.root, found, validation, recorded))
    raw = _settled(case, raw, recorded, found)
    whole = entries.judged(done.strictly(raw, guides.deeds(case.profile), recorded), case.policy, case.today)
    written, case = _write_baseline(case, whole.results, found)
    parts = [_of_part(part, case, found) for part in projects.parts(found)]
    used = whole.used.union(*(part.used for part in parts))
    issues = entries.problems(case.policy, whole.results, used, case.today)
    compared = _compared(case, whole.results, found)
    return reporting.report(
        Outcome(
            name=case.root.name,
            results=(*compared.results, *issues),
            notes=(*notes, *told, *_policy_notes(case, whole.used), *written),
            profile=case.profile,
            policy=case.policy,
            gate=replace(case.gate, new=compared.new),
        ),
        comparison=compared,
        projects=tuple(reporting.report(part.outcome) for part in parts),
    )


def listing(profile: str = "production") -> Report:
    """Return the catalogue: which items there are, and which of them are answered today."""
    return reporting.listing(profiles.chosen(profile, Policy()))


# ---------------------------------------------------------------- what is asked


def _case(root: Path, options: Options, validate: Validate) -> _Case:
    policy = policies.load(root, options.policy)
    profile = profiles.chosen(options.profile, policy)
    named = options.baseline or _baseline_of(policy, root, options.policy)
    if options.write_baseline and named is None:
        raise UsageError("--write-baseline: there is no file to write", hint="add --baseline FILE")
    told = str(options.baseline or policy.baseline)
    known = baseline.read(named, told) if named and (named.exists() or not options.write_baseline) else None
    if options.against is not None:
        past.find(root, options.against)
    by_default = "new" if named is not None and options.tier is None else None
    gate = gates.gate(
        options.fail_on or by_default,
        options.tier,
        report_only=options.report_only,
        compared=named is not None or options.against is not None,
    )
    return _Case(
        root=root,
        options=options,
        policy=policy,
        profile=profile,
        wanted=profiles.wanted(options.only, profile),
        gate=gate,
        settings=profiles.settings(_settings(root, policy), policy, profile),
        baseline=named,
        known=known,
        validate=validate,
        today=datetime.now(UTC).date(),
    )


def _baseline_of(policy: Policy, root: Path, given: Path | None) -> Path | None:
    """Return the baseline that a policy names: beside the policy that was handed over, else inside the tree."""
    if policy.baseline is None:
        return None
    if given is not None:
        return given.parent / policy.baseline
    path = root / policy.baseline
    if not path.resolve().is_relative_to(root):
        raise UsageError(f"{policy.path}: baseline {policy.baseline} lies outside of the tree", hint="--baseline FILE")
    return path


def _question(case: _Case, root: Path, found: Tree, validation: Report | None, recorded: Recorded) -> Question:
    return Question(
        root=root, tree=found, wanted=case.wanted, settings=case.settings, validation=validation, recorded=recorded
    )


def _folder(path: Path) -> Path:
    if not path.exists():
        raise UsageError(f"{path}: no such folder", hint="check the path")
    if not path.is_dir():
        raise UsageError(f"{path}: not a folder", hint=f"agentctl checklist {path.parent}")
    return path.resolve()


def _settings(root: Path, policy: Policy) -> Mapping[str, object]:
    """Return the settings of the tree itself, never those of a folder above it; none where a policy replaces them."""
    if policy.given or not any((root / name).is_file() for name in ("pyproject.toml", "agentctl.toml")):
        return {}
    return project.load(root).section("checklist")


def _strings(value: object) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, (list, tuple)) else ()


def _recorded(case: _Case, found: Tree) -> tuple[Recorded, tuple[str, ...]]:
    """Return the records of the tree with what was handed over, and what came of each file of that."""
    own = index.recorded(case.root)
    if not case.options.evidence:
        return own, ()
    from agentctl.checklist.policy.evidence import reading

    return reading.add(case.options.evidence, case.root, found.texts, own)


def _settled(case: _Case, raw: tuple[Finding, ...], recorded: Recorded, found: Tree) -> tuple[Finding, ...]:
    if not case.options.evidence:
        return raw
    from agentctl.checklist.policy.evidence import benchmarks

    return benchmarks.held(raw, recorded, found.texts)


def _policy_notes(case: _Case, used: Iterable[Location]) -> tuple[str, ...]:
    if case.policy.path is None:
        return ("Judged without a policy and without the settings of the tree.",) if case.policy.given else ()
    entries_ = len(case.policy.waivers) + len(case.policy.attestations)
    return (f"Judged by the policy in {case.policy.path}: entries in use: {len(set(used))} of {entries_}.",)


# ---------------------------------------------------------------- the projects of a monorepo


@dataclass(frozen=True, kw_only=True)
class _Part:
    outcome: Outcome
    used: frozenset[Location]


def _of_part(part: projects.Part, case: _Case, found: Tree) -> _Part:
    """Look at one project; records of the whole tree say nothing of it alone."""
    folder = case.root / part.folder
    own = index.recorded(folder)
    raw, notes = asking.ask(_question(case, folder, part.tree, case.validate(folder), own))
    placed = (part.placed(result) for result in done.strictly(raw, guides.deeds(case.profile), own))
    judged = entries.judged(placed, case.policy, case.today, part.folder)
    outcome = Outcome(
        name=part.folder,
        results=judged.results,
        notes=notes,
        profile=case.profile,
        policy=replace(case.policy, thresholds={}),
        gate=replace(case.gate, new=_new(judged.results, case, found)),
    )
    return _Part(outcome=outcome, used=judged.used)


def _new(results: Sequence[Finding], case: _Case, found: Tree) -> frozenset[str]:
    return frozenset() if case.known is None else baseline.compare(results, case.known, found.texts, "").new


# ---------------------------------------------------------------- what is known, what was


def _compared(case: _Case, results: Sequence[Finding], found: Tree) -> Comparison:
    """Put the findings beside the baseline and the revision; what either knows is not new."""
    before = _before(case) if case.options.against else None
    known, told = case.known, case.baseline.name if case.baseline else ""
    if before is not None:
        known = (known or baseline.Prints()) | before.prints
        told = " and ".join(filter(None, (told, before.name)))
    if known is None:
        return Comparison(results=tuple(results), new=None)
    apart = NOT_COMPARED if case.known is None else frozenset[str]()
    beside = baseline.compare((one for one in results if one.id not in apart), known, found.texts, told)
    marked = {one.id: one for one in beside.results}
    return Comparison(
        results=tuple(marked.get(one.id, one) for one in results),
        new=beside.new,
        gone=sum(beside.gone.values()) if before is None else 0,
        before=before,
    )


def _before(case: _Case) -> reporting.Before:
    """Look at the tree as it was, by today's policy and settings."""
    with past.checked_out(case.root, case.options.against or "HEAD") as then:
        found = tree.read(then.root, _strings(case.settings.get("exclude")))
        none = Recorded({}, None, tracked=False)
        raw: tuple[Finding, ...] = ()
        if found.texts:
            raw, _notes = asking.ask(_question(case, then.root, found, case.validate(then.root), none))
        judged = entries.judged(done.strictly(raw, guides.deeds(case.profile), none), case.policy, case.today)
        prints = baseline.prints(judged.results, found.texts)
    return reporting.Before(name=then.name, when=then.when, results=judged.results, prints=prints)


def _write_baseline(case: _Case, results: Sequence[Finding], found: Tree) -> tuple[tuple[str, ...], _Case]:
    """Write the baseline where that was asked for; a new one is what the findings are judged by from then on."""
    if not case.options.write_baseline or case.baseline is None:
        return (), case
    if case.known is None:
        now = baseline.prints(results, found.texts)
        baseline.write(case.baseline, now)
        told = f"Written: {case.baseline}, with {sum(now.values())} that are known from now on."
        return (told,), replace(case, known=now)
    kept = baseline.compare(results, case.known, found.texts, "").kept
    baseline.write(case.baseline, kept)
    told = (
        f"Written: {case.baseline}, with {sum(kept.values())} of {sum(case.known.values())}; it never grows by itself."
    )
    return (told,), case
