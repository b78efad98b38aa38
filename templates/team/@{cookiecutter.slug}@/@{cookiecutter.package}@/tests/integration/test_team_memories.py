"""The team remembers through its answering agent."""

from pathlib import Path

from ...client import Client
from ...config.memory import MemoryConfig
from ...handlers import memories
from ...models.identity import Role
from ...services.team import build_team
from ..fixtures.service import make_settings, running


def test_what_the_answering_agent_remembers_is_told_and_forgotten(tmp_path: Path) -> None:
    settings = make_settings(tmp_path).model_copy(update={"memory": MemoryConfig(enabled=True)})
    with running(settings, build_team, (memories.router,)) as service:
        token = service.container.tokens.issue("ann", [Role.CLIENT])
        with Client("http://testserver", token, transport=service.client._transport) as client:
            client.ask("Remember that I like blue")
            assert [kept.text for kept in client.find_memories().items] == ["I like blue"]
            client.forget_all()
            assert client.find_memories().items == ()
