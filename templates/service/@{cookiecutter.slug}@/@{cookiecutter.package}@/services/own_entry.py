"""This process's own entry in the registry."""

import os
import re
import socket

from .. import SERVICE, __version__
from ..exceptions.exchange import NotFoundError
from ..models.identity import Identity, Role
from ..models.registry import AgentStatus, Heartbeat, Registration
from .lifecycle import Lifecycle, State
from .registry import AgentRegistry
from .service_tools import TOOLS

CAPABILITIES = tuple(tool.name for tool in TOOLS)
OWNER = Identity(subject=f"service:{SERVICE}", roles=frozenset({Role.AGENT}))


class OwnEntry:
    """Registers this process, gives signs of life, and takes the entry back at the end."""

    def __init__(self, registry: AgentRegistry, lifecycle: Lifecycle) -> None:
        self._registry = registry
        self._lifecycle = lifecycle
        host = re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().lower())[:30]
        self.id = f"{SERVICE}-{host}-{os.getpid()}"

    async def refresh(self) -> None:
        """Give a sign of life; register when nobody knows this process, or not any more."""
        running = self._lifecycle.state is State.RUNNING
        beat = Heartbeat(status=AgentStatus.ACTIVE if running else AgentStatus.DRAINING)
        try:
            await self._registry.heartbeat(self.id, beat, OWNER)
        except NotFoundError:
            registration = Registration(name=SERVICE, version=__version__, capabilities=CAPABILITIES)
            await self._registry.register(self.id, registration, OWNER)

    async def remove(self) -> None:
        """Take the entry back."""
        await self._registry.remove(self.id, OWNER)
