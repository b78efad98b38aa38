"""Whole journeys through a real process in the production environment, as clients and operators make them."""

from ...models.identity import Role
from ..fixtures.process import Running

QUESTION = {"question": "What is an agent?"}


def test_a_client_is_answered_and_it_is_written_down(service: Running) -> None:
    assert service.request("GET", "/health/live").json["status"] == "healthy"
    refused = service.request("POST", "/v1/answers", QUESTION)
    assert (refused.status, refused.json["type"]) == (401, "urn:problem:unauthenticated")

    token = service.token(Role.CLIENT, subject="ann")
    answer = service.request("POST", "/v1/answers", QUESTION, Authorization=token, X_Correlation_ID="journey-1")
    assert answer.status == 200
    assert answer.headers["x-correlation-id"] == "journey-1"
    assert answer.json["output"]["answer_text"]
    assert not answer.json["degraded"]

    again = service.request("POST", "/v1/answers", QUESTION, Authorization=token, X_Correlation_ID="journey-2")
    assert again.json["output"] == answer.json["output"]
    asked = [entry for entry in service.audit() if entry["action"] == "answers:ask"]
    written = [entry for entry in asked if entry["correlation_id"].startswith("journey-")]
    assert [(entry["subject"], entry["outcome"]) for entry in written] == [("ann", "answered")] * 2


def test_an_operator_looks_at_its_health_and_metrics(service: Running) -> None:
    operator = service.token(Role.OPERATOR, subject="olga")
    assert service.request("GET", "/health/deep", Authorization=operator).json["checks"]["agent_answers"] == "healthy"
    denied = service.request("POST", "/v1/answers", QUESTION, Authorization=operator)
    assert (denied.status, denied.json["retryable"]) == (403, False)
    metrics = service.request("GET", "/metrics").text
    assert 'agent_requests_total{method="POST",route="/v1/answers",status="403"}' in metrics
    assert 'environment="production"' in metrics


def test_a_stranger_finds_no_pages_and_no_insides(service: Running) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/.env", "/..%2f..%2fetc/passwd", "/v1"):
        found = service.request("GET", path)
        assert (found.status, found.headers["content-type"]) == (404, "application/problem+json")


def test_wrong_requests_are_told_what_is_wrong(service: Running) -> None:
    token = service.token(Role.CLIENT)
    wrong = service.request("POST", "/v1/answers", {"question": ""}, Authorization=token)
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (422, "/body/question")
    large = service.request("POST", "/v1/answers", {"question": "x" * 100_000}, Authorization=token)
    assert large.status == 413
    assert service.request("PUT", "/v1/answers", QUESTION, Authorization=token).status == 405
