"""SE: who did what, whose data it is, and what protects it on the way and where it lies."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.logs import DEED, TOLD_DEED
from agentctl.checklist.facts.model import Call, Class, Function, Value, literal
from agentctl.checklist.ships import LIBRARY, Ships
from agentctl.results import Confidence, Location

_AUDIT = re.compile(r"(^|[._])_?audit", re.IGNORECASE)
_DEEDS = re.compile(
    r"transcript(?!ion|s?_?path)|(activity|action|access|command|interaction|tool_?call)_?(log(?!ic|in|ger)|record(?!er|ing)|trail)"
    r"|(log|record)_(tool_?(call|use|execution|invocation)s?|(user_|admin_|agent_)?actions?|activity|access|interaction|command"
    r"|decision|approval|moderation)s?$"
    r"|(save|dump|write|store|persist|append|record|insert)_(\w+_)?(tool_?calls?|trajector(y|ies)|intermediate_steps?)(_|$)"
    r"|(track|emit|capture|record)_(\w+_)?events?$|log_to_(db|database|sqlite|file|jsonl?)$"
    r"|(^|[a-z])(Activity|Action|Access|Command|Interaction|Event|Conversation|Decision|Approval|Moderation|Execution"
    r"|Run(ning)?|(Tool|Agent)(Call|Use|Execution|Invocation|Action|Run))(Log(ger)?|Record(er)?|History|Trail)s?$"
    r"|^Transcript",
)
# Libraries that keep the changes of rows, with who changed them where they are told.
_HISTORIES = ("simple_history", "auditlog", "reversion", "sqlalchemy_continuum", "easyaudit", "pghistory")
_DURABLE = ("temporalio.workflow", "dapr.ext.workflow", "dbos", "azure.durable_functions", "restate", "inngest")
_WHO = ("user_id", "user", "username", "actor", "email", "user_email", "account_id")  # of a record of the log
_DONE = re.compile(
    r"(?i)(creat|delet|updat|remov|chang|add|regist|revok|grant|approv|execut|call|upload|export|invit|log)(e?d|ged)(\b|_)"
    r"|log_?in\b|sign(ed)?_?(in|up)\b"
)
_SPOKEN = re.compile(r"audio|video|youtube|speech|voice|caption|multimodal|podcast", re.IGNORECASE)  # in writing
_LOOKS = re.compile(r"_*(get|print|show|render|display|format|parse|load|read|is|has|list|fetch|find|construct|view)_")
_OWNERS = ("user", "user_id", "owner", "owner_id", "created_by", "created_by_id")
_OF_OWNER = re.compile(r"\b(user|owner|account)_id\s*=", re.IGNORECASE)
_QUERIES = ("execute", "fetch", "fetchall", "fetchone", "fetchrow", "fetchval", "text")
_TLS_VARIABLE = re.compile(r"(^|_)(SSL|TLS)(_|$)")
_LOOPBACK = (b"127.0.0.1", b"localhost", b"::1")
_TENANT = re.compile(
    r"(^|_)(tenant(_?(id|key|slug))?|organi[sz]ation(_?(id|key|slug))?|(workspace|org)_?(id|key|slug))$", re.IGNORECASE
)
_PROVIDER = {
    "api_key",
    "base_url",
    "api_base",
    "credential",
    "client_secret",
    "app_secret",
    "tenant_access_token",
}  # whose organisation is somebody else's
_PERSON = re.compile(r"(^|_)(user|account|customer|owner|member)_?(id|key|email|uuid)$|^user_\w+_email$", re.IGNORECASE)
_QUOTA = re.compile(
    r"quota|within_budget|remaining_budget|spending_limit|(usage|message|daily|monthly)_limit", re.IGNORECASE
)
_WHOSE = re.compile(r"user_?(id|uuid|email)", re.IGNORECASE)
_CLAIM = re.compile(r"(custom:)?(account|tenant|organi[sz]ation|org|user|customer)_?id", re.IGNORECASE)
_KEEPING = re.compile(
    r"_*(get|set|save|load|store|list|delete|add|create|update|fetch|read|write|put|find|remove|clear|append|record"
    r"|search|reset|open|ensure)_|_*(get|set|save|load|store|delete|add|update|put)$|__init__$"
)
_APART = re.compile(r"(installation_?id|token_id|(current_|collection_)?namespace)", re.IGNORECASE)
_CLUSTERS = re.compile(r"k8s|kube|helm|deploy", re.IGNORECASE)  # whose namespaces are not of tenants
_OFFERED = ("tool", "function_tool", "get", "post", "put", "patch", "delete", "command", "event")
_OWNED_BY_SEVERAL = 3  # functions that are told whose data it is
_TLS = re.compile(
    r"listen\s+(\[::\]:)?443\s+ssl|ssl_certificate\s|tls\s+[\w.@/{$-]|certresolver|certificate_arn|ssl_policy\s*=|"
    r"entrypoints\.websecure"
)
_SECURE_STORE = re.compile(r"sslmode=(require|verify-ca|verify-full)|rediss://|amqps://|mongodb\+srv://|ssl=true")
_PLAIN_STORE = re.compile(r"sslmode=disable")
_AT_REST = re.compile(r"(storage_encrypted|encrypted|enable_encryption)\s*[=:]\s*[\"']?true|kms_key_id|sse_algorithm")
_OPEN_DOOR = re.compile(r"ingress\s*\{[^}]*cidr_blocks\s*=\s*\[\s*\"0\.0\.0\.0/0\"", re.DOTALL)
_DOOR = re.compile(r"aws_security_group|google_compute_firewall|azurerm_network_security|whitelist-source-range")
_PROXIES = (".conf", ".tf", ".yml", ".yaml", "caddyfile", ".hcl", ".toml", ".env")


def se06(facts: Facts, _ships: Ships) -> Answer:
    """Are security-relevant actions (configuration changes, tool calls, access) written to an audit trail?

    Why: guide 3 "Audit Logging", guide 4 "audit trail".
    Counts: an audit function, class or table of its own that at least two places of the shipped code write to.
    Does not count: ordinary log records; an audit class that nothing calls. Transcripts, and events or records of who
    did what that are kept for something else, warn; so do the history that durable workflows keep of their steps, a
    library's history of rows, and calls of tools or commands, what users did, or whole requests that only stand in the
    ordinary log.
    Closed: never.
    Mend: append who, what, when and the outcome to a store that the application cannot rewrite.
    """
    own = {f.name for f in facts.functions if "audit" in f.name.lower() and _AUDIT.search(f.name.partition(".")[2])}
    own |= {kind.name for kind in facts.classes if _AUDIT.search(kind.short)}
    audited = [c for c in facts.calls if "audit" in c.raw.lower() and _AUDIT.search(c.raw)]
    writes = [c for c in audited if c.function not in own and c.role == "call"
              and (_is_own(facts, c) or "logger" in c.name.lower())]  # fmt: skip
    handed = facts.called("structlog.get_logger", "logging.getLogger")
    named = [c for c in handed if any(_AUDIT.search(literal(v) or "") for v in c.args)]
    places_of = {(c.path, c.function) for c in writes}
    if (own or named) and len(places_of) > 1:
        return passed(f"an audit trail is written to in {counted(places_of, 'place')}", places(writes),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if writes or named:
        return weak("an audit trail is there, but little is written to it", "write every change and tool call to it",
                    places([*writes, *named]))  # fmt: skip
    kept = _told_of_deeds(facts)
    if kept:
        return weak("transcripts or events tell what was done, which is no audit trail",
                    "append every change, tool call and refusal to an audit trail", kept)  # fmt: skip
    return _half_audited(facts) or unknown(
        "no audit trail was found", "append every change, tool call and refusal to an audit trail"
    )


def _half_audited(facts: Facts) -> Answer | None:
    """Answer where something that stands for something else tells what was done."""
    halves = {
        "a library keeps the history of rows; tool calls and refusals are in none": facts.used(_HISTORIES),
        "durable workflows keep what their steps did, without who asked and without changes of the configuration":
            facts.used(_DURABLE),
        "tool calls or commands only stand in the ordinary log, without who asked": places(_logged_deeds(facts)),
        "what users did only stands in the ordinary log": places(_logged_users(facts)),
        "requests only stand in the ordinary log": places(
            [c for c in facts.given("log_event") if c.keywords["log_event"] is True]),
    }  # fmt: skip
    found = next(((why, spots) for why, spots in halves.items() if spots), None)
    hint = "append every change, tool call and refusal to an audit trail, with who asked"
    return weak(found[0], hint, found[1], confidence=Confidence.MEDIUM) if found else None


def se08(facts: Facts, ships: Ships) -> Answer:
    """Are tenants isolated and held to quotas?

    Why: guide 3 "Multi-Tenancy".
    Counts: a tenant that parameters and fields of the shipped code carry on, with quotas.
    Does not count: a tenant of another product (Azure's tenant_id in a credential, an organisation beside a key). Rows
    that are held to their user, and functions that are told whose data they keep, or which installation, token or
    namespace asks, without tenants, warn.
    Closed: n/a where nothing bears a tenant, a user or an account and nobody is told apart (no authentication).
    Mend: carry the tenant in the request's identity, key every store by it, and hold each tenant to a quota.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library has no tenants of its own", ships.evidence)
    carried = [f for f in facts.taking(_TENANT.search) if _PROVIDER.isdisjoint(p.name for p in f.parameters)]
    tenants = set(filter(_TENANT.search, {field for kind in facts.classes for field in kind.fields}))
    kept = [kind for kind in facts.classes
            if not tenants.isdisjoint(kind.fields) and _PROVIDER.isdisjoint(kind.fields)]  # fmt: skip
    quotas = facts.named(_QUOTA.search)
    quotas_called = [f for f in quotas if f.name in facts.ran]
    if kept and len(carried) > 1:
        if quotas_called:
            return passed("tenants are carried on and held to quotas", places([*kept, *carried, *quotas_called]),
                          confidence=Confidence.MEDIUM)  # fmt: skip
        return weak("tenants are carried on, but no quota holds them", "hold each tenant to a quota",
                    places([*kept, *carried]))  # fmt: skip
    owned = facts.calls_named(lambda name: name.startswith("langgraph_sdk.Auth().on"))
    if owned:
        return weak("the platform keeps what each user owns apart; no quota holds them", "hold each tenant to a quota",
                    places(owned))  # fmt: skip
    held = _held_to_users(facts)
    if held:
        quota = "who has a quota" if quotas_called else "and no quota holds anybody"
        return weak(f"what is kept is held to its user, {quota}; there are no tenants", "hold each user to a quota",
                    places([*quotas_called[:2], *held]), confidence=Confidence.MEDIUM)  # fmt: skip
    told = _told_of_owners(facts, ships, quotas_called)
    if told:
        return told
    refused = any(s.code in {401, 403} for m in facts.shipped for s in m.statuses)
    apart = places([*_told_apart(facts), *_claims(facts)]) if not (kept or carried or refused) else []
    if not kept and not carried and not refused and not apart and not facts.used(frameworks.AUTHENTICATION):
        return not_applicable("nothing bears a tenant or a user, and nobody is told apart")
    return unknown("no isolation of tenants was found", "say whether there is one tenant; else key every store by it",
                   [*places([*kept, *carried]), *apart])  # fmt: skip


def _told_of_owners(facts: Facts, ships: Ships, quotas: list[Function]) -> Answer | None:
    """Answer where functions are told whose data it is: a user's, or of what else bears those who ask."""
    apart = [f for f in facts.taking(_APART.fullmatch) if not _CLUSTERS.search(f.path)] if ships.is_asked else []
    told, whose = _told_whose(facts), "whose data it is"
    if not told and len(apart) >= _OWNED_BY_SEVERAL:
        told, whose = apart, "which installation, token or namespace asks"
    if not told:
        return None
    quota = "a quota holds users" if quotas else "no quota holds anybody"
    return weak(f"{counted(told, 'function')} are told {whose}, {quota}; nothing shows that it is kept apart",
                "key every store by who asks, and hold each user to a quota", places([*told, *quotas[:2]]),
                confidence=Confidence.LOW)  # fmt: skip


def _told_whose(facts: Facts) -> list[Function]:
    """Return the functions that keep or find something and are told whose it is, where there are several.

    What a library or a router is given is no store: there a user is somebody of another product.
    """
    keeping = (f for f in facts.taking(_WHOSE.fullmatch) if _KEEPING.match(f.short))
    found = [f for f in keeping if not any(d.rpartition(".")[2] in _OFFERED for d in f.decorators)]
    return found if len(found) >= _OWNED_BY_SEVERAL else []


def _claims(facts: Facts) -> list[Call]:
    """Return where a token or a request is asked whose it is: ``claims.get("account_id")``."""
    asked = (c for c in facts.ending("get") if c.args)
    return [c for c in asked if _CLAIM.fullmatch(literal(c.args[0]) or "")]


def _told_apart(facts: Facts) -> list[Function | Class]:
    """Return what carries a user, an account or a customer."""
    carried = facts.taking(_PERSON.search)
    return [*carried, *(kind for kind in facts.classes if any(_PERSON.search(field) for field in kind.fields))]


def se09(facts: Facts, ships: Ships) -> Answer:
    """Is traffic encrypted on the way (TLS at the edge, to stores and between agents)?

    Why: guide 4 "TLS".
    Counts: an Ingress or Gateway with TLS, a proxy or load balancer with a certificate, a server given its
    certificate; connections to stores over TLS.
    Does not count: https in a document or of somebody else's address. A mode of TLS that the settings leave to whoever
    runs it warns.
    Closed: never; a platform may end TLS before the repository begins. n/a for a library.
    Mend: end TLS at the ingress and ask for it in the addresses of the stores (sslmode=verify-full, rediss://).
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library has no traffic of its own", ships.evidence)
    ingress = [Location(path=path, symbol="tls") for path, body in facts.objects
               if body["kind"] in {"Ingress", "Gateway"} and "'tls'" in str(body)]  # fmt: skip
    edge = [*ingress, *lines(facts, _TLS), *places(facts.given("ssl_certfile", "ssl_keyfile"))]
    stores, plain = [*lines(facts, _SECURE_STORE), *_secured(facts)], lines(facts, _PLAIN_STORE)
    if plain:
        return weak("a store is reached without TLS", "ask for TLS in its address", [*plain, *edge])
    if edge and (stores or not facts.used(frameworks.ORMS)):
        return passed("TLS is set up at the edge", [*edge, *stores], confidence=Confidence.MEDIUM)
    if edge or stores:
        what = "at the edge, not to the stores" if edge else "to the stores, not at the edge"
        return weak(f"TLS is set up {what}", "set up the other half", [*edge, *stores])
    left = [
        c
        for c in facts.called_as(*frameworks.ENV_READS)
        if _TLS_VARIABLE.search(literal(c.args[0]) or "" if c.args else "")
    ]
    if left:
        return weak("a setting asks for TLS, and nothing shows that it is set", "ask for TLS by default", places(left))
    return unknown("no TLS is set up in the repository", "show where TLS ends: an Ingress, a proxy or the platform")


def se10(facts: Facts, ships: Ships) -> Answer:
    """Is sensitive data encrypted where it lies, keys held elsewhere and rotated?

    Why: guide 4 "Encryption at rest", "key rotation".
    Counts: fields encrypted by the shipped code with a key that is handed in; storage that infrastructure as code
    encrypts.
    Does not count: hashing, signing; a key in the code.
    Closed: never; a platform encrypts too. n/a for a library.
    Mend: encrypt sensitive fields with a key by reference (MultiFernet rotates), or the volume with the cloud's key.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library keeps no data of its own", ships.evidence)
    used = facts.called(*frameworks.ENCRYPTION)
    fixed = [c for c in used if any(isinstance(v, bytes) and len(v) > 20 for v in c.args)]  # noqa: PLR2004 - a key
    if fixed:
        return failed("data is encrypted with a key that stands in the code", "hand the key in", places(fixed))
    volumes = [place for place in lines(facts, _AT_REST) if place.path.endswith((".tf", ".hcl", ".yaml", ".yml"))]
    if any("MultiFernet" in c.name for c in used) or (used and volumes):
        return passed("sensitive data is encrypted, and keys can be rotated", [*places(used), *volumes],
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if used or volumes:
        what = "fields are encrypted, but nothing shows that keys rotate" if used else "storage is encrypted"
        return weak(what, "rotate keys (MultiFernet) and encrypt what is sensitive", [*places(used), *volumes])
    return unknown("no encryption at rest was found", "say what encrypts the stores, or encrypt sensitive fields")


def se11(facts: Facts, ships: Ships) -> Answer:
    """Is what can reach it limited (network policy, allow-listed addresses, no public store)?

    Why: guide 4 "IP allow-list", "network segmentation".
    Counts: a NetworkPolicy with an ingress rule, an allow-list of addresses before the routes or at the ingress.
    Does not count: a policy that allows everything; a security group that is open to the world; proxies that are
    trusted, and networks that the code itself must not ask (their addresses stand in it). Listening to the own
    machine by default, a list of hosts or of origins warns.
    Closed: never. n/a for a library.
    Mend: a NetworkPolicy that lets only the ingress and the stores through.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library is not reached over a network", ships.evidence)
    policies = [Location(path=path, symbol="NetworkPolicy") for path, body in facts.objects if _limits(body)]
    lists = [c for c in facts.called("ipaddress.ip_network", "ipaddress.IPv4Network") if _lets_in(c)]
    if policies or lists:
        return passed("what can reach it is limited", [*policies, *places(lists)], confidence=Confidence.MEDIUM)
    doors = lines(facts, _DOOR)
    if doors:
        wide = [path for path, text in facts.beside.items() if path.endswith(".tf") and _OPEN_DOOR.search(text)]
        words = "security groups are there, one open to the world" if wide else "security groups are there"
        return weak(words, "let only the load balancer in", [*(Location(path=path) for path in wide), *doors])
    nearer = [*_of_its_own_machine(facts), *_listed(facts)]
    if nearer:
        return weak("it listens to its own machine by default, or only to hosts or origins of a list",
                    "add a NetworkPolicy or an allow-list of addresses where it is deployed", nearer)  # fmt: skip
    return unknown("no limit on what can reach it was found", "add a NetworkPolicy or an allow-list of addresses")


# ---------------------------------------------------------------- what the checks look for


def _told_of_deeds(facts: Facts) -> list[Location]:
    """Return what keeps a transcript, or a record of what was done: own functions, types and events of a library."""
    functions = [f for f in facts.named(_DEEDS.search) if f.name in facts.ran and not _LOOKS.match(f.short)]
    kinds = [k for k in facts.classes if _DEEDS.search(k.short) and k.name in facts.made]
    marked = [c for c in facts.given("analytics") if c.keywords["analytics"] is True]
    found: list[Function | Class] = [*functions, *kinds]
    kept = [one for one in found if not _SPOKEN.search(one.path)]
    return [*facts.used(("cloudevents",)), *places([*kept, *marked])]


def _logged_deeds(facts: Facts) -> list[Call]:
    """Return the records of the ordinary log that tell of a call of a tool or a command; errors are another matter."""
    told = {(m.path, m.line) for module in facts.shipped for m in module.compared if m.name == TOLD_DEED}
    return [c for c in facts.logs if c.raw.endswith("info")
            and (_told_deed(c) or not told.isdisjoint({(c.path, c.line), (c.path, c.line + 1)}))]  # fmt: skip


def _logged_users(facts: Facts) -> list[Call]:
    """Return the records of the ordinary log that tell which user did something, where there are several."""
    found = [c for c in facts.logs if c.has(*_WHO) and c.args and _DONE.search(literal(c.args[0]) or "")]
    return found if len(found) >= _OWNED_BY_SEVERAL else []


def _told_deed(call: Call) -> bool:
    return bool(call.args) and bool(DEED.search(literal(call.args[0]) or ""))


def _held_to_users(facts: Facts) -> list[Function | Call]:
    """Return what asks a store for the rows of one user, where several places do."""
    beside = {call.path for call in facts.called(*frameworks.STORES)}
    beside |= {m.path for m in facts.shipped if beside and beside & facts.imported_paths(m)}
    carried = [f for f in facts.taking(_PERSON.fullmatch) if f.path in beside]
    asked = [c for c in facts.ending("filter", "filter_by", "get_object_or_404", "find", "find_one") if c.has(*_OWNERS)]
    written = [c for c in facts.ending(*_QUERIES) if c.args and _OF_OWNER.search(literal(c.args[0]) or "")]
    found: list[Function | Call] = [*asked, *written, *carried]
    return found if len(found) > 1 else []


def _lets_in(call: Call) -> bool:
    """Return whether a network that is handed in may be one that is let in: no proxy's, none that the code names."""
    given = bool(call.args) and not isinstance(call.args[0], bytes)
    return given and not re.search("prox|client_ip|forwarded", call.function.rpartition(".")[2], re.IGNORECASE)


def _of_its_own_machine(facts: Facts) -> list[Location]:
    """Return where it listens to nobody else: a server's host, the default of an option, a port of compose."""
    given = [c for c in facts.given("host") if _is_loopback(c.keywords["host"]) and _serves(c)]
    given += [c for c in facts.given("default") if _is_loopback(c.keywords["default"]) and b"--host" in c.args]
    bound = [Location(path=path, symbol=name) for path, name, service in facts.services
             if any(str(port).startswith("127.0.0.1:") for port in _ports(service)) and "build" in service]  # fmt: skip
    return [*places(given), *bound]


def _is_loopback(value: Value) -> bool:
    return value in _LOOPBACK or (isinstance(value, str) and "LOCALHOST" in value.rpartition(".")[2])


def _serves(call: Call) -> bool:
    return frameworks.is_one_of(call.name, (*frameworks.SERVERS, *frameworks.TOOL_SERVERS)) or call.name.endswith(
        "().run"
    )


def _ports(service: Mapping[str, object]) -> list[object]:
    ports = service.get("ports")
    return ports if isinstance(ports, list) else []


def _listed(facts: Facts) -> list[Location]:
    """Return the lists of hosts and of origins that may reach it."""
    hosts = facts.used(("starlette.middleware.trustedhost", "fastapi.middleware.trustedhost"))
    named = [
        *facts.given("allowed_hosts"),
        *(c for c in facts.given("allow_origins") if _is_list(c.keywords["allow_origins"])),
    ]
    return [*hosts, *places(named)]


def _is_list(value: Value) -> bool:
    """Return whether origins are listed: a list without a star, or a setting."""
    return b"*" not in value and bool(value) if isinstance(value, tuple) else isinstance(value, str) and bool(value)


def _secured(facts: Facts) -> list[Location]:
    """Return the connections to stores that the code asks TLS of."""
    options = {b"sslmode", b"ssl", b"sslrootcert", b"ssl_ca_certs"}
    nested = [c for c in facts.given("connect_args") if not options.isdisjoint(_texts(c.keywords["connect_args"]))]
    direct = [c for c in facts.given("sslmode", "sslrootcert", "ssl_ca_certs", "ssl_cert_reqs", "tlsCAFile")
              if c.keywords.get("sslmode") != b"disable"]  # fmt: skip
    return places([*nested, *direct])


def _texts(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


def _is_own(facts: Facts, call: Call) -> bool:
    own = facts.own_function(call.name)
    return own in facts.function or own.rpartition(".")[0] in facts.class_by_name or ".audit" in call.raw.lower()


def _limits(body: Mapping[str, object]) -> bool:
    spec = body.get("spec")
    if body.get("kind") != "NetworkPolicy" or not isinstance(spec, Mapping):
        return False
    rules = spec.get("ingress")
    return "Ingress" in str(spec.get("policyTypes", "Ingress")) and rules != [{}]


def lines(facts: Facts, pattern: re.Pattern[str], endings: tuple[str, ...] = _PROXIES) -> list[Location]:
    """Return the first match in each file of proxies and infrastructure, comments left out."""
    found = []
    for path, text in facts.beside.items():
        if path.lower().endswith(endings) and not path.lower().endswith((".lock", "pyproject.toml")):
            match = next((m for m in pattern.finditer(text) if not _is_comment(text, m.start())), None)
            if match:
                found.append(Location(path=path, line=text.count("\n", 0, match.start()) + 1))
    return found


def _is_comment(text: str, start: int) -> bool:
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith(("#", "//"))
