"""A real judge, at a provider on this machine."""

import json

import pytest

from ...config.evaluation import load_evaluation
from ...config.llm_config import ModelConfig
from ...config.settings import PROJECT
from ...models.evaluation import Exchange
from ...services.judging import build_judge
from ..fixtures.provider import providing

VERDICT = {"role": "assistant", "content": '{"score": 5, "reason": "It says what the document says."}'}
COMPLETION = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "big",
    "choices": [{"index": 0, "message": VERDICT, "finish_reason": "stop"}],
}


async def test_it_is_asked_again_when_it_fails_in_passing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", "a-key")
    _, (criterion, *_) = load_evaluation(PROJECT / "evals")
    exchange = Exchange(name="x", question="How long?", answer="30 days [returns]", documents="[returns] 30 days")
    with providing() as provider:
        config = {"provider": "openai", "model": "big", "temperature": 0.0, "max_tokens": 100}
        address = {"base_url": f"{provider.address}/v1", "api_key_env": "JUDGE_KEY"}
        provider.failures = [(503, "{}"), (200, json.dumps(COMPLETION))]
        judge = build_judge(ModelConfig.model_validate(config | address))
        judgement = await judge.judgement(exchange, criterion)
        await judge.close()
    assert (judgement.score, judgement.passed, len(provider.requests)) == (5, True, 2)
    assert criterion.prompt in json.dumps(provider.requests[0].body, ensure_ascii=False).replace("\\n", "\n")
