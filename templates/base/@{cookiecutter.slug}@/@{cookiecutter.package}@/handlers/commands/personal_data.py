"""Tell what is kept about somebody, erase it, or delete what has been kept long enough."""

import argparse
import json
from collections.abc import Sequence

from ...config.settings import Settings
from ...services import personal_data
from ...services.resources import build_resources

NAME = "personal-data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in (("export", "print it as JSON lines"), ("erase", "take somebody out of every place")):
        actions.add_parser(action, help=text).add_argument("subject", help="the subject of the person's tokens")
    actions.add_parser("sweep", help="delete what has been kept long enough; the service does that by itself, too")


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    resources = build_resources(settings)
    async with resources.store.opened():
        if arguments.action == "export":
            records = personal_data.export(resources, arguments.subject)
            return [json.dumps(record, ensure_ascii=False) async for record in records]
        if arguments.action == "erase":
            return _counted(await personal_data.erase(resources, arguments.subject), "records erased")
        return _counted(await personal_data.sweep(resources), "deleted")


def _counted(counts: dict[str, int], what: str) -> list[str]:
    return [f"{name}: {count} {what}" for name, count in counts.items()]
