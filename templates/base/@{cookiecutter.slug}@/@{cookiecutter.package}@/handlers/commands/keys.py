"""Make an encryption key, or encrypt everything that is stored with the newest one."""

import argparse
from collections.abc import Sequence

from ...config.settings import Settings
from ...services import personal_data
from ...services.resources import build_resources
from ...utils.encryption import new_key

NAME = "keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("new", help="print a new key; it goes into the first line of the keys")
    actions.add_parser("renew", help="encrypt everything with the first key; then the others can go")


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    if arguments.action == "new":
        return [new_key()]
    resources = build_resources(settings)
    async with resources.store.opened():
        renewed = await personal_data.renew_encryption(resources)
        return [f"{name}: {count} encrypted anew" for name, count in renewed.items()]
