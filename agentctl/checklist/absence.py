"""What shows that something may be there after all: n/a needs a search that was complete, not one that failed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, not_applicable, unknown
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.index import Facts
from agentctl.results import Location

_FEW = 0.10  # of the shipped files; more that did not parse could hold anything
_LIBRARIES = tuple(name for name in (*frameworks.AGENTS, *frameworks.MODELS) if name != "mcp")
_MODEL_PACKAGE = re.compile(
    r"openai|anthropic|litellm|langchain|langgraph|crewai|autogen|ag2|llama-index|pydantic-ai|semantic-kernel|dspy"
    r"|smolagents|google-(genai|generativeai|adk)|vertexai|mistralai|cohere|groq|ollama|haystack-ai|agno|phidata|strands"
    r"|camel-ai|letta|transformers|vllm|llama-cpp|instructor|mirascope|langroid|livekit-agents|together|replicate"
)
_MODEL_HOST = re.compile(
    r"api\.(openai|anthropic|mistral|groq|deepseek|together|cohere|perplexity|x|fireworks|replicate)\.|openrouter\.ai"
    r"|generativelanguage\.googleapis|aiplatform\.googleapis|bedrock|openai\.azure|:11434"
    r"|/v1/(chat|responses|completions|messages)"
)
_SPOKEN = re.compile(
    r"\w*(?<!User)Agent(?!Id|Name)\w*|\b(run|ask|call|create)_agent\w*|\w*(chat_?bot|ChatBot|llm|LLM|GPT)\w*"
)
_OTHER_MODELS = re.compile(
    r'"(openai|@anthropic-ai/[\w-]+|ai|@ai-sdk/[\w-]+|@?langchain[\w/-]*|@google/gen[\w-]*)"\s*:'
)
_IN_NOTEBOOK = re.compile(rf"(?:import|from) ({'|'.join(map(re.escape, _LIBRARIES))})\b")


def hidden(facts: Facts) -> str:
    """Return how much of the shipped code was not looked at, empty where that is next to nothing.

    What the tree's own settings leave out counts from the first file: nobody gets an n/a by leaving out what applies.
    """
    left = sum(shipped for _files, shipped in facts.tree.left_out.values())
    if left:
        return f"the tree's own settings leave out shipped Python ({counted(left, 'file')})"
    broken = [path for path in facts.broken if roles.role(path) == roles.SHIPPED]
    total = len(broken) + len(facts.shipped)
    return f"{len(broken)} of {total} shipped Python files could not be read" if len(broken) > _FEW * total else ""


def libraries(facts: Facts) -> set[str]:
    """Return the packages that the shipped code imports from elsewhere.

    What bears the name of a folder or module of the tree is its own, wherever the tree is run from.
    """
    own = {part.removesuffix(".py") for path in facts.tree.python for part in path.split("/")}
    return facts.external - sys.stdlib_module_names - own - {"", "_typeshed"}  # which only types are taken from


def no_agent(facts: Facts, so: str) -> Answer:
    """Answer where the shipped code imports no agent library and no model's client: n/a, unless one may yet be used."""
    known, strange = facts.once(_model), facts.once(_strange)
    spot = known or strange
    if spot is None:
        return not_applicable(f"no agent library, model's client or model's address is used or declared, so {so}")
    what = f"{spot.symbol} in {spot.path} speaks of one" if known else f"of {spot.symbol} ({spot}) nothing is known"
    return unknown(f"the shipped code imports no model that is known, but {what}",
                   "let a person say whether it runs a model, and attest it where it does not", [spot])  # fmt: skip


def no_function(facts: Facts) -> Answer:
    """Answer where the shipped Python has no function: n/a, unless code stands where it is not read."""
    books = [Location(path=path) for path in facts.tree.paths if path.endswith(".ipynb")]
    language, lines = facts.foreign
    aside = [Location(path=module.path) for module in facts.of(roles.EXAMPLE) if module.functions]
    others = books or aside or ([Location(path=next(iter(facts.foreign_files(language))))] if lines else [])
    if not others:
        return not_applicable("the tree has no function, in whatever language")
    what = "notebooks" if books else "examples" if aside else language
    return unknown(f"no shipped function in Python was found; there is code in {what}, which is not looked at",
                   "let a person look, and attest what holds", others)  # fmt: skip


def _strange(facts: Facts) -> Location | None:
    """Return the first import of a library of which it is not known that it runs no model."""
    others = sorted(libraries(facts) - frameworks.ORDINARY - frameworks.roots(frameworks.NO_AGENTS))
    return facts.imported(others[0])[0] if others else None


def _model(facts: Facts) -> Location | None:
    return next(_models(facts), None)


def _models(facts: Facts) -> Iterator[Location]:
    """Yield what speaks of a model elsewhere: addresses, dependencies, code beside what is shipped, notebooks."""
    for module in facts.shipped:
        for text in module.strings:
            if _MODEL_HOST.search(text.name):
                yield Location(path=module.path, line=text.line, symbol=text.name)
        names = [*(kind.short for kind in module.classes), *(function.short for function in module.functions)]
        found = _SPOKEN.search("\n".join(names))
        if found:
            yield Location(path=module.path, symbol=found.group())
    manifest = facts.manifest
    for need in (*manifest.dependencies, *(row for rows in manifest.pins.values() for row in rows)):
        if _MODEL_PACKAGE.match(need.name):
            yield Location(path=need.path, line=need.line, symbol=need.name)
    yield from facts.imported(*_LIBRARIES, modules=facts.of(roles.EXAMPLE, roles.TOOLING))
    for path, body in facts.tree.plain.items():
        pattern = _IN_NOTEBOOK if path.endswith(".ipynb") else _OTHER_MODELS if path.endswith("package.json") else None
        match = pattern.search(body) if pattern else None
        if match:
            yield Location(path=path, symbol=match.group(1))
