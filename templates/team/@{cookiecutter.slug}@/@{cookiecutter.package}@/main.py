"""The application that the server runs: ``uvicorn …main:app``."""

from . import boot
from .config.settings import load_settings
from .exceptions import ConfigurationError
from .handlers import info, memories, project_events, projects, questions, streaming
from .handlers.app import create_app
from .services.team import build_team

try:
    routers = (streaming.router, memories.router, info.router, projects.router, project_events.router, questions.router)
    app = create_app(load_settings(), build_team, routers)
except ConfigurationError as error:
    message = f"configuration error: {error}"
    raise SystemExit(message) from error
boot.done()
