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
from agentctl.checklist.facts.model import Call, Class, Function, Handler, Mention
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_ANNOTATED = 90.0  # per cent
_ANNOTATED_WARN = 0.60
_SILENT_PER_1000 = 2.0
_BORNE = 20  # blind handlers to one that is silent
_CORRELATING = ("request_id", "correlation_id", "trace_id", "session_id", "thread_id", "conversation_id", "run_id")
_SEVERAL = 3
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
    share = 1 - len(bare) / len(functions)
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
    raised = raised or [call for call in facts.calls if call.name in names]
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
    formatter of its own that dumps JSON, one named in dictConfig or in logging settings that another file names), and a
    logger that is called.
    Does not count: a formatter that nothing makes; ``basicConfig`` with format strings. Records that only OpenTelemetry
    exports warn.
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
        if len(prints) > len(logs):
            return weak(f"JSON logging is wired, but {len(prints)} prints stand beside {len(logs)} log calls",
                        "log instead of printing", [*wired, *places(prints)])  # fmt: skip
        return passed(f"records are rendered as JSON, and {counted(logs, 'call')} log", [*wired[:3], *places(logs[:2])])
    loggers = facts.imported("logging", "structlog", "loguru")
    if prints and not loggers and not logs:
        return failed(f"it prints ({counted(prints, 'place')}) and has no logger", "log structured records",
                      places(prints))  # fmt: skip
    return unknown("no JSON or key-value log output was found", "configure structlog or a JSON formatter", loggers[:3])


def cq06(facts: Facts, ships: Ships) -> Answer:
    """Does every log record of one request or session carry the same correlation id?

    Why: guide 4 "Structured logging with correlation IDs", guide 3 "Structured Logging".
    Counts: an id bound to the context in a middleware or a request hook and merged into every record (structlog
    contextvars with merge_contextvars, asgi-correlation-id with its filter, loguru contextualize, a logging filter
    that reads a context variable).
    Does not count: an id that is passed by hand to single log calls (three and more warn).
    Closed: never.
    Mend: bind the id in one middleware and merge the context in the log processors.
    """
    bound = [*facts.called(*frameworks.CORRELATION), *_context_filters(facts)]
    by_hand = [call for call in facts.logs if call.has(*_CORRELATING)]
    if not bound and len(by_hand) >= _SEVERAL:
        return weak(f"an id is handed to {counted(by_hand, 'log call')} one by one, and bound nowhere",
                    "bind it in a middleware and merge the context", places(by_hand))  # fmt: skip
    if not bound:
        return unknown("no correlation id that is bound to the log context was found",
                       "bind a request id in a middleware and merge it into every record")  # fmt: skip
    merged = facts.used(("structlog.contextvars.merge_contextvars",)) or not any(
        call.name.startswith("structlog.") for call in bound
    )
    everywhere = wiring.on_every_request(facts)
    central = not ships.serves or any(call.function in everywhere or call.name.endswith("Middleware") for call in bound)
    central = central or bool(facts.used(_READY_MADE))
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
    made = {call.name for call in facts.calls}
    strings = {string.name for m in facts.shipped for string in m.strings}
    for kind in facts.subclasses("logging.Formatter"):
        dumps = any(c.name in {"json.dumps", "orjson.dumps"} for f in kind.methods
                    for c in facts.calls_in(f"{kind.name}.{f}"))  # fmt: skip
        if dumps and (kind.name in made or any(string.endswith(f".{kind.short}") for string in strings)):
            found.append(place(kind))
    return found


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


def _context_filters(facts: Facts) -> list[Call]:
    filters = {kind.name for kind in facts.subclasses("logging.Filter")}
    reading = {
        name for name in filters
        if any(c.name.endswith("ContextVar().get") for m in ("filter", "__call__")
               for c in facts.calls_in(f"{name}.{m}"))
    }  # fmt: skip
    return [call for call in facts.calls if call.name in reading]
