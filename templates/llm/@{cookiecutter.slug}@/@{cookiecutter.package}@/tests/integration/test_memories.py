"""A user's memory through the service: asked for, used in another conversation, told, forgotten, erased."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...client import Client
from ...config.memory import MemoryConfig
from ...handlers import memories, streaming
from ...models.identity import Role
from ...services import personal_data
from ...services.agent import build_agent
from ...utils.tenancy import bind_tenant
from ..fixtures.service import Service, limited, make_settings, running
from ..fixtures.store import store_place


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    state: Path = tmp_path_factory.mktemp("memories")
    settings = make_settings(state, store=store_place(state))
    settings = settings.model_copy(update={"memory": MemoryConfig(enabled=True, per_user=3)})
    with running(limited(settings, cache_enabled=True), build_agent, (streaming.router, memories.router)) as service:
        yield service


def client_of(service: Service, subject: str) -> Client:
    token = service.container.tokens.issue(subject, [Role.CLIENT])
    return Client("http://testserver", token, transport=service.client._transport)


def test_a_memory_outlives_its_conversation_and_is_nobody_elses(service: Service) -> None:
    with client_of(service, "ann") as ann, client_of(service, "bob") as bob:
        said = ann.ask("Remember that my size is M.", session_id="one").output["answer_text"]
        assert said == "Remembered: my size is M."
        assert ann.ask("What do you remember about me?").output["answer_text"] == "You told me: my size is M."
        with ann.stream_answer("What do you know about me?", session_id="two") as events:
            assert "my size is M." in str(list(events)[-1])
        assert "size" not in str(bob.ask("What do you remember about me?").output)  # and nothing comes from a cache
        assert ann.ask("How long is the warranty of a device?").output["sources"] == ["warranty"]
        (kept,) = ann.find_memories().items
        bob.forget_memory(kept.memory_id)
        bob.forget_all()
        assert ann.find_memories().items == (kept,)
        ann.forget_memory(kept.memory_id)
        assert ann.find_memories().items == ()
    metrics = service.client.get("/metrics").text
    assert 'agent_memories_total{action="kept"} 1.0' in metrics
    trail = (service.container.settings.state_dir / "audit.jsonl").read_text()
    assert all(action in trail for action in ("tools:remember", "memories:forget", "memories:clear"))


def test_it_is_exported_and_erased_with_everything_else(service: Service) -> None:
    with client_of(service, "cleo") as cleo:
        cleo.ask("Please remember: I live in Oslo")
        cleo.ask("Remember that I like blue")
        resources = service.container.resources

        async def exported_and_erased() -> tuple[list[object], dict[str, int]]:
            bind_tenant("default")
            told = [record["text"] async for record in personal_data.export(resources, "cleo") if "memory_id" in record]
            return list(told), await personal_data.erase(resources, "cleo")

        assert service.client.portal is not None
        told, erased = service.client.portal.call(exported_and_erased)
        assert told == ["I like blue", "I live in Oslo"]
        assert erased["memories"] == 2
        assert cleo.find_memories().items == ()


def test_a_wrong_id_is_refused(service: Service) -> None:
    response = service.client.delete("/v1/memories/x", headers=service.headers(Role.CLIENT))
    assert response.status_code == 422
