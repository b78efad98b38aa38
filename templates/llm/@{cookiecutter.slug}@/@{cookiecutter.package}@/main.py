"""The application that the server runs: ``uvicorn …main:app``."""

from . import boot
from .config.settings import load_settings
from .exceptions import ConfigurationError
from .handlers import info, memories, streaming
from .handlers.app import create_app
from .services.agent import build_agent

try:
    app = create_app(load_settings(), build_agent, routers=(streaming.router, memories.router, info.router))
except ConfigurationError as error:
    message = f"configuration error: {error}"
    raise SystemExit(message) from error
boot.done()
