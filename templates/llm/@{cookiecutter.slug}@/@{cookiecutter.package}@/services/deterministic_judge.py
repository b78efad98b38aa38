"""A judge that needs no network and always says the same: it compares words and citations.

It knows what the shipped criteria ask for and no other one. A real model judges better; this one notices answers that
are made up, about something else, or without their documents.
"""

import html
import json
import re
from collections.abc import Callable

from ..exceptions import DependencyRefusedError
from ..interfaces.model import LanguageModel, OnText
from ..models.conversation import Prompt, Reply
from .deterministic import NOTHING_FOUND

CITATION = re.compile(r"\[([a-z0-9]+(?:-[a-z0-9]+)*)\]")
WORD = re.compile(r"\d+|[^\W\d_]{3,}")
LENGTH = 4
"""So many letters of a word tell it from others, whatever its ending."""
STEPS = ((0.9, 5), (0.75, 4), (0.6, 3), (0.4, 2))
RELEVANT_STEPS = ((0.4, 5), (0.2, 4), (0.1, 2))

Judged = tuple[int, str]


class DeterministicJudge(LanguageModel):
    """Scores an answer.

    Args:
        name: Its name, for the report.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    async def reply(self, prompt: Prompt, on_text: OnText | None = None) -> Reply:  # noqa: ARG002  # nobody watches
        """Return the score and its reason, as JSON.

        Raises:
            DependencyRefusedError: It does not know the criterion.
        """
        criterion = prompt.system.splitlines()[0].removeprefix("Criterion: ")
        if criterion not in CRITERIA:
            message = f"the criterion {criterion} needs a real model: set judge in evals/judge.yaml"
            raise DependencyRefusedError(message)
        question, answer, documents = (_between(prompt.user, tag) for tag in ("question", "answer", "documents"))
        if answer.strip() == NOTHING_FOUND:
            score, reason = (5, "It says that the documents do not tell.") if not documents.strip() else _silent()
        else:
            score, reason = CRITERIA[criterion](question, answer, documents)
        return Reply(text=json.dumps({"score": score, "reason": reason}), model=self._name)

    async def close(self) -> None:
        """Close nothing: it holds nothing open."""


def _silent() -> Judged:
    return 2, "It says that the documents do not tell, and something is in them."


def _grounded(_question: str, answer: str, documents: str) -> Judged:
    stated, known = _words(CITATION.sub("", answer)), _words(documents)
    unknown = sorted(stated - known)
    score = _score(1 - len(unknown) / max(1, len(stated)), STEPS)
    return score, f"Not in the documents: {', '.join(unknown) or 'nothing'}."


def _relevant(question: str, answer: str, _documents: str) -> Judged:
    asked, said = _words(question), _words(answer)
    shared = sorted(asked & said)
    score = _score(len(shared) / max(1, len(asked)), RELEVANT_STEPS)
    return score, f"Shared with the question: {', '.join(shared) or 'nothing'}."


def _cited(_question: str, answer: str, documents: str) -> Judged:
    named, known = set(CITATION.findall(answer)), set(CITATION.findall(documents))
    if not named:
        return 1, "No document is named."
    unknown = sorted(named - known)
    return (2, f"No such document: {', '.join(unknown)}.") if unknown else (5, "Each document that is named exists.")


CRITERIA: dict[str, Callable[[str, str, str], Judged]] = {
    "cited": _cited,
    "grounded": _grounded,
    "relevant": _relevant,
}


def _score(share: float, steps: tuple[tuple[float, int], ...]) -> int:
    return next((score for least, score in steps if share >= least), 1)


def _words(text: str) -> set[str]:
    return {word[:LENGTH] for word in WORD.findall(text.casefold())}


def _between(text: str, tag: str) -> str:
    _, _, rest = text.partition(f"<{tag}>\n")
    return html.unescape(rest.partition(f"\n</{tag}>")[0])
