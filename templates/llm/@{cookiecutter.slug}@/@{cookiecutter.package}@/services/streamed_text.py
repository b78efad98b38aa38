"""A text that is shown while it is written: what may turn out to be unfit to leave is held back."""

import re
from collections.abc import Callable, Sequence

from ..utils.text import sanitize

CERTAIN_AFTER = 12
"""So many letters of a secret line in a row are no accident: what follows waits."""
IMAGE = re.compile(r"!\[[^\]]{0,200}\]\([^)]{0,2000}\)")
REMOTE = re.compile(r"!\[[^\]]*\]\(\s?https?://", re.IGNORECASE)


class StreamedText:
    """Passes on pieces that are fit to leave, as far as anybody can tell by then; the whole text is checked at its end.

    Args:
        pass_on: Told each piece.
        secret_lines: What must not leave, as ``plain`` makes it.
        plain: Undoes what hides words.
    """

    def __init__(
        self, pass_on: Callable[[str], None], secret_lines: Sequence[str], plain: Callable[[str], str]
    ) -> None:
        self._pass_on = pass_on
        self._secret_lines = secret_lines
        self._plain = plain
        self._window = 2 * max(map(len, secret_lines), default=0)
        self.reset()

    def reset(self) -> None:
        """Begin a new text."""
        self._shown = ""
        self._waiting = ""
        self._stopped = False

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self._waiting += piece
        if not self._stopped and not self._may_be_secret():
            self._show(self._fit())

    def _show(self, length: int) -> None:
        fit, self._waiting = self._waiting[:length], self._waiting[length:]
        if clean := sanitize(fit):
            self._pass_on(clean)
        self._shown = (self._shown + fit)[-self._window :] if self._window else ""

    def _may_be_secret(self) -> bool:
        """Tell whether the text ends as a secret line begins; when it held a whole one, nothing more is shown."""
        text = self._plain(self._shown + self._waiting)
        self._stopped = any(line in text for line in self._secret_lines)
        return self._stopped or any(_ends_as_begins(text, line) for line in self._secret_lines)

    def _fit(self) -> int:
        """Return how much of what waits holds no image from elsewhere and no part of one."""
        for start in re.finditer(r"!(?=\[|$)", self._waiting):
            rest = self._waiting[start.start() :]
            if REMOTE.match(rest) or not IMAGE.match(rest):
                return start.start()
        return len(self._waiting)


def _ends_as_begins(text: str, line: str) -> bool:
    place = text.rfind(line[:CERTAIN_AFTER])
    return place >= 0 and line.startswith(text[place:])
