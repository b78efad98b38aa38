"""What can come of an evaluation."""

from . import AgentError


class EvaluationError(AgentError):
    """Nothing could be judged, or the answers are not good enough."""
