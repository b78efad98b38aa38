"""Print what clients rated as an evaluation data set: answers to come near to, and answers never to give again."""

import argparse
from collections.abc import Sequence

import yaml

from ...config.settings import Settings
from ...exceptions import AgentError
from ...services.rated_cases import rated_cases
from ...services.resources import build_resources
from ...utils.tenancy import DEFAULT_TENANT, bind_tenant

NAME = "ratings"
FLOOR = 0.9
HEAD = (
    "# What clients rated 1 or 2 (lacks: never the same again) and 4 or 5 (reference: come near to it).",
    "# It holds what people wrote: read it, and take out what tells who they are, before you keep it.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="print the data set, for evals/rated.yaml")
    export.add_argument("--tenant", default=DEFAULT_TENANT, help="whose clients, if there are several tenants")


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    resources = build_resources(settings)
    async with resources.store.opened():
        bind_tenant(arguments.tenant)
        cases = [case async for case in rated_cases(resources.ratings, resources.sessions, settings.limits)]
    if not cases:
        message = "no answer was rated good or bad yet"
        raise AgentError(message)
    document = yaml.safe_dump({"floor": FLOOR, "cases": cases}, allow_unicode=True, sort_keys=False, width=120)
    return [*HEAD, *document.splitlines()]
