"""The chat page: where it is, what a browser lets it do, and that nothing of a model becomes part of it."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from ...config.settings import Settings
from ...handlers.chat import PAGE, PATH
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import ALONE, make_settings, running
from ..fixtures.shipped import shipped_app

TEXT = PAGE.read_text(encoding="utf-8")


def served(settings: Settings) -> tuple[int, str, dict[str, str]]:
    with running(settings, ScriptedAgent()) as service:
        response = service.client.get(PATH)
    return response.status_code, response.text, {name.lower(): value for name, value in response.headers.items()}


def policy(headers: dict[str, str]) -> dict[str, str]:
    directives = headers["content-security-policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


@pytest.mark.parametrize("environment", ["production", "staging", "load"])
def test_only_development_has_it_unless_it_is_switched_on(tmp_path: Path, environment: str) -> None:
    assert not make_settings(tmp_path, environment=environment).shows_chat
    assert make_settings(tmp_path, environment=environment, chat_page=True).shows_chat
    assert make_settings(tmp_path, environment="development").shows_chat
    assert not make_settings(tmp_path, environment="development", chat_page=False).shows_chat


def test_where_it_is_off_there_is_nothing(tmp_path: Path) -> None:
    assert served(make_settings(tmp_path, environment="production", **ALONE))[0] == 404


def test_the_browser_is_told_to_run_its_own_script_and_nothing_else(tmp_path: Path) -> None:
    status, text, headers = served(make_settings(tmp_path, environment="production", chat_page=True, **ALONE))
    assert (status, text) == (200, TEXT)
    told = policy(headers)
    assert told["default-src"] == told["base-uri"] == told["form-action"] == told["frame-ancestors"] == "'none'"
    assert told["connect-src"] == "'self'"
    assert told["require-trusted-types-for"] == "'script'"
    assert not re.search(r"unsafe|\*|https?:", headers["content-security-policy"])
    for element in ("script", "style"):
        (inside,) = re.findall(rf"<{element}>(.*?)</{element}>", text, flags=re.DOTALL)
        assert told[f"{element}-src"] == f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "unwanted",
    [
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc",
        r"\beval\b|new Function|javascript:|import\(",
        r"localStorage|sessionStorage|indexedDB|document\.cookie",
        r"\son\w+=|\sstyle=",
        r"https?://|src=|@import|url\(",
    ],
)
def test_the_page_has_no_way_to_run_or_keep_or_fetch_what_it_should_not(unwanted: str) -> None:
    assert not re.search(unwanted, TEXT)


def test_the_token_goes_into_a_header_and_nowhere_else() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", TEXT, flags=re.DOTALL)
    assert [line.strip() for line in script.splitlines() if re.search(r'\btoken\b(?![-"])', line)] == [
        'let token = "";',
        'const headers = { Authorization: "Bearer " + token };',
        'token = $("token").value.trim();',
        "if (!token) {",
        '$("state").textContent = "Paste your token first.";',
    ]


def test_it_asks_routes_that_there_are(tmp_path: Path) -> None:
    paths = shipped_app(tmp_path).openapi()["paths"]
    streams = re.search(r'data-stream="([^"]*)"', TEXT)
    assert streams
    assert streams[1].strip() in {"", *paths}
    assert {"/v1/answers", "/v1/sessions/{session_id}"} <= set(paths)
