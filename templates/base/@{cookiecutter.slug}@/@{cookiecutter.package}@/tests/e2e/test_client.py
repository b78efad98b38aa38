"""The client and its command against a real process."""

from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...client import AsyncClient, Client
from ...handlers.commands import main
from ...models.identity import Role
from ..fixtures.process import Running


def address(service: Running) -> str:
    return f"http://127.0.0.1:{service.port}"


def token(service: Running, *roles: Role) -> str:
    return service.token(*roles).removeprefix("Bearer ")


async def test_both_clients_get_the_same_answer(service: Running) -> None:
    with Client(address(service), token(service, Role.CLIENT)) as client:
        answer = client.ask("What is an agent?")
    async with AsyncClient(address(service), lambda: token(service, Role.CLIENT)) as other:
        assert (await other.ask("What is an agent?")).output == answer.output
    assert answer.output["answer_text"]


def test_the_command_asks_a_running_agent(
    service: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Client(address(service), token(service, Role.CLIENT)) as client:
        text = client.ask("What is an agent?").output["answer_text"]
    monkeypatch.setenv("AGENT_TOKEN", token(service, Role.CLIENT))
    assert main(["ask", "What is an agent?", "--url", address(service)]) == 0
    assert capsys.readouterr().out == f"{text}\n"

    file = tmp_path / "token"
    file.write_text(f"{token(service, Role.OPERATOR)}\n")
    assert main(["ask", "What?", "--url", address(service), "--token-file", str(file)]) == 1
    assert capsys.readouterr().err.startswith("not done: This needs the permission answers:ask. (403, ")


def test_the_command_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENT_TOKEN", raising=False)
    monkeypatch.setenv(f"{ENV_PREFIX}ENVIRONMENT", "production")
    url = "http://127.0.0.1:1"  # where nothing listens
    assert main(["ask", "What?", "--url", url]) == 2
    assert "--token-file" in capsys.readouterr().err
    file = tmp_path / "token"
    file.write_text("any")
    assert main(["ask", " ", "--url", url, "--token-file", str(file)]) == 1
    assert "question" in capsys.readouterr().err
    assert main(["ask", "What?", "--url", url, "--token-file", str(file)]) == 1
    (told,) = capsys.readouterr().err.splitlines()  # no word of the attempts in between
    assert told == f"not done: The agent cannot be reached (ConnectError). Does it run at {url}?"
