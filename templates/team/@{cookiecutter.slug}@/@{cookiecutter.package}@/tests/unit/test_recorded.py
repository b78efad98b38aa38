"""A step whose process is killed goes on where it was: only what was being done at that moment is done again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from ...config.secrets import FixedSecret
from ...config.settings import Settings
from ...exceptions import StoreError
from ...exceptions.projects import PersonNeededError
from ...interfaces.model import LanguageModel, OnText
from ...interfaces.project_store import Progress
from ...interfaces.step_journal import StepJournal
from ...interfaces.tool import Capability
from ...models.conversation import Prompt, Reply, ToolCall
from ...models.messages import StepResult, TaskAssigned, new_id
from ...models.pause import Decision, Pause
from ...models.project import Project, StepState, StepStatus
from ...services.asking import AskingRunner, Gate
from ...services.budget import Budget
from ...services.guard import Guard
from ...services.model_chain import GuardedModel, ModelChain
from ...services.observers import Observers
from ...services.project_rows import ProjectRows
from ...services.project_store import SqlProjectStore
from ...services.recorded import Recorded
from ...services.resilience import Resilience
from ...services.step_journal import SqlStepJournal
from ...services.store import Store
from ...services.strategies import build_strategy
from ...services.tools import ToolCaller, ToolRegistry
from ...utils.encryption import Cipher, new_key
from ...utils.idempotency import current_idempotency_key
from ..fixtures.models import POLICY
from ..fixtures.quotas import token_quotas
from ..fixtures.store import empty_store
from ..fixtures.team import MemoryStepJournal
from .test_mailbox import assigned

YES = Decision(granted=True)
EVENTS = 23
"""Where a life can end: before three replies, around four bookings, and around keeping these and two replies."""


class Killed(BaseException):
    """The process ends here: nothing behind it runs, whatever it catches."""


class Room(BaseModel):
    """What the tools take."""

    number: int = Field(description="Which one.")


class Life:
    """One life of a process, which ends at its ``dies``-th event, if it comes so far."""

    def __init__(self, dies: int | None = None) -> None:
        self._left = dies

    def event(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Killed


class Hotel(LanguageModel, StepJournal):
    """A model that books two rooms at once, then a suite with leave; its tools; and what outlives the process."""

    def __init__(self, settings: Settings, journal: StepJournal | None = None) -> None:
        self.life = Life()
        self.journal = journal or MemoryStepJournal()
        self.booked: list[tuple[int, str | None]] = []
        self.replies: Counter[int] = Counter()
        self._limits = settings.limits
        self._tools = ToolRegistry()

        @self._tools.tool(Room, Capability.READ)
        async def book(arguments: Room) -> str:
            """Book a room."""
            self.life.event()
            self.booked.append((arguments.number, current_idempotency_key()))
            self.life.event()
            return "booked"

        @self._tools.tool(Room, Capability.READ)
        async def book_suite(arguments: Room) -> str:
            """Book a suite."""
            return await book(arguments)

    @property
    def name(self) -> str:
        return "scripted"

    async def reply(self, prompt: Prompt, on_text: OnText | None = None) -> Reply:  # noqa: ARG002
        turn = len(prompt.turns)
        self.replies[turn] += 1
        self.life.event()
        calls = [[("book", 1), ("book", 2)], [("book_suite", 3), ("book", 2)], []][turn]
        wanted = (ToolCall(id="c", name=name, arguments=f'{{"number": {number}}}') for name, number in calls)
        return Reply(text="" if calls else "All is booked.", calls=tuple(wanted), origin=object())

    async def close(self) -> None:
        """Release nothing."""

    async def entries(self, project_id: str, step_id: str) -> Mapping[str, str]:
        return await self.journal.entries(project_id, step_id)

    async def keep(self, project_id: str, step_id: str, key: str, content: str) -> None:
        self.life.event()
        await self.journal.keep(project_id, step_id, key, content)
        self.life.event()

    async def run(self, task: TaskAssigned, life: Life) -> str:
        """Do the step, with leave for the suite as soon as it is asked for; return the answer."""
        self.life, pause = life, task.pause
        while True:
            try:
                return await self._run(task, pause)
            except PersonNeededError as stop:
                kept = Pause.model_validate_json(stop.pause.model_dump_json())  # as the store keeps it
                pause = kept.decided(YES)

    async def _run(self, task: TaskAssigned, pause: Pause | None) -> str:
        observers = Observers()
        guard = Guard("", observers, max_chars=1_000, refuse=True)
        caller = ToolCaller(self._tools, guard, observers, 5.0)
        gate = Gate(tools=self._tools, approvals={"book_suite"}, guard=guard, caller=caller)
        chain = ModelChain([GuardedModel(self, Resilience("m", POLICY))], observers)
        recorded = await Recorded.of(self, task)
        strategy = build_strategy(self._limits, observers)
        runner = AskingRunner(chain, gate, strategy, self._limits, token_quotas(), pause, recorded)
        outcome = await runner.run(Prompt(system="", user="Book"), "Book", Budget(self._limits))
        return outcome.reply.text


@pytest.mark.parametrize("dies", range(EVENTS))
async def test_killed_anywhere_it_does_again_at_most_what_it_was_doing(settings: Settings, dies: int) -> None:
    hotel = Hotel(settings)
    with pytest.raises(Killed):
        await hotel.run(assigned(), Life(dies))
    for _ in range(20):
        await asyncio.sleep(0)  # what was under way beside it dies, too
    assert await hotel.run(assigned(), Life()) == "All is booked."
    assert len(hotel.booked) + hotel.replies.total() <= 4 + 3 + 2  # of two calls at once the other one may be under way
    assert {number for number, _ in hotel.booked} == {1, 2, 3}
    assert len(set(hotel.booked)) == len({key for _, key in hotel.booked}) == 4  # done again, it has the same key


async def test_not_killed_it_does_everything_once(settings: Settings) -> None:
    hotel, counted = Hotel(settings), Life(EVENTS)
    assert await hotel.run(assigned(), counted) == "All is booked."
    assert counted._left == 0  # the lives above end at every event that there is
    assert (len(hotel.booked), hotel.replies) == (4, Counter({0: 1, 1: 1, 2: 1}))


async def test_another_task_of_the_step_is_another_run(settings: Settings) -> None:
    hotel = Hotel(settings)
    recorded = await Recorded.of(hotel, assigned())
    first = await recorded.reply(Prompt(system="", user="Book"), lambda: hotel.reply(Prompt(system="", user="Book")))
    again = await Recorded.of(hotel, assigned())
    mended = Prompt(system="", user="Book, and tell the prices")
    assert await again.reply(mended, lambda: hotel.reply(mended)) == first
    assert hotel.replies[0] == 2


async def test_what_cannot_be_kept_is_done_all_the_same(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = Hotel(settings)

    async def away(*_: str) -> None:
        raise StoreError

    monkeypatch.setattr(hotel.journal, "keep", away)
    assert await hotel.run(assigned(), Life()) == "All is booked."


@pytest.fixture
async def sql(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


async def test_the_store_keeps_it_until_the_step_is_over(sql: Store) -> None:
    rows = ProjectRows(Cipher(FixedSecret(new_key())))
    journal, store = SqlStepJournal(sql, rows), SqlProjectStore(sql, rows)
    project, token = Project(owner="ann", goal="Book", correlation_id="c1"), new_id()
    await store.create(project, token, 60.0, None)
    for step_id in ("a", "b"):
        await journal.keep(project.id, step_id, "k", f"{step_id} did it")
    await journal.keep(project.id, "a", "k", "twice")
    await journal.keep(new_id(), "a", "k", "of a project that was erased")
    assert await journal.entries(project.id, "a") == {"k": "a did it"}
    done = StepState(status=StepStatus.COMPLETED, result=StepResult(text="done"))
    running = StepState(status=StepStatus.RUNNING)
    project = project.having({"a": done, "b": running})
    await store.save(Progress(project=project, changed=frozenset({"a", "b"})), token, 60.0)
    assert [await journal.entries(project.id, step_id) for step_id in ("a", "b")] == [{}, {"k": "b did it"}]
