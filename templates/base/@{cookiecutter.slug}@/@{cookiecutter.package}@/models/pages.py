"""Lists, a page at a time."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Item, ...]
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; without one this is the last."
    )
