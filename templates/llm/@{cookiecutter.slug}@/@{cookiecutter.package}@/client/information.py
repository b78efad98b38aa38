"""What the agent is and can do."""

from ..models.info import AgentInfo
from .operation import Call, Operation


def _info() -> Call[AgentInfo]:
    """Return the agent's version, tools, limits, and the models to choose among."""
    return Call(read=AgentInfo.model_validate_json, repeatable=True)


class Information:
    """The agent about itself."""

    info = Operation("GET", "/v1/info", _info)
