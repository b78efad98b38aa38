"""What one run of the checklist judges by: checked before any work starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from agentctl import project
from agentctl.checklist.asking import Question
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.policy import baseline, gates, past, profiles
from agentctl.checklist.policy import reading as policies
from agentctl.checklist.policy.baseline import Prints
from agentctl.checklist.policy.gates import Gate
from agentctl.checklist.policy.model import Policy
from agentctl.checklist.tree import Tree
from agentctl.errors import UsageError
from agentctl.results import Report

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
class Case:
    """What one run judges by.

    Attributes:
        root: The tree; absolute.
        wanted: Ids of the items that are asked.
        settings: What the checks read.
        baseline: The file with what is known to be wrong, there or to be made.
        known: What it holds; None without one.
        validate: Says what ``agentctl validate`` says of a folder.
        today: The day to judge by.
    """

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

    @property
    def exclude(self) -> tuple[str, ...]:
        """Patterns of files that are left out."""
        value = self.settings.get("exclude")
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, (list, tuple)) else ()

    def question(
        self, found: Tree, recorded: Recorded, validation: Report | None, root: Path | None = None
    ) -> Question:
        """Return what is asked of a tree, under the name of a folder: the tree's own unless it is given."""
        return Question(
            root=root or self.root,
            tree=found,
            wanted=self.wanted,
            settings=self.settings,
            validation=validation,
            recorded=recorded,
        )


def made(path: Path, options: Options, validate: Validate) -> Case:
    """Check what is asked for.

    Raises:
        UsageError: The path is no folder, its settings or policy are broken, or something that is asked for is unknown.
    """
    root = _folder(path)
    policy = policies.load(root, options.policy)
    profile = profiles.chosen(options.profile, policy)
    named, known = _known(options, policy, root)
    if options.against is not None:
        past.find(root, options.against)
    by_default = "new" if named is not None and options.tier is None else None
    gate = gates.gate(
        options.fail_on or by_default,
        options.tier,
        report_only=options.report_only,
        compared=named is not None or options.against is not None,
    )
    return Case(
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


def _known(options: Options, policy: Policy, root: Path) -> tuple[Path | None, Prints | None]:
    """Return the baseline's file and what it holds; None for one that is not there yet and will be made."""
    named = options.baseline or _baseline_of(policy, root, options.policy)
    if named is None:
        if options.write_baseline:
            raise UsageError("--write-baseline: there is no file to write", hint="add --baseline FILE")
        return None, None
    if options.write_baseline and not named.exists():
        if not named.parent.is_dir() and named.parent.resolve() != root / project.STATE_FOLDER:
            raise UsageError(f"{named}: cannot be written: there is no such folder", hint=f"mkdir {named.parent}")
        return named, None
    return named, baseline.read(named, str(options.baseline or policy.baseline))


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
