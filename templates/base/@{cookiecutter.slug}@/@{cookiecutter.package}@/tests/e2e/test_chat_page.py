"""The chat page as people use it, in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ...config.settings import PROJECT
from ...models.identity import Role
from ..fixtures.browser import PROGRAM, Page, browsing
from ..fixtures.process import Running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine"),
]

PICTURE = PROJECT / "reports" / "chat_page.png"
"""What the page looked like when a test failed; CI keeps it."""
ITEMS = "[...document.querySelectorAll('#log li')]"


@contextmanager
def chatting(folder: Path, service: Running) -> Iterator[Page]:
    """Open the page; when something goes wrong keep what it looks like."""
    with browsing(folder) as page:
        try:
            page.open(f"http://127.0.0.1:{service.port}/chat")
            yield page
        except BaseException:
            PICTURE.parent.mkdir(exist_ok=True)
            PICTURE.write_bytes(page.picture())
            raise


def answered(page: Page, items: int) -> list[str]:
    """Return the classes of what is shown, when so many things are and nothing is under way."""
    page.wait_for(f"{ITEMS}.length === {items} && document.getElementById('stop').hidden")
    shown: list[str] = page.value(f"{ITEMS}.map(item => item.className)")
    return shown


def test_somebody_asks_is_answered_and_rates_the_answer(tmp_path: Path, service: Running) -> None:
    with chatting(tmp_path, service) as page:
        page.write("token", "not a token")
        page.write("question", "<b>Why?</b>")
        assert answered(page, 2) == ["own", "bad"]
        page.write("token", service.token(Role.CLIENT, subject="browser").removeprefix("Bearer "))
        page.write("question", "What is an agent?")
        assert answered(page, 4) == ["own", "bad", "own", "theirs"]
        assert page.value(f"{ITEMS}[0].querySelector('b') === null && {ITEMS}[0].textContent") == "<b>Why?</b>"
        assert len(page.value(f"{ITEMS}[3].querySelector('.text').textContent")) > 1
        page.value(f"{ITEMS}[3].querySelector('button').click()")
        page.wait_for(f"{ITEMS}[3].querySelector('button').ariaPressed === 'true'")
        assert [complaint for complaint in page.complaints if "401" not in complaint] == []
