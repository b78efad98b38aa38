"""How this kind of agent runs in one environment."""

from .run_limits import RunLimits


class AgentLimits(RunLimits):
    """``agents.<name>`` in ``config/<environment>.yaml``: what every agent with language models has."""
