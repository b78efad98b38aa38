"""The coverage of the suites: each alone and all combined, judged against a floor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentctl import process, resources
from agentctl.project import Project
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.testing.environment import Python, variables
from agentctl.testing.suites import packages, strings

ID = "coverage"
_TITLE = "Coverage"
_WHOLE = "*"
_TIMEOUT = 600.0
_NAMED = 5
_TESTS = ("tests/*", "test/*", "test_*.py", "*_test.py", "conftest.py")
# Below a source folder, at any depth: a pattern that begins with * would also match the folders above the project.
_NO_CODE = tuple(f"{depth}{pattern}" for depth in ("", "**/") for pattern in (*_TESTS, ".venv/*", "venv/*"))


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of the code ran.

    Attributes:
        lines: Statements that were looked at.
        covered: Those that ran.
        branches: Ways out of decisions; None where they were not measured.
        files: Path to (statements, covered).
        problem: Why there is no figure; empty when there is one.
    """

    lines: int = 0
    covered: int = 0
    branches: int | None = None
    covered_branches: int | None = None
    files: Mapping[str, Sequence[int]] = field(default_factory=dict)
    problem: str = ""

    @property
    def percent(self) -> float | None:
        """Percent of lines, or None when nothing was measured."""
        return 100.0 * self.covered / self.lines if self.covered and not self.problem else None

    @property
    def branch_percent(self) -> float | None:
        """Percent of branches, or None when they were not measured."""
        return 100.0 * self.covered_branches / self.branches if self.branches and self.covered_branches else None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The whole, and each suite by name."""

    whole: Coverage
    suites: Mapping[str, Coverage] = field(default_factory=dict)
    version: str = ""


def settings(project: Project, *, required: bool) -> dict[str, Any]:
    """Return what to measure, as ``agentctl_measure`` reads it.

    The sources in our settings win, then the project's own coverage settings, then its packages without their tests.

    Raises:
        UsageError: ``source`` is not a list of strings.
    """
    source = strings(project, "source", project.section("test").get("source", []))
    found = [package.relative_to(project.root).as_posix() for package in packages(project.root)] or ["."]
    return {
        "source": list(source),
        "default_source": found,
        "default_omit": [f"{folder}/{pattern}" for folder in found for pattern in _NO_CODE],
        "required": required,
    }


def combine(parts: Mapping[str, Sequence[str]], *, root: Path, python: Python, folder: Path) -> Measured:
    """Combine each suite's data files and all of them, in the project's interpreter.

    Raises:
        NoAnswerError: The interpreter cannot be started.
    """
    every = [name for files in parts.values() for name in files]
    if not every:
        return Measured(whole=Coverage(problem="no coverage data was written"))
    wanted = {_WHOLE: every, **(parts if len(parts) > 1 else {})}
    spec, result = folder / "combine.json", folder / "combined.json"
    spec.write_text(json.dumps({"parts": wanted, "folder": str(folder), "result": str(result)}), encoding="utf-8")
    script = resources.runtime() / "agentctl_combine.py"
    done = process.run([python.path, script, spec], cwd=root, env=variables(python), timeout=_TIMEOUT)
    if not result.is_file():
        words = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
        return Measured(whole=Coverage(problem=f"coverage cannot be combined: {words[0]}"))
    values = json.loads(result.read_text(encoding="utf-8"))
    measured = {name: Coverage(**part) for name, part in values["parts"].items()}
    whole = measured.pop(_WHOLE)
    return Measured(whole=whole, suites=measured or dict.fromkeys(parts, whole), version=values["version"])


def judged(whole: Coverage, floor: float | None, *, incomplete: str = "") -> Finding:
    """Return the finding about the floor.

    Args:
        whole: What was measured.
        floor: Percent of lines; None without a floor.
        incomplete: Why a figure below the floor proves nothing; a figure above it always does.
    """
    percent = whole.percent
    if percent is None:
        return _unmeasured(whole, floor)
    if floor is None:
        words = f"{shown(percent)} of {whole.lines} lines, no floor is set"
        return _finding(Verdict.NOT_APPLICABLE, words, severity=Severity.ADVICE)
    if percent >= floor:
        return _finding(Verdict.PASS, f"{shown(percent)} of {whole.lines} lines, the floor is {floor:g} %")
    if incomplete:
        words = f"{shown(percent)} of {whole.lines} lines; not held against the floor of {floor:g} %: {incomplete}"
        return _finding(Verdict.UNKNOWN, words, severity=Severity.ADVICE, hint="run all suites")
    worst = least_covered(whole)
    return _finding(
        Verdict.FAIL,
        f"{shown(percent)} of {whole.lines} lines, below the floor of {floor:g} %",
        hint="most lines that no test runs: " + ", ".join(f"{path} ({missing})" for path, missing in worst),
        evidence=tuple(Location(path=path) for path, _missing in worst),
    )


def least_covered(whole: Coverage) -> list[tuple[str, int]]:
    """Return the files with the most lines that did not run, and how many."""
    missing = {path: lines - covered for path, (lines, covered) in whole.files.items() if lines > covered}
    return sorted(missing.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED]


def shown(percent: float) -> str:
    """Return a percentage with one decimal, never rounded up to a floor that it does not reach."""
    return f"{int(percent * 10) / 10:.1f} %"


def _unmeasured(whole: Coverage, floor: float | None) -> Finding:
    cause = whole.problem or "no line of the measured sources ran (does an installed copy? pip install --editable .)"
    hint = (
        None
        if whole.problem
        else "install the project as editable, or name what to measure in [tool.agentctl.test] source"
    )
    if floor is None:
        return _finding(Verdict.NOT_APPLICABLE, f"not measured: {cause}", severity=Severity.ADVICE, hint=hint)
    return _finding(Verdict.INVALID, f"no answer: {cause}, so that the floor of {floor:g} % cannot be held", hint=hint)


def _finding(
    verdict: Verdict,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    hint: str | None = None,
    evidence: tuple[Location, ...] = (),
) -> Finding:
    return Finding(
        id=ID, title=_TITLE, verdict=verdict, message=message, severity=severity, hint=hint, evidence=evidence, group=ID
    )
