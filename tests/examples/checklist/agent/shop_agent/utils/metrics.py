"""What Prometheus may know."""

from prometheus_client import Counter

ANSWERS = Counter("shop_answers", "Answers given.", ["degraded"])
BUCKETS = (0.1, 1.0)


def known() -> tuple[float, ...]:
    """Return the buckets."""
    return BUCKETS
