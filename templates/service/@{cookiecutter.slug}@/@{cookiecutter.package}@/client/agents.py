"""The agent registry."""

from httpx2 import ServerSentEvent

from ..models.pages import Page
from ..models.registry import AgentStatus, Heartbeat, RegisteredAgent, Registration
from .operation import Call, EventCall, Operation, StreamOperation


def _register_agent(agent_id: str, registration: Registration) -> Call[RegisteredAgent]:
    """Register an agent, or change what is known of it."""
    return Call(
        parts={"agent_id": agent_id}, body=registration, read=RegisteredAgent.model_validate_json, repeatable=True
    )


def _heartbeat(agent_id: str, beat: Heartbeat | None = None) -> Call[RegisteredAgent]:
    """Give a sign of life; ``NotFoundError`` means: register again."""
    return Call(
        parts={"agent_id": agent_id},
        body=beat or Heartbeat(),
        read=RegisteredAgent.model_validate_json,
        repeatable=True,
    )


def _find_agents(
    *, capability: str | None = None, status: AgentStatus | None = None, cursor: str = "", limit: int | None = None
) -> Call[Page[RegisteredAgent]]:
    """Return a page of agents in the order of their ids."""
    return Call(
        query={"capability": capability, "status": status, "cursor": cursor or None, "limit": limit},
        read=Page[RegisteredAgent].model_validate_json,
        repeatable=True,
    )


def _get_agent(agent_id: str) -> Call[RegisteredAgent]:
    """Return one agent."""
    return Call(parts={"agent_id": agent_id}, read=RegisteredAgent.model_validate_json, repeatable=True)


def _remove_agent(agent_id: str) -> Call[None]:
    """Take an agent out of the registry."""
    return Call(parts={"agent_id": agent_id}, read=lambda _: None)


def _export_agents() -> EventCall[RegisteredAgent]:
    """Return all agents while they are read."""
    return EventCall(read=_agent, last=None, repeatable=True)


def _agent(line: ServerSentEvent) -> RegisteredAgent:
    return RegisteredAgent.model_validate_json(line.data)


class Agents:
    """Who is there, and can do what."""

    register_agent = Operation("PUT", "/v1/agents/{agent_id}", _register_agent)
    heartbeat = Operation("POST", "/v1/agents/{agent_id}/heartbeat", _heartbeat)
    find_agents = Operation("GET", "/v1/agents", _find_agents)
    get_agent = Operation("GET", "/v1/agents/{agent_id}", _get_agent)
    remove_agent = Operation("DELETE", "/v1/agents/{agent_id}", _remove_agent)
    export_agents = StreamOperation("GET", "/v1/exports/agents", _export_agents)
