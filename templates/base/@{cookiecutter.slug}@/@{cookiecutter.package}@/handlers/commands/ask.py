"""Ask a running agent, and print its answer while it is written."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from ...client import AsyncClient
from ...client.pieces import pieces
from ...config.settings import load_settings
from ...exceptions import ConfigurationError, InvalidInputError
from ...exceptions.client import UnreachableError
from ...models.identity import Role
from ...utils.load_identities import local_tokens

NAME = "ask"
NEEDS_SETTINGS = False  # the agent may run anywhere
TOKEN = "AGENT_TOKEN"  # noqa: S105  # the name of a variable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("question", help="in plain text; - reads it from standard input")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where it runs; %(default)s without it")
    parser.add_argument("--session", metavar="NAME", help="keep question and answer under this name")
    parser.add_argument("--model", metavar="NAME", help="one of the models that it lets you choose among")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"a file with your token, else the variable {TOKEN}; in the local environments one is made",
    )


async def run(arguments: argparse.Namespace, _settings: None) -> Sequence[str]:
    """Do it; the answer is printed piece by piece."""
    question = sys.stdin.read() if arguments.question == "-" else arguments.question
    async with AsyncClient(arguments.url, _token(arguments.token_file)) as client:
        try:
            async for piece in pieces(client, question, session_id=arguments.session, model=arguments.model):
                sys.stdout.write(piece)
                sys.stdout.flush()
        except ValidationError as error:
            problem = error.errors()[0]
            message = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            raise InvalidInputError(message) from error
        except UnreachableError as error:
            message = f"{error} Does it run at {arguments.url}?"
            raise UnreachableError(message) from error
    return [""]


def _token(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    if token := os.environ.get(TOKEN):
        return token
    try:
        return local_tokens(load_settings(), Role.CLIENT, 1)[0]
    except ConfigurationError as error:
        message = f"a token is needed, in a file (--token-file) or in {TOKEN}: {error}"
        raise ConfigurationError(message) from error
