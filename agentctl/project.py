"""Find the project, read its settings once, and find its interpreter."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agentctl.errors import UsageError

STATE_FOLDER = ".agentctl"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project and its settings.

    Attributes:
        root: The folder that holds ``agentctl.toml``, ``pyproject.toml`` or ``.git``; absolute.
        settings: The ``[tool.agentctl]`` table (or all of ``agentctl.toml``), already checked against its schema.
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
    own_file = root / "agentctl.toml"
    if own_file.is_file():
        return _checked(root, _read_toml(own_file), own_file, pyproject)
    table = _table(pyproject, "tool").get("agentctl")
    if table is None:
        return Project(root=root, pyproject=MappingProxyType(pyproject))
    return _checked(root, table, root / "pyproject.toml", pyproject)


def interpreter(project: Project, wanted: Path | None = None) -> Path | None:
    """Return the project's own Python: the one asked for, its virtual environment, the active one, or None.

    Raises:
        UsageError: The one asked for is not an executable file.
    """
    if wanted is not None:
        if not (wanted.is_file() and os.access(wanted, os.X_OK)):
            raise UsageError(f"--python {wanted}: not an executable file", hint="name a Python interpreter")
        return wanted.absolute()
    active = os.environ.get("VIRTUAL_ENV")
    folders = [project.root / ".venv", project.root / "venv", *([Path(active)] if active else [])]
    for folder in folders:
        for candidate in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if candidate.is_file():
                return candidate
    return None


def _root_of(start: Path) -> Path:
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if any((candidate / name).exists() for name in ("agentctl.toml", "pyproject.toml", ".git")):
            return candidate
    return folder


def _checked(root: Path, settings: Any, source: Path, pyproject: Mapping[str, Any]) -> Project:
    if not isinstance(settings, dict):
        raise UsageError(f"{source}: [tool.agentctl] must be a table")
    return Project(
        root=root,
        settings=MappingProxyType(settings),
        settings_file=source,
        pyproject=MappingProxyType(dict(pyproject)),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read: {error}", hint="mend the file, then run the command again"
        ) from error


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}
