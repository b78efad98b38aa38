"""Where what was said lies while the process runs: in objects, in a page's session, with the caller."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.checks.agents import of_agents
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import ADDED, KEPT, Call, Class, Function, Mention, Value
from agentctl.results import Location

_ADDING = (
    "append", "extend", "insert", "appendleft", "add_message", "add_messages", "add_user_message", "add_ai_message",
    "add_assistant_message", "append_message",
)  # fmt: skip
_NAMED = re.compile(
    r"_*((chat|conversation|message|dialog(ue)?|user|session|thread|llm|full|agent|context)_?)?"
    r"(history|histories|messages|conversations?|dialog(ue)?s?|transcripts?|memory|memories)(_list|_log|_buffer)?$"
)
_MESSAGE = re.compile(
    r"\.((Human|AI|System|User|Assistant|Tool|Chat|Model|Function|Base)Message(Param)?|ChatCompletion\w*MessageParam"
    r"|ModelRequest|ModelResponse|Message|Msg)\(\)$"
)
_SAYS = {b"content", b"parts", b"text", b"message"}
_ITEM = re.compile(r"\[\]|\.(get|setdefault)\(\)")
_SESSIONS = ("streamlit.session_state", "chainlit.user_session", "flask.session", "gradio.State")
_TALKING = re.compile(
    r"(\.(as_chat_engine|start_chat|create_chat|chats\.create|Chat)|\.\w*(Conversation|Dialog(ue)?|ChatHistory|MessageHistory"
    r"|ChatSession|ChatThread|ChatMemory|ChatContext|ChatEngine)(Chain|Data|Engine|State|BufferMemory|Manager)?)\(\)$"
)
_THREADS = re.compile(r"\.(threads|conversations)(\.messages)?\.create$")
_BODY = re.compile(r"Chat\w*(Request|Params|Input|Payload|Body)$")
_HANDED = re.compile(r"((chat|message|conversation|dialog)_?)?histor(y|ies)$|(previous|past|prior)_messages$")


def kept(facts: Facts) -> list[Location]:
    """Return where messages are added to what outlives the call, and conversations are kept by an object or the module.

    That is an attribute, a variable of the module, an item of either, or the session of a page.
    """
    return facts.once(_kept)


def is_of_messages(name: str) -> bool:
    """Return whether an attribute, a variable or a parameter is named for what was said."""
    return bool(_NAMED.match(name))


def handed_in(facts: Facts) -> list[Function | Class]:
    """Return the functions near a model, and the bodies of requests, that are handed what was said before."""
    near = _near(facts)
    bodies = [k for k in facts.classes if any(map(_HANDED.match, k.fields)) or _is_chat(k)]
    return [*(f for f in facts.taking(_HANDED.match) if f.path in near), *bodies]


def _is_chat(kind: Class) -> bool:
    return "messages" in kind.fields and bool(_BODY.search(kind.short))


def kept_elsewhere(facts: Facts) -> list[Call]:
    """Return where a messenger or a model's provider, which keeps what was said, is asked for it."""
    writes = bool(facts.imported("discord", "nextcord", "disnake"))
    pages = [call for call in facts.ending("history") if writes and call.has("limit")]
    threads = [c for c in facts.ending("create") if _THREADS.search(c.raw)]
    threads += [c for c in facts.given("previous_response_id") if c.keywords["previous_response_id"] is not None]
    return [*facts.ending("conversations_replies", "conversations_history"), *pages, *threads]


def _kept(facts: Facts) -> list[Location]:
    near = _near(facts)
    added = (call for call in facts.ending(*_ADDING) if call.role == "call" and _is_kept(facts, call, near))
    talks = (m for module in facts.shipped if module.path in near for m in module.mentions if _is_talk(m))
    found = [Location(path=c.path, line=c.line, symbol=_ITEM.sub("", c.raw.rpartition(".")[0])) for c in added]
    named = [(m, KEPT) for m in talks] + [(m, ADDED) for m in _gathered(facts, near)]
    return found + [Location(path=m.path, line=m.line, symbol=m.name.removeprefix(mark)) for m, mark in named]


def _is_kept(facts: Facts, call: Call, near: set[str]) -> bool:
    owners = {_ITEM.sub("", name.rpartition(".")[0]) for name in (call.raw, call.name)}
    lasting = [owner for owner in owners if _outlives(facts, owner)]
    named = call.path in near and any(_NAMED.match(owner.rpartition(".")[2]) for owner in lasting)
    return bool(lasting) and (named or any(map(_says, call.args)))


def _outlives(facts: Facts, owner: str) -> bool:
    """Return whether what a name stands for is there after the function: of an object, of the module, of a session."""
    holder, _, attribute = owner.partition("().")
    if attribute and "()" not in attribute and facts.symbols.identity(holder) in facts.class_by_name:
        return True
    of_module = "()" not in owner and owner.rpartition(".")[0] in facts.symbols.modules
    return of_module or frameworks.is_one_of(owner, _SESSIONS)


def _says(value: Value) -> bool:
    """Return whether a value is a message, or a list of some: a role and what it said, or a library's type of it."""
    if isinstance(value, str):
        return bool(_MESSAGE.search(value))
    if not isinstance(value, tuple):
        return False
    return (b"role" in value and not _SAYS.isdisjoint(value)) or any(map(_says, value))


def _gathered(facts: Facts, near: set[str]) -> list[Mention]:
    """Return where what is kept near a model gets more of what was said by a sum."""
    owners = ((m, m.name.removeprefix(ADDED)) for module in facts.shipped if module.path in near
              for m in module.mentions if m.name.startswith(ADDED))  # fmt: skip
    return [m for m, owner in owners if _outlives(facts, owner) and _NAMED.match(owner.rpartition(".")[2])]


def _is_talk(mention: Mention) -> bool:
    return mention.name.startswith(KEPT) and bool(_TALKING.search(mention.name))


def _near(facts: Facts) -> set[str]:
    return {module.path for module in facts.once(of_agents)[0]}
