"""Look over a rendered project before it is handed over: nothing left to render, everything parses."""

from __future__ import annotations

import json
import os
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agentctl.scaffold.kinds import Kind

_PINS = re.compile(r"[\w.-]*(requirements|constraints)[\w.-]*\.(txt|lock)")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Problem(NamedTuple):
    """A place in the rendered project (1-based line) and what is wrong there."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def problems(project: Path, kind: Kind) -> list[Problem]:
    """Return what is wrong with the rendered files, by path; empty when they may be handed over.

    Files of an ordinary template may hold what looks like a variable: only that they parse is looked at.
    """
    leftovers = re.compile(r"(?!)") if kind.ordinary else _leftovers(kind)
    return [problem for path in paths(project) for problem in _of_file(project, path, leftovers)]


def paths(project: Path) -> list[str]:
    """Return the project's files as sorted relative paths with forward slashes; git's own are left out."""
    found = []
    for folder, folders, names in os.walk(project):
        folders[:] = [name for name in folders if name != ".git"]
        found += [Path(folder, name).relative_to(project).as_posix() for name in names]
    return sorted(found)


def dependencies(project: Path) -> set[str]:
    """Return the distributions that the project depends on, normalised: lower case with hyphens."""
    pins = [path for path in project.iterdir() if path.is_file() and _PINS.fullmatch(path.name)]
    lines = [line for path in pins for line in path.read_text(encoding="utf-8").splitlines()]
    pyproject = project / "pyproject.toml"
    if pyproject.is_file():
        about = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
        extras = about.get("optional-dependencies", {}).values()
        lines += [*about.get("dependencies", ()), *(line for extra in extras for line in extra)]
    found = (_REQUIREMENT.match(line) for line in lines)
    return {re.sub(r"[-_.]+", "-", match.group().lower()) for match in found if match}


def _of_file(project: Path, path: str, leftovers: re.Pattern[str]) -> Iterator[Problem]:
    if found := leftovers.search(path):
        yield Problem(path, 1, f"the name still has {found.group()}")
    content = (project / path).read_bytes()
    if b"\0" in content:
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Problem(path, content.count(b"\n", 0, error.start) + 1, "is not UTF-8")
        return
    if found := leftovers.search(text):
        yield Problem(path, text.count("\n", 0, found.start()) + 1, f"{found.group()} was not rendered")
    yield from _parsed(path, text)


def _leftovers(kind: Kind) -> re.Pattern[str]:
    openings = sorted({re.escape(opening) for layer in kind.layers for opening in layer.delimiters})
    names = "|".join(map(re.escape, kind.variables)) or "name"
    return re.compile(rf"{'|'.join(openings)}|\bcookiecutter\.(?:{names})\b")


def _parsed(path: str, text: str) -> Sequence[Problem]:
    parse = _PARSERS.get(Path(path).suffix)
    fault = parse(text) if parse else None
    return [Problem(path, *fault)] if fault else []


def _python(text: str) -> tuple[int, str] | None:
    """Compile without writing anything; a warning of the compiler is a defect of the template, too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(text, "<rendered>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 1, f"does not compile: {error.msg}"
    except ValueError as error:
        return 1, f"does not compile: {error}"
    return None


def _yaml(text: str) -> tuple[int, str] | None:
    import yaml

    try:
        for _event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return (mark.line + 1 if mark else 1), f"is not YAML: {error.problem}"
    except yaml.YAMLError as error:
        return 1, f"is not YAML: {error}"
    return None


def _toml(text: str) -> tuple[int, str] | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        return int(line.group(1)) if line else 1, f"is not TOML: {error}"
    return None


def _json(text: str) -> tuple[int, str] | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno, f"is not JSON: {error.msg}"
    return None


_PARSERS: dict[str, Callable[[str], tuple[int, str] | None]] = {
    ".py": _python,
    ".pyi": _python,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": _toml,
    ".json": _json,
}
