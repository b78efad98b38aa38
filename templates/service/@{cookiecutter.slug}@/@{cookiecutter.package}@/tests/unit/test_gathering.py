import asyncio

import pytest
from pydantic import ValidationError

from ...exceptions import DependencyRefusedError, DependencyUnavailableError, InvalidInputError
from ...exceptions.exchange import NotEnoughAnswersError, NotFoundError
from ...models.gathering import GatherRequest
from ...models.pages import Page
from ...models.registry import AgentStatus, RegisteredAgent
from ...services import gathering
from ...services.gathering import Gatherer, gather_policy
from ...utils.metrics import Metrics
from ..fixtures.messaging import make_metrics
from ..fixtures.peers import ScriptedPeers, registered


class Known:
    """A registry of some agents."""

    def __init__(self, *names: str) -> None:
        self._agents = {name: registered(name) for name in names}

    async def get(self, agent_id: str) -> RegisteredAgent:
        if agent_id not in self._agents:
            raise NotFoundError("There is no such agent.")
        return self._agents[agent_id]

    async def page(
        self, *, capability: str | None, status: AgentStatus | None, after: str, limit: int
    ) -> Page[RegisteredAgent]:
        assert (status, after) == (AgentStatus.ACTIVE, "")
        can = [agent for agent in self._agents.values() if capability in agent.capabilities]
        return Page(items=tuple(can[:limit]))


def gatherer(peers: ScriptedPeers, *names: str, concurrency: int = 10, metrics: Metrics | None = None) -> Gatherer:
    policy = gather_policy(retries=0, threshold=2, cooldown=60)
    return Gatherer(Known(*names), peers, policy, concurrency, metrics or make_metrics())  # type: ignore[arg-type]


def request(*agents: str, **more: object) -> GatherRequest:
    return GatherRequest.model_validate({"question": "Why?", "agents": agents, "deadline": 5, **more})


async def test_all_are_asked_at_once_and_told_in_the_order_they_were_asked() -> None:
    peers = ScriptedPeers(a=0.05, b=0.01, c=0.03)
    gathered = await gatherer(peers, "a", "b", "c").gather(request("c", "a", "b", "a"), "ann")
    assert [reply.agent_id for reply in gathered.replies] == ["c", "a", "b"]
    assert gathered.complete
    assert peers.most_at_once == 3
    assert {subject for _, subject in peers.asked} == {"ann"}


async def test_those_that_fail_do_not_keep_the_others_back() -> None:
    metrics = make_metrics()
    peers = ScriptedPeers(
        refuses=DependencyRefusedError("no"), crashes=RuntimeError("secret detail"), sleeps=30.0, answers=0.0
    )
    names = ("refuses", "crashes", "sleeps", "answers")
    gathered = await gatherer(peers, *names, metrics=metrics).gather(request(*names, deadline=0.2), "ann")
    replies = {reply.agent_id: reply for reply in gathered.replies}
    assert {name: reply.outcome for name, reply in replies.items()} == {
        "refuses": "failed",
        "crashes": "failed",
        "sleeps": "timed_out",
        "answers": "answered",
    }
    assert not gathered.complete
    assert replies["refuses"].error == "no"
    assert "secret" not in str(replies["crashes"].error)
    assert replies["answers"].answer is not None
    text = metrics.exposition().decode()
    assert 'agent_gathered_answers_total{outcome="failed"} 2.0' in text
    assert 'agent_gathered_answers_total{outcome="timed_out"} 1.0' in text


async def test_too_few_answers_are_a_failure() -> None:
    peers = ScriptedPeers(a=DependencyRefusedError("no"))
    with pytest.raises(NotEnoughAnswersError, match="1 of 2 agents answered; 2 were needed"):
        await gatherer(peers, "a", "b").gather(request("a", "b", min_answers=2), "ann")


async def test_a_capability_chooses_the_agents() -> None:
    gathered = await gatherer(ScriptedPeers(), "a", "b").gather(request(capability="answer.text"), "ann")
    assert [reply.agent_id for reply in gathered.replies] == ["a", "b"]


async def test_no_more_than_allowed_are_asked_at_once() -> None:
    peers = ScriptedPeers()
    await gatherer(peers, "a", "b", "c", "d", concurrency=2).gather(request("a", "b", "c", "d"), "ann")
    assert peers.most_at_once == 2


async def test_an_agent_that_fails_again_and_again_is_left_alone() -> None:
    peers = ScriptedPeers(a=DependencyUnavailableError("away"))
    asking = gatherer(peers, "a", "b")
    for _ in range(4):
        await asking.gather(request("a", "b"), "ann")
    assert sum(name == "a" for name, _ in peers.asked) == 2
    assert sum(name == "b" for name, _ in peers.asked) == 4


@pytest.mark.parametrize(("fair", "asked"), [(0.0, 2), (60.0, 4)])
async def test_an_agent_that_never_answers_in_time_is_left_alone_unless_it_was_given_none(
    monkeypatch: pytest.MonkeyPatch, fair: float, asked: int
) -> None:
    monkeypatch.setattr(gathering, "FAIR_SECONDS", fair)
    peers, metrics = ScriptedPeers(a=30.0), make_metrics()
    asking = gatherer(peers, "a", metrics=metrics)
    for _ in range(4):
        with pytest.raises(NotEnoughAnswersError):
            await asking.gather(request("a", deadline=0.05), "ann")
    assert len(peers.asked) == asked
    assert f'agent_gathered_answers_total{{outcome="timed_out"}} {asked}.0' in metrics.exposition().decode()


async def test_who_goes_away_takes_the_questions_along() -> None:
    peers = ScriptedPeers(a=30.0)
    asking = asyncio.create_task(gatherer(peers, "a").gather(request("a"), "ann"))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert peers.at_once == 0


@pytest.mark.parametrize("wanted", [request("nobody"), request(capability="nothing"), request("a", min_answers=2)])
async def test_nobody_to_ask_is_the_callers_mistake(wanted: GatherRequest) -> None:
    with pytest.raises(InvalidInputError):
        await gatherer(ScriptedPeers(), "a").gather(wanted, "ann")


@pytest.mark.parametrize(
    "change",
    [
        {"agents": ()},
        {"agents": ("a",), "capability": "x"},
        {"deadline": 0},
        {"deadline": 31},
        {"min_answers": 0},
        {"agents": ("a",) * 21},
    ],
    ids=str,
)
def test_a_request_says_whom_and_how_long(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        GatherRequest.model_validate({"question": "Why?", "agents": ("a",), **change})
