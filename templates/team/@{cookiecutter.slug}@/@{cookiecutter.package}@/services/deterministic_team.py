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
from .deterministic import DeterministicModel

MOST_TOPICS = 4
TASK = re.compile(r"<question>(.*?)</question>", re.DOTALL)
INPUT = re.compile(r'<tool_result source="[a-z0-9-]+">\n(.*?)\n</tool_result>', re.DOTALL)
BETWEEN_TOPICS = re.compile(r"\s*(?:[,;]|\b(?:and|with|versus|vs)\b)\s*", re.IGNORECASE)
VERB = re.compile(r"^(?:compare|explain|describe|summari[sz]e|analy[sz]e)\s+", re.IGNORECASE)
CHARS_PER_TOKEN = 4


@dataclass(frozen=True)
class Script:
    """What a model does.

    Args:
        text: Returns what it writes, from its task and the results that it was given.
        arguments: Returns how it calls its first tool, from those results.
    """

    text: Callable[[str, list[str]], str]
    arguments: Callable[[list[str]], dict[str, object]]


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
        """Return a call of the first tool, and the text after that."""
        given = [html.unescape(text) for text in INPUT.findall(prompt.user)]
        if prompt.tools and not prompt.turns and not prompt.answer_now:
            arguments = json.dumps(self._script.arguments(given))
            call = ToolCall(id="call-1", name=prompt.tools[0].name, arguments=arguments)
            return Reply(text="", calls=(call,), usage=_usage(prompt, arguments), model=self._name)
        task = TASK.search(prompt.user)
        text = self._script.text(html.unescape(task.group(1)) if task else "", given)
        if on_text is not None:
            on_text(text)
        return Reply(text=text, usage=_usage(prompt, text), model=self._name)

    async def close(self) -> None:
        """Close nothing: it holds nothing open."""


def team_model(role: TeamRole, name: str) -> LanguageModel:
    """Return the model for a role under that name; one that has no script looks its task up."""
    script = SCRIPTS.get(role)
    return DeterministicModel(name) if script is None else ScriptedModel(name, script)


def plan(goal: str, _given: list[str]) -> str:
    """Write a plan: each topic is looked up, then all is analysed, then written down."""
    topics = [topic for topic in BETWEEN_TOPICS.split(VERB.sub("", goal.strip())) if topic][:MOST_TOPICS] or [goal]
    research = [
        {"id": f"research-{number}", "role": "research", "task": topic} for number, topic in enumerate(topics, start=1)
    ]
    names = [step["id"] for step in research]
    analysis = {"id": "analysis", "role": "analysis", "task": goal, "depends_on": names, "needs": "any"}
    report = {"id": "report", "role": "writing", "task": goal, "depends_on": ["analysis"]}
    return json.dumps({"steps": [*research, analysis, report]})


def conclusions(_task: str, given: list[str]) -> str:
    """List the findings."""
    return "\n".join(f"- {line}" for text in given for line in text.splitlines() if CITATION.search(line))


def report(task: str, given: list[str]) -> str:
    """Put the goal above the conclusions."""
    return "\n\n".join([f"Report: {task}", *given])


def _text(given: list[str]) -> dict[str, object]:
    return {"text": "\n".join(given) or "nothing"}


def _citations(given: list[str]) -> dict[str, object]:
    return {"document_ids": sorted(set(CITATION.findall("\n".join(given))))}


def _usage(prompt: Prompt, written: str) -> Usage:
    """Return about as many tokens as a real model would count."""
    read = len(prompt.system) + len(prompt.user)
    return Usage(input_tokens=read // CHARS_PER_TOKEN, output_tokens=max(1, len(written) // CHARS_PER_TOKEN))


SCRIPTS: Mapping[TeamRole, Script] = {
    TeamRole.COORDINATION: Script(plan, lambda _: {}),
    TeamRole.ANALYSIS: Script(conclusions, _text),
    TeamRole.WRITING: Script(report, _citations),
}
