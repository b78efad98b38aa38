"""The collection as a folder of Markdown and PDF files, searched by words (BM25)."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..exceptions import ConfigurationError
from ..interfaces.documents import DocumentCollection
from ..models.documents import Document, Passage, Search
from .pdf_files import read_pdfs

SATURATION = 1.2  # BM25's k1: how soon further occurrences of a word stop to count
LENGTH_WEIGHT = 0.75  # BM25's b: how much long passages are held back
FILE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    WORD.findall(
        "a an and are as at be by can could do does for from get has have how i if in is it its long many may me much"
        " my of on or our shall should that the there this to was we what when where which who why will with you your"
    )
)


@dataclass(frozen=True)
class _Indexed:
    passage: Passage
    weights: dict[str, float]

    def score(self, wanted: set[str]) -> float:
        return sum(self.weights[word] for word in wanted & self.weights.keys())


class FolderDocuments(DocumentCollection):
    """Reads the files once; the file's name is the document's id, its first heading the title.

    Args:
        folder: Holds ``<id>.md`` and ``<id>.pdf`` files.

    Raises:
        ConfigurationError: There are none, two have the same id, or one cannot be read or has no title.
    """

    def __init__(self, folder: Path) -> None:
        documents = _documents(folder)
        self._documents = {document.id: document for document in documents}
        self._passages = tuple(_passages(documents))
        self._index = _indexed(self._passages)

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents."""
        return self._passages

    async def all(self) -> Sequence[Document]:
        """Return the documents by id."""
        return list(self._documents.values())

    async def read(self, document_id: str) -> Document | None:
        """Return the document of that id."""
        return self._documents.get(document_id)

    async def search(self, searches: Sequence[Search]) -> Sequence[Sequence[Passage]]:
        """Return the passages that share words with each search."""
        return [self._found(search) for search in searches]

    def _found(self, search: Search) -> list[Passage]:
        wanted = set(_words(search.query))
        scored = [(entry.score(wanted), entry.passage) for entry in self._index]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        return [passage for _, passage in best[: search.limit]]


def _indexed(passages: Sequence[Passage]) -> list[_Indexed]:
    """Weigh every word of every passage once (BM25), so that a search only adds up."""
    counts = [_words(f"{passage.title} {passage.text}") for passage in passages]
    having = Counter(word for words in counts for word in words)
    mean_length = sum(words.total() for words in counts) / max(1, len(counts))

    def weight(word: str, words: Counter[str]) -> float:
        rarity = math.log(1 + (len(counts) - having[word] + 0.5) / (having[word] + 0.5))
        norm = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * words.total() / mean_length)
        return rarity * words[word] * (SATURATION + 1) / (words[word] + norm)

    return [
        _Indexed(passage, {word: weight(word, words) for word in words})
        for passage, words in zip(passages, counts, strict=True)
    ]


def _documents(folder: Path) -> list[Document]:
    paths = sorted([*folder.glob("*.md"), *folder.glob("*.pdf")])
    if not paths:
        message = f"{folder}: holds no documents (*.md, *.pdf)"
        raise ConfigurationError(message)
    for path in paths:
        if not FILE_NAME.fullmatch(path.stem):
            message = f"{path}: name it in lower case with hyphens"
            raise ConfigurationError(message)
    if twice := [name for name, times in Counter(path.stem for path in paths).items() if times > 1]:
        message = f"{folder}: two documents are named {', '.join(twice)}"
        raise ConfigurationError(message)
    pages = read_pdfs([path for path in paths if path.suffix == ".pdf"])
    texts = [_read(path) for path in paths if path.suffix == ".md"]
    return sorted([*texts, *pages], key=lambda document: document.id)


def _read(path: Path) -> Document:
    try:
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}"
        raise ConfigurationError(message) from error
    if not title.startswith("# "):
        message = f"{path}: must begin with its title (# …)"
        raise ConfigurationError(message)
    return Document(id=path.stem, title=title[2:].strip(), text=text.strip())


def _passages(documents: Sequence[Document]) -> Iterator[Passage]:
    for document in documents:
        for paragraph in re.split(r"\n\s*\n", document.text):
            if text := " ".join(paragraph.split()):
                yield Passage(document_id=document.id, title=document.title, text=text)


def _words(text: str) -> Counter[str]:
    words = (word for word in WORD.findall(text.casefold()) if word not in STOP_WORDS)
    return Counter(_stem(word) for word in words)


def _stem(word: str) -> str:
    """Cut common English endings, so that ``returned`` finds ``return``."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004  # what is left has to be a word
            return word.removesuffix(ending)
    return word
