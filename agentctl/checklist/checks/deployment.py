"""DP: deployment: how it stops, its image, and CI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, failed, not_applicable, passed, place, places, unknown, weak
from agentctl.checklist.facts.deploy import Image, Step
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.logs import is_log
from agentctl.checklist.facts.model import Call, Function
from agentctl.checklist.ships import HOSTED, LIBRARY, Ships
from agentctl.results import Confidence, Location

_CLOSING = re.compile(
    r"\.(close|aclose|shutdown|dispose|disconnect|stop|wait_closed|drain|join|cancel|flush|aclose_all|terminate|quit|gather"
    r"|(on_|graceful_|run_)?shut_?down\w*|clean_?up\w*|tear_?down\w*|(close|dispose|disconnect|stop)_\w+)$"
)
_AT_THE_END = re.compile(
    r"_*(graceful_?)?(shut_?down|clean_?up|tear_?down|aclose|close_(all|connections?|sessions?|clients?))(_\w+)?"
)
_ENTRY = re.compile(
    r"_*(a|async_)?(main|run|serve|start|cli|repl|launch|(main|run|chat|event)_(loop|server|bot|app|forever|chat))"
)
_DRAIN = re.compile(
    r"drain|^(?!.*(max|limit|count)).*in_?flight|active_requests|wait_idle|wait_for_idle|shutting_down|stop_accepting",
    re.IGNORECASE,
)
_WAITS = ("asyncio.gather", "asyncio.wait", "asyncio.wait_for", "concurrent.futures.wait")
_STOP_HOOKS = ("after_serving", "after_app_serving", "after_server_stop", "before_server_stop", "main_process_stop")
_GRACE_GIVEN = ("timeout_graceful_shutdown", "graceful_timeout", "shutdown_timeout", "graceful_shutdown_timeout")
_GRACE = re.compile(
    r"\bterminationGracePeriodSeconds:\s*\d|\bstop_grace_period:\s*\S|\bpreStop:|^\s*kill_timeout\s*=\s*\S"
    r"|--timeout-graceful-shutdown|--graceful-timeout", re.MULTILINE,
)  # fmt: skip
_SCRIPT = re.compile(r"(?:python3?|uv run|poetry run|hatch run|pdm run)\s+(?:-\S+\s+)*(?:\./)?([\w./-]+\.py)\b")
_QUOTES = re.compile("[\"']")
_INSTALLERS = (*frameworks.BUILDERS, "pip install -r", "pip3 install -r")  # what runs in place has no other build
# How pip goes about it, between the command and what it installs.
_HOW = re.compile(r"(?<=\sinstall)(\s+(-q+|-v+|-U|--(quiet|verbose|upgrade|no-cache-dir|prefer-binary|pre)))+(?=\s)")
_FETCHING = re.compile(r"\b(pip3?|pipx|uv|uv tool|conda|mamba|npm|pnpm|yarn) (install|add)\s[^;&|\n]*")
_UNCHANGED = re.compile(r"\b(black|isort|yapf|autopep8|docformatter)\b[^;&|]*\s--(check(-only)?|diff)\b")
_OF_NOTHING = re.compile(r"suppress|redirect_|lock|span|catch_warnings", re.IGNORECASE)  # contexts that open nothing
_SIGNALS = ("shutdown.register", "shutdown.connect")
_AUXILIARY = re.compile(r"(^|/)(infra|plugins?|external|contrib|tools?|scripts?|hack|ci)/")  # images beside it
# No release of them has a version but for the release of Debian that they are made of.
_NOTHING_IN_IT = re.compile(r"/distroless/(static|[\w.-]+-debian\d+):(debug-)?nonroot$")
_SERVERS = ("uvicorn.Server", "uvicorn.server.Server", "gunicorn.workers.base.Worker", "hypercorn.asyncio.run.Server")
_SERVERS_END = {"shutdown", "handle_exit", "handle_quit"}
_INTERRUPTS = {"KeyboardInterrupt", "asyncio.CancelledError"}
_STARTS = {"startup", "initialize", "setup", "print"}


def dp02(facts: Facts, ships: Ships) -> Answer:
    """On SIGTERM does it stop taking work, finish what runs and close what it opened?

    Why: guide 0 "Graceful Shutdown".
    Counts: what closes after the ``yield`` of a lifespan, or contexts that hold it or the server's run; a shutdown
    hook, a server of its own that does more at its end, a SIGTERM handler, atexit; and a drain: a grace time given to
    the server, its container or pod, waiting for work in flight or for tasks in the background, or closing through a
    handler.
    Does not count: a lifespan that only logs at the end; the server's defaults. A drain alone warns, and so does what
    is closed where the program ends by itself or is interrupted, with nothing that leads there from SIGTERM.
    Closed: never. n/a for a library and where a platform serves it.
    Mend: close clients and pools after the lifespan's ``yield`` and give the server a graceful time-out.
    """
    if ships.kind in {LIBRARY, HOSTED}:
        return not_applicable(f"it owns no server process: {ships.why}", ships.evidence)
    closing = [*_lifespan_closing(facts), *_held_while_serving(facts), *_hooks(facts)]
    told = {m.path for m in facts.shipped if any(one.name == "signal.SIGTERM" for one in m.mentions)}
    signals = [c for c in facts.ending("signal", "add_signal_handler")
               if any("SIGTERM" in str(v) for v in c.args) or (c.path in told and c.loop)]  # fmt: skip
    drains = _drains(facts)
    if (closing and (drains or signals)) or (signals and drains):
        return passed("it drains and closes on SIGTERM", [*closing[:2], *places(signals[:1]), *drains[:2]])
    if closing or signals:
        return weak("it closes what it opened, but nothing shows that it lets running work finish",
                    "give the server a graceful time-out or wait for work in flight",
                    [*closing, *places(signals)])  # fmt: skip
    if drains:
        return weak("it is given time to finish what runs, but nothing that it closes was found",
                    "close what the lifespan opened after its yield", drains)  # fmt: skip
    ended = _closed_at_the_end(facts)
    if ended:
        return weak("it closes something where it ends by itself, and nothing shows that SIGTERM leads there",
                    "handle SIGTERM, and let running work finish", places(ended),
                    confidence=Confidence.MEDIUM)  # fmt: skip
    return unknown("nothing that runs at shutdown was found", "close what the lifespan opened after its yield")


def dp03(facts: Facts, ships: Ships) -> Answer:
    """Is there a container image definition that is pinned and does not run as root?

    Why: guide 0 "Container images built", guide 1 "Containerization complete".
    Counts: every shipped Dockerfile starts from a version or digest and ends with a user that is not root; the one at
    the top does, where the others are those of plugins, tools and infrastructure beside it.
    Does not count: ``latest`` or no tag; images for development, documentation and examples.
    Closed: where compose or Kubernetes files stand without an image definition. n/a for a library.
    Mend: pin the base image and add a USER that is not root.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library is not deployed as an image", ships.evidence)
    images = [
        image for image in facts.images if not re.search(r"dev|test|docs", PurePosixPath(image.path).name.lower())
    ]
    images = [image for image in images if image.all("FROM")]
    if not images:
        if facts.kubernetes or any(_builds(d) for parsed in facts.composes.values() for d in parsed):
            return failed("deployment files are there, but no image definition", "add a Dockerfile",
                          [Location(path=p) for p in (*facts.composes, *facts.kubernetes)])  # fmt: skip
        return unknown("no image definition stands in the repository", "add a Dockerfile that is pinned and not root")
    found = {image.path: _image_faults(image) for image in images}
    faults = [fault for some in found.values() for fault in some] + _compose_root(facts)
    main = [path for path, some in found.items() if "/" not in path and not some]
    if main and faults and all(_AUXILIARY.search(spot.path) for _, spot in faults):
        words = f"the image starts from a pinned base and does not run as root; beside it, {faults[0][0]}"
        spots = [Location(path=main[0]), *(spot for _, spot in faults)]
        return passed(words, spots, confidence=Confidence.MEDIUM)
    if not faults:
        spots = [Location(path=image.path, line=step.line) for image in images for step in image.all("USER")]
        return passed("the image starts from a pinned base and does not run as root", spots)
    words = "; ".join(dict.fromkeys(text for text, _ in faults))
    return weak(words, "pin the base image and add a USER that is not root", [spot for _, spot in faults])


def dp08(facts: Facts, _ships: Ships) -> Answer:
    """Does CI build, lint and test every change?

    Why: guide 4 "Quality assurance".
    Counts: jobs on push or pull request that build or install the project, or what it needs to run where it stands,
    lint it and test it, and may fail, by themselves or through targets and scripts of the tree.
    Does not count: workflows that only run by hand or by the clock; ``|| true`` and ``continue-on-error``.
    Closed: where a CI definition stands in the tree and all that it runs can be followed.
    Mend: one workflow on pull requests: install, ruff check, pytest, docker build.
    """
    if not facts.ci_files:
        return unknown("no CI definition stands in the repository", "add a workflow that lints, tests and builds")
    live = [step for step in facts.ci if step.changes and step.binding]
    run = [replace(step, text=_FETCHING.sub("", step.text)) for step in live]  # what is fetched is not run
    found = {
        "build": _matching(live, _INSTALLERS),
        "lint": _matching(run, frameworks.LINTERS) or _in_script(facts, live, frameworks.LINTERS) or _compared(live),
        "test": _matching(run, frameworks.TEST_RUNNERS) or _in_script(facts, live, frameworks.TEST_RUNNERS),
    }
    missing = [word for word, step in found.items() if not step]
    evidence = [place(step) for step in found.values() if step]
    if not missing:
        return passed("CI builds, lints and tests every change", evidence)
    message = f"CI is defined, but on changes it does not {' or '.join(missing)}"
    if missing == ["build"]:
        return weak(message, "build the image or the package in CI", evidence)
    if facts.ci_is_opaque and (found["test"] or found["build"]):
        return weak(f"{message}, as far as its commands can be followed", "name the commands in the workflow", evidence)
    if facts.ci_is_opaque:
        return unknown(
            f"{message}, as far as its commands can be followed", "name the commands in the workflow", evidence
        )
    return failed(message, f"add a step that runs {'ruff check' if 'lint' in missing else 'pytest'}",
                  evidence or [Location(path=path) for path in facts.ci_files])  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _lifespan_closing(facts: Facts) -> list[Location]:
    """Return what lifespans close: calls after the ``yield`` that are no logging, and contexts around it."""
    found = []
    for function in _lifespans(facts):
        last = min(function.yields)
        for call in facts.calls_in(function.name):
            after = call.line > last and not is_log(call.raw) and not is_log(call.name) and call.name != "print"
            around = call.role == "context" and call.line <= last and call.name != "contextlib.suppress"
            if (after and _closes(facts, call)) or around:
                found.append(place(call))
    return found


def _held_while_serving(facts: Facts) -> list[Location]:
    """Return the contexts that a function holds while a server runs in it: they close when the server ends."""
    starts = facts.ending("serve", "serve_forever", "run_app", "run", "run_async", "start_server")
    serving = {call.function: call for call in starts if frameworks.is_one_of(call.name, frameworks.SERVERS)}
    return [
        place(call)
        for name, run in serving.items()
        for call in facts.calls_in(name)
        if call.line <= run.line and _holds(call)
    ]


def _holds(call: Call) -> bool:
    entered = call.raw.endswith((".enter_async_context", ".enter_context", ".push_async_callback"))
    return entered or (call.role == "context" and not _OF_NOTHING.search(call.raw))


def _lifespans(facts: Facts) -> list[Function]:
    handed = {
        facts.symbols.identity(value) for call in facts.given("lifespan")
        if isinstance(value := call.keywords["lifespan"], str)
    }  # fmt: skip
    return [
        f
        for f in facts.functions
        if f.yields and (f.name in handed or f.short in {"lifespan", "_lifespan", "app_lifespan"})
    ]


def _closes(facts: Facts, call: Call) -> bool:
    """Return whether a call closes something itself or in what it reaches."""
    if _CLOSING.search(call.raw) or _CLOSING.search(f".{call.raw}"):
        return True
    own = facts.own_function(call.name)
    reached = facts.reach(own, 4) if own in facts.function else set()
    return any(_CLOSING.search(c.raw) for name in reached for c in facts.calls_in(name))


def _hooks(facts: Facts) -> list[Location]:
    events = [c for c in facts.ending("on_event", "add_event_handler") if b"shutdown" in c.args]
    exits = [c for c in facts.called("atexit.register") if c.args]
    cleanup = [c for c in facts.ending("append") if c.name.endswith((".on_shutdown.append", ".on_cleanup.append"))]
    stops = [c for c in facts.ending(*_STOP_HOOKS) if c.role == "decorator" or c.args]
    handed = [c for c in facts.given("on_shutdown") if c.keywords["on_shutdown"]]
    told = [c for c in facts.ending("post_shutdown", "post_stop") if c.args]  # of a bot's builder
    joined = [c for c in facts.ending("register", "connect") if c.name.endswith(_SIGNALS)]
    workers = [kind for kind in facts.classes if kind.short.endswith("Settings") and "on_shutdown" in kind.fields]
    servers = [k for k in facts.subclasses(*_SERVERS) if not _SERVERS_END.isdisjoint(k.methods)]
    return places([*events, *exits, *cleanup, *stops, *handed, *told, *joined, *workers, *servers])


def _closed_at_the_end(facts: Facts) -> list[Call]:
    """Return the calls that close something where a program's own loop ends, or where it is interrupted."""
    caught = {h.function for m in facts.shipped for h in m.handlers
              if any(facts.symbols.name(kind) in _INTERRUPTS for kind in h.types)}  # fmt: skip
    ending = facts.worded(_AT_THE_END.fullmatch)
    closing = [c for c in ending if not c.name.startswith("logging.") and _closes(facts, c)]
    return [c for c in closing if c.function in caught or _ENTRY.fullmatch(c.function.rpartition(".")[2])]


def _drains(facts: Facts) -> list[Location]:
    shown = places([*facts.given(*_GRACE_GIVEN), *_awaited(facts)])
    waits = facts.named(_DRAIN.search)
    shown += places([f for f in waits if f.name in facts.ran])
    for image in facts.images:
        for step in (*image.all("CMD"), *image.all("ENTRYPOINT")):
            if re.search(r"--timeout-graceful-shutdown|--graceful-timeout", step.text):
                shown.append(Location(path=image.path, line=step.line))
    for path, text in facts.beside.items():
        match = _GRACE.search(text) if path.endswith((".yaml", ".yml", ".toml", ".sh")) else None
        if match:
            shown.append(Location(path=path, line=text.count("\n", 0, match.start()) + 1))
    shown += [Location(path=path) for path in facts.tree.python if re.search(r"gunicorn[\w.]*\.py$", path)
              and re.search(r"^\s*graceful_timeout\s*=", facts.tree.texts[path], re.MULTILINE)]  # fmt: skip
    return shown


def _awaited(facts: Facts) -> list[Call]:
    """Return what a lifespan waits for after its ``yield``: tasks in the background that end before the process."""
    found = []
    for function in _lifespans(facts):
        after = [call for call in facts.calls_in(function.name) if call.line > min(function.yields)]
        own = {facts.own_function(call.name): call for call in after}
        reached = {name: call for one, call in own.items() if one in facts.function for name in facts.reach(one, 3)}
        waiting = [call for call in after if frameworks.is_one_of(call.name, _WAITS)]
        waiting += [call for name, call in reached.items()
                    if any(frameworks.is_one_of(inner.name, _WAITS) for inner in facts.calls_in(name))]  # fmt: skip
        found += waiting
    return found


def _image_faults(image: Image) -> list[tuple[str, Location]]:
    faults = []
    named = {step.text.split()[2] for step in image.all("FROM") if len(step.text.split()) > 2}  # noqa: PLR2004 - FROM x AS y
    for step in image.all("FROM"):
        base = next((word for word in step.text.split() if not word.startswith("--")), "")
        if base not in named and base != "scratch" and not _is_pinned(base, image):
            faults.append(
                (f"{image.path} starts from {base}, which is not pinned", Location(path=image.path, line=step.line))
            )
    users = [step for step in image.final_stage if step.word == "USER"]
    if not users or users[-1].text.split(":")[0].strip().lower() in {"root", "0"}:
        line = image.final_stage[0].line if image.final_stage else 1
        faults.append((f"{image.path} runs as root", Location(path=image.path, line=line)))
    return faults


def _is_pinned(base: str, image: Image) -> bool:
    for step in reversed(image.all("ARG")):  # one may be made of those before it
        name, _, value = step.text.partition("=")
        base = base.replace(f"${{{name}}}", value).replace(f"${name}", value) if value else base
    if "@sha256:" in base:
        return True
    tag = base.rpartition("/")[2].partition(":")[2]
    asked = {step.text.strip() for step in image.all("ARG") if "VERSION" in step.text}  # said by who builds it
    return bool(re.search(r"\d", tag)) or tag.strip("${}") in asked or bool(_NOTHING_IN_IT.search(base))


def _compose_root(facts: Facts) -> list[tuple[str, Location]]:
    found = []
    for path, documents in facts.composes.items():
        for document in documents:
            services = document.get("services") if isinstance(document, Mapping) else None
            for name, service in (services or {}).items() if isinstance(services, Mapping) else ():
                if (
                    isinstance(service, Mapping)
                    and "build" in service
                    and str(service.get("user", "")) in {"root", "0", "0:0"}
                ):
                    found.append((f"{path} runs {name} as root", Location(path=path)))
    return found


def _builds(document: object) -> bool:
    services = document.get("services") if isinstance(document, Mapping) else None
    if not isinstance(services, Mapping):
        return False
    return any(isinstance(service, Mapping) and "build" in service for service in services.values())


def _in_script(facts: Facts, steps: list[Step], words: tuple[str, ...]) -> Step | None:
    """Return the first step that runs a Python script of the tree that holds one of the commands."""
    any_of = re.compile(rf"[\"'\s](?:{'|'.join(map(re.escape, words))})\b")
    runs = ((step, name) for step in steps for name in _SCRIPT.findall(step.text))
    return next((step for step, name in runs if any_of.search(facts.tree.texts.get(name, ""))), None)


def _compared(steps: list[Step]) -> Step | None:
    """Return the first step that asks a formatter whether it would change anything."""
    return next((step for step in steps if _UNCHANGED.search(step.text)), None)


def _matching(steps: list[Step], words: tuple[str, ...]) -> Step | None:
    """Return the first step that runs one of the commands, however its arguments are quoted."""
    whole, ends = [w for w in words if w[0] != "."], [w for w in words if w[0] == "."]  # ``-m shop.manage test``
    any_of = re.compile("|".join([rf"(?:^|[\s/&;=])(?:{'|'.join(map(re.escape, whole))})", *map(re.escape, ends)]))
    return next((step for step in steps if any_of.search(f"{_HOW.sub('', _QUOTES.sub('', step.text))} ")), None)
