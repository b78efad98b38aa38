"""What Prometheus may know about this kind of agent alone."""

from .team_metrics import TeamMetrics


class KindMetrics(TeamMetrics):
    """The metrics that this kind has beside those that all have: the team's."""
