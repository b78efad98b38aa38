import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from ...exceptions import ConfigurationError, DependencyUnavailableError
from ...interfaces.tool import Capability
from ...models.conversation import ToolCall
from ...models.events import ToolCalled
from ...services.guard import Guard
from ...services.observers import Observers
from ...services.tools import ToolCaller, ToolRegistry
from ..fixtures.models import Recorder, shipped_tools


class Wanted(BaseModel):
    number: int = Field(ge=0, description="How much.")


class Undescribed(BaseModel):
    number: int


@pytest.fixture
def registry() -> ToolRegistry:
    registry = ToolRegistry()

    @registry.tool(Wanted, Capability.FIND)
    async def count_up(arguments: Wanted) -> str:
        """Count one further."""
        match arguments.number:
            case 13:
                raise DependencyUnavailableError("the counter is down")
            case 14:
                raise ZeroDivisionError("secret detail")
            case 15:
                await asyncio.Event().wait()
        return str(arguments.number + 1)

    return registry


def caller(registry: ToolRegistry, recorder: Recorder) -> ToolCaller:
    observers = Observers([recorder])
    return ToolCaller(registry, Guard("", observers, max_chars=1000, refuse=True), observers, timeout=0.05)


@pytest.mark.parametrize(
    ("name", "arguments", "outcome", "text"),
    [
        ("count_up", '{"number": 1}', "ok", "\n2\n"),
        ("count_down", "{}", "unknown", "no such tool. Known tools: count_up"),
        ("count_up", '{"number": -1}', "invalid", "number: Input should be greater"),
        ("count_up", "", "invalid", "number: Field required"),
        ("count_up", "{", "invalid", "Invalid JSON"),
        ("count_up", '"x"', "invalid", "arguments: "),
        ("count_up", '{"number": 13}', "failed", "the counter is down"),
        ("count_up", '{"number": 14}', "failed", "The tool failed."),
        ("count_up", '{"number": 15}', "timeout", "did not answer within 0.05 s"),
    ],
)
async def test_every_call_ends_in_a_text_for_the_model(
    registry: ToolRegistry, name: str, arguments: str, outcome: str, text: str
) -> None:
    recorder = Recorder()
    result = await caller(registry, recorder).call(ToolCall(id="1", name=name, arguments=arguments))
    assert text in result.content
    assert "secret detail" not in result.content
    (event,) = recorder.events
    assert isinstance(event, ToolCalled)
    assert (event.tool, event.outcome) == (name if outcome != "unknown" else "unknown", outcome)
    assert len(event.digest) == 64


@given(st.text())
def test_no_arguments_crash_a_tool(arguments: str) -> None:
    async def call() -> str:
        tools = caller(shipped_tools(), Recorder())
        return (await tools.call(ToolCall(id="1", name="read_document", arguments=arguments))).content

    assert asyncio.run(call()).startswith('<tool_result source="read_document">')


def test_a_model_sees_names_descriptions_and_types(registry: ToolRegistry) -> None:
    (tool,) = registry
    described = tool.described
    assert (described.name, described.description) == ("count_up", "Count one further.")
    assert described.parameters["properties"] == {
        "number": {"description": "How much.", "minimum": 0, "title": "Number", "type": "integer"}
    }


@pytest.mark.parametrize(
    ("name", "description", "arguments", "problem"),
    [
        ("count_up", "Count.", Wanted, "taken"),
        ("Count", "Count.", Wanted, "malformed"),
        ("count_it", None, Wanted, "no description"),
        ("count_it", "Count.", Undescribed, "arguments number have no description"),
    ],
)
def test_a_tool_that_a_model_could_not_understand_is_refused(
    registry: ToolRegistry, name: str, description: str | None, arguments: type[BaseModel], problem: str
) -> None:
    async def function(arguments: BaseModel) -> str:
        return str(arguments)

    function.__name__, function.__doc__ = name, description
    with pytest.raises(ConfigurationError, match=problem):
        registry.tool(arguments)(function)


async def test_the_shipped_tools_find_read_and_list() -> None:
    tools = caller(shipped_tools(), Recorder())

    async def said(name: str, arguments: str) -> str:
        return (await tools.call(ToolCall(id="1", name=name, arguments=arguments))).content

    assert "[returns]" in await said("search_documents", '{"query": "returning an item", "limit": 1}')
    assert "Nothing fits." in await said("search_documents", '{"query": "xylophone"}')
    assert "24 months" in await said("read_document", '{"document_id": "warranty"}')
    assert "no document of that id" in await said("read_document", '{"document_id": "secrets"}')
    assert "document_id: " in await said("read_document", '{"document_id": "../../etc/passwd"}')
    assert "[shipping] Shipping and delivery" in await said("list_documents", "{}")


async def test_only_so_many_tools_run_at_once() -> None:
    registry, running, most = ToolRegistry(), 0, 0

    @registry.tool(Wanted, Capability.FIND)
    async def count_up(arguments: Wanted) -> str:
        """Count one further."""
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return str(arguments.number + 1)

    observers = Observers()
    guard = Guard("", observers, max_chars=1000, refuse=True)
    tools = ToolCaller(registry, guard, observers, timeout=5, at_once=3)
    calls = [ToolCall(id=str(number), name="count_up", arguments=f'{{"number": {number}}}') for number in range(10)]
    results = await asyncio.gather(*(tools.call(call) for call in calls))
    assert [f"\n{number + 1}\n" in result.content for number, result in enumerate(results)] == [True] * 10
    assert most == 3
