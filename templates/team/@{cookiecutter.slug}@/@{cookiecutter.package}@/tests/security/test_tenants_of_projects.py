"""Tenants of a team: projects and their questions are not there for another, and each uses up its own tokens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from ...config.settings import PROJECT
from ...interfaces.project_store import Progress
from ...models.identity import Role
from ...models.messages import new_id
from ...models.pause import QuestionKind
from ...models.project import Project, ProjectStatus
from ...models.questions import Question
from ...models.tables.projects import ProjectQuestionRow
from ...services.team import Team
from ...utils.tenancy import bind_tenant, current_tenant
from ..fixtures.shipped import Shipped, shipped

GOAL = {"goal": "Compare the rules for returns with the warranty"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("tenants")) as service:
        yield service


def admin(service: Shipped, tenant: str) -> dict[str, str]:
    """Return what one sends who may do everything in a tenant."""
    return service.headers(Role.ADMIN, subject="ann", tenant=tenant)


def begin(service: Shipped, tenant: str, **more: str) -> str:
    headers = admin(service, tenant) | {"Prefer": "wait=20"} | more
    response = service.client.post("/v1/projects", json=GOAL, headers=headers)
    assert response.is_success, response.text
    return str(response.json()["id"])


def test_a_project_is_not_there_for_another_tenant(service: Shipped) -> None:
    project_id = begin(service, "acme")
    rival = admin(service, "rival")
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/resume")):
        response = service.client.request(method, f"/v1/projects/{project_id}{path}", headers=rival)
        assert (response.status_code, response.json()["type"]) == (404, "urn:problem:not-found")
    assert service.client.get("/v1/projects", headers=rival).json() == []
    own = service.client.get(f"/v1/projects/{project_id}", headers=admin(service, "acme"))
    assert (own.status_code, "acme" in own.text) == (200, False)
    told = service.client.get(f"/v1/projects/{project_id}/events", headers=admin(service, "acme")).text
    assert "event: answer" in told


def test_the_members_work_for_the_tenant_of_the_project(service: Shipped) -> None:
    begin(service, "workers")
    trail = (service.state_dir / "audit.jsonl").read_text().splitlines()
    ours = [line for line in trail if '"tenant": "workers"' in line]
    assert any('"tools:' in line for line in ours)
    assert any('"projects:run"' in line for line in ours)


def test_keys_of_projects_are_each_tenants_own(service: Shipped) -> None:
    key = {"Idempotency-Key": "order-17"}
    assert begin(service, "acme", **key) == begin(service, "acme", **key) != begin(service, "rival", **key)


def test_a_question_is_not_there_for_another_tenant_and_goes_on_for_its_own(service: Shipped) -> None:
    team = service.container.agent
    assert isinstance(team, Team)
    store = team.projects._store

    async def asked() -> Question:
        bind_tenant("acme")
        project = Project(owner="ann", goal="?", correlation_id="c", status=ProjectStatus.WAITING)
        question = Question(
            project_id=project.id,
            step_id="planning",
            role="coordination",
            kind=QuestionKind.QUESTION,
            text="Which one?",
            due_at=datetime.now(UTC) + timedelta(hours=1),
        )
        token = new_id()
        await store.create(project, token, 60, None)
        await store.save(Progress(project=project, asked=(question,)), token, 60)
        return question

    assert service.client.portal is not None
    question = service.client.portal.call(asked)
    place = f"/v1/questions/{question.id}"
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/answer", {"text": "x"}),
        ("POST", "/refuse", {"why": "x"}),
    ):
        response = service.client.request(method, f"{place}{path}", json=body, headers=admin(service, "rival"))
        assert response.status_code == 404
    listed = {
        tenant: service.client.get("/v1/questions", headers=admin(service, tenant)) for tenant in ("acme", "rival")
    }
    assert [question.id in response.text for response in listed.values()] == [True, False]

    async def overdue() -> str:
        async with service.container.store.transaction() as session:
            late = {"due_at": datetime.now(UTC) - timedelta(seconds=1)}
            await session.execute(update(ProjectQuestionRow).where(ProjectQuestionRow.id == question.id).values(late))
        await team.questions.sweep()
        return current_tenant()

    assert service.client.portal.call(overdue) == "default"
    assert service.client.get(place, headers=admin(service, "acme")).json()["status"] == "expired"


def test_a_tenant_without_tokens_begins_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    quota = {"TENANTS__TIERS__STANDARD__TOKENS_PER_DAY": "1"}
    with shipped(tmp_path_factory.mktemp("poor"), CONFIG_DIR=str(PROJECT / "config"), **quota) as service:
        begin(service, "acme")  # the first one crosses the line
        refused = service.client.post("/v1/projects", json=GOAL, headers=admin(service, "acme"))
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:problem:quota-exceeded")
        assert int(refused.headers["retry-after"]) > 60
        begin(service, "rival")
