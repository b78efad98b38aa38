"""Draw a workflow: its nodes, what leads where, and what does not fit, as a Mermaid flowchart."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

from agentctl.documents import limits, reading, schemas, secrets, tables
from agentctl.documents.frame import harmless
from agentctl.documents.model import BadDocumentError, Document
from agentctl.errors import NoAnswerError, UsageError
from agentctl.validation.workflows import END, Graph, Node, Target, graphs

_ARROWS = {"Edge": "-->", "Success_Next": "-->|success|", "Failure_Next": "-.->|failure|"}
_STYLES = (
    "classDef missing stroke:#c00,stroke-dasharray:4",
    "classDef unreachable stroke:#999,color:#999",
)
_MOST_CHOICES = 1_000
_LONGEST = 60  # characters of a name


def mermaid(path: Path) -> str:
    """Return a workflow file (``-`` for standard input) as a Mermaid flowchart, a subgraph for each of its graphs.

    Raises:
        UsageError: The file is not there, or is no workflow.
        NoAnswerError: It cannot be read.
    """
    document = _document(path)
    hidden = secrets.known_in(document.value)
    lines = ["flowchart TD"]
    for number, graph in enumerate(graphs(document.value)):
        lines += _Drawing(graph, f"g{number}", hidden).lines()
    return "\n".join([*lines, *(f"    {style}" for style in _STYLES)]) + "\n"


def _document(path: Path) -> Document:
    schema = schemas.builtin("workflow")
    parsed = reading.parse(_bytes(path), "csv")
    if not parsed.documents:
        problem = parsed.problems[0]
        place = f":{problem.span.line}:{problem.span.column}" if problem.span else ""
        raise NoAnswerError(f"{path}{place}: {problem.message}", hint=problem.hint)
    document = tables.under(parsed.documents[0], schema)
    if not graphs(document.value):
        hint = "it needs the columns GraphName and Node, and a row for each node"
        raise UsageError(f"{path}: is no workflow that can be drawn", hint=hint)
    return document


def _bytes(path: Path) -> bytes:
    if str(path) != "-" and (path.is_dir() or not path.exists()):
        raise UsageError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}", hint="name one CSV file")
    try:
        if str(path) != "-":
            return reading.read_file(path)
        data = sys.stdin.buffer.read(limits.MAX_BYTES + 1)
        reading.check_size(len(data))
    except BadDocumentError as error:
        raise NoAnswerError(f"{path}: {error.problem.message}", hint=error.problem.hint) from error
    return data


class _Drawing:
    def __init__(self, graph: Graph, name: str, hidden: tuple[str, ...]) -> None:
        self._graph, self._name, self._hidden = graph, name, hidden
        self._ids = {node.name: f"{name}n{number}" for number, node in enumerate(graph.nodes)}
        self._missing: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        yield f'    subgraph {self._name}["{self._label(self._graph.name)}"]'
        for number, node in enumerate(self._graph.nodes):
            yield f"        {self._box(number, node)}"
        for node in self._graph.nodes:
            for target in node.targets:
                yield f"        {self._ids[node.name]} {_ARROWS[target.column]} {self._target(target)}"
        yield from self._chosen()
        for name, identity in self._missing.items():
            is_there = name == END or name.startswith("func:")
            yield f'        {identity}(["{self._label(name)}"])' + ("" if is_there else ":::missing")
        yield "    end"

    def _box(self, number: int, node: Node) -> str:
        kind = str(node.row.get("AgentType") or "").strip()
        label = self._label(node.name) + (f"<br/>{self._label(kind)}" if kind else "")
        is_edge = number == self._graph.entry or not node.targets
        left, right = ("{", "}") if node.chooses else ("([", "])") if is_edge else ("[", "]")
        style = "" if number in self._graph.reached else ":::unreachable"
        return f'{self._ids[node.name]}{left}"{label}"{right}{style}'

    def _target(self, target: Target) -> str:
        if target.name in self._ids:
            return self._ids[target.name]
        return self._missing.setdefault(target.name, f"{self._name}x{len(self._missing)}")

    def _chosen(self) -> Iterator[str]:
        """Yield the ways that are chosen at run time, to what no written way leads to."""
        led = {target.name for node in self._graph.nodes for target in node.targets}
        start = self._graph.nodes[self._graph.entry]
        free = [node for node in self._graph.nodes if node.name not in led and node is not start]
        choosing = [node for node in self._graph.nodes if node.chooses]
        for node, other in islice(product(choosing, free), _MOST_CHOICES):
            if other is not node:
                yield f"        {self._ids[node.name]} -.->|chooses| {self._ids[other.name]}"

    def _label(self, text: str) -> str:
        """Return a text as a label that can neither end itself nor steer a terminal."""
        clean = " ".join(harmless(secrets.masked(text, self._hidden)).split())
        short = clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}…"
        return re.sub(r'[#"<>&`\\|]', lambda sign: f"#{ord(sign[0])};", short)
