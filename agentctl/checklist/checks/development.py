"""DV: what was agreed before and around the code."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, not_applicable, passed, places, unasked, unknown, weak
from agentctl.checklist.checks.operations import documents, in_readme
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Class, Function
from agentctl.checklist.ships import HOSTED, LIBRARY, Ships
from agentctl.results import Confidence, Location

_CONTRACT = re.compile(r"(^|/)[\w.-]*(openapi|swagger|asyncapi)[\w.-]*(/[\w.-]+)?\.(json|ya?ml)$", re.IGNORECASE)
_COMPARES = re.compile(r"\bgit diff\b.*--(exit-code|quiet)|\bdiff -")
_SERVICE = re.compile(r"^\s*service\s+\w+\s*\{", re.MULTILINE)  # of a contract for gRPC
_HALF = 0.50
_SCOPE = (
    r"requirements?|scope|boundar|specification|\bprd\b|functional( |$)|transparency|limitations?"
    r"|(model|system|agent) card"
)
_MAP = r"^(system |software |service )?(dependenc\w*( map)?|architecture|context|design)( overview)?$"
_BOUNDARY = re.compile(r"\b(must|does|do|will|is|are) not\b|out of scope|non-goals?|boundar|limitation", re.IGNORECASE)
_SAYS_WHAT = re.compile(
    r"^#+[^\n]*\b(limitations?|out of scope|scope|non-goals?|use[- ]cases?|what it does|intended use)\b",
    re.MULTILINE | re.IGNORECASE,
)
_DRAWS = re.compile(
    r"^#+[^\n]*\barchitecture\b[^\n]*\n(?:(?!#)[^\n]*\n){0,30}?[^\n]*(?:```mermaid|!\[|<img\b)",
    re.MULTILINE | re.IGNORECASE,
)
_PROTECTED = re.compile(
    r"(^|/)(\.github/(settings\.ya?ml|rulesets?/.*|branch[-_]protection\.(json|ya?ml))|\.asf\.yaml|\.mergify\.ya?ml)$"
)


def dv01(facts: Facts, _ships: Ships) -> Answer:
    """Are scope, requirements and boundaries of the agent written down?

    Why: guide 4 phase 1 "Define agent scope and responsibilities".
    Counts: a document named for requirements, scope or boundaries, or a model or system card, that says what it does
    not do.
    Does not count: a README's list of features. Its section on use cases, scope or limitations warns.
    Closed: never; without evidence a person answers.
    Mend: what it does, for whom, what it must not do, and what it hands to others, under docs/requirements.md.
    """
    found = documents(facts, _SCOPE)
    found = [path for path in found if path.endswith((".md", ".rst", ".adoc"))]
    bounded = [path for path in found if _BOUNDARY.search(facts.tree.plain[path])]
    if bounded:
        return passed(f"scope and boundaries: {bounded[0]}", [Location(path=path) for path in bounded],
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if found:
        return weak(f"{found[0]} names no boundary", "say what it does not do", [Location(path=path) for path in found])
    told = in_readme(facts, _SAYS_WHAT)
    if told:
        return weak("the README says what it is for; no document gives requirements and what it must not do",
                    "write docs/requirements.md", told)  # fmt: skip
    return unasked("no document of scope and requirements stands in the repository", "write docs/requirements.md")


def dv02(facts: Facts, ships: Ships) -> Answer:
    """Is the API or message contract published and kept in step with the code?

    Why: guide 4 phase 1 "Define contracts".
    Counts: an OpenAPI or AsyncAPI file in the tree that a test compares with the application, or CI after writing it
    anew (``git diff --exit-code`` on it), or that the application is built from (connexion, a ``.proto`` file whose
    generated module it imports); tools that are offered over a protocol which lists what they take (MCP); a library
    whose public functions and classes are documented (at least half of them) and whose types it ships (py.typed).
    Does not count: the documentation page that a framework serves, or what a platform says of a graph (they warn:
    nobody can depend on a version of it).
    Closed: never; n/a for what nothing calls: no route, no tool server, no page, messenger or port.
    Mend: write the application's OpenAPI document into the tree, and compare in a test.
    """
    tools = facts.used(frameworks.TOOL_SURFACES)
    if ships.kind == LIBRARY and not ships.is_asked and not tools:
        return _of_library(facts, ships)
    if not ships.is_asked and not tools:
        graphs = facts.called(*frameworks.STATE_GRAPHS) if ships.kind == HOSTED else []
        if graphs:
            return weak("the platform publishes what its graphs take; nothing of its own says what it promises",
                        "say what goes in and comes out, and compare in a test", places(graphs))  # fmt: skip
        return not_applicable(f"no other program calls code of its own: {ships.why}", ships.evidence)
    kept = [path for path, text in facts.tree.plain.items()
            if _CONTRACT.search(path) and not re.search(r"(^|/)tests?/", path) and _is_contract(text)]  # fmt: skip
    compared: list[object] = [c for m in facts.tests for c in m.calls if c.raw.endswith((".openapi", ".openapi_schema"))
                or any("openapi" in str(value) for value in c.args)]  # fmt: skip
    files = {path.rpartition("/")[2] for path in kept}
    compared += [s for m in facts.tests for s in m.strings if s.name.rpartition("/")[2] in files]
    compared += [step for step in facts.ci if step.changes and step.binding and _COMPARES.search(step.text)
                 and any(path in step.text for path in kept)]  # fmt: skip
    built = facts.ending("add_api") if facts.imported("connexion") else []
    spots = [Location(path=path) for path in kept]
    source = _generated_from(facts)
    if source or (kept and (compared or built)):
        how = "a test or CI compares it" if compared else "the application is built from it"
        return passed(f"the contract is kept, and {how}", [*source, *spots, *places(compared or built)])
    if kept:
        return weak("the contract is kept, but no test compares it with the code", "compare it in a test", spots)
    generated = [
        app for app in facts.apps if app.name.startswith("fastapi.") and app.keywords.get("openapi_url", "") is not None
    ]
    if generated:
        return weak("only the running application publishes its contract", "keep it in the tree and compare in a test",
                    places(generated))  # fmt: skip
    if tools:
        return passed("the protocol publishes what each tool takes, and a client asks for it", tools,
                      confidence=Confidence.MEDIUM)  # fmt: skip
    return unknown("no published contract was found", "keep an OpenAPI file in step with the code")


def _generated_from(facts: Facts) -> list[Location]:
    """Return the contracts for gRPC whose generated module shipped code imports."""
    imported = {
        part for m in facts.shipped for name in m.imports for part in name.split(".") if part.endswith("_pb2_grpc")
    }
    kept = (path for path, text in facts.tree.plain.items() if path.endswith(".proto") and _SERVICE.search(text))
    return [Location(path=path) for path in kept if f"{PurePosixPath(path).stem}_pb2_grpc" in imported]


def _of_library(facts: Facts, ships: Ships) -> Answer:
    """Answer for a library: its contract is what it documents and the types that it ships."""
    definitions: list[Function | Class] = [*facts.functions, *facts.classes]
    public = [one for one in definitions if one.public]
    documented = [one for one in public if one.documented]
    typed = [Location(path=path) for path in facts.tree.paths if path.endswith("py.typed")]
    half = bool(public) and len(documented) >= _HALF * len(public)
    if half and typed:
        return passed(f"{len(documented)} of {len(public)} public definitions are documented, and it ships its types",
                      [*typed, *places(documented[:3])], confidence=Confidence.MEDIUM)  # fmt: skip
    if half or typed:
        what = "its types are not shipped (py.typed)" if half else "most public definitions are not documented"
        return weak(f"what it offers is published in part: {what}", "document what is public and ship py.typed",
                    [*typed, *places(documented[:3])])  # fmt: skip
    return unknown("no published contract was found", "document what is public and ship py.typed", ships.evidence)


def dv04(facts: Facts, _ships: Ships) -> Answer:
    """Are dependencies on other agents and services mapped?

    Why: guide 4 "Dependency analysis".
    Counts: a document named for dependencies or the architecture, with a table or a drawing.
    Does not count: the list of packages. A drawing in the README's section on the architecture warns.
    Closed: never; without evidence a person answers.
    Mend: what it calls, who calls it, and what happens when each is away, under docs/dependencies.md.
    """
    found = [path for path in documents(facts, _MAP)
             if path.endswith((".md", ".rst", ".adoc"))]  # fmt: skip
    drawn = [
        path
        for path in found
        if re.search(r"```mermaid|^\|.*\|.*\||!\[|plantuml", facts.tree.plain[path], re.MULTILINE)
    ]
    if drawn:
        return passed(f"dependencies are mapped: {drawn[0]}", [Location(path=path) for path in drawn],
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if found:
        return weak(f"{found[0]} has no table and no drawing of them", "list what it calls and who calls it",
                    [Location(path=path) for path in found])  # fmt: skip
    told = in_readme(facts, _DRAWS)
    if told:
        return weak("the README draws the architecture; nothing says what happens when a part of it is away",
                    "write docs/dependencies.md", told)  # fmt: skip
    return unasked("no map of dependencies stands in the repository", "write docs/dependencies.md")


def dv05(facts: Facts, _ships: Ships) -> Answer:
    """Is review enforced (owners, protected branch, required checks)?

    Why: guide 4 phase 3 "Code review".
    Counts: owners of the code and rules of the branch, both as files.
    Does not count: a sentence in CONTRIBUTING. Owners alone warn, since a file cannot show that the host asks for them.
    Closed: never; the host's settings are not in the tree.
    Mend: add CODEOWNERS, require a review and the checks, and keep the rules as a file.
    """
    owners = [path for path in ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
              if re.search(r"^[^#\s]\S*\s+\S", facts.tree.plain.get(path, ""), re.MULTILINE)]  # fmt: skip
    rules = [path for path, text in facts.tree.plain.items() if _PROTECTED.search(path) and "review" in text]
    spots = [Location(path=path) for path in (*owners, *rules)]
    if owners and rules:
        return passed("owners and rules of the branch stand in the repository", spots, confidence=Confidence.MEDIUM)
    if spots:
        return weak(f"only {'owners' if owners else 'rules of the branch'} stand in the repository",
                    "require the owners' review, and keep the rules as a file", spots)  # fmt: skip
    return unknown("neither owners nor rules of the branch stand in the repository", "add .github/CODEOWNERS")


def _is_contract(text: str) -> bool:
    if not re.search(r"^[{\s]*\"?(openapi|swagger|asyncapi)\"?\s*:", text, re.MULTILINE):
        return False
    if text.lstrip().startswith("{"):
        try:
            return bool(json.loads(text).get("paths") or json.loads(text).get("channels"))
        except (ValueError, AttributeError, RecursionError):
            return False
    return bool(re.search(r"^(paths|channels):", text, re.MULTILINE))
