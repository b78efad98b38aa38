"""Render layers with cookiecutter's own functions: no hooks, no replay, no user settings.

The layers are laid over each other as templates first, and rendered once: a file that an upper layer has of its own or
takes away is never rendered, and ``include`` finds what any layer keeps in its folder ``templates/``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from agentctl.errors import AgentctlError
from agentctl.scaffold.kinds import PARTS, Layer

# What interpreters and linters leave in a template folder: installing a wheel compiles the templates, too.
CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
_MERGED = ".layers"
_SYNTAX = "_jinja2_env_vars"
_UNTOUCHED = "_copy_without_render"


def text(layer: Layer, template: str, values: Mapping[str, str]) -> str:
    """Render one string, such as a default, with the layer's syntax."""
    from cookiecutter.utils import create_env_with_context

    context = _context([layer], values)
    with told(layer.name):
        return create_env_with_context(context).from_string(template).render(**context)


def render(layers: Sequence[Layer], values: Mapping[str, str], folder: Path) -> Path:
    """Render the layers, lowest first, into one project below ``folder`` and return the project's path.

    Args:
        layers: Later ones overwrite the files of earlier ones, or take them away (``_removes``).
        values: A value for each public variable.
        folder: Where the project's folder is made; absolute.

    Raises:
        AgentctlError: A template is wrong; says which and where.
        OSError: The file system refuses.
    """
    from cookiecutter.generate import generate_files

    merged = folder / _MERGED
    try:
        merge(layers, merged)
        with told(next(layer.name for layer in reversed(layers) if not layer.of_option)):
            project = generate_files(
                repo_dir=merged,
                context=_context(layers, values),
                output_dir=folder,
                overwrite_if_exists=True,
                accept_hooks=False,
                keep_project_on_failure=True,
            )
    finally:
        shutil.rmtree(merged, ignore_errors=True)
    tidy(Path(project))
    return Path(project)


def merge(layers: Sequence[Layer], folder: Path) -> None:
    """Lay the layers over each other, lowest first, in one template folder that is made.

    Raises:
        AgentctlError: They do not fit each other.
        OSError: The file system refuses.
    """
    (folder / PARTS).mkdir(parents=True)
    for layer in layers:
        root = layer.root
        if root is None and not layer.of_option:
            raise _broken(layer.name, "it has no folder for the project")
        if root is not None and root.name != layers[0].root_name:
            raise _broken(layer.name, f"its project's folder is not named {layers[0].root_name}")
        if layer.private.get(_SYNTAX) != layers[0].private.get(_SYNTAX):
            raise _broken(layer.name, f"its {_SYNTAX} differ from those of {layers[0].name!r}")
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


def _context(layers: Sequence[Layer], values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    private = {key: value for layer in layers for key, value in layer.private.items()}
    untouched = [pattern for layer in layers for pattern in layer.private.get(_UNTOUCHED, ())]
    return {"cookiecutter": {**values, **private, _UNTOUCHED: untouched}}


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turn what cookiecutter and its template engine raise into one sentence with the place."""
    from cookiecutter.exceptions import CookiecutterException, UndefinedVariableInTemplate
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        yield
    except UndefinedVariableInTemplate as error:
        raise _broken(name, f"{error.message}: {error.error.message}") from error
    except TemplateSyntaxError as error:
        raise _broken(name, f"{error.filename or error.name or 'a name'}:{error.lineno}: {error.message}") from error
    except (CookiecutterException, TemplateError, UnicodeError) as error:
        raise _broken(name, str(error) or type(error).__name__) from error
    except OSError as error:
        if isinstance(error.__cause__, OSError):  # cookiecutter's own words hide which error it was
            raise error.__cause__ from None
        raise


def _broken(name: str, what: str) -> AgentctlError:
    return AgentctlError(f"the template {name!r} cannot be rendered: {what}", hint="report it; nothing was written")
