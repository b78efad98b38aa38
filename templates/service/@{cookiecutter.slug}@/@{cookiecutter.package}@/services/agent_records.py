"""Agents in the store."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ..exceptions import PermissionDeniedError
from ..models.pages import Page
from ..models.registry import AgentStatus, RegisteredAgent
from ..models.tables.registry import AgentRow, CapabilityRow
from ..utils.tenancy import current_tenant
from .store import Store

BATCH = 100


class AgentRecords:
    """Writes and reads the agents of the registry."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def put(self, agent: RegisteredAgent) -> None:
        """Add the agent, or replace what was known of it.

        Raises:
            PermissionDeniedError: It belongs to somebody else.
        """
        try:
            await self._put(agent)
        except IntegrityError:  # another replica added it at the same moment
            await self._put(agent)

    async def get(self, agent_id: str) -> RegisteredAgent | None:
        """Return one agent."""
        async with self._store.reading() as session:
            row = await session.get(AgentRow, (current_tenant(), agent_id))
        return None if row is None else _agent(row)

    async def page(
        self, *, capability: str | None, status: AgentStatus | None, after: str, limit: int
    ) -> Page[RegisteredAgent]:
        """Return up to ``limit`` agents whose ids come after ``after``, in the order of their ids."""
        query = _query(capability, status).where(AgentRow.id > after).order_by(AgentRow.id).limit(limit + 1)
        async with self._store.reading() as session:
            rows = (await session.scalars(query)).all()
        items = tuple(map(_agent, rows[:limit]))
        return Page(items=items, next_cursor=items[-1].id if len(rows) > limit else None)

    async def stream(self, batch: int = BATCH) -> AsyncIterator[Sequence[RegisteredAgent]]:
        """Yield all agents in batches.

        Each batch is a read of its own: a slow reader holds no transaction open, and no more than a batch in memory.
        """
        after = ""
        while True:
            page = await self.page(capability=None, status=None, after=after, limit=batch)
            yield page.items
            if page.next_cursor is None:
                return
            after = page.next_cursor

    async def seen(self, agent_id: str, status: AgentStatus, now: datetime, expires_at: datetime) -> None:
        """Note a sign of life."""
        values = {"status": status, "last_seen_at": now, "expires_at": expires_at}
        async with self._store.transaction() as session:
            await session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(values))

    async def remove(self, agent_id: str) -> bool:
        """Remove an agent; return whether it was there."""
        async with self._store.transaction() as session:
            done = await session.execute(delete(AgentRow).where(AgentRow.id == agent_id).returning(AgentRow.id))
            return done.first() is not None

    async def expire(self, now: datetime) -> Sequence[tuple[str, str, AgentStatus]]:
        """Make inactive who was not heard of in time; return tenant, id and status before, to one caller only."""
        late = (AgentRow.status != AgentStatus.INACTIVE, AgentRow.expires_at < now)
        async with self._store.reading() as session:
            if (await session.scalars(select(AgentRow.id).where(*late).limit(1))).first() is None:
                return ()  # the usual case needs no write
        async with self._store.transaction() as session:
            rows = (await session.scalars(select(AgentRow).where(*late).with_for_update())).all()
            before = [(row.tenant, row.id, AgentStatus(row.status)) for row in rows]
            for row in rows:
                row.status = AgentStatus.INACTIVE
        return before

    async def forget(self, last_seen_before: datetime) -> None:
        """Remove inactive agents that were not heard of for long."""
        old = (AgentRow.status == AgentStatus.INACTIVE, AgentRow.last_seen_at < last_seen_before)
        async with self._store.transaction() as session:
            await session.execute(delete(AgentRow).where(*old))

    async def count(self) -> dict[AgentStatus, int]:
        """Return how many agents have each status."""
        async with self._store.reading() as session:
            rows = (await session.execute(select(AgentRow.status, func.count()).group_by(AgentRow.status))).all()
        return dict.fromkeys(AgentStatus, 0) | {AgentStatus(status): number for status, number in rows}

    async def _put(self, agent: RegisteredAgent) -> None:
        async with self._store.transaction() as session:
            row = await session.get(AgentRow, (current_tenant(), agent.id))
            if row is None:
                row = AgentRow(id=agent.id, registered_at=agent.registered_at)
                session.add(row)
            elif row.owner != agent.owner:
                message = f"The agent {agent.id} belongs to somebody else."
                raise PermissionDeniedError(message)
            row.name, row.version = agent.name, agent.version
            row.endpoint = str(agent.endpoint) if agent.endpoint else None
            row.audience, row.details, row.owner = agent.audience, agent.metadata, agent.owner
            row.status, row.last_seen_at, row.expires_at = agent.status, agent.last_seen_at, agent.expires_at
            known = {has.capability: has for has in row.capabilities}
            row.capabilities = [known.get(name) or CapabilityRow(capability=name) for name in agent.capabilities]


def _query(capability: str | None, status: AgentStatus | None) -> Select[AgentRow]:
    query = select(AgentRow)
    if capability is not None:
        query = query.join(CapabilityRow).where(CapabilityRow.capability == capability)
    return query if status is None else query.where(AgentRow.status == status)


def _agent(row: AgentRow) -> RegisteredAgent:
    return RegisteredAgent.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "version": row.version,
            "endpoint": row.endpoint,
            "audience": row.audience,
            "capabilities": tuple(has.capability for has in row.capabilities),
            "metadata": row.details,
            "status": row.status,
            "registered_at": row.registered_at,
            "last_seen_at": row.last_seen_at,
            "expires_at": row.expires_at,
            "owner": row.owner,
        }
    )
