"""Where the templates and schemas that ship with agentctl lie."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """Return the folder inside an installed wheel, else beside the package in a checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def templates() -> Path:
    """Return the folder that holds one template folder per layer."""
    return _shipped("templates")


def schemas() -> Path:
    """Return the folder that holds one ``<kind>.schema.json`` per document kind."""
    return _shipped("schemas")


def runtime() -> Path:
    """Return the folder to put on the path of a child in another interpreter; imports nothing of agentctl."""
    return _PACKAGE / "runtime"
