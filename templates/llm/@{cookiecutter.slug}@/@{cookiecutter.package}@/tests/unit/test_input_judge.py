from dataclasses import replace

import pytest
from pydantic import ValidationError

from ...config.agent_config import load_agent_config
from ...config.input_judge import InputJudgeConfig
from ...config.settings import Settings
from ...exceptions import DependencyRefusedError, DependencyUnavailableError
from ...exceptions.runs import SuspiciousInputError
from ...models.answer import Question
from ...models.conversation import Reply, Usage
from ...models.events import GuardFound, ModelFailed, RunEnded
from ...services.input_judge import InputJudge
from ...services.observers import Observers
from ..fixtures.models import SEARCH, Bench, ScriptedModel, bench

MODEL = {"provider": "openai", "model": "big", "temperature": 0.0, "max_tokens": 10, "api_key_env": "KEY"}
QUESTION = Question(question="How many days do I have?")
GONE = DependencyUnavailableError("gone")


def judged(settings: Settings, judge: ScriptedModel, *, when_away: str = "refuse") -> Bench:
    """Return an agent that always answers, behind this judge."""
    config = InputJudgeConfig.model_validate({"model": MODEL, "when_away": when_away})
    made = bench(
        load_agent_config(settings.config_dir, settings.agent_config),
        settings.limits,
        ScriptedModel(SEARCH, "30 days [returns]"),
    )
    guardian = InputJudge(judge, config, Observers([made.recorder]))
    made.agent._parts = replace(made.agent._parts, judge=guardian)
    return made


async def test_what_is_fine_is_answered_and_judging_counts(settings: Settings) -> None:
    judge = ScriptedModel(Reply(text=" Fine.", usage=Usage(input_tokens=1_000)))
    made = judged(settings, judge)
    assert not (await made.agent.answer(QUESTION)).degraded
    (ended,) = made.recorder.of(RunEnded)
    assert ended.tokens > 1_000
    (prompt,) = judge.prompts
    assert prompt.user == "<question>How many days do I have?</question>"
    await made.agent.close()
    assert judge.closed


async def test_an_attack_is_refused_and_counted(settings: Settings) -> None:
    made = judged(settings, ScriptedModel("ATTACK"))
    with pytest.raises(SuspiciousInputError):
        await made.agent.answer(QUESTION)
    with pytest.raises(SuspiciousInputError):
        await anext(made.agent.stream(QUESTION))
    found = GuardFound(finding="judged", source="question")
    assert made.recorder.of(GuardFound) == [found, found]


@pytest.mark.parametrize("failure", [GONE, DependencyRefusedError("no"), "I think that this is fine", ""])
@pytest.mark.parametrize(("when_away", "degraded"), [("refuse", True), ("admit", False)])
async def test_without_a_judgement_the_setting_decides(
    settings: Settings, failure: str | Exception, when_away: str, degraded: bool
) -> None:
    made = judged(settings, ScriptedModel(failure), when_away=when_away)
    assert (await made.agent.answer(QUESTION)).degraded is degraded
    assert len(made.recorder.of(ModelFailed)) == 1


async def test_a_judge_that_fails_is_left_alone_for_a_while(settings: Settings) -> None:
    judge = ScriptedModel(GONE)
    made = judged(settings, judge, when_away="admit")
    for _ in range(5):
        assert not (await made.agent.answer(QUESTION, fresh=True)).degraded
    assert len(judge.prompts) == 3


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"model": {**MODEL, "provider": "deterministic"}}, "judges nothing"),
        ({"timeout": 1}, "model"),
        ({"model": MODEL, "when_away": "maybe"}, "when_away"),
    ],
)
def test_a_wrong_judge_is_named(values: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        InputJudgeConfig.model_validate(values)
