"""What routes with lists share: pages, and whole lists as lines of JSON."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ..models.pages import DEFAULT_LIMIT, MAX_LIMIT

NDJSON = "application/x-ndjson"
Cursor = Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9-]*$", description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description=f"Items on a page; {DEFAULT_LIMIT} unless given.")]


class LinesResponse(StreamingResponse):
    """One JSON document on each line."""

    media_type = NDJSON


def lines(batches: AsyncIterator[Sequence[BaseModel]]) -> LinesResponse:
    """Return a list of any length, sent batch by batch: the next one is read when the client has taken this one."""

    async def encoded() -> AsyncIterator[bytes]:
        async for batch in batches:
            if batch:
                yield "".join(f"{item.model_dump_json()}\n" for item in batch).encode()

    return LinesResponse(encoded())
