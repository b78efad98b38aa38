"""What Prometheus may know."""

from collections.abc import Callable

import psutil
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from .. import SERVICE, __version__
from .kind_metrics import KindMetrics

# nobody asks when a series began, and it is a third of what is shown
disable_created_metrics()  # type: ignore[no-untyped-call]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Metrics(KindMetrics):
    """The service's metrics, in a registry of their own."""

    def __init__(self, environment: str, agent_id: str, agent_version: str) -> None:
        self.registry = CollectorRegistry()
        super().__init__(self.registry)
        self.requests = Counter(
            "agent_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.duration = Histogram(
            "agent_request_duration_seconds",
            "Time to answer.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.active = Gauge("agent_active_requests", "Requests being answered.", registry=self.registry)
        self.errors = Counter("agent_errors", "Errors by type.", ["error_type"], registry=self.registry)
        self.cache = Counter("agent_cache_lookups", "Cache look-ups by result.", ["result"], registry=self.registry)
        self.cache_levels = Counter(
            "agent_cache_level_lookups",
            "Look-ups in one level of a cache.",
            ["level", "result"],
            registry=self.registry,
        )
        self.cache_failures = Counter(
            "agent_cache_failures", "Calls of a level of a cache that failed.", ["level"], registry=self.registry
        )
        self.cache_entries = Gauge(
            "agent_cache_entries", "Items that a cache keeps in memory.", ["cache"], registry=self.registry
        )
        self.limiter_failures = Counter(
            "agent_limiter_failures", "Requests counted by this process alone.", registry=self.registry
        )
        self.quota_refusals = Counter(
            "agent_quota_refusals",
            "Requests of tenants that used up their quota, by tier.",
            ["tier", "quota"],
            registry=self.registry,
        )
        self.fallbacks = Counter(
            "agent_fallback_answers", "Answers given without the model.", ["error_type"], registry=self.registry
        )
        self.ratings = Counter(
            "agent_ratings", "Ratings of answers, given or changed, by score.", ["score"], registry=self.registry
        )
        self.retention = Counter(
            "agent_retention_deletions", "What was deleted after its time, by place.", ["place"], registry=self.registry
        )
        # alerts tell of the first of these, and a series that begins with it shows no increase
        self.errors.labels("AuditError")
        self.fallbacks.labels("CircuitOpenError")
        memory = Gauge("agent_memory_bytes", "Resident memory of the process.", registry=self.registry)
        memory.set_function(lambda: float(psutil.Process().memory_info().rss))
        info = Info("agent", "What is running.", registry=self.registry)
        info.info(
            {
                "service": SERVICE,
                "version": __version__,
                "environment": environment,
                "agent_id": agent_id,
                "agent_version": agent_version,
            }
        )

    def watch(self, *, memory: Callable[[], float], disk: Callable[[], float]) -> None:
        """Measure the used shares of the machine's memory and of the disk under the state folder, when asked."""
        used = Gauge("agent_used_ratio", "The used share of a resource.", ["resource"], registry=self.registry)
        used.labels("memory").set_function(memory)
        used.labels("disk").set_function(disk)

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
