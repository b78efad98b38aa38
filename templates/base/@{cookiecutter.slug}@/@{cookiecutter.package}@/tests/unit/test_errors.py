import inspect
import json

import pytest

from ... import exceptions
from ...exceptions import AgentError, RateLimitedError
from ...handlers.errors import INTERNAL, error_response, problem_type

ERRORS = [item for _, item in inspect.getmembers(exceptions, inspect.isclass) if issubclass(item, AgentError)]
INTERNAL_ERRORS = {exceptions.AgentError, exceptions.ConfigurationError}


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_has_its_answer(kind: type[AgentError]) -> None:
    error = kind(3) if issubclass(kind, RateLimitedError) else kind("why")
    assert (problem_type(error) is INTERNAL) == (kind in INTERNAL_ERRORS)
    response = error_response(error)
    body = json.loads(bytes(response.body))
    assert response.status_code == body["status"] >= 400
    assert response.media_type == "application/problem+json"


def test_an_unknown_error_shows_nothing_of_itself() -> None:
    response = error_response(RuntimeError("password=hunter2"))
    assert response.status_code == 500
    assert b"hunter2" not in bytes(response.body)


def test_a_configuration_error_at_run_time_shows_nothing_of_itself() -> None:
    assert b"/etc/secret" not in bytes(error_response(exceptions.ConfigurationError("/etc/secret")).body)


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (RateLimitedError(7), "Retry-After", "7"),
        (exceptions.OverloadedError("busy"), "Retry-After", "1"),
        (exceptions.AuthenticationError("who?"), "WWW-Authenticate", "Bearer"),
    ],
)
def test_headers_tell_how_to_go_on(error: AgentError, header: str, value: str) -> None:
    assert error_response(error).headers[header] == value
