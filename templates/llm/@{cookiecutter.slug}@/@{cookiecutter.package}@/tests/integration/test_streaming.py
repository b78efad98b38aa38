"""The answer as a stream of events, through the public surface."""

import json
from collections.abc import AsyncGenerator, Iterator

import pytest

from ...config.settings import Settings
from ...exceptions import DependencyUnavailableError, OutputError
from ...handlers import streaming
from ...interfaces.streaming import StreamingAgent
from ...models.answer import Answer, Question
from ...models.history import NO_HISTORY, History
from ...models.identity import Role
from ...models.streaming import StreamEvent, TextAdded
from ...services.agent import build_agent
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, limited, running

QUESTION = {"question": "How long is the warranty of a device?"}
PATH = "/v1/answers/stream"
ROUTERS = (streaming.router,)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with running(limited(settings, cache_enabled=True), build_agent, ROUTERS) as service:
        yield service


def events(service: Service, **more: str) -> list[tuple[str, dict[str, object]]]:
    response = service.client.post(PATH, json=QUESTION, headers=service.headers(Role.CLIENT) | more)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert response.text.endswith("\n\n")
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in response.text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_the_text_comes_piece_by_piece_and_the_answer_last(service: Service) -> None:
    (tool, *deltas, answer, done) = events(service)
    assert tool == ("tool", {"tool": "search_documents"})
    assert {name for name, _ in deltas} == {"delta"}
    text = "".join(str(data["text"]) for _, data in deltas)
    assert answer[0] == "answer"
    assert isinstance(answer[1]["answer"], dict)
    assert answer[1]["answer"]["output"]["answer_text"] == text
    assert "24 months" in text
    assert done == ("done", {})
    assert [name for name, _ in events(service)] == ["answer", "done"]  # kept from before


def test_a_streamed_conversation_is_kept_and_goes_on(service: Service) -> None:
    headers = service.headers(Role.CLIENT)
    for question, told in ((QUESTION["question"], "24 months"), ("What did I ask before?", QUESTION["question"])):
        response = service.client.post(PATH, json={"question": question, "session_id": "s"}, headers=headers)
        (answer,) = [line for line in response.text.splitlines() if line.startswith('data: {"answer"')]
        given = json.loads(answer.removeprefix("data: "))["answer"]
        assert told in given["output"]["answer_text"]
    turns = service.client.get("/v1/sessions/s", headers=headers).json()["turns"]
    assert [turn["question"] for turn in turns] == [QUESTION["question"], "What did I ask before?"]
    assert given["turn_id"] == turns[1]["turn_id"]


def test_a_stream_is_audited_once_and_keeps_its_correlation_id(service: Service, settings: Settings) -> None:
    events(service, **{"X-Correlation-ID": "abc-1"})
    lines = [json.loads(line) for line in (settings.state_dir / "audit.jsonl").read_text().splitlines()]
    assert [(line["action"], line["outcome"]) for line in lines] == [
        ("tools:search_documents", "ok"),
        ("answers:ask", "answered"),
    ]
    assert {line["correlation_id"] for line in lines} == {"abc-1"}


def test_every_record_of_a_stream_names_tenant_subject_and_session(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(settings.model_copy(update={"debug": False}), build_agent, ROUTERS) as service:
        headers = service.headers(Role.CLIENT, subject="ann", tenant="acme")
        service.client.post(PATH, json=QUESTION | {"session_id": "order-17"}, headers=headers)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (record,) = [record for record in records if record["event"] == "request"]
    assert (record["tenant"], record["subject"], record["session_id"]) == ("acme", "ann", "order-17")


class Breaking(ScriptedAgent, StreamingAgent):
    """Says something, then fails."""

    def __init__(self, error: Exception, *, late: bool) -> None:
        super().__init__()
        self._error = error
        self._late = late

    async def stream(self, question: Question, history: History = NO_HISTORY) -> AsyncGenerator[StreamEvent, None]:  # noqa: ARG002
        if self._late:
            yield TextAdded(text="It is ")
        raise self._error


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (DependencyUnavailableError("down"), "dependency-failed"),
        (OutputError("odd"), "unusable-output"),
        (RuntimeError("secret detail"), "internal"),
    ],
)
def test_an_error_midway_is_an_event_and_still_terminated(settings: Settings, error: Exception, slug: str) -> None:
    with running(settings, Breaking(error, late=True), ROUTERS) as service:
        (delta, problem, done) = events(service)
        metrics = service.client.get("/metrics").text
    assert (delta[0], problem[0], done[0]) == ("delta", "error", "done")
    assert problem[1]["type"] == f"urn:problem:{slug}"
    assert "secret detail" not in json.dumps(problem[1])
    assert f'agent_errors_total{{error_type="{type(error).__name__}"}} 1.0' in metrics
    assert f"failed: {type(error).__name__}" in (settings.state_dir / "audit.jsonl").read_text()


def test_an_error_before_the_first_event_is_a_plain_problem(settings: Settings) -> None:
    with running(settings, Breaking(DependencyUnavailableError("down"), late=False), ROUTERS) as service:
        response = service.client.post(PATH, json=QUESTION, headers=service.headers(Role.CLIENT))
    assert (response.status_code, response.headers["content-type"]) == (502, "application/problem+json")


def test_nothing_is_answered_that_cannot_be_audited(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    events(service)
    monkeypatch.setattr("os.write", _disk_full)
    response = service.client.post(PATH, json=QUESTION, headers=service.headers(Role.CLIENT))
    assert response.status_code == 503
    assert "24 months" not in response.text


def _disk_full(*_: object) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer x"}, 401)])
def test_a_stream_needs_a_token(service: Service, headers: dict[str, str], status: int) -> None:
    assert service.client.post(PATH, json=QUESTION, headers=headers).status_code == status
    assert service.client.post(PATH, json=QUESTION, headers=service.headers(Role.OPERATOR)).status_code == 403


def test_an_agent_that_does_not_stream_says_so(settings: Settings) -> None:
    with running(settings, ScriptedAgent(), ROUTERS) as service:
        response = service.client.post(PATH, json=QUESTION, headers=service.headers(Role.CLIENT))
    assert (response.status_code, response.json()["type"]) == (500, "urn:problem:internal")


def test_an_answer_has_the_same_form_in_both_ways(service: Service) -> None:
    streamed = dict(events(service))["answer"]["answer"]
    assert isinstance(streamed, dict)
    Answer.model_validate(streamed)
    plain = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT)).json()
    assert plain == streamed | {"cached": True}
