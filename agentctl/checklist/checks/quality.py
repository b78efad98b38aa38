"""CQ: code quality."""

from __future__ import annotations

import re

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import (
    Answer,
    bound,
    counted,
    failed,
    passed,
    place,
    places,
    unknown,
    weak,
)
from agentctl.checklist.facts import wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.logs import CORRELATING, TOLD_ID
from agentctl.checklist.facts.model import Call, Class, Function, Handler, Mention, Value, literal
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_ANNOTATED = 90.0  # per cent
_ANNOTATED_WARN = 0.60
_SILENT_PER_1000 = 2.0
_BORNE = 20  # blind handlers to one that is silent
_SEVERAL, _SHARE = 3, 0.05
_OPTIONS = {"exc_info", "stack_info", "stacklevel", "extra", "msg", "**"}  # of the standard library's log calls
_ON_RECORD = ("filter", "__call__", "format", "add_fields", "process_log_record")
_ON_RECORDS = (
    "logging.Filter", "logging.Formatter", "pythonjsonlogger.jsonlogger.JsonFormatter",
    "pythonjsonlogger.json.JsonFormatter", "json_log_formatter.JSONFormatter",
)  # fmt: skip
_MERGING = ("structlog.contextvars.merge_contextvars", "structlog.stdlib.merge_contextvars")
_ID = re.compile(r"(request|correlation|trace|session|thread|conversation|run)[._-]?id", re.IGNORECASE)
_SERIALIZED = re.compile(r"^[^#\n]*\bserialize[\"']?\s*[=:]\s*True", re.MULTILINE)
_LOCALS = ("threading.local()", "flask.g")
_PUTS = re.compile(r"^\s*record\.\w*(request|correlation|trace)_?id\s*=", re.MULTILINE)
_TAKES = re.compile(r"\bgetattr\(\s*(\w+)\s*,\s*[\"']\w*id\b|\b(\w+)\.\w*id\b")
_KEEPS = re.compile(r"^\s*(\w+)\.\w*(request|correlation|trace)_?id\s*=", re.MULTILINE)
_CONFIGURED = 60  # lines of what loguru is configured with
_ID_HEADER = re.compile(r"x[-_](request|correlation|trace)[-_]id$|traceparent$", re.IGNORECASE)
_OF_A_RUN = re.compile(r"_*(task|run|session|interaction|job|request)(_?(id|uuid|name|dir|output_dir|log_dir))?$")
_KEYED = re.compile(r"\b\w+=%(\(\w+\))?[sdrf.0-9]|\b\w+=\{")
_JSON_FORMAT = re.compile(r"\s*\{\s*\"\w+\":.*%\(message\)s.*\}\s*$", re.DOTALL)
_LOG_MODULE = re.compile(r"(^|/)(\w*_)?log(s|gers?|ging)?(_\w+)?(/|\.py$)")
_WRITES = re.compile(r"_*(emit|send|write|export)(_\w+)?")
_TERMINAL = re.compile(r"(^|/)(cli|tui|console|terminal|repl|commands?|__main__)(_\w+)?(/|\.py$)")  # prints its answers
_OF_ONE_MODULE = ("aws_lambda_powertools.Logger",)  # loggers that render JSON and change no other logger
_LOG_SETTINGS = re.compile(r"(^|/)[^/]*log[^/]*\.(json|ya?ml|ini|conf|cfg)$", re.IGNORECASE)
_JSON_FORMATTER = re.compile(r"pythonjsonlogger[\w.]*|json_log_formatter[\w.]*|ecs_logging[\w.]*|jsonformatter[\w.]*")
_BLIND = {"Exception", "BaseException"}
_READY_MADE = (
    "asgi_correlation_id.CorrelationIdMiddleware",
    "asgi_correlation_id.middleware",
    "django_guid.middleware",
)


def cq01(facts: Facts, _ships: Ships) -> Answer:
    """Are functions and methods of the shipped code fully annotated (parameters and return)?

    Why: guide 0 "Type Hints", guide 2 "Type Hints and Documentation", guide 4 "Coding Standards".
    Counts: every parameter but self and cls, and the return; ``__init__`` needs no return annotation. Pass at 90 %,
    warn at 60 %.
    Does not count: tests, examples, vendored code, scripts beside the package.
    Closed: always; every function of every file that parsed is looked at.
    Mend: annotate the functions named, then keep it so with ``mypy --strict`` or ruff's ANN rules.
    """
    functions = facts.functions
    if not functions:
        return absence.no_function(facts)
    bare = [function for function in functions if not function.fully_annotated]
    share = round(1 - len(bare) / len(functions), 2)  # as it is told
    message = f"{len(functions) - len(bare)} of {len(functions)} functions are fully annotated ({share:.0%})"
    floor = bound(facts.settings, "annotations", _ANNOTATED) / 100
    if share >= floor:
        good = [function for function in functions if function.fully_annotated]
        return passed(message, places(good[:3]))
    hint = f"annotate parameters and results, first in {_most_common_path(bare)}; ruff check --select ANN lists them"
    return (weak if share >= min(_ANNOTATED_WARN, floor) else failed)(message, hint, places(bare))


def cq02(facts: Facts, _ships: Ships) -> Answer:
    """Are errors handled explicitly: own exception types, nothing swallowed, nothing caught blind without a trace?

    Why: guide 0 "Error Handling", guide 1 "Error Handling and Resilience", guide 2 "Error Handling in Agents", guide 4.
    Counts: exception classes of its own that are raised, or made and handed to what raises; handlers that log, raise
    again or use the error.
    Does not count: a class that nothing raises. A handler is silent when it catches everything (bare, Exception,
    BaseException) and then calls nothing, raises nothing and keeps nothing of the error; so is ``suppress(Exception)``.
    One in twenty handlers that catch everything is borne.
    Closed: always; every class, raise and handler of the shipped files that parsed is looked at.
    Mend: derive the errors of the domain from one class of your own, raise those, and log what you cannot handle.
    """
    if not facts.functions:
        return absence.no_function(facts)
    own = [kind for kind in facts.classes if _is_exception(facts, kind)]
    names = {kind.name for kind in own}
    raised: list[Mention | Call] = [r for m in facts.shipped for r in m.raises if facts.symbols.name(r.name) in names]
    raised = raised or [*facts.calls_named(names.__contains__)]
    silent = _silent(facts)
    rate = 1000 * len(silent) / max(facts.lines, 1)
    if not own:
        message = "no exception type of its own is defined in the shipped code"
        return failed(message, "derive the domain's errors from one exception class of your own", _blind_places(facts))
    many = f"every error is swallowed without a trace in {counted(silent, 'handler')} ({rate:.1f} in 1,000 lines)"
    if rate > bound(facts.settings, "silent_handlers", _SILENT_PER_1000):
        return failed(many, "log the error, raise it again, or catch the narrow type", silent)
    blind = len(_blind_places(facts))
    if len(silent) * _BORNE > blind:
        return weak(many, "log the error, raise it again, or catch the narrow type", silent)
    if not raised:
        return weak("exception types of its own are defined but nothing raises them", "raise them", places(own))
    few = f"{len(silent)} of {counted(blind, 'blind handler')}" if silent else "no blind handler"
    return passed(f"it raises its own errors ({counted(own, 'exception type')}) and {few} is silent",
                  [*places(own[:2]), *(place(r) for r in raised[:3])])  # fmt: skip


def cq04(facts: Facts, _ships: Ships) -> Answer:
    """Does it log structured records (key and value, JSON in production), not print or bare format strings?

    Why: guide 0 "Logging", guide 3 "Structured Logging", guides 1, 2 and 4.
    Counts: a JSON renderer or formatter that is wired (structlog, python-json-logger, loguru ``serialize=True``, a
    formatter of its own, a sink or a class of its logging modules that dumps JSON, a format that is a JSON object, a
    formatter named in dictConfig or in logging settings that another file names), and a logger that is called.
    Does not count: a formatter that nothing makes; ``basicConfig`` with format strings; more prints than log calls,
    where those that a command line answers with are left out. Records that only OpenTelemetry
    exports warn, and so do log calls with keys and values (``extra``, structlog's, ``user=%s``) or with JSON as their
    text, three at least, where nothing renders records.
    Closed: when it prints and no logger is imported anywhere in the shipped code.
    Mend: configure structlog with JSONRenderer once, log events with keys, and drop the prints.
    """
    wired = _json_logging(facts)
    prints = facts.ending("print")
    logs = facts.logs
    alone = {spot.path for spot in wired} if all(_is_of_one_module(spot) for spot in wired) else set()
    rendered = [call for call in logs if not alone or call.path in alone]
    if wired and len(rendered) * 2 < len(logs):
        return weak(f"{len(rendered)} of {len(logs)} log calls are those of a logger that renders JSON",
                    "make every logger render JSON", wired)  # fmt: skip
    if wired and all(str(spot.symbol).startswith("opentelemetry.") for spot in wired):
        return weak("records are exported through OpenTelemetry, and what the process itself writes is no JSON",
                    "render JSON in the process, too", wired)  # fmt: skip
    if wired and logs:
        beside = [call for call in prints if call.raw == "print" and not _TERMINAL.search(call.path)]
        if len(beside) > len(logs):
            return weak(f"JSON logging is wired, but {len(beside)} prints stand beside {len(logs)} log calls",
                        "log instead of printing", [*wired, *places(beside)])  # fmt: skip
        return passed(f"records are rendered as JSON, and {counted(logs, 'call')} log", [*wired[:3], *places(logs[:2])])
    loggers = facts.imported("logging", "structlog", "loguru")
    if prints and not loggers and not logs:
        return failed(f"it prints ({counted(prints, 'place')}) and has no logger", "log structured records",
                      places(prints))  # fmt: skip
    keyed = [call for call in logs if _is_keyed(call)]
    if len(keyed) >= max(_SEVERAL, _SHARE * len(logs)):
        return weak(f"{len(keyed)} of {len(logs)} log calls give keys and values, and nothing renders records as JSON",
                    "configure structlog or a JSON formatter", places(keyed))  # fmt: skip
    return unknown("no JSON or key-value log output was found", "configure structlog or a JSON formatter", loggers[:3])


def cq06(facts: Facts, ships: Ships) -> Answer:
    """Does every log record of one request or session carry the same correlation id?

    Why: guide 4 "Structured logging with correlation IDs", guide 3 "Structured Logging".
    Counts: an id bound to the context in a middleware or a request hook and merged into every record (structlog
    contextvars with merge_contextvars, asgi-correlation-id with its filter, loguru contextualize, a logging filter or
    formatter that reads a context variable, what a thread holds or Flask's ``g``, which a middleware sets).
    Does not count: an id that is passed by hand to single log calls, as a key or in the text (three and more warn). An
    id that is only taken from the request's header, or goes to Sentry's events or to spans, and a log file of its own
    for each run warn, too.
    Closed: never.
    Mend: bind the id in one middleware and merge the context in the log processors.
    """
    filters = _context_filters(facts)
    bound = [*facts.called(*frameworks.CORRELATION), *filters]
    by_hand = _ids_by_hand(facts) if not bound else []
    if not bound and len(by_hand) >= _SEVERAL:
        return weak(f"an id is handed to {counted(by_hand, 'log call')} one by one, and bound nowhere",
                    "bind it in a middleware and merge the context", places(by_hand))  # fmt: skip
    taken = [] if bound else _ids_of_requests(facts)
    if taken:
        return weak("an id is taken from the request, and no log record carries it by itself",
                    "bind it in a middleware and merge the context", places(taken))  # fmt: skip
    apart = [] if bound else _files_of_runs(facts)
    if apart:
        return weak("a run has a log file of its own, and no record carries its id",
                    "bind an id and merge it into every record", places(apart))  # fmt: skip
    beside = _ids_beside(facts) if not bound else []
    if beside:
        return weak("an id is given to Sentry's events or to spans, and to no log record",
                    "bind it in a middleware and merge the context", places(beside))  # fmt: skip
    if not bound:
        return unknown("no correlation id that is bound to the log context was found",
                       "bind a request id in a middleware and merge it into every record")  # fmt: skip
    merged = facts.used(_MERGING) or not any(call.name.startswith("structlog.") for call in bound)
    everywhere = wiring.on_every_request(facts)
    central = not ships.serves or any(call.function in everywhere or call.name.endswith("Middleware") for call in bound)
    central = central or bool(facts.used(_READY_MADE))
    central = central or bool(filters and any(call.function in everywhere for call in _sets_context(facts)))
    central = central or bool(filters and any(_sets_an_id(facts, name) for name in everywhere & facts.function.keys()))
    if merged and central:
        return passed("a correlation id is bound in one place and merged into every record", places(bound))
    why = "is bound in single places only" if merged else "is bound, but no processor merges it into the records"
    return weak(f"a correlation id {why}", "bind it in a middleware and merge the context", places(bound))


# ---------------------------------------------------------------- what the checks look for


def _is_exception(facts: Facts, kind: Class) -> bool:
    bases = facts.bases(kind)
    return any(re.search(r"(^|\.)([A-Z]\w*)?(Error|Exception|Warning)$", base) for base in bases)


def _is_blind(facts: Facts, handler: Handler) -> bool:
    return not handler.types or any(facts.symbols.name(kind) in _BLIND for kind in handler.types)


def _silent(facts: Facts) -> list[Location]:
    found = [
        place(handler) for m in facts.shipped for handler in m.handlers if handler.silent and _is_blind(facts, handler)
    ]
    suppressed = [call for call in facts.called("contextlib.suppress") if not _BLIND.isdisjoint(call.args)]
    return [*found, *places(suppressed)]


def _blind_places(facts: Facts) -> list[Location]:
    return [place(h) for m in facts.shipped for h in m.handlers if _is_blind(facts, h)]


def _most_common_path(functions: list[Function]) -> str:
    paths = [function.path for function in functions]
    return max(set(paths), key=paths.count)


def _json_logging(facts: Facts) -> list[Location]:
    found = [*facts.used(frameworks.JSON_LOGS)]
    found += [
        place(string) for m in facts.shipped for string in m.strings
        if frameworks.is_one_of(string.name, ("pythonjsonlogger", "json_log_formatter", "ecs_logging",
                                              "structlog.stdlib.ProcessorFormatter"))
    ]  # fmt: skip
    found += _json_settings(facts)
    loguru = [c for c in facts.given("serialize") if c.name.startswith("loguru.")]
    found += places([c for c in loguru if c.keywords["serialize"] is True])
    found += places([c for c in facts.called_as("loguru.logger.configure") if _serializes(facts, c)])
    found += places([c for c in facts.called("loguru.logger.add") for sink in c.args[:1]
                     if _dumps(facts, facts.symbols.identity(str(sink)))])  # fmt: skip
    formats = facts.called("logging.Formatter", "logging.basicConfig")
    found += places([c for c in formats if any(map(_is_json_format, (*c.args[:1], *c.keywords.values())))])
    strings = {string.name for m in facts.shipped for string in m.strings}
    for kind in facts.subclasses("logging.Formatter"):
        dumps = any(_dumps(facts, f"{kind.name}.{method}") for method in kind.methods)
        if dumps and (kind.name in facts.made or any(string.endswith(f".{kind.short}") for string in strings)):
            found.append(place(kind))
    printing = facts.subclasses("logging.StreamHandler")  # what goes to a console is for people, whatever it dumps
    writers = (k for k in facts.classes if _LOG_MODULE.search(k.path) and k.name in facts.made and k not in printing)
    found += [place(k) for k in writers
              if any(_WRITES.fullmatch(m) and _dumps(facts, f"{k.name}.{m}") for m in k.methods)]  # fmt: skip
    return found


def _serializes(facts: Facts, call: Call) -> bool:
    """Return whether the sinks that loguru is configured with, which are dictionaries, serialize their records."""
    text = facts.tree.texts[call.path] if call.has("handlers") else ""
    return bool(_SERIALIZED.search("\n".join(text.splitlines()[call.line - 1 :][:_CONFIGURED])))


def _dumps(facts: Facts, function: str) -> bool:
    return any(call.name in {"json.dumps", "orjson.dumps"} for call in facts.calls_in(function))


def _is_json_format(value: Value) -> bool:
    """Return whether a format of the standard library's is the text of a JSON object."""
    return bool(_JSON_FORMAT.match(literal(value) or ""))


def _is_of_one_module(spot: Location) -> bool:
    return frameworks.is_one_of(spot.symbol or "", _OF_ONE_MODULE)


def _json_settings(facts: Facts) -> list[Location]:
    """Return the files of logging settings with a JSON formatter that an image, a command or a file beside it names."""
    found = []
    for path, text in facts.beside.items():
        match = _JSON_FORMATTER.search(text) if _LOG_SETTINGS.search(path) else None
        name = path.rpartition("/")[2]
        if match and any(name in other for beside, other in facts.beside.items() if beside != path):
            found.append(Location(path=path, line=text.count("\n", 0, match.start()) + 1, symbol=match.group()))
    return found


def _is_keyed(call: Call) -> bool:
    """Return whether a log call gives keys and values: as keywords, as ``extra``, in its text, or as JSON."""
    if call.has("extra") or not _OPTIONS.issuperset(call.keywords):
        return True
    first = call.args[0] if call.args else None
    return first == "json.dumps()" or bool(_KEYED.search(literal(first) or ""))


def _ids_by_hand(facts: Facts) -> list[Call]:
    """Return the log calls that are given an id of a request, session or run: as a key, a value or within the text."""
    told = {(m.path, m.line) for module in facts.shipped for m in module.compared if m.name == TOLD_ID}
    bound = [c for c in facts.ending("bind") if c.name.startswith("loguru.logger.") and c.has(*CORRELATING)]
    return bound + [
        call for call in facts.logs
        if call.has(*CORRELATING) or any(isinstance(v, str) and v.endswith(CORRELATING) for v in call.args)
        or not told.isdisjoint({(call.path, call.line), (call.path, call.line + 1)})
    ]  # fmt: skip


def _ids_of_requests(facts: Facts) -> list[Call]:
    """Return where the id of a request is taken from its header."""
    return [c for c in facts.ending("get") if c.args and _ID_HEADER.match(literal(c.args[0]) or "")]


def _files_of_runs(facts: Facts) -> list[Call]:
    """Return where a log file is opened in a function that is handed what tells one run from another."""
    handed = {f.name for f in facts.taking(_OF_A_RUN.match)}
    files = [*facts.called_as("logging.FileHandler", "loguru.logger.add"), *facts.ending("FileHandler")]
    return [c for c in files if c.function in handed]


def _ids_beside(facts: Facts) -> list[Call]:
    """Return where an id goes to Sentry's events or to spans, which no log record carries."""
    named = (c for c in facts.ending("set_tag", "set_attribute") if c.args)
    return [c for c in named if _ID.search(literal(c.args[0]) or "")]


def _context_filters(facts: Facts) -> list[Call]:
    """Return where filters and formatters are made that read a context variable, by themselves or by what they call."""
    kinds = facts.subclasses(*_ON_RECORDS)
    reading = {kind.name for kind in kinds if any(_reads_context(facts, f"{kind.name}.{m}") for m in _ON_RECORD)}
    return facts.calls_named(reading.__contains__)


def _reads_context(facts: Facts, method: str) -> bool:
    reached = facts.reach(method, 2)
    asked = any(c.name.endswith("ContextVar().get") for name in reached for c in facts.calls_in(name))
    return asked or (method in facts.function and _reads_a_local(facts, facts.function[method]))


def _reads_a_local(facts: Facts, method: Function) -> bool:
    """Return whether a method takes an id from what a thread or a request holds, and puts it into the record."""
    body = _body(facts, method)
    owners = {match[1] or match[2] for match in _TAKES.finditer(body)} if _PUTS.search(body) else set()
    return any(_is_local(facts, method, owner) for owner in owners)


def _sets_an_id(facts: Facts, name: str) -> bool:
    """Return whether a function puts an id into what a thread or a request holds."""
    function = facts.function[name]
    owners = {match[1] for match in _KEEPS.finditer(_body(facts, function))}
    return any(_is_local(facts, function, owner) for owner in owners)


def _is_local(facts: Facts, function: Function, owner: str) -> bool:
    module = facts.modules[function.path]
    return facts.symbols.name(module.aliases.get(owner, f"{module.name}.{owner}")).startswith(_LOCALS)


def _body(facts: Facts, function: Function) -> str:
    return "\n".join(facts.tree.texts[function.path].splitlines()[function.line - 1 : function.end])


def _sets_context(facts: Facts) -> list[Call]:
    return [c for c in facts.ending("set") if c.name.endswith("ContextVar().set")]
