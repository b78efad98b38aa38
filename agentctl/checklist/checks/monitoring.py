"""OB: monitoring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, failed, not_applicable, passed, places, unknown, weak
from agentctl.checklist.checks.protection import lines
from agentctl.checklist.facts import deploy, wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.logs import is_log
from agentctl.checklist.facts.model import Call
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import LIBRARY, Ships
from agentctl.results import Confidence, Location

_HEALTH = re.compile(
    r"(^|/)(_?health[\w-]*|livez?|liveness|readyz?|readiness|heartbeat)(/|$)|^(/api)?(/v\d+)?/(status|ping|up|alive)$"
)
_INSTRUMENT = re.compile(r"counter|histogram|gauge|instrument|meter|metric|hist(s|ogram)?\b", re.IGNORECASE)
_PLATFORM = re.compile(
    r"LANG(SMITH|CHAIN)_(TRACING\w*|PROJECT|API_KEY)|LANGFUSE_(PUBLIC|SECRET)_KEY|OTEL_EXPORTER_OTLP_ENDPOINT|LOGFIRE_TOKEN"
    r"|PHOENIX_COLLECTOR_ENDPOINT|APPLICATIONINSIGHTS_CONNECTION_STRING"
)
_SETS = re.compile(r"(^|/)[\w.]*env[\w.]*$|compose[\w.-]*\.ya?ml$")
_SWITCH = re.compile(
    r"^\W*(?:export |set )?(?:LANG(?:SMITH|CHAIN)_TRACING\w*|OTEL_EXPORTER_OTLP_(?:TRACES_)?ENDPOINT)[\"'`]?\s*[=:]",
    re.MULTILINE,
)
_GUIDE = re.compile(
    r"(^|/)(readme|[\w-]*(trac|observab|langsmith|config|environment|deploy)[\w-]*)\.(mdx?|rst)$", re.IGNORECASE
)
# Infrastructure whose platform traces it: state machines and functions with X-Ray.
_TRACED_BELOW = re.compile(
    r"^\s*Tracing:\s*(\n\s+Enabled:\s*true|Active)|TracingConfiguration|tracing_config(uration)?\s*\{|xray_tracing_enabled"
    r"|Tracing\.ACTIVE|tracingEnabled:\s*true",
    re.MULTILINE | re.IGNORECASE,
)
_DESCRIBING = {b"run_name", b"tags", b"metadata"}  # what a run of LangChain is given for whoever traces it
_OF_RUNS = (
    "langsmith.Client", "langsmith.AsyncClient", "langsmith.trace", "agents.trace", "agents.tracing",
    "wandb.sdk.data_types.trace_tree.Trace",
)  # fmt: skip
_WORKFLOWS = ("prefect.task", "prefect.flow")  # whose server keeps each run of a step with its times
_RUNS = ("invoke", "ainvoke", "stream", "astream", "astream_events", "batch", "abatch", "RunnableConfig", "with_config")
_RATE = re.compile(r"[\"']traces_sample_rate[\"']:(?! *(?:0(?:\.0*)?(?![\d.])|None))")
_PARTS = 3  # modules that make spans
_FUNCTION = "AWS::Serverless::Function"
_NO_CHECK = {
    "dict", "str", "int", "len", "isoformat", "now", "utcnow", "JSONResponse", "Response", "time", "round", "getattr",
    "PlainTextResponse", "ORJSONResponse", "jsonify", "json", "monotonic", "perf_counter",
}  # fmt: skip


def ob01(facts: Facts, _ships: Ships) -> Answer:
    """Are metrics both recorded and exposed?

    Why: guide 0 "Metrics Collection", guides 1, 2, 3 and 4.
    Counts: prometheus-client, OpenTelemetry or statsd instruments that are recorded into, or observed by a callback,
    and an endpoint or exporter.
    Does not count: instruments that nothing records into; a ``/metrics`` route that serves something else. What a
    vendor's telemetry measures by itself warns, while the code records nothing of its own.
    Closed: never; for a library, too, since what uses it sees only what it measures.
    Mend: count requests, errors and durations in a middleware and serve them on /metrics.
    """
    recorded = _recorded(facts)
    exposed = _exposed(facts)
    both = facts.used(frameworks.METRICS_ALL_IN_ONE)
    pushed = facts.used(frameworks.METRICS_PUSHED)
    if pushed or ((recorded or both) and exposed):
        return passed("metrics are recorded and exposed", [*(recorded or both)[:3], *exposed[:2], *pushed])
    if recorded or exposed or both:
        half = "recorded but nothing exposes them" if recorded else "exposed but nothing is recorded"
        return weak(
            f"metrics are {half}", "record into instruments and serve them on /metrics", [*recorded, *exposed, *both]
        )
    sent = facts.used(frameworks.TELEMETRY)
    if sent:
        return weak("telemetry is sent, but the code records no metrics of its own",
                    "count and time what the agent does", sent)  # fmt: skip
    return unknown("no metrics library is used", "count requests, errors and durations with prometheus-client")


def ob02(facts: Facts, ships: Ships) -> Answer:
    """Is there a health check, with readiness that looks at what it depends on, wired to what restarts it?

    Why: guide 0 "Health Checks", guides 3 and 4; guide 2 "External service connectivity verified".
    Counts: a health route; one that calls its dependencies and can answer an error status; a HEALTHCHECK, compose
    check or Kubernetes probe that asks a route that exists, with a program that the image has; so does the probe of a
    manifest in documents or examples of how it is deployed.
    Does not count: a constant answer as readiness; a probe of a path that is not served.
    Closed: for a service whose routes are all known by their paths: without a health route it fails, unless a cloud's
    functions or an agent platform (``http.app`` of langgraph.json) may serve it. n/a where a platform serves it, and
    where nothing lets requests in (no route, page, messenger, open port or server in another language) and no worker
    takes tasks.
    Mend: add /health/ready that asks each dependency and answers 503, and probe it.
    """
    if not ships.serves:
        return _asked_otherwise(facts, ships)
    health = [r for r in facts.routes if _is_health(r)]
    if not health:
        if not facts.routes or any(route.path is None for route in facts.routes) or _unread_routes(facts):
            return unknown("not every route could be resolved, and none that could is for health",
                           "declare health routes by their path", places(facts.apps))  # fmt: skip
        platform = _of_platforms(facts)
        if platform:
            return unknown("no route tells whether it is healthy, and a platform may ask it otherwise",
                           "attest what the platform asks", platform)  # fmt: skip
        return failed("no route of the service answers whether it is healthy", "add /health/live and /health/ready",
                      places(facts.apps))  # fmt: skip
    ready = [r for r in health if _looks(facts, r)]
    wired, why = _probed(facts)
    if ready and wired:
        return passed("readiness looks at its dependencies and a probe asks for it", [*places(ready[:2]), *wired[:2]])
    if ready:
        return weak(f"readiness looks at its dependencies, but {why}", "probe it in the image, compose or Kubernetes",
                    [*places(ready), *wired])  # fmt: skip
    return weak("the health route answers without looking at any dependency",
                "let readiness ask each dependency and answer 503", [*places(health), *wired])  # fmt: skip


def ob03(facts: Facts, ships: Ships) -> Answer:
    """Are requests traced across its parts and exported?

    Why: guide 0 "Distributed Tracing", guide 4 the same.
    Counts: a tracer provider with an exporter and spans or instrumentors; Langfuse or LangSmith callbacks handed to
    runs; logfire, ddtrace and the like where they are set up, Sentry with a share of traces; spans in several parts of
    a package that serves nothing and that nothing deploys, since the application that uses it exports them.
    Does not count: a word in a document. Tracing that only a documented variable of a platform turns on (in an example
    of the environment, or as a setting in a guide), callbacks that a library is given by name, and tracing only of what
    stands beside the application warn; so do names and metadata that runs are given for a tracer which nothing sets up,
    what an engine of workflows (Prefect) records of its steps, and what the infrastructure traces below the code
    (X-Ray).
    Closed: never.
    Mend: set up OpenTelemetry with an OTLP exporter behind a setting and instrument the application.
    """
    provider = facts.used(frameworks.TRACERS)
    open_telemetry = [p for p in provider if str(p.symbol).startswith("opentelemetry.")]
    exporter, spans = facts.used(frameworks.TRACE_EXPORT), facts.used(frameworks.SPANS)
    sampled = [c for c in facts.called("sentry_sdk.init") if c.has("traces_sampler") or _sampled(facts, c)]
    others = [*(p for p in provider if p not in open_telemetry), *places(sampled)]
    aside = [] if _beside_apps(facts, others) else others
    others = [] if aside else others
    if others or (open_telemetry and exporter and spans):
        return passed("requests are traced and exported", [*others, *open_telemetry, *exporter, *spans])
    by_name = _named_exporters(facts) if spans or provider else []
    if by_name and facts.imported("opentelemetry.sdk.trace"):
        return passed("requests are traced and exported where the exporter is installed", [*by_name, *spans],
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if aside:
        return weak("only what stands beside the application is traced", "trace what answers requests", aside)
    begun = [*provider, *spans] or facts.imported("opentelemetry")
    if begun and _is_left_to_users(facts, ships, begun):
        return passed("its parts make spans, and the application that uses it exports them", begun,
                      confidence=Confidence.MEDIUM)  # fmt: skip
    return _half_traced(facts, begun) or unknown("no tracing was found", "set up OpenTelemetry with an OTLP exporter")


# ---------------------------------------------------------------- what the checks look for


def _sampled(facts: Facts, call: Call) -> bool:
    """Return whether a share of the traces is sent: any but none, by options that the module puts together too."""
    if call.has("**") and not call.has("traces_sample_rate"):
        return _RATE.search(facts.tree.texts[call.path]) is not None
    return call.has("traces_sample_rate") and call.keywords.get("traces_sample_rate") not in {0, None}


def _half_traced(facts: Facts, begun: list[Location]) -> Answer | None:
    """Answer where something traces, and the code does not set up what is exported."""
    return next((weak(message, hint, spots) for spots, message, hint in _signs(facts, begun) if spots), None)


def _signs(facts: Facts, begun: list[Location]) -> Iterator[tuple[list[Location], str, str]]:
    """Yield what traces a part, the surest sign first, with what is said of it and how to mend it."""
    named = "set up and name what is exported"
    yield begun, "spans are there, but no exporter is set up", "add an OTLP exporter behind a setting"
    yield _traced_by_setting(facts), "tracing is left to a setting of a platform or library", named
    yield _described(facts), "runs are named or given metadata for a tracer, and nothing sets one up", named
    yield facts.used(_WORKFLOWS), "an engine of workflows records its steps, and nothing traces what they do", named
    below = lines(facts, _TRACED_BELOW, (".tf", ".yaml", ".yml", ".ts", ".json"))
    words = "the infrastructure traces what it runs, and the code adds nothing to it"
    yield below, words, "trace what the code does within"


def _is_left_to_users(facts: Facts, ships: Ships, begun: list[Location]) -> bool:
    """Return whether several modules of a package that nothing runs make spans, by themselves or by a helper's."""
    if ships.is_asked or not facts.manifest.packaged or facts.images or facts.composes_build:
        return False
    homes = {spot.path for spot in begun}
    using = {m.path for m in facts.shipped if facts.imported_paths(m) & homes}
    return len(homes | using) >= _PARTS


def _beside_apps(facts: Facts, spots: list[Location]) -> bool:
    """Return whether some of the places belong to the application: in its folders, or imported by it or its modules."""
    if not facts.apps or not spots:
        return True
    folders = [f"{PurePosixPath(app.path).parent}/".removeprefix("./") for app in facts.apps]
    own = [f"{PurePosixPath(spot.path).parent}/".removeprefix("./") for spot in spots]
    if any(one.startswith(folder) or folder.startswith(one) for one in own for folder in folders):
        return True
    reached = edge = {app.path for app in facts.apps}
    while edge:
        edge = {path for one in edge for path in facts.imported_paths(facts.modules[one])} - reached
        reached = reached | edge
    wanted = {spot.path for spot in spots}
    return bool(wanted & reached) or any(facts.imported_paths(facts.modules[path]) & reached for path in wanted)


def _of_platforms(facts: Facts) -> list[Location]:
    """Return the descriptions by which a cloud's functions or an agent platform serve an application."""
    return [
        Location(path=path)
        for path, text in facts.beside.items()
        if (path.rpartition("/")[2] == "langgraph.json" and '"app"' in text)
        or (path.endswith((".yaml", ".yml", ".json", ".template")) and _FUNCTION in text)
    ]


def _asked_otherwise(facts: Facts, ships: Ships) -> Answer:
    """Answer for what has no routes of its own: pages and messengers run in a process that somebody has to watch."""
    working = [] if ships.doors or ships.kind == LIBRARY else facts.used(frameworks.WORKERS)
    if working:
        return unknown(f"{working[0].symbol} works on its own, and nothing that can be read shows whether it lives",
                       "let it show that it lives, and probe that", working)  # fmt: skip
    if not ships.doors:
        return not_applicable(f"it has no server of its own to probe: {ships.why}", ships.evidence)
    door = ships.doors[0]
    if facts.probes:
        return weak(f"a probe asks whether {door.symbol} answers; nothing looks at what it depends on",
                    "let readiness ask each dependency", places(facts.probes))  # fmt: skip
    return unknown(f"nothing that can be read asks whether {door.symbol} ({door}) is healthy",
                   "probe it in the image, compose or Kubernetes", ships.doors)  # fmt: skip


def _is_health(route: Route) -> bool:
    """Return whether a route tells how the service is: it is read, and asks for no single thing of it."""
    if not route.path or "{" in route.path or "<" in route.path or not _HEALTH.search(route.path):
        return False
    return not route.methods or not {"get", "head"}.isdisjoint(route.methods)


def _unread_routes(facts: Facts) -> bool:
    """Return whether routes are added by a path, or from a router, that only the running program knows."""
    added = (c for c in facts.ending(*frameworks.ROUTE_CALLS) if "." in c.raw and c.args)
    routers = (c for c in facts.ending("include_router", "register_blueprint") if c.args)
    return any(not isinstance(c.args[0], bytes) for c in added) or any(str(c.args[0]).startswith("?") for c in routers)


def _described(facts: Facts) -> list[Location]:
    """Return where runs of LangChain get what a tracer shows, a run gets the library's trace, or its client is used."""
    if not facts.imported("langchain", "langchain_core", "langgraph", "langsmith", "agents", "wandb"):
        return []
    given = [
        c
        for c in facts.ending(*_RUNS)
        if c.has("run_name", "tags", "metadata")
        or any(isinstance(v, tuple) and not _DESCRIBING.isdisjoint(v) for v in (*c.args, *c.keywords.values()))
    ]
    return [*places(given), *facts.used(_OF_RUNS)]


def _traced_by_setting(facts: Facts) -> list[Location]:
    """Return the example settings that name a platform's tracing, and callbacks of litellm given by name."""
    found = [
        Location(path=path, line=deploy.line_of(text, match.group()))
        for path, text in facts.tree.plain.items()
        if (match := _setting(path, text, told=path in facts.beside))
    ]
    callbacks = {"litellm.success_callback", "litellm.failure_callback", "litellm.callbacks"}
    return found + [
        Location(path=module.path, line=module.made_at.get(name), symbol=name)
        for module in facts.shipped
        for name in module.values
        if name in callbacks
    ]


def _setting(path: str, text: str, *, told: bool) -> re.Match[str] | None:
    """Return where a platform's tracing is named: in an example of the environment, or set in a guide."""
    if _SETS.search(path):
        return _PLATFORM.search(text) if told else None
    return _SWITCH.search(text) if _GUIDE.search(path) else None


def _named_exporters(facts: Facts) -> list[Location]:
    """Return where an exporter is imported by a text, as is done with what may not be installed."""
    return [Location(path=s.path, line=s.line, symbol=s.name) for m in facts.shipped for s in m.strings
            if s.name.startswith("opentelemetry.exporter.")]  # fmt: skip


def _exposed(facts: Facts) -> list[Location]:
    """Return what exposes metrics; rendering them counts only where a request reaches it."""
    served = wiring.on_requests(facts)
    rendering = {(c.path, c.line) for c in facts.ending("generate_latest") if c.function not in served}
    return [p for p in facts.used(frameworks.METRICS_EXPOSED) if (p.path, p.line) not in rendering]


def _recorded(facts: Facts) -> list[Location]:
    verbs = frameworks.METRIC_VERBS
    own = (kind.name for kind in facts.subclasses(*frameworks.METRICS))
    made = tuple(f"{metric}()" for metric in (*frameworks.METRICS, *own))
    labelled = (
        ".labels().inc",
        ".labels().observe",
        ".labels().set",
        ".labels().dec",
        ".labels().time",
        ".labels().state",
    )
    known = bool(facts.imported("prometheus_client"))
    prometheus = [c for c in facts.ending(*verbs) if c.name.startswith(made) or (known and c.raw.endswith(labelled))]
    instruments = facts.imported("opentelemetry") and facts.ending(*frameworks.INSTRUMENTS)
    telemetry = [
        call for call in facts.ending("add", "record", "set")
        if call.name.startswith("opentelemetry.metrics.") or (instruments and _INSTRUMENT.search(_owner(call.raw)))
    ]  # fmt: skip
    watched = [c for c in instruments or () if c.has("callbacks") and "observable" in c.raw]
    return places([*prometheus, *telemetry, *watched])


def _owner(raw: str) -> str:
    """Return the last part of the name of what a method is called on."""
    return raw.rpartition(".")[0].rpartition(".")[2]


def _looks(facts: Facts, route: Route) -> bool:
    """Return whether a health handler asks anything beyond building its answer and can answer an error."""
    reached = {name for handler in _handlers(facts, route) for name in facts.reach(handler, 5)}
    calls = [c for name in reached for c in facts.calls_in(name) if c.role != "decorator"]
    asking = [c for c in calls if not is_log(c.raw) and c.name.rpartition(".")[2] not in _NO_CHECK and "." in c.raw]
    statuses = [s for m in facts.shipped for s in m.statuses if s.function in reached and s.code >= 500]  # noqa: PLR2004
    raising = any(r.function in reached for m in facts.shipped for r in m.raises)
    return bool(asking) and bool(statuses or raising)


def _handlers(facts: Facts, route: Route) -> list[str]:
    """Return the functions that answer a route: the handler, or the methods of a view."""
    handler = str(facts.symbols.identity(route.handler))
    if not handler.endswith(".as_view()"):
        return [handler]
    view = handler.removesuffix(".as_view()")
    return [facts.own_function(f"{view}.{method}") for method in ("get", "head", "dispatch", "list")]


def _probed(facts: Facts) -> tuple[list[Location], str]:
    """Return the probes that ask a served path with a program that the image has, and why there is none."""
    served = {str(route.path) for route in facts.routes if route.path}
    found, why = [], "no probe asks for it"
    shown = (
        probe for path, parsed in facts.shown.items() for probe in deploy.probes(path, facts.tree.plain[path], parsed)
    )
    for probe in (*facts.probes, *shown):
        asked = deploy.probed_paths(probe.command)
        known = any(path.endswith(tuple(served - {"/"}) or ("?",)) for path in asked) or (
            not asked and bool(re.search(r"health|ready|live", probe.command))
        )
        if not known:
            why = "the probe asks for a path that it does not serve" if asked else why
        elif probe.kind != "kubernetes" and not _has_program(facts, probe):
            why = f"the probe calls {probe.command.split()[0:2][-1]}, which the image does not have"
        else:
            found.append(Location(path=probe.path, line=probe.line, symbol=probe.kind))
    return found, why


def _has_program(facts: Facts, probe: deploy.Probe) -> bool:
    tool = next((word for word in ("curl", "wget") if re.search(rf"\b{word}\b", probe.command)), None)
    if tool is None or not facts.images:
        return True
    images = [i for i in facts.images if i.path == probe.path] or facts.images
    for image in images:
        bases = [step.text for step in image.final_stage if step.word == "FROM"]
        installs = any(
            re.search(rf"(install|apk add)\b.*\b{tool}\b", step.text)
            for step in image.final_stage
            if step.word == "RUN"
        )
        small = any("slim" in base or "distroless" in base or ("alpine" in base and tool == "curl") for base in bases)
        if installs or not small:
            return True
    return False
