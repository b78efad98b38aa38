"""What this kind of service has around its agent: built once, started after the agent and stopped before it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from ..config.secrets import encryption_keys, signing_key
from ..exceptions import AgentError
from ..interfaces.bus import EventBus
from ..models.identity import Role
from ..utils.encryption import Cipher
from ..utils.kind_metrics import QUEUES
from ..utils.tenancy import current_tenant
from .agent_records import AgentRecords
from .announcing import Announcer
from .authentication import TokenService
from .container import Container
from .gathering import Gatherer, gather_policy
from .http_peers import HttpPeers, TokenMaker
from .messaging import Messaging, build_messaging
from .own_entry import OwnEntry
from .periodic import Periodic
from .places import Places
from .registry import AgentRegistry
from .service_tools import TOOLS, Operations
from .submissions import SubmissionHandler
from .task_records import TaskRecords
from .tasks import TaskHandler, TaskService
from .tools import ToolCaller
from .workers import Workers, WorkPolicy

PEER_TOKEN_LIFETIME = timedelta(minutes=1)
SUBMISSION_SECONDS = 10.0
EXPIRE_SECONDS = 5.0
RECOVER_SECONDS = 30.0
SAMPLE_SECONDS = 10.0
FORGET_SECONDS = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The parts that handlers use, and those that work by themselves."""

    bus: EventBus
    gatherer: Gatherer
    messaging: Messaging
    registry: AgentRegistry
    tasks: TaskService
    tools: ToolCaller[Operations]
    own_entry: OwnEntry
    peers: HttpPeers
    streams: Places
    workers: tuple[Workers, ...]


@asynccontextmanager
async def exchange(container: Container) -> AsyncIterator[Exchange]:
    """Run the parts: at the end no more messages are taken, those that are worked on are finished, all is closed."""
    parts = build_exchange(container)
    jobs = Periodic(container.metrics)
    await parts.bus.start()
    _start_jobs(parts, jobs, container)
    for workers in parts.workers:
        workers.start()
    try:
        yield parts
    finally:
        container.lifecycle.drain()
        left = container.lifecycle.left(container.settings.drain_timeout)
        await asyncio.gather(*(workers.stop(left) for workers in parts.workers))
        await jobs.stop()
        with suppress(AgentError):  # then it expires
            await parts.own_entry.remove()
        await parts.messaging.close()
        await parts.peers.close()


def build_exchange(container: Container) -> Exchange:
    """Return the parts, wired; nothing is started.

    Raises:
        ConfigurationError: The settings make no sense.
    """
    limits, metrics = container.settings.limits, container.metrics
    messaging = build_messaging(container.settings, metrics)
    announcer = Announcer(messaging.bus, metrics)
    registry = AgentRegistry(AgentRecords(container.store), announcer, limits.heartbeat_ttl, limits.agent_hosts)
    records = TaskRecords(container.store, Cipher(encryption_keys(container.settings)))
    tasks = TaskService(records, messaging.tasks, announcer, limits.task_backlog, TOOLS)
    policy = WorkPolicy(workers=limits.task_workers, attempts=limits.task_attempts, timeout=limits.task_timeout)
    peers = HttpPeers(container.agent, _token_maker(container), limits.agent_hosts)
    gatherer = Gatherer(
        registry,
        peers,
        gather_policy(limits.retries, limits.breaker_threshold, limits.breaker_cooldown),
        limits.gather_concurrency,
        metrics,
    )
    operations = Operations(agent=container.agent, gatherer=gatherer, registry=registry, tasks=tasks)
    handlers = (
        TaskHandler(
            records=records,
            agent=container.agent,
            tools=ToolCaller(TOOLS, operations, container.audit, metrics, limits.task_timeout),
            policy=policy,
            announcer=announcer,
            audit=container.audit,
            metrics=metrics,
        ),
        SubmissionHandler(tasks, container.tokens, container.admission, container.audit),
    )
    policies = (policy, WorkPolicy(workers=1, attempts=limits.task_attempts, timeout=SUBMISSION_SECONDS))
    queues = (messaging.tasks, messaging.submissions)
    return Exchange(
        bus=messaging.bus,
        gatherer=gatherer,
        messaging=messaging,
        registry=registry,
        tasks=tasks,
        tools=ToolCaller(TOOLS, operations, container.audit, metrics, limits.tool_timeout),
        own_entry=OwnEntry(registry, container.lifecycle),
        peers=peers,
        streams=Places(limits.status_streams, container.lifecycle, metrics.connections),
        workers=tuple(
            Workers(
                name=name,
                queue=queue,
                handler=handler,
                policy=how,
                lifecycle=container.lifecycle,
                metrics=metrics,
            )
            for name, queue, handler, how in zip(QUEUES, queues, handlers, policies, strict=True)
        ),
    )


def _token_maker(container: Container) -> TokenMaker:
    """Return what signs tokens for other agents: each is good for that agent alone, and not for long."""
    settings = container.settings
    key = signing_key(settings)

    def make(subject: str, audience: str) -> str:
        service = TokenService(key, issuer=settings.jwt_issuer, audience=audience)
        return service.issue(subject, [Role.CLIENT], PEER_TOKEN_LIFETIME, current_tenant())

    return make


def _start_jobs(parts: Exchange, jobs: Periodic, container: Container) -> None:
    limits = container.settings.limits
    at_start = True

    async def recover() -> None:
        nonlocal at_start
        await parts.tasks.recover(at_start=at_start)
        at_start = False

    async def sample() -> None:
        for status, number in (await parts.registry.count()).items():
            container.metrics.registered.labels(status).set(number)
        container.metrics.messaging_up.set(await parts.messaging.up())
        for name, queue in zip(QUEUES, (parts.messaging.tasks, parts.messaging.submissions), strict=True):
            for state, number in vars(await queue.depth()).items():
                container.metrics.queue_depth.labels(name, state).set(number)

    jobs.start("own_entry", parts.own_entry.refresh, limits.heartbeat_ttl / 3)
    jobs.start("expire", parts.registry.expire, EXPIRE_SECONDS)
    jobs.start("recover", recover, RECOVER_SECONDS)
    jobs.start("sample", sample, SAMPLE_SECONDS)
    jobs.start("backlog", parts.tasks.count_unfinished, SAMPLE_SECONDS)
    jobs.start("forget", parts.registry.forget, FORGET_SECONDS)
