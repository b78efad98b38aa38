"""SE: security."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from agentctl.checklist import frameworks, secrets
from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, places, unknown, weak
from agentctl.checklist.checks import paths, protection
from agentctl.checklist.checks.clients import commands
from agentctl.checklist.facts import roles, wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import F_STRING, Call, Function, Status, Value
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

_TOO_MANY = 429
_CLIENT_OR_TIME = re.compile(
    r"(^|\.)(time|monotonic|perf_counter|now|utcnow|clock|expire|pexpire|ttl|incr|incrby|zadd|hit|test|try_acquire|take"
    r"|consume|allow(ed)?|allows)$|\.client(\.host)?$|remote_addr|forwarded|identity|\bheaders\b",
    re.IGNORECASE,
)
_HOSTED_ANALYSIS = re.compile(r"sonar(cloud|qube)|sonar-scanner", re.IGNORECASE)
_UPLOAD = re.compile(r"^\S*codeql-action/upload-sarif")
_HOOKS = re.compile(r"\b(pre-commit|prek) run\b|pre-commit/action")
_LINTS = re.compile(
    r"(^|/)(pyproject\.toml|\.?ruff\.toml|setup\.cfg|tox\.ini|\.flake8|[\w-]*requirements[\w.-]*\.txt)$"
)
_CHOSEN_RULES = {
    "ruff": re.compile(r"^\s*(extend-)?select\s*=\s*\[[^\]]*[\"'](S|ALL)[\"']", re.MULTILINE),
    "flake8": re.compile(r"^\s*[\"']?flake8-bandit\b", re.MULTILINE),
}
_ENV_FILE = re.compile(r"(^|[\s/\"'`(=:])\.env\b")
_OF_SECRETS = re.compile(
    r"(^|/)tests?[_/](.*/)?[^/]*(secret|redact|scrub|mask|leak|anonymi[sz]|_pii)[^/]*\.py$", re.IGNORECASE
)
_EVALUATING = ("eval", "exec", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput")
_SHELLS = ("eval", "exec", "system", "popen", "getoutput", "getstatusoutput", "run", "call", "check_call", "Popen",
           "check_output")  # fmt: skip
_LIGHT = ("run", "call", "check_call", "check_output", "create_subprocess_shell", "loads", "load", "unsafe_load",
          "execute", "executemany", "text")  # fmt: skip
_LOADS_DATA = re.compile(r"Safe|\b(Full|Base)Loader")  # of PyYAML: nothing that they load is run
_SQL_TEXTS = ("sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text", "sqlmodel.text")
# In the proxy, the ingress, the firewall or the mesh before it.
_LIMITED_BEFORE = re.compile(
    r"^\s*limit_req\s+zone=|nginx\.ingress\.kubernetes\.io/limit-(rps|rpm)|ratelimit\.average|rateLimit:\s*\n\s+average"
    r"|rate_based_statement|RateBasedStatement|^\s*rate_limit\s+\{|name:\s*rate-limiting|rate_limit_threshold",
    re.MULTILINE,
)
# A rule of a firewall that counts by address, in a stack of the CDK, and what puts the firewall before something.
_RATE_RULE = re.compile(r"\brateBasedStatement\s*:")
_PUT_BEFORE = re.compile(r"\bCfnWebACLAssociation\(|\bwebAcl(Id|Arn)\s*:|\bassociateWebAcl\w*\(", re.IGNORECASE)
_USAGE_PLAN = re.compile(
    r"addUsagePlan\(|aws_api_gateway_usage_plan|AWS::ApiGateway::UsagePlan|[tT]hrottling_?([rR]ate|[bB]urst)_?[lL]imit"
    r"|<rate-limit"
)
_INFRASTRUCTURE = (".tf", ".hcl", ".yml", ".yaml", ".ts", ".bicep", "template.json", ".xml")
_LIMITING = re.compile(r"rate_?limit|throttl|cool_?down", re.IGNORECASE)
_CLIENT = re.compile(r"user|client|(^|_)ip(_|$)|session|chat_?id|request|api_?key", re.IGNORECASE)
_OF_OPERATORS = re.compile(r"(^|/)(\w*_?cli|commands?|__main__)(/|\.py$)|/scripts/|(^|/)(hatch_)?build\.py$")
_OPENERS = {b"open", b"xdg-open", b"explorer", b"start"}  # of desktops: they hand a file on and end
_MIGRATING = re.compile(r"(^|/)\w*migrat\w*\.py$")
_STATEMENT = re.compile(r"(^|_)(sql|query|cypher|statement)(_text|_string)?$", re.IGNORECASE)
_RUNNING = ("execute", "execute_query", "execute_read", "execute_write", "execute_sql", "run_query", "sql", "fetch",
            "fetchall", "read_sql", "read_sql_query")  # fmt: skip


def se01(facts: Facts, ships: Ships) -> Answer:
    """Are incoming requests rate-limited per client?

    Why: guide 0 "Rate Limiting", guide 4.
    Counts: a limiter of the web framework that is wired (decorator, middleware, dependency); a limits or home-made
    limiter that the request path reaches and that answers 429; a limit per client in the proxy, the ingress or the
    firewall before it, which a stack of the CDK has to put before something. A gateway's usage plan, and a limiter of
    its own by client that answers no 429, warn.
    Does not count: a limiter for outgoing calls; handling 429 that others answer; a declared but unused library.
    Closed: never; a gateway outside the repository could limit. n/a where nothing lets requests in: no route, page,
    messenger, open port or server in another language.
    Mend: hit a limiter keyed by client in a middleware or dependency and answer 429 with Retry-After.
    """
    if not ships.is_asked:
        return not_applicable(ships.unasked, ships.evidence)
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
    home = [s for s in answers if s.function in served - handlers and not _passes_on(facts, s)]
    if home:
        by_client = [status for status in home if _tells_clients_apart(facts, status.function)]
        return _home_made(facts, by_client) if by_client else weak(
            "something is refused with 429, and nothing shows that it counts requests by client or by time",
            "count requests per client in a window of time", places(home), confidence=Confidence.MEDIUM)  # fmt: skip
    hint = "limit requests per client in a middleware and answer 429 with Retry-After"
    before = protection.lines(facts, _LIMITED_BEFORE) or _ruled_before(facts)
    if before:
        return passed("what stands before it limits requests per client", before, confidence=Confidence.MEDIUM)
    half = [*protection.lines(facts, _USAGE_PLAN, _INFRASTRUCTURE), *places(_holding_back(facts, served - handlers))]
    if half:
        return weak("a usage plan, or a limiter of its own that answers no 429, holds some requests back", hint, half,
                    confidence=Confidence.MEDIUM)  # fmt: skip
    declared = [
        need.name for need in facts.manifest.dependencies if need.name in {"slowapi", "limits", "fastapi-limiter"}
    ]
    words = f"; {declared[0]} is declared but not wired" if declared else ""
    through = f" before {ships.doors[0].symbol}" if ships.doors else ""
    return unknown(f"no limiter of incoming requests was found{through}{words}", hint, places(engines) or ships.doors)


def _ruled_before(facts: Facts) -> list[Location]:
    """Return the rate rules of a firewall in a stack of the CDK that puts the firewall before something."""
    rules = protection.lines(facts, _RATE_RULE, (".ts",))
    return rules if rules and protection.lines(facts, _PUT_BEFORE, (".ts",)) else []


def se02(facts: Facts, _ships: Ships) -> Answer:
    """Are secrets kept out of the tree and read from the environment or a secret store, with .env ignored?

    Why: every guide's "Secrets Management".
    Counts: no credential of a known form in any text file that was read, no .env with values, .env ignored by git.
    Does not count: placeholders, variable references, names of variables, defaults that say that they are for
    development, tell how long a secret has to be or stand where a provider's key will, private keys of tests, samples
    on which tests try what finds secrets (``test_redaction.py``). Keys of a provider in other tests and examples only
    warn, and so do a password in the address of a server that a manifest names and the digits of a key that a
    configuration names to sign with. A .env need not be ignored where nothing takes or speaks of one.
    Closed: over the files that were read; at least one file must have been.
    Mend: take the secret out, rotate it, read it from the environment, and ignore .env.
    """
    if not any(text.strip() for text in facts.tree.plain.values()) and not facts.lines:
        return unknown("no text was there to look at", "check that the path is a project's")
    found = [hit for path, text in facts.tree.plain.items() for hit in secrets.scan(path, text)]
    found += [secrets.Hit(*hit) for module in facts.modules.values() for hit in module.secrets]
    found = _without_samples(found)
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
    if not any(p.endswith(".gitignore") for p in ignored) and reads and _takes_env_file(facts):
        return weak("no secret was found, but git does not ignore .env", "add .env to .gitignore", scope=scope)
    evidence = [*(Location(path=path) for path in ignored[:2]), *places(reads[:2])]
    return passed("no credential was found in any text file", evidence or [Location(path=".")], scope=scope)


def se04(facts: Facts, _ships: Ships) -> Answer:
    """Does CI run a security scan (code, dependencies, image or secrets) whose failure fails the build?

    Why: guide 0 "Security scan completed", guides 1, 2 and 4.
    Counts: pip-audit, bandit, CodeQL, trivy, semgrep, gitleaks and the like in a job that may fail.
    Does not count: a scan with ``|| true``, ``continue-on-error`` or ``--exit-zero``; what uploads what a scan found;
    Dependabot; a pre-commit hook that CI does not run. The security rules of a linter (ruff's S, flake8-bandit) warn
    where CI runs it, and so does a hosted analysis of the code (SonarQube).
    Closed: where a CI definition stands in the tree and all that it runs can be followed.
    Mend: add ``pip-audit`` to the workflow.
    """
    scans = [step for step in facts.ci if any(scanner in step.text for scanner in frameworks.SCANNERS)
             and not _UPLOAD.search(step.text)]  # fmt: skip
    scans = [s for s in scans if not re.search(r"\b(pip|uv|poetry)\b.*\b(install|add)\b", s.text) or "&&" in s.text]
    binding = [
        s for s in scans if s.binding and not ("trivy" in s.text and "/" in s.text and "exit-code" not in s.text)
    ]
    if binding:
        return passed("CI runs a security scan that can fail the build", places(binding))
    if scans:
        return weak("CI runs a security scan whose failure is ignored", "let it fail the build", places(scans))
    elsewhere = [step for step in facts.ci if _HOSTED_ANALYSIS.search(step.text)]
    if elsewhere:
        return weak("a hosted analysis of the code runs in CI; what it looks for and refuses is set elsewhere",
                    "run pip-audit in CI, too", places(elsewhere))  # fmt: skip
    rules = _security_rules(facts)
    if rules:
        return weak("a linter's security rules run in CI; nothing scans dependencies, images or secrets",
                    "run pip-audit in CI, too", rules)  # fmt: skip
    if facts.ci_is_opaque:
        return unknown(
            "no security scan was found in CI, as far as its commands can be followed", "run pip-audit in CI"
        )
    if facts.ci_files:
        return failed("CI is defined and runs no security scan", "add pip-audit to the workflow",
                      [Location(path=path) for path in facts.ci_files])  # fmt: skip
    return unknown("no CI definition stands in the repository", "run pip-audit in CI")


def se07(facts: Facts, _ships: Ships) -> Answer:
    """Is dangerous execution (shell, eval, exec, generated SQL) absent or fenced?

    Why: guide 1 "Secure Tool Execution", guide 4 "sanitization".
    Counts: none of it in the shipped code; child processes by argument list with a timeout. A statement that a tool
    runs as the model wrote it, or a page as it was typed, warns, and so does the name of an uploaded file, or a tool's
    argument, that becomes a path as it comes; so does a library's tool by which the model runs commands or code in the
    agent's own process.
    Does not count: calls with constant arguments only; SQL into which the code puts names of its own tables and
    schemas, or what is quoted as a name, where no parameter can stand; tests and scripts; what PyYAML's FullLoader
    reads. What an operator starts by hand needs no timeout: child processes of modules of the command line, of a
    command's own function (``click``, ``typer``) in a module that asks no model, and of the build, SQL of a migration
    and what it reads back, and both of a script that reads a command line, that nothing imports, and in which no model
    or server is.
    Closed: for the calls that are known by name; pass only after at least one shipped file was scanned.
    Mend: an argument list instead of a shell, an allow-list of commands, a timeout, SQL parameters.
    """
    if not any(module.functions or module.calls for module in facts.shipped):
        return unknown("no shipped Python code was scanned", "check that the code is not among tests or examples")
    grave = [c for c in facts.ending(*_SHELLS) if _grave(c)]
    if grave:
        return failed(f"text that is not constant goes to a shell, eval or exec in {counted(grave, 'call')}",
                      "use an argument list and an allow-list", places(grave))  # fmt: skip
    doubtful = [c for c in facts.ending(*_LIGHT) if _light(c)]
    light = [c for c in doubtful if not _by_hand(facts, c)] + _handed_on(facts) + _typed_in(facts)
    if light:
        return weak("a process without a timeout, SQL built from text or written by a model, or unsafe loading in "
                    f"{counted(light, 'call')}", "give each a timeout and parameters", places(light))  # fmt: skip
    given = facts.used(frameworks.COMMAND_TOOLS)
    if given:
        return weak(f"a library's tool lets the model run commands or code ({given[0].symbol})",
                    "run it in a sandbox, with an allow-list and a timeout", given)  # fmt: skip
    chosen = paths.unfenced(facts)
    if chosen:
        return weak(f"a name that a client or a model chose becomes a path as it comes in {counted(chosen, 'call')}",
                    "take its last part only (Path(name).name), or hold the path within its folder", places(chosen),
                    confidence=Confidence.MEDIUM)  # fmt: skip
    beside = f", but for what an operator starts by hand in {counted(doubtful, 'call')}" if doubtful else ""
    return passed(f"no shell, eval, exec or generated SQL in {counted(facts.shipped, 'shipped file')}{beside}",
                  [*places(doubtful), Location(path=facts.shipped[0].path)], confidence=Confidence.MEDIUM)  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _security_rules(facts: Facts) -> list[Location]:
    """Return where a linter that CI runs is told to use its security rules, with the step that runs it."""
    hooks = facts.tree.plain.get(".pre-commit-config.yaml", "")
    texts = [(path, text) for path, text in facts.tree.plain.items() if _LINTS.search(path)]
    for linter, chosen in _CHOSEN_RULES.items():
        run = [step for step in facts.ci if step.changes and step.binding
               and (linter in step.text or (_HOOKS.search(step.text) and linter in hooks))]  # fmt: skip
        told = [Location(path=path, line=text.count("\n", 0, match.start()) + 1)
                for path, text in texts if run and (match := chosen.search(text))]  # fmt: skip
        if told:
            return [*told[:2], *places(run[:1])]
    return []


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


def _passes_on(facts: Facts, status: Status) -> bool:
    """Return whether a status stands in a handler: what others refused is told on."""
    return any(h.line <= status.line <= h.end for h in facts.handlers_in.get(status.function, ()))


def _holding_back(facts: Facts, served: set[str]) -> list[Function]:
    """Return the own functions before requests that are named for a limit and told who asks."""
    named = (f for f in facts.named(_LIMITING.search) if f.name in served)
    return [f for f in named if any(_CLIENT.search(p.name) for p in f.parameters)]


def _tells_clients_apart(facts: Facts, function: str) -> bool:
    """Return whether what refuses, or who leads to it, looks at who asks or at the time: a cap of one run does not."""
    near = facts.reach(function, 2) | set(facts.callers.get(function, ()))
    called = {call.name for name in near for call in facts.calls_in(name)}
    read = {mention.name for module in facts.shipped for mention in module.mentions if mention.function in near}
    return any(map(_CLIENT_OR_TIME.search, called | read))


def _before(facts: Facts, route: Route) -> set[str]:
    """Return the own functions that a request to the route reaches."""
    depends = {facts.own_function(facts.symbols.name(name)) for name in route.depends}
    return wiring.reached(facts, {str(facts.symbols.identity(route.handler)), *depends})


def _is_live(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    aside = roles.role(path) != roles.SHIPPED if path.endswith(".py") else roles.role(f"{path}.py") != roles.SHIPPED
    return not aside and not re.search(r"example|sample|template|\.md$|\.rst$|\.ipynb$|\.lock$", name)


def _without_samples(found: list[secrets.Hit]) -> list[secrets.Hit]:
    """Leave out, of tests and examples, what is of a kind on which tests try what finds secrets."""
    kinds = {hit.kind for hit in found if _OF_SECRETS.search(hit.path)}
    return [hit for hit in found if hit.kind not in kinds or _is_live(hit.path)]


def _takes_env_file(facts: Facts) -> bool:
    """Return whether anybody puts a .env there: code that loads one, or a text that speaks of one."""
    loading = facts.called_as(*frameworks.ENV_FILES) or facts.subclasses(*frameworks.SETTINGS)
    return bool(loading) or any(_ENV_FILE.search(text) for text in (*facts.tree.plain, *facts.tree.plain.values()))


def _ignores_env(text: str) -> bool:
    rows = {row.strip().lstrip("/") for row in text.splitlines()}
    return any(row in {".env", "*.env", ".env*", "**/.env", ".env.*", "**/.env*", ".envrc", ".*"} for row in rows)


def _grave(call: Call) -> bool:
    first = call.args[0] if call.args else None
    constant = isinstance(first, (bytes, tuple))
    if call.name in _EVALUATING:
        return not constant
    return call.name.startswith("subprocess.") and call.keywords.get("shell") is True and not constant


def _handed_on(facts: Facts) -> list[Call]:
    """Return where a tool runs the statement that the model hands it."""
    added = {facts.symbols.identity(v) for c in facts.ending("add_tool") for v in c.args[:1] if isinstance(v, str)}
    tools = (f for f in facts.functions if f.name in added or any(_is_tool(facts, d) for d in f.decorators))
    given = {(f.name, f"?{p.name}") for f in tools for p in f.parameters if _STATEMENT.search(p.name)}
    calls = facts.ending(*_RUNNING) if given else []
    return [c for c in calls if c.args and (c.function, c.args[0]) in given]


def _typed_in(facts: Facts) -> list[Call]:
    """Return where a page makes a statement of a text that it is handed: whoever asks for the page wrote it."""
    pages = {spot.path for spot in facts.imported(*frameworks.PAGES)}
    made = (c for c in facts.called_as(*_SQL_TEXTS) if c.path in pages and c.args and isinstance(c.args[0], str))
    return [c for c in made if str(c.args[0]).startswith("?") and _STATEMENT.search(str(c.args[0]).lstrip("?"))]


def _is_tool(facts: Facts, decorator: str) -> bool:
    return frameworks.is_one_of(facts.symbols.name(decorator), frameworks.TOOL_DECORATORS)


def _by_hand(facts: Facts, call: Call) -> bool:
    """Return whether an operator starts it, who waits for it and may end it."""
    process, sql = call.name.startswith("subprocess."), call.args[:1] == (F_STRING,)
    if process and (_OF_OPERATORS.search(call.path) or _is_of_a_command(facts, call)):
        return True
    if (sql or call.name.startswith("pickle.")) and (_MIGRATING.search(call.path) or _only_migrates(facts, call)):
        return True
    return (process or sql) and call.path in facts.once(_scripts)


def _is_of_a_command(facts: Facts, call: Call) -> bool:
    """Return whether a function that is a command of the program holds a call, in a module that asks no model."""
    module = facts.modules[call.path]
    models = (*frameworks.AGENTS, *frameworks.MODELS)
    return call.function in facts.once(commands) and not facts.imported(*models, modules=[module])


def _only_migrates(facts: Facts, call: Call) -> bool:
    """Return whether only what is named for a migration calls the function that a call stands in."""
    callers = facts.callers.get(call.function, ())
    return bool(callers) and all("migrat" in caller.rpartition(".")[2] for caller in callers)


def _scripts(facts: Facts) -> set[str]:
    """Return the files that only an operator starts: no other file imports them, and no model or server is in them."""
    reading = {call.path for call in facts.called_as(*frameworks.CLIS)}
    own = [module for module in facts.shipped if module.main_guard and module.path in reading]
    if not own:
        return set()
    asking = {use.path for use in facts.imported(*frameworks.AGENTS, *frameworks.MODELS, modules=own)}
    serving = {call.path for call in facts.called_as(*frameworks.SERVERS, *frameworks.APPS)}
    needed = {path for module in facts.shipped for path in facts.imported_paths(module)}
    return {module.path for module in own} - asking - serving - needed


def _is_constant(command: Value) -> bool:
    """Return whether a command is a text, or a list of texts, that stands in the code."""
    return isinstance(command, bytes) or (
        isinstance(command, tuple) and bool(command) and all(isinstance(part, bytes) for part in command)
    )


def _light(call: Call) -> bool:
    if call.name in {"subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}:
        command = call.args[0] if call.args else None
        opens = isinstance(command, tuple) and bool(command) and command[0] in _OPENERS
        return "timeout" not in call.keywords and not opens and not _is_constant(command)
    if call.name in {
        "asyncio.create_subprocess_shell",
        "pickle.loads",
        "pickle.load",
        "yaml.unsafe_load",
        "marshal.loads",
    }:
        return True
    if call.name == "yaml.load":
        return not any(_LOADS_DATA.search(str(v)) for v in (*call.args[1:], *call.keywords.values()))
    text = call.args[0] if call.args else None
    runs = call.raw.endswith((".execute", ".executemany")) or frameworks.is_one_of(call.name, _SQL_TEXTS)
    return runs and text == F_STRING and "?" not in call.raw[:1]
