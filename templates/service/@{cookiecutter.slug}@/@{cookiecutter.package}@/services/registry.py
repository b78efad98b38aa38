"""The agent registry: who is there, what they can do, and how they are."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from ..exceptions import PermissionDeniedError
from ..exceptions.exchange import NotFoundError
from ..models.events import Event, EventType
from ..models.identity import Identity, Permission
from ..models.pages import Page
from ..models.registry import AgentStatus, Heartbeat, RegisteredAgent, Registration
from ..utils.tenancy import bind_tenant, every_tenant
from .agent_records import AgentRecords
from .announcing import Announcer
from .endpoints import check_endpoint

FORGOTTEN_AFTER = timedelta(days=1)


class AgentRegistry:
    """Keeps agents as long as they give signs of life.

    Args:
        records: Where they are kept.
        announcer: Tells every change of an agent's status.
        ttl: Seconds that a sign of life is good for.
        hosts: Where agents may be asked.
    """

    def __init__(self, records: AgentRecords, announcer: Announcer, ttl: float, hosts: Sequence[str]) -> None:
        self._records = records
        self._announcer = announcer
        self._ttl = timedelta(seconds=ttl)
        self._hosts = hosts

    async def register(
        self, agent_id: str, registration: Registration, identity: Identity
    ) -> tuple[RegisteredAgent, bool]:
        """Add an agent or change what is known of it; return it, and whether it is new.

        Raises:
            InvalidInputError: Its endpoint is not allowed.
            PermissionDeniedError: Somebody else registered it.
        """
        check_endpoint(registration.endpoint, self._hosts)
        known = await self._records.get(agent_id)
        if known is not None:
            _check_owner(known, identity)
        now = datetime.now(UTC)
        agent = RegisteredAgent(
            **registration.model_dump(),
            id=agent_id,
            status=AgentStatus.ACTIVE,
            registered_at=known.registered_at if known else now,
            last_seen_at=now,
            expires_at=now + self._ttl,
            owner=known.owner if known else identity.subject,
        )
        await self._records.put(agent)
        if known is None:
            await self._tell(EventType.AGENT_REGISTERED, agent_id, new_status=agent.status)
        else:
            await self._tell_change(agent_id, known.status, agent.status)
        return agent, known is None

    async def get(self, agent_id: str) -> RegisteredAgent:
        """Return one agent.

        Raises:
            NotFoundError: There is none.
        """
        agent = await self._records.get(agent_id)
        if agent is None:
            message = f"There is no agent {agent_id}."
            raise NotFoundError(message)
        return agent

    async def page(
        self, *, capability: str | None, status: AgentStatus | None, after: str, limit: int
    ) -> Page[RegisteredAgent]:
        """Return a page of agents in the order of their ids."""
        return await self._records.page(capability=capability, status=status, after=after, limit=limit)

    def stream(self) -> AsyncIterator[Sequence[RegisteredAgent]]:
        """Yield all agents in batches."""
        return self._records.stream()

    async def heartbeat(self, agent_id: str, beat: Heartbeat, identity: Identity) -> RegisteredAgent:
        """Note a sign of life.

        Raises:
            NotFoundError: There is no such agent: it has to register again.
            PermissionDeniedError: Somebody else registered it.
        """
        known = await self.get(agent_id)
        _check_owner(known, identity)
        now = datetime.now(UTC)
        await self._records.seen(agent_id, beat.status, now, now + self._ttl)
        await self._tell_change(agent_id, known.status, beat.status)
        return known.model_copy(
            update={"status": AgentStatus(beat.status), "last_seen_at": now, "expires_at": now + self._ttl}
        )

    async def remove(self, agent_id: str, identity: Identity) -> None:
        """Remove an agent.

        Raises:
            NotFoundError: There is none.
            PermissionDeniedError: Somebody else registered it.
        """
        known = await self.get(agent_id)
        _check_owner(known, identity)
        if await self._records.remove(agent_id):
            await self._tell(EventType.AGENT_REMOVED, agent_id, old_status=known.status)

    async def expire(self) -> None:
        """Make inactive who was not heard of in time."""
        now = datetime.now(UTC)
        with every_tenant():
            late = await self._records.expire(now)
        for tenant, agent_id, before in late:
            bind_tenant(tenant)
            await self._tell_change(agent_id, before, AgentStatus.INACTIVE)

    async def forget(self) -> None:
        """Remove who was not heard of for long."""
        with every_tenant():
            await self._records.forget(datetime.now(UTC) - FORGOTTEN_AFTER)

    async def count(self) -> dict[AgentStatus, int]:
        """Return how many agents of all tenants have each status."""
        with every_tenant():
            return await self._records.count()

    async def _tell_change(self, agent_id: str, old: AgentStatus, new: AgentStatus) -> None:
        if old != new:
            await self._tell(EventType.AGENT_STATUS_CHANGED, agent_id, old_status=old, new_status=new)

    async def _tell(self, kind: EventType, agent_id: str, **statuses: AgentStatus) -> None:
        data = {"agent_id": agent_id, **{name: str(status) for name, status in statuses.items()}}
        await self._announcer.tell(Event(type=kind, subject=f"agents/{agent_id}", data={**data}))


def _check_owner(agent: RegisteredAgent, identity: Identity) -> None:
    if agent.owner != identity.subject and not identity.may(Permission.MANAGE_AGENTS):
        message = f"The agent {agent.id} belongs to somebody else."
        raise PermissionDeniedError(message)
