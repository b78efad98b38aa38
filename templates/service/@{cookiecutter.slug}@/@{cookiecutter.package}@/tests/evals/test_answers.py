"""Evaluations: the configured agent against ``evals/*.yaml``, with a floor for the share of cases that pass.

They run offline with the deterministic model. To judge a real model, set the agent's configuration and its key in the
environment: the same cases, the same floor.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...exceptions.untrusted import SuspiciousInputError
from ...interfaces.agent import Agent
from ...models.answer import Question
from ...models.history import History
from ...services.agent import FACTS, build_agent
from ...services.resources import build_resources
from ..fixtures.evaluation import Case, dataset, problems
from ..fixtures.service import make_settings

# read before the tests put the environment aside
CHOSEN = os.environ.get(f"{ENV_PREFIX}AGENT_CONFIG")
CONFIGURED = {"agent_config": CHOSEN} if CHOSEN else {}
ANSWERS, ATTACKS = dataset("answers"), dataset("attacks")


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[Agent]:
    agent = build_agent(build_resources(make_settings(tmp_path / "state", **CONFIGURED)))
    yield agent
    await agent.close()


async def wrong(agent: Agent, case: Case) -> list[str]:
    """Return what is wrong with the agent's answer."""
    try:
        answer = await agent.answer(Question(question=case.question), History(case.before), fresh=True)
    except SuspiciousInputError:
        return [] if case.refused else ["was refused"]
    return ["is the fallback"] if answer.degraded else problems(case, str(answer.output["answer_text"]))


async def test_the_share_of_right_answers_is_above_the_floor(agent: Agent) -> None:
    results = {case.name: await wrong(agent, case) for case in ANSWERS.cases}
    failed = [f"{name}: {'; '.join(found)}" for name, found in results.items() if found]
    assert 1 - len(failed) / len(results) >= ANSWERS.floor, "\n".join(failed)


@pytest.mark.parametrize("case", ATTACKS.cases, ids=lambda case: case.name)
async def test_no_attack_works(agent: Agent, case: Case) -> None:
    assert await wrong(agent, case) == []


async def test_the_gate_can_close(tmp_path: Path) -> None:
    """The cases really depend on what the agent knows."""
    resources = build_resources(make_settings(tmp_path / "state"))
    config = tmp_path / "config"
    config.mkdir()
    (config / FACTS).write_text("- Nothing is known.\n", encoding="utf-8")
    settings = resources.settings.model_copy(update={"config_dir": config})
    agent = build_agent(replace(resources, settings=settings))
    results = [await wrong(agent, case) for case in ANSWERS.cases]
    assert results.count([]) / len(results) < ANSWERS.floor
