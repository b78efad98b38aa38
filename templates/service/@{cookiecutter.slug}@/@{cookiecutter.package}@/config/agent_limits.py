"""How this kind of agent runs in one environment."""

from .limits import CommonLimits


class AgentLimits(CommonLimits):
    """``agents.<name>`` in ``config/<environment>.yaml``; this kind adds nothing to what every agent has."""
