"""What ``agentctl new`` says: what was made, what would be made, what can be made."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentctl.errors import EXIT_YES
from agentctl.results import Figure, Report, Section, Table, Verdict
from agentctl.scaffold import answers
from agentctl.scaffold.differences import Difference
from agentctl.scaffold.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class Made:
    """A finished project.

    Attributes:
        sizes: Bytes of each file by relative path, sorted.
        executable: The files among them that can be run.
        checks: CPU seconds that looking it over took.
        remarks: What is odd about it.
        ours: Whether it has the commands that all projects of ours have.
    """

    slug: str
    kind: str
    sizes: Mapping[str, int]
    executable: frozenset[str]
    checks: float
    remarks: tuple[str, ...] = ()
    ours: bool = True


def created(place: Path, made: Made, notes: tuple[str, ...], seconds: float) -> Report:
    """Return the report of a project that stands at ``place``, with its files summed up by top-level entry."""
    tops: dict[str, list[int]] = {}
    for path, size in made.sizes.items():
        top, below, _rest = path.partition("/")
        tops.setdefault(top + below, []).append(size)
    rows = tuple((top, str(len(sizes)), str(sum(sizes))) for top, sizes in sorted(tops.items()))
    table = Table(title="Created", columns=("Path", "Files", "Bytes"), rows=rows)
    return _report(place, made, f"Created {made.slug}", notes, seconds, table, _next_steps(place, made))


def previewed(place: Path, made: Made, notes: tuple[str, ...], seconds: float) -> Report:
    """Return the report of a dry run, with every file that would be written."""
    rows = tuple((path, str(size), "yes" if path in made.executable else "no") for path, size in made.sizes.items())
    table = Table(title="Files", columns=("Path", "Bytes", "Executable"), rows=rows)
    words = f"Dry run, nothing was written: would create {made.slug}"
    return _report(place, made, words, notes, seconds, table, ("run the same command without --dry-run",))


def compared(place: Path, made: Made, found: Sequence[Difference], notes: tuple[str, ...], seconds: float) -> Report:
    """Return the report of what would be written, as differences from what is there."""
    rows = tuple((one.path, one.state) for one in found)
    table = Table(title="Differences", columns=("Path", "State"), rows=rows)
    words = f"Nothing was written: {len(found)} of its files would be new or different: {made.slug}"
    report = _report(place, made, words, notes, seconds, table, ())
    return replace(
        report,
        sections=tuple(Section(title=one.path, lines=tuple(one.text.removesuffix("\n").split("\n"))) for one in found),
    )


def listed(kinds: Sequence[Kind]) -> Report:
    """Return the kinds and what can be answered for each."""
    default = max(kinds, key=lambda kind: kind.is_default)
    rows = tuple((kind.name, kind.description, "yes" if kind is default else "no") for kind in kinds)
    overview = Table(title="Kinds", columns=("Kind", "Description", "Default"), rows=rows)
    return Report(
        command="new",
        verdict=Verdict.PASS,
        exit_code=EXIT_YES,
        summary=f"{len(kinds)} kind{'s' if len(kinds) > 1 else ''} of agent; create one with agentctl new NAME",
        figures=(Figure(name="kinds", value=len(kinds), label="Kinds"),),
        tables=(overview, *_values(kinds), *map(_options, kinds)),
    )


def _values(kinds: Sequence[Kind]) -> tuple[Table, ...]:
    """Return what each value of an option is, once for all kinds."""
    layers = {
        layer.name: (option, layer.value, layer.description, "yes" if layer is choices[0] else "no")
        for kind in kinds
        for option, choices in kind.options.items()
        for layer in choices
    }
    if not layers:
        return ()
    return (Table(title="Values", columns=("Option", "Value", "Description", "Default"), rows=tuple(layers.values())),)


def _options(kind: Kind) -> Table:
    rows = tuple(
        (option.flag, option.key, answers.shown(option, kind), ", ".join(option.choices) or "text")
        for option in answers.options(kind)
    )
    columns = ("Option", "Key in an answers file", "Default", "Values")
    return Table(title=f"Options of {kind.name}", columns=columns, rows=rows)


def _report(
    place: Path, made: Made, words: str, notes: tuple[str, ...], seconds: float, table: Table, steps: tuple[str, ...]
) -> Report:
    return Report(
        command="new",
        verdict=Verdict.PASS,
        exit_code=EXIT_YES,
        subject=str(place),
        summary=f"{words} ({len(made.sizes)} files, kind {made.kind}) in {place}",
        figures=(
            Figure(name="files", value=len(made.sizes), label="Files"),
            Figure(name="bytes", value=sum(made.sizes.values()), unit="B", label="Size"),
            Figure(name="seconds", value=round(seconds, 3), unit="s", label="Time"),
            Figure(name="checks_cpu", value=round(made.checks, 3), unit="s", label="CPU time of the checks"),
        ),
        tables=(table,),
        notes=notes,
        next_steps=steps,
    )


def _next_steps(place: Path, made: Made) -> tuple[str, ...]:
    here = os.path.relpath(place)
    shorter = min(here, str(place), key=len)
    enter = () if here == "." else (f"cd {shlex.quote(shorter)}",)
    return (*enter, *(("make setup", "make test") if made.ours else ()), "agentctl checklist")
