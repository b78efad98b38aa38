"""Find evidence in files and folders, and put it beside the project's own records."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agentctl import files, records
from agentctl.checklist.asking import plain
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.policy.evidence import freshness, markup, tables
from agentctl.checklist.policy.evidence.freshness import Present
from agentctl.checklist.policy.evidence.model import COVERAGE, TESTS, Evidence, NotOursError
from agentctl.errors import UsageError

MAX_FILES = 5_000
MAX_BYTES = 64_000_000
_OWN = ("test", "loadtest")
_ENDINGS = (".json", ".xml", ".csv", ".sarif")
_WHAT = "records of agentctl, coverage.xml, JUnit, locust statistics, pytest-benchmark JSON and SARIF"

Said = tuple[str, records.Record | Evidence]  # how the file is called, and what it says


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What one file (or the JUnit files together) brought: a record, and why it is stale where that is known."""

    told: str
    record: records.Record
    why_stale: str = ""


def add(paths: Sequence[Path], root: Path, texts: Mapping[str, str], own: Recorded) -> tuple[Recorded, tuple[str, ...]]:
    """Put evidence beside the records of a tree, the best first of each kind, and say what came of each file.

    Args:
        paths: Files and folders of the user's.
        root: The tree that is looked at.
        texts: Its texts, which tell what a report should be about.
        own: Its own records.

    Raises:
        UsageError: A path is not there, or a file that was named is no evidence.
    """
    if not paths:
        return own, ()
    content = _without(paths, root, own.content or records.content(root))
    said = {path: list(_said(path, root)) for path in paths}
    found = _judged([one for some in said.values() for one in some], Present(root, content, texts))
    runs = {kind: list(some) for kind, some in own.runs.items()}
    for one in _joined(found):
        runs.setdefault(one.record.kind, []).append(one.record)
    weak = _tracked(root, found) | {run.path for some in own.runs.values() for run in some if own.tracked}
    best = {kind: sorted(some, key=lambda run: _rank(run, content, weak), reverse=True) for kind, some in runs.items()}
    tracked = any(some[0].path in weak for some in best.values() if some)
    empty = [f"evidence {path}: holds none of {_WHAT}." for path, some in said.items() if not some]
    notes = (*empty, *(_note(one, content) for one in found))
    return replace(own, runs=best, content=content, tracked=tracked), tuple(map(plain, notes))


def _without(paths: Sequence[Path], root: Path, content: records.Content) -> records.Content:
    """Return the content without the evidence itself, which no run depends on though it may lie in the tree."""
    listed = files.git(root, "ls-files", "-z", "--cached")
    kept = {os.fsdecode(name) for name in (listed or b"").split(b"\0")}
    within = [path.resolve().relative_to(root) for path in paths if path.resolve().is_relative_to(root)]
    inside = [path for path in within if path.parts or listed is not None]  # all of a tree is no evidence of its own
    left = {
        name: digest
        for name, digest in content.files.items()
        if name in kept or name.endswith(".py") or not any(Path(name).is_relative_to(folder) for folder in inside)
    }
    return replace(content, files=left)


def _tracked(root: Path, found: Sequence[Brought]) -> set[str | None]:
    """Return the evidence that came with the tree."""
    return {one.told for one in found if not Path(one.told).is_absolute() and files.tracks(root, one.told)}


def _said(path: Path, root: Path) -> Iterator[Said]:
    if not path.exists():
        raise UsageError(f"--evidence {path}: no such file or folder", hint="check the path")
    if not path.is_dir():
        try:
            yield _read(path, root)
        except NotOursError as error:
            raise UsageError(f"--evidence {path}: {error}", hint=f"it takes {_WHAT}") from error
        return
    for name in _files_in(path):
        try:
            yield _read(name, root)
        except NotOursError:
            continue


def _files_in(folder: Path) -> list[Path]:
    found: list[Path] = []
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if name not in files.MADE - {".agentctl"}]
        found += [Path(where, name) for name in names if name.endswith(_ENDINGS)]
        if len(found) >= MAX_FILES:
            break
    return sorted(found)[:MAX_FILES]


def _read(path: Path, root: Path) -> Said:
    text, ending = _text(path), path.suffix.lower()
    told = _told(path, root)
    if ending == ".xml":
        return told, markup.read(text)
    if ending == ".csv":
        return told, tables.read_csv(text, _history(path))
    record = records.parse(text, told)
    if record is None:
        return told, tables.read_json(text)
    if record.kind not in _OWN:
        raise NotOursError(f"is a record of {record.kind!r}, which agentctl does not write")
    return told, record


def _judged(said: Sequence[Said], present: Present) -> list[Brought]:
    """Return all as records: own ones as they are, JUnit files together, the others with their freshness."""
    junit = [(told, one) for told, one in said if isinstance(one, Evidence) and one.kind == TESTS]
    others = [(told, one) for told, one in said if (told, one) not in junit]
    if junit:
        more = f" and {len(junit) - 1} more" if len(junit) > 1 else ""
        others.append((junit[0][0], markup.together([one for _told, one in junit], more)))
    return [_as_record(told, one, present) for told, one in others]


def _as_record(told: str, one: records.Record | Evidence, present: Present) -> Brought:
    if isinstance(one, records.Record):
        return Brought(told=told, record=one)
    changed, why = freshness.stale(one, present)
    return Brought(told=told, record=_record(one, told, freshness.content_of(changed, present)), why_stale=why)


def _text(path: Path) -> str:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise NotOursError("is no regular file")
        if status.st_size > MAX_BYTES:
            raise NotOursError(f"is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotOursError("cannot be read as UTF-8") from error


def _history(path: Path) -> str | None:
    beside = path.with_name(path.name.removesuffix(".csv") + "_history.csv")
    try:
        return _text(beside) if beside.exists() else None
    except NotOursError:
        return None


def _told(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else str(path.absolute())


def _record(one: Evidence, told: str, content: records.Content) -> records.Record:
    kind = TESTS if one.kind == COVERAGE else one.kind
    return records.Record(
        kind=kind,
        verdict=one.verdict,
        command=(),
        content=content,
        figures=dict(one.figures),
        created=_iso(one.when),
        commit=one.commit,
        details=dict(one.details),
        path=told,
    )


def _iso(when: float | None) -> str:
    try:
        return datetime.fromtimestamp(when or 0, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC).isoformat(timespec="seconds")


def _joined(found: Sequence[Brought]) -> list[Brought]:
    """Return the evidence, with the newest coverage and the test results of the same content as one run."""
    measured = [one for one in found if not one.record.command and "coverage" in one.record.figures]
    results = [one for one in found if not one.record.command and "suites" in one.record.details]
    if not measured or not results:
        return list(found)
    coverage, (tests,) = max(measured, key=_when), results
    if records.changed(coverage.record, tests.record.content):
        return list(found)
    figures = {**tests.record.figures, **coverage.record.figures}
    whole = replace(tests, record=replace(tests.record, figures=figures, path=coverage.record.path))
    return [*(one for one in found if one not in (coverage, tests)), whole]


def _when(one: Brought) -> str:
    return one.record.created


def _rank(run: records.Record, content: records.Content, weak: set[str | None]) -> tuple[bool, bool, bool, str]:
    fresh = not records.changed(run, content)
    return fresh, run.path not in weak, run.kind != TESTS or "coverage" in run.figures, run.created


def _note(one: Brought, content: records.Content) -> str:
    told = f"evidence {one.told}{one.record.details.get('more', '')}"
    if not one.why_stale and not records.changed(one.record, content):
        return f"{told}: {one.record.kind}, {one.record.verdict}, of today's content."
    return f"{told}: {one.record.kind}, stale: {one.why_stale or 'files changed since'}."
