"""Whether there is an agent at all, and the types of what it takes and keeps."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, places, unknown
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, literal

_REMEMBERED = re.compile(
    r"(Conversation|Thread|Message|Turn|Memory|Memories|Chat|Dialog(ue)?|History|Checkpoint|SessionEvent|ChatSession)"
    r"(s|Row|Table|Record|Model|Entity|Document|DB|ORM)*$"
)
_MODEL_VARIABLES = re.compile(r"OPENAI|ANTHROPIC|GEMINI|MISTRAL|OLLAMA|BEDROCK|WATSONX|GROQ|(^|_)LLM(_|$)")
_MODEL_WORDS = re.compile(
    r"(?:^|_)(?:llm|prompt|chat_?bot|completions?)(?:s?_|s?$)|LLM|Prompt|ChatBot|Completion", re.MULTILINE
)
_OF_TYPES = re.compile(r"\.(types|outputs|messages|callbacks)\.")
_FEW = 4  # names
_AWS = ("boto3", "botocore", "aioboto3", "aiobotocore")
_INSTRUMENTORS = "opentelemetry.instrumentation.instrumentor"
_BEDROCK = ("invoke_model", "invoke_model_with_response_stream", "converse", "converse_stream", "invoke_agent")


def typed(facts: Facts) -> frozenset[str]:
    """Return the own classes whose fields have types: models, dataclasses, typed dictionaries."""
    return facts.once(_typed)


def dataclasses(facts: Facts) -> dict[str, bool]:
    """Return the dataclasses by name, each with whether it is frozen."""
    return facts.once(_dataclasses)


def tables(facts: Facts, named: re.Pattern[str] = _REMEMBERED) -> list[Class]:
    """Return the tables and documents of such names: those that keep what was said."""
    declared = (str(c.args[-1]) for c in facts.called_as(*frameworks.DECLARATIVE) if c.role == "decorator" and c.args)
    bases = (*frameworks.ORMS, *frameworks.DOCUMENTS, *declared)
    return [k for k in facts.subclasses(*bases) if named.search(k.short)]


def has_agent(facts: Facts, *also: str) -> bool:
    """Return whether anything looks like an agent: a framework or a model's client, or names that speak of one.

    A server of tools (MCP) alone runs no model.
    """
    known = facts.imported(*(set(frameworks.AGENTS) - {"mcp"}), *frameworks.MODELS, *also)
    return bool(known or facts.once(bedrock)) or facts.once(_imports_agents) or facts.once(_speaks_of_models)


def bedrock(facts: Facts) -> list[Call]:
    """Return where a model of Bedrock is asked, which the client of all of Amazon's services does."""
    return facts.ending(*_BEDROCK) if facts.imported(*_AWS) else []


def of_others(facts: Facts) -> Answer | None:
    """Return the answer where agents of others are watched, and no model is asked or agent run of its own."""
    watching = facts.once(_watching)
    if not watching:
        return None
    return unknown("it watches the agents of others, and none of its own was found",
                   "let a person say whether it runs an agent, and attest it where it does not",
                   places(watching))  # fmt: skip


def _watching(facts: Facts) -> list[Class]:
    """Return what instruments libraries of agents, where they are never used but for their types."""
    found = facts.subclasses(_INSTRUMENTORS)
    asked = facts.called(*(set(frameworks.AGENTS) - {"mcp"}), *frameworks.MODELS) if found else []
    return [] if facts.once(bedrock) or any(_asks(call) for call in asked) else found


def _asks(call: Call) -> bool:
    """Return whether a call of a library is more than of what it takes and gives, or of what calls it back."""
    return not _OF_TYPES.search(call.name)


def _imports_agents(facts: Facts) -> bool:
    """Return whether a library is imported that says of itself that it is about agents or models."""
    external = (name for module in facts.shipped for name in module.imports if not facts.symbols.is_own(name))
    return any(
        not frameworks.AGENT_PARTS.isdisjoint(name.split(".")[:-1])
        and not frameworks.is_one_of(name, frameworks.NO_AGENTS)
        for name in external
    )


def _speaks_of_models(facts: Facts) -> bool:
    read = {literal(value) or "" for call in facts.called_as(*frameworks.ENV_READS) for value in call.args[:1]}
    if any(_MODEL_VARIABLES.search(name) for name in read):
        return True
    names = (name.rpartition(".")[2] for name in (*facts.function, *(kind.name for kind in facts.classes)))
    return len(_MODEL_WORDS.findall("\n".join(names))) >= _FEW


def _typed(facts: Facts) -> frozenset[str]:
    derived = (kind.name for kind in facts.subclasses(*frameworks.STATE_BASES, *frameworks.TYPED_BASES))
    return frozenset(derived) | dataclasses(facts).keys()


def _dataclasses(facts: Facts) -> dict[str, bool]:
    made = facts.called_as(*frameworks.DATACLASSES)
    found = {str(c.args[-1]): c.keywords.get("frozen") is True for c in made if c.role == "decorator" and c.args}
    return found | {str(c.args[-1]): True for c in made if c.name in frameworks.FROZEN and c.args}
