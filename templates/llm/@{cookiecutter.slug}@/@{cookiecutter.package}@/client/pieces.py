"""An answer for showing it: in a terminal, in a chat."""

import json
from collections.abc import AsyncIterator

from ..models.answer import Answer
from ..models.streaming import Answered, Restarted, TextAdded
from . import AsyncClient

AGAIN = "\n[…]\n"
"""What was shown is void; what follows takes its place."""


async def pieces(
    client: AsyncClient, question: str, *, session_id: str | None = None, model: str | None = None
) -> AsyncIterator[str]:
    """Yield the text of the answer, piece by piece where the agent streams."""
    shown = ""
    async with client.stream_answer(question, session_id=session_id, model=model) as events:
        async for event in events:
            match event:
                case TextAdded():
                    shown += event.text
                    yield event.text
                case Restarted() if shown:
                    shown = ""
                    yield AGAIN
                case Answered():
                    yield _rest(shown, text(event.answer))
                case _:
                    pass


def text(answer: Answer) -> str:
    """Return what a person reads of an answer."""
    written = answer.output.get("answer_text")
    return written if isinstance(written, str) else json.dumps(answer.output, ensure_ascii=False, indent=2)


def _rest(shown: str, whole: str) -> str:
    """Return what is still to be shown of the checked answer, which counts."""
    if whole.startswith(shown):
        return whole.removeprefix(shown)
    return AGAIN + whole
