import json
from decimal import Decimal
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from ...exceptions import AuditError
from ...interfaces.observer import Observer
from ...models.events import Event, GuardFound, LimitReached, ModelAnswered, ModelFailed, RunEnded, ToolCalled
from ...services.audit import FileAuditTrail
from ...services.observers import AuditObserver, LoggingObserver, MetricsObserver, Observers
from ...utils.metrics import Metrics
from ..fixtures.models import Recorder

EVENTS: tuple[Event, ...] = (
    ModelAnswered(model="m", seconds=0.5, input_tokens=70, output_tokens=30, cost=Decimal("0.25")),
    ModelAnswered(model="m", seconds=0.5, input_tokens=1, output_tokens=1, cost=None),
    ModelFailed(model="m", error_type="DependencyUnavailableError", detail="down"),
    ToolCalled(tool="search_documents", outcome="ok", seconds=0.1, digest="d" * 64),
    GuardFound(finding="override", source="question"),
    LimitReached(limit="steps"),
    RunEnded(outcome="model", steps=2, tool_calls=1, tokens=102, cost=Decimal("0.25"), seconds=1.0),
)


class Broken(Observer):
    def __init__(self, error: Exception) -> None:
        self._error = error

    def notify(self, event: Event) -> None:  # noqa: ARG002
        raise self._error


def test_each_event_is_counted() -> None:
    metrics = Metrics("development", "agent", "1.0.0")
    observer = MetricsObserver(metrics.registry)
    for event in EVENTS:
        observer.notify(event)
    text = metrics.exposition().decode()
    for line in (
        'agent_model_calls_total{model="m",outcome="answered"} 2.0',
        'agent_model_calls_total{model="m",outcome="failed"} 1.0',
        'agent_model_tokens_total{direction="input",model="m"} 71.0',
        'agent_model_tokens_total{direction="output",model="m"} 31.0',
        'agent_model_cost_dollars_total{model="m"} 0.25',
        'agent_model_duration_seconds_count{model="m"} 2.0',
        'agent_tool_calls_total{outcome="ok",tool="search_documents"} 1.0',
        'agent_tool_duration_seconds_count{tool="search_documents"} 1.0',
        'agent_guard_findings_total{finding="override",source="question"} 1.0',
        'agent_run_limits_total{limit="steps"} 1.0',
        'agent_runs_total{outcome="model"} 1.0',
        "agent_run_steps_sum 2.0",
    ):
        assert line in text


def test_each_event_is_a_record_and_trouble_a_warning() -> None:
    with capture_logs() as records:
        for event in EVENTS:
            LoggingObserver().notify(event)
    assert [record["event"] for record in records][3:5] == ["tool_called", "guard_found"]
    warned = {record["event"] for record in records if record["log_level"] == "warning"}
    assert warned == {"model_failed", "guard_found", "limit_reached"}


def test_tool_calls_and_findings_are_audited_with_who_it_was_for(tmp_path: Path) -> None:
    observer = AuditObserver(FileAuditTrail(tmp_path / "audit.jsonl"))
    with structlog.contextvars.bound_contextvars(subject="ann", correlation_id="abc-1"):
        for event in EVENTS:
            observer.notify(event)
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["action"], line["outcome"]) for line in lines] == [
        ("tools:search_documents", "ok"),
        ("guard:override", "found in question"),
    ]
    assert {(line["subject"], line["correlation_id"]) for line in lines} == {("ann", "abc-1")}


def test_one_that_breaks_harms_nobody() -> None:
    recorder = Recorder()
    with capture_logs() as records:
        Observers([Broken(RuntimeError("bug")), recorder]).notify(EVENTS[0])
    assert recorder.events == [EVENTS[0]]
    assert [record["event"] for record in records] == ["observer_failed"]


def test_without_the_audit_trail_nothing_goes_on() -> None:
    with pytest.raises(AuditError):
        Observers([Broken(AuditError("full"))]).notify(EVENTS[3])
