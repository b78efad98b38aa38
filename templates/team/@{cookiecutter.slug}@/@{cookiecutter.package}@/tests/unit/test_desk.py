import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from opentelemetry import trace

from ...interfaces.mailbox import Box
from ...models.messages import (
    Message,
    ProjectCancelled,
    StepResult,
    TaskAssigned,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
)
from ...models.team import TeamRole
from ...services.desk import Desk
from ...services.memory_mailbox import MemoryMailbox
from ...utils.metrics import Metrics
from ..fixtures.team import Behaviour, FakeMember
from .test_mailbox import assigned


@asynccontextmanager
async def at_work(
    behave: Behaviour, size: int = 100, mailbox: MemoryMailbox | None = None
) -> AsyncIterator[tuple[MemoryMailbox, Box, FakeMember]]:
    mailbox, member = mailbox or MemoryMailbox(size), FakeMember(TeamRole.RESEARCH, behave)
    metrics = Metrics("development", "team", "1.0.0")
    serving = asyncio.create_task(Desk(member, mailbox, metrics, places=2).serve())
    await asyncio.sleep(0)
    with mailbox.open("project:p1") as box:
        yield mailbox, box, member
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_reply_follows_from_its_task_and_tells_what_was_spent() -> None:
    async def done(_: TaskAssigned) -> StepResult:
        return StepResult(text="done")

    task = assigned()
    async with at_work(done) as (mailbox, box, _):
        await mailbox.send(task)
        reply = await box.receive()
    assert isinstance(reply, TaskCompleted)
    assert (reply.causation_id, reply.correlation_id) == (task.message_id, task.correlation_id)
    assert (reply.sender, reply.receiver, reply.spent.steps) == ("agent:research", "project:p1", 1)


async def test_a_failure_tells_what_was_spent_too() -> None:
    async def broken(_: TaskAssigned) -> StepResult:
        raise RuntimeError("secret detail")

    async with at_work(broken) as (mailbox, box, _):
        await mailbox.send(assigned())
        reply = await box.receive()
    assert isinstance(reply, TaskFailed)
    assert (reply.error_type, reply.detail, reply.spent.steps) == ("RuntimeError", "An unexpected error occurred.", 1)


async def test_a_task_is_done_in_the_name_of_its_owner_and_in_its_trace() -> None:
    seen: dict[str, object] = {}

    async def looking(_: TaskAssigned) -> StepResult:
        seen.update(structlog.contextvars.get_contextvars())
        seen["trace"] = trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)
        return StepResult(text="done")

    trace_id = "0af7651916cd43dd8448eb211c80319c"
    task = assigned().model_copy(update={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    async with at_work(looking) as (mailbox, box, _):
        await mailbox.send(task)
        await box.receive()
    assert (seen["subject"], seen["correlation_id"], seen["step_id"]) == ("ann", "c1", "a")
    assert seen["trace"] == trace_id


async def test_a_task_that_is_taken_back_is_given_up_and_its_spending_told() -> None:
    async def waiting(assignment: TaskAssigned) -> StepResult:
        if assignment.step_id == "a":
            await asyncio.Event().wait()
        return StepResult(text="done")

    task = assigned("a")
    about = task.model_dump(include={"project_id", "step_id", "sender", "receiver", "correlation_id"})
    async with at_work(waiting) as (mailbox, box, member):
        await mailbox.send(task)
        await mailbox.send(TaskCancelled(**about, causation_id="an earlier task of the same step"))
        await mailbox.send(ProjectCancelled(**{name: about[name] for name in about if name != "step_id"}))
        await mailbox.send(assigned("b"))
        other = await box.receive()
        assert (member.at_work, other.step_id if isinstance(other, TaskCompleted) else "") == (1, "b")
        await mailbox.send(TaskCancelled(**about, causation_id=task.message_id))
        reply = await box.receive()
    assert isinstance(reply, TaskFailed)
    assert (reply.step_id, reply.spent.steps, member.at_work) == ("a", 1, 0)


async def test_a_task_that_is_taken_back_at_once_is_told_too() -> None:
    async def waiting(_: TaskAssigned) -> StepResult:
        await asyncio.Event().wait()
        return StepResult(text="never")

    task = assigned("a")
    about = task.model_dump(include={"project_id", "step_id", "sender", "receiver", "correlation_id"})
    async with at_work(waiting) as (mailbox, box, member):
        await mailbox.send(task)
        await mailbox.send(TaskCancelled(**about, causation_id=task.message_id))
        assert isinstance(await box.receive(), TaskFailed)
        assert member.at_work == 0


async def test_no_more_tasks_than_places_are_at_work() -> None:
    async def slow(_: TaskAssigned) -> StepResult:
        await asyncio.sleep(0.001)
        return StepResult(text="done")

    async with at_work(slow) as (mailbox, box, member):
        for number in range(6):
            await mailbox.send(assigned(f"s{number}"))
        assert {(await box.receive()).project_id for _ in range(6)} == {"p1"}
    assert member.most_at_work == 2


async def test_a_reply_that_nobody_can_take_harms_no_other_task() -> None:
    async def done(_: TaskAssigned) -> StepResult:
        return StepResult(text="done")

    async with at_work(done, size=1) as (mailbox, box, member):
        for number in range(3):
            await mailbox.send(assigned(f"s{number}"))
            async with asyncio.timeout(30):
                while len(member.tasks) <= number or member.at_work:  # noqa: ASYNC110  # what it waits for tells nobody
                    await asyncio.sleep(0)
        await box.receive()
        await mailbox.send(assigned("last"))
        reply = await box.receive()
    assert isinstance(reply, TaskCompleted)
    assert reply.step_id == "last"


async def test_a_defect_around_a_member_does_not_end_its_desk() -> None:
    class Broken(MemoryMailbox):
        """Loses its head over the first reply."""

        broken = False

        async def send(self, message: Message) -> None:
            if isinstance(message, TaskCompleted) and not self.broken:
                self.broken = True
                raise RuntimeError("a defect")
            await super().send(message)

    async def done(_: TaskAssigned) -> StepResult:
        return StepResult(text="done")

    async with at_work(done, mailbox=Broken()) as (mailbox, box, member):
        await mailbox.send(assigned("a"))
        async with asyncio.timeout(30):
            await member.began.wait()
            for _ in range(10):  # until the desk is there again
                await asyncio.sleep(0)
            await mailbox.send(assigned("b"))
            reply = await box.receive()
    assert isinstance(reply, TaskCompleted)
    assert reply.step_id == "b"
