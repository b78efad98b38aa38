"""From a folder to the report: files, facts, checks, figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from agentctl import project
from agentctl.checklist import checks, frameworks, known, ships, tree
from agentctl.checklist.answer import Answer, counted
from agentctl.checklist.facts import index
from agentctl.checklist.facts.parsing import without_collecting
from agentctl.checklist.items import FAMILIES, ITEMS, Item
from agentctl.errors import EXIT_NO, EXIT_NO_ANSWER, EXIT_YES, NoAnswerError, UsageError
from agentctl.results import Confidence, Figure, Finding, Report, Severity, Verdict

FAIL_ON = ("fail", "warn", "unknown")
PROFILES = ("production", "all", "guide-0", "guide-1", "guide-2", "guide-3", "guide-4")
_DECIDED = {Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.ATTESTED}
_OPEN = {Verdict.UNKNOWN, Verdict.ERROR, Verdict.MANUAL}
_WORST = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.UNKNOWN, Verdict.MANUAL)
_STEPS = 5


def check(
    path: Path,
    *,
    only: Sequence[str] = (),
    fail_on: str = "fail",
    profile: str = "production",
    report_only: bool = False,
    validation: Report | None = None,
) -> Report:
    """Ask every item of the profile of the tree at ``path`` and return the report.

    Args:
        path: The folder to look at; nothing is written into it and nothing of it is run.
        only: Item ids or families (``TS02``, ``SE``); empty for all of the profile.
        fail_on: The mildest verdict that makes the answer no: ``fail``, ``warn`` or ``unknown``.
        profile: One of ``PROFILES``.
        report_only: Exit 0 whatever was found, as long as something was decided.
        validation: What ``agentctl validate`` says of the same tree; CF01 reads it.

    Raises:
        UsageError: The path is no folder, its settings are broken, or an id, a verdict or a profile is unknown.
        NoAnswerError: There is no file to look at.
    """
    wanted = _wanted(only, profile)
    if fail_on not in FAIL_ON:
        raise UsageError(f"--fail-on {fail_on}: unknown", hint=f"choose one of {', '.join(FAIL_ON)}")
    root = _folder(path)
    settings = _settings(root)
    found = tree.read(root, _strings(settings.get("exclude")))
    if not found.texts:
        raise NoAnswerError(f"{path}: there is no file to look at", hint="name the folder of a project")
    recorded = index.recorded(root)
    asked = known.key(found, wanted, settings, validation, recorded)
    answers = known.read(found, root, asked)
    if answers is None:
        with without_collecting():
            facts = index.gather(found, root, settings=settings, validation=validation, recorded=recorded)
            answers = _answers(facts, wanted)
        known.write(found, root, asked, answers)
    return _report(root, *answers, fail_on=fail_on, report_only=report_only)


def _answers(facts: index.Facts, wanted: list[str]) -> known.Answers:
    what = ships.decide(facts)
    results = tuple(_asked(ITEMS[id_], facts, what) for id_ in wanted)
    return results, (what.sentence, *_built_with(facts), *_coverage(results), *_reading(facts))


def listing(profile: str = "production") -> Report:
    """Return the catalogue: which items there are, and which of them are answered today."""
    _wanted((), profile)
    automated = checks.all_checks()
    return Report(
        command="checklist",
        verdict=Verdict.PASS,
        exit_code=EXIT_YES,
        summary=f"{len(automated)} of {len(ITEMS)} items of the catalogue are checked today",
        results=tuple(_listed(item) for item in ITEMS.values() if _in_profile(item, profile)),
        next_steps=("agentctl explain ID",),
    )


def _listed(item: Item) -> Finding:
    if item.id in checks.all_checks():
        verdict, message = Verdict.PASS, f"automated: {_question(item)}"
    elif item.mode == "M":
        verdict, message = Verdict.MANUAL, "answered by a person"
    else:
        verdict, message = Verdict.SKIPPED, "not automated yet: no report claims it"
    return Finding(
        id=item.id, title=item.title, verdict=verdict, severity=Severity.ADVICE, message=message, group=item.family
    )


def figures(results: Iterable[Finding]) -> tuple[Figure, Figure]:
    """Return verified % and decided %: weight by tier, n/a left out, ``warn`` half, what is open in the denominator."""
    applicable = verified = decided = 0.0
    for result in results:
        if result.verdict is Verdict.NOT_APPLICABLE:
            continue
        weight = ITEMS[result.id].weight
        applicable += weight
        verified += weight * {Verdict.PASS: 1.0, Verdict.WARN: 0.5}.get(result.verdict, 0.0)
        decided += weight if result.verdict in _DECIDED else 0.0
    share = (lambda part: round(100 * part / applicable, 1)) if applicable else (lambda _part: None)
    return (
        Figure(name="verified", value=share(verified), unit="%", label="verified"),
        Figure(name="decided", value=share(decided), unit="%", label="decided"),
    )


# ---------------------------------------------------------------- what is asked


def _wanted(only: Sequence[str], profile: str) -> list[str]:
    if profile not in PROFILES:
        raise UsageError(f"--profile {profile}: unknown", hint=f"choose one of {', '.join(PROFILES)}")
    automated = checks.all_checks()
    asked = [
        item.id for item in ITEMS.values() if (item.id in automated or item.mode == "M") and _in_profile(item, profile)
    ]
    names = [word.strip().upper() for part in only for word in part.split(",") if word.strip()]
    if not names:
        return asked
    for name in names:
        _check_known(name, automated)
    return [id_ for id_ in ITEMS if (id_ in automated or ITEMS[id_].mode == "M") and (id_ in names or id_[:2] in names)]


def _in_profile(item: Item, profile: str) -> bool:
    return not profile.startswith("guide-") or profile.removeprefix("guide-") in item.guides


def _check_known(name: str, automated: Mapping[str, checks.Check]) -> None:
    if name in FAMILIES or name in automated or (name in ITEMS and ITEMS[name].mode == "M"):
        return
    if name in ITEMS:
        raise UsageError(f"--only {name}: this item is not automated yet", hint="agentctl checklist --list")
    close = get_close_matches(name, [*automated, *FAMILIES], 1)
    hint = f"did you mean {close[0]}?" if close else "agentctl checklist --list shows them"
    raise UsageError(f"--only {name}: there is no such item", hint=hint)


def _asked(item: Item, facts: index.Facts, what: ships.Ships) -> Finding:
    found = checks.all_checks().get(item.id)
    if found is None:
        answer = Answer(
            verdict=Verdict.MANUAL,
            message="a person has to answer this",
            hint="let a person look, and keep who looked and when",
            scope="",
        )
    else:
        try:
            answer = found(facts, what)
        except Exception as error:  # noqa: BLE001 - a crash in one check is that check's error and nothing else's
            answer = Answer(verdict=Verdict.ERROR, message=f"the check itself failed: {type(error).__name__}: {error}",
                            hint="report this bug", confidence=Confidence.LOW)  # fmt: skip
    return Finding(
        id=item.id,
        title=item.title,
        verdict=answer.verdict,
        severity=_severity(answer.verdict),
        message=_plain(answer.message),
        hint=answer.hint,
        evidence=answer.evidence,
        scope=facts.scope if answer.scope is None else answer.scope or None,
        confidence=answer.confidence,
        group=item.family,
    )


def _severity(verdict: Verdict) -> Severity:
    if verdict in {Verdict.FAIL, Verdict.ERROR}:
        return Severity.ERROR
    return Severity.WARNING if verdict is Verdict.WARN else Severity.ADVICE


def _question(item: Item) -> str:
    return (checks.all_checks()[item.id].__doc__ or item.title).strip().splitlines()[0]


def _plain(message: str) -> str:
    """Return a message without control characters, which a hostile file name could carry."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", message)


# ---------------------------------------------------------------- the tree and its settings


def _folder(path: Path) -> Path:
    if not path.exists():
        raise UsageError(f"{path}: no such folder", hint="check the path")
    if not path.is_dir():
        raise UsageError(f"{path}: not a folder", hint=f"agentctl checklist {path.parent}")
    return path.resolve()


def _settings(root: Path) -> Mapping[str, object]:
    """Return the settings of the tree itself, never those of a folder above it."""
    if not any((root / name).is_file() for name in ("pyproject.toml", "agentctl.toml")):
        return {}
    return project.load(root).section("checklist")


def _strings(value: object) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, (list, tuple)) else ()


# ---------------------------------------------------------------- the report


def _report(
    root: Path, results: tuple[Finding, ...], notes: tuple[str, ...], *, fail_on: str, report_only: bool
) -> Report:
    verified, decided = figures(results)
    code = _exit_code(results, fail_on, report_only=report_only)
    verdict = {EXIT_YES: Verdict.PASS, EXIT_NO: Verdict.FAIL}.get(code, Verdict.INVALID)
    if report_only and code == EXIT_YES and any(r.verdict in _levels(fail_on) for r in results):
        verdict = Verdict.FAIL
    counts = {kind: sum(r.verdict is kind for r in results) for kind in Verdict}
    told = ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)
    return Report(
        command="checklist",
        verdict=verdict,
        exit_code=code,
        subject=root.name,
        summary=f"{root.name}: verified {_percent(verified)}, decided {_percent(decided)} ({told})",
        figures=(verified, decided),
        results=results,
        notes=notes,
        next_steps=_next_steps(results),
    )


def _levels(fail_on: str) -> set[Verdict]:
    levels = {Verdict.FAIL}
    if fail_on in {"warn", "unknown"}:
        levels.add(Verdict.WARN)
    return levels | ({Verdict.UNKNOWN, Verdict.ERROR} if fail_on == "unknown" else set())


def _exit_code(results: Iterable[Finding], fail_on: str, *, report_only: bool) -> int:
    verdicts = {result.verdict for result in results}
    if not verdicts & _DECIDED:
        return EXIT_NO_ANSWER
    if report_only:
        return EXIT_YES
    if verdicts & _levels(fail_on):
        return EXIT_NO
    return EXIT_NO_ANSWER if Verdict.ERROR in verdicts else EXIT_YES


def _percent(figure: Figure) -> str:
    return "nothing" if figure.value is None else f"{figure.value:g} %"


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


def _reading(facts: index.Facts) -> tuple[str, ...]:
    notes = []
    if facts.broken:
        shown = ", ".join(f"{_plain(path)} ({why})" for path, why in sorted(facts.broken.items())[:3])
        notes.append(f"{counted(facts.broken, 'Python file')} not looked at: {shown}.")
    if facts.tree.left_out:
        notes.append(
            f"{counted(facts.tree.left_out, 'file')} left out by the settings ([tool.agentctl.checklist] exclude)."
        )
    return tuple(notes)


def _next_steps(results: Iterable[Finding]) -> tuple[str, ...]:
    """Return the five most useful deeds: failures before warnings before unknowns, heavy items first."""
    open_ = [r for r in results if r.verdict in _WORST and r.verdict is not Verdict.MANUAL]
    ranked = sorted(open_, key=lambda r: (_WORST.index(r.verdict), -ITEMS[r.id].weight, r.id))
    steps = [f"{r.id} {r.title}: {r.hint}  (agentctl explain {r.id})" for r in ranked if r.hint]
    return tuple(steps[:_STEPS])
