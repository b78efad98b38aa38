"""What stands in Dockerfiles, compose files, Kubernetes manifests, Makefiles and CI definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import yaml

_MAKE = re.compile(r"(?:^|[;&|]\s*|\s)make\s+(?:-\w+\s+(?:[\w./]+/?\s+)?)*((?:[a-zA-Z][\w.-]*(?:=\S+)?\s*)+)")
_TASK = re.compile(
    r"(?:^|[\s;&|])(poe|task|just|(?:pdm|hatch|rye|pixi) run|tox (?:run )?-e)\s+(?:-\S+\s+)*(\w[\w.-]*(?::+\w[\w.-]*)*)"
)
_MISE = re.compile(r"(?:^|[\s;&|])mise (?:run )?(?:-\S+\s+)*(\w[\w:.-]*)")
_FAILS = re.compile(r"\bexit [1-9$]|\bsetFailed\(")  # a step that ends the build itself
_OF_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_INNER_MAKE = re.compile(r"(?:make|\$\(MAKE\))\s+(?:-\S+\s+)*([\w.-]+)")
_SCRIPT = re.compile(r"(?:^|[\s;&|])((?:\./)?[\w./-]+\.sh)\b")
_NAMELESS = re.compile(r"(?:^|&&\s*|;\s*)(?:\./|sh |bash |python3? )?((?:[\w.-]+/)+[\w-]+)(?=\s|$)")  # script/test
_RUN_BY_PYTHON = re.compile(r"\b(?:check_call|check_output|run|call|Popen|system)\(((?:[^()]|\([^()]*\))*)\)")
_RUNNER = re.compile(
    r"(^|[\s;&|])(just|task|invoke|inv|poe|doit|mise|(hatch|pdm|rye) run|bazel|earthly|dagger) |/\.github/workflows/"
)
_DEVELOPMENT = frozenset({"dev", "devcontainer", "development", "test", "tests", "ci"})  # names of stages
_PATHS = re.compile(r"(?:https?://[^/\s\"']+|localhost:\S+?|:\d+|\$\{?\w+\}?)(/[\w/.-]*)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One Dockerfile instruction, continuation lines joined."""

    word: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Image:
    """A Dockerfile."""

    path: str
    instructions: tuple[Instruction, ...]

    def all(self, word: str) -> tuple[Instruction, ...]:
        """Return the instructions of one kind."""
        return tuple(found for found in self.instructions if found.word == word)

    @property
    def is_for_development(self) -> bool:
        """Whether every stage is named for those who develop it, so that none is shipped."""
        starts = self.all("FROM")
        return bool(starts) and all(_alias(start.text).lower() in _DEVELOPMENT for start in starts)

    @property
    def final_stage(self) -> tuple[Instruction, ...]:
        """The instructions from the last FROM on, preceded by those of the own stages that it builds on."""
        stages: list[list[Instruction]] = []
        for instruction in self.instructions:
            if instruction.word == "FROM":
                stages.append([])
            if stages:
                stages[-1].append(instruction)
        named = {_alias(stage[0].text): stage for stage in stages}
        chain: list[Instruction] = []
        stage = stages[-1] if stages else None
        seen: set[str] = set()
        while stage is not None:
            chain = [*stage, *chain]
            base = stage[0].text.split()[0]
            stage = named.get(base) if base not in seen else None
            seen.add(base)
        return tuple(chain)


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that asks the service whether it is well: ``command`` or the path of an HTTP probe."""

    path: str
    line: int | None
    command: str
    kind: str


@dataclass(frozen=True, slots=True)
class Step:
    """One shell command line or action of a CI job.

    Attributes:
        changes: It runs on every push or pull request, not only by hand or by the clock.
        binding: Its failure fails the build.
    """

    path: str
    line: int
    text: str
    changes: bool
    binding: bool


def image(path: str, text: str) -> Image:
    """Parse a Dockerfile."""
    found: list[Instruction] = []
    pending, start = "", 0
    for number, row in enumerate(text.splitlines(), 1):
        stripped = row.strip()
        if not stripped or stripped.startswith("#"):
            continue
        start = start if pending else number
        pending = f"{pending} {stripped.rstrip(chr(92)).strip()}".strip()
        if stripped.endswith("\\"):
            continue
        word, _, rest = pending.partition(" ")
        found.append(Instruction(word.upper(), rest.strip(), start))
        pending = ""
    return Image(path, tuple(found))


def documents(text: str) -> list[Any]:
    """Return a file's YAML documents; a broken file has none."""
    plain = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE) if "\t" in text else text  # which other readers bear
    try:
        return list(yaml.load_all(plain, Loader=_LOADER))
    except (yaml.YAMLError, ValueError, RecursionError):
        return []


def probes(path: str, text: str, parsed: list[Any]) -> Iterator[Probe]:
    """Yield the health checks of compose services and Kubernetes containers."""
    for document in parsed:
        services = document.get("services") if isinstance(document, Mapping) else None
        for service in services.values() if isinstance(services, Mapping) else ():
            check = service.get("healthcheck") if isinstance(service, Mapping) else None
            if isinstance(check, Mapping) and check.get("test") and ("build" in service or "image" in service):
                test = check["test"]
                command = " ".join(map(str, test)) if isinstance(test, list) else str(test)
                yield Probe(path, line_of(text, command.split()[-1]), command, "compose")
        for word, value in _walk(document):
            if word in {"readinessProbe", "livenessProbe", "startupProbe"} and isinstance(value, Mapping):
                get = value.get("httpGet")
                target = str(get.get("path", "/")) if isinstance(get, Mapping) else str(value.get("exec", ""))
                yield Probe(path, line_of(text, word), target, "kubernetes")


def probed_paths(command: str) -> set[str]:
    """Return the URL paths in a probe's command."""
    found = {match.rstrip("/") or "/" for match in _PATHS.findall(command)}
    return found | ({command.rstrip("/") or "/"} if command.startswith("/") else set())


def steps(path: str, text: str, makefile: Mapping[str, str], texts: Mapping[str, str]) -> list[Step]:
    """Return the commands of a GitHub workflow or a GitLab, CircleCI or Azure definition.

    Make targets, matrices and the repository's own composite actions (in ``texts``) are unfolded.
    """
    found: list[Step] = []
    for document in documents(text):
        if isinstance(document, Mapping):
            if path.startswith((".github/workflows/", ".gitea/workflows/", ".forgejo/workflows/")):
                found += _workflow(path, text, document, texts)
            else:
                found += _other_ci(path, text, document)
    unfolded: set[Step] = set()
    return list(dict.fromkeys(part for step in found for part in _unfolded(step, makefile, texts, unfolded)))


def is_ci(path: str) -> bool:
    """Return whether a file defines CI."""
    workflow = re.match(r"\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$", path)
    others = {".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml", "bitbucket-pipelines.yml"}
    return bool(workflow) or path in others


def targets(text: str) -> dict[str, str]:
    """Return a Makefile's targets with their recipes."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for row in text.splitlines():
        rule = re.match(r"([\w.\-/ ]+):(?!=)(.*)", row)
        if rule:
            current = []
            for name in rule.group(1).split():
                found[name] = current
            current.extend(f"make {word}" for word in rule.group(2).split("#")[0].split("|")[0].split())
        elif row.startswith(("\t", "  ")):
            current.append(row.strip().lstrip("@-"))
    return {name: "\n".join(lines) for name, lines in found.items()}


def line_of(text: str, word: str) -> int | None:
    """Return the first line that holds a word."""
    position = text.find(word) if word else -1
    return None if position < 0 else text.count("\n", 0, position) + 1


def recipe(target: str, makefile: Mapping[str, str]) -> str:
    """Return what a make target runs, its prerequisites and inner makes included, each once."""
    found, edge = {target: makefile.get(target, "")}, [target]
    while edge:
        inner = [name for one in edge for name in _INNER_MAKE.findall(found[one])]
        edge = list(dict.fromkeys(name for name in inner if name not in found))
        found.update((name, makefile.get(name, "")) for name in edge)
    return "\n".join(found.values())


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader where it is built
    """The safe loader without YAML 1.1's booleans, so that a workflow's ``on`` stays a word, and tolerant of tags."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
_LOADER = _Loader


def builds_for_development(compose: list[object]) -> bool:
    """Return whether a compose file builds something, and only stages for those who develop it."""
    services = [one.get("services") for one in compose if isinstance(one, Mapping)]
    each = [one for some in services if isinstance(some, Mapping) for one in some.values() if isinstance(one, Mapping)]
    builds = [one["build"] for one in each if one.get("build")]
    return bool(builds) and all(isinstance(one, Mapping) and str(one.get("target")) in _DEVELOPMENT for one in builds)


def _alias(text: str) -> str:
    words = text.split()
    return words[2] if len(words) > 2 and words[1].lower() == "as" else ""  # noqa: PLR2004 - FROM x AS y


def _walk(value: Any, depth: int = 12) -> Iterator[tuple[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from _walk(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth - 1)


def _workflow(path: str, text: str, document: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[Step]:
    on = document.get("on")
    events = {on} if isinstance(on, str) else set(on) if isinstance(on, (list, dict)) else set()
    changes = bool(events & {"push", "pull_request", "pull_request_target", "merge_group", "workflow_call"})
    jobs = document.get("jobs")
    for job in jobs.values() if isinstance(jobs, Mapping) else ():
        if not isinstance(job, Mapping) or _never(job.get("if")):
            continue
        job_binds = not _true(job.get("continue-on-error"))
        if isinstance(job.get("uses"), str):
            yield Step(path, line_of(text, job["uses"]) or 1, job["uses"], changes, job_binds)
        steps = list(_job_steps(job, texts))
        for step in steps:
            binds = job_binds and (not _true(step.get("continue-on-error")) or _is_judged(step, steps))
            for found in _lines(path, text, step, changes=changes, binds=binds):
                yield from _matrix(found, job)


def _job_steps(job: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield a job's steps, those of the repository's own composite actions in their place."""
    for step in job.get("steps") or ():
        if not isinstance(step, Mapping) or _never(step.get("if")):
            continue
        yield step
        uses = step.get("uses")
        if isinstance(uses, str) and uses.startswith("./"):
            for name in ("action.yml", "action.yaml"):
                for document in documents(texts.get(f"{uses[2:].rstrip('/')}/{name}", "")):
                    runs = document.get("runs") if isinstance(document, Mapping) else None
                    inner = runs.get("steps") if isinstance(runs, Mapping) else None
                    yield from (part for part in inner or () if isinstance(part, Mapping))


def _is_judged(step: Mapping[str, Any], steps: list[Mapping[str, Any]]) -> bool:
    """Return whether another step of the job asks how one ended (``steps.ID.outcome``), and fails the build by it."""
    asked = re.compile(rf"\bsteps\.{re.escape(str(step.get('id', '?')))}\.outcome\b")
    others = (one for one in steps if not _true(one.get("continue-on-error")))
    told = ("\n".join(map(str, one.values())) for one in others)
    return any(asked.search(text) and _FAILS.search(text) for text in told)


def _matrix(step: Step, job: Mapping[str, Any]) -> Iterator[Step]:
    """Yield a step once for each value of the matrix variable that it names, those that are included among them."""
    named = _OF_MATRIX.search(step.text)
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, Mapping) else None
    rows = _rows(matrix, named.group(1)) if named and isinstance(matrix, Mapping) else []
    for row in rows:
        yield replace(step, text=_filled(step.text, row))
    if not rows:
        yield step


def _filled(text: str, row: Mapping[str, Any]) -> str:
    return _OF_MATRIX.sub(lambda told: str(row.get(told.group(1), told.group())), text)


def _rows(matrix: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed, included = matrix.get(name), matrix.get("include")
    if isinstance(listed, list):
        return [{name: value} for value in listed]
    return [row for row in included if isinstance(row, Mapping)] if isinstance(included, list) else []


def _lines(path: str, text: str, step: Mapping[str, Any], *, changes: bool, binds: bool) -> Iterator[Step]:
    uses, run = step.get("uses"), step.get("run")
    if isinstance(uses, str):
        inputs = step.get("with")
        options = " ".join(f"{key}={value}" for key, value in inputs.items()) if isinstance(inputs, Mapping) else ""
        yield Step(path, line_of(text, uses) or 1, f"{uses} {options}", changes, binds)
    if isinstance(run, str):
        joined = re.sub(r"\\\s*\n\s*", " ", run)
        for row in joined.splitlines():
            if row.strip() and not row.strip().startswith(("#", "echo ")):
                soft = bool(re.search(r"\|\|\s*(true|:|echo\b|exit 0)|;\s*true\s*$|--exit-zero", row))
                yield Step(path, line_of(text, row.strip()[:40]) or 1, row.strip(), changes, binds and not soft)


def _other_ci(path: str, text: str, document: Mapping[str, Any]) -> Iterator[Step]:
    for key, value in _walk(document):
        if key in {"script", "run", "command", "before_script", "bash"}:
            rows = value if isinstance(value, list) else str(value).splitlines()
            for row in rows:
                if isinstance(row, str) and row.strip():
                    soft = bool(re.search(r"\|\|\s*(true|:)", row))
                    yield Step(path, line_of(text, row.strip()[:40]) or 1, row.strip(), changes=True, binding=not soft)


def _unfolded(
    step: Step, makefile: Mapping[str, str], texts: Mapping[str, str], unfolded: set[Step], depth: int = 3
) -> list[Step]:
    """Return the step, followed by the lines of the make targets and of the own shell scripts that it runs.

    What was unfolded before is not unfolded again: targets that run each other would make hundreds of thousands.
    """
    found = edge = [step]
    for _ in range(depth):
        fresh = [one for one in edge if one not in unfolded]
        unfolded.update(fresh)
        edge = list(dict.fromkeys(inner for one in fresh for inner in _inner(one, makefile, texts)))
        found = found + edge
    return found


def _inner(step: Step, makefile: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[Step]:
    """Yield the lines of the make targets and of the own shell scripts that a step runs."""
    rows = [row for name in (*_made(step.text), *_tasks(step.text)) for row in recipe(name, makefile).splitlines()]
    for name in (*_SCRIPT.findall(step.text), *(one for one in _NAMELESS.findall(step.text) if one in texts)):
        rows += _commands(texts.get(name.removeprefix("./"), ""))
    return (replace(step, text=text) for row in rows if (text := row.strip()) and not text.startswith("#"))


def _commands(script: str) -> list[str]:
    """Return the lines of a script in shell; of one in Python what it runs, as words."""
    rows = script.splitlines()
    if not (rows and rows[0].startswith("#!") and "python" in rows[0]):
        return rows
    return [" ".join(re.findall(r"[\w./=-]+", call)) for call in _RUN_BY_PYTHON.findall(script)]


def is_opaque(step: Step, makefile: Mapping[str, str], texts: Mapping[str, str]) -> bool:
    """Return whether a step runs what cannot be followed: a target or script elsewhere, a task runner."""
    if any(name not in makefile for name in _made(step.text)):
        return True
    if any(name.removeprefix("./") not in texts for name in _SCRIPT.findall(step.text)):
        return True
    tasks = _tasks(step.text)
    return bool(_RUNNER.search(step.text)) and not (tasks and all(name in makefile for name in tasks))


def task(name: str) -> str:
    """Return the name that a task of a task runner has among the targets of Makefiles."""
    return f"task {name}"


def _tasks(command: str) -> list[str]:
    """Return the tasks that a command runs; before the colon Hatch says in which environment."""
    named = ((name.rpartition(":")[2] if runner == "hatch run" else name) for runner, name in _TASK.findall(command))
    return [task(name) for name in (*named, *_MISE.findall(command))]


def _made(command: str) -> list[str]:
    words = [word for group in _MAKE.findall(command) for word in group.split()]
    return [word for word in words if "=" not in word]


def _true(value: Any) -> bool:
    return str(value).strip().lower() in {"true", "yes", "on"}


def _never(value: Any) -> bool:
    return str(value).strip().lower() in {"false", "${{ false }}"}


def is_dockerfile(path: str) -> bool:
    """Return whether a file is a Dockerfile by its name."""
    name = PurePosixPath(path).name.lower()
    kinds = ("dockerfile", "containerfile")
    return (
        name in kinds
        or name.startswith(("dockerfile.", "containerfile."))
        or name.endswith((".dockerfile", ".containerfile"))
    )


def is_compose(path: str) -> bool:
    """Return whether a file is a compose file by its name."""
    return bool(re.match(r"(docker-)?compose([.\w-]*)\.ya?ml$", PurePosixPath(path).name.lower()))
