"""``agentctl new``: make a project, or preview one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentctl import signals
from agentctl.errors import EXIT_YES, AgentctlError, UsageError
from agentctl.results import Finding, Report, Verdict
from agentctl.scaffold import answers, differences, inspection, origin, rendering, reports, repository, staging, state
from agentctl.scaffold.kinds import Kind
from agentctl.scaffold.names import Names

Check = Callable[[Path], Report]
_FEW = 5
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be made.

    Attributes:
        names: The checked name.
        kind: What it is rendered from.
        answers: The checked answers; those left out take their defaults.
        place: Where the project is to appear; absolute.
        git: True: a repository in any case; False: none; None: one unless it lies in a repository already.
    """

    names: Names
    kind: Kind
    answers: Mapping[str, str]
    place: Path
    git: bool | None = None


def create(order: Order, *, check: Check, say: Say = lambda _words: None) -> Report:
    """Make the project at its place, whole or not at all.

    Args:
        order: What is to be made and where.
        check: Judges the rendered project's folder before it is handed over.
        say: Told what is being done.

    Raises:
        UsageError: The place or the name does not do, or the file system refuses.
        AgentctlError: The template is wrong.
    """
    started = time.monotonic()
    with _told(order.place):
        staging.clean(order.place)
        target = staging.target(order.place)
        with staging.staged(target) as folder:
            project, made = _made(order, folder, check, say, target)
            notes = made.remarks + _kept(project, target) + _repository(order, project, target)
            staging.settle(project, target)
    return reports.created(order.place, made, notes, time.monotonic() - started)


def preview(order: Order, *, check: Check, say: Say = lambda _words: None, diff: bool = False) -> Report:
    """Make the project in a temporary folder, and return which files would be written; the place stays untouched.

    With ``diff`` the report also holds how each of them differs from what is there; the place may be in use then.
    """
    started = time.monotonic()
    with _told(order.place):
        target = staging.target(order.place, in_use=diff)
        with _temporary() as folder:
            project, made = _made(order, folder, check, say, target)
            found = differences.between(project, order.place, list(made.sizes)) if diff else ()
    notes = made.remarks + tuple(f"{name} is there already and would be kept" for name in target.untouched)
    seconds = time.monotonic() - started
    if diff:
        return reports.compared(order.place, made, found, notes, seconds)
    return reports.previewed(order.place, made, notes, seconds)


def _made(order: Order, folder: Path, check: Check, say: Say, target: staging.Target) -> tuple[Path, reports.Made]:
    values = answers.complete(order.kind, order.names, order.answers)
    say("rendering the templates")
    project = rendering.render(order.kind, values, folder)
    say("looking the project over")
    started = time.process_time()
    remarks = (*_looked_over(project, order, check), *_of_the_source(values))
    checks = time.process_time() - started
    state.write(project, order.kind, values, inspection.paths(project))
    staging.join(project, target)
    found = {path: (project / path).stat() for path in inspection.paths(project) if path not in target.untouched}
    return project, reports.Made(
        slug=order.names.slug,
        kind=order.kind.name,
        sizes={path: about.st_size for path, about in found.items()},
        executable=frozenset(path for path, about in found.items() if about.st_mode & 0o100),
        checks=checks,
        remarks=remarks,
        ours=not order.kind.ordinary,
    )


def _looked_over(project: Path, order: Order, check: Check) -> tuple[str, ...]:
    """Refuse what is wrong with a project of ours; return what is odd about one of an ordinary template."""
    problems = inspection.problems(project, order.kind)
    if order.kind.ordinary:
        return tuple(map(str, problems[:_FEW]))
    if problems:
        raise _unfit(order, str(problems[0]), len(problems))
    if order.names.slug in inspection.dependencies(project):
        raise UsageError(
            f"the name {order.names.name!r} is taken: the project depends on a package of that name",
            hint=f"for example: agentctl new {order.names.slug}-agent",
        )
    report = check(project)
    failed = [result for result in report.results if result.verdict in {Verdict.FAIL, Verdict.ERROR}]
    if report.exit_code != EXIT_YES:
        raise _unfit(order, _sentence(failed[0], project) if failed else report.summary, max(len(failed), 1))
    return ()


def _of_the_source(values: Mapping[str, Any]) -> tuple[str, ...]:
    if values.get("agentctl_source") != origin.WHEEL or values.get("ci", "none") == "none":
        return ()
    made = "python -m pip wheel --no-deps --wheel-dir vendor FOLDER_OF_AGENTCTL"
    return (f"CI installs agentctl from {origin.WHEEL}: {made} puts it there; or say --agentctl-source",)


def _sentence(result: Finding, project: Path) -> str:
    words = f"{result.message} [{result.id}]"
    if result.location is None:
        return words
    inside = Path(os.path.relpath(result.location.path, project)).as_posix()
    return f"{replace(result.location, path=inside)}: {words}"


def _unfit(order: Order, first: str, count: int) -> AgentctlError:
    more = f" (and {count - 1} more)" if count > 1 else ""
    plain = "try plain words for the answers, or " if order.answers else ""
    return AgentctlError(
        f"the kind {order.kind.name!r} rendered a project that does not pass its checks: {first}{more}",
        hint=f"nothing was written; {plain}report it",
    )


def _kept(project: Path, target: staging.Target) -> tuple[str, ...]:
    """Let the files that stay take the place of the rendered ones, so that the first commit holds them."""
    for name in target.untouched:
        if (target.path / name).is_file():
            shutil.copy2(target.path / name, project / name)
    joined = (f"{name} was there already: what it held stands first in it" for name in target.joined)
    return (*(f"{name} was there already and was kept" for name in target.untouched), *joined)


def _repository(order: Order, project: Path, target: staging.Target) -> tuple[str, ...]:
    if order.git is False:
        return ()
    if ".git" in target.kept:
        return ("the repository that is there was kept; commit the new files yourself: git add --all && git commit",)
    if order.git is None and repository.around(target.path if target.exists else target.path.parent):
        return ("it lies in a git repository already: no other was made (--git makes one)",)
    by = f"from the template {order.kind.name}" if order.kind.origin else f"with agentctl new --kind {order.kind.name}"
    note = repository.create(project, f"Create {order.names.slug} {by}")
    return (note,) if note else ()


@contextmanager
def _temporary() -> Iterator[Path]:
    folder = Path(tempfile.gettempdir()).resolve() / f"agentctl-new-{os.getpid()}-{time.monotonic_ns()}"
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        with signals.undisturbed():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Say in one sentence what the file system refused."""
    try:
        yield
    except OSError as error:
        where = place if error.errno in {errno.ENOSPC, errno.EDQUOT, None} else error.filename or place
        hints = {errno.ENOSPC: "free some space", errno.EACCES: "name another folder with --output-dir"}
        raise UsageError(
            f"{where}: cannot be written: {error.strerror or error}", hint=hints.get(error.errno or 0)
        ) from error
