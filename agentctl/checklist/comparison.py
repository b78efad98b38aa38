"""What is known to be wrong, what was, and what is new: findings beside a baseline and a revision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentctl.checklist import asking, tree
from agentctl.checklist.case import Case
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.policy import baseline, entries, guides, past, writing
from agentctl.checklist.policy.baseline import Prints
from agentctl.checklist.policy.trend import NOT_COMPARED
from agentctl.checklist.tree import Tree
from agentctl.project import STATE_FOLDER
from agentctl.results import Finding


@dataclass(frozen=True, kw_only=True)
class Before:
    """The tree as it was.

    Attributes:
        name: As it was asked for.
        when: The time of its commit, in seconds.
        results: What can be compared of its findings under today's policy.
        prints: Their fingerprints.
    """

    name: str
    when: int
    results: tuple[Finding, ...]
    prints: Prints


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Findings beside what is known.

    Attributes:
        results: The same findings; messages say what of them is known.
        new: Items with something that is not known; None where nothing tells.
    """

    results: tuple[Finding, ...]
    new: frozenset[str] | None = None


def before(case: Case) -> Before | None:
    """Look at the tree as it was, by today's policy and settings; None where nobody asked."""
    if case.options.against is None:
        return None
    with past.checked_out(case.root, case.options.against) as then:
        found = tree.read(then.root, case.exclude)
        none = Recorded({}, None, tracked=False)
        asked = case.question(found, none, case.validate(then.root), then.root)
        raw = asking.ask(asked)[0] if found.texts else ()
        comparable = (one for one in raw if one.id not in _apart(case))
        judged = entries.judged(comparable, case.policy, case.today)
        prints = baseline.prints(judged.results, found.texts)
    return Before(name=then.name, when=then.when, results=judged.results, prints=prints)


def _apart(case: Case) -> frozenset[str]:
    """Return the items that a revision says nothing about."""
    return NOT_COMPARED | guides.deeds(case.profile)


def beside(case: Case, results: Sequence[Finding], found: Tree, then: Before | None) -> Comparison:
    """Put findings beside the baseline and the revision; what either knows is not new."""
    known = case.known
    told = [case.baseline.name] if case.baseline and known is not None else []
    if then is not None:
        known = (known or Prints()) | then.prints
        told.append(then.name)
    if known is None:
        return Comparison(results=tuple(results))
    apart = _apart(case) if case.known is None else frozenset[str]()
    compared = [one for one in results if one.id not in apart]
    marked = baseline.compare(compared, known, found.texts, " and ".join(told))
    by_id = {one.id: one for one in marked.results}
    return Comparison(results=tuple(by_id.get(one.id, one) for one in results), new=marked.new)


def with_baseline(case: Case, trees: Sequence[Sequence[Finding]], found: Tree) -> tuple[Case, tuple[str, ...]]:
    """Write the baseline where that was asked for, and say what became of it.

    Args:
        case: What is asked for.
        trees: The findings of the whole and of each of its projects.
        found: The tree.

    Returns:
        The case, in which a baseline that was just made is known, and what a person should know.
    """
    if case.known is None:
        return _new(case, trees, found)
    asked, known = {result.id for result in trees[0]}, case.known
    kept = Counter({one: count for one, count in known.items() if one.id not in asked})
    for results in trees:
        kept |= baseline.compare(results, known, found.texts, "").kept
    gone, whole = known.total() - kept.total(), known.total()
    if not case.options.write_baseline or case.baseline is None:
        words = f"{gone} of the {whole} in the baseline mended: --write-baseline takes out what was."
        return case, (words,) if gone else ()
    baseline.write(case.baseline, kept)
    return case, (f"Written: {case.baseline}, with {kept.total()} of {whole}; it never grows by itself.",)


def _new(case: Case, trees: Sequence[Sequence[Finding]], found: Tree) -> tuple[Case, tuple[str, ...]]:
    if not case.options.write_baseline or case.baseline is None:
        return case, ()
    now: Prints = Counter()
    for results in trees:
        now |= baseline.prints(results, found.texts)
    if case.baseline.parent.resolve() == case.root / STATE_FOLDER:
        writing.make_folder(case.baseline.parent)
    baseline.write(case.baseline, now)
    words = f"Written: {case.baseline}, with {now.total()} that are known from now on."
    return replace(case, known=now), (words, *_naming(case, case.baseline.resolve()))


def _naming(case: Case, made: Path) -> tuple[str, ...]:
    """Return how every run gets to know a baseline, where it can and no policy names one."""
    if case.policy.baseline is not None or case.policy.given or not made.is_relative_to(case.root):
        return ()
    return (f"Every run knows it when the policy names it: baseline: {made.relative_to(case.root).as_posix()}",)
