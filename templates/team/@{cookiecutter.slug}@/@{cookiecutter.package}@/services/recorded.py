"""One run of a step that keeps what models reply and tools say: what was done before a crash is not done again."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import structlog
from pydantic import TypeAdapter

from ..exceptions import StoreError
from ..interfaces.step_journal import StepJournal
from ..models.conversation import Prompt, Reply, ToolResult
from ..models.messages import TaskAssigned
from ..utils.idempotency import idempotency_key

logger = structlog.get_logger(__name__)

REPLIES, RESULTS = TypeAdapter(Reply), TypeAdapter(ToolResult)

Done = TypeVar("Done")


class Recorded:
    """Does what was not done before. Make one with :meth:`of`.

    Args:
        journal: Where it is kept.
        assignment: The step.
        entries: What it did before.
    """

    def __init__(self, journal: StepJournal, assignment: TaskAssigned, entries: Mapping[str, str]) -> None:
        self._journal = journal
        self._assignment = assignment
        self._entries = entries

    @classmethod
    async def of(cls, journal: StepJournal, assignment: TaskAssigned) -> "Recorded":
        """Return what knows everything that the step did before.

        Raises:
            StoreError: Nobody can tell.
        """
        entries = await journal.entries(assignment.project_id, assignment.step_id)
        if entries:
            logger.info("step_taken_up", entries=len(entries))
        return cls(journal, assignment, entries)

    async def reply(self, prompt: Prompt, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return the model's reply; one without calls is not kept, for the step's result follows at once."""
        key = _key(prompt, "reply")
        if key in self._entries:
            return REPLIES.validate_json(self._entries[key])
        reply = await ask()
        if reply.calls:
            kept = replace(reply, origin=None)  # the adapter's own form is made anew from the text and the calls
            await self._keep(key, REPLIES.dump_json(kept))
        return reply

    async def result(self, prompt: Prompt, call: str, do: Callable[[], Awaitable[ToolResult]]) -> ToolResult:
        """Return what came of a call of a tool.

        Args:
            prompt: What led to it.
            call: Which one of the reply's.
            do: Makes it, with the same idempotency key each time.
        """
        key = _key(prompt, f"call {call}")
        if key in self._entries:
            return RESULTS.validate_json(self._entries[key])
        with idempotency_key(self._named(key)):
            result = await do()
        await self._keep(key, RESULTS.dump_json(result))
        return result

    async def _keep(self, key: str, content: bytes) -> None:
        try:
            await self._journal.keep(self._assignment.project_id, self._assignment.step_id, key, content.decode())
        except StoreError as error:  # it is done all the same; after a crash it may be done again
            logger.warning("step_not_kept", detail=str(error))

    def _named(self, key: str) -> str:
        named = f"{self._assignment.project_id} {self._assignment.step_id} {key}"
        return hashlib.sha256(named.encode()).hexdigest()


def _key(prompt: Prompt, what: str) -> str:
    """Return what is the same for the same turn of the same run; a run with other words is another one."""
    asked = hashlib.sha256(prompt.user.encode()).hexdigest()[:16]
    return f"{asked} {len(prompt.turns)} {what}"
