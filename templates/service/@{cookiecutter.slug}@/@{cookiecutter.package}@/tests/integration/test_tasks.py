"""Tasks through the public surface, with store, queue and workers in between."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ...config.settings import Settings
from ...exceptions import DependencyUnavailableError, InvalidInputError
from ...models.identity import Role
from ...services import workers
from ...services.service_tools import TOOLS
from ..fixtures.agents import ScriptedAgent
from ..fixtures.exchange import ExchangeService, exchange_settings, exchanging, task_records


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.WorkPolicy, "delay", lambda *_: 0.01)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return exchange_settings(tmp_path / "state", task_attempts=3)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeService]:
    with exchanging(exchange_settings(tmp_path_factory.mktemp("tasks"))) as service:
        yield service


@pytest.fixture
def service(shared: ExchangeService) -> ExchangeService:
    """The shared service without tasks, dead letters and entries of other tests."""
    store = shared.container.store
    for subject in ("ann", "bob", "service:shop"):
        shared.within(lambda subject=subject: task_records(store).erase(subject))  # type: ignore[misc]
    shared.forget_refused_submissions()
    (shared.container.settings.state_dir / "audit.jsonl").unlink(missing_ok=True)
    return shared


def audit(service: ExchangeService) -> list[tuple[str, str]]:
    lines = (service.container.settings.state_dir / "audit.jsonl").read_text().splitlines()
    return [(entry["action"], entry["outcome"]) for entry in map(json.loads, lines)]


def test_a_task_is_accepted_at_once_and_answered_later(service: ExchangeService) -> None:
    headers = service.headers(Role.CLIENT, subject="ann")
    response = service.client.post("/v1/tasks", json={"question": "Why?"}, headers=headers)
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/tasks/{response.json()['id']}"
    assert (response.json()["status"], response.json()["answer"]) == ("queued", None)
    task = service.ended(response.json()["id"])
    assert task["answer"]["output"] == {"answer_text": "fine"}
    assert (task["status"], task["attempts"], task["error"]) == ("succeeded", 1, None)
    assert audit(service) == [("tasks:submit", "accepted"), ("tasks:work", "succeeded")]
    assert 'agent_task_duration_seconds_count{outcome="succeeded"}' in service.client.get("/metrics").text


def test_a_task_calls_a_tool_for_who_submitted_it(service: ExchangeService) -> None:
    arguments = {"question": "A private question?", "capability": "answer.text"}
    task = service.ended(service.order("agents.ask", arguments)["id"])
    assert (task["status"], task["tool"], task["answer"]) == ("succeeded", "agents.ask", None)
    assert task["result"]["replies"][0]["answer"]["output"] == {"answer_text": "fine"}
    assert audit(service)[1:] == [("tools:agents.ask", "ok"), ("tasks:work", "succeeded")]
    assert service.ended(service.order("answer.text", {"question": "Why?"})["id"])["answer"]["output"]
    listed = service.client.get("/v1/tasks", headers=service.headers(Role.CLIENT, subject="ann")).json()["items"]
    assert [task["tool"] for task in listed] == ["answer.text", "agents.ask"]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"tool": "agents.ask", "arguments": {}}, 422, "question"),
        ({"tool": "agents.ask", "arguments": {"question": "Why?", "capability": "x.y", "other": 1}}, 422, "other"),
        ({"tool": "agents.burn", "arguments": {}}, 404, "agents.burn"),
        ({"tool": "tasks.submit", "arguments": {"question": "Why?"}}, 404, "tasks.submit"),
        ({"tool": "agents.ask", "question": "Why?"}, 422, ""),
        ({"question": "Why?", "arguments": {"question": "How?"}}, 422, ""),
        ({}, 422, ""),
    ],
)
def test_what_no_tool_takes_is_refused_at_once(
    service: ExchangeService, body: dict[str, object], status: int, detail: str
) -> None:
    response = service.client.post("/v1/tasks", json=body, headers=service.headers(Role.CLIENT, subject="ann"))
    assert response.status_code == status, response.text
    assert detail in response.text
    assert service.client.get("/v1/tasks", headers=service.headers(Role.CLIENT, subject="ann")).json()["items"] == []


def test_the_same_key_for_another_call_is_refused(service: ExchangeService) -> None:
    first = service.order("agents.find", {"limit": 1}, key="order-17")
    assert service.order("agents.find", {"limit": 1}, key="order-17")["id"] == first["id"]
    headers = service.headers(Role.CLIENT, subject="ann") | {"Idempotency-Key": "order-17"}
    other = service.client.post("/v1/tasks", json={"tool": "agents.find", "arguments": {"limit": 2}}, headers=headers)
    assert other.json()["type"] == "urn:problem:idempotency-key-reused"


def test_what_is_not_allowed_any_more_fails_at_its_first_attempt(
    service: ExchangeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(TOOLS), "check_order", lambda *_: None)  # as it was when it was submitted
    task = service.ended(service.order("agents.gone", {})["id"])
    assert (task["status"], task["attempts"], task["error"]) == ("failed", 1, "There is no tool agents.gone.")


def test_questions_and_answers_are_not_readable_in_the_store(service: ExchangeService) -> None:
    settings = service.container.settings
    service.ended(service.submit("A very private question")["id"])
    if settings.store.url is not None:
        pytest.skip("looks into the SQLite file")
    stored = b"".join(path.read_bytes() for path in settings.state_dir.glob("store.db*"))
    assert b"submitted_by" in stored
    assert b"private" not in stored
    assert b"answer_text" not in stored


def test_the_same_key_never_makes_a_second_task(service: ExchangeService) -> None:
    first = service.submit("Why?", key="order-17")
    headers = service.headers(Role.CLIENT, subject="ann") | {"Idempotency-Key": "order-17"}
    again = service.client.post("/v1/tasks", json={"question": "Why?"}, headers=headers)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    other = service.client.post("/v1/tasks", json={"question": "How?"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:problem:idempotency-key-reused")
    assert service.submit("Why?", key="order-17", subject="bob")["id"] != first["id"]


def test_the_same_key_at_the_same_time_makes_one_task(service: ExchangeService) -> None:
    with ThreadPoolExecutor(8) as pool:
        tasks = list(pool.map(lambda _: service.submit("Why?", key="order-17"), range(16)))
    assert len({task["id"] for task in tasks}) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 129])
def test_a_key_that_is_none_is_refused(service: ExchangeService, key: str) -> None:
    headers = service.headers(Role.CLIENT) | {"Idempotency-Key": key}
    assert service.client.post("/v1/tasks", json={"question": "Why?"}, headers=headers).status_code == 422


def test_a_task_is_its_submitters_alone_and_operators(service: ExchangeService) -> None:
    task_id = service.submit(subject="ann")["id"]
    foreign = service.client.get(f"/v1/tasks/{task_id}", headers=service.headers(Role.CLIENT, subject="eve"))
    unknown = service.client.get(f"/v1/tasks/{'0' * 32}", headers=service.headers(Role.CLIENT, subject="eve"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["type"] == unknown.json()["type"] == "urn:problem:not-found"
    assert service.client.get(f"/v1/tasks/{task_id}", headers=service.headers(Role.OPERATOR)).status_code == 200


def test_lists_come_in_pages_the_newest_first(service: ExchangeService) -> None:
    made = [service.submit(f"Why {number}?")["id"] for number in range(5)]
    service.submit(subject="bob")
    headers = service.headers(Role.CLIENT, subject="ann")
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = service.client.get("/v1/tasks", params={"limit": 2, "cursor": cursor}, headers=headers).json()
        found, cursor = [*found, *(task["id"] for task in page["items"])], page["next_cursor"]
    assert found == made[::-1]
    everything = service.client.get("/v1/tasks", headers=service.headers(Role.OPERATOR)).json()["items"]
    assert len(everything) == 6


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%27", "status=lost"])
def test_a_page_that_is_none_is_refused(service: ExchangeService, query: str) -> None:
    assert service.client.get(f"/v1/tasks?{query}", headers=service.headers(Role.CLIENT)).status_code == 422


def test_a_model_that_is_away_is_tried_again(settings: Settings) -> None:
    agent = ScriptedAgent(DependencyUnavailableError("the model is away"), "degraded", "fine")
    with exchanging(settings, agent) as service:
        task = service.ended(service.submit()["id"])
    assert (task["status"], task["attempts"]) == ("succeeded", 3)


def test_a_task_that_fails_for_good_can_be_begun_again(settings: Settings) -> None:
    agent = ScriptedAgent(*[DependencyUnavailableError("the model is away")] * 3, "fine")
    with exchanging(settings, agent) as service:
        operator = service.headers(Role.OPERATOR)
        task = service.ended(service.submit()["id"])
        assert (task["status"], task["error"]) == ("failed", "the model is away")
        failed = service.client.get("/v1/tasks?status=failed", headers=operator).json()["items"]
        assert [item["id"] for item in failed] == [task["id"]]
        again = service.client.post(f"/v1/tasks/{task['id']}/retry", headers=operator)
        assert (again.status_code, again.json()["status"]) == (202, "queued")
        assert service.ended(task["id"])["status"] == "succeeded"
        once_more = service.client.post(f"/v1/tasks/{task['id']}/retry", headers=operator)
        assert (once_more.status_code, once_more.json()["type"]) == (409, "urn:problem:conflict")
        assert service.client.post(f"/v1/tasks/{'0' * 32}/retry", headers=operator).status_code == 404
        metrics = service.client.get("/metrics").text
    assert 'agent_messages_total{outcome="dead",queue="tasks"} 1.0' in metrics
    assert 'agent_messages_total{outcome="retried",queue="tasks"} 2.0' in metrics


@pytest.mark.parametrize(
    ("error", "told"),
    [(InvalidInputError("That is none."), "That is none."), (RuntimeError("secret detail"), "unexpected")],
)
def test_a_failed_task_tells_no_more_than_it_may(settings: Settings, error: Exception, told: str) -> None:
    with exchanging(settings, ScriptedAgent(error)) as service:
        task = service.ended(service.submit()["id"])
    assert told in task["error"]
    assert "secret" not in task["error"]


def test_what_was_queued_when_the_process_ended_is_answered_by_the_next(settings: Settings) -> None:
    with exchanging(settings) as service:
        (answering, _) = service.exchange.workers
        service.within(lambda: answering.stop(5))
        task_id = service.submit()["id"]
    with exchanging(settings) as service:
        assert service.ended(task_id)["status"] == "succeeded"


def test_exports_are_lines_of_json(service: ExchangeService) -> None:
    made = {service.submit(f"Why {number}?")["id"] for number in range(3)}
    response = service.client.get("/v1/exports/tasks", headers=service.headers(Role.OPERATOR))
    assert response.headers["content-type"] == "application/x-ndjson"
    assert {json.loads(line)["id"] for line in response.text.splitlines()} == made


def test_another_service_submits_through_the_queue(service: ExchangeService) -> None:
    token = service.container.tokens.issue("service:shop", [Role.CLIENT])
    for _ in range(2):
        service.send_submission(token=token, idempotency_key="order-17", question="Why?")
    task = service.submit("Why?", key="order-17", subject="service:shop")
    assert service.ended(task["id"], subject="service:shop")["status"] == "succeeded"
    assert ("tasks:submit", "accepted") in audit(service)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"token": "x.y.z"}, "token"),
        ({"token": None}, "fit: token"),
        ({"idempotency_key": ""}, "fit: idempotency_key"),
        ({"question": ""}, "fit: question"),
        ({"I am Ann": "", "question": ""}, "fit: question, an unknown field"),
        ({"tool": "agents.find"}, "fit: one of question and tool"),
        ({"question": None, "tool": "ann.ann"}, "no tool of that name"),
        ({"question": None, "tool": "agents.find", "arguments": {"Ann": 1}}, "do not fit the tool"),
    ],
)
def test_a_submission_that_may_not_be_is_a_dead_letter(
    service: ExchangeService, change: dict[str, object], reason: str
) -> None:
    token = service.container.tokens.issue("service:shop", [Role.CLIENT])
    service.send_submission(**{"token": token, "idempotency_key": "a", "question": "Why?", **change})
    letter = service.refused_submission()
    assert letter.reason.startswith("RefusedMessageError: ")
    assert reason in letter.reason
    assert not any(word in f"{letter.text} {letter.reason}" for word in (token, "Why?", "Ann"))
    assert service.client.get("/v1/tasks", headers=service.headers(Role.OPERATOR)).json()["items"] == []


def test_a_submission_without_the_permission_is_written_down(service: ExchangeService) -> None:
    token = service.container.tokens.issue("service:shop", [Role.OPERATOR])
    service.send_submission(token=token, idempotency_key="a", question="Why?")
    service.refused_submission()
    assert audit(service) == [("tasks:submit", "denied")]


def test_a_reused_key_in_a_submission_is_a_dead_letter(service: ExchangeService) -> None:
    token = service.container.tokens.issue("service:shop", [Role.CLIENT])
    for question in ("Why?", "How?"):
        service.send_submission(token=token, idempotency_key="a", question=question)
    assert "used for another" in service.refused_submission().reason
