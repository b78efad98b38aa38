"""The guard of text: what others wrote is data for the model, never an instruction to it.

It fences such text between tags that the text cannot close, and looks for what attacks look like. Patterns do not catch
everything: what a model can do at all is bounded elsewhere.
"""

import re
import unicodedata
from collections.abc import Callable

from ..exceptions.untrusted import SuspiciousInputError, UnsafeAnswerError
from ..models.history import History, PastTurn
from ..utils.text import sanitize

PATTERNS: dict[str, re.Pattern[str]] = {
    "override": re.compile(
        r"\b(ignore|disregard|forget|override|bypass|(stop|not) follow(ing)?)\b[^.!?]{0,40}"
        r"\b(previous|prior|above|earlier|all|any|your|these)\b"
        r"[^.!?]{0,40}\b(instruction|rule|prompt|guideline|direction|restriction)s?\b"
        r"|\bnew (instruction|rule)s? ?:|\binstructions above\b[^.!?]{0,20}\bno longer\b"
    ),
    "role": re.compile(r"(^|\n) ?(system|assistant|developer|tool) ?:"),
    "chat_markup": re.compile(r"<\|[a-z0-9_ ]{1,40}\|>|\[/?inst\]|<</?sys>>|</?(system|question|tool_result)\b"),
    "prompt_leak": re.compile(
        r"\b(reveal|print|repeat|show|output|tell|give|quote)\b[^.!?]{0,40}\b(system prompt|hidden prompt"
        r"|your (initial |original |secret )?(instruction|prompt|rule)s?)\b"
        r"|\b(repeat|translate|print|summari[sz]e)\b[^.!?]{0,20}\b(everything|text|words) above\b"
    ),
    "persona": re.compile(
        r"\byou are now (a|an|the|in|free|dan|my|no)\b|\bfrom now on,? you\b"
        r"|\b(developer mode|jailbreak|do anything now)\b"
        r"|\b(pretend|act|behave|answer)\b[^.!?]{0,40}"
        r"\b(unrestricted|without (any )?(restriction|rule|filter|limit)s?)\b"
    ),
    "exfiltration": re.compile(r"!\[[^\]]{0,200}\]\( ?https?://"),
}
WITHHELD = "[withheld: it reads like an instruction]"
LEAK_LENGTH = 40
"""A line of the system prompt of this length does not turn up in an answer by chance."""
REMOTE_IMAGE = re.compile(r"!\[([^\]]{0,200})\]\(\s?https?://[^)\s]{0,2000}[^)]{0,200}\)", re.IGNORECASE)

Report = Callable[[str, str], None]
"""Told the name of a finding, and where it was found."""


class TextGuard:
    """Stands between the model and who talks with it.

    Args:
        system_prompt: What must not leave the service.
        report: Told what was found.
        refuse: Whether suspicious questions are refused; otherwise they are only reported.
    """

    def __init__(self, system_prompt: str, report: Report, *, refuse: bool) -> None:
        self._secret_lines = [line for line in map(plain, system_prompt.splitlines()) if len(line) >= LEAK_LENGTH]
        self._tell = report
        self._refuse = refuse

    def question(self, text: str) -> str:
        """Return a client's question, fenced.

        Raises:
            SuspiciousInputError: It reads like an attack, and such questions are refused.
        """
        clean = sanitize(text)
        if (found := self._report(clean, "question")) and self._refuse:
            message = f"The question reads like an instruction to the model ({', '.join(found)})."
            raise SuspiciousInputError(message)
        return _fenced(clean)

    def history(self, history: History) -> tuple[PastTurn, ...]:
        """Return what was said before: questions fenced as the new one is, with suspicious lines withheld in both.

        Nothing is refused: a session in which somebody once tried something can go on.
        """
        return tuple(
            PastTurn(_fenced(self._harmless(turn.question, "history")), self._harmless(turn.answer, "history"))
            for turn in history.turns
        )

    def answer(self, text: str) -> str:
        """Return a model's answer, fit to leave: clean, without images that would call home.

        Raises:
            UnsafeAnswerError: It quotes the system prompt.
        """
        clean = shown(text)
        bare = plain(clean)
        if any(line in bare for line in self._secret_lines):
            self._tell("prompt_leak", "answer")
            message = "the answer would give the system prompt away"
            raise UnsafeAnswerError(message)
        return clean

    def _harmless(self, text: str, source: str) -> str:
        clean = sanitize(text)
        return _without_findings(clean) if self._report(clean, source) else clean

    def _report(self, text: str, source: str) -> list[str]:
        found = findings(text)
        for finding in found:
            self._tell(finding, source)
        return found


def shown(text: str) -> str:
    """Return what others wrote as it may be shown: clean, without images that would call home."""
    return REMOTE_IMAGE.sub(r"\1", sanitize(text))


def findings(text: str) -> list[str]:
    """Return the names of the attacks that a text looks like."""
    bare = plain(text)
    return [name for name, pattern in PATTERNS.items() if pattern.search(bare)]


def _fenced(question: str) -> str:
    return f"<question>{escaped(question)}</question>"


def _without_findings(text: str) -> str:
    lines = [WITHHELD if findings(line) else line for line in text.splitlines()]
    kept = "\n".join(lines)
    return WITHHELD if findings(kept.replace(WITHHELD, "")) else kept  # an attack over several lines


def plain(text: str) -> str:
    """Undo what hides words from patterns: compatibility forms, invisible characters, case, odd spaces."""
    normal = unicodedata.normalize("NFKC", sanitize(unicodedata.normalize("NFKC", text))).casefold()
    return re.sub(r"[^\S\n]+", " ", normal)


def escaped(text: str) -> str:
    """Return the text with nothing in it that could end a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
