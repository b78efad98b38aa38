"""The client, blocking and asynchronous, against an agent that is made up."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from http import HTTPStatus

import httpx2
import pytest
import structlog
from pydantic import ValidationError

from ...client import AsyncClient, Client, Retries
from ...client.events import CUTS
from ...client.operation import Call, EventCall, Operation, StreamOperation
from ...client.requests import PROBLEM_ERRORS
from ...exceptions import client as errors
from ...handlers.errors import INTERNAL, PROBLEM_TYPES
from ...models.answer import Answer

URL = "https://agent.invalid/base"
ANSWER = {"agent_id": "a-v1", "agent_version": "1.0.0", "output": {"answer_text": "Fine."}}
Said = httpx2.Response | httpx2.HTTPError
Flavour = Callable[..., object]


class Agent:
    """Says what it is told to, one after the other; the last one again and again."""

    def __init__(self, *said: Said) -> None:
        self._said = list(said)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        said = self._said.pop(0) if len(self._said) > 1 else self._said[0]
        if isinstance(said, httpx2.HTTPError):
            raise said
        return httpx2.Response(said.status_code, headers=said.headers, content=said.content)


class _Further:
    put = Operation("PUT", "/v1/things/{name}", lambda name: Call(parts={"name": name}, read=bytes, repeatable=True))
    follow = StreamOperation("GET", "/v1/things", lambda: EventCall(read=lambda event: event.data, resumable=True))
    tell = StreamOperation("POST", "/v1/things", lambda: EventCall(read=lambda event: event.data))
    lines = StreamOperation("GET", "/v1/lines", lambda: EventCall(read=lambda event: event.data, last=None))


class Blocking(_Further, Client):
    pass


class Asynchronous(_Further, AsyncClient):
    pass


def blocking(agent: Agent, use: Callable[[Blocking], object], retries: Retries | None = None) -> object:
    with Blocking(URL, "secret", transport=httpx2.MockTransport(agent), retries=retries) as client:
        done = use(client)
        if isinstance(done, AbstractContextManager):
            with done as items:
                return list(items)
        return done


def asynchronous(
    agent: Agent, use: Callable[[Asynchronous], Awaitable[object]], retries: Retries | None = None
) -> object:
    async def run() -> object:
        async with Asynchronous(URL, "secret", transport=httpx2.MockTransport(agent), retries=retries) as client:
            done = use(client)
            if isinstance(done, AbstractAsyncContextManager):
                async with done as items:
                    return [item async for item in items]
            return await done

    return asyncio.run(run())


@pytest.fixture(params=[blocking, asynchronous])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Run something with a client of either kind."""
    chosen: Flavour = request.param
    return chosen


def ask(client: Client | AsyncClient) -> object:
    return client.ask("What is an agent?")


def answer() -> httpx2.Response:
    return httpx2.Response(200, json=ANSWER)


def problem(status: int, *, retryable: bool = False, slug: str = "some", **headers: str) -> httpx2.Response:
    body = {"type": f"urn:problem:{slug}", "title": "T", "status": status, "detail": "Because.", "instance": "abc-1"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, json=body | {"retryable": retryable}, headers=named)


def events(*blocks: str) -> httpx2.Response:
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text="".join(f"{b}\n\n" for b in blocks))


def test_a_question_is_sent_as_the_contract_says_and_the_answer_is_typed(flavour: Flavour) -> None:
    agent = Agent(answer())
    assert flavour(agent, lambda client: client.ask("  What? ", session_id="s")) == Answer.model_validate(ANSWER)
    (sent,) = agent.asked
    assert (sent.method, str(sent.url)) == ("POST", f"{URL}/v1/answers")
    assert json.loads(sent.content) == {"question": "What?", "session_id": "s"}
    assert sent.headers["authorization"] == "Bearer secret"
    assert sent.headers["content-type"] == "application/json"
    assert len(sent.headers["x-correlation-id"]) == 32


def test_a_wrong_question_is_not_even_sent(flavour: Flavour) -> None:
    agent = Agent(answer())
    with pytest.raises(ValidationError, match="question"):
        flavour(agent, lambda client: client.ask(" "))
    assert agent.asked == []


def test_what_goes_into_a_path_stays_in_its_place(flavour: Flavour) -> None:
    agent = Agent(httpx2.Response(204))
    flavour(agent, lambda client: client.put("../../admin?x=1#y"))
    assert agent.asked[0].url.raw_path == b"/base/v1/things/..%2F..%2Fadmin%3Fx%3D1%23y"


def test_the_correlation_id_of_the_work_goes_along_and_stays_over_retries(flavour: Flavour) -> None:
    agent = Agent(problem(503, retryable=True), answer())
    with structlog.contextvars.bound_contextvars(correlation_id="order-17"):
        flavour(agent, ask)
    assert [sent.headers["x-correlation-id"] for sent in agent.asked] == ["order-17", "order-17"]


@pytest.mark.parametrize(
    ("first", "repeated"),
    [
        (problem(429, retryable=True, retry_after="0"), True),
        (problem(429, retryable=True, retry_after="30"), True),
        (problem(429, retryable=True, retry_after="31"), False),
        (problem(503, retryable=True), True),
        (problem(502, retryable=True), True),
        (problem(502), False),
        (problem(422), False),
        (httpx2.Response(503, text="<html>busy</html>"), True),
        (httpx2.Response(502, text="<html>bad gateway</html>"), False),
        (httpx2.ConnectError("down"), True),
        (httpx2.ReadTimeout("slow"), False),
        (httpx2.RemoteProtocolError("cut"), False),
    ],
)
def test_only_what_may_be_tried_again_is(flavour: Flavour, first: Said, *, repeated: bool) -> None:
    agent = Agent(first, answer())
    if repeated:
        flavour(agent, ask)
    else:
        with pytest.raises(errors.ClientError):
            flavour(agent, ask)
    assert len(agent.asked) == 1 + repeated


@pytest.mark.parametrize(
    "first", [httpx2.ReadTimeout("slow"), httpx2.ReadError("cut"), httpx2.Response(504, text="proxy")], ids=repr
)
def test_what_does_no_harm_twice_is_tried_again_when_nobody_knows_whether_it_arrived(
    flavour: Flavour, first: Said
) -> None:
    agent = Agent(first, httpx2.Response(200, content=b"done"))
    assert flavour(agent, lambda client: client.put("x")) == b"done"


def test_attempts_are_bounded_and_the_wait_is_as_long_as_the_agent_says(flavour: Flavour) -> None:
    agent = Agent(problem(503, retryable=True, retry_after="7"))
    with pytest.raises(errors.UnavailableError) as caught:
        flavour(agent, ask, retries=Retries(attempts=3))
    assert len(agent.asked) == 3
    assert Retries().judge(repeatable=False)(caught.value) == 7.0
    assert Retries(longest_wait=6).judge(repeatable=False)(caught.value) is False


def test_every_problem_of_the_service_is_an_error_of_its_own() -> None:
    known = {kind.status for kind in PROBLEM_TYPES.values()}
    assert known <= set(PROBLEM_ERRORS)
    assert INTERNAL.status not in PROBLEM_ERRORS


@pytest.mark.parametrize(("status", "kind"), [*PROBLEM_ERRORS.items(), (500, errors.ProblemError)])
def test_a_problem_says_all_that_the_agent_said(flavour: Flavour, status: int, kind: type[errors.ProblemError]) -> None:
    with pytest.raises(errors.ProblemError, match=f"Because. \\({status}, abc-1\\)") as caught:
        flavour(Agent(problem(status, slug="odd", retry_after="2")), ask)
    assert type(caught.value) is kind
    assert (caught.value.problem.type, caught.value.retry_after) == ("urn:problem:odd", 2.0)


def test_an_answer_of_something_in_between_has_the_correlation_id_that_was_sent(flavour: Flavour) -> None:
    agent = Agent(httpx2.Response(403, text="<html>firewall</html>"))
    with pytest.raises(errors.NotPermittedError) as caught:
        flavour(agent, ask)
    assert caught.value.problem.instance == agent.asked[0].headers["x-correlation-id"]
    assert "firewall" not in str(caught.value)


@pytest.mark.parametrize(
    "said", [httpx2.Response(200, text="<html>"), httpx2.Response(200, json={}), httpx2.Response(302)], ids=repr
)
def test_what_is_no_answer_is_told_as_such(flavour: Flavour, said: httpx2.Response) -> None:
    with pytest.raises(errors.UnreadableAnswerError):
        flavour(Agent(said), ask)


def test_the_token_is_in_no_error(flavour: Flavour) -> None:
    for said in (httpx2.ConnectError("down"), problem(401), httpx2.Response(302)):
        with pytest.raises(errors.ClientError) as caught:
            flavour(Agent(said), ask)
        assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_token_may_be_renewed_between_attempts() -> None:
    agent, tokens = Agent(problem(503, retryable=True), answer()), iter(["first", "second"])
    with Client(URL, lambda: next(tokens), transport=httpx2.MockTransport(agent)) as client:
        client.ask("What?")
    assert [sent.headers["authorization"] for sent in agent.asked] == ["Bearer first", "Bearer second"]


async def test_a_token_may_have_to_be_awaited() -> None:
    async def token() -> str:
        await asyncio.sleep(0)
        return "later"

    agent = Agent(answer())
    async with AsyncClient(URL, token, transport=httpx2.MockTransport(agent)) as client:
        await client.ask("What?")
    assert agent.asked[0].headers["authorization"] == "Bearer later"


def test_a_stream_ends_with_its_last_event(flavour: Flavour) -> None:
    agent = Agent(events("data: one", ": still there", "data: two", "event: done\ndata: {}", "data: never"))
    assert flavour(agent, lambda client: client.follow()) == ["one", "two"]


def test_a_stream_of_lines_ends_with_its_last_line(flavour: Flavour) -> None:
    agent = Agent(httpx2.Response(200, headers={"content-type": "application/x-ndjson"}, text="1\n2\n"))
    assert flavour(agent, lambda client: client.lines()) == ["1", "2"]


def test_a_stream_that_was_cut_is_taken_up_again_where_it_ended(flavour: Flavour) -> None:
    rest = events("id: 2\ndata: two", "event: done\ndata: {}")
    agent = Agent(events("id: 1\ndata: one"), problem(503, retryable=True), rest)
    assert flavour(agent, lambda client: client.follow()) == ["one", "two"]
    assert [sent.headers.get("last-event-id") for sent in agent.asked] == [None, "1", "1"]


def test_a_stream_that_is_only_cut_is_given_up(flavour: Flavour) -> None:
    agent = Agent(events())
    with pytest.raises(errors.NoAnswerError, match="cut"):
        flavour(agent, lambda client: client.follow())
    assert len(agent.asked) == CUTS


def test_a_stream_that_cannot_be_taken_up_again_says_that_it_was_cut(flavour: Flavour) -> None:
    agent = Agent(events("data: one"))
    with pytest.raises(errors.NoAnswerError, match="cut"):
        flavour(agent, lambda client: client.tell())
    assert len(agent.asked) == 1


def test_a_stream_that_fails_raises_the_problem_that_it_tells(flavour: Flavour) -> None:
    told = problem(HTTPStatus.BAD_GATEWAY).text
    with pytest.raises(errors.AgentFailedError, match="Because"):
        flavour(Agent(events("data: one", f"event: error\ndata: {told}")), lambda client: client.tell())
    with pytest.raises(errors.UnreadableAnswerError):
        flavour(Agent(events("event: error\ndata: {}")), lambda client: client.tell())
    with pytest.raises(errors.NotFoundError):
        flavour(Agent(problem(404)), lambda client: client.tell())


def test_leaving_a_stream_early_closes_the_connection() -> None:
    closed = []

    class Body(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b"data: on and on\n\n"

        def close(self) -> None:
            closed.append(True)

    def said(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Body())

    with Blocking(URL, "t", transport=httpx2.MockTransport(said)) as client, client.follow() as items:
        assert next(items) == "on and on"
        assert closed == []
    assert closed == [True]


def typed(client: Client) -> Answer:
    """The type checker looks at this: both clients have the types of what an operation takes and gives."""
    return client.ask("What?", session_id="s")


async def typed_too(client: AsyncClient) -> Answer:
    return await client.ask("What?", session_id="s")


def streams(client: Blocking) -> AbstractContextManager[Generator[str, None, None]]:
    return client.follow()


def streams_too(client: Asynchronous) -> AbstractAsyncContextManager[AsyncGenerator[str, None]]:
    return client.follow()
