"""Render template layers over each other with cookiecutter's own functions: no hooks, no replay, no user settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentctl.errors import AgentctlError
from agentctl.scaffold.kinds import Layer

# What interpreters and linters leave in a template folder: installing a wheel compiles the templates, too.
_CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")


def text(layer: Layer, template: str, values: Mapping[str, str]) -> str:
    """Render one string, such as a default, with the layer's syntax."""
    from cookiecutter.utils import create_env_with_context

    context = _context(layer, values)
    with _told(layer):
        return create_env_with_context(context).from_string(template).render(**context)


def render(layers: Sequence[Layer], values: Mapping[str, str], folder: Path) -> Path:
    """Render the layers, lowest first, into one project below ``folder`` and return the project's path.

    Args:
        layers: Later ones overwrite the files of earlier ones.
        values: A value for each public variable.
        folder: Where the project's folder is made; absolute.

    Raises:
        AgentctlError: A template is wrong; says which and where.
        OSError: The file system refuses.
    """
    from cookiecutter.generate import generate_files

    for layer in layers:
        with _told(layer):
            project = generate_files(
                repo_dir=layer.path,
                context=_context(layer, values),
                output_dir=folder,
                overwrite_if_exists=True,
                accept_hooks=False,
                keep_project_on_failure=True,
            )
    _tidy(Path(project))
    return Path(project)


def _context(layer: Layer, values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    untouched = [*layer.private.get("_copy_without_render", ()), *(f"*{name}*" for name in _CACHES)]
    return {"cookiecutter": {**values, **layer.private, "_copy_without_render": untouched}}


def _tidy(project: Path) -> None:
    """Drop caches, and give files the permissions that new ones have here; scripts stay executable."""
    mask = os.umask(0)
    os.umask(mask)
    for folder, folders, names in os.walk(project):
        for cache in [name for name in folders if name in _CACHES]:
            shutil.rmtree(Path(folder, cache))
            folders.remove(cache)
        for path in (Path(folder, name) for name in names):
            executable = path.stat().st_mode & 0o111
            path.chmod((0o777 if executable else 0o666) & ~mask)


@contextmanager
def _told(layer: Layer) -> Iterator[None]:
    """Turn what cookiecutter and its template engine raise into one sentence with the place."""
    from cookiecutter.exceptions import CookiecutterException, UndefinedVariableInTemplate
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        yield
    except UndefinedVariableInTemplate as error:
        raise _broken(layer, f"{error.message}: {error.error.message}") from error
    except TemplateSyntaxError as error:
        raise _broken(layer, f"{error.filename or error.name or 'a name'}:{error.lineno}: {error.message}") from error
    except (CookiecutterException, TemplateError, UnicodeError) as error:
        raise _broken(layer, str(error) or type(error).__name__) from error
    except OSError as error:
        if isinstance(error.__cause__, OSError):  # cookiecutter's own words hide which error it was
            raise error.__cause__ from None
        raise


def _broken(layer: Layer, what: str) -> AgentctlError:
    return AgentctlError(
        f"the template {layer.name!r} cannot be rendered: {what}", hint="report it; nothing was written"
    )
