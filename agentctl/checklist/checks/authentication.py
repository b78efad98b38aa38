"""SE: who may call what changes or reveals something."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, not_applicable, passed, places, unknown, weak
from agentctl.checklist.checks import platforms
from agentctl.checklist.checks.protection import lines
from agentctl.checklist.doors import doors
from agentctl.checklist.facts import routes as routing
from agentctl.checklist.facts import wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function, literal
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import HOSTED, Ships
from agentctl.results import Confidence, Location

_OPEN_PATH = re.compile(
    r"/(login|token|register|signup|sign-up|signin|sign-in|refresh|logout|oauth\S*|callback|health\S*|live\S*|ready\S*|ping"
    r"|metrics|docs|openapi\.json|version|webhooks?/verify|status"
    r"|(auth|invites?|invitations?)/accept|accept[-_]invit(e|ation)|(forgot|reset|forgotten)[-_]password|password[-_]?reset\S*"
    r"|(verify|confirm)[-_]email|setup(/(complete|finish|status|test|admin|init(ialize)?))?)$"
)
_OPEN_HANDLER = re.compile(
    r"(user_)?(log_?in|log_?out|sign_?in|sign_?up|sign_?out)(_user)?|clear_(auth|session)_cookies?"
)
_WHO = re.compile(
    r"(?!_*is_(api_key|access_token|bearer_token)$)_*(is|check|requires?|ensure|verify|validate)_?(user_|chat_|api_)?(allowed|authori[sz]ed|auth|authentication"
    r"|permitted|permissions?|admin|access|access_token|api_key|bearer_token|login)"
    r"|_*get_(current|authenticated)_user(_details)?|(admin|auth|login|authori[sz]ed)_?(only|required)"
    r"|_*(check|has|is)_\w*(roles?|permissions?)|_*(check|ensure|require|verify)_\w+_authori[sz]ation",
    re.IGNORECASE,
)
_CHOSEN = re.compile(r"(^|_)(ALLOWED|ALLOW|AUTHORI[SZ]ED|WHITELIST(ED)?)_\w*(USER|CHAT|GUILD|MEMBER|EMAIL)\w*$")
# What asks who calls before the code is reached, as infrastructure and proxies describe it.
_BEFORE = re.compile(
    r"AWS::Cognito::UserPool\b|AWS::ApiGateway(V2)?::Authorizer|^\s*Authorizers:"
    r"|^\s*(AuthType|AuthorizationType):\s*[\"']?(AWS_IAM|COGNITO\w*|JWT|CUSTOM)|aws_(cognito_user_pool|api_gateway_authorizer|apigatewayv2_authorizer)\b|google_iap_"
    r"|authsettingsV2|/authConfigs@|\bauth_settings(_v2)?\s*\{"
    r"|\bnew cognito\.UserPool\(|oauth2-proxy|forwardauth\.address|forward_auth\s"
    r"|^\s*auth_(request|basic)\s"
    r"|nginx\.ingress\.kubernetes\.io/auth-(url|signin|type)|basicauth\.users|RequestAuthentication\b"
    r"|^\s*[\"']?subscription_?[rR]equired[\"']?\s*[:=]\s*true",
    re.MULTILINE,
)
_INFRASTRUCTURE = (".tf", ".hcl", ".yml", ".yaml", ".ts", ".bicep", ".json", ".conf", "caddyfile")
_SIGNS_IN = re.compile(
    r"\"(next-auth|@auth/\w[\w-]*|@clerk/[\w-]+|@auth0/[\w-]+|@supabase/(ssr|auth-[\w-]+)|@azure/msal-[\w-]+"
    r"|better-auth|@workos-inc/[\w-]+|passport|keycloak-js|oidc-client-ts)\"\s*:"
)
_POWERTOOLS = "aws_lambda_powertools.event_handler"
_GRAPHQL_API = re.compile(r"\bnew (\w+\.)?GraphqlApi\(")
_ASKS_BY_DEFAULT = re.compile(
    r"\bdefaultAuthorization:\s*\{\s*authorizationType:\s*(\w+\.)?AuthorizationType\.(USER_POOL|OIDC|IAM|LAMBDA)\b"
)
_ASKS_NOBODY = re.compile(r"\bAuthorizationType\.(API_KEY|NONE)\b|\w*AuthType\.NONE\b")
_SETTINGS = re.compile(r"(^|/)settings(/|\w*\.py$)")
_DEFAULTS = {
    f"rest_framework.permissions.{name}" for name in ("IsAuthenticated", "IsAdminUser", "DjangoModelPermissions")
}
_VIEWS = ("rest_framework.views.APIView", "rest_framework.generics", "rest_framework.viewsets", "rest_framework.mixins")
_CHANGES = {"post", "put", "patch", "delete", "form_valid"}
_STRANGER = 401
_SOME = 0.25  # of the changing routes, that answer it by themselves: a single one may look at another's key
_FEW = 0.25  # of its views may stand open, or not be the framework's
_NINJA = {"ninja.NinjaAPI", "ninja.main.NinjaAPI", "ninja_extra.NinjaExtraAPI"}
_NO_ENDPOINTS = re.compile(r"StaticFiles|make_asgi_app|metrics", re.IGNORECASE)
_FOR_ONESELF = re.compile(r"(^|/)((local|dev|debug)_?(server|app|api|main)|(mock|fake|stub)_\w+)(/|\.py$)")


def se03(facts: Facts, ships: Ships) -> Answer:
    """Do the endpoints that change or reveal something require authentication?

    Why: guide 0 "Authentication/authorization", guide 3 "Access Control", guide 4 "Authentication & Authorization".
    Counts: a guard that each changing route reaches before its work: a dependency, a decorator, a router's or the
    application's dependencies, a router's own class of routes (``route_class``), or a middleware, that checks a token,
    a signature or a user; Django's frameworks that are told to ask for every view (``DEFAULT_PERMISSION_CLASSES``,
    ``NinjaAPI(auth=...)``), where few open themselves; a default way to ask of each API of AppSync, where all that is
    served are its resolvers; a server of tools that is made with a library's authentication, by what a function gives
    it too (``FastMCP(**options())``); the login of the platform, where Bicep or Terraform puts it before every
    application that it deploys (``RedirectToLoginPage``).
    Does not count: a guard that is defined and not wired; a platform's login under a condition. Login, registration, an
    invitation that is accepted, a lost password, the first setup, health and documentation stay open, and a server for
    one's own machine (``local_server``) beside the one that is shipped is not asked. A function that asks who it is,
    without being seen before the changing routes, warns; so do routes that answer 401 by themselves, a list of those
    who are allowed, a gateway or an identity provider that the infrastructure describes, and a page beside it that
    signs people in.
    Closed: never; a gateway or platform could authenticate. n/a where nothing lets requests in, and where every route
    only tells how the service is.
    Mend: put the guard into the router's dependencies, so that a new route cannot forget it.
    """
    if ships.kind == HOSTED:
        return _by_the_platform(facts, ships)
    if not ships.is_asked:
        return not_applicable(ships.unasked, ships.evidence)
    closed = [r for r in _shipped(facts.routes) if not _is_open(r)]
    changing = [r for r in closed if r.changing]
    if not changing and (not facts.routes or _is_vague(facts) or not ships.serves):
        return _guarded_somehow(facts, ships)
    changing = changing or closed  # what only reads may reveal
    if not changing and (_included(facts) or doors(facts)):  # a messenger's bot beside a route for probes
        return _guarded_somehow(facts, ships)
    if not changing:
        return not_applicable("its routes only tell how it is (health, version, documentation)", places(facts.routes))
    guards = _guards(facts)
    everything = _before_everything(facts, Confidence.HIGH)
    if everything:
        return everything
    guarded = [route for route in changing if _is_guarded(facts, route, guards)]
    if len(guarded) == len(changing):
        return passed(f"an authentication guard stands before {_all(changing)}", places(guarded))
    return _not_all(facts, changing, guarded, guards)


def _before_everything(facts: Facts, confidence: Confidence) -> Answer | None:
    """Answer where every request passes something that asks who sends it, before it reaches any route."""
    middleware = _guarding_middleware(facts)
    if middleware:
        return passed("a middleware authenticates every request", places(middleware), confidence=confidence)
    login = platforms.asking(facts)
    if login:
        return passed("the platform that it is deployed to lets nobody through who has not signed in", login,
                      confidence=Confidence.MEDIUM)  # fmt: skip
    return None


def _not_all(facts: Facts, changing: list[Route], guarded: list[Route], guards: set[str]) -> Answer:
    """Answer where a guard is not seen before each of the routes."""
    if guarded:
        bare = [route for route in changing if route not in guarded]
        return weak(f"{len(guarded)} of {len(changing)} {_noun(changing)}s reach an authentication guard",
                    f"guard {bare[0].path or bare[0].handler} too", places(bare))  # fmt: skip
    before, hint = counted(changing, _noun(changing)), "require a token in the router's dependencies"
    asked = [*(route for route in facts.routes if _is_guarded(facts, route, guards)), *_asking_who(facts)]
    if asked:
        return weak(f"somebody is asked who he is, but nothing shows a guard before {before}", hint,
                    places([*asked, *changing]), confidence=Confidence.MEDIUM)  # fmt: skip
    by_itself = [route for route in changing if str(facts.symbols.identity(route.handler)) in _refusing(facts)]
    if len(by_itself) >= _SOME * len(changing):
        words = f"{len(by_itself)} of {len(changing)} {_noun(changing)}s answer 401 by themselves, not through a guard"
        return weak(words, hint, places(by_itself), confidence=Confidence.MEDIUM)
    return _elsewhere(facts, before) or unknown(f"no authentication was found before {before}", hint, places(changing))


def _elsewhere(facts: Facts, before: str) -> Answer | None:
    """Answer where something asks who somebody is that does not stand in the code before the endpoints."""
    halves = {
        "a setting lists who is allowed": _chosen(facts),
        "a gateway or identity provider is described that asks who calls": lines(facts, _BEFORE, _INFRASTRUCTURE),
        "the page beside it signs people in": [
            Location(path=path, line=text.count("\n", 0, match.start()) + 1) for path, text in facts.beside.items()
            if path.endswith("package.json") and (match := _SIGNS_IN.search(text))],
    }  # fmt: skip
    found = next(((why, spots) for why, spots in halves.items() if spots), None)
    if found is None:
        return None
    return weak(f"{found[0]}, and nothing shows a guard before {before}", "test that each endpoint refuses strangers",
                found[1], confidence=Confidence.MEDIUM)  # fmt: skip


def _chosen(facts: Facts) -> list[Location]:
    """Return the variables that are read and list who is allowed."""
    read = (c for c in facts.called_as(*frameworks.ENV_READS) if c.args)
    return places([c for c in read if _CHOSEN.search(literal(c.args[0]) or "")])


def _is_open(route: Route) -> bool:
    """Return whether everybody may ask: whoever logs in or out has no token, and health is nobody's secret."""
    name = route.handler.rpartition(".")[2]
    return bool((route.path and _OPEN_PATH.search(route.path)) or _OPEN_HANDLER.fullmatch(name))


def _included(facts: Facts) -> list[Call]:
    """Return where routes are added that are a library's, and are not read: a playground, an application mounted."""
    added = [c for c in facts.ending("include_router", "mount", "register_blueprint") if c.role == "call"]
    given = [
        (c, facts.symbols.name(v))
        for c in added
        for v in (*c.args, c.keywords.get("router"))
        if isinstance(v, str) and v
    ]
    return [c for c, name in given if not routing.is_router(name) and not _NO_ENDPOINTS.search(name)]


def _shipped(routes: list[Route]) -> list[Route]:
    """Return the routes without those of a server for one's own machine, where another one is shipped."""
    found = [route for route in routes if not _FOR_ONESELF.search(route.source)]
    return found or routes


def _by_the_platform(facts: Facts, ships: Ships) -> Answer:
    wired = facts.called("langgraph_sdk.Auth().authenticate")
    if wired:
        return passed("the platform authenticates every request with its own handler", places(wired))
    return unknown("it names no handler that authenticates; whether the platform asks who calls is set there",
                   "name one under auth in langgraph.json, or attest what the platform does",
                   ships.evidence)  # fmt: skip


def _guards(facts: Facts, codes: frozenset[int] = frozenset({401, 403})) -> set[str]:
    """Return the own functions that check who calls: they answer 401 or 403 or use a library's authentication."""
    denying = {s.function for m in facts.shipped for s in m.statuses if s.code in codes and s.use in {"call", "assign"}}
    denying |= {c.function for c in facts.called(*frameworks.AUTHENTICATION)}
    for function in facts.functions:
        names = [*facts.depends(function), *(facts.symbols.name(n) for p in function.parameters for n in p.mentions)]
        if any(frameworks.is_one_of(name.replace("()", ""), frameworks.AUTHENTICATION) for name in names):
            denying.add(function.name)
    raising = _refusals(facts, codes)
    denying |= {r.function for m in facts.shipped for r in m.raises if facts.symbols.name(r.name) in raising}
    return denying | _declared(facts, denying)


def _refusing(facts: Facts) -> set[str]:
    """Return the own functions that answer 401, and not only where others did: in the handler of an exception."""
    found = [s for m in facts.shipped for s in m.statuses if s.code == _STRANGER and s.use in {"call", "assign"}]
    caught = facts.handlers_in
    return {s.function for s in found if not any(h.line <= s.line <= h.end for h in caught.get(s.function, ()))}


def _declared(facts: Facts, guards: set[str]) -> set[str]:
    """Return the methods of own base classes that guards stand in for: who depends on an interface gets one of them."""
    found = set()
    for guard in guards:
        owner, _, method = guard.rpartition(".")
        kind = facts.class_by_name.get(owner)
        found |= {f"{base}.{method}" for base in facts.bases(kind)} & facts.function.keys() if kind else set()
    return found


def _is_vague(facts: Facts) -> bool:
    """Return whether routes do not tell what changes something: tools of a server, Django's views, and sockets."""
    if any(frameworks.is_one_of(app.name, frameworks.TOOL_SERVERS) for app in facts.apps):
        return True
    if facts.imported(*frameworks.TOOL_TRANSPORTS):
        return True
    sockets = {call.function for call in facts.ending("WebSocketResponse", "accept")}
    handlers = {facts.symbols.identity(route.handler) for route in facts.routes}
    return bool(facts.imported("django.urls") or sockets & handlers)


def _guarded_somehow(facts: Facts, ships: Ships) -> Answer:
    """Answer for endpoints that cannot be told one by one: a server of tools, views of Django, pages, messengers."""
    handed = facts.given("auth", "auth_provider", "token_verifier", "auth_server_provider")
    given = [c for c in handed if c.name in frameworks.TOOL_SERVERS and c.keywords.get("auth", "") is not None]
    given += [c for c in facts.given("**") if c.name in frameworks.TOOL_SERVERS and _is_told_to_ask(facts, c)]
    if given:
        return passed("the server of tools is given its authentication", places(given), confidence=Confidence.MEDIUM)
    everything = _before_everything(facts, Confidence.MEDIUM)
    if everything:
        return everything
    everywhere = _by_default(facts)
    if everywhere:
        return passed("the framework asks every caller who he is, where a view does not open itself", everywhere,
                      confidence=Confidence.MEDIUM)  # fmt: skip
    gateway = _at_the_gateway(facts)
    if gateway:
        return passed("the API before it asks every caller who he is, by its default", gateway,
                      confidence=Confidence.MEDIUM)  # fmt: skip
    texts = (text for module in facts.shipped for text in module.strings)
    named = [text for text in texts if frameworks.is_one_of(text.name, frameworks.AUTHENTICATION)]
    pages = [c for c in facts.given("auth") if c.name.endswith(".launch") and c.keywords["auth"] is not None]
    known = (*frameworks.AUTHENTICATION, *frameworks.TOOL_SERVER_AUTH, *frameworks.PAGE_LOGINS)
    found = [*facts.used(known), *places([*named, *pages])]
    found += [*places(_asking_who(facts)), *facts.used(frameworks.CHOSEN_USERS)]
    if found:
        return weak("authentication is set up, and which endpoints it stands before cannot be followed",
                    "test that each endpoint refuses strangers", found, confidence=Confidence.MEDIUM)  # fmt: skip
    before = ships.doors[0].symbol if ships.doors else "its endpoints"
    return _elsewhere(facts, str(before)) or unknown(
        f"no authentication was found before {before}", "require a token before every endpoint", ships.doors
    )


def _is_told_to_ask(facts: Facts, server: Call) -> bool:
    """Return whether what a server of tools is made with (``**options()``) is made with a library's authentication.

    Of what stands in the function itself (``**options``) only its own calls tell.
    """
    makers = {facts.own_function(str(server.keywords["**"])), server.function}
    return any(c.function in makers for c in facts.called(*frameworks.TOOL_SERVER_AUTH))


def _by_default(facts: Facts) -> list[Location]:
    """Return where Django's frameworks are told to ask for every view, where few views open themselves."""
    made = [c for c in facts.given("auth") if c.keywords["auth"] is not None and _is_ninja(facts, c.name)]
    opened = [c for c in facts.given("auth") if c.keywords["auth"] is None]
    texts = [text for m in facts.shipped if _SETTINGS.search(m.path) for text in m.strings if text.name in _DEFAULTS]
    views = facts.subclasses(*_VIEWS) if texts else []
    others = [*facts.used(("rest_framework.permissions.AllowAny",)), *_plain_views(facts)] if views else []
    if views and len(others) <= _FEW * len(views):
        return places([*texts, *views])
    return places(made) if made and not opened else []


def _at_the_gateway(facts: Facts) -> list[Location]:
    """Return where stacks of the CDK give every API of AppSync a way to ask by default, with nothing else served."""
    resolvers = [] if facts.apps else facts.called(_POWERTOOLS)
    if not resolvers or any(not one.name.lower().startswith(f"{_POWERTOOLS}.appsync") for one in resolvers):
        return []
    made, asking, opened = (lines(facts, p, (".ts",)) for p in (_GRAPHQL_API, _ASKS_BY_DEFAULT, _ASKS_NOBODY))
    return asking if {spot.path for spot in made} == {spot.path for spot in asking} and not opened else []


def _plain_views(facts: Facts) -> list[Class]:
    """Return Django's own views that change something, of which the framework above them knows nothing."""
    return [kind for kind in facts.subclasses("django.views") if not _CHANGES.isdisjoint(kind.methods)]


def _is_ninja(facts: Facts, name: str) -> bool:
    kind = facts.class_by_name.get(name)
    return any(one in _NINJA for one in (name, *(facts.bases(kind) if kind else ())))


def _asking_who(facts: Facts) -> list[Function]:
    """Return the own functions that are called to find out who asks, or whether he may."""
    return [f for f in facts.named(_WHO.fullmatch) if f.name in facts.ran or f.name in _applied(facts)]


def _applied(facts: Facts) -> set[str]:
    return {facts.own_function(facts.symbols.name(d)) for f in facts.functions for d in f.decorators}


def _refusals(facts: Facts, codes: frozenset[int]) -> set[str]:
    """Return the exception classes of its own that stand for 401 or 403."""
    direct = {
        s.function for m in facts.shipped for s in m.statuses if s.code in codes and s.use == "assign"
    } & set(facts.class_by_name)  # fmt: skip
    return direct | {kind.name for kind in facts.classes if facts.bases(kind) & direct}


def _guarding_middleware(facts: Facts) -> list[Call]:
    """Return what wires a middleware that authenticates: a library's, or one of its own that reaches a guard.

    One that only answers 403 may look at anything else: a host, an origin, a size.
    """
    guards = _guards(facts, frozenset({401}))
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
    return f"the {_noun(routes)}" if len(routes) == 1 else f"all {len(routes)} {_noun(routes)}s"


def _noun(routes: list[Route]) -> str:
    return "changing route" if any(route.changing for route in routes) else "route"
