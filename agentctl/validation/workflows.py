"""A workflow's table as graphs: which node leads where, what is reached, what runs before what.

Every walk looks at each node and edge a fixed number of times; sets of nodes and fields are integers used as bits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agentctl.documents import schemas, tables
from agentctl.documents.model import Pointer
from agentctl.documents.words import nearest

ROUTES = ("Edge", "Success_Next", "Failure_Next")
END = "__end__"  # LangGraph's own name for where a graph ends
EVERYTHING = -1  # all bits
MOST_BREAKS = 500  # of one rule; nobody reads more
_MOST_ASKED, _MOST_CHOICES = 30, 1_000  # how often a similar name is looked for, and among how many
_MOST_PARTS = 50  # of one cell, as the schema says
_LEAST_BITS, _MOST_BITS = 1024, 1 << 28  # of fields that are followed at a time: of one node, of all
GIVEN = frozenset({"error", "errors", "last_action_success"})  # what the engine itself puts into the state
_CHOOSING = ("orchestrat", "router")
_OPEN_ENDED = frozenset({"graph", "subgraph", "suspend", "human"})  # go on elsewhere when no route is written
# Agents of AgentMap that only hand on what they get: nothing in them can fail.
_HARMLESS = frozenset({"", "default", "echo", "input", "success", "failure", "output"})
_BUILT_IN = frozenset(
    {"branching", "llm", "anthropic", "claude", "openai", "gpt", "chatgpt", "google", "gemini", "csv_reader",
     "csv_writer", "json_reader", "json_writer", "file_reader", "file_writer", "vector_reader", "vector_writer",
     "summary", "orchestrator", "tool"}
) | _HARMLESS | _OPEN_ENDED  # fmt: skip
_WRITTEN_OTHERWISE = {"error_node": "Failure_Next", "on_error": "Failure_Next", "error_next": "Failure_Next"}
_FIELD = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Target:
    """One name in a route: ``Success_Next`` may hold several."""

    pointer: Pointer
    column: str
    name: str

    @property
    def is_function(self) -> bool:
        """Whether a function chooses the node at run time."""
        return self.name.startswith("func:")


@dataclass(frozen=True, eq=False)
class Node:
    """One row.

    Attributes:
        number: The row's, from 0.
    """

    name: str
    graph: str
    number: int
    row: Mapping[str, Any] = field(repr=False)

    @property
    def pointer(self) -> Pointer:
        """The cell with its name."""
        return ("rows", self.number, "Node")

    @cached_property
    def kind(self) -> str:
        """The agent's type in small letters: ``echo`` for ``EchoAgent``."""
        return re.sub(r"_?agent$", "", str(self.row.get("AgentType") or "").strip().lower())

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Where it leads, as written."""
        return tuple(
            Target(("rows", self.number, column, place), column, name)
            for column in ROUTES
            for place, name in enumerate(parts(self.row, column))
        )

    @property
    def chooses(self) -> bool:
        """Whether it picks one of the nodes at run time."""
        by_name = not self.targets and any(part in self.kind for part in _CHOOSING)
        return self.kind == "orchestrator" or by_name or any(one.is_function for one in self.targets)

    @property
    def is_dynamic(self) -> bool:
        """Whether only a run shows where it goes on: it picks a node, or its graph is left and entered again."""
        return self.chooses or (not self.targets and self.kind in _OPEN_ENDED)

    @property
    def filtered(self) -> Sequence[str]:
        """The nodes that an orchestrator may pick, by its Context; empty where that does not name any."""
        return [part.strip() for part in self._filter.split("|")] if "|" in self._filter else ()

    @property
    def filtered_type(self) -> str:
        """The type of the nodes that an orchestrator may pick, in small letters; empty where none is named."""
        return self._filter.removeprefix("nodeType:").strip().lower() if self._filter.startswith("nodeType:") else ""

    @property
    def types(self) -> Collection[str]:
        """The names that its type goes by, in small letters."""
        return {self.kind, str(self.row.get("AgentType") or "").strip().lower()} - {""}

    @property
    def _filter(self) -> str:
        context = self.row.get("Context")
        if self.kind != "orchestrator" or not isinstance(context, dict):
            return ""
        by_type = context.get("node_type") or context.get("nodeType")
        return str(context.get("nodes") or (f"nodeType:{by_type}" if by_type else ""))

    @property
    def is_harmless(self) -> bool:
        """Whether nothing in it can fail."""
        return self.kind in _HARMLESS

    @property
    def is_custom(self) -> bool:
        """Whether the agent is none of AgentMap's own, so that only its code says what it does."""
        return self.kind not in _BUILT_IN

    @cached_property
    def reads(self) -> tuple[tuple[int, str], ...]:
        """Place in the cell and name of each field that it reads; without what is no field's name."""
        found = ((place, self._source(text)) for place, text in enumerate(parts(self.row, "Input_Fields")))
        return tuple((place, name) for place, name in found if _FIELD.fullmatch(name))

    def _source(self, text: str) -> str:
        if text.startswith("func:"):
            return ""
        if self.kind in {"graph", "subgraph"} and "=" in text:
            return text.partition("=")[2].strip()
        return text.partition(":")[0].strip()

    @property
    def writes_anything(self) -> bool:
        """Whether only its code tells what it writes."""
        return not self.writes and (self.is_custom or self.kind in _OPEN_ENDED)

    @cached_property
    def writes(self) -> tuple[str, ...]:
        """The fields that it writes."""
        found = (name for text in parts(self.row, "Output_Field") for name in re.split(r"[,;]", text))
        return tuple(name.partition("=")[0].strip() for name in found)


def parts(row: Mapping[str, Any], column: str) -> Sequence[str]:
    """Return the parts of a cell that may hold several."""
    found = row.get(column)
    return [str(part) for part in found[:_MOST_PARTS]] if isinstance(found, list) else []


def misnamed(columns: Mapping[str, Any]) -> dict[str, str | None]:
    """Return each column that is none of a workflow's to the one that it was probably meant to be."""
    names = tables.known(schemas.builtin("workflow"))
    return {name: _meant(name, names, columns) for name in columns if name not in names.values()}


def _meant(name: str, names: Mapping[str, str], columns: Mapping[str, Any]) -> str | None:
    small = name.strip().lower()
    if small in names:
        return names[small]
    near = _WRITTEN_OTHERWISE.get(small) or names.get(nearest(small, names, cutoff=0.75) or "")
    return near if near not in columns else None


class Graph:
    """The nodes of one GraphName."""

    def __init__(self, name: str, rows: Sequence[Node]) -> None:
        self.name = name
        self.rows = rows
        first: dict[str, Node] = {}
        for node in rows:
            first.setdefault(node.name, node)
        self.nodes = list(first.values())
        self._similar: dict[str, str | None] = {}
        self._numbers = {name: number for number, name in enumerate(first)}

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def similar(self, name: str, names: Collection[str], cutoff: float) -> str | None:
        """Return the name that another was probably meant to be; looks for a bounded number of them only."""
        if name not in self._similar:
            asked = len(self._similar) < _MOST_ASKED and len(names) <= _MOST_CHOICES
            self._similar[name] = nearest(name, names, cutoff=cutoff) if asked else None
        return self._similar[name]

    def meant(self, target: Target) -> str | None:
        """Return the node that a target which is none was probably meant to be."""
        return self.similar(target.name, self.names, 0.75)

    @cached_property
    def _led_to(self) -> Mapping[str, int]:
        """Each target to its node; a misspelt one to the node that was meant, so that nothing follows from it."""
        astray = {one.name: one for node in self.nodes for one in node.targets if one.name not in self._numbers}
        meant = {name: self.meant(one) for name, one in astray.items() if name != END and not one.is_function}
        return {**{name: self._numbers[near] for name, near in meant.items() if near}, **self._numbers}

    @property
    def names(self) -> Collection[str]:
        """Those of the nodes, in order."""
        return self._numbers

    @cached_property
    def successors(self) -> list[list[int]]:
        """Where each node leads, by number; a dynamic one leads everywhere through one step more (the last)."""
        found = [self._led(node, ROUTES) for node in self.nodes]
        return [*found, list(range(len(self.nodes)))]

    @cached_property
    def forward(self) -> list[list[int]]:
        """The same without the ways of failures."""
        return [self._led(node, ("Edge", "Success_Next")) for node in self.nodes]

    def _led(self, node: Node, columns: Sequence[str]) -> list[int]:
        names = (one.name for one in node.targets if one.column in columns)
        found = [self._led_to[name] for name in names if name in self._led_to]
        return [*found, *self._chosen(node)] if columns is ROUTES else found

    def _chosen(self, node: Node) -> list[int]:
        """Return where a run may go on from a node by its own choice: what its filter leaves, else everywhere."""
        if not node.is_dynamic:
            return []
        by_name = [self._numbers[name] for name in node.filtered if name in self._numbers]
        by_type = [number for number, one in enumerate(self.nodes) if node.filtered_type in one.types]
        return by_name or by_type or [len(self.nodes)]

    @cached_property
    def entry(self) -> int:
        """Where it starts: the one node that nothing leads to, else the first of the rows (as AgentMap has it)."""
        if any(node.is_dynamic for node in self.nodes):
            return 0
        led = {after for number, targets in enumerate(self.successors[:-1]) for after in targets if after != number}
        alone = [number for number in range(len(self.nodes)) if number not in led]
        return 0 if not alone or 0 in alone else alone[0]

    @cached_property
    def reached(self) -> frozenset[int]:
        """The nodes that a run may come to."""
        return frozenset(number for number in walked(self.successors, self.entry) if number < len(self.nodes))

    @cached_property
    def on_the_way(self) -> set[int]:
        """The nodes that a run comes to without a failure."""
        hub = [*self.forward, list(range(len(self.nodes)))]
        for number, node in enumerate(self.nodes):
            hub[number] = [*hub[number], *self._chosen(node)]
        return walked(hub, self.entry)

    def ends(self, number: int) -> bool:
        """Return whether a run may end at a node (or leave the graph there, or fail on a target that is not there)."""
        node = self.nodes[number]
        known = all(one.name in self for one in node.targets)
        return node.is_dynamic or not node.targets or not known or not self.successors[number]

    @cached_property
    def traps(self) -> list[list[int]]:
        """The cycles that a run can come into and never out of, each with its nodes in order."""
        order = self._order
        leaves = {order[number] for number in range(len(self.nodes)) if self.ends(number)}
        for number, targets in enumerate(self.successors):
            if any(order[after] != order[number] for after in targets):
                leaves.add(order[number])
        found: dict[int, list[int]] = {}
        for number in sorted(self.reached):
            if order[number] not in leaves:
                found.setdefault(order[number], []).append(number)
        return list(found.values())

    @property
    def has_end(self) -> bool:
        """Whether a run can come to an end."""
        return any(self.ends(number) for number in self.reached)

    @cached_property
    def given(self) -> frozenset[str]:
        """The fields that are there from the start: what the entry reads, and what the engine sets."""
        return GIVEN | {name for _, name in self.nodes[self.entry].reads}

    @cached_property
    def writers(self) -> Mapping[str, list[int]]:
        """Each field to the nodes that write it."""
        return _grouped((name, number) for number, node in enumerate(self.nodes) for name in node.writes)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The fields that any node reads."""
        return frozenset(name for node in self.nodes for _, name in node.reads)

    @cached_property
    def missing(self) -> set[tuple[int, str]]:
        """Node and field where no way to the node writes the field that it reads, and nobody else gives it."""
        readers = _grouped(
            (name, number) for number in sorted(self.reached - {self.entry}) for _, name in self.nodes[number].reads
        )
        names = [name for name in readers if name not in self.given]
        size = max(_LEAST_BITS, _MOST_BITS // len(self.nodes))
        found: set[tuple[int, str]] = set()
        for start in range(0, len(names), size):
            chunk = names[start : start + size]
            there = self._available(chunk)
            for bit, name in enumerate(chunk, start=1):
                found |= {(number, name) for number in readers[name] if not (there[number] >> bit | there[number]) & 1}
        return found

    def _available(self, names: Sequence[str]) -> list[int]:
        """Return which fields may be there when each node starts: field n as bit n, from 1; bit 0 for any field."""
        order = self._order
        inside, before = [0] * (max(order) + 1), [0] * (max(order) + 1)
        for bit, name in enumerate(names, start=1):
            for number in self.writers.get(name, ()):
                inside[order[number]] |= (number in self.reached) << bit
        for number in self.reached:
            inside[order[number]] |= self.nodes[number].writes_anything
        for number in sorted([*self.reached, len(self.nodes)], key=lambda one: -order[one]):
            after = before[order[number]] | inside[order[number]]
            for target in self.successors[number]:
                if order[target] != order[number]:
                    before[order[target]] |= after
        cyclic = self._cyclic(order)
        return [before[component] | (inside[component] if component in cyclic else 0) for component in order[:-1]]

    @cached_property
    def _order(self) -> list[int]:
        return components(self.successors)

    def _cyclic(self, order: Sequence[int]) -> set[int]:
        return {
            order[number]
            for number, targets in enumerate(self.successors)
            for after in targets
            if order[after] == order[number]
        }

    @cached_property
    def destinations(self) -> list[int]:
        """Where the forward ways of each node come to an end, as bits; all of them where that is not known."""
        order = components(self.forward)
        found = [0] * (max(order, default=-1) + 1)
        for number in sorted(range(len(self.nodes)), key=lambda one: order[one]):
            found[order[number]] |= self._ahead(number, order, found)
        return [found[component] or 1 << component for component in order]

    def _ahead(self, number: int, order: Sequence[int], found: Sequence[int]) -> int:
        node = self.nodes[number]
        if node.is_dynamic or any(one.name not in self for one in node.targets):
            return EVERYTHING
        bits = 0
        for after in self.forward[number]:
            if order[after] != order[number]:
                bits |= found[order[after]] or 1 << order[after]
        return bits


def graphs(value: Any) -> list[Graph]:
    """Return the graphs of a workflow's value, in order; rows without a name are left out."""
    found: dict[str, list[Node]] = {}
    for node in _nodes(value):
        found.setdefault(node.graph, []).append(node)
    return [Graph(name, rows) for name, rows in found.items()]


def _nodes(value: Any) -> Iterator[Node]:
    rows = value.get("rows") if isinstance(value, dict) else None
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict) and row.get("Node") and isinstance(row["Node"], str):
            yield Node(row["Node"], str(row.get("GraphName") or ""), number, row)


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, number in pairs:
        found.setdefault(name, []).append(number)
    return found


def walked(successors: Sequence[Sequence[int]], start: int) -> set[int]:
    """Return what can be reached from a node, itself included."""
    seen, waiting = {start}, [start]
    while waiting:
        for after in successors[waiting.pop()]:
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return seen


def components(successors: Sequence[Sequence[int]]) -> list[int]:
    """Return the number of each node's strongly connected component; edges lead to lower numbers (Tarjan, unrolled)."""
    count = len(successors)
    index, low, component = [-1] * count, [0] * count, [-1] * count
    stack: list[int] = []
    met = made = 0
    for root in range(count):
        waiting = [(root, iter(successors[root]))] if index[root] < 0 else []
        while waiting:
            node, rest = waiting[-1]
            if index[node] < 0:
                index[node] = low[node] = met
                met += 1
                stack.append(node)
            for after in rest:
                if index[after] < 0:
                    waiting.append((after, iter(successors[after])))
                    break
                if component[after] < 0:
                    low[node] = min(low[node], index[after])
            else:
                waiting.pop()
                if low[node] == index[node]:
                    while component[node] < 0:
                        component[stack.pop()] = made
                    made += 1
                if waiting:
                    low[waiting[-1][0]] = min(low[waiting[-1][0]], low[node])
    return component
