"""Conversations that go on: what the agent is told of a session's earlier turns."""

import pytest

from ...config.settings import Settings
from ...exceptions import StoreError
from ...models.history import NO_HISTORY, History, PastTurn
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, limited, running


def ask(service: Service, question: str, session: str | None = "s", subject: str = "ann", **further: object) -> int:
    body = {"question": question, **further} | ({"session_id": session} if session else {})
    headers = service.headers(Role.CLIENT, subject=subject)
    return service.client.post("/v1/answers", json=body, headers=headers).status_code


def test_the_agent_is_told_what_was_said_before(settings: Settings) -> None:
    agent = ScriptedAgent("one", "two", "three")
    with running(settings, agent) as service:
        for question in ("First?", "Second?", "Third?"):
            assert ask(service, question) == 200
    first, second = PastTurn("First?", "one"), PastTurn("Second?", "two")
    assert agent.told == [NO_HISTORY, History((first,)), History((first, second))]


def test_a_conversation_outlives_the_process(settings: Settings) -> None:
    agent = ScriptedAgent("one", "two")
    for question in ("First?", "Second?"):
        with running(settings, agent) as service:
            ask(service, question)
    assert agent.told[1] == History((PastTurn("First?", "one"),))


def test_only_the_session_that_is_named_is_told(service: Service, agent: ScriptedAgent) -> None:
    ask(service, "In one", "one")
    ask(service, "In another", "two")
    ask(service, "In none", None)
    assert agent.told == [NO_HISTORY] * 3


def test_without_a_session_the_store_is_not_asked(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("gone")

    monkeypatch.setattr(service.container.store, "reading", broken)
    assert ask(service, "Alone", None) == 200
    assert ask(service, "With others") == 503


def test_what_is_told_is_bounded_by_turns_and_by_characters(settings: Settings) -> None:
    agent = ScriptedAgent("12345")
    with running(limited(settings, history_turns=2, history_chars=15), agent) as service:
        for question in ("a", "b", "c", "12345", "last"):
            ask(service, question)
    assert [turn.question for turn in agent.told[3].turns] == ["b", "c"]  # two turns, though more would fit
    assert [turn.question for turn in agent.told[4].turns] == ["12345"]  # 16 characters with the one before


def test_an_agent_can_be_told_nothing(settings: Settings) -> None:
    agent = ScriptedAgent()
    with running(limited(settings, history_turns=0), agent) as service:
        ask(service, "First?")
        ask(service, "Second?")
    assert agent.told == [NO_HISTORY] * 2
