import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ...exceptions import AuditError, DependencyUnavailableError
from ...interfaces.agent import Agent
from ...models.answer import Answer, Question
from ...models.history import NO_HISTORY, History
from ...services import health
from ...services.health import HealthService, ResourceUsage, resource_usage
from ...services.lifecycle import Lifecycle
from ..fixtures.agents import ScriptedAgent

PLENTY = ResourceUsage(memory=0.5, disk=0.5)


class Clock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Dependency:
    """A dependency that can fail, and counts how often it is looked at."""

    def __init__(self) -> None:
        self.fails = False
        self.looks = 0

    async def check(self) -> None:
        self.looks += 1
        if self.fails:
            raise AuditError("gone")


def make(
    agent: Agent | None = None,
    dependency: Dependency | None = None,
    usage: ResourceUsage = PLENTY,
    clock: Callable[[], float] | None = None,
    lifecycle: Lifecycle | None = None,
) -> HealthService:
    return HealthService(
        agent or ScriptedAgent(),
        lifecycle or Lifecycle(max_active=5),
        {"store": (dependency or Dependency()).check},
        lambda: usage,
        clock or Clock(),
    )


async def test_ready_names_every_check() -> None:
    report = await make().ready()
    assert report.status == "healthy"
    assert report.checks == {"accepting_work": "healthy", "store": "healthy"}


async def test_ready_looks_at_most_every_five_seconds() -> None:
    dependency, clock = Dependency(), Clock()
    service = make(dependency=dependency, clock=clock)
    await service.ready()
    dependency.fails = True
    clock.now = 4.9
    assert (await service.ready()).status == "healthy"
    assert dependency.looks == 1
    clock.now = 5.1
    assert (await service.ready()).checks["store"] == "unhealthy"
    assert dependency.looks == 2


async def test_a_draining_process_is_not_ready_at_once() -> None:
    lifecycle = Lifecycle(max_active=5)
    service = make(lifecycle=lifecycle)
    assert (await service.ready()).status == "healthy"
    lifecycle.drain()
    assert (await service.ready()).checks == {"accepting_work": "unhealthy", "store": "healthy"}


async def test_ready_never_asks_the_agent() -> None:
    agent = ScriptedAgent(DependencyUnavailableError("down"))
    assert (await make(agent).ready()).status == "healthy"
    assert agent.asked == []


async def test_deep_asks_the_agent() -> None:
    report = await make().deep()
    assert report.checks == {"agent_answers": "healthy", "memory": "healthy", "disk": "healthy"}


@pytest.mark.parametrize("step", [DependencyUnavailableError("down"), "degraded"])
async def test_an_agent_that_cannot_answer_is_unhealthy(step: str | Exception) -> None:
    report = await make(ScriptedAgent(step)).deep()
    assert report.status == "unhealthy"
    assert report.checks["agent_answers"] == "unhealthy"


async def test_an_agent_that_is_too_slow_is_unhealthy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(ScriptedAgent):
        async def answer(self, question: Question, history: History = NO_HISTORY, *, fresh: bool = False) -> Answer:
            await asyncio.sleep(60)
            return await super().answer(question, history, fresh=fresh)

    monkeypatch.setattr(health, "ANSWER_WITHIN_SECONDS", 0.01)
    assert (await make(Slow()).deep()).checks["agent_answers"] == "unhealthy"


@pytest.mark.parametrize(
    ("usage", "unhealthy"),
    [
        (ResourceUsage(memory=0.90, disk=0.1), "memory"),
        (ResourceUsage(memory=0.1, disk=0.95), "disk"),
    ],
)
async def test_full_memory_or_disk_is_unhealthy(usage: ResourceUsage, unhealthy: str) -> None:
    report = await make(usage=usage).deep()
    assert [name for name, status in report.checks.items() if status == "unhealthy"] == [unhealthy]


def test_usage_is_measured_even_before_the_folder_exists(tmp_path: Path) -> None:
    usage = resource_usage(tmp_path / "not" / "yet")
    assert 0 < usage.memory <= 1
    assert 0 <= usage.disk <= 1
