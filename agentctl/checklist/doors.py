"""What lets requests in beside routes that are read: pages, messengers, other servers, commands, other languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from agentctl.checklist import frameworks
from agentctl.checklist.answer import place
from agentctl.checklist.facts.index import Facts
from agentctl.results import Location

_SERVING = re.compile(
    r"(?<![\w-])(uvicorn|gunicorn|hypercorn|daphne|granian|waitress-serve|flask run|fastapi (?:run|dev)|streamlit run"
    r"|chainlit run|panel serve|adk (?:web|api_server)|bentoml serve|langgraph (?:up|dev)"
    r"|--transport[ =](?:http|sse|streamable[-_]http))(?![\w.-]*==)\b"
)
_STARTING = re.compile(r"(^|/)(procfile[\w.-]*|[\w.-]*(entrypoint|start|run|serve)[\w.-]*\.sh)$", re.IGNORECASE)
_PORTS = {b"--port", b"--http-port", b"--server-port", b"--listen"}
_OTHER_SERVERS = {
    "express", "fastify", "koa", "hono", "next", "nuxt", "@nestjs/core", "@remix-run/node", "@hapi/hapi", "h3", "ws",
}  # fmt: skip
_FUNCTIONS = {"lambda_handler", "on_message", "webhook", "handle_webhook"}
_METHODS = {"do_GET", "do_POST"}  # of a handler of the standard library
_GATEWAYS = {("scope", "receive", "send"), ("environ", "start_response")}


def doors(facts: Facts) -> tuple[Location, ...]:
    """Return what lets requests in, each with its name; libraries that a package leaves to its users do not count."""
    found = [*_libraries(facts), *_functions(facts), *_options(facts), *_commands(facts), *_other_languages(facts)]
    return tuple(found)


def is_optional(facts: Facts, name: str) -> bool:
    """Return whether a package leaves it to its users to install what is imported."""
    manifest = facts.manifest
    word = name.partition(".")[0].replace("_", "-")
    needed = any(need.name == word for need in manifest.dependencies)
    return manifest.packaged and bool(manifest.dependencies) and not needed and word in manifest.optional


def _libraries(facts: Facts) -> Iterator[Location]:
    served = [*facts.imported(*frameworks.PAGES), *facts.used((*frameworks.OTHER_SERVERS, *frameworks.MESSENGERS)),
              *map(place, facts.subclasses(*frameworks.APPS))]  # fmt: skip
    yield from (use for use in served if not is_optional(facts, str(use.symbol)))


def _functions(facts: Facts) -> Iterator[Location]:
    """Yield the functions that a cloud, a messenger or a server calls by their name, or by what they take."""
    for one in facts.functions:
        taken = tuple(parameter.name for parameter in one.parameters if parameter.name != "self")
        plain = one.class_name is None and taken in _GATEWAYS  # a class that takes them may be middleware
        if plain or (one.short in _FUNCTIONS and taken) or (one.short in _METHODS and one.class_name):
            yield place(one)


def _options(facts: Facts) -> Iterator[Location]:
    """Yield the options of a command for the port that it listens on."""
    for call in facts.ending("add_argument", "option", "Option"):
        if not _PORTS.isdisjoint(call.args):
            yield Location(path=call.path, line=call.line, symbol="the option --port")


def _commands(facts: Facts) -> Iterator[Location]:
    """Yield where an image, a compose service or a script starts a server."""
    for image in facts.images:
        for step in image.final_stage:
            match = _SERVING.search(_plain(step.text)) if step.word in {"CMD", "ENTRYPOINT"} else None
            if match or step.word == "EXPOSE":
                yield Location(path=image.path, line=step.line, symbol=match.group() if match else "an open port")
    for path, _name, service in facts.services:
        match = _SERVING.search(_plain(str(service.get("command", ""))))
        if match or ("build" in service and service.get("ports")):
            yield Location(path=path, symbol=match.group() if match else "an open port")
    for path, text in facts.beside.items():
        match = _SERVING.search(text) if _STARTING.search(path) else None
        if match:
            yield Location(path=path, line=text.count("\n", 0, match.start()) + 1, symbol=match.group())


def _other_languages(facts: Facts) -> Iterator[Location]:
    for path, text in facts.beside.items():
        if PurePosixPath(path).name == "package.json":
            names = _needs(text) & _OTHER_SERVERS
            if names:
                yield Location(path=path, symbol=min(names))


def _needs(text: str) -> set[str]:
    try:
        needs = json.loads(text).get("dependencies")
    except (ValueError, AttributeError, RecursionError):
        return set()
    return set(needs) if isinstance(needs, dict) else set()


def _plain(text: str) -> str:
    """Return a command of a list (``["uvicorn", "app:app"]``) as one line."""
    return re.sub(r"[\[\]\"',\s]+", " ", text)
