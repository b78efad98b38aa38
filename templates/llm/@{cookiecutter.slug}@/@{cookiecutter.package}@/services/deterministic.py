"""A model that needs no network and always says the same: for development, tests, evaluations and load tests.

It looks the question up with the first tool that is offered and quotes the sentence that fits best. So what is
around the model (tools, guard, caps, answers) is exercised as with a real one.
"""

import html
import json
import re
from collections.abc import AsyncIterator

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

NOTHING_FOUND = "The documents do not answer this question."
PASSAGE = re.compile(r"^\[([a-z0-9-]+)\] ([^:\n]+)(?:: (.+))?$", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
WORD = re.compile(r"\w{3,}")
PIECE = re.compile(r"\S+\s*")


def deterministic_model(name: str) -> FunctionModel:
    """Return the model under that name."""
    return FunctionModel(_at_once, stream_function=_streamed, model_name=name)


async def _at_once(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    if call := _call(messages, info):
        return ModelResponse(parts=[ToolCallPart(call[0], call[1], tool_call_id="call-1")])
    return ModelResponse(parts=[TextPart(_answer(messages))])


async def _streamed(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    if call := _call(messages, info):
        yield {0: DeltaToolCall(call[0], call[1], tool_call_id="call-1")}
        return
    for piece in PIECE.findall(_answer(messages)):
        yield piece


def _call(messages: list[ModelMessage], info: AgentInfo) -> tuple[str, str] | None:
    if _results(messages) or not info.function_tools:
        return None
    tool = info.function_tools[0]
    takes_query = "query" in tool.parameters_json_schema.get("properties", {})
    return tool.name, json.dumps({"query": _question(messages)} if takes_query else {})


def _answer(messages: list[ModelMessage]) -> str:
    question = _words(_question(messages))
    found = [match.groups("") for result in _results(messages) for match in PASSAGE.finditer(result)]
    if found and not any(text for _, _, text in found):  # a list of documents
        return "There are " + ", ".join(f"{title} [{document}]" for document, title, _ in found) + "."
    sentences = [(sentence, document) for document, _, text in found for sentence in SENTENCE_END.split(text)]
    if not sentences:
        return NOTHING_FOUND
    sentence, document = max(sentences, key=lambda pair: len(question & _words(pair[0])))
    return f"{sentence} [{document}]"


def _question(messages: list[ModelMessage]) -> str:
    parts = [part.content for message in messages for part in message.parts if isinstance(part, UserPromptPart)]
    text = parts[0] if parts and isinstance(parts[0], str) else ""
    return html.unescape(re.sub(r"</?question>", "", text))


def _results(messages: list[ModelMessage]) -> list[str]:
    parts = (part for message in messages for part in message.parts if isinstance(part, ToolReturnPart))
    return [html.unescape(str(part.content)) for part in parts]


def _words(text: str) -> set[str]:
    return {word[:5] for word in WORD.findall(text.casefold())}
