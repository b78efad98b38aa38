"""Find the project, read its settings once, and find its interpreter.

A flag wins over the environment, the environment over the file: each setting of a section that is one value (text, a
number, true or false) can be given as ``AGENTCTL_<SECTION>_<KEY>``, such as ``AGENTCTL_TEST_COV_FLOOR=80``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agentctl.documents.model import BadDocumentError, Document, Pointer, Problem, value_at
from agentctl.errors import UsageError

STATE_FOLDER = ".agentctl"
_ENVIRONMENTS = ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "CONDA_PREFIX")
_MANAGERS = (("poetry.lock", "poetry", "env", "info", "--executable"), ("Pipfile", "pipenv", "--py"))
_PATIENCE = 60.0  # seconds that a manager may take


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project and its settings.

    Attributes:
        root: The folder that holds ``agentctl.toml``, ``pyproject.toml`` or ``.git``; absolute.
        settings: The ``[tool.agentctl]`` table (or all of ``agentctl.toml``) with what the environment overrides,
            already checked against ``schemas/settings.schema.json``.
        settings_file: Where the settings stand, or None without any.
        pyproject: The whole of ``pyproject.toml``; empty without one.
    """

    root: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    settings_file: Path | None = None
    pyproject: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """The folder for records and what else agentctl keeps in the project."""
        return self.root / STATE_FOLDER

    @property
    def name(self) -> str:
        """The distribution's name, else the folder's."""
        name = _table(self.pyproject, "project").get("name")
        return name if isinstance(name, str) else self.root.name

    def section(self, name: str) -> Mapping[str, Any]:
        """Return one table of the settings, empty when it is not there."""
        return _table(self.settings, name)


def load(start: Path | None = None) -> Project:
    """Find the project that a folder (or file) belongs to and read its settings.

    The nearest folder upwards with ``agentctl.toml``, ``pyproject.toml`` or ``.git`` is the root; without one it is
    ``start`` itself. ``agentctl.toml`` wins over ``pyproject.toml``.

    Raises:
        UsageError: ``start`` is not there, or a settings file is broken or has unknown keys.
    """
    start = Path.cwd() if start is None else start
    if not start.exists():
        raise UsageError(f"{start}: no such file or folder", hint="check the path")
    root = _root_of(start.resolve())
    pyproject = _read_toml(root / "pyproject.toml")
    own = _read_toml(root / "agentctl.toml")
    whole = pyproject.value if pyproject else {}
    document = pyproject if own is None else own
    source = root / ("pyproject.toml" if own is None else "agentctl.toml")
    table: Pointer = ("tool", "agentctl") if own is None else ()
    settings = value_at(document.value, table) if document else None
    return Project(
        root=root,
        settings=MappingProxyType(_checked(settings, source, document, table)),
        settings_file=source if settings is not None else None,
        pyproject=MappingProxyType(whole),
    )


def interpreter(project: Project, wanted: Path | None = None) -> Path | None:
    """Return the project's own Python: the one asked for, its virtual environment, the active one, or None.

    A manager of environments that keeps them elsewhere (Poetry, Pipenv) is asked where it has the project's.

    Raises:
        UsageError: The one asked for is not an executable file.
    """
    if wanted is not None:
        if not (wanted.is_file() and os.access(wanted, os.X_OK)):
            raise UsageError(f"--python {wanted}: not an executable file", hint="name a Python interpreter")
        return wanted.absolute()
    named = [os.environ.get(name) for name in _ENVIRONMENTS]
    folders = [project.root / ".venv", project.root / "venv", *(project.root / name for name in named if name)]
    for folder in folders:
        for candidate in (folder / "bin" / "python", folder / "Scripts" / "python.exe", folder / "python.exe"):
            if candidate.is_file():
                return candidate
    return next(filter(None, (_managed(project.root, *manager) for manager in _MANAGERS)), None)


def _managed(root: Path, mark: str, program: str, *arguments: str) -> Path | None:
    """Return the Python of an environment that a manager keeps, where the folder bears its mark and it has one."""
    found = shutil.which(program) if (root / mark).is_file() else None
    if found is None:
        return None
    from agentctl import process

    done = process.run([found, *arguments], cwd=root, timeout=_PATIENCE)
    told = Path((done.stdout.strip().splitlines() or [""])[-1])
    return told if done.ok and told.is_absolute() and told.is_file() else None


def _root_of(start: Path) -> Path:
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if any((candidate / name).exists() for name in ("agentctl.toml", "pyproject.toml", ".git")):
            return candidate
    return folder


def _checked(settings: Any, source: Path, document: Document | None, table: Pointer) -> dict[str, Any]:
    """Return the settings with those of the environment over them.

    Raises:
        UsageError: A key is unknown, or a value is not what it must be.
    """
    given = dict(_from_environment())
    if settings is None and not given:
        return {}
    merged = _merged({} if settings is None else settings, given)
    from agentctl.documents import engine, explain, schemas

    schema = schemas.builtin("settings")
    problems = explain.problems(engine.errors(schema, merged))
    if problems:
        raise _wrong_setting(problems, given, source, document, table)
    return dict(merged)


def _from_environment() -> Iterator[tuple[Pointer, str]]:
    """Yield section and key of each setting that an environment variable gives."""
    if not any(name.startswith("AGENTCTL_") for name in os.environ):
        return
    from agentctl.documents import schemas

    sections = schemas.builtin("settings").content["properties"]
    for section, schema in sections.items():
        for key in schema["properties"]:
            value = os.environ.get(f"AGENTCTL_{section}_{key}".upper())
            if value:
                yield (section, key), value


def _merged(settings: Any, given: Mapping[Pointer, str]) -> Any:
    if not isinstance(settings, dict):
        return settings
    merged = {**settings}
    for (section, key), text in given.items():
        merged[str(section)] = {**_table(merged, str(section)), key: _scalar(text)}
    return merged


def _scalar(text: str) -> Any:
    """Return a number, true or false where the text is one, else the text itself."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text


def _wrong_setting(
    problems: list[Problem], given: Mapping[Pointer, str], source: Path, document: Document | None, table: Pointer
) -> UsageError:
    first = min(problems, key=lambda problem: _order(document, table, problem))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if first.pointer in given:
        place = f"AGENTCTL_{first.pointer[0]}_{first.pointer[1]}".upper()
    else:
        place = _place(source, document, table, first)
    return UsageError(f"{place}: {_in_table(first)}{more}", hint=first.hint)


def _in_table(problem: Problem) -> str:
    """Return the message, with the table that an unknown or missing key belongs to."""
    around = problem.pointer[:-1] if problem.at_key else problem.pointer
    inside = problem.id in {"unknown-key", "missing-key"} and around
    return problem.message if not inside else f"[{'.'.join(map(str, around))}]: {problem.message}"


def _order(document: Document | None, table: Pointer, problem: Problem) -> tuple[int, int]:
    span = document.locate((*table, *problem.pointer), at_key=problem.at_key) if document else None
    return (span.line, span.column) if span else (0, 0)


def _place(source: Path, document: Document | None, table: Pointer, problem: Problem) -> str:
    span = problem.span
    if span is None and document is not None:
        span = document.locate((*table, *problem.pointer), at_key=problem.at_key)
    return f"{source}:{span.line}:{span.column}" if span else str(source)


def _read_toml(path: Path) -> Document | None:
    if not path.is_file():
        return None
    from agentctl.documents import reading

    try:
        parsed = reading.parse(reading.read_file(path), "toml")
    except BadDocumentError as error:
        raise UsageError(f"{path}: {error.problem.message}", hint=error.problem.hint) from error
    if parsed.problems:
        problem = parsed.problems[0]
        document = parsed.documents[0] if parsed.documents else None
        hint = problem.hint or "mend the file, then run the command again"
        raise UsageError(f"{_place(path, document, (), problem)}: {problem.message}", hint=hint)
    return parsed.documents[0]


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}
