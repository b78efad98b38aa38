"""AG: agents."""

from __future__ import annotations

import re

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, counted, passed, place, places, unknown, weak
from agentctl.checklist.checks import attempts, design, testing
from agentctl.checklist.checks.protection import lines
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.deploy import Step
from agentctl.checklist.facts.expressions import COUNTED
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import TIMES, Call, Mention, Module
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_OWN_CAP = re.compile(
    r"(^|[._?])(max_(\w+_)?(iterations?|steps?|turns?|rounds?|loops?|tool_calls|revisions|calls|retries_total)"
    r"(_(num|number|count))?|max_((re)?search_|recursion_|delegation_|agent_|plan\w*_)?(depth|breadth)"
    r"|max_(\w+_)?(cost|budget|spend(ing)?)(_(usd|dollars|cents))?|remaining_steps|(\w+_)?(iteration|step|turn|loop|round|token|cost)s?_(limit|budget|cap))$",
    re.IGNORECASE,
)
_WALKED = re.compile(r"(^|[._?])max_(depth|breadth)$", re.IGNORECASE)
_RESEARCH = re.compile(r"agent|llm|research|plan|reason|skills?/", re.IGNORECASE)
_ROUNDS = re.compile(r"max_(\w+_)?(iterations?|steps?|turns?|rounds?|loops?)(_(num|number|count))?$", re.IGNORECASE)

_TRIES = re.compile(r"(?!\?times:)(.*[._?])?max_(\w+_)?(attempts|tries)$", re.IGNORECASE)
_TRIED = re.compile(r"(^|[._?])(retry|attempt)s?_?(count|num|number)\(\)$", re.IGNORECASE)
_TOKENS = re.compile(r"^[ \t]*[\"']?(max_(output_|completion_|new_)?tokens|maxTokens)[\"']?\s*[:=]\s*\d", re.MULTILINE)
_CONFIGURATIONS = (".prompty", ".yml", ".yaml", ".json", ".toml")
_WORKFLOWS = ("llama_index.core.workflow", "workflows.Workflow", "workflows.workflow")
_PLANNED = re.compile(r"Plan|Steps|Tasks|Queries|Sections|Outline")
_GIVEN_CAP = re.compile(
    r"max_(\w+_)?(iter|iters|iterations?|steps?|turns?|rounds?|loops?|hops|tool_calls|tool_rounds|model_calls|llm_calls"
    r"|function_calls|agent_calls)$|(\w+_)?(turns?|steps?|iterations?|tool_calls?|recursion)_limit$"
)
_TRAINING = ("sklearn", "scipy", "torch", "transformers.TrainingArguments", "trl", "lightning", "statsmodels", "keras")
_INPUT_CAP = re.compile(r"context_(window|length)|max_(\w+_)?tokens|token_(limit|budget)|max_context", re.IGNORECASE)
_QUOTA = re.compile(
    r"(check|enforce|consume|verify|has|ensure|exceed|within)\w*(quota|budget|tokens_available)", re.IGNORECASE
)
_PATIENCE = ("timeout", "request_timeout")
_HOPS = 2  # own functions between a loop and the library
_ENDING = re.compile(r"stop|shutdown|close|cancel|clean|aexit|terminate", re.IGNORECASE)
_ASKS = re.compile(r"run|invoke|chat|complet|generat|agent|ask|kickoff|query", re.IGNORECASE)
_RUN = re.compile(r"agent|llm|graph|loop|research|chain|^model\.py$")
_EVALUATIONS = re.compile(r"(^|/)(test_|auto_|agent_|llm_)?(evals?|evaluations?)(/|_|\.)", re.IGNORECASE)
_DATASET = re.compile(
    r"(^|/)(evals?|evaluations?|(eval|evaluation)_sets?|datasets?)/.*\.(jsonl?|csv|ya?ml|parquet)$"
    r"|promptfooconfig\.ya?ml$",
    re.IGNORECASE,
)
_EVAL_COMMAND = re.compile(  # not the shell's own ``eval "$(…)"``
    r"\b(evals|evaluat\w*|deepeval|promptfoo|ragas|inspect eval|eval(?!\s*[\"'$(`]))\b", re.IGNORECASE
)
_BENCH = re.compile(r"(^|/)[\w-]*bench(mark)?s?(/|_|\.)", re.IGNORECASE)
_SETS = re.compile(r"(^|/)(evals?|evaluations?|(eval|evaluation)_sets?)/")
_JUDGES = re.compile(r"(?<!Test)\w(Judge|Benchmark)$|^(Judge|Benchmark)$")
_KNOWN = re.compile(
    r"(^|[/_-])(swe_?bench\w*|gaia|os_?world|web_?arena|simple_?qa|browse_?comp|human_?eval|hotpot_?qa|gsm8k|mmlu|tau_?bench"
    r"|terminal_?bench|exercism|aider_?bench|agent_?bench|locomo)(_\w+)?\.py$", re.IGNORECASE,
)  # fmt: skip
_SCORES = re.compile(
    r"_*((llm_)?judge|grade|score|rate_|evaluate|is_correct|(calculate|compute|measure)_(accuracy|scores?|f1|recall|metrics))",
    re.IGNORECASE,
)


def ag01(facts: Facts, _ships: Ships) -> Answer:
    """Are steps, tokens, time or cost of one run capped?

    Why: beyond the guides; an agent that loops spends without end.
    Counts: a step, turn, call or usage limit handed to the framework or the model's service, in its options too; a
    limit of its own that a comparison enforces, or a loop around the calls through a range of turns or of attempts that
    are no retries. A token cap together with a time limit around the calls. A token cap alone, a bound of what goes in,
    a time limit around a run or of a model's client, or a quota of tokens or cost warn.
    Does not count: a framework's default; a limit that nothing compares, or of something else than a run, or of
    the agents of others, which are only watched.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: give the run usage limits or a maximum of steps from the settings.
    """
    watching = design.of_others(facts)
    if watching:
        return watching
    near, above = facts.once(of_agents) if design.has_agent(facts) else ([], [])
    given = [*_given(facts, near), *facts.called_as(*frameworks.STEP_CAP_TYPES)]
    own = [place(m) for module in near for m in module.compared if _OWN_CAP.search(m.name) and _is_of_a_run(m)]
    own += [place(m) for module in above for m in module.compared if _ROUNDS.search(m.name)]
    turns = [m for module in near for m in module.compared if _is_counted(facts, m) or _is_of_attempts(facts, m)]
    own += [place(m._replace(name=m.name.removeprefix(TIMES))) for m in turns]
    own += [place(text) for module in facts.shipped for text in module.strings if text.name == "recursion_limit"]
    if given or own:
        return passed("the steps of a run are capped", dict.fromkeys([*places(given), *own]))
    tokens: list[Call | Mention] = [*facts.given(*frameworks.TOKEN_CAPS)]
    tokens += [text for module in near for text in module.strings if text.name in {"max_tokens", "maxTokens"}]
    timed = [call for call in facts.called(*frameworks.TIMEOUT_BLOCKS) if not _ENDING.search(call.function)]
    if tokens and timed:
        return passed("tokens and time of a run are capped", [*places(tokens[:3]), *places(timed[:2])])
    capped = places(tokens) or (lines(facts, _TOKENS, _CONFIGURATIONS) if near else [])
    if capped:
        return weak("tokens are capped, steps are not", "cap the steps of a run too", capped)
    half = _half_capped(facts, near)
    if half:
        return weak("what goes in, the time or a quota is capped; the steps and tokens of a run are not",
                    "give each run a maximum of steps and tokens", half)  # fmt: skip
    if not design.has_agent(facts):
        return absence.no_agent(facts, "no run can go on without end")
    return unknown("no cap on steps, tokens, time or cost was found", "give each run a maximum of steps and tokens")


def ag03(facts: Facts, _ships: Ships) -> Answer:
    """Are answers evaluated against a dataset, with a gate?

    Why: beyond the guides; an answer that was right last month is no proof.
    Counts: evaluations (a library's, or code in a folder of its own) that CI runs and that can fail it.
    Does not count: unit tests; benchmark data. Evaluations that only run by hand or by the clock warn, benchmarks that
    grade what own code or a model answers, judges among the tests and runners of known benchmarks among them, and so do
    tasks that stand there to be evaluated by, and an evaluation of another project that CI runs.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: keep a dataset under evals/, score it in CI, and fail below a floor.
    """
    beside = [m for m in facts.modules.values() if facts.roles[m.path] != roles.VENDORED]
    used = facts.used(frameworks.EVALUATIONS, beside)
    own = [Location(path=m.path) for m in beside if _EVALUATIONS.search(m.path) and m.functions]
    own += [*_grading(facts), *_benched(facts, beside)]
    data = [Location(path=path) for path in facts.tree.paths if _DATASET.search(path)]
    gates = [s for s in facts.ci if s.changes and s.binding and _EVAL_COMMAND.search(s.text)]
    gates = gates or _run_with_the_tests(facts)
    if (used or own) and gates and data:
        return passed("CI evaluates answers against a dataset", [*places(gates), *used, *own, *data])
    if used or own:
        aside = any(_EVAL_COMMAND.search(step.text) or _BENCH.search(step.text) for step in facts.ci)
        without = "that CI runs, but that hold back no change" if aside else "that CI does not run"
        words = "run by CI, without a dataset in the tree" if gates else without
        return weak(f"there are evaluations ({counted({p.path for p in (*used, *own)}, 'file')}) {words}",
                    "score a dataset in CI and fail below a floor", [*used, *own, *data])  # fmt: skip
    if not design.has_agent(facts):
        return absence.no_agent(facts, "there are no answers to score")
    if gates:
        return weak("CI runs an evaluation that does not stand in the tree", "keep a dataset and a floor here, too",
                    places(gates))  # fmt: skip
    sets = [spot for spot in data if _SETS.search(spot.path)]
    if sets:
        return weak(
            "tasks to evaluate by stand in the tree, and nothing here scores them", "score them in CI, too", sets
        )
    return unknown("no evaluation of answers was found", "keep a dataset under evals/ and score it in CI")


def _given(facts: Facts, near: list[Module]) -> list[Call]:
    """Return the calls that are given a cap of steps, by a library's name for it or near an agent by any."""
    said = [c for word in frameworks.STEP_CAPS for c in facts.given(word) if c.keywords[word] is not None]
    by_any = (c for m in near for c in m.calls if any(map(_GIVEN_CAP.match, c.keywords)))
    said += [c for c in by_any if any(v is not None for word, v in c.keywords.items() if _GIVEN_CAP.match(word))]
    return [call for call in {id(one): one for one in said}.values() if not frameworks.is_one_of(call.name, _TRAINING)]


def _is_of_a_run(limit: Mention) -> bool:
    """Return whether a limit is that of a run: how deep something is walked says so only where it stands."""
    return not _WALKED.search(limit.name) or bool(_RESEARCH.search(limit.path))


def _is_counted(facts: Facts, limit: Mention) -> bool:
    """Return whether the turns of a run are counted against a number: around calls that leave, or in a graph."""
    if limit.name.startswith(TIMES):
        return not limit.name.endswith("size") and any(
            call.loop and attempts.is_asking(facts, call) for call in facts.calls_in(limit.function)
        )
    graph = any(frameworks.is_one_of(name, ("langgraph",)) for name in facts.modules[limit.path].imports)
    return bool(COUNTED.search(limit.name)) and (graph or limit.function in attempts.asking(facts))


def _is_of_attempts(facts: Facts, limit: Mention) -> bool:
    """Return whether a model is asked in a loop whose attempts are counted, which no failure of it starts again."""
    counted_so = _TRIES.match(limit.name) or _TRIED.search(limit.name)
    looped = [c for c in facts.calls_in(limit.function) if c.loop] if counted_so else []
    asked = [c for c in looped if _asks_a_model(facts, c)]
    handlers = facts.handlers_in.get(limit.function, ()) if asked else ()
    return bool(asked) and not any(h.start < c.line < h.line for h in handlers for c in asked)


def _asks_a_model(facts: Facts, call: Call) -> bool:
    """Return whether a call asks a model by its name, or runs own code that a library of models is used in."""
    if attempts.MODEL_CALL.search(call.name) and attempts.is_asking(facts, call):
        return True
    return not facts.once(_using_models).isdisjoint(facts.reach(facts.own_function(call.name), _HOPS))


def _using_models(facts: Facts) -> frozenset[str]:
    return frozenset(c.function for c in facts.called(*frameworks.AGENTS, *frameworks.MODELS))


def _half_capped(facts: Facts, near: list[Module]) -> list[Location]:
    """Return what caps a part of a run: what goes in, the time of a call of the agent, a quota of tokens or cost."""
    paths = {module.path for module in near}
    compared = [place(m) for module in near for m in module.compared if _INPUT_CAP.search(m.name)]
    timed = [c for c in facts.called("asyncio.wait_for") if c.path in paths and c.args and _ASKS.search(str(c.args[0]))]
    clients = (*frameworks.PATIENT_CLIENTS, "litellm.completion", "litellm.acompletion")
    timed += [c for c in facts.called_as(*clients) if any(c.keywords.get(word) is not None for word in _PATIENCE)]
    workflows = {kind.short for kind in facts.subclasses(*_WORKFLOWS)}
    timed += [c for c in facts.given("timeout") if c.name.rpartition(".")[2] in workflows]
    planned = [c for c in facts.given("max_length", "max_items") if _PLANNED.search(c.function.rpartition(".")[2])
               and c.function in facts.class_by_name]  # fmt: skip
    quotas = [f for f in facts.named(_QUOTA.search) if f.name in facts.ran]
    return [*compared, *places([*timed, *quotas, *planned])] if near else []


def _grading(facts: Facts) -> list[Location]:
    """Return the benchmarks beside the shipped code that grade, and use own code or a model."""
    beside = [m for m in facts.of(roles.EXAMPLE, roles.TEST, roles.TOOLING) if _BENCH.search(m.path)]
    asking = {spot.path for spot in facts.imported(*frameworks.AGENTS, modules=beside)}
    shipped = {module.path for module in facts.shipped}
    return [place(f) for m in beside for f in m.functions if _SCORES.match(f.short)
            and (m.path in asking or shipped & facts.imported_paths(m))]  # fmt: skip


def _benched(facts: Facts, beside: list[Module]) -> list[Location]:
    """Return what judges answers among the tests, and what runs a benchmark that is known by its name."""
    judges = [k for m in beside for k in m.classes if _JUDGES.search(k.short) and k.methods]
    asking = {spot.path for spot in facts.imported(*frameworks.AGENTS, *frameworks.MODELS, modules=beside)}
    own = {module.path for module in facts.shipped}
    tested = [k for k in judges if facts.roles[k.path] == roles.TEST
              and (k.path in asking or own & facts.imported_paths(facts.modules[k.path]))]  # fmt: skip
    shipped = [k for k in judges if facts.roles[k.path] != roles.TEST and k.short.endswith("Benchmark")]
    runners = [Location(path=m.path) for m in beside if _KNOWN.search(m.path) and m.functions]
    return [*places([*tested, *shipped]), *runners]


def _run_with_the_tests(facts: Facts) -> list[Step]:
    """Return the steps of CI that run evaluations since these are collected with the other tests."""
    collected = [f for m in facts.tests if _EVALUATIONS.search(m.path) for f in testing.collected(facts, m)]
    run = [step for step in facts.ci if step.changes and step.binding and testing.runs_tests(step.text)]
    return [step for step in run if testing.runs_all([step]) or "agentctl test" in step.text] if collected else []


def of_agents(facts: Facts) -> tuple[list[Module], list[Module]]:
    """Return the modules that have to do with a run, around what uses a model or named for one, and the rest above.

    Around it are those that import it, and what these import; above are those that reach it through any number of
    imports. The name of the project itself says nothing.
    """
    libraries = {*frameworks.AGENTS, *frameworks.MODELS} - {"mcp"}  # its servers run no model
    using = {spot.path for spot in facts.imported(*libraries)} | {call.path for call in facts.once(design.bedrock)}
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
