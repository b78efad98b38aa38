"""The guard of a run with tools: beside questions and answers, what tools say is data for the model, too.

It bounds the length of such text and withholds lines that read like an instruction. What holds in any case is that the
tools only read, that every call of a tool is checked and written down, and that a run is capped.
"""

from collections.abc import Callable

from ..models.events import GuardFound
from .observers import Observers
from .streamed_text import StreamedText
from .text_guard import TextGuard, escaped, plain

CUT = "\n[cut]"


class Guard(TextGuard):
    """Stands between the model and text that others wrote.

    Args:
        system_prompt: What must not leave the service.
        observers: Told what was found.
        max_chars: Characters of a tool's result that go to the model.
        refuse: Whether suspicious questions are refused; otherwise they are only reported.
    """

    def __init__(self, system_prompt: str, observers: Observers, *, max_chars: int, refuse: bool) -> None:
        def report(finding: str, source: str) -> None:
            observers.notify(GuardFound(finding=finding, source=source))

        super().__init__(system_prompt, report, refuse=refuse)
        self._max_chars = max_chars

    def fenced(self, source: str, text: str) -> str:
        """Return what a tool said, fenced, with suspicious lines withheld."""
        clean = self._harmless(text, source)
        if len(clean) > self._max_chars:
            clean = clean[: self._max_chars] + CUT
        return f'<tool_result source="{source}">\n{escaped(clean)}\n</tool_result>'

    def streamed(self, pass_on: Callable[[str], None]) -> StreamedText:
        """Return what takes an answer piece by piece and passes on what can leave before the whole is known."""
        return StreamedText(pass_on, self._secret_lines, plain)
