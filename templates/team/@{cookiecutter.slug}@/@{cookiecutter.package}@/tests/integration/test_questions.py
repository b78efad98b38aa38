"""Questions of projects through the public surface, on the real store, with the offline models."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ...config.settings import Settings
from ...handlers import project_events, projects, questions
from ...models.identity import Role
from ...models.messages import new_id
from ...models.tables.projects import ProjectQuestionRow
from ...services.agent import build_agent
from ...services.team import Team, build_team
from ..fixtures.service import Service, make_settings, running
from ..fixtures.store import store_place

UNCLEAR = {"goal": "Compare them"}
MEANT = {"text": "returns and the warranty"}
PROJECTS, QUESTIONS = "/v1/projects", "/v1/questions"
ROUTERS = (projects.router, project_events.router, questions.router)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    state = tmp_path_factory.mktemp("state")
    return make_settings(state, store=store_place(state))


@pytest.fixture(scope="module")
def service(shared: Settings) -> Iterator[Service]:
    with running(shared, build_team, ROUTERS) as service:
        yield service


@pytest.fixture
def who() -> str:
    """Return somebody that no other test knows."""
    return f"somebody-{new_id()}"


def call(service: Service, path: str, body: object = None, *, who: str, role: Role = Role.CLIENT) -> tuple[int, Any]:
    headers = service.headers(role, subject=who) | {"Prefer": "wait=30"}
    response = service.client.request("GET" if body is None else "POST", path, json=body, headers=headers)
    text = response.text
    return response.status_code, json.loads(text) if text.startswith(("{", "[")) else text


def asked(service: Service, who: str) -> tuple[str, dict[str, Any]]:
    """Return a project that waits, and its question."""
    status, project = call(service, PROJECTS, UNCLEAR, who=who)
    assert (status, project["status"]) == (202, "waiting")
    ((question,), code) = call(service, QUESTIONS, who=who)[::-1]
    assert (code, project["waits_for"]) == (200, [question["id"]])
    return project["id"], question


def ended(service: Service, project_id: str, who: str) -> dict[str, Any]:
    """Return a project when nobody works on it any more."""
    call(service, f"{PROJECTS}/{project_id}/events", who=who)
    project: dict[str, Any] = call(service, f"{PROJECTS}/{project_id}", who=who)[1]
    return project


def test_an_unclear_goal_is_asked_about_and_done_as_it_was_meant(service: Service, shared: Settings, who: str) -> None:
    project_id, question = asked(service, who)
    assert (question["kind"], question["text"]) == ("question", "What is meant by 'them'?")
    assert (question["role"], question["status"]) == ("coordination", "open")
    told = call(service, f"{PROJECTS}/{project_id}/events", who=who)[1]
    assert "event: question\n" in told
    assert told.endswith("event: done\ndata: {}\n\n")
    status, settled = call(service, f"{QUESTIONS}/{question['id']}/answer", MEANT, who=who)
    assert (status, settled["status"], settled["answer"]) == (200, "answered", MEANT["text"])
    project = ended(service, project_id, who)
    assert (project["status"], project["waits_for"]) == ("completed", [])
    assert project["answer"]["sources"] == ["returns", "warranty"]
    assert call(service, QUESTIONS, who=who) == (200, [])
    assert call(service, f"{QUESTIONS}/{question['id']}", who=who)[1]["answer"] == MEANT["text"]
    lines = [json.loads(line) for line in (shared.state_dir / "audit.jsonl").read_text().splitlines()]
    mine = [(line["action"], line["outcome"]) for line in lines if line["subject"] == who]
    assert mine.count(("projects:decide", "answered")) == 1
    assert mine.count(("projects:question", "answered")) == 1
    assert not [line for line in lines if "warranty" in json.dumps(line)]


def test_a_refusal_lets_it_do_what_it_can(service: Service, who: str) -> None:
    project_id, question = asked(service, who)
    assert call(service, f"{QUESTIONS}/{question['id']}/refuse", {"why": "You should know"}, who=who)[0] == 200
    assert ended(service, project_id, who)["status"] == "failed"  # "them" is in no document


def test_of_two_answers_at_the_same_time_one_holds(service: Service, who: str) -> None:
    project_id, question = asked(service, who)
    path = f"{QUESTIONS}/{question['id']}/answer"
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(call, service, path, MEANT, who=who) for _ in range(2)]
        assert sorted(answer.result()[0] for answer in answers) == [200, 409]
    assert call(service, path, MEANT, who=who)[1]["type"] == "urn:problem:conflict"
    project = ended(service, project_id, who)
    assert (project["status"], project["runs"]) == ("completed", 2)


def test_only_the_owner_and_administrators_may_answer(service: Service, who: str) -> None:
    _, question = asked(service, who)
    path = f"{QUESTIONS}/{question['id']}"
    for role, code in ((Role.CLIENT, 404), (Role.OPERATOR, 403)):
        for where, body in ((path, None), (f"{path}/answer", MEANT), (f"{path}/refuse", {})):
            assert call(service, where, body, who="somebody else", role=role)[0] == code
    assert call(service, f"{QUESTIONS}/{new_id()}", who=who)[0] == 404
    everybodys = call(service, QUESTIONS, who="root", role=Role.ADMIN)[1]
    assert question["id"] in {one["id"] for one in everybodys}
    assert call(service, f"{path}/answer", MEANT, who="root", role=Role.ADMIN)[0] == 200


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"text": "x" * 4_001}, {"text": "a", "more": 1}])
def test_a_wrong_answer_is_refused_and_the_question_stays(service: Service, who: str, body: dict[str, object]) -> None:
    _, question = asked(service, who)
    assert call(service, f"{QUESTIONS}/{question['id']}/answer", body, who=who)[0] == 422
    assert len(call(service, QUESTIONS, who=who)[1]) == 1


def test_it_waits_over_a_restart_and_for_no_longer_than_its_deadline(settings: Settings) -> None:
    with running(settings, build_team, ROUTERS) as service:
        (answered, question), (forgotten, other) = asked(service, "ann"), asked(service, "bob")
    with running(settings, build_team, ROUTERS) as service:
        assert call(service, f"{PROJECTS}/{answered}", who="ann")[1]["status"] == "waiting"
        assert call(service, f"{QUESTIONS}/{question['id']}/answer", MEANT, who="ann")[0] == 200
        assert ended(service, answered, "ann")["status"] == "completed"
        past = update(ProjectQuestionRow).where(ProjectQuestionRow.id == other["id"])

        async def hurry() -> None:
            async with service.container.store.transaction() as session:
                await session.execute(past.values(due_at=datetime.now(UTC) - timedelta(seconds=1)))

        assert service.client.portal is not None
        service.client.portal.call(hurry)
        assert isinstance(service.container.agent, Team)
        service.client.portal.call(service.container.agent.questions.sweep)
        assert ended(service, forgotten, "bob")["status"] == "failed"  # "them" is in no document
        assert call(service, f"{QUESTIONS}/{other['id']}", who="bob")[1]["status"] == "expired"


def test_an_agent_that_is_no_team_says_so(settings: Settings) -> None:
    with running(settings, build_agent, ROUTERS) as service:
        assert call(service, QUESTIONS, who="ann")[0] == 500
