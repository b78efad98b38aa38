from decimal import Decimal

import pytest

from ...exceptions.projects import MailboxFullError
from ...models.conversation import Prompt, Reply, ToolCall, ToolResult, Usage
from ...models.messages import (
    MESSAGES,
    TaskAssigned,
    TaskCancelled,
    TaskFailed,
    TaskPaused,
    TaskPlanned,
    address_of,
    project_address,
)
from ...models.pause import Decision, Pause, QuestionKind, Wish
from ...models.spending import Spending
from ...models.team import TeamRole
from ...services.memory_mailbox import MemoryMailbox
from ..fixtures.team import CHAIN

CALL = ToolCall(id="c", name="look", arguments="{}")
WANTING = Reply(text="", calls=(CALL,), usage=Usage(input_tokens=1, cost=Decimal("0.01")), model="m")
PAUSE = Pause(
    user="u",
    turns=Prompt(system="", user="u").after(WANTING, (ToolResult(call=CALL, content="nice"),)).turns,
    reply=WANTING,
    call=0,
    wish=Wish(kind=QuestionKind.QUESTION, text="Which one?"),
)


def assigned(step_id: str = "a") -> TaskAssigned:
    return TaskAssigned(
        project_id="p1",
        step_id=step_id,
        sender=project_address("p1"),
        receiver=address_of(TeamRole.RESEARCH),
        correlation_id="c1",
        owner="ann",
        task="look",
        allotment=Spending(steps=1),
    )


async def test_messages_arrive_in_their_order() -> None:
    mailbox = MemoryMailbox()
    with mailbox.open("agent:research") as box:
        first, second = assigned("a"), assigned("b")
        await mailbox.send(first)
        await mailbox.send(second)
        assert [await box.receive(), await box.receive()] == [first, second]


async def test_a_message_to_nobody_is_dropped() -> None:
    mailbox = MemoryMailbox()
    await mailbox.send(assigned())
    with mailbox.open("agent:research") as box:
        await mailbox.send(assigned("b"))
        message = await box.receive()
    assert isinstance(message, TaskAssigned)
    assert message.step_id == "b"


async def test_who_opens_an_address_again_gets_the_messages_from_then_on() -> None:
    mailbox = MemoryMailbox()
    with mailbox.open("agent:research"):
        with mailbox.open("agent:research") as newer:
            pass
        await mailbox.send(assigned())  # nobody is there any more
        with mailbox.open("agent:research") as newest:
            await mailbox.send(assigned("b"))
            assert (await newest.receive()).project_id == "p1"
        assert newer is not newest


async def test_a_full_box_takes_no_more() -> None:
    mailbox = MemoryMailbox(size=1)
    with mailbox.open("agent:research"):
        await mailbox.send(assigned())
        with pytest.raises(MailboxFullError, match="agent:research has 1 messages"):
            await mailbox.send(assigned())


def test_messages_survive_being_written_down() -> None:
    cause = assigned()
    about = {"project_id": "p1", "step_id": "a", "sender": "agent:research", "receiver": "project:p1"}
    for message in (
        cause,
        TaskCancelled.model_validate(about | {"correlation_id": "c1", "causation_id": cause.message_id}),
        TaskFailed.model_validate(
            about | {"correlation_id": "c1", "error_type": "X", "detail": "no", "spent": {"steps": 1}}
        ),
        TaskPlanned.model_validate(about | {"correlation_id": "c1", "plan": CHAIN, "spent": {"steps": 1}}),
        TaskPaused.model_validate(about | {"correlation_id": "c1", "pause": PAUSE, "spent": {"steps": 1}}),
        assigned().model_copy(update={"pause": PAUSE.decided(Decision(granted=True, text="this"))}),
    ):
        assert MESSAGES.validate_json(MESSAGES.dump_json(message)) == message


@pytest.mark.parametrize("address", ["research", "agent:", "agent:Research Team", "queue:x"])
def test_a_malformed_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="String should match"):
        TaskCancelled.model_validate(
            {"project_id": "p", "step_id": "a", "sender": address, "receiver": "project:p", "correlation_id": ""}
        )
