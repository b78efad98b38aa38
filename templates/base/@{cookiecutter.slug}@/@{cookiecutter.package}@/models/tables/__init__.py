"""The tables of the store. Every module in this folder adds its own to ``Table.metadata``."""

import pkgutil
from importlib import import_module

from sqlalchemy import MetaData

from .base import Table


def all_tables() -> MetaData:
    """Return every table that there is."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return Table.metadata
