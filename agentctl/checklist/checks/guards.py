"""AG: what a text can make an agent do."""

from __future__ import annotations

import re

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, passed, place, places, unknown, weak
from agentctl.checklist.checks import design
from agentctl.checklist.checks.agents import of_agents
from agentctl.checklist.facts.expressions import DELIMITED
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Function, Value, literal
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

_GUARD = re.compile(
    r"guard_?rail|safe_?guard|prompt_?injection|jailbreak|moderat(e|ion)|injection_(check|filter|guard)|canary_?(token|word)",
    re.IGNORECASE,
)
_GUARD_CLASS = re.compile(
    r"^((\w*[a-z])?(Input|Output|Prompt|Text|Content|Message|Tool|Injection|Safety|Topic|Llm|LLM|Agent))?Guard$"
)
_ATTACK = re.compile(r"(?<!dependency_)inject(ion|ed|_|$)|jailbreak")
_INTERRUPTS = ("langgraph.types.interrupt", "langgraph.prebuilt.interrupt")
_CONFIRMS = re.compile(r"confirm|approv|ask_(yes_no|user|permission|before)|user_(consent|permission)", re.IGNORECASE)
_LIMITS = (
    "interrupt_before", "interrupt_after", "allowed_tools", "disallowed_tools", "tool_filter", "can_use_tool",
    "permission_mode", "safety_settings", "permission_callback",
)  # fmt: skip
_CHECKS = re.compile(
    r"^_*(is|are)_(\w+_)?(sql|query|command|code|cypher|statement)s?_(\w+_)?(safe|read_?only|allowed|forbidden)"
    r"|^_*is_(safe|read_?only|allowed|forbidden|dangerous|destructive)_(\w+_)?(sql|query|command|code|cypher|statement)"
    r"|(sanitize|check|validate|filter|restrict|block)_(\w+_)?(sql|commands?|cypher|shell)(_|$)"
    r"|(sql|query|command|cypher)_(sanitizer|validator|checker)|_filter_commands$"
    r"|(is|has|contains|detect)_(dangerous|destructive|forbidden|unsafe|harmful)_"
    r"|(sql|query|command|code|cypher|statement)s?_(is|are)_(safe|allowed|read_?only|permitted)"
    r"|^_*(sanitize|escape)_(user_)?(input|prompt|message|query)s?$",
    re.IGNORECASE,
)
_APPROVES = re.compile(
    r"(request|await|wait_for|require|ask_for)_(\w+_)?(approval|confirmation)|ask_for_(\w+_)?permission|(confirm|approv)\w*_(tool|command|action|execution|call|step|plan)|(tool|command|action|execution|call|plan)\w*_(confirm|approv)",
    re.IGNORECASE,
)
_APPROVING = re.compile(r"(^|[/_-])(confirm|approv(e|al))([/_-]|$)", re.IGNORECASE)
_NO_APPROVAL = (None, False, b"never", b"")
_OF_TOOLS = re.compile(r"(^|_)(tool|command|action|call)s?(_|$)", re.IGNORECASE)
_POLICIES = re.compile(
    r"^((Prompt|Query|Sql|SQL|Command|Tool|Input)(Security|Safety|Validator|Policy|Checker)|Safety(Manager|Checker|Policy)"
    r"|Secure\w*Formatter)$"
)
_ALLOWED = re.compile(r"(^|_)(ALLOW|ENABLE|DISABLE)_(WRITE|DROP|DELETE|DESTRUCTIVE|DANGEROUS|MUTATION)|READ_?ONLY")
_READ_ONLY = {b"--read-only", b"--readonly", b"--read_only", b"--allow-write", b"--allow-writes", b"--read-write"}
_READS = re.compile(r"read_?only(_mode)?|allow_writes?", re.IGNORECASE)
_PROMPTS = re.compile(r"prompt[^/]*(/.*)?\.(toml|ya?ml|txt|md|j2|jinja2?|prompt|mustache)$", re.IGNORECASE)


def ag02(facts: Facts, _ships: Ships) -> Answer:
    """Is untrusted text kept from steering the agent (guardrail, delimiting, tool approval, injection tests)?

    Why: guide 1 "Security", guide 4 "sanitization".
    Counts: a framework's guardrail or approval that the shipped code wires; a guard of its own that is called, beside
    tests of injection; a question of its own to a person before a tool or command is run, which tests try.
    Does not count: a sentence in a prompt. A guard of its own that no test attacks, an interrupt, a question to the
    person before a command runs, tools that say of themselves that they destroy or only read, a server of tools that
    can be held to reading, tags around what is put into a prompt, a list of the tools that may be called, a provider's
    filters, or a look at what the model wrote or somebody sent before it is used warn.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: wire a guardrail before the model, ask for approval of tools that change something, and test injections.
    """
    wired = [*facts.used(frameworks.GUARDRAILS), *places(_approvals(facts))]
    if wired:
        return passed("guardrails or approvals are wired", wired)
    used, tests = _own_guards(facts)
    if used and tests:
        return passed("a guard of its own is called, and tests attack it", places([*used, *tests]),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    asked = _tried(facts)
    if asked:
        return passed("a person is asked before tools are run, and tests try it", places(asked),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if used:
        return weak("a guard of its own is called, but no test attacks it", "test injected text against it",
                    places(used))  # fmt: skip
    if not design.has_agent(facts, "mcp", "fastmcp"):
        return absence.no_agent(facts, "no text can steer one")
    for found, words in (
        ([*facts.used(_INTERRUPTS), *places(_asked(facts))], "only a person is asked before something is done"),
        (places(_told(facts)), "tools say whether they destroy or only read, and the client has to ask"),
        ([*(place(m) for module in facts.shipped for m in module.delimited), *_fenced_files(facts)],
         "prompts fence what is put into them, which a text can talk its way out of"),
        (places(_limited(facts)), "a run can be halted, or what it may do is limited; nothing minds injected text"),
        (places(_checked(facts)), "what a model wrote or somebody sent is looked at before it is used"),
    ):  # fmt: skip
        if found:
            return weak(words, "wire a guardrail, and test it with injections", found)
    return unknown("no guard against injected text was found", "wire a guardrail, and test it with injections")


# ---------------------------------------------------------------- what the check looks for


def _approvals(facts: Facts) -> list[Call]:
    """Return the tools and agents that a library lets a person approve."""
    given = (c for word in frameworks.APPROVALS for c in facts.given(word) if c.keywords[word] not in _NO_APPROVAL)
    return [c for c in given if c.role == "decorator" or frameworks.is_one_of(c.name, frameworks.AGENTS)]


def _handed_on(facts: Facts) -> set[str]:
    """Return the own functions that the shipped code hands to others."""
    given = {v for c in facts.calls for v in c.args if isinstance(v, str) and "." in v and v[0] != "?"}
    found = {facts.own_function(facts.symbols.name(value)) for value in given} & facts.function.keys()
    facts.symbols.forget()  # what every argument stands for is not asked again
    return found


def _own_guards(facts: Facts) -> tuple[list[Function], list[Function]]:
    """Return the own guards that are called, and the tests that attack one."""
    own = [f for f in facts.functions if _GUARD.search(f.name.rpartition(".")[2])]
    own += [f for f in facts.functions if f.class_name and _GUARD.search(f.class_name.rpartition(".")[2])]
    attacked = _attacked(facts)
    own += [f for f in facts.functions if f.class_name in attacked]
    called = facts.ran | (_handed_on(facts) if own else set())
    tests = [f for m in facts.tests for f in m.functions if _GUARD.search(f.name) or _ATTACK.search(f.name)]
    return [f for f in own if f.name in called], tests


def _tried(facts: Facts) -> list[Function]:
    """Return what asks a person whether a tool or a command may run, and the tests that are named for it."""
    asking = [f for f in facts.named(_APPROVES.search) if f.name in facts.ran and _OF_TOOLS.search(f.short)]
    words = [f.short.strip("_") for f in asking]
    tests = [f for m in facts.tests for f in m.functions if asking and any(word in f.short for word in words)]
    return [*asking, *tests] if tests else []


def _limited(facts: Facts) -> list[Call]:
    """Return where agents are given the tools that they may call, where they halt, or a provider's filters."""
    return [c for word in _LIMITS for c in facts.given(word) if c.keywords[word] not in _NO_APPROVAL]


def _checked(facts: Facts) -> list[Function | Call]:
    """Return the own functions that look at what a model wrote, or clean what somebody sent, and are called."""
    made = facts.calls_named({kind.name for kind in facts.classes if _POLICIES.search(kind.short)}.__contains__)
    return [*(f for f in facts.named(_CHECKS.search) if f.name in facts.ran), *made]


def _asked(facts: Facts) -> list[Call | Function | Route]:
    """Return what asks a person near an agent: before a command runs, or by a route or function that approves."""
    running = {c.function for c in facts.called(*frameworks.PROCESSES)}
    near = {module.path for modules in facts.once(of_agents) for module in modules}
    own = {f.short for f in facts.named(_CONFIRMS.search)}
    asked = [*facts.called(*frameworks.QUESTIONS), *facts.ending(*own)] if running else []
    asking = [c for c in asked if c.path in near and c.role == "call"]
    words = {word for name in running if "_" in (word := name.rpartition(".")[2])}  # of methods of what is handed on
    before = [c for c in asking if any(_leads_to(facts, one, running, words) for one in _around(facts, c.function))]
    approving = [f for f in facts.named(_APPROVES.search) if f.name in facts.ran]
    return [*before, *approving, *(route for route in facts.routes if _APPROVING.search(route.path or ""))]


def _leads_to(facts: Facts, function: str, wanted: set[str], words: set[str]) -> bool:
    called = {call.raw.rpartition(".")[2] for call in facts.calls_in(function)}
    return bool(called & words or wanted & facts.reach(function, 2))


def _around(facts: Facts, function: str) -> tuple[str, ...]:
    """Return a function and those that call it, which do what it was asked for."""
    return (function, *facts.callers.get(function, ()))


def _told(facts: Facts) -> list[Call | Function]:
    """Return the tools that say that they destroy or only read, and what holds a server of tools to reading."""
    hints = facts.given("destructiveHint", "readOnlyHint", "destructive_hint", "read_only_hint")
    hints += [c for c in facts.given("annotations") if _has_hint(c.keywords["annotations"])]
    if hints or not facts.used(frameworks.TOOL_SURFACES):
        return list(hints)
    options = [c for c in facts.ending("add_argument", "option", "Option") if not _READ_ONLY.isdisjoint(c.args)]
    serving = {place.path for place in facts.used(frameworks.TOOL_SURFACES)}
    read = (c for c in facts.called_as(*frameworks.ENV_READS) if c.args)
    return [
        *options,
        *(c for c in read if _ALLOWED.search(literal(c.args[0]) or "")),
        *(f for f in facts.taking(_READS.fullmatch) if f.path in serving),
    ]


def _has_hint(value: Value) -> bool:
    return isinstance(value, tuple) and any(isinstance(key, bytes) and key.endswith(b"Hint") for key in value)


def _attacked(facts: Facts) -> set[str]:
    """Return the own classes that guard what is said or asked, and that tests make or import."""
    guards = {k.name for k in facts.classes if _GUARD_CLASS.search(k.short)}
    named = {facts.symbols.identity(name) for module in facts.tests for name in module.imports}
    return guards & (named | {call.name for module in facts.tests for call in module.calls})


def _fenced_files(facts: Facts) -> list[Location]:
    """Return the prompt files that fence what is put into them."""
    return [
        Location(path=path, line=text.count("\n", 0, match.start()) + 1)
        for path, text in facts.beside.items()
        if _PROMPTS.search(path) and "{" in text and (match := DELIMITED.search(text))
    ]
