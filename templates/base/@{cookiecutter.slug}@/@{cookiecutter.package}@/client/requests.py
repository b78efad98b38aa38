"""What both clients do alike: make requests, judge answers, tell what may be tried again."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import httpx2
from opentelemetry import propagate
from pydantic import ValidationError

from .. import SERVICE, __version__
from ..exceptions import client as errors
from ..models.problem import Problem
from ..utils.correlation import HEADER, current_correlation_id
from .operation import Request, Values

CONNECT_SECONDS = 5.0
PROBLEM_ERRORS: dict[int, type[errors.ProblemError]] = {
    HTTPStatus.BAD_REQUEST: errors.InvalidRequestError,
    HTTPStatus.UNAUTHORIZED: errors.UnauthenticatedError,
    HTTPStatus.FORBIDDEN: errors.NotPermittedError,
    HTTPStatus.NOT_FOUND: errors.NotFoundError,
    HTTPStatus.CONFLICT: errors.ConflictError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.InvalidRequestError,
    HTTPStatus.UNPROCESSABLE_ENTITY: errors.InvalidRequestError,
    HTTPStatus.TOO_MANY_REQUESTS: errors.TooManyRequestsError,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: errors.InvalidRequestError,
    HTTPStatus.BAD_GATEWAY: errors.AgentFailedError,
    HTTPStatus.SERVICE_UNAVAILABLE: errors.UnavailableError,
    HTTPStatus.GATEWAY_TIMEOUT: errors.AgentFailedError,
}
NOT_TAKEN_ON = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Whoever says so, a proxy or the agent, has done nothing yet."""
FOREIGN = "about:blank"
"""The type of a problem that something between here and the agent told in its own form."""
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often a call is tried that may be tried again.

    That is: nothing was sent, the agent says that the same request may succeed later, or, when it is not known
    whether a request arrived, repeating it does no harm.

    Args:
        attempts: In all; 1 tries nothing again.
        longest_wait: Seconds; when the agent asks for more patience (``Retry-After``), the error is raised at once.
    """

    attempts: int = 4
    longest_wait: float = 30.0

    def judge(self, *, repeatable: bool) -> Callable[[Exception], bool | float]:
        """Return what tells whether to try again after an error, or after how many seconds."""

        def worth(error: Exception) -> bool | float:
            if isinstance(error, errors.ProblemError):
                return self._patience(error) if _may_be_repeated(error.problem, repeatable=repeatable) else False
            unknown = repeatable and isinstance(error, errors.NoAnswerError)
            return unknown or isinstance(error, errors.UnreachableError)

        return worth

    def _patience(self, error: errors.ProblemError) -> bool | float:
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= self.longest_wait else False


def _may_be_repeated(problem: Problem, *, repeatable: bool) -> bool:
    known = problem.type != FOREIGN or problem.status in NOT_TAKEN_ON
    return problem.retryable and (known or repeatable)


def timeouts(seconds: float) -> httpx2.Timeout:
    """Return how long a request may take to connect, and then for each piece of the answer."""
    return httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def path(route: str, parts: Values) -> str:
    """Return the path of a route, its parts filled in."""
    return route.format_map({name: quote(str(value), safe="") for name, value in parts.items()})


def built(
    client: httpx2.Client | httpx2.AsyncClient, method: str, route: str, request: Request, headers: dict[str, str]
) -> httpx2.Request:
    """Return the request as it is sent."""
    body = None if request.body is None else request.body.model_dump_json(exclude_defaults=True).encode()
    return client.build_request(
        method, path(route, request.parts), params=_given(request.query), content=body, headers=headers
    )


def headers(request: Request, token: str, correlation_id: str) -> dict[str, str]:
    """Return the headers of a request."""
    sent = {
        "Authorization": f"Bearer {token}",
        "User-Agent": f"{SERVICE}-client/{__version__}",
        HEADER: correlation_id,
        **_given(request.headers),
    }
    if request.body is not None:
        sent["Content-Type"] = "application/json"
    propagate.inject(sent)
    return sent


def new_correlation_id() -> str:
    """Return the id of the work that the call is made in, else a new one."""
    return current_correlation_id() or uuid.uuid4().hex


def lost(error: httpx2.HTTPError) -> errors.UnreachableError | errors.NoAnswerError:
    """Return what it means that the connection failed."""
    why = type(error).__name__
    if isinstance(error, NOT_SENT):
        return errors.UnreachableError(f"The agent cannot be reached ({why}).")
    return errors.NoAnswerError(f"The agent did not answer to the end ({why}).")


def read(response: httpx2.Response, make: Callable[[bytes], Result]) -> Result:
    """Return the result.

    Raises:
        ProblemError: It is an answer that says why there is none.
        UnreadableAnswerError: It is none of this API.
    """
    check(response)
    try:
        return make(response.content)
    except ValidationError as error:
        message = f"The answer ({response.status_code}) cannot be read: {error.error_count()} errors."
        raise errors.UnreadableAnswerError(message) from error


def check(response: httpx2.Response) -> None:
    """Raise the problem that a response tells, which must have been read by then."""
    if response.is_success:
        return
    if not response.is_error:
        message = f"The answer is {response.status_code}, which this API never gives: is the address right?"
        raise errors.UnreadableAnswerError(message)
    raise problem_error(_problem(response), _retry_after(response.headers))


def problem_error(problem: Problem, retry_after: float | None = None) -> errors.ProblemError:
    """Return a problem as the error that stands for it."""
    return PROBLEM_ERRORS.get(problem.status, errors.ProblemError)(problem, retry_after)


def _problem(response: httpx2.Response) -> Problem:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        status = response.status_code
        return Problem(
            type=FOREIGN,
            title=response.reason_phrase,
            status=status,
            detail=response.reason_phrase,
            instance=response.headers.get(HEADER, response.request.headers[HEADER]),
            retryable=status in NOT_TAKEN_ON | {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT},
        )


def _retry_after(given: Mapping[str, str]) -> float | None:
    seconds = given.get("retry-after", "")
    return float(seconds) if seconds.isdecimal() else None


def _given(values: Values) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}
