"""Starts and stops what this kind of service has around its agent, and hands it to the routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from fastapi.requests import HTTPConnection

from ..exceptions import exchange as errors
from ..services.exchange import Exchange, exchange
from .errors import PROBLEM_TYPES, ProblemType

PROBLEM_TYPES.update(
    {
        errors.NotFoundError: ProblemType("not-found", HTTPStatus.NOT_FOUND),
        errors.ConflictError: ProblemType("conflict", HTTPStatus.CONFLICT),
        errors.IdempotencyError: ProblemType("idempotency-key-reused", HTTPStatus.UNPROCESSABLE_ENTITY),
        errors.NotEnoughAnswersError: ProblemType("not-enough-answers", HTTPStatus.BAD_GATEWAY, retryable=True),
    }
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run between the start and the stop of the service itself."""
    async with exchange(app.state.container) as app.state.exchange:
        yield


async def get_exchange(connection: HTTPConnection) -> Exchange:
    """Return the running parts."""
    parts: Exchange = connection.app.state.exchange
    return parts


ExchangeDep = Annotated[Exchange, Depends(get_exchange)]
router = APIRouter(lifespan=lifespan)
