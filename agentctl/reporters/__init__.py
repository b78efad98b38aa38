"""One module per format; each turns a ``Report`` into a string with ``render(report)``.

The folder is the registry: a new module here is a new ``--format``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentctl.results import Report


def names() -> tuple[str, ...]:
    """Return the formats that stand here, ``text`` first, then by name."""
    found = {path.stem for path in Path(__file__).parent.glob("[a-z]*.py")}
    return ("text", *sorted(found - {"text"}))


def get(name: str) -> Callable[[Report], str]:
    """Return the ``render`` function of a format.

    Raises:
        KeyError: There is no such format.
    """
    if name not in names():
        raise KeyError(name)
    render: Callable[[Report], str] = import_module(f"agentctl.reporters.{name}").render
    return render
