"""A model that needs no network and always says the same: for development, tests, evaluations and load tests.

It looks the question up with the first tool that is offered and quotes the sentence that fits best. A question that
goes on from the one before (“And by express?”) is looked up together with it, and it knows what it was asked before.
What it is asked to remember it keeps, where there is a tool for that. So what is around the model (tools, guard, caps,
conversations, answers) is exercised as with a real one. It stands behind our own interface, not behind pydantic-ai's:
an offline service starts without loading that.
"""

import asyncio
import html
import json
import re

from ..interfaces.model import LanguageModel, OnText
from ..models.conversation import Prompt, Reply, ToolCall, Usage

NOTHING_FOUND = "The documents do not answer this question."
ASKED_BEFORE = re.compile(r"\bwhat did i (just )?ask( you)?( before| earlier| last)?\b", re.IGNORECASE)
GOES_ON = re.compile(r"(and|what about|how about|or)\b", re.IGNORECASE)
TO_REMEMBER = re.compile(r"(?:please )?remember(?: that)?:? (.+)", re.IGNORECASE | re.DOTALL)
REMEMBERED = re.compile(r"\bwhat do you (remember|know) (about|of) me\b", re.IGNORECASE)
KEEPER = "remember"
MEMORY = re.compile(r"^- (.+)$", re.MULTILINE)
PASSAGE = re.compile(r"^\[([a-z0-9-]+)\] ([^:\n]+)(?:: (.+))?$", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
WORD = re.compile(r"\w{3,}")
PIECE = re.compile(r"\S+\s*")
CHARS_PER_TOKEN = 4


class DeterministicModel(LanguageModel):
    """Quotes what tools show.

    Args:
        name: Its name, for operators.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    async def reply(self, prompt: Prompt, on_text: OnText | None = None) -> Reply:
        """Return a call of a tool at first, and a quotation when there is something to quote."""
        call = _call(prompt)
        text = "" if call else _answer(prompt)
        if on_text is not None:
            for piece in PIECE.findall(text):
                on_text(piece)
                await asyncio.sleep(0)  # each piece can leave before the next one
        written = call.arguments if call else text
        return Reply(text=text, calls=(call,) if call else (), usage=_usage(prompt, written), model=self._name)

    async def close(self) -> None:
        """Close nothing: it holds nothing open."""


def _call(prompt: Prompt) -> ToolCall | None:
    if prompt.turns or prompt.answer_now or not prompt.tools or _is_about_before(prompt) or _memories(prompt):
        return None
    wish = TO_REMEMBER.match(_unfenced(prompt.user))
    if wish and any(tool.name == KEEPER for tool in prompt.tools):
        return ToolCall(id="call-1", name=KEEPER, arguments=json.dumps({"fact": wish[1]}))
    tool = prompt.tools[0]
    properties = tool.parameters.get("properties")
    takes_query = isinstance(properties, dict) and "query" in properties
    arguments = {"query": _wanted(prompt)} if takes_query else {}
    return ToolCall(id="call-1", name=tool.name, arguments=json.dumps(arguments))


def _answer(prompt: Prompt) -> str:
    if _is_about_before(prompt):
        return f"You asked: {_unfenced(prompt.history[-1].question)}"
    if told := _memories(prompt):
        return f"You told me: {'; '.join(told)}"
    if prompt.turns and prompt.turns[-1].results[0].call.name == KEEPER:
        return html.unescape(_results(prompt)[-1].split("\n")[1])
    wanted, before = _words(_unfenced(prompt.user)), _words(_wanted(prompt))
    found = [match.groups("") for result in _results(prompt) for match in PASSAGE.finditer(html.unescape(result))]
    if found and not any(text for _, _, text in found):  # a list of documents
        return "There are " + ", ".join(f"{title} [{document}]" for document, title, _ in found) + "."
    sentences = [(sentence, document) for document, _, text in found for sentence in SENTENCE_END.split(text)]
    if not sentences:
        return NOTHING_FOUND
    sentence, document = max(sentences, key=lambda pair: (len(wanted & _words(pair[0])), len(before & _words(pair[0]))))
    return f"{sentence} [{document}]"


def _is_about_before(prompt: Prompt) -> bool:
    return bool(prompt.history and ASKED_BEFORE.search(_unfenced(prompt.user)))


def _memories(prompt: Prompt) -> list[str]:
    """Return what is known of who asks, when that is the question."""
    return MEMORY.findall(html.unescape(prompt.context)) if REMEMBERED.search(_unfenced(prompt.user)) else []


def _wanted(prompt: Prompt) -> str:
    """Return what to look for: the question, with the one before it when it goes on from that."""
    question = _unfenced(prompt.user)
    before = prompt.history[-1:] if GOES_ON.match(question) else ()
    return " ".join([*(_unfenced(past.question) for past in before), question])


def _unfenced(question: str) -> str:
    return html.unescape(re.sub(r"</?question>", "", question))


def _results(prompt: Prompt) -> list[str]:
    return [result.content for turn in prompt.turns for result in turn.results]


def _usage(prompt: Prompt, written: str) -> Usage:
    """Return about as many tokens as a real model would count."""
    read = sum(map(len, (prompt.system, prompt.context, prompt.user, *_results(prompt)))) + sum(
        past.chars for past in prompt.history
    )
    return Usage(input_tokens=read // CHARS_PER_TOKEN, output_tokens=max(1, len(written) // CHARS_PER_TOKEN))


def _words(text: str) -> set[str]:
    return {word[:5] for word in WORD.findall(text.casefold())}
