"""Bring the store's tables up to date, take steps back, or say what is missing."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection

from ...config.settings import Settings
from ...exceptions import StoreError
from ...services import schema
from ...services.store import Store

NAME = "migrate"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="change nothing; fail when steps or tables are missing")
    choice.add_argument(
        "--down",
        metavar="STEP",
        help="take back every step of the same branch after this one, and what it keeps; "
        "STEP-1: this one too; BRANCH@base: its whole branch; base: every branch",
    )


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    store = Store(settings.store, settings.state_dir)
    try:
        return await store.run(_wanted(arguments))
    finally:
        await store.close()


def _wanted(arguments: argparse.Namespace) -> Callable[[Connection], list[str]]:
    if arguments.check:
        return _checked
    return _up if arguments.down is None else partial(_down, revision=arguments.down)


def _up(connection: Connection) -> list[str]:
    steps = schema.pending(connection)
    schema.upgrade(connection)
    return [f"taken: {step}" for step in steps] or ["nothing to do"]


def _down(connection: Connection, revision: str) -> list[str]:
    return [f"taken back: {step}" for step in schema.downgrade(connection, revision)] or ["nothing to do"]


def _checked(connection: Connection) -> list[str]:
    missing = [f"step {step}" for step in schema.pending(connection)] or list(map(str, schema.drift(connection)))
    if missing:
        message = f"the store lacks {', '.join(missing)}"
        raise StoreError(message)
    return ["up to date"]
