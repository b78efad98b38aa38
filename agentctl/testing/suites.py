"""Which suites there are and what each selects: from the settings, else the standard layout."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentctl.errors import UsageError
from agentctl.project import Project

ALL = "all"
_NAME = re.compile(r"\w[\w-]*")
NETWORKS = ("none", "loopback", "any")
# The suites of the standard layout, and the folder names that people use for them.
STANDARD: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit",),
    "integration": ("integration",),
    "e2e": ("e2e", "end_to_end"),
    "property": ("property", "properties"),
    "performance": ("performance", "perf"),
    "security": ("security",),
    "chaos": ("chaos",),
    "evals": ("evals", "evaluations"),
}


@dataclass(frozen=True, kw_only=True)
class Suite:
    """What one pytest child runs, and what it must hold.

    Attributes:
        select: Paths (and node ids) relative to the root; empty for pytest's own choice.
        args: More arguments to pytest.
        min_tests: How many tests must have run at least; None where nobody asked, which means one.
        timeout: Seconds for the whole suite; None for no bound.
        network: ``none``, ``loopback`` or ``any``.
        random_order: Shuffle the tests, with a seed that is shown.
        cov_floor: Percent of lines that this suite alone must cover; None for no floor of its own.
        absent: What it should select and is not there; non-empty for a suite that cannot run.
    """

    name: str
    select: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    min_tests: int | None = None
    timeout: float | None = None
    network: str = "any"
    random_order: bool = False
    cov_floor: float | None = None
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The suites of one run.

    Attributes:
        suites: What to run, in order; those that are absent were asked for and give no answer.
        skipped: Default suites that are not there.
        left_out: Why this is not the whole of the project's tests; empty when it is.
    """

    suites: tuple[Suite, ...]
    skipped: tuple[Suite, ...] = ()
    left_out: tuple[str, ...] = ()


def chosen(project: Project, names: Sequence[str] = (), extra: Sequence[str] = ()) -> Choice:
    """Return the suites that are asked for by name, or all that the settings have.

    ``extra`` are pytest's own arguments: paths among them narrow the suites to those that hold these paths.

    Raises:
        UsageError: A name that nobody knows, or settings that are wrong.
    """
    known = configured(project)
    asked = _named(project, known, names)
    suites = asked or tuple(known.values()) or (Suite(name=ALL),)
    skipped = tuple(suite for suite in suites if suite.absent and not asked and not suite.min_tests)
    suites = tuple(suite for suite in suites if suite not in skipped)
    missing = [name for name in (known or [ALL]) if name not in {suite.name for suite in (*suites, *skipped)}]
    reasons = [f"only {', '.join(suite.name for suite in suites)}"] if missing and ALL not in names else []
    reasons += [f"with pytest arguments {' '.join(extra)}"] if extra else []
    return Choice(suites=_narrowed(project.root, suites, extra), skipped=skipped, left_out=tuple(reasons))


def configured(project: Project) -> dict[str, Suite]:
    """Return the suites of ``[tool.agentctl.test.suites]`` by name, in the order written.

    Raises:
        UsageError: A value of the wrong kind, or a path among several that is not there.
    """
    table = project.section("test").get("suites", {})
    if not isinstance(table, Mapping):
        raise _wrong(project, "suites", "must be a table")
    return {name: _from_settings(project, name, values) for name, values in table.items()}


def _named(project: Project, known: Mapping[str, Suite], names: Sequence[str]) -> tuple[Suite, ...]:
    if ALL in names:
        return tuple(known.values()) or (Suite(name=ALL),)
    return tuple(known.get(name) or _standard(project, known, name) for name in dict.fromkeys(names))


def _standard(project: Project, known: Iterable[str], name: str) -> Suite:
    """Return a suite of the standard layout: its folders, else the tests that are marked with its name."""
    if name not in STANDARD:
        names = [*known, *(each for each in STANDARD if each not in known), ALL]
        close = difflib.get_close_matches(name, names, n=1)
        guess = f"did you mean {close[0]}? " if close else ""
        raise UsageError(f"no test suite is named {name!r}", hint=f"{guess}Suites: {', '.join(names)}")
    folders = _folders(project.root, STANDARD[name])
    return Suite(name=name, select=folders) if folders else Suite(name=name, args=("-m", name))


def _folders(root: Path, names: Iterable[str]) -> tuple[str, ...]:
    bases = [root / "tests", root / "test"]
    bases += [package / "tests" for package in packages(root)]
    found = (base / name for base in bases for name in names)
    return tuple(folder.relative_to(root).as_posix() for folder in found if folder.is_dir())


def packages(root: Path) -> list[Path]:
    """Return the project's import packages: the folders with an ``__init__.py`` in ``src`` or in the root."""
    home = root / "src" if any((root / "src").glob("*/__init__.py")) else root
    outside = {"tests", "test", "docs", "examples", "benchmarks", "scripts"}
    found = (initial.parent for initial in sorted(home.glob("*/__init__.py")))
    return [folder for folder in found if folder.name not in outside and folder.name.isidentifier()]


def _narrowed(root: Path, suites: tuple[Suite, ...], extra: Sequence[str]) -> tuple[Suite, ...]:
    """Leave each suite only the paths that were named; where no suite holds them, one suite runs them all."""
    paths = [word for word in extra if not word.startswith("-") and (root / word.split("::")[0]).exists()]
    if not paths or not any(suite.select for suite in suites):
        return suites
    kept = tuple(suite for suite in suites if any(_holds(root, suite, path) for path in paths))
    return tuple(replace(suite, select=()) for suite in kept) or (Suite(name=ALL),)


def _holds(root: Path, suite: Suite, path: str) -> bool:
    place = (root / path.split("::", maxsplit=1)[0]).resolve()
    return any(place.is_relative_to((root / folder.split("::")[0]).resolve()) for folder in suite.select)


def _from_settings(project: Project, name: str, values: Any) -> Suite:
    if not isinstance(values, Mapping) or not _NAME.fullmatch(name):
        raise _wrong(project, f"suites.{name}", "must be a table with a name of letters, digits, - and _")
    place = f"suites.{name}"
    wanted = strings(project, f"{place}.select", values.get("select", []))
    present = [path for entry in wanted for path in _expanded(project.root, entry)]
    absent = [entry for entry in wanted if not _expanded(project.root, entry)]
    if absent and present:
        raise _wrong(project, f"{place}.select", f"{absent[0]} is not there")
    network = values.get("network", "any")
    if network not in NETWORKS:
        raise _wrong(project, f"{place}.network", f"must be one of {', '.join(NETWORKS)}, not {network!r}")
    least = number(project, f"{place}.min_tests", values.get("min_tests"))
    return Suite(
        name=name,
        select=tuple(present),
        args=strings(project, f"{place}.args", values.get("args", [])),
        min_tests=None if least is None else int(least),
        timeout=number(project, f"{place}.timeout", values.get("timeout")) or None,
        network=network,
        random_order=values.get("random_order", False) is True,
        cov_floor=number(project, f"{place}.cov_floor", values.get("cov_floor")) or None,
        absent=tuple(absent),
    )


def _expanded(root: Path, entry: str) -> list[str]:
    path, colons, rest = entry.partition("::")
    if (root / path).exists():
        return [entry]
    if not any(sign in path for sign in "*?[") or Path(path).is_absolute():
        return []
    return [found.relative_to(root).as_posix() + colons + rest for found in sorted(root.glob(path))]


def strings(project: Project, place: str, value: Any) -> tuple[str, ...]:
    """Return a list of strings from the settings.

    Raises:
        UsageError: It is something else.
    """
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise _wrong(project, place, "must be a list of strings")
    return tuple(value)


def number(project: Project, place: str, value: Any) -> float | None:
    """Return a number of at least 0 from the settings, or None when it is not set.

    Raises:
        UsageError: It is something else.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise _wrong(project, place, "must be a number of at least 0")
    return float(value)


def _wrong(project: Project, place: str, problem: str) -> UsageError:
    return UsageError(f"{project.settings_file}: [tool.agentctl.test] {place}: {problem}", hint="mend the settings")
