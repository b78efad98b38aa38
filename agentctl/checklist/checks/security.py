"""SE: security."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from agentctl.checklist import frameworks, secrets
from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, places, unknown, weak
from agentctl.checklist.facts import manifest, roles, wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Status
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import CLI, HOSTED, LIBRARY, Ships
from agentctl.results import Confidence, Location

_TOO_MANY = 429
_OPEN_PATH = re.compile(
    r"/(login|token|register|signup|sign-up|signin|sign-in|refresh|logout|oauth\S*|callback|health\S*|live\S*|ready\S*|ping"
    r"|metrics|docs|openapi\.json|version|webhooks?/verify|status)$"
)
_LOCK_USE = re.compile(
    r"uv (sync|export)[^&|;\n]*--(frozen|locked)|uv pip sync|poetry (install|sync)|pdm sync|"
    r"pdm install[^&|;\n]*--frozen-lockfile|pipenv (sync|install[^&|;\n]*--deploy)"
)
_EVALUATING = ("eval", "exec", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput")
_SHELLS = ("eval", "exec", "system", "popen", "getoutput", "getstatusoutput", "run", "call", "check_call", "Popen",
           "check_output")  # fmt: skip
_LIGHT = ("run", "call", "check_call", "check_output", "create_subprocess_shell", "loads", "load", "unsafe_load",
          "execute", "executemany", "text")  # fmt: skip
_FLOATING = re.compile(r"\b(pip3? install|uv pip install)\b")


def se01(facts: Facts, ships: Ships) -> Answer:
    """Are incoming requests rate-limited per client?

    Why: guide 0 "Rate Limiting", guide 4.
    Counts: a limiter of the web framework that is wired (decorator, middleware, dependency); a limits or home-made
    limiter that the request path reaches and that answers 429.
    Does not count: a limiter for outgoing calls; handling 429 that others answer; a declared but unused library.
    Closed: never; a gateway outside the repository could limit.
    Mend: hit a limiter keyed by client in a middleware or dependency and answer 429 with Retry-After.
    """
    if not ships.serves:
        return not_applicable(f"it serves no requests itself ({ships.kind})", ships.evidence)
    wired = facts.used(frameworks.LIMITERS)
    wired = [p for p in wired if p.symbol != "flask_limiter.Limiter" or facts.apps]
    answers = [s for m in facts.shipped for s in m.statuses if s.code == _TOO_MANY and s.use in {"call", "assign"}]
    served = wiring.on_requests(facts)
    if wired:
        return passed("incoming requests pass a rate limiter", wired)
    engines = [c for c in facts.called(*frameworks.LIMITER_ENGINES) if
               c.name.endswith((".hit", ".try_acquire", ".limit", ".test", ".acquire"))]  # fmt: skip
    hit = [call for call in engines if call.function in served]
    if hit and answers:
        return passed("requests hit a limiter and get 429 beyond it", [*places(hit[:3]), *places(answers[:2])])
    handlers = {str(facts.symbols.identity(route.handler)) for route in facts.routes}
    home = [s for s in answers if s.function in served - handlers]
    if home:
        return _home_made(facts, home)
    hint = "limit requests per client in a middleware and answer 429 with Retry-After"
    declared = [
        need.name for need in facts.manifest.dependencies if need.name in {"slowapi", "limits", "fastapi-limiter"}
    ]
    words = f"; {declared[0]} is declared but not wired" if declared else ""
    return unknown(f"no limiter of incoming requests was found{words}", hint, places(engines))


def se02(facts: Facts, _ships: Ships) -> Answer:
    """Are secrets kept out of the tree and read from the environment or a secret store, with .env ignored?

    Why: every guide's "Secrets Management".
    Counts: no credential of a known form in any text file that was read, no .env with values, .env ignored by git.
    Does not count: placeholders, variable references, names of variables; keys in tests and examples only warn.
    Closed: over the files that were read; at least one file must have been.
    Mend: take the secret out, rotate it, read it from the environment, and ignore .env.
    """
    if not any(text.strip() for text in facts.tree.plain.values()) and not facts.lines:
        return unknown("no text was there to look at", "check that the path is a project's")
    found = [hit for path, text in facts.tree.plain.items() for hit in secrets.scan(path, text)]
    found += [secrets.Hit(*hit) for module in facts.modules.values() for hit in module.secrets]
    shown = [Location(path=hit.path, line=hit.line, symbol=hit.kind) for hit in found]
    hard = [p for p, hit in zip(shown, found, strict=True) if hit.strong and _is_live(hit.path)]
    if hard:
        return failed(f"{counted(hard, 'credential')} in the tree: {', '.join(sorted({str(p.symbol) for p in hard}))}",
                      "take them out, rotate them, and read them from the environment", hard)  # fmt: skip
    scope = counted(facts.tree.texts, "text file")
    if shown:
        kinds = ", ".join(sorted({str(p.symbol) for p in shown}))
        return weak(
            f"weak spots: {kinds}", "use no default for a secret; read it from the environment", shown, scope=scope
        )
    ignored = [
        p for p, text in facts.tree.plain.items() if p.endswith((".gitignore", ".dockerignore")) and _ignores_env(text)
    ]
    reads = facts.called_as(*frameworks.ENV_READS) or facts.subclasses(*frameworks.SETTINGS)
    if not any(p.endswith(".gitignore") for p in ignored) and reads:
        return weak("no secret was found, but git does not ignore .env", "add .env to .gitignore", scope=scope)
    evidence = [*(Location(path=path) for path in ignored[:2]), *places(reads[:2])]
    return passed("no credential was found in any text file", evidence or [Location(path=".")], scope=scope)


def se03(facts: Facts, ships: Ships) -> Answer:
    """Do the endpoints that change or reveal something require authentication?

    Why: guide 0 "Authentication/authorization", guide 3 "Access Control", guide 4 "Authentication & Authorization".
    Counts: a guard that each changing route reaches before its work: a dependency, a decorator, a router's or the
    application's dependencies, or a middleware, that checks a token, a signature or a user.
    Does not count: a guard that is defined and not wired. Login, registration, health and documentation stay open.
    Closed: never; a gateway could authenticate. n/a without endpoints.
    Mend: put the guard into the router's dependencies, so that a new route cannot forget it.
    """
    if ships.kind == HOSTED:
        wired = facts.called("langgraph_sdk.Auth().authenticate")
        if wired:
            return passed("the platform authenticates every request with its own handler", places(wired))
    changing = [r for r in facts.routes if r.changing and not (r.path and _OPEN_PATH.search(r.path))]
    if ships.serves and not changing and (not facts.routes or _is_vague(facts)):
        return _guarded_somehow(facts)
    if not ships.serves or not changing:
        return not_applicable(f"no endpoint of its own changes anything ({ships.kind})", ships.evidence)
    guards = _guards(facts)
    middleware = _guarding_middleware(facts, guards)
    if middleware:
        return passed("a middleware authenticates every request", places(middleware))
    guarded = [route for route in changing if _is_guarded(facts, route, guards)]
    if len(guarded) == len(changing):
        return passed(f"an authentication guard stands before {_all(changing)}", places(guarded))
    if guarded:
        bare = [route for route in changing if route not in guarded]
        return weak(f"{len(guarded)} of {len(changing)} changing routes reach an authentication guard",
                    f"guard {bare[0].path or bare[0].handler} too", places(bare))  # fmt: skip
    return unknown(f"no authentication was found before {counted(changing, 'changing route')}",
                   "require a token in the router's dependencies", places(changing))  # fmt: skip


def se04(facts: Facts, _ships: Ships) -> Answer:
    """Does CI run a security scan (code, dependencies, image or secrets) whose failure fails the build?

    Why: guide 0 "Security scan completed", guides 1, 2 and 4.
    Counts: pip-audit, bandit, CodeQL, trivy, semgrep, gitleaks and the like in a job that may fail.
    Does not count: a scan with ``|| true``, ``continue-on-error`` or ``--exit-zero``; Dependabot; a pre-commit hook
    that CI does not run.
    Closed: where a CI definition stands in the tree and all that it runs can be followed.
    Mend: add ``pip-audit`` to the workflow.
    """
    scans = [step for step in facts.ci if any(scanner in step.text for scanner in frameworks.SCANNERS)]
    scans = [s for s in scans if not re.search(r"\b(pip|uv|poetry)\b.*\b(install|add)\b", s.text) or "&&" in s.text]
    binding = [
        s for s in scans if s.binding and not ("trivy" in s.text and "/" in s.text and "exit-code" not in s.text)
    ]
    if binding:
        return passed("CI runs a security scan that can fail the build", places(binding))
    if scans:
        return weak("CI runs a security scan whose failure is ignored", "let it fail the build", places(scans))
    if facts.ci_is_opaque:
        return unknown(
            "no security scan was found in CI, as far as its commands can be followed", "run pip-audit in CI"
        )
    if facts.ci_files:
        return failed("CI is defined and runs no security scan", "add pip-audit to the workflow",
                      [Location(path=path) for path in facts.ci_files])  # fmt: skip
    return unknown("no CI definition stands in the repository", "run pip-audit in CI")


def se05(facts: Facts, ships: Ships) -> Answer:
    """Are dependencies locked to exact versions, consistently with the manifest?

    Why: guide 1 "Containerization complete", guide 4 "deployment readiness".
    Counts: a lock file or a constraints or requirements file with exact versions that holds every direct
    dependency and that the image and the documented install use.
    Does not count: ranges; a lock that disagrees with the manifest or that the image ignores.
    Closed: always; locks stand in the tree. n/a for libraries and without dependencies; a command-line tool that is
    installed as a package and has no image only warns.
    Mend: ``uv lock`` and ``uv sync --frozen`` in the image, or ``pip-compile --generate-hashes``.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library leaves the versions to its users", ships.evidence)
    needs = facts.manifest.dependencies
    if not needs and not facts.manifest.pins and not facts.manifest.locks:
        return not_applicable("no dependency is declared")
    if facts.manifest.locks:
        return _lock_file(facts)
    return _pin_files(facts, ships)


def se07(facts: Facts, _ships: Ships) -> Answer:
    """Is dangerous execution (shell, eval, exec, generated SQL) absent or fenced?

    Why: guide 1 "Secure Tool Execution", guide 4 "sanitization".
    Counts: none of it in the shipped code; child processes by argument list with a timeout.
    Does not count: calls with constant arguments only; tests and scripts.
    Closed: for the calls that are known by name; pass only after at least one shipped file was scanned.
    Mend: an argument list instead of a shell, an allow-list of commands, a timeout, SQL parameters.
    """
    if not any(module.functions or module.calls for module in facts.shipped):
        return unknown("no shipped Python code was scanned", "check that the code is not among tests or examples")
    grave = [c for c in facts.ending(*_SHELLS) if _grave(c)]
    if grave:
        return failed(f"text that is not constant goes to a shell, eval or exec in {counted(grave, 'call')}",
                      "use an argument list and an allow-list", places(grave))  # fmt: skip
    light = [c for c in facts.ending(*_LIGHT) if _light(c)]
    if light:
        return weak(f"a process without a timeout, SQL built from text or unsafe loading in {counted(light, 'call')}",
                    "give each a timeout and parameters", places(light))  # fmt: skip
    return passed(f"no shell, eval, exec or generated SQL in {counted(facts.shipped, 'shipped file')}",
                  [Location(path=facts.shipped[0].path)], confidence=Confidence.MEDIUM)  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _home_made(facts: Facts, home: list[Status]) -> Answer:
    """Pass when a limiter of its own stands before half of the changing routes, in a middleware or a dependency."""
    functions = {status.function for status in home}
    changing = [route for route in facts.routes if route.changing]
    limited = [route for route in changing if functions & _before(facts, route)]
    if functions & wiring.on_every_request(facts) or len(limited) * 2 >= len(changing):
        return passed(
            "a limiter of its own on the request path answers 429", places(home), confidence=Confidence.MEDIUM
        )
    return weak(f"a limiter of its own stands before {len(limited)} of {len(changing)} changing routes",
                "limit the other routes too, in a middleware", places(home))  # fmt: skip


def _before(facts: Facts, route: Route) -> set[str]:
    """Return the own functions that a request to the route reaches."""
    depends = {facts.own_function(facts.symbols.name(name)) for name in route.depends}
    return wiring.reached(facts, {str(facts.symbols.identity(route.handler)), *depends})


def _is_live(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    aside = roles.role(path) != roles.SHIPPED if path.endswith(".py") else roles.role(f"{path}.py") != roles.SHIPPED
    return not aside and not re.search(r"example|sample|template|\.md$|\.rst$|\.ipynb$|\.lock$", name)


def _ignores_env(text: str) -> bool:
    rows = {row.strip().lstrip("/") for row in text.splitlines()}
    return any(row in {".env", "*.env", ".env*", "**/.env", ".env.*", "**/.env*", ".envrc", ".*"} for row in rows)


def _guards(facts: Facts) -> set[str]:
    """Return the own functions that check who calls: they answer 401 or 403 or use a library's authentication."""
    denying = {
        s.function for m in facts.shipped for s in m.statuses if s.code in {401, 403} and s.use in {"call", "assign"}
    }
    denying |= {c.function for c in facts.called(*frameworks.AUTHENTICATION)}
    for function in facts.functions:
        names = [*facts.depends(function), *(facts.symbols.name(n) for p in function.parameters for n in p.mentions)]
        if any(frameworks.is_one_of(name.replace("()", ""), frameworks.AUTHENTICATION) for name in names):
            denying.add(function.name)
    raising = _refusals(facts)
    denying |= {r.function for m in facts.shipped for r in m.raises if facts.symbols.name(r.name) in raising}
    return denying


def _is_vague(facts: Facts) -> bool:
    """Return whether routes do not tell what changes something: tools of a server, Django's views, and sockets."""
    if any(frameworks.is_one_of(app.name, frameworks.TOOL_SERVERS) for app in facts.apps):
        return True
    sockets = {call.function for call in facts.ending("WebSocketResponse", "accept")}
    handlers = {facts.symbols.identity(route.handler) for route in facts.routes}
    return bool(facts.imported("django.urls") or sockets & handlers)


def _guarded_somehow(facts: Facts) -> Answer:
    """Answer for endpoints that cannot be told one by one: a server of tools, or views of Django."""
    handed = facts.given("auth", "auth_provider", "token_verifier", "auth_server_provider")
    given = [c for c in handed if c.name in frameworks.TOOL_SERVERS and c.keywords.get("auth", "") is not None]
    if given:
        return passed("the server of tools is given its authentication", places(given), confidence=Confidence.MEDIUM)
    texts = (text for module in facts.shipped for text in module.strings)
    named = [text for text in texts if frameworks.is_one_of(text.name, frameworks.AUTHENTICATION)]
    found = [*facts.used(frameworks.AUTHENTICATION), *places(named)]
    if found:
        return weak("authentication is set up, and which endpoints it stands before cannot be followed",
                    "test that each endpoint refuses strangers", found, confidence=Confidence.MEDIUM)  # fmt: skip
    return unknown("no authentication was found before its endpoints", "require a token before every endpoint")


def _refusals(facts: Facts) -> set[str]:
    """Return the exception classes of its own that stand for 401 or 403."""
    direct = {
        s.function for m in facts.shipped for s in m.statuses if s.code in {401, 403} and s.use == "assign"
    } & set(facts.class_by_name)  # fmt: skip
    return direct | {kind.name for kind in facts.classes if facts.bases(kind) & direct}


def _guarding_middleware(facts: Facts, guards: set[str]) -> list[Call]:
    """Return what wires a middleware that authenticates: a library's, or one of its own that reaches a guard."""
    library = [
        call
        for call in facts.ending("add_middleware", "Middleware")
        if any(frameworks.is_one_of(facts.symbols.name(str(value)), frameworks.AUTHENTICATION) for value in call.args)
    ]
    own = [call for name, call in wiring.middleware(facts).items() if facts.reach(name) & guards]
    return [*library, *own]


def _is_guarded(facts: Facts, route: Route, guards: set[str]) -> bool:
    handler = str(facts.symbols.identity(route.handler))
    depends = [facts.symbols.name(d) for d in route.depends]
    if any(frameworks.is_one_of(name.replace("()", ""), frameworks.AUTHENTICATION) for name in depends):
        return True
    starts = {facts.own_function(name) for name in depends}
    called = {facts.own_function(call.name) for call in facts.calls_in(handler)}
    function = facts.function.get(handler)
    if function is not None:
        decorators = [facts.symbols.name(d) for d in function.decorators]
        named = [*decorators, *facts.depends(function)]
        if any(frameworks.is_one_of(name.replace("()", ""), frameworks.AUTHENTICATION) for name in named):
            return True
        starts |= {facts.own_function(name) for name in named}
    near = called | {callee for name in called for callee in facts.callees.get(name, ())}
    return bool(wiring.reached(facts, starts) & guards) or bool(near & guards)


def _all(routes: list[Route]) -> str:
    return "the changing route" if len(routes) == 1 else f"all {len(routes)} changing routes"


def _lock_file(facts: Facts) -> Answer:
    path = next(iter(facts.manifest.locks))
    wrong = manifest.lock_disagrees(facts.manifest)
    if wrong:
        return weak(f"{path} disagrees with the manifest on {', '.join(wrong[:3])}", "lock again: uv lock",
                    [Location(path=path)], scope="manifests and locks")  # fmt: skip
    for image in facts.images:
        commands = " ".join(step.text for step in image.all("RUN"))
        if (
            _FLOATING.search(_without_pinned(commands))
            and not _LOCK_USE.search(commands)
            and not _uses_pins(facts, commands)
        ):
            line = next((s.line for s in image.all("RUN") if _FLOATING.search(s.text)), 1)
            spots = [Location(path=image.path, line=line), Location(path=path)]
            return weak(f"{path} is there, but {image.path} installs without it", "uv sync --frozen in the image",
                        spots, scope="manifests and locks")  # fmt: skip
    return passed(f"{path} locks every direct dependency ({len(facts.manifest.dependencies)})", [Location(path=path)],
                  scope="manifests and locks")  # fmt: skip


def _without_pinned(commands: str) -> str:
    """Drop the installation of single pinned tools (``pip install uv==0.11``)."""
    return re.sub(r"pip3? install\s+(--[\w-]+\s+)*[\w-]+==\S+", "", commands)


def _uses_pins(facts: Facts, commands: str) -> bool:
    names = [PurePosixPath(p).name for p, rows in facts.manifest.pins.items() if rows and all(r.exact for r in rows)]
    return any(name in commands for name in names)


def _pin_files(facts: Facts, ships: Ships) -> Answer:
    pins = {
        p: rows
        for p, rows in facts.manifest.pins.items()
        if not re.search(r"dev|test|docs|lint", PurePosixPath(p).name)
    }
    live = {p: rows for p, rows in pins.items() if roles.role(f"{p}.py") == roles.SHIPPED}
    full = [p for p, rows in live.items() if all(row.exact for row in rows)]
    held = {row.name for path in full for row in live[path]}
    missing = [need.name for need in facts.manifest.dependencies if need.name not in held]
    if full and not missing:
        hashed = [path for path in full if path in facts.manifest.hashed]
        ignored = _image_ignores(facts, full)
        if ignored:
            return weak(f"{full[0]} pins every dependency, but {ignored.path} installs without it",
                        "install from it in the image", [ignored, Location(path=full[0])],
                        scope="manifests and locks")  # fmt: skip
        words = "with hashes" if hashed else "without hashes"
        return passed(f"{(hashed or full)[0]} pins every dependency to one version, {words}",
                      [Location(path=p) for p in (hashed or full)], scope="manifests and locks")  # fmt: skip
    needs = list(facts.manifest.dependencies) or [row for rows in live.values() for row in rows]
    exact = [need for need in needs if need.exact]
    message = f"{len(exact)} of {len(needs)} direct dependencies have an exact version and there is no lock"
    spots = [Location(path=need.path, line=need.line, symbol=need.name) for need in needs if not need.exact]
    hint = "lock all of them: uv lock, or pip-compile --generate-hashes"
    installed = ships.kind == CLI and facts.manifest.packaged and not facts.images  # pip solves the versions of a tool
    if installed or (needs and len(exact) * 2 >= len(needs)):
        return weak(message, hint, spots, scope="manifests and locks")
    return failed(message, hint, spots, scope="manifests and locks")


def _image_ignores(facts: Facts, full: list[str]) -> Location | None:
    names = [PurePosixPath(path).name for path in full]
    for image in facts.images:
        runs = [s for s in image.all("RUN") if _FLOATING.search(_without_pinned(s.text))]
        if runs and not any(
            name in step.text for step in (*runs, *image.all("ENV"), *image.all("ARG")) for name in names
        ):
            return Location(path=image.path, line=runs[0].line)
    return None


def _grave(call: Call) -> bool:
    first = call.args[0] if call.args else None
    constant = isinstance(first, (bytes, tuple))
    if call.name in _EVALUATING:
        return not constant
    return call.name.startswith("subprocess.") and call.keywords.get("shell") is True and not constant


def _light(call: Call) -> bool:
    if call.name in {"subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}:
        return "timeout" not in call.keywords
    if call.name in {
        "asyncio.create_subprocess_shell",
        "pickle.loads",
        "pickle.load",
        "yaml.unsafe_load",
        "marshal.loads",
    }:
        return True
    if call.name == "yaml.load":
        return not any("Safe" in str(v) for v in (*call.args[1:], *call.keywords.values()))
    text = call.args[0] if call.args else None
    return call.raw.endswith((".execute", ".executemany", ".text")) and text == "<f-string>" and "?" not in call.raw[:1]
