"""A model that needs no network and always says the same: for development, tests, evaluations and load tests.

It quotes the fact of its prompt that has most words in common with the question. So what is around the model (facts,
guard, cache, form of the answer) is exercised, and judged, as with a real one.
"""

import hashlib
import html
import re
from functools import lru_cache

from ..interfaces.model import LanguageModel
from ..models.completion import Completion, Prompt

NOTHING_KNOWN = "I do not know that."
FACT = re.compile(r"^- (.+)$", re.MULTILINE)
TAG = re.compile(r"</?question>")
WORD = re.compile(r"\w{3,}")
STEM = 4
"""Letters by which words count as the same."""
IN_COMMON = 2
"""Words that a fact and a question must share."""
COMMON_WORDS = frozenset(
    WORD.findall("and are can does for from has have how its the this that what when where which who with you")
)

Stems = frozenset[str]


class DeterministicModel(LanguageModel):
    """Answers every prompt from the prompt alone."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the fact that fits best, with a digest of the whole prompt, the conversation included."""
        texts = [prompt.system, *(text for _, text in prompt.conversation)]
        digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]
        return Completion(text=f"{_fact(prompt)} (offline answer {digest})")

    async def close(self) -> None:
        """Release nothing: nothing is held."""


def _fact(prompt: Prompt) -> str:
    asked = _stems(html.unescape(TAG.sub("", prompt.user)))
    shared, fact = max(
        ((len(asked & stems), fact) for fact, stems in _facts(prompt.system)), key=lambda pair: pair[0], default=(0, "")
    )
    return fact if shared >= IN_COMMON else NOTHING_KNOWN


@lru_cache(maxsize=4)
def _facts(system: str) -> tuple[tuple[str, Stems], ...]:
    return tuple((fact, _stems(fact)) for fact in FACT.findall(system))


def _stems(text: str) -> Stems:
    return frozenset(word[:STEM] for word in WORD.findall(text.casefold()) if word not in COMMON_WORDS)
