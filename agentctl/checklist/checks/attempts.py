"""What handlers stand around: calls that leave the process, or own code that makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentctl.checklist import frameworks
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Handler

ASKING = re.compile(
    r"(invoke|run|create|(completions|responses)\.parse|complet\w*|generat\w*|request|post|send|chat|stream|kickoff\w*|predict|query|search|fetch"
    r"|embed\w*|forward|execute|connect|wait_for|call(_tool)?|ask|answer|summari[sz]e|raise_for_status)(_sync|_async|_stream|_content|_query)?$"
)
MODEL_CALL = re.compile(
    r"(a?invoke|a?complet\w*|a?generat\w*|a?chat|predict|kickoff\w*|summari[sz]e|messages\.create|completions\.(create|parse)"
    r"|responses\.(create|parse)|agent\w*\.a?run|wait_for)(_sync|_async|_stream|_content)?$"
)
_OUTSIDE = (
    *frameworks.CLIENTS, *frameworks.BARE_CALLS, *frameworks.NETWORKED, *frameworks.AGENTS, *frameworks.MODELS,
    *frameworks.STORES, "sqlalchemy.select", "sqlalchemy.future.select", "sqlmodel.select",
)  # fmt: skip
_FAILURES = frozenset(frameworks.roots(_OUTSIDE)) - {"google", "azure", "sqlmodel"} | {"botocore", "googleapiclient"}


def tried(facts: Facts, handler: Handler) -> Iterator[Call]:
    """Yield the calls that a handler stands around."""
    return (c for c in facts.calls_in(handler.function) if handler.start < c.line < handler.line)


def inside(facts: Facts, handler: Handler) -> Iterator[Call]:
    """Yield the calls of a handler itself."""
    return (c for c in facts.calls_in(handler.function) if handler.line <= c.line <= handler.end)


def asks(facts: Facts, handler: Handler) -> bool:
    """Return whether what a handler stands around calls something that leaves the process, or own code."""
    return any(is_asking(facts, c) or facts.own_function(c.name) in facts.function for c in tried(facts, handler))


def leaves(facts: Facts, handler: Handler) -> bool:
    """Return whether what a handler stands around leaves the process, by its name or its library, or in own code.

    A failure of such a library says so, too.
    """
    return is_of_outage(handler) or any(is_asking(facts, call) for call in tried(facts, handler))


def is_of_outage(handler: Handler) -> bool:
    """Return whether a handler names a failure of a library that leaves the process."""
    return any(frameworks.root(kind) in _FAILURES for kind in handler.types)


def is_asking(facts: Facts, call: Call) -> bool:
    """Return whether a call leaves the process, by its name or its library, or runs own code that makes such a call."""
    return bool(ASKING.search(call.name)) or _is_outside(call) or facts.own_function(call.name) in asking(facts)


def asking(facts: Facts) -> frozenset[str]:
    """Return the own functions that call themselves what leaves the process."""
    return facts.once(_asking)


def _asking(facts: Facts) -> frozenset[str]:
    outside = filter(_is_outside, facts.called(*_OUTSIDE))
    return frozenset(c.function for c in (*facts.worded(ASKING.search), *outside))


def _is_outside(call: Call) -> bool:
    """Return whether a call is one of a library that leaves the process, and makes no object."""
    return call.name.rpartition(".")[2][:1].islower() and frameworks.is_one_of(call.name, _OUTSIDE)
