"""Evaluations of the whole team against ``evals/projects.yaml``, with a floor for the share of cases that pass.

They run offline with the deterministic models. To judge real ones, configure them for the agents, and put their keys
into the environment: the same cases, the same floor.
"""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
import yaml
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field

from ...config.settings import PROJECT
from ...handlers import projects
from ...models.identity import Role
from ...models.project import ProjectStatus, ProjectView
from ...services.team import build_team
from ..fixtures.service import Service, make_settings, running

REFUSED = 422


class Case(BaseModel):
    """A goal and what its report has to be like."""

    model_config = ConfigDict(extra="forbid")

    name: str
    goal: str
    document: str | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    missing: int = 0
    status: ProjectStatus | str = ProjectStatus.COMPLETED
    refused: bool = False


class Dataset(BaseModel):
    """Cases and the share of them that has to pass."""

    model_config = ConfigDict(extra="forbid")

    floor: float = Field(ge=0, le=1)
    cases: tuple[Case, ...] = Field(min_length=1)


DATASET = Dataset.model_validate(yaml.safe_load((PROJECT / "evals" / "projects.yaml").read_text(encoding="utf-8")))
ATTACKS = [case for case in DATASET.cases if case.refused or case.document]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(make_settings(tmp_path_factory.mktemp("state")), build_team, (projects.router,)) as service:
        yield service


def judged(service: Service, case: Case, folder: Path) -> list[str]:
    """Return what is wrong with the report of a case."""
    if case.document is None:
        return asked(service, case)
    config = copytree(PROJECT / "config", folder / "config", ignore=ignore_patterns("*.md"))
    (config / "documents" / "returns.md").write_text(f"# Returns\n\n{case.document}\n", encoding="utf-8")
    settings = make_settings(folder / "state", config_dir=config)
    with running(settings, build_team, (projects.router,)) as other:
        return asked(other, case)


def asked(service: Service, case: Case) -> list[str]:
    client: TestClient = service.client
    headers = service.headers(Role.CLIENT) | {"Prefer": "wait=30"}
    response = client.post("/v1/projects", json={"goal": case.goal}, headers=headers)
    if response.status_code == REFUSED:
        return [] if case.refused else ["was refused"]
    return problems(case, ProjectView.model_validate(response.json()))


def problems(case: Case, project: ProjectView) -> list[str]:
    """Return what is wrong with a project."""
    answer = project.answer
    if answer is None:
        return [f"has not ended: {project.status}"]
    plain = answer.text.casefold()
    return [
        *(["was not refused"] if case.refused else []),
        *(f"lacks {wanted!r}: {answer.text}" for wanted in case.contains if wanted.casefold() not in plain),
        *(f"contains {unwanted!r}: {answer.text}" for unwanted in case.lacks if unwanted.casefold() in plain),
        *(f"does not cite {source}: {answer.text}" for source in case.cites if source not in answer.sources),
        *([f"is {project.status}"] if case.status not in {project.status, "any"} else []),
        *([f"lacks {answer.missing}"] if case.status != "any" and len(answer.missing) != case.missing else []),
    ]


@pytest.fixture(scope="module")
def found(service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what is wrong with the report of each case."""
    return {case.name: judged(service, case, tmp_path_factory.mktemp("case")) for case in DATASET.cases}


def test_the_share_of_good_reports_is_above_the_floor(found: dict[str, list[str]]) -> None:
    failed = [f"{name}: {'; '.join(wrong)}" for name, wrong in found.items() if wrong]
    assert 1 - len(failed) / len(found) >= DATASET.floor, "\n".join(failed)


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.name)
def test_no_attack_works(found: dict[str, list[str]], case: Case) -> None:
    assert found[case.name] == []


def test_the_judge_notices_what_is_wrong(service: Service) -> None:
    wrong = Case(name="x", goal="The warranty", contains=("moon",), lacks=("warranty",), cites=("x",), missing=2)
    assert len(asked(service, wrong)) == 4
    assert "was not refused" in asked(service, wrong.model_copy(update={"refused": True}))
    attack = next(case for case in DATASET.cases if case.refused)
    assert asked(service, attack.model_copy(update={"refused": False})) == ["was refused"]
