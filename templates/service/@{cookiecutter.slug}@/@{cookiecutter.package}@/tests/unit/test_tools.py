import asyncio
import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from ...exceptions import (
    ConfigurationError,
    DependencyTimeoutError,
    InvalidInputError,
    OverloadedError,
    PermissionDeniedError,
)
from ...exceptions.exchange import NotFoundError
from ...models.identity import Identity, Permission, Role
from ...models.tools import AskArguments
from ...services.audit import FileAuditTrail
from ...services.tools import ToolCaller, ToolRegistry
from ..fixtures.messaging import make_metrics
from ..fixtures.peers import answer_of

CLIENT = Identity("ann", frozenset({Role.CLIENT}))
AGENT = Identity("service:peer", frozenset({Role.AGENT}))


def registry() -> ToolRegistry[list[str]]:
    tools: ToolRegistry[list[str]] = ToolRegistry()

    @tools.tool("answer.text", AskArguments, Permission.ASK)
    async def answer(arguments: AskArguments, parts: list[str], identity: Identity) -> BaseModel:
        """Answer."""
        parts.append(f"{identity.subject}: {arguments.question}")
        if arguments.question == "busy?":
            message = "busy"
            raise OverloadedError(message)
        await asyncio.sleep(60 if arguments.question == "slow?" else 0)
        return answer_of("Yes.")

    return tools


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def caller(asked: list[str], tmp_path: Path) -> ToolCaller[list[str]]:
    return ToolCaller(registry(), asked, FileAuditTrail(tmp_path / "audit.jsonl"), make_metrics(), 0.05)


async def test_a_tool_is_described_called_and_written_down(
    caller: ToolCaller[list[str]], asked: list[str], tmp_path: Path
) -> None:
    (description,) = caller.offered(CLIENT)
    assert (description.name, description.description) == ("answer.text", "Answer.")
    assert description.parameters["required"] == ["question"]
    result = await caller.call("answer.text", {"question": "Why?"}, CLIENT)
    assert result.result == answer_of("Yes.").model_dump()
    assert asked == ["ann: Why?"]
    (entry,) = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
    assert (entry["action"], entry["subject"], entry["outcome"]) == ("tools:answer.text", "ann", "ok")


@pytest.mark.parametrize(
    ("name", "arguments", "identity", "error", "outcome"),
    [
        ("no.tool", {}, CLIENT, NotFoundError, None),
        ("answer.text", {"question": "Why?"}, AGENT, PermissionDeniedError, "denied"),
        ("answer.text", {}, CLIENT, InvalidInputError, "failed: InvalidInputError"),
        ("answer.text", {"question": "x" * 4_001}, CLIENT, InvalidInputError, "failed: InvalidInputError"),
        ("answer.text", {"question": "Why?", "more": 1}, CLIENT, InvalidInputError, "failed: InvalidInputError"),
        ("answer.text", {"question": "busy?"}, CLIENT, OverloadedError, "failed: OverloadedError"),
        ("answer.text", {"question": "slow?"}, CLIENT, DependencyTimeoutError, "failed: DependencyTimeoutError"),
    ],
)
async def test_a_call_that_fails_says_why_and_is_written_down(  # noqa: PLR0913, PLR0917  # a case's parts
    caller: ToolCaller[list[str]],
    tmp_path: Path,
    name: str,
    arguments: dict[str, object],
    identity: Identity,
    error: type[Exception],
    outcome: str | None,
) -> None:
    with pytest.raises(error):
        await caller.call(name, arguments, identity)  # type: ignore[arg-type]  # whatever JSON may hold
    trail = tmp_path / "audit.jsonl"
    outcomes = [json.loads(line)["outcome"] for line in trail.read_text().splitlines()] if trail.exists() else []
    assert outcomes == ([] if outcome is None else [outcome])


def test_who_may_not_call_a_tool_does_not_see_it(caller: ToolCaller[list[str]]) -> None:
    assert caller.offered(AGENT) == []


class Vague(BaseModel):
    """Arguments that nobody described."""

    what: str


async def undescribed(_arguments: BaseModel, _parts: list[str], _identity: Identity) -> BaseModel:
    return answer_of("")


async def described(_arguments: BaseModel, _parts: list[str], _identity: Identity) -> BaseModel:
    """Do something."""
    return answer_of("")


def test_a_tool_that_is_not_declared_well_is_found_at_start() -> None:
    tools = registry()
    for name, arguments, function, problem in (
        ("answer.text", AskArguments, described, "taken"),
        ("Answer Text", AskArguments, described, "malformed"),
        ("answer.more", AskArguments, undescribed, "no description"),
        ("answer.more", Vague, described, "what have no description"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            tools.tool(name, arguments, Permission.ASK)(function)
