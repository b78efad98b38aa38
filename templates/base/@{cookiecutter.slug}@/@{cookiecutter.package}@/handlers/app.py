"""Builds the application."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import structlog
from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from .. import SERVICE, __version__
from ..config.settings import Settings
from ..exceptions import ConfigurationError
from ..services.container import AgentBuilder, Container, build_container
from ..services.lifecycle import drain_on_signal
from ..services.limiting import in_group
from ..utils.correlation import HEADER
from ..utils.logging import configure_logging
from ..utils.tracing import tracing
from . import answers, chat, health, metrics, ratings, sessions
from .errors import register_error_handlers
from .middleware import AddressMiddleware, AdmissionMiddleware, BodyLimitMiddleware, RequestMiddleware
from .operation_ids import named

logger = structlog.get_logger(__name__)

CORS_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run between start and stop; stopping finishes what runs and closes what is open."""
    container: Container = app.state.container
    settings = container.settings
    endpoint = str(settings.otlp_endpoint) if settings.otlp_endpoint else None
    with tracing(endpoint, settings.environment):
        async with container.opened():
            logger.info("started", agent_id=container.agent_config.agent_id)
            with drain_on_signal(container.lifecycle):
                yield
                await container.lifecycle.stop(settings.drain_timeout)
    logger.info("stopped")


def create_app(settings: Settings, build_agent: AgentBuilder, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """Return the application around an agent, with the further routes of its kind.

    Raises:
        ConfigurationError: Settings, configuration or secrets are missing or wrong.
    """
    configure_logging(settings.log_level, settings.environment, readable=settings.debug)
    container = build_container(settings, build_agent)
    pages = (chat.chat_router(),) if settings.shows_chat else ()
    every = (
        answers.router,
        *routers,
        sessions.router,
        ratings.router,
        health.router,
        metrics.router,
        *pages,
    )
    app = FastAPI(
        title=SERVICE,
        version=__version__,
        lifespan=lifespan,
        openapi_url="/openapi.json" if settings.debug else None,
        contact=_contact(settings),
        routes=named(route for router in every for route in router.routes),
    )
    app.state.container = container
    for router in routers:  # its routes are there; to include them would build each once more, at the first request
        app.include_router(APIRouter(lifespan=router.lifespan_context))
    _check_limits(settings.limits.rate_limits, every)
    register_error_handlers(app)
    # the last one added is the outermost
    app.add_middleware(BodyLimitMiddleware, limit=settings.max_body_bytes)
    app.add_middleware(AdmissionMiddleware, lifecycle=container.lifecycle)
    if settings.allowed_networks:
        app.add_middleware(AddressMiddleware, networks=settings.allowed_networks)
    app.add_middleware(RequestMiddleware, metrics=container.metrics)
    if settings.cors_origins:
        _allow_pages(app, settings)
    return app


def _check_limits(groups: Iterable[str], routers: Sequence[APIRouter]) -> None:
    """See to it that each limit of routes is one of some route."""
    paths = {getattr(route, "path", "") for router in routers for route in router.routes}
    for group in groups:
        if not any(in_group(path, group) for path in paths):
            message = f"rate_limits: no route begins with {group}; there are {', '.join(sorted(paths))}"
            raise ConfigurationError(message)


def _allow_pages(app: FastAPI, settings: Settings) -> None:
    """Let browsers' pages from some origins call it and read what it says, problems included."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_credentials=settings.cors_credentials,
        allow_methods=CORS_METHODS,
        allow_headers=("Authorization", "Content-Type", HEADER),
        expose_headers=(HEADER, "Retry-After"),
    )


def _contact(settings: Settings) -> dict[str, str] | None:
    known = {"email": settings.contact_email, "url": settings.contact_url}
    return {name: str(value) for name, value in known.items() if value is not None} or None
