"""The guard: text that others wrote is data for the model, never an instruction to it.

It fences such text between tags that the text cannot close, bounds its length, and looks for what attacks look like.
Patterns do not catch everything; what holds in any case is that the tools only read, that every call of a tool is
checked and written down, and that a run is capped.
"""

import re
import unicodedata
from collections.abc import Callable

from ..exceptions.runs import SuspiciousInputError, UnsafeAnswerError
from ..models.events import GuardFound
from ..utils.text import sanitize
from .observers import Observers
from .streamed_text import StreamedText

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
CUT = "\n[cut]"
LEAK_LENGTH = 40
"""A line of the system prompt of this length does not turn up in an answer by chance."""
REMOTE_IMAGE = re.compile(r"!\[([^\]]{0,200})\]\(\s?https?://[^)\s]{0,2000}[^)]{0,200}\)", re.IGNORECASE)


class Guard:
    """Stands between the model and text that others wrote.

    Args:
        system_prompt: What must not leave the service.
        observers: Told what was found.
        max_chars: Characters of a tool's result that go to the model.
        refuse: Whether suspicious questions are refused; otherwise they are only reported.
    """

    def __init__(self, system_prompt: str, observers: Observers, *, max_chars: int, refuse: bool) -> None:
        self._secret_lines = [line for line in map(_plain, system_prompt.splitlines()) if len(line) >= LEAK_LENGTH]
        self._observers = observers
        self._max_chars = max_chars
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
        return f"<question>{_escaped(clean)}</question>"

    def fenced(self, source: str, text: str) -> str:
        """Return what a tool said, fenced, with suspicious lines withheld."""
        clean = sanitize(text)
        if self._report(clean, source):
            clean = _without_findings(clean)
        if len(clean) > self._max_chars:
            clean = clean[: self._max_chars] + CUT
        return f'<tool_result source="{source}">\n{_escaped(clean)}\n</tool_result>'

    def answer(self, text: str) -> str:
        """Return a model's answer, fit to leave: clean, without images that would call home.

        Raises:
            UnsafeAnswerError: It quotes the system prompt.
        """
        clean = REMOTE_IMAGE.sub(r"\1", sanitize(text))
        plain = _plain(clean)
        if any(line in plain for line in self._secret_lines):
            self._observers.notify(GuardFound(finding="prompt_leak", source="answer"))
            message = "the answer would give the system prompt away"
            raise UnsafeAnswerError(message)
        return clean

    def streamed(self, pass_on: Callable[[str], None]) -> StreamedText:
        """Return what takes an answer piece by piece and passes on what can leave before the whole is known."""
        return StreamedText(pass_on, self._secret_lines, _plain)

    def _report(self, text: str, source: str) -> list[str]:
        found = findings(text)
        for finding in found:
            self._observers.notify(GuardFound(finding=finding, source=source))
        return found


def findings(text: str) -> list[str]:
    """Return the names of the attacks that a text looks like."""
    plain = _plain(text)
    return [name for name, pattern in PATTERNS.items() if pattern.search(plain)]


def _without_findings(text: str) -> str:
    lines = [WITHHELD if findings(line) else line for line in text.splitlines()]
    kept = "\n".join(lines)
    return WITHHELD if findings(kept.replace(WITHHELD, "")) else kept  # an attack over several lines


def _plain(text: str) -> str:
    """Undo what hides words from patterns: compatibility forms, invisible characters, case, odd spaces."""
    normal = unicodedata.normalize("NFKC", sanitize(unicodedata.normalize("NFKC", text))).casefold()
    return re.sub(r"[^\S\n]+", " ", normal)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
