"""Runs of the agent: whatever models, tools and clients do, the caps hold and every text stays in its place."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ...config.agent_config import load_agent_config
from ...config.settings import PROJECT, load_settings
from ...exceptions import AgentError
from ...exceptions.runs import RunLimitError
from ...models.answer import Question
from ...models.conversation import Reply, ToolCall, Usage
from ...models.events import RunEnded, ToolCalled
from ...models.streaming import Answered
from ...services.batching import Batcher
from ...services.budget import Budget
from ..fixtures.models import ScriptedModel, bench, shipped_tools
from ..fixtures.service import DATA_KEY, KEY

SETTINGS = load_settings(dotenv=None, environment="load", jwt_secret=KEY, encryption_keys=DATA_KEY)
LIMITS = SETTINGS.limits.model_copy(update={"max_steps": 4, "max_tool_calls": 5, "max_run_tokens": 500, "retries": 0})
CONFIG = load_agent_config(PROJECT / "config", SETTINGS.agent_config)

USAGES = st.builds(
    Usage,
    input_tokens=st.integers(0, 300),
    output_tokens=st.integers(0, 100),
    cost=st.none() | st.decimals(0, 1, places=3),
)
NAMES = st.sampled_from([tool.name for tool in shipped_tools()]) | st.text(max_size=20)
ARGUMENTS = st.text(max_size=30) | st.dictionaries(st.sampled_from(["query", "limit", "document_id"]), st.text()).map(
    json.dumps
)
CALLS = st.builds(ToolCall, id=st.uuids().map(str), name=NAMES, arguments=ARGUMENTS)
REPLIES = st.builds(Reply, text=st.text(max_size=80), calls=st.lists(CALLS, max_size=3).map(tuple), usage=USAGES)
SCRIPTS = st.lists(REPLIES, min_size=1, max_size=6)


@given(SCRIPTS)
def test_no_model_gets_a_run_over_its_caps(script: Sequence[Reply]) -> None:
    async def run() -> None:
        model = ScriptedModel(*script)
        this = bench(CONFIG, LIMITS, model)
        with suppress(AgentError):  # an answer that does not fit its schema
            await this.agent.answer(Question(question="How long?"), fresh=True)
        assert len(model.prompts) <= LIMITS.max_steps
        assert len(this.recorder.of(ToolCalled)) <= LIMITS.max_tool_calls
        assert {event.tool for event in this.recorder.of(ToolCalled)} <= {
            "unknown",
            *(tool.name for tool in shipped_tools()),
        }
        assert len(this.recorder.of(RunEnded)) == 1

    asyncio.run(run())


@given(SCRIPTS)
def test_a_stream_ends_in_an_answer_or_an_error_and_shows_only_known_tools(script: Sequence[Reply]) -> None:
    async def run() -> None:
        agent = bench(CONFIG, LIMITS, ScriptedModel(*script)).agent
        try:
            events = [event async for event in agent.stream(Question(question="Why?"))]
        except AgentError:
            return
        assert isinstance(events[-1], Answered)
        assert [event for event in events[:-1] if isinstance(event, Answered)] == []

    asyncio.run(run())


@given(st.lists(USAGES, max_size=12))
def test_a_budget_stops_at_the_first_step_over_a_cap(usages: Sequence[Usage]) -> None:
    budget, tokens, cost = Budget(LIMITS), 0, Decimal(0)
    for number, usage in enumerate(usages):
        over = tokens >= LIMITS.max_run_tokens or cost >= LIMITS.max_run_cost or number >= LIMITS.max_steps
        try:
            budget.begin_step()
        except RunLimitError:
            assert over
            return
        assert not over
        budget.spend(usage)
        tokens, cost = tokens + usage.tokens, cost + (usage.cost or 0)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 8))
def test_a_batch_gives_each_its_own(numbers: Sequence[int], size: int) -> None:
    sizes: list[int] = []

    async def work(items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        return [item * 2 for item in items]

    async def run() -> list[int]:
        batcher: Batcher[int, int] = Batcher(work, size=size, wait=0.001)
        return list(await asyncio.gather(*(batcher.submit(number) for number in numbers)))

    assert asyncio.run(run()) == [number * 2 for number in numbers]
    assert max(sizes, default=0) <= size
    assert sum(sizes) == len(numbers)
