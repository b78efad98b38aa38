"""Projects: begun, looked at, cancelled, resumed; each is worked on by a task of its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
from opentelemetry import trace

from ..exceptions import AgentError, OverloadedError, ResourceError, ShuttingDownError, StoreError
from ..exceptions.projects import LeaseLostError, ProjectConflictError, ProjectNotFoundError
from ..interfaces.project_store import IdempotencyKey
from ..models.messages import ProjectCancelled, ProjectInterrupted, QuestionSettled, new_id, project_address
from ..models.project import ENDED, Project, ProjectRequest, ProjectStatus
from ..models.project_events import NumberedEvent
from ..utils.correlation import current_correlation_id
from ..utils.tenancy import bind_tenant
from .coordinator import Coordinator, Office
from .desk import Desk
from .signals import set_within

logger = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)

POLL_SECONDS = 1.0
"""How often those who wait look for what another process did."""
RENEWALS_PER_LEASE = 3
STILL = frozenset({ProjectStatus.INTERRUPTED, ProjectStatus.WAITING})
CLOSING_SECONDS = 5.0
"""How long what runs may take to stop in good order."""


class Projects:
    """Everything that can be done with projects.

    Args:
        office: What all runs share.
        desks: Where the members work.
        check_goal: Raises ``SuspiciousInputError`` at a goal that reads like an attack.
    """

    def __init__(self, office: Office, desks: Iterable[Desk], check_goal: Callable[[str], object]) -> None:
        self._office = office
        self._store = office.store
        self._desks = tuple(desks)
        self._check_goal = check_goal
        self._serving: list[asyncio.Task[None]] = []
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._beginning = 0
        self._closing = False

    async def open(self) -> None:
        """Let the members take their places."""
        self._serving = [asyncio.create_task(desk.serve()) for desk in self._desks]

    async def close(self) -> None:
        """Interrupt what runs; it can be resumed at once, here or elsewhere."""
        self._closing = True
        runs = list(self._runs.values())
        for project_id in list(self._runs):
            await self._tell(ProjectInterrupted, project_id)
        if runs:
            await asyncio.wait(runs, timeout=CLOSING_SECONDS)
        tasks = [*runs, *self._serving]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def start(self, request: ProjectRequest, owner: str, key: IdempotencyKey | None = None) -> Project:
        """Begin a project; with a key that was used before, return the project that it began then.

        Raises:
            SuspiciousInputError: The goal reads like an attack.
            IdempotencyError: The key was used before, for another request.
            QuotaExceededError: The tenant has no tokens left.
            OverloadedError: This process works on as many projects as it may.
            StoreError: It cannot be kept.
        """
        self._check_goal(request.goal)
        await self._office.quotas.check_quota()
        with self._place():
            project = Project(owner=owner, goal=request.goal, correlation_id=current_correlation_id())
            token = new_id()
            kept = await self._store.create(project, token, self._office.limits.project_lease, key)
            if kept.id == project.id:
                await self._begin(kept, token)
        return kept

    async def get(self, project_id: str, owner: str | None) -> Project:
        """Return a project.

        Args:
            project_id: Which one.
            owner: Whose it has to be; ``None`` for anybody's.

        Raises:
            ProjectNotFoundError: There is none, or it is somebody else's.
        """
        project = await self._store.get(project_id)
        if project is None or owner not in {None, project.owner}:
            raise ProjectNotFoundError
        return project

    async def newest(self, owner: str, limit: int) -> Sequence[Project]:
        """Return the newest projects of an owner."""
        return await self._store.owned_by(owner, limit)

    async def resume(self, project_id: str, owner: str | None) -> Project:
        """Go on with a project that was interrupted or cancelled, or try again what failed; what is done stays done.

        Raises:
            ProjectNotFoundError: There is none, or it is somebody else's.
            ProjectConflictError: It is being worked on, waits for an answer, or is completed.
            OverloadedError: This process works on as many projects as it may.
        """
        await self.get(project_id, owner)
        with self._place():
            token = new_id()
            taken = await self._store.take_over(project_id, token, self._office.limits.project_lease)
            project = taken.again()
            await self._begin(project, token)
        return project

    async def go_on(self, project_id: str) -> None:
        """Go on with a project that waited for a person: those who work on it are told, or it is taken up here.

        Raises:
            ProjectConflictError: Another process took it up, or it does not wait any more.
            OverloadedError: This process works on as many projects as it may; it is taken up later.
        """
        if project_id in self._runs:
            await self._tell(QuestionSettled, project_id)
        else:
            await self._take_up(project_id)

    async def _take_up(self, project_id: str) -> None:
        with self._place():
            token, lease = new_id(), self._office.limits.project_lease
            taken = await self._store.take_over(project_id, token, lease, {ProjectStatus.WAITING})
            await self._begin(taken.going_on(), token)

    async def cancel(self, project_id: str, owner: str | None) -> Project:
        """Stop working on a project, wherever it runs; it may take a moment until it has ended.

        Raises:
            ProjectNotFoundError: There is none, or it is somebody else's.
            ProjectConflictError: It is over already.
        """
        project = await self.get(project_id, owner)
        if project.status in ENDED:
            message = f"The project is {project.status} already."
            raise ProjectConflictError(message)
        if project.status not in STILL or not await self._cancelled_here(project_id):
            await self._store.request_cancel(project_id)
            await self._tell(ProjectCancelled, project_id)
            await self.wait(project_id, POLL_SECONDS)
        return await self.get(project_id, owner)

    async def _cancelled_here(self, project_id: str) -> bool:
        """Cancel a project that nobody works on; return whether that was still so."""
        token, lease = new_id(), self._office.limits.project_lease
        try:
            taken = await self._store.take_over(project_id, token, lease, STILL)
        except ProjectConflictError:
            return False
        await Coordinator(taken.again(), token, self._office).cancel()
        return True

    async def wait(self, project_id: str, seconds: float) -> None:
        """Wait until nobody in this process works on a project, so many seconds at most."""
        task = self._runs.get(project_id)
        if task is not None:
            await asyncio.wait([task], timeout=seconds)

    async def events(self, project_id: str, after: int = 0) -> AsyncGenerator[NumberedEvent | None, None]:
        """Return the events after that number until nobody works on the project; nothing while nothing happens."""
        while True:
            changed = self._office.signals.of(project_id)
            project = await self._store.get(project_id)  # asked first, so that no event comes after the last look
            for event in await self._store.events(project_id, after):
                yield event
                after = event.number
            if project is None or project.status is not ProjectStatus.RUNNING:
                return
            if not await set_within(changed, POLL_SECONDS):
                yield None

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold a place for a project until it has begun."""
        if self._closing:
            message = "The service is shutting down."
            raise ShuttingDownError(message)
        if len(self._runs) + self._beginning >= self._office.limits.max_projects:
            message = "As many projects as allowed are being worked on."
            raise OverloadedError(message)
        self._beginning += 1
        try:
            yield
        finally:
            self._beginning -= 1

    async def _begin(self, project: Project, token: str) -> None:
        if self._closing:  # since it was asked for: another process can go on with it at once
            await self._store.release(project.id, token)
            return
        task = self._runs[project.id] = asyncio.create_task(self._run(project, token))
        task.add_done_callback(lambda _: self._forget(project.id, task))

    def _forget(self, project_id: str, task: "asyncio.Task[None]") -> None:
        if self._runs.get(project_id) is task:  # and not the one that goes on with it
            del self._runs[project_id]

    async def _run(self, project: Project, token: str) -> None:
        structlog.contextvars.bind_contextvars(
            correlation_id=project.correlation_id, subject=project.owner, project_id=project.id
        )  # the task has a context of its own
        bind_tenant(project.tenant)
        metrics, about = self._office.metrics, {"project_id": project.id}
        status = ProjectStatus.INTERRUPTED
        async with self._leased(project, token):
            try:
                with (
                    metrics.projects_running.track_inprogress(),
                    tracer.start_as_current_span("project.run", attributes=about),
                ):
                    status = await Coordinator(project, token, self._office).run()
            except Exception as error:  # noqa: BLE001  # it can be resumed; the other projects go on
                metrics.errors.labels(type(error).__name__).inc()
                metrics.projects.labels(ProjectStatus.INTERRUPTED).inc()
                write = logger.warning if isinstance(error, AgentError) else logger.exception
                write("project_interrupted", error_type=type(error).__name__, detail=str(error))
        if status is ProjectStatus.WAITING:
            await self._look_again(project.id)

    async def _look_again(self, project_id: str) -> None:
        """Go on at once with a project that was answered while its run was ending."""
        with suppress(ProjectConflictError, ResourceError, StoreError):
            if await self._office.questions.settled(project_id):
                await self._take_up(project_id)

    @asynccontextmanager
    async def _leased(self, project: Project, token: str) -> AsyncIterator[None]:
        """Keep the lease while the context lasts, and give it back."""
        over = asyncio.Event()
        renewing = asyncio.create_task(self._renew(project.id, token, over))
        try:
            yield
        finally:
            over.set()
            await renewing  # cancelled in the middle of a transaction it would leave the store locked
            with suppress(StoreError):
                await self._store.release(project.id, token)
            self._office.signals.notify(project.id)

    async def _renew(self, project_id: str, token: str, over: asyncio.Event) -> None:
        """Keep the lease until the run is over, and hear of what other processes were told."""
        lease = self._office.limits.project_lease
        while not await set_within(over, lease / RENEWALS_PER_LEASE):
            try:
                if await self._store.renew(project_id, token, lease):
                    await self._tell(ProjectCancelled, project_id)
            except LeaseLostError:
                await self._tell(ProjectInterrupted, project_id)
                return
            except StoreError:
                continue  # it may be back before the lease is over

    async def _tell(
        self, message: type[ProjectCancelled | ProjectInterrupted | QuestionSettled], project_id: str
    ) -> None:
        await asyncio.sleep(0)  # what was begun just now can be told, too
        address, correlation_id = project_address(project_id), current_correlation_id()
        await self._office.mailbox.send(
            message(project_id=project_id, sender=address, receiver=address, correlation_id=correlation_id)
        )
