import json

import pytest

from ...config.settings import Settings
from ...exceptions import DependencyTimeoutError, DependencyUnavailableError, OutputError
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, limited, running

QUESTION = {"question": "What is an agent?"}


def audit_lines(settings: Settings) -> list[dict[str, str]]:
    path = settings.state_dir / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_live_and_ready_need_no_token(service: Service) -> None:
    assert service.client.get("/health/live").json() == {"status": "healthy", "checks": {}}
    ready = service.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "healthy")


def test_not_ready_without_the_audit_trail(service: Service, settings: Settings) -> None:
    (settings.state_dir / "audit.jsonl").mkdir(parents=True)
    response = service.client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["audit_trail"] == "unhealthy"
    assert service.client.get("/health/live").status_code == 200


def test_deep_asks_the_agent(service: Service, agent: ScriptedAgent) -> None:
    response = service.client.get("/health/deep", headers=service.headers(Role.OPERATOR))
    assert response.json()["checks"]["agent_answers"] == "healthy"
    assert len(agent.asked) == 1


def test_deep_is_503_when_the_agent_cannot_answer(settings: Settings) -> None:
    with running(settings, ScriptedAgent(DependencyUnavailableError("down"))) as service:
        response = service.client.get("/health/deep", headers=service.headers(Role.OPERATOR))
        assert response.status_code == 503
        assert service.client.get("/health/ready").status_code == 200


def test_metrics_count_requests_errors_and_say_what_runs(settings: Settings) -> None:
    with running(settings, ScriptedAgent("fine", DependencyUnavailableError("down"))) as service:
        for _ in range(2):
            service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
        text = service.client.get("/metrics").text
    assert 'agent_requests_total{method="POST",route="/v1/answers",status="200"} 1.0' in text
    assert 'agent_requests_total{method="POST",route="/v1/answers",status="502"} 1.0' in text
    assert 'agent_errors_total{error_type="DependencyUnavailableError"} 1.0' in text
    assert 'agent_request_duration_seconds_count{method="POST",route="/v1/answers"} 2.0' in text
    assert "agent_active_requests 1.0" in text
    assert "agent_memory_bytes " in text
    assert "agent_info{" in text


def test_a_path_that_does_not_exist_makes_no_label_of_its_own(service: Service) -> None:
    assert service.client.get("/made/up").status_code == 404
    assert "/made/up" not in service.client.get("/metrics").text


def test_the_correlation_id_comes_in_and_goes_out_and_is_in_every_record(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(settings.model_copy(update={"debug": False}), ScriptedAgent()) as service:
        headers = service.headers(Role.OPERATOR) | {"X-Correlation-ID": "abc-1"}
        response = service.client.post("/v1/answers", json=QUESTION, headers=headers)
    assert response.headers["x-correlation-id"] == response.json()["instance"] == "abc-1"
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    of_the_request = [record for record in records if record["event"].startswith("request")]
    assert [record["event"] for record in of_the_request] == ["request_failed", "request"]
    assert {record["correlation_id"] for record in of_the_request} == {"abc-1"}
    assert [line["correlation_id"] for line in audit_lines(settings)] == ["abc-1"]


def test_a_missing_or_unsafe_correlation_id_is_replaced(service: Service) -> None:
    first = service.client.get("/health/live").headers["x-correlation-id"]
    second = service.client.get("/health/live", headers={"X-Correlation-ID": "a b{}"}).headers["x-correlation-id"]
    assert len({first, second, "a b{}"}) == 3


@pytest.mark.parametrize(
    ("error", "status", "slug", "retryable"),
    [
        (DependencyUnavailableError("down"), 502, "dependency-failed", True),
        (DependencyTimeoutError("slow"), 504, "dependency-timeout", True),
        (OutputError("odd"), 502, "unusable-output", True),
        (RuntimeError("secret detail"), 500, "internal", False),
    ],
)
def test_failures_are_problems_and_are_audited(
    settings: Settings, error: Exception, status: int, slug: str, *, retryable: bool
) -> None:
    with running(settings, ScriptedAgent(error)) as service:
        response = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
    problem = response.json()
    assert (response.status_code, problem["type"], problem["retryable"]) == (status, f"urn:problem:{slug}", retryable)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-correlation-id"] == problem["instance"]
    assert "secret detail" not in response.text
    assert [line["outcome"].split(":")[0] for line in audit_lines(settings)] == ["failed"]


def test_every_answer_is_audited_without_its_content(service: Service, settings: Settings) -> None:
    for _ in range(5):
        service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT, subject="ann"))
    lines = audit_lines(settings)
    assert [(line["subject"], line["outcome"]) for line in lines] == [("ann", "answered")] * 5
    assert QUESTION["question"] not in json.dumps(lines)


def test_nothing_is_answered_that_cannot_be_audited(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.write", _disk_full)
    response = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
    assert response.status_code == 503
    assert "output" not in response.json()


def _disk_full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_a_full_service_turns_work_away_but_stays_observable(settings: Settings) -> None:
    with running(limited(settings, max_concurrency=1), ScriptedAgent()) as service, service.container.lifecycle.work():
        response = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) >= 1
        assert service.client.get("/health/ready").status_code == 200


def test_a_draining_service_takes_no_work_and_is_not_ready(service: Service) -> None:
    service.container.lifecycle.drain()
    response = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
    assert (response.status_code, response.json()["type"]) == (503, "urn:problem:unavailable")
    assert service.client.get("/health/ready").status_code == 503
    assert service.client.get("/health/live").status_code == 200


def test_the_agent_is_closed_at_the_end(settings: Settings) -> None:
    agent = ScriptedAgent()
    with running(settings, agent):
        assert not agent.closed
    assert agent.closed


def test_production_shows_no_api_pages(settings: Settings) -> None:
    with running(settings.model_copy(update={"debug": False}), ScriptedAgent()) as service:
        assert service.client.get("/docs").status_code == 404
        assert service.client.get("/openapi.json").status_code == 404
