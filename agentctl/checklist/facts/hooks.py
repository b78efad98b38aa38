"""What the hooks of pre-commit run, where CI runs them on every change."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from agentctl.checklist.facts import deploy
from agentctl.checklist.facts.deploy import Step

FILE = ".pre-commit-config.yaml"
_RUN = re.compile(r"\b(?:pre-commit|prek) run\b(?P<rest>[^;&|]*)|pre-commit/action")
_STAGE = re.compile(r"--hook-stage[= ]([\w-]+)")
_STAGES = {"pre-commit", "commit"}  # that a run without --hook-stage asks for
_SERVICE = re.compile(r"^ci:", re.MULTILINE)


def steps(text: str, found: Iterable[Step]) -> list[Step]:
    """Return a step for each hook that CI runs, as binding as the step that runs it.

    The service of that name runs what needs nothing of this machine on every pull request, where its settings stand in
    the file.
    """
    hooks = list(_hooks(text))
    ids = {hook["id"] for hook in hooks}
    runs = [(step, match) for step in found if (match := _RUN.search(step.text))]
    made = [
        Step(FILE, _line(text, hook), _command(hook), step.changes, step.binding)
        for step, match in runs
        for hook in hooks
        if _is_asked(hook, match.group("rest") or "", ids)
    ]
    if _SERVICE.search(text):
        served = [
            hook for hook in hooks if hook.get("language") not in {"system", "script"} and _is_asked(hook, "", ids)
        ]
        made.append(Step(FILE, 1, "pre-commit run", changes=True, binding=True))
        made += [Step(FILE, _line(text, hook), _command(hook), changes=True, binding=True) for hook in served]
    return made


def _hooks(text: str) -> Iterator[Mapping[str, Any]]:
    for document in deploy.documents(text):
        repositories = document.get("repos") if isinstance(document, Mapping) else None
        for repository in _list(repositories):
            hooks = repository.get("hooks") if isinstance(repository, Mapping) else None
            named = (one for one in _list(hooks) if isinstance(one, Mapping) and isinstance(one.get("id"), str))
            yield from named


def _is_asked(hook: Mapping[str, Any], rest: str, ids: Collection[str]) -> bool:
    """Return whether a run, with the words behind it, runs a hook: those that it names, or all of its stage."""
    named = [word for word in rest.split() if word in ids]
    chosen = _STAGE.search(rest)
    stages = hook.get("stages")
    asked = {chosen[1]} if chosen else _STAGES
    usual = not isinstance(stages, list) or not asked.isdisjoint(map(str, stages))
    return usual and (not named or hook["id"] in named)


def _command(hook: Mapping[str, Any]) -> str:
    words = [hook.get("entry") or hook["id"], *_list(hook.get("args"))]
    return " ".join(str(word) for word in words)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _line(text: str, hook: Mapping[str, Any]) -> int:
    return deploy.line_of(text, f"id: {hook['id']}") or 1
