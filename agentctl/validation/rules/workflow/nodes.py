"""Rules for workflows as CSV (guide 2, Workflow Design): columns, nodes and the cells of each node."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, rule, table
from agentctl.validation.workflows import MOST_BREAKS, ROUTES, Node, graphs, misnamed, parts

_REQUIRED = ("GraphName", "Node")
_HEADER = "GraphName,Node,Edge,Context,AgentType,Success_Next,Failure_Next,Input_Fields,Output_Field,Prompt,Description"
_FIELD = re.compile(r"[\w-]+(\s*[:=]\s*[\w-]+)?|func:.+")
_DIRECTIVE = re.compile(r"\{workflow=[^}]+\}")  # names the subgraph of a graph agent
_SUBGRAPH = frozenset({"graph", "subgraph"})
# What a node does, by the verbs and nouns for it.
_CONCERNS = {
    "validation": r"validat\w*|verif(?:y|ies|ying|ication)",
    "processing": r"process(?:es|ing)?|transform\w*|calculat\w*|comput(?:e|es|ing|ation)|analy[sz](?:e|es|ing)",
    "formatting": r"format(?:s|ting)?|render\w*",
    "storing": r"stor(?:e|es|ing)|sav(?:e|es|ing)|persist\w*",
    "fetching": r"fetch\w*|download\w*|retriev\w*",
    "sending": r"send(?:s|ing)?|notif(?:y|ies|ying)|publish(?:es|ing)?",
}
_BETWEEN = re.compile(r"\s*[+&,;]\s*|\s+(?:and|then)\s+", re.IGNORECASE)
_EVERYTHING = re.compile(r"\b(?:does|do|doing) everything\b|\ball[- ]in[- ]one\b", re.IGNORECASE)
_FIRST_WORDS = 3
_COOLEST, _HOTTEST = 0, 1
_MANY = 3  # concerns


@rule("workflow-column", "workflow")
def known_columns(workflow: Any) -> Iterator[Break]:
    """The columns are those that a workflow has, each once.

    A column under a name that nothing knows is never read: routes, inputs or settings in it do not hold. Two names of
    the same column leave it open which of them holds (AgentMap then skips every row).

    Give the columns their names or one of their aliases; the page on workflows lists them.
    """
    columns = table(workflow, "columns")
    unknown = misnamed(columns)
    if columns and len(unknown) == len(columns) and not any(unknown.values()):
        yield Break(("columns",), "the first row names no column of a workflow", f"begin the file with {_HEADER}")
        return
    yield from (_unknown_column(name, meant, columns) for name, meant in unknown.items())
    for name, about in (("GraphName", "the workflow that a node belongs to"), ("Node", "the name of the node")):
        if name not in columns and name not in unknown.values():
            yield Break(("columns",), f"there is no column `{name}`", f"add it: {about}")


def _unknown_column(name: str, meant: str | None, columns: Mapping[str, Any]) -> Break:
    pointer = ("columns", name)
    if meant is not None and meant in columns:
        message = f"`{columns[meant]}` and `{name}` are both names of the column {meant}"
        return Break(pointer, message, "keep one of the two columns")
    if meant is None:
        message = f"column `{name}` is never read"
        return Break(pointer, message, "remove it, unless people read it", severity=Severity.ADVICE)
    message = f"column `{name}` is never read, did you mean `{meant}`?"
    hint = f"rename it to `{meant}`" + (", if it names the node that comes next" if meant in ROUTES else "")
    return Break(pointer, message, hint, severity=None if meant in (*_REQUIRED, *ROUTES) else Severity.WARNING)


@rule("workflow-node-twice", "workflow")
def unique_nodes(workflow: Any) -> Iterator[Break]:
    """A node stands once in its graph.

    Routes name nodes: of two with one name only the first is ever run, and the later row is silently passed over.

    Give each row a name of its own, or remove one of them.
    """
    for graph in graphs(workflow):
        first: dict[str, Node] = {}
        for node in graph.rows:
            if first.setdefault(node.name, node) is not node:
                message = f"node {shown(node.name)} stands in graph {shown(graph.name)} a second time"
                yield Break(node.pointer, message, "give it a name of its own, or remove the row")


@rule("workflow-edges", "workflow")
def one_kind_of_edge(workflow: Any) -> Iterator[Break]:
    """A node has an Edge, or ways for success and failure, not both.

    Where an Edge stands, it is followed whatever happens: Success_Next and Failure_Next beside it never are.

    Keep the Edge for a node that cannot fail, else move its target to Success_Next.
    """
    for node in _all(workflow):
        beside = [column for column in ROUTES[1:] if parts(node.row, column)]
        if parts(node.row, "Edge") and beside:
            message = f"{shown(node.name)} has an Edge, so its {' and '.join(beside)} {_are(beside)} never followed"
            yield Break(
                ("rows", node.number, "Edge"), message, "keep either the Edge or the ways for success and failure"
            )


def _are(things: Sequence[str]) -> str:
    return "is" if len(things) == 1 else "are"


def _all(workflow: Any) -> Iterator[Node]:
    return (node for graph in graphs(workflow) for node in graph.rows)


@rule("workflow-field-name", "workflow")
def field_names(workflow: Any) -> Iterator[Break]:
    """Fields are separated by `|`, and their names are of letters, digits, `_` and `-`.

    Fields are looked up by name: `a,b` is one field of that name, which nothing ever writes, and the node gets nothing.

    Write `a|b`; to hand a field to a parameter of another name, `field:parameter`.
    """
    found = (
        _bad_field(("rows", node.number, column, place), name)
        for node in _all(workflow)
        for column in ("Input_Fields", "Output_Field")
        for place, name in enumerate(parts(node.row, column))
        if not _FIELD.fullmatch(name)
    )
    yield from islice(found, MOST_BREAKS)


def _bad_field(pointer: Pointer, name: str) -> Break:
    split = [part.strip() for part in re.split(r"[,;]", name) if part.strip()]
    if split[1:] and all(_FIELD.fullmatch(part) for part in split):
        return Break(pointer, f"{shown(name)} is read as the name of one field", f"write {'|'.join(split)}")
    return Break(pointer, f"{shown(name)} is no name of a field", "use letters, digits, _ and -, and | between fields")


@rule("workflow-context", "workflow")
def context_parses(workflow: Any) -> Iterator[Break]:
    """A context that looks like settings can be read as such.

    What begins like a mapping but is neither JSON nor a Python dict is taken as a piece of text: none of its settings
    holds, and nothing says so. Plain text is a fine context.

    Write JSON (`{"timeout": 30}`, in CSV with each inner quote twice) or a Python dict (`{'timeout': 30}`).
    """
    for node in _all(workflow):
        text = node.row.get("Context")
        directive = node.kind in _SUBGRAPH and _DIRECTIVE.fullmatch(str(text))
        if isinstance(text, str) and text.startswith("{") and not directive:
            message = f"the context of {shown(node.name)} begins like settings, but is neither JSON nor a Python dict"
            yield Break(("rows", node.number, "Context"), message, _how_to_write(text))


def _how_to_write(text: str) -> str:
    if re.search(r"'[^']*'\s*:", text) and re.search(r"\b(?:true|false|null)\b", text):
        return "within single quotes it is Python: write True, False and None"
    if re.search(r'"[^"]*"\s*:', text) and re.search(r"\b(?:True|False|None)\b", text):
        return "with double quotes it is JSON: write true, false and null"
    if re.search(r"[{,]\s*[A-Za-z_]\w*\s*:", text):
        return 'put the keys in quotes: {"key": "value"}'
    return 'write JSON: {"key": "value"}, and close every quote and bracket'


@rule("workflow-temperature", "workflow")
def temperature(workflow: Any) -> Iterator[Break]:
    """A temperature in a context lies between 0 and 1.

    Agents of workflows refuse any other when they start (guide 2, Custom Agent Development: `_validate_config`).

    Give one between 0 and 1.
    """
    for node in _all(workflow):
        for pointer, value in _temperatures(node.row.get("Context"), ("rows", node.number, "Context")):
            amount = _number(value) if value is not None else _COOLEST
            if amount is None or not _COOLEST <= amount <= _HOTTEST:
                message = f"the temperature of {shown(node.name)} is {shown(value)}; it must be between 0 and 1"
                yield Break(pointer, message, "give one between 0 and 1")


def _temperatures(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, Any]]:
    for key, child in value.items() if isinstance(value, dict) else ():
        if key == "temperature":
            yield (*pointer, key), child
        else:
            yield from _temperatures(child, (*pointer, key))


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None


@rule("workflow-mixed-concerns", "workflow", severity=Severity.WARNING)
def mixed_concerns(workflow: Any) -> Iterator[Break]:
    """A node does one thing.

    A node that validates, processes and formats can be tested, retried and replaced only as a whole, and its one
    failure path cannot tell what failed (guide 2, Clean Architecture Principles).

    Split it into a node for each, such as ValidateInput, ProcessData and FormatOutput.
    """
    for node in _all(workflow):
        cells = [(column, _words(node, column)) for column in ("Context", "Description", "Node")]
        column, concerns = max(((column, _concerns(text)) for column, text in cells), key=lambda one: len(one[1]))
        whole = next((column for column, text in cells if _EVERYTHING.search(text)), None)
        message, hint = f"{shown(node.name)} mixes {_listed(concerns)}", "split it into one node for each"
        if len(concerns) >= _MANY:
            yield Break(("rows", node.number, column), message, hint)
        elif whole:
            yield Break(("rows", node.number, whole), f"{shown(node.name)} does everything in one", hint)
        elif concerns:
            yield Break(("rows", node.number, column), message, hint, severity=Severity.ADVICE)


def _words(node: Node, column: str) -> str:
    text = node.row.get(column)
    if not isinstance(text, str) or text.startswith("{"):
        return ""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", text) if column == "Node" else text


def _listed(things: Sequence[str]) -> str:
    *most, last = things or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _concerns(text: str) -> list[str]:
    """Return the concerns that a text strings together with `+`, `and` or commas; none unless there are several."""
    found = [_concern(part, first=number == 0) for number, part in enumerate(_BETWEEN.split(text))]
    several = [name for name in dict.fromkeys(found) if name]
    return several if len(several) > 1 else []


def _concern(part: str, *, first: bool) -> str | None:
    """Return the concern that a part begins with; the first part may have a subject before it."""
    for word in part.split()[: _FIRST_WORDS if first else 1]:
        for name, words in _CONCERNS.items():
            if re.fullmatch(words, word.strip(".:"), re.IGNORECASE):
                return name
    return None
