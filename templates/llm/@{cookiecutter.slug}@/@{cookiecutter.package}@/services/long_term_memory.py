"""Memory over all conversations: a tool that keeps what users ask for, and what is kept as context of later questions.

What is kept comes back in every later conversation, so nobody but the user may put something there: a memory has to
consist of words that the user said in this conversation, never of what a document or a tool says, and what reads like
an instruction is refused. What comes back is fenced by the guard as all that others wrote.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, ConfigDict, Field

from ..config.memory import MemoryConfig
from ..exceptions import StoreError
from ..interfaces.tool import Capability
from ..models.events import MemoryAction, MemoryUsed
from ..models.history import NO_HISTORY, History
from ..utils.text import sanitize
from .documents import STOP_WORDS
from .guard import Guard
from .memories import Memories
from .observers import Observers
from .text_guard import findings
from .tools import ToolRegistry

SOURCE = "memory"
WORD = re.compile(r"\w+")
SAME_BEGINNING = 4
"""Letters by which words are compared, so that `lives` is what `live` is."""
OF_THE_MODEL = STOP_WORDS | {"called", "he", "her", "his", "name", "s", "she", "their", "they", "user", "users"}
"""Words that a model may add, as in `the user's name is …`."""


@dataclass(frozen=True)
class Speaker:
    """Whose question is answered, and what they said in the conversation."""

    subject: str
    said: str


_speaker: ContextVar[Speaker | None] = ContextVar("speaker", default=None)


class RememberArguments(BaseModel):
    """What ``remember`` takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact: str = Field(min_length=1, max_length=4_000, description="One short sentence, in the user's own words.")


class LongTermMemory:
    """Keeps what users ask for, and tells the model what it knows of who asks.

    Args:
        memories: Where it is kept.
        config: How much.
        guard: Fences what comes back.
        observers: Told what was done.
    """

    def __init__(self, memories: Memories, config: MemoryConfig, guard: Guard, observers: Observers) -> None:
        self._memories = memories
        self._config = config
        self._guard = guard
        self._observers = observers

    async def begin(self, question: str, history: History = NO_HISTORY) -> str:
        """Note who says what, and return what is known of them, fenced; nothing when nothing is, or cannot be had."""
        subject = str(structlog.contextvars.get_contextvars().get("subject", ""))
        said = " ".join([*(turn.question for turn in history.turns), question])
        _speaker.set(Speaker(subject, said) if subject else None)
        if not subject:
            return ""  # such as in an operator's command
        try:
            known = await self._memories.of(subject, newest=self._config.offered)
        except StoreError:
            self._tell("unavailable")
            return ""
        if not known:
            return ""
        self._tell("offered", len(known))
        lines = "\n".join(f"- {memory.text}" for memory in known)
        return self._guard.fenced(SOURCE, f"What this user asked to be remembered earlier, newest first:\n{lines}")

    def offer(self, registry: ToolRegistry) -> None:
        """Put the tool among the others."""

        @registry.tool(RememberArguments, Capability.KEEP)
        async def remember(arguments: RememberArguments) -> str:
            """Remember a fact for later conversations, only when the user asks for that."""
            return await self._remember(_speaker.get(), " ".join(sanitize(arguments.fact).split()))

    async def _remember(self, speaker: Speaker | None, fact: str) -> str:
        if speaker is None:
            return "Nothing can be remembered: nobody knows who asks."
        if problem := self._problem(speaker, fact):
            self._tell("refused")
            return f"It was not kept: {problem}."
        new = await self._memories.remember(speaker.subject, fact, self._config.per_user)
        self._tell("kept" if new else "known")
        return f"Remembered: {fact}"

    def _problem(self, speaker: Speaker, fact: str) -> str:
        if len(fact) > self._config.max_chars:
            return f"it is longer than {self._config.max_chars} characters"
        if findings(fact):
            return "it reads like an instruction"
        words = _words(fact)
        if not words or words - _words(speaker.said):
            return "use only words that the user said"
        return ""

    def _tell(self, action: MemoryAction, count: int = 1) -> None:
        self._observers.notify(MemoryUsed(action=action, count=count))


def _words(text: str) -> set[str]:
    return {word[:SAME_BEGINNING] for word in WORD.findall(text.casefold()) if word not in OF_THE_MODEL}
