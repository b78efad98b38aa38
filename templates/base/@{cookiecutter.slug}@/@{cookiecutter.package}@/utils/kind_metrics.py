"""What Prometheus may know about this kind of agent alone."""

from prometheus_client import CollectorRegistry


class KindMetrics:
    """The metrics that this kind has beside those that all have: none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register them."""
