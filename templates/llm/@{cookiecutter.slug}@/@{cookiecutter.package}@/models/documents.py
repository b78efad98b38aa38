"""Documents and what is found in them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document of the collection."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A paragraph of a document."""

    document_id: str
    title: str
    text: str


@dataclass(frozen=True)
class Search:
    """What is looked for, and how many passages are wanted at most."""

    query: str
    limit: int
