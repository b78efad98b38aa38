"""The projects of a monorepo: folders that ship by themselves, each looked at with what all of them share."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agentctl.checklist.facts import roles
from agentctl.checklist.tree import Tree
from agentctl.project import STATE_FOLDER
from agentctl.results import Finding, Location

_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")
_BUILDS = re.compile(r"^\s*(from|import)\s+(setuptools|distutils|skbuild|numpy\.distutils)\b", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A project of a monorepo.

    Attributes:
        folder: From the top of the tree, with forward slashes.
        tree: Its Python by path from the top, so that names resolve as they do in the whole tree; its other files by
            path from its own folder, where tools look for them; and what belongs to no project.
        own: The names of its other files.
    """

    folder: str
    tree: Tree
    own: frozenset[str]

    def placed(self, finding: Finding) -> Finding:
        """Return a finding with its places from the top of the tree."""
        return replace(finding, evidence=tuple(map(self._placed, finding.evidence)))

    def _placed(self, place: Location) -> Location:
        inside = place.path in self.own or place.path.startswith(f"{STATE_FOLDER}/")
        return replace(place, path=f"{self.folder}/{place.path}") if inside else place


def parts(tree: Tree) -> list[Part]:
    """Return the projects of a tree; none when it is one project.

    A folder is a project when its manifest names one and it has shipped Python of its own. There are several when two
    folders are, or when one is beside shipped code that belongs to the top's own manifest.
    """
    folders = sorted({folder for folder in _declared(tree) if _ships(tree, folder)})
    below = [folder for folder in folders if folder]
    if len(below) + ("" in folders and _top_ships(tree, below)) < 2:  # noqa: PLR2004 - one is no monorepo
        return []
    return [_part(tree, folder, below) for folder in below]


def _declared(tree: Tree) -> Iterator[str]:
    for path in tree.texts:
        folder, _, name = path.rpartition("/")
        manifest = name in _MANIFESTS and _is_shipped(f"{folder}/module.py".lstrip("/"))
        if manifest and _names_a_project(name, tree.texts[path]):
            yield folder


def _names_a_project(name: str, text: str) -> bool:
    if name == "setup.py":  # or a module of that name
        return _BUILDS.search(text) is not None and "setup(" in text
    if name == "setup.cfg":
        return "[metadata]" in text
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    tool = values.get("tool")
    return "project" in values or (isinstance(tool, dict) and "poetry" in tool)


def _ships(tree: Tree, folder: str) -> bool:
    start = f"{folder}/" if folder else ""
    return any(_is_shipped(path.removeprefix(start)) for path in tree.texts if path.startswith(start))


def _top_ships(tree: Tree, below: list[str]) -> bool:
    return any(_is_shipped(path) and _owner(path, below) is None for path in tree.texts)


def _is_shipped(path: str) -> bool:
    return path.endswith(".py") and roles.role(path) == roles.SHIPPED


def _owner(path: str, folders: list[str]) -> str | None:
    """Return the innermost project that a path lies in."""
    around = [folder for folder in folders if path.startswith(f"{folder}/")]
    return max(around, key=len, default=None)


def _part(tree: Tree, folder: str, folders: list[str]) -> Part:
    own = {path.removeprefix(f"{folder}/"): path for path in tree.paths if _owner(path, folders) == folder}
    beside = {path: path for path in tree.paths if _owner(path, folders) is None and not _is_shipped(path)}
    python = [path for path in tree.python if path in beside or _owner(path, folders) == folder]
    others = {name: path for name, path in {**beside, **own}.items() if not path.endswith(".py")}
    return Part(
        folder=folder,
        tree=Tree(
            root=tree.root,
            plain={name: tree.plain[path] for name, path in others.items() if path in tree.plain},
            python=tuple(python),
            digests={
                **{name: tree.digests[path] for name, path in others.items() if path in tree.digests},
                **{path: tree.digests[path] for path in python},
            },
            unread={name: tree.unread[path] for name, path in others.items() if path in tree.unread},
            paths=tuple(sorted({*others, *python})),
        ),
        own=frozenset(name for name in others if name in own),
    )
