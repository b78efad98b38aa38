from __future__ import annotations

import pytest

from agentctl.errors import UsageError
from agentctl.loadtesting import gates


@pytest.mark.parametrize(
    ("text", "metric", "operator", "limit", "unit"),
    [
        ("p95<800ms", "p95", "<", 0.8, "s"),
        (" P99.9 <= 1.5 s ", "p99.9", "<=", 1.5, "s"),
        ("mean<2s", "mean", "<", 2.0, "s"),
        ("max<1m", "max", "<", 60.0, "s"),
        ("success>99.5%", "success", ">", 99.5, "%"),
        ("rate>=4.5/s", "rate", ">=", 4.5, "1/s"),
        ("rate>=4.5", "rate", ">=", 4.5, "1/s"),
        ("rate>=90%", "rate", ">=", 90.0, "%"),
    ],
)
def test_a_gate_is_read(text, metric, operator, limit, unit):
    gate = gates.parse(text)
    assert (gate.metric, gate.operator, gate.limit, gate.unit) == (metric, operator, pytest.approx(limit), unit)
    assert gate.id == f"gate:{metric}"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("p095<1s", "did you mean p95?"),
        ("sucess>99%", "did you mean success?"),
        ("p95<800", "a time needs a unit"),
        ("p95<800km", "a time needs a unit"),
        ("success>0.99", "in percent"),
        ("success>101%", "in percent"),
        ("rate>5ms", "unknown unit"),
        ("p95", "METRIC OPERATOR VALUE"),
        ("p95=800ms", "METRIC OPERATOR VALUE"),
        ("p95<-1s", "METRIC OPERATOR VALUE"),
        ("", "METRIC OPERATOR VALUE"),
    ],
)
def test_what_is_no_gate_is_refused_with_what_was_meant(text, hint):
    with pytest.raises(UsageError) as caught:
        gates.parse(text)
    assert hint in f"{caught.value.message} {caught.value.hint}"


def test_the_defaults_hold_for_each_metric_that_was_not_asked_for():
    assert [gate.text for gate in gates.chosen(())] == ["success>95%", "mean<2s", "p95<2s"]
    assert [gate.text for gate in gates.chosen(["p95<1s", "p95<900ms", "max<9s"])] == [
        "p95<1s", "p95<900ms", "max<9s", "success>95%", "mean<2s",
    ]  # fmt: skip


@pytest.mark.parametrize(("metric", "needed"), [("p50", 2), ("p90", 10), ("p95", 20), ("p99", 100), ("p99.9", 1000)])
def test_a_percentile_needs_as_many_requests_as_lie_behind_one(metric, needed):
    assert gates.parse(f"{metric}<1s").samples == needed


@pytest.mark.parametrize(
    ("text", "kept", "broken"), [("p95<1s", 0.999, 1.0), ("p95<=1s", 1.0, 1.001), ("success>95%", 95.01, 95.0)]
)
def test_a_limit_is_kept_or_broken_at_its_edge(text, kept, broken):
    gate = gates.parse(text)
    assert gate.kept(kept)
    assert not gate.kept(broken)
