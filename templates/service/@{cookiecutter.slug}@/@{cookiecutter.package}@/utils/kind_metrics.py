"""What Prometheus may know about bus, queues, registry and status streams."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

QUEUES = ("tasks", "submissions")
SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0)


class KindMetrics:
    """The metrics that this kind has beside those that all have."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.guard_findings = Counter(
            "agent_guard_findings", "Suspicious texts.", ["finding", "source"], registry=registry
        )
        self.tool_calls = Counter("agent_tool_calls", "Calls of tools.", ["tool", "outcome"], registry=registry)
        self.events_published = Counter("agent_events_published", "Events told.", ["type"], registry=registry)
        self.event_subscribers = Gauge("agent_event_subscribers", "Subscriptions of the event bus.", registry=registry)
        self.slow_subscribers = Counter(
            "agent_slow_subscribers", "Subscriptions ended because they were too slow.", registry=registry
        )
        self.connections = Gauge("agent_active_connections", "Open status streams.", registry=registry)
        self.messaging_up = Gauge("agent_messaging_up", "Whether bus and queues are reached.", registry=registry)
        self.messages = Counter("agent_messages", "Messages worked on.", ["queue", "outcome"], registry=registry)
        self.queue_depth = Gauge("agent_queue_messages", "Messages in a queue.", ["queue", "state"], registry=registry)
        self.task_seconds = Histogram(
            "agent_task_duration_seconds",
            "Time from the submission of a task to its end.",
            ["outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self.gathered = Counter("agent_gathered_answers", "Other agents asked.", ["outcome"], registry=registry)
        self.registered = Gauge("agent_registered_agents", "Agents in the registry.", ["status"], registry=registry)
        for queue in QUEUES:
            for outcome in ("done", "retried", "dead"):
                self.messages.labels(queue, outcome)
            for state in ("waiting", "held", "delayed", "dead"):
                self.queue_depth.labels(queue, state)
        for outcome in ("answered", "failed", "timed_out"):
            self.gathered.labels(outcome)
        for status in ("active", "draining", "inactive"):
            self.registered.labels(status)
