import pytest

from ...exceptions.messaging import SlowSubscriberError
from ...services.event_hub import EventHub
from ..fixtures.messaging import make_metrics, status_event


@pytest.fixture
def hub() -> EventHub:
    return EventHub(3, make_metrics())


async def test_a_subscriber_hears_of_its_subject_in_order(hub: EventHub) -> None:
    with hub.subscribe("agents/a") as events:
        for number, subject in enumerate(["agents/a", "agents/b", "agents/a"]):
            await hub.publish(status_event(subject, number))
        assert [(await anext(events)).data["number"] for _ in range(2)] == [0, 2]


async def test_who_watches_all_hears_of_all(hub: EventHub) -> None:
    with hub.subscribe() as first, hub.subscribe() as second:
        await hub.publish(status_event("agents/a"))
        assert (await anext(first)).subject == (await anext(second)).subject == "agents/a"


async def test_nothing_is_kept_for_who_is_not_there(hub: EventHub) -> None:
    await hub.publish(status_event("agents/a", 1))
    with hub.subscribe("agents/a") as events:
        await hub.publish(status_event("agents/a", 2))
        assert (await anext(events)).data["number"] == 2
    await hub.publish(status_event("agents/a", 3))
    assert hub._subscribers == {}


async def test_a_slow_subscriber_ends_and_the_others_go_on() -> None:
    metrics = make_metrics()
    hub = EventHub(3, metrics)
    with hub.subscribe("agents/a") as slow, hub.subscribe("agents/a") as quick:
        for number in range(4):
            await hub.publish(status_event("agents/a", number))
            assert (await anext(quick)).data["number"] == number
        with pytest.raises(SlowSubscriberError):
            await anext(slow)
        await hub.publish(status_event("agents/a", 4))
        assert (await anext(quick)).data["number"] == 4
    text = metrics.exposition().decode()
    assert "agent_slow_subscribers_total 1.0" in text
    assert "agent_event_subscribers 0.0" in text
    assert 'agent_events_published_total{type="agent.status_changed"} 5.0' in text


async def test_closing_ends_every_subscription_after_what_it_holds(hub: EventHub) -> None:
    with hub.subscribe("agents/a") as events:
        await hub.start()
        await hub.check()
        await hub.publish(status_event("agents/a"))
        await hub.close()
        assert len([event async for event in events]) == 1
