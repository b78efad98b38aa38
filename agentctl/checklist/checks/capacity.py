"""PF: work side by side, and bounds on what it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.logs import is_log
from agentctl.checklist.facts.model import Call, Mention
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"}
_OWN_BOUND = re.compile(
    r"(^|[._?])max_\w*(concurren\w*|parallel\w*|workers|units|calls|in_flight|tasks)|(concurrency|parallelism)_limit$",
    re.IGNORECASE,
)
_OWN_SIZE = re.compile(
    r"(^|[._?])max_?\w*(size|bytes|length|len|chars|content|tokens|words|uploads?|queue|files|pages|messages)\w*$"
    r"|(size|length|token|upload|file)_limit$",
    re.IGNORECASE,
)
_TERRAFORM = re.compile(r"^\s*(memory|cpu|memory_size|memory_limit|mem_limit)\s*=\s*\S", re.MULTILINE)
_BICEP = re.compile(r"^\s*resources:\s*\{[^{}]*\bmemory:\s*\S", re.MULTILINE)
_SIZE = {"max_length", "max_size", "maxsize", "max_bytes", "max_content_length", "client_max_size", "max_items",
         "max_upload_size", "limit_max_requests", "limit_concurrency", "maxmemory"}  # fmt: skip


def pf03(facts: Facts, _ships: Ships) -> Answer:
    """Is work batched or run concurrently under a bound where it can be?

    Why: guide 0 "Batch Processing", guide 2 "parallel processing", guide 4 "gather".
    Counts: gather, task groups and pools in the shipped code beside a semaphore, a number of workers or a limit of
    its own that is compared.
    Does not count: gather without any bound (that warns); async functions alone.
    Closed: never.
    Mend: gather under an asyncio.Semaphore whose size is a setting.
    """
    used = [c for c in facts.called(*frameworks.CONCURRENT) if c.name in frameworks.CONCURRENT]
    pools = [c for c in used if c.name.endswith(("Executor", "Pool"))]
    bounds = [*facts.called_as(*frameworks.CONCURRENCY_BOUNDS), *[c for c in pools if c.args or c.has("max_workers")]]
    own = [m for module in facts.shipped for m in module.compared if _OWN_BOUND.search(m.name)]
    batches = [
        *facts.given("batch_size", "max_concurrency"),
        *(c for c in facts.ending("abatch", "batch") if "." in c.raw),
    ]
    near = {c.path for c in used}
    bounded = [*bounds, *[m for m in own if m.path in near]]
    if used and bounded:
        return passed("work runs side by side under a bound", places([*used[:3], *bounded[:2]]))
    if used or batches:
        why = "nothing bounds how much" if used else "only batches are made"
        return weak(f"work runs side by side, but {why}", "gather under a semaphore", places([*used, *batches]))
    return unknown("nothing runs side by side or in batches", "gather what is independent, under a semaphore")


def pf04(facts: Facts, _ships: Ships) -> Answer:
    """Are resources bounded: memory, CPU, queue, message and payload sizes?

    Why: guide 0 "Resource usage", guides 1 and 2.
    Counts: limits of every container in Kubernetes or of the built services in compose, memory in Terraform and Bicep;
    sizes of messages, payloads and queues that the shipped code sets or compares with.
    Does not count: requests without limits; a client's defaults.
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
        if not is_log(c.raw) and any(_is_size(word, value) for word, value in c.keywords.items())
    ]
    sizes += [m for module in facts.shipped for m in module.compared if _OWN_SIZE.search(m.name)]
    tasks = [path for path, text in facts.beside.items() if (path.endswith(".tf") and _TERRAFORM.search(text))
             or (path.endswith(".bicep") and _BICEP.search(text))]  # fmt: skip
    if containers and not limited:
        return failed(f"none of {counted(containers, 'container')} has a limit", "set resources.limits",
                      [Location(path=path) for path, _c in containers])  # fmt: skip
    manifests = [Location(path=path) for path in dict.fromkeys([*limited, *held, *tasks])]
    whole = len(limited) == len(containers) and (not built or len(held) == len(built) or bool(containers))
    if manifests and whole and sizes:
        return passed("containers and what they take in are bounded", [*manifests, *places(sizes)])
    if manifests or sizes:
        what = "containers are bounded" if manifests else "sizes are bounded in the code, no container is"
        words = "some containers have no limit" if manifests and sizes else what
        hint = "bound memory and CPU, and the size of bodies and queues"
        return weak(words, hint, [*manifests, *places(sizes)])
    return unknown("no bound on memory, CPU, queues or payloads was found", "set limits in the manifests and the code",
                   [Location(path=path) for path, _service in built])  # fmt: skip


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
