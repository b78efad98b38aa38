"""Sessions by the public routes, and what becomes of them."""

import json
from pathlib import Path

import pytest

from ...config.settings import Settings
from ...exceptions import StoreError
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, running


def ask(service: Service, subject: str, session: str | None, question: str = "Why?") -> int:
    body = {"question": question} | ({"session_id": session} if session else {})
    headers = service.headers(Role.CLIENT, subject=subject)
    return service.client.post("/v1/answers", json=body, headers=headers).status_code


def end(service: Service, subject: str, session: str) -> int:
    headers = service.headers(Role.CLIENT, subject=subject)
    return service.client.delete(f"/v1/sessions/{session}", headers=headers).status_code


def turns(service: Service, subject: str, session: str) -> list[str]:
    response = service.client.get(f"/v1/sessions/{session}", headers=service.headers(Role.CLIENT, subject=subject))
    assert response.status_code == 200
    return [turn["question"] for turn in response.json()["turns"]]


def test_only_what_names_a_session_is_kept(service: Service) -> None:
    ask(service, "ann", None, "Forget me")
    ask(service, "ann", "order-17", "Keep me")
    assert turns(service, "ann", "order-17") == ["Keep me"]
    assert turns(service, "ann", "other") == []


def test_a_session_is_its_owners_alone(service: Service) -> None:
    ask(service, "ann", "s")
    assert turns(service, "eve", "s") == []
    assert end(service, "eve", "s") == 204
    assert turns(service, "ann", "s") == ["Why?"]


def test_an_ended_session_is_gone_and_that_is_written_down(service: Service, settings: Settings) -> None:
    ask(service, "ann", "s")
    assert end(service, "ann", "s") == 204
    assert turns(service, "ann", "s") == []
    assert '"deleted: 1 turns"' in (settings.state_dir / "audit.jsonl").read_text()


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "ü"])
def test_a_name_that_is_none_is_refused(service: Service, name: str) -> None:
    headers = service.headers(Role.CLIENT)
    body = {"question": "Why?", "session_id": name}
    assert service.client.post("/v1/answers", json=body, headers=headers).status_code == 422


def test_an_answer_that_cannot_be_kept_is_not_given(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(service.container.store, "transaction", broken)
    assert ask(service, "ann", "s") == 503
    assert ask(service, "ann", None) == 200


def test_nothing_of_a_session_lies_readable_in_the_state_folder(service: Service, settings: Settings) -> None:
    ask(service, "ann", "s", "My number is 4711 0815")
    files = [path for path in Path(settings.state_dir).rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if b"4711 0815" in path.read_bytes()] == []


def test_every_record_of_a_request_names_subject_and_session(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(settings.model_copy(update={"debug": False}), ScriptedAgent()) as service:
        ask(service, "ann", "order-17")
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (record,) = [record for record in records if record["event"] == "request"]
    assert (record["subject"], record["session_id"]) == ("ann", "order-17")
