"""The tables of the agent registry."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...utils.tenancy import DEFAULT_TENANT, current_tenant
from .base import Moment, OfTenant, Table


class CapabilityRow(OfTenant, Table):
    """Something that an agent can do; its key finds the agents for a capability."""

    __tablename__ = "agent_capabilities"
    __table_args__ = (ForeignKeyConstraint(["tenant", "agent_id"], ["agents.tenant", "agents.id"], ondelete="CASCADE"),)

    capability: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), primary_key=True, server_default=DEFAULT_TENANT)
    agent_id: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


class AgentRow(OfTenant, Table):
    """A registered agent; each tenant has ids of its own."""

    __tablename__ = "agents"

    tenant: Mapped[str] = mapped_column(
        String(64), primary_key=True, default=current_tenant, server_default=DEFAULT_TENANT
    )
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    endpoint: Mapped[str | None] = mapped_column(String(2_083))
    audience: Mapped[str | None] = mapped_column(String(80))
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(255))
    registered_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    capabilities: Mapped[list[CapabilityRow]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", passive_deletes=True, order_by=CapabilityRow.capability
    )
