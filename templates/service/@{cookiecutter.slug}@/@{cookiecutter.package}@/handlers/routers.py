"""The routes that this kind has beside those that all have."""

from . import exchange, gathering, registry, status_streams, tasks, tools

ROUTERS = (exchange.router, registry.router, tasks.router, gathering.router, status_streams.router, tools.router)
