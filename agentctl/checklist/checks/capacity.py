"""PF: work side by side, and bounds on what it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.logs import is_log
from agentctl.checklist.facts.model import CUT, TIMES, Call, Function, Mention
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"}
_OWN_BOUND = re.compile(
    r"(^|[._?])max_\w*(concurren\w*|parallel\w*|workers|units|calls|in_flight|tasks|processes|threads|actors|jobs)"
    r"|(concurrency|parallelism)_limit$"
    r"|^\?_?(num|n|number_of)_(\w+_)?(workers|consumers|threads|processes|actors)$|^\?(\w*concurrency|workers)$"
    r"|^\?(worker|consumer|thread)s?_?(count|num)$",
    re.IGNORECASE,
)
_OWN_SIZE = re.compile(
    r"(^|[._?])max_?\w*(size|bytes|length|len|chars?|content|tokens|words|uploads?|queue|files|pages|messages)\w*$"
    r"|(size|length|token|upload|file)_limit$|^\?cut:\d",
    re.IGNORECASE,
)
_CHART = re.compile(r"^[ ]*limits:[ ]*\n(?:[ ]*(?:#.*|cpu:.*)?\n)*[ ]+memory:[ ]*\S", re.MULTILINE)
_BODY = re.compile(
    r"(proxy-body-size|client_max_body_size|maxRequestBodyBytes|maxUploadSize|--limit-concurrency|--max-request-size)"
    r"[\"']?[ :=\t]+[\"']?[1-9]"
)  # what a server or a gateway before it takes in
_FLY = re.compile(r"^\s*(memory|memory_mb|size)\s*=\s*\S", re.MULTILINE)
_CLOUD = re.compile(r"AWS::(?:.*\n)*?.*\bMemory(?:Size)?[\"']?:[ ]*\S|^\s*memorySize:\s*\d", re.MULTILINE)
_MEMORY = {
    ".tf": re.compile(r"^\s*(memory|cpu|memory_size|memory_limit|mem_limit)\s*=\s*\S", re.MULTILINE),
    ".bicep": re.compile(r"^\s*resources:\s*\{[^{}]*\bmemory:\s*\S", re.MULTILINE),
    ".template": _CLOUD, ".yaml": _CLOUD, ".yml": _CLOUD,
    ".ts": re.compile(r"\b(memorySize|memoryLimitMiB|memoryReservationMiB):\s*\S"),
}  # fmt: skip
_WORKERS_GIVEN = (
    "max_concurrency", "max_concurrent_activities", "max_concurrent_workflow_tasks", "worker_concurrency", "max_jobs",
    "num_workers",
)  # fmt: skip
_POOLED = ("max_workers", "processes", "workers", "max_at_once", "n_jobs", "num_threads")
_BATCHING = (
    "abatch", "batch", "executemany", "bulk_create", "bulk_update", "bulk_insert_mappings", "bulk_save_objects",
    "insert_many", "bulk_write", "add_all", "streaming_bulk", "batch_writer", "batch_upsert", "bulk_insert",
)  # fmt: skip
_STEPPED = re.compile(rf"{re.escape(TIMES)}\w*(batch|chunk)_?size$")
_OWN_BATCH = re.compile(r"(^|_)(in_)?batch(es|ed)?(_|$)")
_CUTTING = re.compile(r"_*(get_|make_|iter_|create_|split_in(to)?_)?(chunk|batch)(s|es|ed)?(_list|_items)?$")
_AT_ONCE = b"max_concurrency"  # among the keys of LangChain's configuration
_CELERY = re.compile(r"\bcelery\b[^\n#]*\bworker\b[^\n#]*\s(--concurrency|-c|--autoscale)[ =\"',]+\d")
_WORKER = re.compile(
    r"(\bdramatiq|\btaskiq worker|\bprocrastinate worker|\bhuey_consumer\S*|[a-z]-worker)[ \"'][^\n#]*"
    r"--(concurrency|max-tasks|max-jobs|max-async-tasks|processes|workers)[ =\"',]+(\d|\$\{\w+:-\d)"
)
_OF_CACHES = ("functools", "cachetools", "async_lru", "diskcache", "aiocache")  # bound what is remembered, no payload
_SIZE = {"max_length", "max_size", "maxsize", "max_bytes", "max_content_length", "client_max_size", "max_items",
         "max_upload_size", "limit_max_requests", "limit_concurrency", "maxmemory"}  # fmt: skip


def pf03(facts: Facts, _ships: Ships) -> Answer:
    """Is work batched or run concurrently under a bound where it can be?

    Why: guide 0 "Batch Processing", guide 2 "parallel processing", guide 4 "gather".
    Counts: gather, task groups, pools and queues with workers in the shipped code beside a semaphore, a number of
    workers or a limit of its own that is compared, gone through or handed over; what is gathered batch by batch;
    LangChain's batches with ``max_concurrency``; workers of Celery and the like that a command starts with a
    concurrency.
    Does not count: async functions alone. Without any bound all of it warns, and so do batches, blocking calls that are
    moved to threads, and tasks that are left to a queue.
    Closed: never.
    Mend: gather under an asyncio.Semaphore whose size is a setting.
    """
    made = [c for c in facts.called(*frameworks.CONCURRENT) if c.name in frameworks.CONCURRENT]
    used = [c for c in made if not _is_single(c)]
    used += [c for c in facts.called("asyncio.create_task", "asyncio.ensure_future") if c.loop]
    queued = facts.used(frameworks.TASK_QUEUES)
    asked = [c for c in facts.ending("batch", "abatch") if _is_configured(c)]
    bounded = [*facts.called_as(*frameworks.CONCURRENCY_BOUNDS), *_numbered(facts, used), *asked]
    used += asked
    if (used or queued) and bounded:
        return passed("work runs side by side under a bound", [*places(used[:3]), *queued[:2], *places(bounded[:2])])
    started = [Location(path=path) for path, text in facts.tree.plain.items() if queued and _CELERY.search(text)]
    if used or queued:
        started += [Location(path=path) for path, text in facts.beside.items() if _WORKER.search(text)]
    if started:
        return passed("tasks are left to workers, of which a number runs at once", [*queued[:2], *started])
    if used:
        return weak("work runs side by side, but nothing bounds how much", "gather under a semaphore", places(used))
    moved = [*facts.called(*frameworks.TO_THREADS), *facts.ending("run_in_executor"), *filter(_is_single, made)]
    halves = {
        "tasks are left to a queue, and nothing says how many run at once": queued,
        "only batches are made": places(_batches(facts)),
        "blocking calls are moved to threads; nothing of its own runs side by side": places(moved),
    }
    for why, found in halves.items():
        if found:
            return weak(why, "gather what is independent, under a semaphore", found)
    return unknown("nothing runs side by side or in batches", "gather what is independent, under a semaphore")


def pf04(facts: Facts, _ships: Ships) -> Answer:
    """Are resources bounded: memory, CPU, queue, message and payload sizes?

    Why: guide 0 "Resource usage", guides 1 and 2.
    Counts: limits of every container in Kubernetes or of the built services in compose, memory in a chart's values,
    in manifests that are templates, Terraform, Bicep, CloudFormation, CDK or a hosting platform's file; sizes of
    messages, payloads and queues that the shipped code sets, compares with or cuts at, and of bodies that the server or
    the gateway before it takes in.
    Does not count: requests without limits; a client's defaults; a few letters that are cut for a log. Rows that SQL
    limits and tokens of an answer alone warn.
    Closed: where Kubernetes workloads stand in the tree and not one container has a limit.
    Mend: set resources.limits, a maximum size of a body, and bound each queue.
    """
    containers = [(path, c) for path, body in facts.objects if body["kind"] in _WORKLOADS for c in _containers(body)]
    limited = [path for path, c in containers if _has_limits(c)]
    built = [(path, service) for path, _name, service in facts.services if "build" in service]
    held = [path for path, service in built if _is_held(service)]
    sizes: list[Call | Mention] = [
        c
        for c in facts.given(*_SIZE)
        if not is_log(c.raw)
        and not frameworks.is_one_of(c.name, _OF_CACHES)
        and any(_is_size(word, value) for word, value in c.keywords.items())
    ]
    sizes += [m for module in facts.shipped for m in module.compared if _OWN_SIZE.search(m.name)]
    tasks = [path for path, text in facts.beside.items() if _gives_memory(path, text)]
    if containers and not limited:
        return failed(f"none of {counted(containers, 'container')} has a limit", "set resources.limits",
                      [Location(path=path) for path, _c in containers])  # fmt: skip
    manifests = [Location(path=path) for path in dict.fromkeys([*limited, *held, *tasks])]
    bodies = [Location(path=path) for path, text in facts.beside.items() if _is_run(path) and _BODY.search(text)]
    whole = len(limited) == len(containers) and (not built or len(held) == len(built) or bool(containers))
    taken = [*bodies, *places(sizes)]
    if manifests and whole and taken:
        return passed("containers and what they take in are bounded", [*manifests[:3], *taken])
    if manifests or taken:
        told = "sizes are bounded in the code, no container is" if sizes else "bodies are bounded, no container is"
        what = "containers are bounded" if manifests else told
        words = "some containers have no limit" if manifests and taken else what
        hint = "bound memory and CPU, and the size of bodies and queues"
        return weak(words, hint, [*manifests, *taken])
    answers = [m for module in facts.shipped for m in module.compared if m.name == f"{CUT}LIMIT"]
    given = [call for call in facts.given(*frameworks.TOKEN_CAPS) if not is_log(call.raw)]
    if answers or given:
        what = "the rows of some queries are" if answers else "only the tokens of a model's answer are"
        return weak(f"{what} bounded, nothing else is", "bound memory and CPU, and the size of bodies and queues",
                    places([*answers, *given]))  # fmt: skip
    return unknown("no bound on memory, CPU, queues or payloads was found", "set limits in the manifests and the code",
                   [Location(path=path) for path, _service in built])  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _is_single(call: Call) -> bool:
    """Return whether a call makes a pool of one worker, in which nothing runs side by side."""
    return call.name.endswith("Executor") and 1 in (call.keywords.get("max_workers"), *call.args[:1])


def _numbered(facts: Facts, used: list[Call]) -> list[Call | Mention]:
    """Return what says how much runs at once: numbers of workers, limits that are handed over or compared nearby."""
    pools = [call for call in used if call.name.endswith(("Executor", "Pool"))]
    found: list[Call | Mention] = [call for call in pools if call.args]
    found += [call for call in used if call.has(*_POOLED)]
    found += facts.given(*_WORKERS_GIVEN)
    found += [call for call in facts.given("config") if _is_configured(call)]
    found += [call for call in used if call.loop and _is_cut(facts, call)]
    for path in dict.fromkeys(call.path for call in used):
        module = facts.modules[path]
        found += [m for m in module.compared if _OWN_BOUND.search(m.name)]
        found += [c for c in module.calls if any(_OWN_BOUND.search(str(value)) for value in c.keywords.values()
                                                 if isinstance(value, str))]  # fmt: skip
    return found


def _is_configured(call: Call) -> bool:
    """Return whether LangChain is told how much may run at once."""
    return any(isinstance(value, tuple) and _AT_ONCE in value for value in (*call.args, *call.keywords.values()))


def _is_cut(facts: Facts, call: Call) -> bool:
    """Return whether what runs at once in a loop is a batch: the loop has its step, or goes through what is cut."""
    stepped = any(m.function == call.function and _STEPPED.match(m.name) for m in facts.modules[call.path].compared)
    return stepped or any(_CUTTING.match(c.raw.rpartition(".")[2].lstrip("?")) for c in facts.calls_in(call.function))


def _batches(facts: Facts) -> list[Call | Mention | Function]:
    """Return what handles many at once: batches of a library or its own, rows in one statement."""
    ended = [call for call in facts.ending(*_BATCHING) if "." in call.raw]
    unwound = [call for call in facts.ending("run", "execute_query", "execute_write", "query", "routing_control")
               if call.args and b"UNWIND" in (call.args[0] if isinstance(call.args[0], bytes) else b"")]  # fmt: skip
    compared = (m for module in facts.shipped for m in module.compared if _STEPPED.match(m.name))
    stepped = [m._replace(name=m.name.removeprefix(TIMES)) for m in compared]
    own = [f for f in facts.named(_OWN_BATCH.search) if f.name in facts.ran]
    cut = facts.called("itertools.batched", "more_itertools.batched", "more_itertools.chunked")
    return [*facts.given("batch_size", "chunksize"), *ended, *unwound, *stepped, *own, *cut]


def _is_run(path: str) -> bool:
    """Return whether a file tells how something is run: configuration, a manifest, an image or a script."""
    name = path.rpartition("/")[2].lower()
    return name.endswith((".yaml", ".yml", ".conf", ".toml", ".template", ".sh")) or name.startswith(
        ("dockerfile", "procfile", "nginx")
    )


def _gives_memory(path: str, text: str) -> bool:
    """Return whether infrastructure as code gives what runs a share of memory."""
    name = path.rpartition("/")[2]
    manifest = path.endswith((".yaml", ".yml"))
    if manifest and (
        name.startswith("values") or ("{{" in text and "apiVersion:" in text)
    ):  # parsed once it is filled in
        return bool(_CHART.search(text))
    if name.startswith("fly") and path.endswith(".toml"):
        return bool(_FLY.search(text))
    kind = next((pattern for ends, pattern in _MEMORY.items() if path.endswith(ends)), None)
    return bool(kind and kind.search(text))


def _containers(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    spec: Any = body.get("spec")
    for word in ("jobTemplate", "spec") if body["kind"] == "CronJob" else ():
        spec = spec.get(word) if isinstance(spec, Mapping) else None
    template = spec.get("template") if isinstance(spec, Mapping) else None
    pod = template.get("spec") if isinstance(template, Mapping) else None
    found = pod.get("containers") if isinstance(pod, Mapping) else None
    return [c for c in found if isinstance(c, Mapping)] if isinstance(found, list) else []


def _has_limits(container: Mapping[str, Any]) -> bool:
    resources = container.get("resources")
    limits = resources.get("limits") if isinstance(resources, Mapping) else None
    return isinstance(limits, Mapping) and "memory" in limits


def _is_held(service: Mapping[str, Any]) -> bool:
    deploy = service.get("deploy")
    resources = deploy.get("resources") if isinstance(deploy, Mapping) else None
    return "mem_limit" in service or (isinstance(resources, Mapping) and bool(resources.get("limits")))


def _is_size(word: str, value: object) -> bool:
    return word in _SIZE and value is not None and isinstance(value, (str, int))
