"""The client's projects, from the service itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...client import Client
from ...exceptions.client import ConflictError, NotFoundError
from ...handlers import project_events, projects
from ...models.identity import Role
from ...models.messages import new_id
from ...models.project import ProjectStatus
from ...services.team import build_team
from ..fixtures.service import make_settings, running

GOAL = "Compare the rules for returns with the warranty"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running(make_settings(tmp_path), build_team, (projects.router, project_events.router)) as service:
        token = service.container.tokens.issue("ann", [Role.CLIENT])
        with Client("http://testserver", token, transport=service.client._transport) as client:
            yield client


def test_a_project_is_begun_followed_and_looked_at(client: Client) -> None:
    begun = client.start_project(GOAL, idempotency_key="one")
    assert client.start_project(GOAL, idempotency_key="one").id == begun.id
    with client.follow_project(begun.id) as events:
        told = list(events)
    assert [event.number for event in told] == list(range(1, len(told) + 1))
    with client.follow_project(begun.id, last_event_id=told[-2].number) as events:
        assert list(events) == told[-1:]
    ended = client.look_at_project(begun.id)
    assert (ended.status, ended.answer is not None) == (ProjectStatus.COMPLETED, True)
    assert [one.id for one in client.newest_projects(limit=5)] == [begun.id]
    assert client.start_project(GOAL, wait=30).status is ProjectStatus.COMPLETED


def test_what_cannot_be_done_is_a_typed_error(client: Client) -> None:
    ended = client.start_project(GOAL, wait=30)
    with pytest.raises(ConflictError):
        client.resume_project(ended.id)
    with pytest.raises(NotFoundError):
        client.cancel_project(new_id())
