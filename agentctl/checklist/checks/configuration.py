"""CF: configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, places, unknown, weak
from agentctl.checklist.facts import deploy
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Function
from agentctl.checklist.ships import Ships
from agentctl.results import Location, Severity, Verdict

_SEMANTIC = re.compile(r"\d+\.\d+\.\d+([-+][\w.+-]+)?")
_AGENT_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(-v\d+)?")
_FLAG = re.compile(
    r"feature_?flag|feature_?enabled|is_enabled_for|ab_test|variant_for|experiment_?(variant|group|arm|bucket|enabled)"
    r"|(assign|choose|pick|select|in)_?experiment", re.IGNORECASE,
)  # fmt: skip
_SPEAKING = re.compile(r"[fF]lag|[eE]nabled|ab_test|variant|xperiment|config|settings")
_SUBJECT = re.compile(r"user|tenant|account|customer|session|distinct|org|subject|caller|conversation", re.IGNORECASE)
_DIGESTS = ("hashlib", "hmac", "mmh3", "xxhash", "zlib.crc32")
_CHANGE = re.compile(r"^(save|update|reload|refresh|persist)_(\w+_)?(config|configuration|settings)(_|$)")
_CONFIGURES = re.compile(r"/(config|configuration|settings|feature-?flags|flags|experiments)(/|$)", re.IGNORECASE)
_CHANGING = {"post", "put", "patch", "delete"}
_OF_AGENTS = re.compile(r"(^|/)(agents?|crews?|agent[_-]config\w*|[\w-]+\.agent)\.(ya?ml|json|toml)$")
_OF_AGENT = re.compile(
    r"^\s*[\"']?(system_?prompt|instructions|backstory|goal|model|model_name|llm|temperature|max_tokens|tools)[\"']?\s*[:=]",
    re.MULTILINE | re.IGNORECASE,
)
_TELLING = 3  # of these keys in one file
_KEPT_SETTINGS = re.compile(r"^(App|Site|Global|System|Server|Dynamic|Runtime)?(Setting|Config|Option)s?$")
_RELOADS = ("watchfiles.awatch", "watchfiles.watch", "watchdog.observers")


def cf01(facts: Facts, _ships: Ships) -> Answer:
    """Do the agent's configuration files pass ``agentctl validate``?

    Why: guide 3 "Configuration Validation", guide 2 "Configuration Management".
    Counts: the results of ``agentctl validate`` on the same tree: no error.
    Does not count: files that no schema governs.
    Closed: over the files that validate governs; n/a without any, and without any other that configures agents.
    Mend: ``agentctl validate`` shows each finding with its place and mend.
    """
    report = facts.validation
    governed = next((f.value for f in report.figures if f.name == "files"), 0) if report else 0
    if report is None or not governed:
        return ungoverned(facts) or not_applicable("there are no configuration files that agentctl validate governs")
    errors = [r for r in report.results if r.severity is Severity.ERROR and r.verdict in {Verdict.FAIL, Verdict.ERROR}]
    if errors:
        spots = [place for result in errors for place in result.evidence[:1]]
        return failed(f"agentctl validate finds {counted(errors, 'error')}", "run: agentctl validate", spots)
    if report.verdict is not Verdict.PASS:
        return unknown("agentctl validate gave no answer", "run: agentctl validate")
    return passed(report.summary or "agentctl validate finds no error", [Location(path=".")])


def cf02(facts: Facts, _ships: Ships) -> Answer:
    """Do configurations carry a semantic version and the naming convention?

    Why: guide 3 "Configuration Versioning".
    Counts: every agent configuration (a YAML or JSON document with ``agent_id``) has a semantic version and an id in
    lower case with hyphens; a version number in the id is that of the major version.
    Does not count: ``latest``; the version of the package.
    Closed: over the configuration files of the tree; n/a without any, and without any other that configures agents.
    Mend: give each configuration ``version: 1.0.0``, and a new id for each major version.
    """
    found = list(configurations(facts))
    if not found:
        return ungoverned(facts) or not_applicable("there is no agent configuration (a document with agent_id)")
    bare = [path for path, body in found if not _SEMANTIC.fullmatch(str(body.get("version", "")))]
    odd = [path for path, body in found if not _AGENT_ID.fullmatch(str(body["agent_id"]))]
    if bare:
        words = f"{counted(bare, 'configuration')} of {len(found)} without a semantic version"
        spots = [Location(path=path) for path in bare]
        return failed(words, "add version: 1.0.0", spots, scope="agent configurations")
    if odd:
        return weak(f"{counted(odd, 'id')} outside the convention", "lower case and hyphens: support-triage-v1",
                    [Location(path=path) for path in odd], scope="agent configurations")  # fmt: skip
    return passed(f"{counted(found, 'configuration')} with a semantic version and a name by the convention",
                  [Location(path=path) for path, _body in found], scope="agent configurations")  # fmt: skip


def cf05(facts: Facts, _ships: Ships) -> Answer:
    """Is change at run time controlled (flags, experiments with stable assignment, reload that is told)?

    Why: guide 3 "Feature Flags", "A/B Testing", "Hot Reload".
    Counts: a flag service's client, or flags and experiments of its own that are called and decide for a subject (a
    user, tenant or session that is handed over) or by a digest.
    Does not count: settings that are read at the start; a function that is only named for flags (it warns), and so
    do reloads, routes and functions that change the configuration of what runs.
    Closed: n/a where no flag, experiment, reload or change of configuration was found; ``hash()`` of text for an
    assignment fails, since it differs in every process.
    Mend: assign by a keyed digest (hashlib.blake2b), and log each change.
    """
    used = facts.used(frameworks.FLAGS)
    reloads = facts.called(*_RELOADS)
    own = [f for f in facts.once(_telling) if _FLAG.search(f.short)]
    live = [f for f in own if f.name in facts.ran]
    unstable = [c for c in facts.ending("hash") if c.name == "hash" and c.function in {f.name for f in own}]
    if unstable:
        return failed("an assignment uses hash(), which differs in every process", "use hashlib.blake2b",
                      places(unstable))  # fmt: skip
    deciding = [f for f in live if _decides(facts, f)]
    if used or deciding:
        return passed("change at run time is controlled", [*used, *places(deciding), *places(reloads)])
    if live:
        return weak("flags of its own are asked for, and nothing shows for whom they decide",
                    "hand over the user or session, and assign by a digest", places(live))  # fmt: skip
    if reloads:
        return weak("configuration is read again at run time, without flags or experiments", "tell running sessions",
                    places(reloads))  # fmt: skip
    changed = _changed(facts)
    if changed:
        return weak("configuration can be changed at run time, and nothing shows that running sessions are told",
                    "version each change, log it, and tell running sessions", changed)  # fmt: skip
    return not_applicable("nothing changes at run time: no flags, experiments or reloads were found")


def ungoverned(facts: Facts) -> Answer | None:
    """Return that files configure agents which no schema governs, by their names or by what they say."""
    others = {*facts.kubernetes, *facts.composes, *facts.ci_files}
    found = [
        Location(path=path)
        for path, text in facts.beside.items()
        if path.endswith((".yaml", ".yml", ".json", ".toml")) and "/tests/" not in f"/{path}" and path not in others
        and (_OF_AGENTS.search(path) or len({key.lower() for key in _OF_AGENT.findall(text)}) >= _TELLING)
    ]  # fmt: skip
    if not found:
        return None
    return unknown(f"{found[0]} configures agents, and no schema governs it",
                   "give it a schema: [tool.agentctl.validate] schemas", found)  # fmt: skip


def _decides(facts: Facts, function: Function) -> bool:
    """Return whether a flag is decided for a subject that is handed over, or by a digest."""
    if any(_SUBJECT.search(parameter.name) for parameter in function.parameters):
        return True
    reached = facts.reach(function.name, 4)
    return any(frameworks.is_one_of(call.name, _DIGESTS) for name in reached for call in facts.calls_in(name))


def _telling(facts: Facts) -> list[Function]:
    """Return the functions whose names may tell of flags or of changed configuration."""
    return [f for f in facts.functions if _SPEAKING.search(f.name)]


def _changed(facts: Facts) -> list[Location]:
    """Return what changes the configuration of what runs: routes, functions, tables; a user's own settings do not."""
    routes = [r for r in facts.routes
              if r.path and _CONFIGURES.search(r.path) and not _CHANGING.isdisjoint(r.methods)]  # fmt: skip
    named = (f for f in facts.once(_telling) if _CHANGE.search(f.short) and "user" not in f.short)
    changing = [f for f in named if f.name in facts.ran]
    kept = [kind for kind in facts.subclasses(*frameworks.ORMS) if _KEPT_SETTINGS.search(kind.short)]
    return places([*routes, *changing, *kept])


def configurations(facts: Facts) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each agent configuration of the tree with its path."""
    for path, text in facts.beside.items():
        if path.endswith((".yaml", ".yml", ".json")) and "agent_id" in text and "/tests/" not in f"/{path}":
            for body in deploy.documents(text):
                if isinstance(body, Mapping) and isinstance(body.get("agent_id"), str):
                    yield path, body
