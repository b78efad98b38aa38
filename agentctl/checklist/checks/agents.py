"""AG: agents."""

from __future__ import annotations

import re

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, counted, passed, place, places, unknown, weak
from agentctl.checklist.checks import design, suites, testing
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.deploy import Step
from agentctl.checklist.facts.expressions import DELIMITED
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Module
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

_OWN_CAP = re.compile(
    r"(^|[._?])(max_(\w+_)?(iterations?|steps?|turns?|rounds?|loops?|tool_calls|revisions|calls|retries_total)"
    r"(_(num|number|count))?|max_((re)?search_|recursion_|delegation_|agent_|plan\w*_)?(depth|breadth)"
    r"|remaining_steps|(\w+_)?(iteration|step|turn|token|cost)s?_(limit|budget|cap))$",
    re.IGNORECASE,
)
_ROUNDS = re.compile(r"max_(\w+_)?(iterations?|steps?|turns?|rounds?|loops?)(_(num|number|count))?$", re.IGNORECASE)

_GUARD = re.compile(
    r"guard_?rail|safe_?guard|prompt_?injection|jailbreak|moderat(e|ion)|injection_(check|filter|guard)", re.IGNORECASE
)
_RUN = re.compile(r"agent|llm|graph|loop|research|chain|^model\.py$")
_PROMPTS = re.compile(r"prompt[^/]*(/.*)?\.(toml|ya?ml|txt|md|j2|jinja2?|prompt|mustache)$", re.IGNORECASE)
_EVALUATIONS = re.compile(r"(^|/)(test_|auto_|agent_|llm_)?(evals?|evaluations?)(/|_|\.)", re.IGNORECASE)
_DATASET = re.compile(
    r"(^|/)(evals?|evaluations?|datasets?)/.*\.(jsonl?|csv|ya?ml|parquet)$|promptfooconfig\.ya?ml$", re.IGNORECASE
)
_EVAL_COMMAND = re.compile(r"\b(evals?|evaluat\w*|deepeval|promptfoo|ragas|inspect eval)\b", re.IGNORECASE)


def ag01(facts: Facts, _ships: Ships) -> Answer:
    """Are steps, tokens, time or cost of one run capped?

    Why: beyond the guides; an agent that loops spends without end.
    Counts: a step, turn or usage limit handed to the framework, in its options too; a limit of its own that a
    comparison enforces.
    A token cap together with a time limit around the calls. A token cap alone is a warning.
    Does not count: a framework's default; a limit that nothing compares, or of something else than a run.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: give the run usage limits or a maximum of steps from the settings.
    """
    given = facts.given(*frameworks.STEP_CAPS)
    types = facts.called_as(*frameworks.STEP_CAP_TYPES)
    near, above = _of_agents(facts) if design.has_agent(facts) else ([], [])
    own = [place(m) for module in near for m in module.compared if _OWN_CAP.search(m.name)]
    own += [place(m) for module in above for m in module.compared if _ROUNDS.search(m.name)]
    own += [place(text) for module in facts.shipped for text in module.strings if text.name == "recursion_limit"]
    if given or types or own:
        return passed("the steps of a run are capped", [*places([*given, *types]), *own])
    tokens = facts.given(*frameworks.TOKEN_CAPS)
    timed = facts.called(*frameworks.TIMEOUT_BLOCKS)
    if tokens and timed:
        return passed("tokens and time of a run are capped", [*places(tokens[:3]), *places(timed[:2])])
    if tokens:
        return weak("tokens are capped, steps are not", "cap the steps of a run too", places(tokens))
    if not design.has_agent(facts):
        return absence.no_agent(facts, "no run can go on without end")
    return unknown("no cap on steps, tokens, time or cost was found", "give each run a maximum of steps and tokens")


def ag02(facts: Facts, _ships: Ships) -> Answer:
    """Is untrusted text kept from steering the agent (guardrail, delimiting, tool approval, injection tests)?

    Why: guide 1 "Security", guide 4 "sanitization".
    Counts: a framework's guardrail or approval that the shipped code wires; a guard of its own that is called, beside
    tests of injection.
    Does not count: a sentence in a prompt. A guard of its own that no test attacks, an interrupt or tags around what is
    put into a prompt warn.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: wire a guardrail before the model, ask for approval of tools that change something, and test injections.
    """
    wired = facts.used(frameworks.GUARDRAILS)
    if wired:
        return passed("guardrails are wired", wired)
    own = [f for f in facts.functions if _GUARD.search(f.name.rpartition(".")[2])]
    own += [f for f in facts.functions if f.class_name and _GUARD.search(f.class_name.rpartition(".")[2])]
    attacked = _attacked(facts)
    own += [f for f in facts.functions if f.class_name in attacked]
    handed = {v for c in facts.calls for v in c.args if isinstance(v, str)} if own else set()
    called = facts.ran | {facts.own_function(facts.symbols.name(value)) for value in handed}
    used = [f for f in own if f.name in called]
    tests = [f for m in facts.tests for f in m.functions if _GUARD.search(f.name) or "inject" in f.name]
    if used and tests:
        return passed("a guard of its own is called, and tests attack it", places([*used, *tests]),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    asked = facts.used(("langgraph.types.interrupt", "langgraph.prebuilt.interrupt"))
    if used or asked:
        what = "a guard of its own is called, but no test attacks it" if used else "only an interrupt asks a person"
        return weak(what, "test injected text against it", [*places(used), *asked])
    if not design.has_agent(facts, "mcp", "fastmcp"):
        return absence.no_agent(facts, "no text can steer one")
    fenced = [*(place(m) for module in facts.shipped for m in module.delimited), *_fenced_files(facts)]
    if fenced:
        return weak("prompts fence what is put into them, which a text can talk its way out of",
                    "wire a guardrail, and test it with injections", fenced)  # fmt: skip
    return unknown("no guard against injected text was found", "wire a guardrail, and test it with injections")


def ag03(facts: Facts, _ships: Ships) -> Answer:
    """Are answers evaluated against a dataset, with a gate?

    Why: beyond the guides; an answer that was right last month is no proof.
    Counts: evaluations (a library's, or code in a folder of its own) that CI runs and that can fail it.
    Does not count: unit tests; benchmark data. Evaluations that only run by hand warn.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: keep a dataset under evals/, score it in CI, and fail below a floor.
    """
    beside = [m for m in facts.modules.values() if facts.roles[m.path] != roles.VENDORED]
    used = facts.used(frameworks.EVALUATIONS, beside)
    own = [Location(path=m.path) for m in beside if _EVALUATIONS.search(m.path) and m.functions]
    data = [Location(path=path) for path in facts.tree.paths if _DATASET.search(path)]
    gates = [s for s in facts.ci if s.changes and s.binding and _EVAL_COMMAND.search(s.text)]
    gates = gates or _run_with_the_tests(facts)
    if (used or own) and gates and data:
        return passed("CI evaluates answers against a dataset", [*places(gates), *used, *own, *data])
    if used or own:
        words = "run by CI, without a dataset in the tree" if gates else "that CI does not run"
        return weak(f"there are evaluations ({counted({p.path for p in (*used, *own)}, 'file')}) {words}",
                    "score a dataset in CI and fail below a floor", [*used, *own, *data])  # fmt: skip
    if not design.has_agent(facts):
        return absence.no_agent(facts, "there are no answers to score")
    return unknown("no evaluation of answers was found", "keep a dataset under evals/ and score it in CI")


def _attacked(facts: Facts) -> set[str]:
    """Return the own classes named Guard that tests make or import."""
    guards = {k.name for k in facts.classes if re.search(r"(^|[a-z])Guard$", k.short)}
    named = {facts.symbols.identity(name) for module in facts.tests for name in module.imports}
    return guards & (named | {call.name for module in facts.tests for call in module.calls})


def _run_with_the_tests(facts: Facts) -> list[Step]:
    """Return the steps of CI that run evaluations since these are collected with the other tests."""
    collected = [f for m in facts.tests if _EVALUATIONS.search(m.path) for f in testing.collected(m)]
    run = [step for step in facts.ci if step.changes and step.binding and testing.runs_tests(step.text)]
    return [step for step in run if suites.runs_all([step]) or "agentctl test" in step.text] if collected else []


def _fenced_files(facts: Facts) -> list[Location]:
    """Return the prompt files that fence what is put into them."""
    return [
        Location(path=path, line=text.count("\n", 0, match.start()) + 1)
        for path, text in facts.beside.items()
        if _PROMPTS.search(path) and "{" in text and (match := DELIMITED.search(text))
    ]


def _of_agents(facts: Facts) -> tuple[list[Module], list[Module]]:
    """Return the modules that have to do with a run, around what uses a model or named for one, and the rest above.

    Around it are those that import it, and what these import; above are those that reach it through any number of
    imports. The name of the project itself says nothing.
    """
    using = {spot.path for spot in facts.imported(*(set(frameworks.AGENTS) - {"mcp"}))}  # its servers run no model
    imported = {m.path: facts.imported_paths(m) for m in facts.shipped} if using else {}
    asking = {path for path, others in imported.items() if path in using or using & others}
    around = asking.union(*(imported[path] for path in asking))
    own = facts.manifest.name.replace("-", "_")
    named = {m.path: [part for part in m.path.split("/") if part != own] for m in facts.shipped}
    above, found = set(asking), set(asking)
    while found:
        found = {path for path, others in imported.items() if path not in above and found & others}
        above |= found
    near = [m for m in facts.shipped if m.path in around or any(map(_RUN.search, named[m.path]))]
    return near, [m for m in facts.shipped if m.path in above]
