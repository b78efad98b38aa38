"""Limits that a run must keep, such as ``p95<800ms``, and how a measured run stands against them."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agentctl.errors import UsageError
from agentctl.loadtesting import units
from agentctl.loadtesting.histogram import resolution

PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9}
METRICS = (*PERCENTILES, "mean", "max", "success", "rate")
# Guide 0, Testing, Load Testing: success over 95 %, mean under 2 s. A mean hides its tail, so the same two seconds hold
# for 95 of 100 requests too.
DEFAULTS = ("success>95%", "mean<2s", "p95<2s")
_GATE = re.compile(r"\s*([a-z][a-z0-9._-]*)\s*(<=|>=|<|>)\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z%/]*)\s*", re.IGNORECASE)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One limit.

    Attributes:
        metric: One of ``METRICS``.
        operator: ``<``, ``<=``, ``>`` or ``>=``.
        limit: Seconds, requests per second, or percent from 0 to 100.
        unit: ``s``, ``1/s`` or ``%``; a rate in percent is one of the planned rate.
        text: As it was written.
    """

    metric: str
    operator: str
    limit: float
    unit: str
    text: str

    @property
    def id(self) -> str:
        """The finding's id."""
        return f"gate:{self.metric}"

    @property
    def samples(self) -> int:
        """How many requests the metric needs to mean anything: a p99 of 50 requests is their maximum."""
        percent = PERCENTILES.get(self.metric)
        return 1 if percent is None else math.ceil(round(100 / (100 - percent), 6))

    def kept(self, value: float) -> bool:
        """Return whether a measured value keeps the limit."""
        return _OPERATORS[self.operator](value, self.limit)

    def show(self, value: float) -> str:
        """Return a value in the gate's unit, as people read it."""
        if self.unit == "s":
            return units.show_seconds(value)
        return units.show_percent(value) if self.unit == "%" else units.show_rate(value)

    def precision(self, value: float) -> str:
        """Return the resolution of a measured percentile, empty for what is exact."""
        return f" (to {units.show_seconds(resolution(value))})" if self.metric in PERCENTILES else ""


def parse(text: str) -> Gate:
    """Read a gate.

    Raises:
        UsageError: It is no gate, its metric is not known, or its unit does not fit.
    """
    found = _GATE.fullmatch(text)
    if not found:
        raise UsageError(f"gate {text!r}: not METRIC OPERATOR VALUE", hint="for example 'p95<800ms' or 'success>99%'")
    metric, sign, number, unit = found.group(1).lower(), found.group(2), float(found.group(3)), found.group(4).lower()
    if metric not in METRICS:
        close = difflib.get_close_matches(metric, METRICS, n=1, cutoff=0.5)
        meant = f"did you mean {close[0]}? " if close else ""
        raise UsageError(f"gate {text!r}: unknown metric {metric!r}", hint=f"{meant}known: {', '.join(METRICS)}")
    limit, base = _limit(text, metric, number, unit)
    return Gate(metric=metric, operator=sign, limit=limit, unit=base, text="".join(text.split()))


def chosen(wanted: Iterable[str]) -> tuple[Gate, ...]:
    """Return the gates asked for, and the default of each metric that has one and was not asked for."""
    asked = [parse(text) for text in wanted]
    metrics = {gate.metric for gate in asked}
    defaults: Sequence[Gate] = [parse(text) for text in DEFAULTS]
    return (*asked, *(gate for gate in defaults if gate.metric not in metrics))


def _limit(text: str, metric: str, number: float, unit: str) -> tuple[float, str]:
    if metric == "success":
        if unit != "%" or number > 100:  # noqa: PLR2004 - percent
            raise UsageError(f"gate {text!r}: a success rate is in percent", hint="for example 'success>99%'")
        return number, "%"
    if metric == "rate":
        if unit not in {"", "/s", "%"}:
            raise UsageError(
                f"gate {text!r}: unknown unit {unit!r}", hint="'rate>=4.5/s', or 'rate>=90%' of the plan's"
            )
        return number, "%" if unit == "%" else "1/s"
    if unit not in units.SECONDS:
        raise UsageError(f"gate {text!r}: a time needs a unit", hint="one of us, ms, s, m, for example 'p95<800ms'")
    return number * units.SECONDS[unit], "s"
