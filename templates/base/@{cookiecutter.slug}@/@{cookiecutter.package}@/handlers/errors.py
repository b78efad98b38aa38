"""The one mapping from errors to HTTP answers (RFC 9457 problem details)."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from .. import exceptions
from ..models.problem import InvalidField, Problem
from ..utils.correlation import current_correlation_id

MEDIA_TYPE = "application/problem+json"
BUSY_RETRY_AFTER = 1  # seconds


@dataclass(frozen=True)
class ProblemType:
    """How a class of errors looks from outside."""

    slug: str
    status: HTTPStatus
    retryable: bool = False


INTERNAL = ProblemType("internal", HTTPStatus.INTERNAL_SERVER_ERROR)
INVALID = ProblemType("invalid-input", HTTPStatus.UNPROCESSABLE_ENTITY)
NOT_FOUND = ProblemType("not-found", HTTPStatus.NOT_FOUND)
CONFLICT = ProblemType("conflict", HTTPStatus.CONFLICT)

PROBLEM_TYPES: dict[type[BaseException], ProblemType] = {
    exceptions.InvalidInputError: INVALID,
    exceptions.PayloadTooLargeError: ProblemType("payload-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    exceptions.HeadersTooLargeError: ProblemType("headers-too-large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    exceptions.AuthenticationError: ProblemType("unauthenticated", HTTPStatus.UNAUTHORIZED),
    exceptions.PermissionDeniedError: ProblemType("permission-denied", HTTPStatus.FORBIDDEN),
    exceptions.RateLimitedError: ProblemType("rate-limited", HTTPStatus.TOO_MANY_REQUESTS, retryable=True),
    exceptions.QuotaExceededError: ProblemType("quota-exceeded", HTTPStatus.TOO_MANY_REQUESTS, retryable=True),
    exceptions.ResourceError: ProblemType("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, retryable=True),
    exceptions.CommunicationError: ProblemType("dependency-failed", HTTPStatus.BAD_GATEWAY, retryable=True),
    exceptions.DependencyRefusedError: ProblemType("dependency-failed", HTTPStatus.BAD_GATEWAY),
    exceptions.DependencyTimeoutError: ProblemType("dependency-timeout", HTTPStatus.GATEWAY_TIMEOUT, retryable=True),
    exceptions.OutputError: ProblemType("unusable-output", HTTPStatus.BAD_GATEWAY, retryable=True),
}
"""The nearest entry in an error's class hierarchy decides; what is not here is internal."""


def problem_type(error: BaseException) -> ProblemType:
    """Return how an error looks from outside."""
    return next((PROBLEM_TYPES[kind] for kind in type(error).__mro__ if kind in PROBLEM_TYPES), INTERNAL)


def error_response(error: BaseException) -> Response:
    """Return the answer to a request that ended in an error; internals stay inside."""
    kind = problem_type(error)
    detail = "An unexpected error occurred." if kind is INTERNAL else str(error)
    return problem_response(kind, detail, headers=_headers(error, kind))


def problem_response(
    kind: ProblemType,
    detail: str,
    errors: tuple[InvalidField, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem as an HTTP answer."""
    problem = Problem(
        type=f"urn:problem:{kind.slug}",
        title=kind.status.phrase,
        status=kind.status,
        detail=detail,
        instance=current_correlation_id(),
        retryable=kind.retryable,
        errors=errors,
    )
    return Response(problem.model_dump_json(), status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)


def register_error_handlers(app: FastAPI) -> None:
    """Answer FastAPI's own errors in the same form."""
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)


async def _on_invalid_request(_request: Request, error: Exception) -> Response:
    details = error.errors() if isinstance(error, RequestValidationError) else ()
    fields = tuple(InvalidField(pointer=_pointer(item["loc"]), detail=item["msg"]) for item in details)
    return problem_response(INVALID, "The request is not valid.", errors=fields)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    if isinstance(error.__cause__, exceptions.AgentError):
        return error_response(error.__cause__)  # raised while the body was being read
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else INTERNAL.status
    slug = status.phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return problem_response(ProblemType(slug, status), status.description or status.phrase, headers=headers)


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join(f"/{part}" for part in location)


def _headers(error: BaseException, kind: ProblemType) -> dict[str, str]:
    if isinstance(error, exceptions.RateLimitedError):
        return {"Retry-After": str(error.retry_after)}
    if kind.status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if kind.status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(BUSY_RETRY_AFTER)}
    return {}
