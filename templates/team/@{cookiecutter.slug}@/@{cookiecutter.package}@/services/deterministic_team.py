"""Models for the members that need no network and always say the same; see ``deterministic.py`` for research.

Each uses its first tool once, as a real model would, and then does its task in a plain way.
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..interfaces.model import LanguageModel, OnText
from ..models.conversation import Prompt, Reply, ToolCall, Usage
from ..models.team import TeamRole
from .answering import CITATION
from .asking import ASK, REFUSED
from .deterministic import DeterministicModel

MOST_TOPICS = 4
TASK = re.compile(r"<question>(.*?)</question>", re.DOTALL)
INPUT = re.compile(r'<tool_result source="[a-z0-9._-]+">\n(.*?)\n</tool_result>', re.DOTALL)
BETWEEN_TOPICS = re.compile(r"\s*(?:[,;]|\b(?:and|with|versus|vs)\b)\s*", re.IGNORECASE)
VERB = re.compile(r"^(?:compare|explain|describe|summari[sz]e|analy[sz]e)\s+", re.IGNORECASE)
UNCLEAR = re.compile(r"^(?:it|them|this|that|these|those)[.!?]?$", re.IGNORECASE)
CHARS_PER_TOKEN = 4


@dataclass(frozen=True)
class Script:
    """What a model does.

    Args:
        text: Returns what it writes, from its task, the results that it was given, and what its tools said.
        arguments: Returns how it calls its first tool, from those results.
        question: Returns what it has to ask a person before it writes, from its task; mostly nothing.
    """

    text: Callable[[str, list[str], list[str]], str]
    arguments: Callable[[list[str]], dict[str, object]]
    question: Callable[[str], str] = lambda _: ""


class ScriptedModel(LanguageModel):
    """Follows a script.

    Args:
        name: Its name, for operators.
        script: What it does.
    """

    def __init__(self, name: str, script: Script) -> None:
        self._name = name
        self._script = script

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    async def reply(self, prompt: Prompt, on_text: OnText | None = None) -> Reply:
        """Return a call of a tool, or the text after that."""
        found = TASK.search(prompt.user)
        task, given = html.unescape(found.group(1)) if found else "", _results(prompt.user)
        if call := None if prompt.answer_now else self._call(prompt, task, given):
            return Reply(text="", calls=(call,), usage=_usage(prompt, call.arguments), model=self._name)
        said = [text for turn in prompt.turns for result in turn.results for text in _results(result.content)]
        text = self._script.text(task, given, said)
        if on_text is not None:
            on_text(text)
        return Reply(text=text, usage=_usage(prompt, text), model=self._name)

    def _call(self, prompt: Prompt, task: str, given: list[str]) -> ToolCall | None:
        """Return a call of the first tool in the first step, and of ``ask_person`` in the second where it must ask."""
        names = [tool.name for tool in prompt.tools]
        if names and not prompt.turns:
            return ToolCall(id="call-1", name=names[0], arguments=json.dumps(self._script.arguments(given)))
        question = self._script.question(task)
        if question and ASK in names and len(prompt.turns) == 1:
            return ToolCall(id="call-2", name=ASK, arguments=json.dumps({"question": question}))
        return None

    async def close(self) -> None:
        """Close nothing: it holds nothing open."""


def team_model(role: TeamRole, name: str) -> LanguageModel:
    """Return the model for a role under that name; one that has no script looks its task up."""
    script = SCRIPTS.get(role)
    return DeterministicModel(name) if script is None else ScriptedModel(name, script)


def plan(goal: str, _given: list[str], said: list[str]) -> str:
    """Write a plan: topics are looked up, what teams do beside that, then all is analysed, then written down.

    ``said`` are the members, as ``list_members`` tells them, and what a person answered.
    """
    members = [line.partition(":")[0] for line in "".join(said[:1]).splitlines()]
    meant = "".join(text for text in said[1:2] if not text.startswith(REFUSED)) or goal
    steps = [_step(f"research-{number}", "research", topic) for number, topic in enumerate(_topics(meant), start=1)]
    steps = steps if "research" in members else []
    steps += [_step(name, name, meant) for name in members if name not in set(TeamRole)]
    for name, role in (("analysis", "analysis"), ("report", "writing")):
        if role in members:
            last = steps[-1:] if role == "writing" else steps
            before = {"depends_on": [step["id"] for step in last], "needs": "any"}
            steps.append(_step(name, role, goal) | before)
    return json.dumps({"steps": steps})


def unclear(goal: str) -> str:
    """Ask what is meant, when the goal does not say."""
    topic = VERB.sub("", goal.strip())
    return f"What is meant by {topic!r}?" if UNCLEAR.match(topic) else ""


def conclusions(_task: str, given: list[str], _said: list[str]) -> str:
    """List the findings."""
    return "\n".join(f"- {line}" for text in given for line in text.splitlines() if CITATION.search(line))


def report(task: str, given: list[str], _said: list[str]) -> str:
    """Put the goal above the conclusions."""
    return "\n\n".join([f"Report: {task}", *given])


def _topics(goal: str) -> list[str]:
    return [topic for topic in BETWEEN_TOPICS.split(VERB.sub("", goal.strip())) if topic][:MOST_TOPICS] or [goal]


def _step(name: str, role: str, task: str) -> dict[str, object]:
    return {"id": name, "role": role, "task": task}


def _results(text: str) -> list[str]:
    return [html.unescape(result) for result in INPUT.findall(text)]


def _text(given: list[str]) -> dict[str, object]:
    return {"text": "\n".join(given) or "nothing"}


def _citations(given: list[str]) -> dict[str, object]:
    return {"document_ids": sorted(set(CITATION.findall("\n".join(given))))}


def _usage(prompt: Prompt, written: str) -> Usage:
    """Return about as many tokens as a real model would count."""
    read = len(prompt.system) + len(prompt.user)
    return Usage(input_tokens=read // CHARS_PER_TOKEN, output_tokens=max(1, len(written) // CHARS_PER_TOKEN))


SCRIPTS: Mapping[TeamRole, Script] = {
    TeamRole.COORDINATION: Script(plan, lambda _: {}, unclear),
    TeamRole.ANALYSIS: Script(conclusions, _text),
    TeamRole.WRITING: Script(report, _citations),
}
