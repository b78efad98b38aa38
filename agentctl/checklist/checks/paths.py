"""Where a name that a client or a model chose becomes part of a path, without anything that holds it in a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentctl.checklist import frameworks
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Value

_HOPS = 4  # own functions that hand a name on
_PATHS = {"os.path.join", "pathlib.Path", "open", "aiofiles.open", "pathlib.Path().joinpath"}
_UPLOADED = ".filename"
_UPLOADING = ("fastapi", "starlette", "flask", "werkzeug", "quart", "litestar", "aiohttp", "sanic", "django")
_CHOSEN = re.compile(r"((file|image|document|output|save)_?(path|name)|path|filename)$", re.IGNORECASE)
_FENCES = re.compile(
    r"(^|[._])(basename|secure_filename|get_valid_filename|resolve|is_relative_to|relative_to|realpath|commonpath|abspath"
    r"|safe_join|uuid4|(sanitiz|valid|check|safe|clean|normali|allow|secure)\w*)$|^pathlib\.Path\(\)\.name$"
)

_Named = tuple[str, Value]  # a function, and what stands for the name in it


def unfenced(facts: Facts) -> list[Call]:
    """Return the calls that make a path of an upload's name or of a tool's argument as it comes."""
    near = {*_uploads(facts), *_of_tools(facts)}
    found: list[Call] = []
    seen: set[_Named] = set()
    for _ in range(_HOPS):
        seen |= near
        further: set[_Named] = set()
        for function, name in near:
            taking = [c for c in facts.calls_in(function) if name in c.args or name in c.keywords.values()]
            if not any(map(_FENCES.search, _words(facts, function))):
                found += [c for c in taking if c.name in _PATHS]
                further |= {one for c in taking for one in _handed(facts, c, name)}
        near = further - seen
    return found


def _uploads(facts: Facts) -> Iterator[_Named]:
    """Yield the names of files that clients send: ``file.filename`` beside a library of servers."""
    for path in dict.fromkeys(spot.path for spot in facts.imported(*_UPLOADING)):
        for call in facts.modules[path].calls:
            values = (value for value in (*call.args, *call.keywords.values()) if isinstance(value, str))
            yield from ((call.function, value) for value in values if value.endswith(_UPLOADED))


def _of_tools(facts: Facts) -> Iterator[_Named]:
    """Yield the arguments of tools that are named for a path."""
    for function in facts.functions:
        if any(frameworks.is_one_of(facts.symbols.name(d), frameworks.TOOL_DECORATORS) for d in function.decorators):
            yield from ((function.name, f"?{p.name}") for p in function.parameters if _CHOSEN.match(p.name))


def _handed(facts: Facts, call: Call, name: Value) -> Iterator[_Named]:
    """Yield what an own function calls the name that it is handed."""
    function = facts.function.get(facts.own_function(call.name))
    if function is None:
        return
    taken = [p.name for p in function.parameters if p.name not in {"self", "cls"}]
    by_place = zip(taken, call.args, strict=False)
    yield from ((function.name, f"?{word}") for word, value in (*by_place, *call.keywords.items())
                if value == name and word in taken)  # fmt: skip


def _words(facts: Facts, function: str) -> Iterator[str]:
    """Yield what a function calls and mentions."""
    module = facts.symbols.module(function)
    yield from (call.name for call in facts.calls_in(function))
    yield from (m.name for m in (module.mentions if module else ()) if m.function == function)
