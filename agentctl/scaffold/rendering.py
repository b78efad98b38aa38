"""Render layers with cookiecutter's own functions: no replay, no user settings, and hooks only of trusted templates.

The layers are laid over each other as templates first, and rendered once: a file that an upper layer has of its own or
takes away is never rendered, and ``include`` finds what any layer keeps in its folder ``templates/``.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from agentctl.errors import AgentctlError, UsageError
from agentctl.scaffold.kinds import PARTS, Kind, Layer

# What interpreters and linters leave in a template folder: installing a wheel compiles the templates, too.
CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
_MERGED = ".layers"
_ENVIRONMENT = "StrictEnvironment"
_SYNTAX = "_jinja2_env_vars"
_UNTOUCHED = "_copy_without_render"
_OF_TEMPLATES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What expressions of a template raise as they are."""


class _LayerError(Exception):
    """Layers do not fit each other; the message says how."""


def text(kind: Kind, template: str, values: Mapping[str, Any]) -> str:
    """Render one string, such as a default, with the syntax of the kind's own layer."""
    from cookiecutter import utils

    context = _context(kind.layers[-1:], values)
    with told(kind), environment(kind):
        return utils.create_env_with_context(context).from_string(template).render(**context)


def render(kind: Kind, values: Mapping[str, Any], folder: Path) -> Path:
    """Render a kind's layers, and those that the values choose, into one project below ``folder``; return its path.

    Args:
        kind: What is rendered; an ordinary template as it is, the layers of others over each other.
        values: A value for each public variable.
        folder: Where the project's folder is made; absolute.

    Raises:
        AgentctlError: A template is wrong; says which and where.
        OSError: The file system refuses.
    """
    if kind.ordinary:
        return _generated(kind, kind.layers[0].path, _context(kind.layers, values), folder)
    merged, layers = folder / _MERGED, kind.chosen(values)
    try:
        with told(kind):
            merge(layers, merged)
        return _generated(kind, merged, _context(layers, values), folder)
    finally:
        shutil.rmtree(merged, ignore_errors=True)


def _generated(kind: Kind, template: Path, context: dict[str, Any], folder: Path) -> Path:
    from cookiecutter.generate import generate_files

    hooks = kind.ordinary and kind.trusted
    with told(kind), environment(kind), _talk_to_stderr() if hooks else nullcontext():
        if kind.origin:
            _require_inside(template, context)
        project = generate_files(
            repo_dir=template,
            context=context,
            output_dir=folder,
            overwrite_if_exists=True,
            accept_hooks=hooks,
            keep_project_on_failure=True,
        )
    tidy(Path(project))
    return Path(project)


def _require_inside(template: Path, context: dict[str, Any]) -> None:
    """Refuse a name that an answer or a default turns into a path out of the project."""
    from cookiecutter import utils
    from cookiecutter.find import find_template

    made = utils.create_env_with_context(context)
    root = find_template(template, made)
    for path in root.rglob("*"):
        rendered = PurePosixPath(made.from_string(path.relative_to(root.parent).as_posix()).render(**context))
        if rendered.is_absolute() or ".." in rendered.parts:
            raise UsageError(f"the template would write to {rendered}", hint="give it other answers, or do not use it")


def merge(layers: Sequence[Layer], folder: Path) -> None:
    """Lay the layers over each other, lowest first, in one template folder that is made.

    Raises:
        _LayerError: They do not fit each other.
        OSError: The file system refuses.
    """
    (folder / PARTS).mkdir(parents=True)
    for layer in layers:
        root = layer.root
        if root is None and not layer.of_option:
            raise _LayerError(f"{layer.name} has no folder for the project")
        if root is not None and root.name != layers[0].root_name:
            raise _LayerError(f"in {layer.name} the project's folder is not named {layers[0].root_name}")
        if layer.private.get(_SYNTAX) != layers[0].private.get(_SYNTAX):
            raise _LayerError(f"in {layer.name} {_SYNTAX} differ from those of {layers[0].name!r}")
        _remove(layer, folder / layers[0].root_name)
        for source in filter(None, (root, layer.parts)):
            _lay(source, folder / source.name)


def tidy(project: Path) -> None:
    """Give files the permissions that new ones have here; scripts stay executable."""
    mask = os.umask(0)
    os.umask(mask)
    for folder, _folders, names in os.walk(project):
        for path in (Path(folder, name) for name in names):
            executable = path.stat().st_mode & 0o111
            path.chmod((0o777 if executable else 0o666) & ~mask)


def _lay(source: Path, target: Path) -> None:
    """Copy the files over those that are there; the permissions of installed folders, maybe read-only, stay behind."""
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in CACHES]
        below = target / os.path.relpath(folder, source)
        below.mkdir(exist_ok=True)
        for name in names:
            (below / name).unlink(missing_ok=True)
            shutil.copy(Path(folder, name), below / name)


def _remove(layer: Layer, root: Path) -> None:
    """Take the files away that the layer's globs name (``*`` matches slashes, too), and folders that this empties."""
    globs = layer.private.get("_removes", ())
    if not globs:
        return
    for folder, _folders, names in os.walk(root, topdown=False):
        for path in (Path(folder, name) for name in names):
            if any(fnmatchcase(path.relative_to(root).as_posix(), glob) for glob in globs):
                path.unlink()
        if not os.listdir(folder):  # noqa: PTH208 - a name is enough
            Path(folder).rmdir()


def _context(layers: Sequence[Layer], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    private = {key: value for layer in layers for key, value in layer.private.items()}
    untouched = [pattern for layer in layers for pattern in layer.private.get(_UNTOUCHED, ())]
    return {"cookiecutter": {**values, **private, _UNTOUCHED: untouched}, "_cookiecutter": dict(values)}


@contextmanager
def environment(kind: Kind) -> Iterator[None]:
    """Let others' templates reach nothing but their variables; let those that are trusted bring extensions.

    Cookiecutter makes its environment itself, in one place, and by a name that is put right afterwards.
    """
    from cookiecutter import utils

    ordinary, before = getattr(utils, _ENVIRONMENT), list(sys.path)
    try:
        if kind.origin and not kind.trusted:
            setattr(utils, _ENVIRONMENT, _contained())
        elif kind.origin and kind.ordinary:
            sys.path.append(str(kind.layers[0].path))
        yield
    finally:
        setattr(utils, _ENVIRONMENT, ordinary)
        sys.path[:] = before


def _contained() -> type[Any]:
    from cookiecutter.environment import ExtensionLoaderMixin
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class Contained(ExtensionLoaderMixin, SandboxedEnvironment):
        """Cookiecutter's environment, without the ways from a value to the interpreter."""

        def __init__(self, **options: Any) -> None:
            super().__init__(undefined=StrictUndefined, **options)

    return Contained


@contextmanager
def _talk_to_stderr() -> Iterator[None]:
    """Send what hooks write to standard output, which is for our report, to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def told(kind: Kind) -> Iterator[None]:
    """Turn what cookiecutter and its template engine raise into one sentence with the place."""
    from cookiecutter.exceptions import CookiecutterException, UndefinedVariableInTemplate
    from jinja2 import TemplateError, TemplateSyntaxError

    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())  # it would write tracebacks
    try:
        yield
    except UndefinedVariableInTemplate as error:
        raise _broken(kind, f"{error.message}: {error.error.message}") from error
    except TemplateSyntaxError as error:
        raise _broken(kind, f"{error.filename or error.name or 'a name'}:{error.lineno}: {error.message}") from error
    except (CookiecutterException, TemplateError, UnicodeError, _LayerError) as error:
        raise _broken(kind, str(error) or type(error).__name__) from error
    except OSError as error:
        if isinstance(error.__cause__, OSError):  # cookiecutter's own words hide which error it was
            raise error.__cause__ from None
        raise
    except _OF_TEMPLATES as error:
        if not kind.origin:
            raise
        raise _broken(kind, f"{type(error).__name__}: {error}") from error


def _broken(kind: Kind, what: str) -> AgentctlError:
    words = f"the template {kind.name!r} cannot be rendered: {what}"
    if kind.origin:
        return UsageError(words, hint="nothing was written; the template is not ours: tell its authors")
    return AgentctlError(words, hint="report it; nothing was written")
