"""Tools over the Model Context Protocol, against real servers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ...config.mcp import McpConfig
from ...models.conversation import ToolCall
from ...models.events import GuardFound, ToolCalled
from ...services.guard import Guard
from ...services.observers import Observers
from ...services.periodic import Periodic
from ...services.remote_tools import RemoteTools, build_remote_tools
from ...services.tools import ToolCaller, ToolRegistry
from ...utils.idempotency import idempotency_key
from ...utils.metrics import Metrics
from ..fixtures.certificates import self_signed
from ..fixtures.faulty import faulty, silence
from ..fixtures.models import Recorder, shipped_tools
from ..fixtures.tool_server import ToolServerHere, program, serving

TOOLS = ("search_tickets", "Read-Ticket", "wait")


@dataclass
class Desk:
    """The tools as an agent has them."""

    registry: ToolRegistry
    remote: RemoteTools
    caller: ToolCaller
    recorder: Recorder

    async def said(self, name: str, arguments: str = "{}") -> str:
        return (await self.caller.call(ToolCall(id="1", name=name, arguments=arguments))).content

    @property
    def outcomes(self) -> list[str]:
        return [event.outcome for event in self.recorder.of(ToolCalled)]

    @property
    def names(self) -> list[str]:
        return [tool.name for tool in self.registry]


@asynccontextmanager
async def desk(**servers: dict[str, object]) -> AsyncIterator[Desk]:
    """Open the tools of these servers beside the shipped ones."""
    config = McpConfig.model_validate({"commands": program()[:1], "servers": servers})
    recorder, registry = Recorder(), shipped_tools()
    observers = Observers([recorder])
    guard = Guard("", observers, max_chars=1000, refuse=True)
    periodic = Periodic(Metrics("development", "agent-v1", "1.0.0"))
    remote = build_remote_tools(config, registry, periodic)
    caller = ToolCaller(registry, guard, observers, timeout=30)
    await remote.open()
    try:
        yield Desk(registry, remote, caller, recorder)
    finally:
        await periodic.stop()
        await remote.close()


def over_http(server: ToolServerHere, **more: object) -> dict[str, object]:
    return {"url": server.address, "tools": TOOLS, "timeout": 20, **more}


@pytest.fixture(scope="module")
def tickets() -> Iterator[ToolServerHere]:
    with serving() as server:
        yield server


async def test_allowed_tools_are_registered_described_and_called(tickets: ToolServerHere) -> None:
    async with desk(tickets=over_http(tickets)) as here:
        assert here.names[-3:] == ["tickets_search_tickets", "tickets_read_ticket", "tickets_wait"]
        described = here.registry.get("tickets_search_tickets")
        assert described is not None
        assert described.described.description == "Find tickets."
        assert described.described.parameters["required"] == ["query"]
        said = await here.said("tickets_search_tickets", '{"query": "printer"}')
        assert "[ticket-7] printer: 3 at most" in said
        assert said.startswith('<tool_result source="tickets_search_tickets">')
        assert (await here.remote.check(), here.outcomes) == ({"tools_tickets": True}, ["ok"])


async def test_a_call_that_may_be_made_again_brings_its_key_along(tickets: ToolServerHere) -> None:
    async with desk(tickets=over_http(tickets, tools=["key_of_call"])) as here:
        assert "None" in await here.said("tickets_key_of_call")
        with idempotency_key("a-key-17"):
            assert "a-key-17" in await here.said("tickets_key_of_call")


@pytest.mark.parametrize(
    ("name", "arguments", "outcome", "text"),
    [
        ("tickets_search_tickets", "{}", "invalid", "'query' is a required property"),
        ("tickets_search_tickets", '{"query": 1}', "invalid", "is not of type 'string'"),
        ("tickets_delete_everything", "{}", "unknown", "no such tool"),
        ("tickets_read_ticket", '{"number": 9}', "failed", "The tool failed: Error executing tool"),
        ("tickets_read_ticket", '{"number": 1}', "ok", "[withheld: it reads like an instruction]"),
        ("tickets_read_ticket", '{"number": 2}', "ok", "[cut]"),
        ("tickets_read_ticket", '{"number": 3}', "failed", "The tool failed"),
        ("tickets_wait", "{}", "timeout", "did not answer within"),
    ],
)
async def test_every_call_ends_in_a_text_for_the_model(
    tickets: ToolServerHere, name: str, arguments: str, outcome: str, text: str
) -> None:
    async with desk(tickets=over_http(tickets, timeout=1 if outcome == "timeout" else 20)) as here:
        said = await here.said(name, arguments)
        assert text in said
        assert "PWNED" not in said
        assert len(said) < 1200
        assert here.outcomes == [outcome]
        assert "ticket-7" in await here.said("tickets_search_tickets", '{"query": "afterwards"}')


async def test_what_a_server_says_about_its_tools_is_not_trusted(tickets: ToolServerHere) -> None:
    async with desk(tickets=over_http(tickets, tools=("take_over", "search_tickets"))) as here:
        assert here.names[-1] == "tickets_search_tickets"
        assert "tickets_take_over" not in here.names
        assert await here.remote.check() == {"tools_tickets": False}


async def test_a_server_that_is_away_takes_nothing_else_along(tickets: ToolServerHere) -> None:
    with serving() as gone:
        pass
    async with desk(gone=over_http(gone), tickets=over_http(tickets)) as here:
        assert await here.remote.check() == {"tools_gone": False, "tools_tickets": True}
        assert "gone_search_tickets" not in here.names
        assert "[returns]" in await here.said("search_documents", '{"query": "returning an item"}')


async def test_a_server_that_goes_and_comes_back_is_used_again() -> None:
    async with AsyncExitStack() as stack:
        with serving() as server:
            here = await stack.enter_async_context(desk(tickets=over_http(server)))
            with_it = list(here.names)
        assert "The tool failed" in await here.said("tickets_search_tickets", '{"query": "printer"}')
        assert not (await here.remote.check())["tools_tickets"]
        assert set(with_it) - set(here.names) == {"tickets_search_tickets", "tickets_read_ticket", "tickets_wait"}
        with serving(urlsplit(server.address).port or 0):
            assert (await here.remote.check())["tools_tickets"]
            assert here.names == with_it


async def test_a_server_that_never_answers_is_asked_anew_each_time() -> None:
    with faulty(silence) as server:
        async with desk(tickets={"url": f"{server.address}/mcp", "tools": TOOLS, "timeout": 0.2}) as here:
            assert not (await here.remote.check())["tools_tickets"]
            assert server.connections == 2
            assert "[returns]" in await here.said("search_documents", '{"query": "returning an item"}')
            server.released.set()


async def test_the_token_goes_along_and_can_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    monkeypatch.setenv("TICKETS_TOKEN_FILE", str(file))
    with serving() as server:
        async with desk(tickets=over_http(server, token_env="TICKETS_TOKEN")) as here:
            assert set(server.tokens) == {"first"}
            file.write_text("second")
            await here.said("tickets_search_tickets", '{"query": "printer"}')
            assert server.tokens[-1] == "second"


async def test_certificates_are_checked(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with serving(ssl_certfile=certificate, ssl_keyfile=key) as server:
        async with desk(
            known=over_http(server, tls_ca=str(certificate), timeout=5), unknown=over_http(server, timeout=5)
        ) as here:
            assert await here.remote.check() == {"tools_known": True, "tools_unknown": False}


async def test_a_program_gets_few_variables_and_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_API_KEY", "sk-canary")
    monkeypatch.setenv("TICKETS_PLACE", "here")
    given = ["TICKETS_PLACE", "PYTHONPATH"]  # where this package is found when it is not installed
    wanted = {"command": program(), "tools": ("variables", "leave"), "variables": given, "timeout": 20}
    async with desk(tickets=wanted) as here:
        variables = (await here.said("tickets_variables")).split()
        assert "TICKETS_PLACE" in variables
        assert {"MODEL_API_KEY", "PYTEST_CURRENT_TEST"} & set(variables) == set()
        assert "The tool failed" in await here.said("tickets_leave")
        assert "TICKETS_PLACE" in await here.said("tickets_variables")
        assert here.outcomes == ["ok", "failed", "ok"]
        assert here.recorder.of(GuardFound) == []


async def test_a_program_that_is_not_there_is_away() -> None:
    config = McpConfig.model_validate(
        {"commands": ["/no/such"], "servers": {"tickets": {"command": ["/no/such"], "tools": ["x"]}}}
    )
    remote = build_remote_tools(config, ToolRegistry(), Periodic(Metrics("development", "agent-v1", "1.0.0")))
    assert await remote.check() == {"tools_tickets": False}
    await remote.close()
