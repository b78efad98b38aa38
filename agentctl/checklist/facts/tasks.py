"""What the tasks of poe, pdm, hatch, taskipy, rye, pixi, just, Task, mise and tox run, by the files that they read."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from agentctl.checklist.facts import deploy

_ROWS = 100  # of a task that are followed
_MOST = 200  # tasks among which a pattern is looked for
_PATTERN = re.compile(r"[\w:.-]*\*[\w:.-]*")
_SECTIONS = (("poe", "tasks"), ("pdm", "scripts"), ("taskipy", "tasks"), ("rye", "scripts"), ("pixi", "tasks"))
_COMMANDS = (
    "cmd",
    "shell",
    "sequence",
    "composite",
    "chain",
    "cmds",
    "commands",
    "depends-on",
    "deps",
    "ref",
    "run",
    "depends",
)


def tasks(pyproject: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the lines of each task, under the name that ``deploy`` asks for it by."""
    given = [*_of_projects(pyproject.get("tool")), *_of_files(texts)]
    names = {name for name, _body in given}
    found: dict[str, str] = {}
    for name, body in given:
        rows = [inner for row in dict.fromkeys(islice(_lines(body), _ROWS)) for inner in _named(row, names)]
        found.setdefault(deploy.task(name), "\n".join(rows))
    return found


def _named(row: str, names: Collection[str]) -> list[str]:
    """Return the tasks that a row names (``python:*``) as commands, or the row."""
    if row in names:
        return [f"mise run {row}"]
    matching = names if _PATTERN.fullmatch(row) and len(names) <= _MOST else ()
    return [f"mise run {name}" for name in matching if fnmatch(name, row)] or [row]


def _of_projects(tool: object) -> Iterator[tuple[str, object]]:
    tools = tool if isinstance(tool, Mapping) else {}
    for runner, section in _SECTIONS:
        part = tools.get(runner)
        yield from _table(part.get(section) if isinstance(part, Mapping) else None)
    hatch = tools.get("hatch")
    environments = hatch.get("envs") if isinstance(hatch, Mapping) else None
    for _name, environment in _table(environments):
        yield from _table(environment.get("scripts") if isinstance(environment, Mapping) else None)


def _of_files(texts: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    for path, text in texts.items():
        name = PurePosixPath(path).name.lower()
        if name in {"justfile", ".justfile"}:
            yield from deploy.targets(text).items()
        elif name in {"taskfile.yml", "taskfile.yaml"}:
            for document in deploy.documents(text):
                yield from _table(document.get("tasks") if isinstance(document, Mapping) else None)
        elif name in {"mise.toml", ".mise.toml", "tasks.toml"}:
            yield from _of_mise(text, included=name == "tasks.toml")
        elif name == "tox.ini":
            yield from _of_tox(text)


def _of_mise(text: str, *, included: bool) -> Iterable[tuple[str, object]]:
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return []
    return _table(parsed if included else parsed.get("tasks"))


def _of_tox(text: str) -> Iterator[tuple[str, object]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        environments = re.match(r"testenv:(.+)", section)
        for name in environments.group(1).strip("{}").split(",") if environments else ():
            yield name.strip(), parser.get(section, "commands", fallback="")


def _table(value: object) -> Iterable[tuple[str, object]]:
    return [(str(name), body) for name, body in value.items()] if isinstance(value, Mapping) else []


def _lines(body: object) -> Iterator[str]:
    """Yield the command lines of a task, or the tasks that it names."""
    if isinstance(body, str):
        yield from (row.strip() for row in body.splitlines() if row.strip())
    elif isinstance(body, list):
        for part in body:
            yield from _lines(part)
    elif isinstance(body, Mapping):
        for key in _COMMANDS:
            yield from _lines(body.get(key))
