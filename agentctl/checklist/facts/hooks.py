"""What the hooks of pre-commit run, where CI runs them on every change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agentctl.checklist.facts import deploy
from agentctl.checklist.facts.deploy import Step

FILE = ".pre-commit-config.yaml"
_RUN = re.compile(r"\b(?:pre-commit|prek) run\b(?P<rest>[^;&|]*)|pre-commit/action")
_STAGES = {"pre-commit", "commit"}  # that a run without --hook-stage asks for
_SERVICE = re.compile(r"^ci:", re.MULTILINE)


def steps(text: str, found: Iterable[Step]) -> list[Step]:
    """Return a step for each hook that CI runs, as binding as the step that runs it.

    The service of that name runs what needs nothing of this machine on every pull request, where its settings stand in
    the file.
    """
    hooks = list(_hooks(text))
    runs = [(step, match) for step in found if (match := _RUN.search(step.text))]
    made = [
        Step(FILE, _line(text, hook), _command(hook), step.changes, step.binding)
        for step, match in runs
        for hook in hooks
        if _is_asked(hook, match.group("rest") or "")
    ]
    if _SERVICE.search(text):
        served = [hook for hook in hooks if hook.get("language") not in {"system", "script"} and _is_asked(hook, "")]
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


def _is_asked(hook: Mapping[str, Any], rest: str) -> bool:
    """Return whether a run, with the words behind it, runs a hook: all of the stage, or the one that is named."""
    named = [word for word in rest.split() if not word.startswith("-")]
    stages = hook.get("stages")
    usual = not isinstance(stages, list) or not _STAGES.isdisjoint(map(str, stages)) or "--hook-stage" in rest
    return hook["id"] in named or (usual and ("--all-files" in rest or "-a" in rest.split() or not named))


def _command(hook: Mapping[str, Any]) -> str:
    words = [hook.get("entry") or hook["id"], *_list(hook.get("args"))]
    return " ".join(str(word) for word in words)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _line(text: str, hook: Mapping[str, Any]) -> int:
    return deploy.line_of(text, f"id: {hook['id']}") or 1
