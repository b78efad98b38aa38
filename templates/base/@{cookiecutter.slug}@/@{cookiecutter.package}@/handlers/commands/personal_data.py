"""Tell what is kept about somebody, erase it, or delete what has been kept long enough."""

import argparse
import json
from collections.abc import Sequence

from ...config.settings import Settings
from ...services import personal_data
from ...services.resources import build_resources
from ...utils.tenancy import DEFAULT_TENANT, bind_tenant

NAME = "personal-data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in (("export", "print it as JSON lines"), ("erase", "take somebody out of every place")):
        wanted = actions.add_parser(action, help=text)
        wanted.add_argument("subject", help="the subject of the person's tokens")
        wanted.add_argument("--tenant", default=DEFAULT_TENANT, help="the tenant in them, if there is one")
    actions.add_parser("sweep", help="delete what has been kept long enough; the service does that by itself, too")


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    resources = build_resources(settings)
    async with resources.store.opened():
        bind_tenant(getattr(arguments, "tenant", DEFAULT_TENANT))
        if arguments.action == "export":
            records = personal_data.export(resources, arguments.subject)
            return [json.dumps(record, ensure_ascii=False) async for record in records]
        if arguments.action == "erase":
            return _counted(await personal_data.erase(resources, arguments.subject), "records erased")
        return _counted(await personal_data.sweep(resources), "deleted")


def _counted(counts: dict[str, int], what: str) -> list[str]:
    return [f"{name}: {count} {what}" for name, count in counts.items()]
