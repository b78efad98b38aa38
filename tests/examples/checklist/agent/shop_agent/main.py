"""The application."""

from contextlib import asynccontextmanager
from typing import AsyncIterator

from fastapi import FastAPI

from shop_agent.config.settings import Settings
from shop_agent.handlers import answers, health
from shop_agent.handlers.middleware import CorrelationMiddleware
from shop_agent.services.answering import AnsweringService
from shop_agent.utils.telemetry import configure_logging, configure_tracing


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what the service needs, and close it at the end."""
    service: AnsweringService = app.state.service
    yield
    await service.close()


def create_app(settings: Settings) -> FastAPI:
    """Return the application."""
    configure_logging()
    configure_tracing()
    app = FastAPI(lifespan=lifespan)
    app.state.settings = settings
    app.state.service = AnsweringService(settings)
    app.include_router(health.router)
    app.include_router(answers.router)
    app.add_middleware(CorrelationMiddleware)
    return app


app = create_app(Settings())
