"""An answer for showing it: in a terminal, in a chat."""

import json
from collections.abc import AsyncIterator

from ..models.answer import Answer
from . import AsyncClient


async def pieces(
    client: AsyncClient, question: str, *, session_id: str | None = None, model: str | None = None
) -> AsyncIterator[str]:
    """Yield the text of the answer, piece by piece where the agent streams."""
    yield text(await client.ask(question, session_id=session_id, model=model))


def text(answer: Answer) -> str:
    """Return what a person reads of an answer."""
    written = answer.output.get("answer_text")
    return written if isinstance(written, str) else json.dumps(answer.output, ensure_ascii=False, indent=2)
