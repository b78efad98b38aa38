"""What the project says of itself and of what it depends on: manifests and locks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from agentctl.checklist.facts import roles

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "conda-lock.yml", "pixi.lock")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^;#]*)")
_LOCKED = re.compile(r'^\[\[packages?\]\]\s+name = "([^"]+)"\s+(?:version = "([^"]*)")?', re.MULTILINE)
_PINS = re.compile(r"(requirements|constraints)[\w.-]*\.(txt|lock)$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One dependency: normalised name, version specifier without blanks, where it stands."""

    name: str
    specifier: str
    path: str
    line: int

    @property
    def exact(self) -> bool:
        """Whether one version only fits, or one artefact by its URL and commit."""
        pinned = re.fullmatch(r"={2,3}[^*,]+", self.specifier) is not None
        return pinned or re.match(r"@\S+(@|#|==)", self.specifier) is not None


@dataclass(frozen=True)
class Manifest:
    """The manifests and locks of a tree.

    Attributes:
        dependencies: What the project asks for at run time.
        pins: Pin files (requirements, constraints) by path.
        locks: Lock files by path, with their text.
        scripts: Console scripts.
        packaged: Whether it can be installed.
        hashed: The pin files that carry hashes.
        optional: Names of what is only installed when somebody asks for it.
    """

    name: str
    pyproject: Mapping[str, Any]
    dependencies: tuple[Requirement, ...]
    pins: Mapping[str, tuple[Requirement, ...]]
    locks: Mapping[str, str]
    scripts: tuple[str, ...]
    packaged: bool
    hashed: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


def gather(texts: Mapping[str, str], python: Collection[str]) -> Manifest:
    """Read the manifests of a tree, whose Python files only count by their names; a broken one counts as absent."""
    pyproject = _toml(texts.get("pyproject.toml", ""))
    project, poetry = _tables(pyproject)
    setup = _setup_cfg(texts.get("setup.cfg", ""))
    pins = {path: tuple(_lines(path, text)) for path, text in texts.items() if _is_pins(path)}
    parts = () if pyproject or setup[0] or "setup.py" in python else tuple(_parts(texts))
    dependencies = (*_project(project), *_poetry(poetry), *setup[0]) or _of_parts(parts or tuple(_parts(texts)))
    console = [name for _, part in parts for table in _tables(part) for name in _table(table, "scripts")]
    return Manifest(
        name=str(project.get("name") or poetry.get("name") or ""),
        pyproject=pyproject,
        dependencies=dependencies or pins.get("requirements.txt", ()),
        pins={path: rows for path, rows in pins.items() if rows},
        locks={path: text for path, text in texts.items() if _is_lock(path) and text.strip()},
        scripts=(*_table(project, "scripts"), *_table(poetry, "scripts"), *setup[1], *console),
        packaged=_is_built(pyproject)
        or "setup.py" in python
        or bool(setup[0])
        or (bool(parts) and all(_is_built(part) for _, part in parts)),
        hashed=frozenset(path for path in pins if "--hash=" in texts[path]),
        optional=frozenset(_optional(project)),
    )


def _is_built(pyproject: Mapping[str, Any]) -> bool:
    """Return whether a manifest says how it is built, or which packages setuptools, the default, puts into it."""
    setuptools = _table(_table(pyproject, "tool"), "setuptools")
    return "build-system" in pyproject or not {"packages", "package-dir", "py-modules"}.isdisjoint(setuptools)


def _optional(project: Mapping[str, Any]) -> Iterator[str]:
    for needs in _table(project, "optional-dependencies").values():
        found = (_NAME.match(need) for need in needs if isinstance(need, str)) if isinstance(needs, list) else ()
        yield from (normal(match.group(1)) for match in found if match)


def _parts(texts: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the projects in folders of a tree."""
    for path, text in texts.items():
        if PurePosixPath(path).name == "pyproject.toml" and roles.role(f"{path[:-14]}x.py") == roles.SHIPPED:
            yield path, _toml(text)


def _of_parts(parts: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Requirement, ...]:
    """Return what the projects in folders of a tree ask for when the tree itself is none."""
    found: dict[str, Requirement] = {}
    for path, pyproject in parts:
        project, poetry = _tables(pyproject)
        needs = (*_project(project), *_poetry(poetry))
        found.update((need.name, replace(need, path=path)) for need in needs)
    return tuple(found.values())


def _tables(pyproject: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return _table(pyproject, "project"), _table(_table(pyproject, "tool"), "poetry")


def locked(manifest: Manifest) -> dict[str, str]:
    """Return name and version of every package in ``uv.lock``, ``poetry.lock``, ``pdm.lock`` and ``pylock.toml``.

    Read by pattern: these files are written by tools in one form, and a whole parse of a megabyte takes half a second.
    """
    found: dict[str, str] = {}
    for text in manifest.locks.values():
        found.update((normal(name), version) for name, version in _LOCKED.findall(text))
    return found


def lock_disagrees(manifest: Manifest) -> list[str]:
    """Return the direct dependencies that a ``uv.lock`` states otherwise than the manifest, or that a lock lacks."""
    packages = locked(manifest)
    wrong = [need.name for need in manifest.dependencies if packages and need.name not in packages]
    for path, text in manifest.locks.items():
        if PurePosixPath(path).name == "uv.lock":
            stated = _stated(text, normal(manifest.name))
            if stated is not None:
                wrong += [
                    need.name
                    for need in manifest.dependencies
                    if need.name in stated and not _same(stated[need.name], need.specifier)
                ]
    return sorted(set(wrong))


def normal(name: str) -> str:
    """Return a distribution's normalised name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _same(one: str, two: str) -> bool:
    return set(re.sub(r"[\s()]", "", one).split(",")) == set(re.sub(r"[\s()]", "", two).split(","))


def _stated(lock: str, name: str) -> dict[str, str] | None:
    """Return what a ``uv.lock`` says that the project itself asks for: name to specifier."""
    for block in re.split(r"^(?=\[\[package\]\])", lock, flags=re.MULTILINE):
        own = _LOCKED.match(block)
        if own and normal(own.group(1)) == name:
            packages = _toml(block).get("package") or [{}]
            rows = _table(packages[0], "metadata").get("requires-dist", [])
            return {normal(str(row["name"])): str(row.get("specifier", "")) for row in rows if "marker" not in row}
    return None


def _is_lock(path: str) -> bool:
    folder, mark, name = path.rpartition("/")
    return name in LOCKS and roles.role(f"{folder}{mark}x.py") == roles.SHIPPED


def _is_pins(path: str) -> bool:
    name = PurePosixPath(path).name
    parent = PurePosixPath(path).parent.name
    return bool(_PINS.search(name)) or (parent in {"requirements", "constraints"} and name.endswith(".txt"))


def _lines(path: str, text: str) -> Iterator[Requirement]:
    for number, row in enumerate(text.splitlines(), 1):
        bare = row.split(" #")[0].strip()
        if bare and not bare.startswith(("#", "-", "\\")):
            found = _requirement(bare.partition("--hash")[0].rstrip("\\ "), path, number)
            if found:
                yield found


def _requirement(text: str, path: str, line: int) -> Requirement | None:
    match = _NAME.match(text)
    if match is None:
        return None
    return Requirement(normal(match.group(1)), re.sub(r"[\s()]", "", match.group(3)), path, line)


def _project(project: Mapping[str, Any]) -> Iterator[Requirement]:
    rows = project.get("dependencies")
    for row in rows if isinstance(rows, list) else ():
        found = _requirement(str(row), "pyproject.toml", 1)
        if found:
            yield found


def _poetry(poetry: Mapping[str, Any]) -> Iterator[Requirement]:
    for name, value in _table(poetry, "dependencies").items():
        if name != "python":
            version = value if isinstance(value, str) else value.get("version", "") if isinstance(value, dict) else ""
            yield Requirement(normal(name), f"=={version}" if version[:1].isdigit() else version, "pyproject.toml", 1)


def _setup_cfg(text: str) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except ConfigError:
        return (), ()
    rows: Iterable[str] = parser.get("options", "install_requires", fallback="").splitlines()
    found = (_requirement(row, "setup.cfg", 1) for row in rows if row.strip())
    scripts = parser.get("options.entry_points", "console_scripts", fallback="").splitlines()
    return tuple(need for need in found if need), tuple(row for row in scripts if row.strip())


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}
