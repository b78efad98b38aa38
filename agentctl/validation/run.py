"""``validate``: look at the files, and report what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from agentctl import project
from agentctl.documents.words import nearest
from agentctl.errors import EXIT_NO, EXIT_NO_ANSWER, EXIT_YES, UsageError
from agentctl.results import Figure, Finding, Report, Severity, Verdict
from agentctl.validation import cache, catalogue, checking, discovery, findings, many, outcome, suppressions
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.many import Outcomes
from agentctl.validation.outcome import Outcome, Together
from agentctl.validation.rules import Rule, rules_of

if TYPE_CHECKING:
    from agentctl.validation.changes.asked import Asked

Files = dict[str, Together]  # by name
_WAYS = (
    "name a schema: agentctl validate --schema agent FILE",
    "or keep agents in config/agents/ID.yaml and environments in config/production.yaml: those are found by name",
)


def validate(
    root: Path | None = None,
    paths: Sequence[str | Path] = (),
    *,
    schema: str | None = None,
    against: str | None = None,
    allow_ungoverned: bool = False,
    cached: bool = True,
    trusted: bool = True,
) -> Report:
    """Hold configurations against their schemas and rules.

    Args:
        root: The project's folder, or one in it; when None the project that the first path belongs to, else the
            working folder's.
        paths: Files, folders, or ``-`` for standard input; without any, every governed file of the project.
        schema: A schema file or the name of a built-in kind, for all files.
        against: A git revision or a file with the earlier version, whose consumers must not break.
        allow_ungoverned: Whether it is fine that no file was governed; files that nothing governs are passed over then,
            as a pre-commit hook needs it, which names every file.
        cached: Whether what is known of unchanged files is used, and kept for the next time.
        trusted: Whether the project's own settings hold, and comments in its files may waive findings.

    Raises:
        UsageError: A path, schema or revision is not there, or the settings are wrong.
    """
    where = project.load(root or start(paths))
    settings = where.section("validate") if trusted else {}
    disabled = switched_off(settings.get("disable", {}))
    governance = discovery.governance(where.root, schema, settings.get("schemas", {}))
    looked_at = unique(discovery.candidates(where.root, paths, settings.get("exclude", ())))
    if allow_ungoverned and schema is None:
        looked_at = map(unnamed, looked_at)
    notes = [f"switched off: {rule} ({reason})" for rule, reason in disabled.items()]
    compared: list[Finding] = []
    if against is None:
        done = many.look(looked_at, governance, disabled.keys(), cached=cached)
    else:
        from agentctl.validation.changes.asked import TAGS, Asked

        tags = settings.get("release_tags", TAGS)
        asked = Asked(against=against, governance=governance, paths=paths, disabled=disabled.keys(), tags=tags)
        done, compared, told = _compared(looked_at, asked)
        notes = [*told, *notes]
    found = [
        *_together(done.told, governance, disabled.keys()),
        *compared,
        *(one for each in done.told for one in each.findings),
    ]
    waived: list[str] = []
    if trusted:
        waiving = {name: some for one in done.told for name, some in (one.suppressions or {}).items()}
        found, waived = suppressions.applied(found, waiving, disabled.keys())
    return _report(done, found, [*notes, *waived], allow_ungoverned=allow_ungoverned)


def _compared(looked_at: Iterable[Candidate], asked: Asked) -> tuple[Outcomes, list[Finding], list[str]]:
    """Look at files beside what they were: what came of each, what changed, and what a person should know."""
    from agentctl.validation.changes import run as changes

    each = (checking.check(one, asked.governance, asked.disabled) for one in looked_at)
    changed = changes.compare([one for one in each if one], asked)
    told = [outcome.of(one, asked.governance) for one in changed.checked]
    return Outcomes(told=told), [*changed.findings], [*changed.notes]


def state(paths: Sequence[str | Path] = (), schema: str | None = None) -> Mapping[str, object]:
    """Return what the file system says of all that a report on these paths depends on; it differs when one changes.

    Raises:
        UsageError: A path is not there, or the settings are wrong.
    """
    where = project.load(start(paths))
    exclude = where.section("validate").get("exclude", ())
    names = [*where.section("validate").get("schemas", {}).values(), *([schema] if schema else [])]
    beside = [where.root / "pyproject.toml", where.root / "agentctl.toml"]
    beside += [folder / name for name in names for folder in (where.root, Path.cwd())]
    also = [Candidate(path=path, name=str(path)) for path in beside]
    looked_at = discovery.candidates(where.root, paths, exclude)
    return {one.at: cache.signature(one) for one in (*looked_at, *also)}


def start(paths: Sequence[str | Path]) -> Path | None:
    """Return the first path that is there, whose project is meant."""
    first = next((Path(path) for path in paths if str(path) != discovery.STDIN), None)
    return first if first is not None and first.exists() else None


def unnamed(candidate: Candidate) -> Candidate:
    """Return the file as if a folder's walk had found it."""
    if candidate.name != discovery.STDIN:
        candidate.named = False
    return candidate


def unique(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield each file once."""
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.name not in seen:
            seen.add(candidate.name)
            yield candidate


def switched_off(settings: Mapping[str, str]) -> Mapping[str, str]:
    """Return the rules that the settings switch off.

    Raises:
        UsageError: There is no such rule.
    """
    for name in settings:
        if name not in catalogue.ids():
            near = nearest(name, catalogue.ids())
            hint = f"did you mean {near}?" if near else f"the rules are {', '.join(catalogue.ids())}"
            raise UsageError(f"[tool.agentctl.validate.disable]: there is no rule {name!r}", hint=hint)
    return settings


def _together(told: Iterable[Outcome], governance: Governance, disabled: AbstractSet[str]) -> Iterator[Finding]:
    """Yield what the documents of one kind in one folder break between them."""
    for (kind, _), files in _by_kind(told).items():
        values = {name: one.value for name, one in files.items()} | _beside(kind, files, governance)
        for rule in rules_of(kind):
            if rule.together and rule.id not in disabled:
                yield from _broken(rule, files, values, governance)


def _by_kind(told: Iterable[Outcome]) -> dict[tuple[str, PurePosixPath], Files]:
    """Return the documents by kind and folder."""
    found: dict[tuple[str, PurePosixPath], Files] = {}
    for one in told:
        if one.together:
            found.setdefault((one.together.kind, PurePosixPath(one.name).parent), {})[one.name] = one.together
    return found


def _broken(rule: Rule, files: Files, values: Mapping[str, object], governance: Governance) -> Iterator[Finding]:
    for name, broken in rule.check(values):
        if name in files:
            checked = checking.check(files[name].candidate, governance, frozenset())  # once more, for the place
            if checked and checked.parts:
                yield findings.finding(checked, checked.parts[0], checking.problem(rule, broken))


def _beside(kind: str, files: Files, governance: Governance) -> dict[str, object]:
    """Return the documents that nobody asked for but that those asked for must agree with; they are not judged."""
    folder = next(iter(files.values())).candidate.path.parent
    looked_at = {one.candidate.path.name for one in files.values()}
    found: dict[str, object] = {}
    for path in sorted(folder.iterdir()) if governance.chosen is None else ():
        name = discovery.shown(path, governance.root)
        by_name = governance.by_name(name) if path.name not in looked_at and path.is_file() else None
        if by_name is not None and by_name.kind == kind:
            part = checking.first_part(Candidate(path=path, name=name), governance)
            found |= {name: part.value} if part else {}
    return found


def _report(done: Outcomes, found: Sequence[Finding], remarks: Sequence[str], *, allow_ungoverned: bool) -> Report:
    governed = done.clean + sum(1 for one in done.told if one.governed)
    notes = [f"{one.name}: not checked: {one.notice}" for one in done.told if one.notice]
    notes += [f"{one.name}: {one.unlisted} more are not listed" for one in done.told if one.unlisted]
    notes += remarks
    if not governed and not found:
        return _nothing(notes, allow_ungoverned=allow_ungoverned)
    counts = Counter(one.severity for one in found)
    failed = counts[Severity.ERROR] > 0
    return Report(
        command="validate",
        verdict=Verdict.FAIL if failed else Verdict.PASS,
        exit_code=EXIT_NO if failed else EXIT_YES,
        summary=_summary(governed, found, counts),
        figures=_figures(governed, counts),
        results=tuple(sorted(found, key=_place)),
        notes=tuple(notes),
        next_steps=_next_steps(found),
    )


def _nothing(notes: Sequence[str], *, allow_ungoverned: bool) -> Report:
    return Report(
        command="validate",
        verdict=Verdict.PASS if allow_ungoverned else Verdict.INVALID,
        exit_code=EXIT_YES if allow_ungoverned else EXIT_NO_ANSWER,
        summary="no file was checked: no schema governs any of them",
        figures=_figures(0, Counter()),
        notes=tuple(notes),
        next_steps=() if allow_ungoverned else _WAYS,
    )


def _place(one: Finding) -> tuple[str, int, int, str]:
    place = one.location
    return (place.path, place.line or 0, place.column or 0, one.id) if place else ("", 0, 0, one.id)


def _figures(files: int, counts: Mapping[Severity, int]) -> tuple[Figure, ...]:
    return (
        Figure(name="files", value=files, label="files checked"),
        Figure(name="errors", value=counts.get(Severity.ERROR, 0), label="errors"),
        Figure(name="warnings", value=counts.get(Severity.WARNING, 0), label="warnings"),
        Figure(name="advice", value=counts.get(Severity.ADVICE, 0), label="pieces of advice"),
    )


def _summary(files: int, found: Sequence[Finding], counts: Mapping[Severity, int]) -> str:
    said = f"checked {_counted(files, 'file')}"
    parts = [_counted(counts.get(severity, 0), severity.value) for severity in Severity if counts.get(severity)]
    if not parts:
        return f"{said}: all is well"
    places = len({one.location.path for one in found if one.location})
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    return f"{said}: {listed} in {_counted(places, 'file')}"


def _counted(number: int, thing: str) -> str:
    if thing == Severity.ADVICE.value:
        thing = "piece of advice" if number == 1 else "pieces of advice"
        return f"{number} {thing}"
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _next_steps(found: Sequence[Finding]) -> tuple[str, ...]:
    worst = next((one.id for one in found if one.severity is Severity.ERROR), None)
    return (f"agentctl explain {worst}",) if worst else ()
