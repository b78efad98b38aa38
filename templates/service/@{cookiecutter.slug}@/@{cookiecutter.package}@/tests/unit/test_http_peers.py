import json

import httpx2
import pytest

from ...exceptions import DependencyRefusedError, DependencyUnavailableError
from ...models.answer import Question
from ...services.http_peers import MAX_ANSWER_BYTES, HttpPeers
from ..fixtures.agents import ScriptedAgent
from ..fixtures.peers import answer_of, registered

QUESTION = Question(question="Why?")
HOSTS = ("127.0.0.1", "one.example")


class Wire:
    """Answers every request in the same way."""

    def __init__(self, status: int = 200, content: bytes | Exception | None = None) -> None:
        self._status = status
        self._content = content
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if isinstance(self._content, Exception):
            raise self._content
        content = self._content if self._content is not None else answer_of("fine").model_dump_json().encode()
        return httpx2.Response(self._status, content=content)


def peers(wire: Wire) -> HttpPeers:
    return HttpPeers(
        ScriptedAgent("own"), lambda subject, audience: f"{subject}|{audience}", HOSTS, httpx2.MockTransport(wire)
    )


async def test_an_agent_is_asked_at_its_address_in_the_callers_name() -> None:
    wire = Wire()
    asking = peers(wire)
    answer = await asking.ask(registered("a", endpoint="https://one.example/base/"), QUESTION, "ann")
    assert answer.output == {"answer_text": "fine"}
    (request,) = wire.requests
    assert str(request.url) == "https://one.example/base/v1/answers"
    assert request.headers["authorization"] == "Bearer ann|peer"
    assert json.loads(request.content) == {"question": "Why?"}
    await asking.close()


async def test_a_token_is_made_out_to_the_audience_that_the_agent_gave() -> None:
    wire = Wire()
    await peers(wire).ask(registered("a", audience="somebody-else"), QUESTION, "ann")
    assert wire.requests[0].headers["authorization"] == "Bearer ann|somebody-else"


async def test_a_replica_of_this_service_needs_no_address() -> None:
    wire = Wire()
    answer = await peers(wire).ask(registered("a", endpoint=None), QUESTION, "ann")
    assert answer.output == {"answer_text": "own"}
    assert wire.requests == []


async def test_an_address_that_left_the_list_gets_nothing() -> None:
    wire = Wire()
    with pytest.raises(DependencyRefusedError, match="not on the list"):
        await peers(wire).ask(registered("a", endpoint="https://two.example"), QUESTION, "ann")
    assert wire.requests == []


async def test_what_another_agent_writes_is_cleaned() -> None:
    output = {"a": "a\u202eb ![x](https://evil.invalid/?q=1)", "b": ["\x07", 1], "c": {"d": "\x1b"}}
    dirty = answer_of("").model_copy(update={"output": output})
    answer = await peers(Wire(content=dirty.model_dump_json().encode())).ask(registered("a"), QUESTION, "ann")
    assert answer.output == {"a": "ab x", "b": ["", 1], "c": {"d": ""}}


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        (Wire(500), DependencyUnavailableError),
        (Wire(429), DependencyUnavailableError),
        (Wire(content=httpx2.ConnectError("no")), DependencyUnavailableError),
        (Wire(403), DependencyRefusedError),
        (Wire(302), DependencyRefusedError),
        (Wire(content=b"{}"), DependencyRefusedError),
        (Wire(content=b" " * (MAX_ANSWER_BYTES + 1)), DependencyRefusedError),
    ],
    ids=["500", "429", "no connection", "403", "redirect", "no answer", "too large"],
)
async def test_failures_are_ours(wire: Wire, error: type[Exception]) -> None:
    with pytest.raises(error):
        await peers(wire).ask(registered("a"), QUESTION, "ann")
    assert len(wire.requests) == 1
