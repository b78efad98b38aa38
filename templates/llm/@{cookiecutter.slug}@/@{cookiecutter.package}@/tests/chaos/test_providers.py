"""The model provider fails in every way that a network allows: clients get a plain answer, and it heals by itself."""

import asyncio
import time
from dataclasses import replace

import pytest

from ...config.llm_config import LlmConfig
from ...config.settings import Settings
from ...models.answer import Question
from ...models.identity import Role
from ...models.streaming import Answered
from ...services.agent import build_agent
from ...services.resources import Resources, build_resources
from ..fixtures.faulty import FAULTS, Fault, answering, faulty
from ..fixtures.provider import TEXT, load_packages, providing
from ..fixtures.service import limited, running

PROVIDERS = ("openai", "anthropic", "gemini", "openai-compatible")
QUESTION = "How many days do I have to return an item?"
SECRET = "internal secret"
WITHIN = 10.0  # seconds; a guard against hanging, not a measure


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    load_packages()
    monkeypatch.setenv("PROVIDER_KEY", "key")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def asking(settings: Settings, *servers: tuple[str, str], **limits: object) -> Resources:
    """Return what an agent is built from that asks these providers, in their order, by their addresses."""
    models = [_model(kind, address) for kind, address in servers]
    chosen = LlmConfig.model_validate({**models[0], "fallback": models[1] if models[1:] else None})
    quick = {"retries": 0, "model_timeout": 0.2, "timeout": 5, "breaker_threshold": 3, "breaker_cooldown": 0.2}
    resources = build_resources(limited(settings, **{**quick, **limits}))
    return replace(resources, agent_config=resources.agent_config.model_copy(update={"llm_config": chosen}))


def _model(kind: str, address: str) -> dict[str, object]:
    base_url = address + ("/v1" if kind.startswith("openai") else "")
    values = {"provider": kind, "model": f"big-{kind}", "temperature": 0.0, "max_tokens": 100}
    return {**values, "api_key_env": "PROVIDER_KEY", "base_url": base_url}


def counted(resources: Resources, metric: str) -> float:
    """Return the value of a metric, whatever its labels."""
    lines = resources.metrics.exposition().decode().splitlines()
    return sum(float(found.rpartition(" ")[2]) for found in lines if found.startswith(metric))


# every fault with one provider's package, and with the others what they treat themselves
CASES = [("openai", fault) for fault in FAULTS]
CASES += [(kind, fault) for kind in PROVIDERS[1:3] for fault in ("reset", "dripping", "cut off", "garbage", "bad JSON")]


@pytest.mark.parametrize(("kind", "fault"), CASES)
async def test_every_fault_ends_in_a_plain_answer_in_time(settings: Settings, kind: str, fault: str) -> None:
    with faulty(FAULTS[fault]) as server:
        resources = asking(settings, (kind, server.address))
        agent = build_agent(resources)
        async with asyncio.timeout(WITHIN):
            answer = await agent.answer(Question(question=QUESTION))
        await agent.close()
    assert (answer.degraded, answer.output["answer_source"]) == (True, "fallback")
    assert SECRET not in str(answer.output)
    assert counted(resources, "agent_fallback_answers_total") == 1


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_every_fault_ends_a_stream_in_time(settings: Settings, fault: Fault) -> None:
    with faulty(fault) as server:
        agent = build_agent(asking(settings, ("openai", server.address)))
        async with asyncio.timeout(WITHIN):
            events = [event async for event in agent.stream(Question(question=QUESTION))]
        await agent.close()
    assert isinstance(events[-1], Answered)
    assert events[-1].answer.degraded


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
async def test_another_provider_takes_over(settings: Settings, kind: str) -> None:
    with faulty(FAULTS["reset"]) as server, providing() as provider:
        agent = build_agent(asking(settings, (kind, server.address), ("openai", provider.address), model_timeout=5))
        answer = await agent.answer(Question(question=QUESTION))
        await agent.close()
    assert (answer.degraded, answer.output["answer_source"]) == (False, "second-model")
    assert answer.output["answer_text"] == TEXT


async def test_a_provider_that_keeps_failing_is_left_alone_and_tried_again(settings: Settings) -> None:
    with faulty(FAULTS["500"]) as server:
        agent = build_agent(asking(settings, ("openai", server.address), model_timeout=5, breaker_cooldown=0.5))
        for number in range(6):
            assert (await agent.answer(Question(question=f"{QUESTION} {number}"), fresh=True)).degraded
        assert server.connections == 3  # the circuit is open
        server.fault = answering(200, _completion())
        await asyncio.sleep(0.6)  # the circuit's cooldown
        healed = await agent.answer(Question(question=QUESTION), fresh=True)
        await agent.close()
    assert not healed.degraded


async def test_a_short_disturbance_is_not_even_noticed(settings: Settings) -> None:
    with providing() as provider:
        provider.failures = [(503, ""), (429, "{}")]
        agent = build_agent(asking(settings, ("openai", provider.address), retries=3, model_timeout=5))
        answer = await agent.answer(Question(question=QUESTION))
        await agent.close()
    assert (answer.degraded, answer.output["answer_text"]) == (False, TEXT)


async def test_many_clients_at_a_dead_provider_hold_nobody_up(settings: Settings) -> None:
    with faulty(FAULTS["silence"]) as server:
        agent = build_agent(asking(settings, ("openai", server.address), breaker_threshold=1, breaker_cooldown=60))
        started = time.monotonic()
        for round_ in range(3):
            questions = [Question(question=f"{QUESTION} {round_} {number}") for number in range(20)]
            answers = await asyncio.gather(*(agent.answer(question) for question in questions))
            assert all(answer.degraded for answer in answers)
        await agent.close()
    assert time.monotonic() - started < WITHIN


def test_readiness_stays_while_the_provider_is_away_and_deep_tells(settings: Settings) -> None:
    with faulty(FAULTS["reset"]) as server:
        resources = asking(settings, ("openai", server.address))
        with running(settings, lambda _: build_agent(resources)) as service:
            assert service.client.get("/health/ready").status_code == 200
            deep = service.client.get("/health/deep", headers=service.headers(Role.OPERATOR))
    assert (deep.status_code, deep.json()["checks"]["agent_answers"]) == (503, "unhealthy")


def _completion() -> bytes:
    message = b'{"role": "assistant", "content": "30 days."}'
    return (
        b'{"id": "1", "object": "chat.completion", "created": 1, "model": "big", "choices": [{"index": 0, "message": '
        + message
        + b', "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}'
    )
