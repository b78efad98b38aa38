"""Projects: begin one, look at it, follow it, cancel it, resume it."""

import hashlib
import re
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from ..exceptions import ConfigurationError
from ..exceptions.projects import ProjectConflictError, ProjectNotFoundError
from ..interfaces.project_store import IdempotencyKey
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.problem import Problem
from ..models.project import ENDED, Project, ProjectRequest, ProjectView
from ..services.container import Container
from ..services.projects import Projects
from ..services.team import Team
from ..utils.correlation import current_correlation_id
from .answers import PROBLEMS
from .errors import PROBLEM_TYPES, ProblemType
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1/projects", tags=["projects"], dependencies=[Depends(authenticated)])

PROBLEM_TYPES[ProjectNotFoundError] = ProblemType("not-found", HTTPStatus.NOT_FOUND)
PROBLEM_TYPES[ProjectConflictError] = ProblemType("conflict", HTTPStatus.CONFLICT)
OF_ONE: dict[int | str, dict[str, object]] = PROBLEMS | {404: {"model": Problem}}
CHANGING = OF_ONE | {409: {"model": Problem}}
STARTED: dict[int | str, dict[str, object]] = {
    202: {"model": ProjectView, "description": "It is being worked on; `Location` says where to look."}
}
WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})\b")
LONGEST_WAIT_SECONDS = 30
MOST_LISTED = 50

Starter = Annotated[Identity, Depends(require(Permission.START))]
Follower = Annotated[Identity, Depends(require(Permission.FOLLOW))]
ProjectId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="Your own key: the same request with the same key begins one project, however often it is sent.",
    ),
]
Prefer = Annotated[
    str | None,
    Header(max_length=200, description="`wait=10` waits up to so many seconds for the end (RFC 7240)."),
]


async def get_projects(container: ContainerDep) -> Projects:
    """Return what the team can do with projects."""
    if isinstance(container.agent, Team):
        return container.agent.projects
    message = "this agent is no team"
    raise ConfigurationError(message)


ProjectsDep = Annotated[Projects, Depends(get_projects)]


@router.post("", responses=STARTED | PROBLEMS)
async def start(  # noqa: PLR0913, PLR0917  # each is a part of the request
    body: ProjectRequest,
    identity: Starter,
    container: ContainerDep,
    projects: ProjectsDep,
    response: Response,
    key: Key = None,
    prefer: Prefer = None,
) -> ProjectView:
    """Begin a project. Wait for its end with `Prefer: wait=…`, follow its events, or look at it again."""
    digest = hashlib.sha256(body.goal.encode()).hexdigest()
    record(container, identity, Permission.START, "requested", digest)
    project = await projects.start(body, identity.subject, IdempotencyKey(key, digest) if key else None)
    if seconds := _wait(prefer):
        response.headers["Preference-Applied"] = f"wait={seconds}"
        await projects.wait(project.id, seconds)
        project = await projects.get(project.id, identity.subject)
    response.headers["Location"] = f"{router.prefix}/{project.id}"
    return _shown(project, response)


@router.get("", responses=PROBLEMS)
async def newest(
    identity: Follower, projects: ProjectsDep, limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20
) -> list[ProjectView]:
    """List your own projects, the newest first."""
    return [ProjectView.of(project) for project in await projects.newest(identity.subject, limit)]


@router.get("/{project_id}", responses=OF_ONE)
async def look(
    project_id: ProjectId, identity: Follower, container: ContainerDep, projects: ProjectsDep
) -> ProjectView:
    """Tell how far a project has come."""
    return ProjectView.of(await of_caller(project_id, identity, container, projects))


@router.post("/{project_id}/cancel", responses=CHANGING)
async def cancel(
    project_id: ProjectId, identity: Follower, container: ContainerDep, projects: ProjectsDep, response: Response
) -> ProjectView:
    """Stop working on a project. What is done stays done, and it can be resumed."""
    record(container, identity, "projects:cancel", "requested", project_id)
    return _shown(await projects.cancel(project_id, owner_filter(identity)), response)


@router.post("/{project_id}/resume", responses=STARTED | CHANGING)
async def resume(
    project_id: ProjectId, identity: Follower, container: ContainerDep, projects: ProjectsDep, response: Response
) -> ProjectView:
    """Go on with a project that was interrupted or cancelled, or try again what failed. What is done stays done."""
    record(container, identity, "projects:resume", "requested", project_id)
    return _shown(await projects.resume(project_id, owner_filter(identity)), response)


async def of_caller(project_id: str, identity: Identity, container: Container, projects: Projects) -> Project:
    """Return a project that the caller may see; looking at somebody else's is written down.

    Raises:
        ProjectNotFoundError: There is none, or it is not for the caller.
    """
    project = await projects.get(project_id, owner_filter(identity))
    if project.owner != identity.subject:
        record(container, identity, Permission.MANAGE, "looked at", project_id)
    return project


def owner_filter(identity: Identity) -> str | None:
    """Return whose projects the caller may see: only its own, or everybody's."""
    return None if identity.may(Permission.MANAGE) else identity.subject


def record(container: Container, identity: Identity, action: str, outcome: str, digest: str) -> None:
    """Write down what is about to be done; when that fails it is not done."""
    container.audit.record(
        AuditEntry(
            action=action,
            subject=identity.subject,
            outcome=outcome,
            correlation_id=current_correlation_id(),
            digest=digest,
        )
    )


def _shown(project: Project, response: Response) -> ProjectView:
    response.status_code = HTTPStatus.OK if project.status in ENDED else HTTPStatus.ACCEPTED
    return ProjectView.of(project)


def _wait(prefer: str | None) -> int:
    found = WAIT.search(prefer or "")
    return min(int(found.group(1)), LONGEST_WAIT_SECONDS) if found else 0
