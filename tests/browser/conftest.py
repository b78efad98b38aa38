"""One browser for all tests of a run, and a function that opens a report in it."""

from __future__ import annotations

import pytest
from browser.chromium import Browser, Page

from agentctl.reporters import html


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    started = Browser(tmp_path_factory.mktemp("chromium"))
    yield started
    started.close()


@pytest.fixture
def show(browser, tmp_path):
    """Return a function that opens a report; a page that said a word on the console or asked for anything fails the test."""
    pages = []

    def show(report, **window):
        file = tmp_path / f"report-{len(pages)}.html"
        file.write_text(html.render(report), encoding="utf-8")
        pages.append(Page(browser, file, **window))
        return pages[-1]

    yield show
    for page in pages:
        said, requested, dialogs = page.said(), page.requested(), page.dialogs()
        page.close()
        assert (said, requested, dialogs) == ([], [], 0)
