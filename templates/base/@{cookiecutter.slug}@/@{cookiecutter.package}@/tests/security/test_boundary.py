import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ...config.settings import Settings
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, limited, make_settings, running

QUESTION = {"question": "What is an agent?"}
SESSION = "/v1/sessions/{session_id}"
PROTECTED = [("POST", "/v1/answers"), ("GET", "/health/deep"), ("GET", SESSION), ("DELETE", SESSION)]


# one service for all of them: none of these requests may get as far as changing anything
@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_settings(tmp_path_factory.mktemp("boundary"))


@pytest.fixture(scope="module")
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture(scope="module")
def service(settings: Settings, agent: ScriptedAgent) -> Iterator[Service]:
    with running(limited(settings, rate_limit=10_000), agent) as service:
        yield service


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "bearer null"])
def test_without_a_valid_token_nothing_is_done(
    service: Service, agent: ScriptedAgent, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = service.client.request(method, path.format(session_id="s"), json=QUESTION, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert agent.asked == []


def test_an_expired_token_is_refused(service: Service) -> None:
    token = service.container.tokens.issue("me", [Role.ADMIN], lifetime=timedelta(seconds=-1))
    response = service.client.post("/v1/answers", json=QUESTION, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("POST", "/v1/answers", Role.OPERATOR),
        ("GET", "/health/deep", Role.CLIENT),
        ("GET", "/v1/sessions/s", Role.OPERATOR),
        ("DELETE", "/v1/sessions/s", Role.OPERATOR),
    ],
)
def test_a_role_without_the_permission_is_refused_and_written_down(
    service: Service, settings: Settings, method: str, path: str, role: Role
) -> None:
    response = service.client.request(method, path, json=QUESTION, headers=service.headers(role, subject="eve"))
    assert response.status_code == 403
    *_, line = (settings.state_dir / "audit.jsonl").read_text().splitlines()
    assert (json.loads(line)["subject"], json.loads(line)["outcome"]) == ("eve", "denied")


@pytest.fixture
def strict(settings: Settings) -> Iterator[Service]:
    with running(limited(settings, rate_limit=3), ScriptedAgent()) as service:
        yield service


def test_a_client_over_its_limit_waits_and_others_go_on(strict: Service) -> None:
    greedy, modest = strict.headers(Role.CLIENT, subject="greedy"), strict.headers(Role.CLIENT, subject="modest")
    statuses = [strict.client.post("/v1/answers", json=QUESTION, headers=greedy).status_code for _ in range(6)]
    assert statuses[:3] == [200, 200, 200]
    assert statuses[4:] == [429, 429]  # a minute that ends meanwhile lets one more in
    refused = strict.client.post("/v1/answers", json=QUESTION, headers=greedy)
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["retryable"] is True
    assert strict.client.post("/v1/answers", json=QUESTION, headers=modest).status_code == 200


def test_guessing_tokens_is_limited_by_address(strict: Service) -> None:
    headers = {"Authorization": "Bearer guess"}
    statuses = [strict.client.post("/v1/answers", json=QUESTION, headers=headers).status_code for _ in range(5)]
    assert statuses[:3] == [401, 401, 401]
    assert statuses[4] == 429  # a minute that ends meanwhile lets one more in


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        '"text"',
        "{}",
        '{"question": null}',
        '{"question": 7}',
        '{"question": ""}',
        '{"question": "   "}',
        '{"question": "ok", "role": "admin"}',
        '{"question": {"$gt": ""}}',
        json.dumps({"question": "x" * 4001}),
    ],
)
def test_malformed_input_is_a_clear_422(service: Service, agent: ScriptedAgent, body: str) -> None:
    headers = service.headers(Role.CLIENT) | {"Content-Type": "application/json"}
    response = service.client.post("/v1/answers", content=body, headers=headers)
    assert (response.status_code, response.json()["type"]) == (422, "urn:problem:invalid-input")
    assert agent.asked == []


def test_json_nested_beyond_reason_is_refused(service: Service) -> None:
    headers = service.headers(Role.CLIENT) | {"Content-Type": "application/json"}
    response = service.client.post("/v1/answers", content="[" * 60_000, headers=headers)
    assert (response.status_code, response.json()["type"]) == (400, "urn:problem:bad-request")


def test_a_large_body_is_refused_by_its_header(service: Service) -> None:
    body = json.dumps({"question": "x" * 70_000})
    response = service.client.post("/v1/answers", content=body, headers=service.headers(Role.CLIENT))
    assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")


def test_a_large_body_is_refused_while_it_streams(service: Service) -> None:
    chunks = iter([b'{"question": "'] + [b"x" * 1_000] * 100)
    response = service.client.post("/v1/answers", content=chunks, headers=service.headers(Role.CLIENT))
    assert response.status_code == 413


@pytest.mark.parametrize("headers", [{"X-Large": "x" * 20_000}, {f"X-{number}": "x" * 40 for number in range(400)}])
def test_large_headers_are_refused(service: Service, agent: ScriptedAgent, headers: dict[str, str]) -> None:
    response = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT) | headers)
    assert (response.status_code, response.json()["type"]) == (431, "urn:problem:headers-too-large")
    assert agent.asked == []


def test_an_invalid_request_is_not_echoed(service: Service) -> None:
    body = {"question": "ok", "<script>": "hunter2"}
    response = service.client.post("/v1/answers", json=body, headers=service.headers(Role.CLIENT))
    assert "hunter2" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-type"] == "application/problem+json"
