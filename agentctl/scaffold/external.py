"""Others' templates: a folder, or a git repository at a commit. Nothing of them runs unless they are trusted.

Three forms are known: a folder of kinds like our own ``templates/``; a single kind over our layers (its
``cookiecutter.json`` says ``_layers``); and any ordinary cookiecutter template, which is rendered alone as it says.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from agentctl.errors import AgentctlError, UsageError
from agentctl.scaffold import kinds, repository
from agentctl.scaffold.kinds import Kind, Layer

_SHORT = re.compile(r"[\w.-]+@[\w.-]+:(?!:)")  # git@host:path
_URL = re.compile(
    r"[A-Za-z][\w+.-]*::?//|[\w.-]+@[\w.-]+:|[A-Za-z]\w*::"
)  # with a scheme, scp's short form, a helper's
_PINNED = re.compile(r"(?P<url>.+)@(?P<commit>[0-9a-fA-F]{40})(?::(?P<folder>.+))?")
_ALLOWED = ("https://", "ssh://", "file://")
_HOOKS = ("pre_prompt", "pre_gen_project", "post_gen_project")
_NAMES = ("project_name", "name", "app_name", "package_name", "project_slug", "repo_name")
_SYNTAX = ("string", "prefix", "trim_blocks", "lstrip_blocks", "keep_trailing_newline", "newline_sequence")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a template is had from.

    Attributes:
        place: The folder, or the URL without what is secret in it.
        url: What git fetches; None for a folder.
        commit: All 40 hex digits; None for a folder.
        folder: The template's folder inside.
    """

    place: str
    url: str | None = None
    commit: str | None = None
    folder: str = "."

    def described(self) -> dict[str, str]:
        """Return what is kept of it in the project."""
        parts = {"source": self.place, "commit": self.commit, "folder": None if self.folder == "." else self.folder}
        return {key: value for key, value in parts.items() if value is not None}


def source(given: str) -> Source:
    """Return what ``--template`` names.

    Raises:
        UsageError: A URL that is not pinned to a commit or has another scheme than https, ssh and file.
    """
    if not _URL.match(given):
        return Source(place=given)
    pinned = _PINNED.fullmatch(given)
    if pinned is None:
        raise UsageError(
            f"--template {_shown(given)}: not pinned to a commit",
            hint="write URL@COMMIT with all 40 digits of the commit, so that what you looked at is what you get",
        )
    url = pinned["url"]
    if not url.startswith(_ALLOWED) and not _SHORT.match(url):
        raise UsageError(f"--template {_shown(given)}: this scheme is not taken", hint="use https, ssh or file")
    folder = pinned["folder"] or "."
    if ".." in PurePosixPath(folder).parts or folder.startswith("/"):
        raise UsageError(
            f"--template {_shown(given)}: {folder} leads out of the repository", hint="name a folder in it"
        )
    return Source(place=_shown(url), url=url, commit=pinned["commit"].lower(), folder=folder)


@contextmanager
def opened(origin: Source) -> Iterator[Path]:
    """Have the template in a folder: its own, or a clone that is gone afterwards.

    Raises:
        UsageError: There is no such folder.
        NoAnswerError: Git cannot fetch it.
    """
    if origin.url is None or origin.commit is None:
        yield _folder(Path(origin.place).resolve(), origin)
        return
    with tempfile.TemporaryDirectory(prefix="agentctl-template-") as name:
        clone = Path(name).resolve() / "clone"
        clone.mkdir()
        repository.checkout(clone, origin.url, origin.commit, shown=origin.place)
        yield _folder(clone / origin.folder, origin)


def kind(folder: Path, name: str | None, origin: Source, *, trusted: bool = False) -> Kind:
    """Return the kind that a template folder holds.

    Args:
        folder: Where the template lies.
        name: Which kind of several is meant.
        origin: Where it came from.
        trusted: Whether code of it may run.

    Raises:
        UsageError: It is none, or wants to run code and is not trusted.
    """
    _require_inside(folder)
    try:
        found = _found(folder, name, origin)
    except AgentctlError as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"--template {origin.place}: {error.message}", hint="mend the template") from error
    layers = (*found.layers, *(layer for choices in found.options.values() for layer in choices))
    wants = [reason for layer in layers if layer.path.is_relative_to(folder) for reason in _runs(layer)]
    if wants and not trusted:
        raise UsageError(
            f"the template {origin.place} wants to run code on this machine: {', '.join(dict.fromkeys(wants))}",
            hint="read that code; when you trust it, add --trust",
        )
    return replace(found, origin=origin.described(), trusted=trusted)


def values(kind: Kind, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for every variable of an ordinary template, as cookiecutter itself makes them.

    Raises:
        UsageError: The template's defaults cannot be rendered, or an answer is none of its choices.
    """
    from cookiecutter.generate import apply_overwrites_to_context
    from cookiecutter.prompt import prompt_for_config

    from agentctl.scaffold import rendering

    own = json.loads((kind.layers[0].path / kinds.CONTEXT).read_text(encoding="utf-8"))  # in the order of the file
    answered = {key: value for key, value in given.items() if key in own}
    try:
        apply_overwrites_to_context(own, {name_key(kind): name, **answered})
    except ValueError as error:
        raise UsageError(f"the template {kind.name!r}: {error}", hint="choose one of its values") from error
    with rendering.told(kind), rendering.environment(kind):
        found = prompt_for_config({"cookiecutter": own}, no_input=True)
    return {key: value for key, value in found.items() if not key.startswith("_") or key.startswith("__")}


def name_key(kind: Kind) -> str:
    """Return the variable of an ordinary template that the agent's name goes into."""
    texts = [key for key, value in kind.variables.items() if isinstance(value, str)]
    return next((key for key in _NAMES if key in texts), texts[0] if texts else _NAMES[0])


def folder_name(kind: Kind, answers: Mapping[str, Any]) -> str:
    """Return the name that an ordinary template gives the project's folder.

    Raises:
        UsageError: It is no name of a folder, such as a path.
    """
    from agentctl.scaffold import rendering

    (layer,) = kind.layers
    name = rendering.text(kind, layer.root_name, answers)
    if not name or PurePosixPath(name).name != name or name.startswith((".", "-")) or not name.isprintable():
        raise UsageError(f"the template {kind.name!r} calls the folder {name!r}", hint="give it another name")
    return name


def _found(folder: Path, name: str | None, origin: Source) -> Kind:
    if not (folder / kinds.CONTEXT).is_file():
        if not any(folder.glob(f"*/{kinds.CONTEXT}")):
            raise UsageError(
                f"--template {origin.place}: there is no {kinds.CONTEXT} in it",
                hint="name the folder that holds it; in a repository: URL@COMMIT:FOLDER",
            )
        return kinds.find(name, folder)
    layer = replace(kinds.read(folder), name=_name(origin))
    if "_layers" in layer.private:
        return kinds.over_ours(layer)
    if {"template", "templates"} & set(layer.variables):
        hint = "name one of its folders: FOLDER, or URL@COMMIT:FOLDER"
        raise UsageError(f"--template {origin.place}: holds several templates", hint=hint)
    if layer.root is None:
        raise UsageError(f"--template {origin.place}: has no folder for the project", hint="name another template")
    return Kind(name=layer.name, layers=(layer,), ordinary=True)


def _name(origin: Source) -> str:
    last = origin.folder if origin.folder != "." else origin.place.rstrip("/")
    return PurePosixPath(last.replace("\\", "/")).name.removesuffix(".git") or "template"


def _runs(layer: Layer) -> Iterator[str]:
    """Tell what of a layer is code that rendering would run."""
    hooks = layer.path / "hooks"
    if hooks.is_dir():
        yield from sorted(f"hooks/{path.name}" for path in hooks.iterdir() if path.stem in _HOOKS)
    if layer.private.get("_extensions"):
        yield f"_extensions {', '.join(map(str, layer.private['_extensions']))}"
    for key in layer.private.get("_jinja2_env_vars", {}):
        if not key.endswith(_SYNTAX):
            yield f"_jinja2_env_vars {key}"


def _require_inside(folder: Path) -> None:
    """Refuse links that lead out of the template: what they point at would be copied into the project."""
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(folder):
            raise UsageError(
                f"the template's {path.relative_to(folder)} is a link that leads out of it", hint="remove it"
            )


def _folder(path: Path, origin: Source) -> Path:
    if not path.is_dir():
        where = f"{origin.place} has no folder {origin.folder}" if origin.commit else f"{origin.place} is not a folder"
        raise UsageError(f"--template: {where}", hint="name a folder, or URL@COMMIT:FOLDER")
    return path


def _shown(url: str) -> str:
    """Leave out a password or token."""
    parts = urlsplit(url)
    if "://" not in url or (parts.scheme == "ssh" and parts.password is None):
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
