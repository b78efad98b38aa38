"""What a generator measured, and its form on the wire between the generator and its parent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agentctl.loadtesting.histogram import Histogram

RATE_LIMITED = 429
LATE = 0.1  # seconds; a scheduler's ordinary hiccup stays below


@dataclass(kw_only=True)
class Tally:
    """What came of one kind of request.

    Attributes:
        latency: Of every request, from when it was due until it was answered or had failed.
        service: The same from when it was sent.
        success: The latency of the successes alone.
        statuses: HTTP status to count.
        errors: What happened instead of an answer, to count.
    """

    latency: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    success: Histogram = field(default_factory=Histogram)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def record(self, outcome: int | str, latency: float, service: float) -> None:
        """Count one request by its status, or by the error that came instead; both times in seconds."""
        self.latency.record(latency)
        self.service.record(service)
        if isinstance(outcome, str):
            self.errors[outcome] += 1
            return
        self.statuses[outcome] += 1
        if succeeded(outcome):
            self.success.record(latency)

    @property
    def count(self) -> int:
        """Requests that ended, in an answer or an error."""
        return self.statuses.total() + self.errors.total()

    @property
    def successes(self) -> int:
        """Answers with a 2xx status."""
        return sum(count for status, count in self.statuses.items() if succeeded(status))

    def to_json(self) -> dict[str, Any]:
        """Return what ``from_json`` reads."""
        return {
            "latency": self.latency.to_json(),
            "service": self.service.to_json(),
            "success": self.success.to_json(),
            "statuses": sorted(self.statuses.items()),
            "errors": sorted(self.errors.items()),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Tally:
        """Read what ``to_json`` gave."""
        return cls(
            latency=Histogram.from_json(values["latency"]),
            service=Histogram.from_json(values["service"]),
            success=Histogram.from_json(values["success"]),
            statuses=Counter({int(status): int(count) for status, count in values["statuses"]}),
            errors=Counter({str(error): int(count) for error, count in values["errors"]}),
        )

    @classmethod
    def sum(cls, tallies: Iterable[Tally]) -> Tally:
        """Return one tally of several."""
        whole = cls()
        for tally in tallies:
            whole.latency = whole.latency.merge([tally.latency])
            whole.service = whole.service.merge([tally.service])
            whole.success = whole.success.merge([tally.success])
            whole.statuses += tally.statuses
            whole.errors += tally.errors
        return whole


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One second of a run, as it goes.

    Attributes:
        at: Seconds since the first request was due.
        completed: Requests that ended in this second.
        failed: Those of them that were no success.
        in_flight: Requests under way at its end.
        p95: Seconds, of the requests that ended in it; None without one.
    """

    at: float
    completed: int
    failed: int
    in_flight: int
    p95: float | None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A finished run, as the generator saw it.

    Attributes:
        tallies: A tally for each kind of request, by its name.
        planned: How many requests the schedule has.
        sent: How many of them went out.
        elapsed: Seconds from when the first was due until the last had ended, at least the schedule's duration.
        late: How many went out over ``LATE`` after they were due although a user was free: the generator's own fault.
        lag: How late they went out for that reason, all of them.
        filled: The in-flight cap was reached.
        cpu: Seconds of processor time that the generator used.
        wall: Seconds in which it used them.
        stopped: It was told to stop before the end.
        faults: What went wrong in the generator itself.
    """

    tallies: Mapping[str, Tally]
    planned: int
    sent: int
    elapsed: float
    late: int
    lag: Histogram
    filled: bool
    cpu: float
    wall: float
    stopped: bool = False
    faults: tuple[str, ...] = ()

    @cached_property
    def all(self) -> Tally:
        """All kinds together."""
        return Tally.sum(self.tallies.values())

    @property
    def completed(self) -> int:
        """Requests that ended, in an answer or an error."""
        return self.all.count

    @property
    def unsent(self) -> int:
        """Requests that were due but never sent, because the cap was full to the end."""
        return 0 if self.stopped else self.planned - self.sent

    @property
    def success_rate(self) -> float | None:
        """Percent of the requests that were due; None without one."""
        due = self.completed + self.unsent
        return 100 * self.all.successes / due if due else None

    @property
    def rate(self) -> float:
        """Requests that ended per second."""
        return self.completed / self.elapsed if self.elapsed else 0.0

    @property
    def rate_limited(self) -> int:
        """Answers that said 429."""
        return self.all.statuses[RATE_LIMITED]

    @property
    def utilisation(self) -> float:
        """The generator's share of one core, in percent."""
        return 100 * self.cpu / self.wall if self.wall else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return what ``from_json`` reads."""
        return {
            "tallies": {name: tally.to_json() for name, tally in self.tallies.items()},
            "planned": self.planned,
            "sent": self.sent,
            "elapsed": self.elapsed,
            "late": self.late,
            "lag": self.lag.to_json(),
            "filled": self.filled,
            "cpu": self.cpu,
            "wall": self.wall,
            "stopped": self.stopped,
            "faults": list(self.faults),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Measurement:
        """Read what ``to_json`` gave."""
        return cls(
            **{
                **values,
                "tallies": {name: Tally.from_json(tally) for name, tally in values["tallies"].items()},
                "lag": Histogram.from_json(values["lag"]),
                "faults": tuple(values["faults"]),
            }
        )


def succeeded(status: int) -> bool:
    """Return whether an answer is a success: 2xx; a redirect has not reached the agent."""
    return 200 <= status < 300  # noqa: PLR2004 - RFC 9110, section 15.3
