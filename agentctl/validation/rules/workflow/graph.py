"""Rules for workflows as graphs (guide 2, Workflow Design): targets, reach, ends, failures, data, parallel branches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from agentctl.documents.words import shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, rule, table
from agentctl.validation.workflows import END, MOST_BREAKS, ROUTES, Graph, Node, Target, graphs, misnamed, parts

_MOST = 6  # names that a message lists


@rule("workflow-target", "workflow")
def targets_exist(workflow: Any) -> Iterator[Break]:
    """Every target is a node of the same graph.

    A graph with a way into nowhere is refused when it is compiled, so not one of its nodes runs.

    Correct the name, or add the node.
    """
    found = (_no_target(graph, target) for graph in graphs(workflow) for target in _astray(graph))
    yield from islice(found, MOST_BREAKS)


def _astray(graph: Graph) -> Iterator[Target]:
    known = (END, *graph.names)
    led = {target.name for node in graph.rows for target in node.targets}
    astray = led.difference(known)
    return (one for node in graph.rows for one in node.targets if one.name in astray and not one.is_function)


def _no_target(graph: Graph, target: Target) -> Break:
    name, pointer = target.name, target.pointer
    near = graph.meant(target)
    message = f"there is no node {shown(name)} in graph {shown(graph.name)}"
    if near:
        return Break(pointer, f"{message}, did you mean {shown(near)}?", f"write {near}")
    return Break(pointer, message, "add a row for it, or name a node that is there")


@rule("workflow-unreachable", "workflow")
def every_node_reached(workflow: Any) -> Iterator[Break]:
    """Every node can be reached.

    A run starts at the node that nothing leads to, else at the first row. What no way leads to from there never runs,
    though it looks as if it did.

    Lead to the node from where it belongs, or remove it.
    """
    if _is_misrouted(workflow, *ROUTES):
        return
    for graph in graphs(workflow):
        away = [node for number, node in enumerate(graph.nodes) if number not in graph.reached]
        start = graph.nodes[graph.entry]
        if len(away) > 1 and not any(node.targets for node in graph.nodes):
            yield _nothing_leads(graph, start, table(workflow, "columns"))
            continue
        for node in _heads(away):
            message = f"{shown(node.name)} is never reached from {shown(start.name)}, where the graph starts"
            yield Break(node.pointer, message, "lead to it from where it belongs, or remove it")


def _is_misrouted(workflow: Any, *columns: str) -> bool:
    """Return whether ways stand in a column of a wrong name, which is told there."""
    return any(meant in columns for meant in misnamed(table(workflow, "columns")).values())


def _nothing_leads(graph: Graph, start: Node, columns: Any) -> Break:
    missing = not any(column in columns for column in ROUTES)
    why = ": there is no column Edge, Success_Next or Failure_Next" if missing else ""
    message = f"no node of graph {shown(graph.name)} leads to another{why}; only {shown(start.name)} ever runs"
    return Break(start.pointer, message, "name the next node of each in Edge, or in Success_Next and Failure_Next")


def _heads(away: Sequence[Node]) -> list[Node]:
    """Return those of the nodes that no other of them leads to, so that each cause is told once."""
    led = {target.name for node in away for target in node.targets if target.name != node.name}
    return [node for node in away if node.name not in led] or list(away[:1])


@rule("workflow-end", "workflow")
def end_reached(workflow: Any) -> Iterator[Break]:
    """A run can come to an end.

    Where every way leads back into a cycle, a run goes on until the engine's limit of steps stops it as an error.

    Let one of the nodes lead to a node without a target.
    """
    for graph in graphs(workflow):
        if not graph.has_end:
            start = graph.nodes[graph.entry]
            circle = _circle([graph.nodes[number] for number in graph.traps[0]])
            message = f"graph {shown(graph.name)} has no end that can be reached: {circle}"
            yield Break(start.pointer, message, "let one of them lead to a node without a target")


@rule("workflow-cycle", "workflow")
def cycles_have_a_way_out(workflow: Any) -> Iterator[Break]:
    """No cycle is without a way out.

    A retry that leads back is fine as long as something leads on; a run that comes into a closed cycle never ends.

    Let one of the nodes lead out of it, such as by a Failure_Next after the last try.
    """
    for graph in graphs(workflow):
        for trap in graph.traps if graph.has_end else ():
            nodes = [graph.nodes[number] for number in trap]
            message = f"{_circle(nodes)} with no way out"
            yield Break(nodes[0].pointer, message, "let one of them lead to a node outside")


def _circle(nodes: Sequence[Node]) -> str:
    return f"{_named(nodes)} {'leads to itself' if len(nodes) == 1 else 'lead in a circle'}"


def _named(nodes: Sequence[Node]) -> str:
    *most, last = [shown(node.name) for node in nodes]
    if len(most) >= _MOST:
        return f"{', '.join(most[:_MOST])} and {len(nodes) - _MOST} more"
    return f"{', '.join(most)} and {last}" if most else last


@rule("workflow-failure-path", "workflow", severity=Severity.WARNING)
def failure_paths(workflow: Any) -> Iterator[Break]:
    """A node that can fail says where to go on then.

    Without a Failure_Next a run stops at the failure, or, after an Edge, goes on as if nothing had happened (guide 2,
    Error-First Design). Nodes at the end, nodes that handle errors and agents that only hand on need none.

    Name a node in Failure_Next that tells of the error or recovers from it.
    """
    for graph in graphs(workflow) if not _is_misrouted(workflow, "Failure_Next") else ():
        handlers = {one.name for node in graph.nodes for one in node.targets if one.column == "Failure_Next"}
        for number, node in enumerate(graph.nodes):
            is_handler = node.name in handlers or number not in graph.on_the_way
            if _needs_failure_path(node) and not is_handler:
                only_edge = not parts(node.row, "Success_Next")
                message = f"{shown(node.name)} does not say where to go on when it fails"
                hint = "name the node that handles it in Failure_Next" + (", and the next in Success_Next" * only_edge)
                severity = Severity.ADVICE if only_edge else None
                yield Break(node.pointer, message, hint, severity=severity)


def _needs_failure_path(node: Node) -> bool:
    handles = any(name == "error" for _, name in node.reads)
    routed = bool(parts(node.row, "Edge") or parts(node.row, "Success_Next"))
    return routed and not (parts(node.row, "Failure_Next") or handles or node.is_harmless or node.is_dynamic)


@rule("workflow-input", "workflow")
def inputs_are_there(workflow: Any) -> Iterator[Break]:
    """What a node reads was written before.

    A field that no node on the way has written is empty: the agent works on nothing, and says nothing of it. What the
    first node reads comes from the caller, and `error` from the engine.

    Read the field under the name that it was written with, or let the node that writes it run before.
    """
    yield from islice((broken for graph in graphs(workflow) for broken in _lacking(graph)), MOST_BREAKS)


def _lacking(graph: Graph) -> Iterator[Break]:
    if graph.missing:
        for number, node in enumerate(graph.nodes):
            lacking = [(place, name) for place, name in node.reads if (number, name) in graph.missing]
            for place, name in lacking:
                pointer = ("rows", node.number, "Input_Fields", place)
                yield _not_there(graph, node, name, pointer, nothing=len(lacking) == len(node.reads))


def _not_there(graph: Graph, node: Node, name: str, pointer: tuple[str | int, ...], *, nothing: bool) -> Break:
    writers = [graph.nodes[number] for number in graph.writers.get(name, ())]
    if writers:
        message = f"{shown(node.name)} reads {shown(name)}, which {_named(writers)} "
        message += f"{'writes' if len(writers) == 1 else 'write'}, but never before {shown(node.name)} runs"
        return Break(pointer, message, f"lead from {_named(writers)} to {shown(node.name)}, or read another field")
    message = f"{shown(node.name)} reads {shown(name)}, which no node writes"
    near = graph.similar(name, graph.writers, 0.8)
    if near and not _are_siblings(name, near):
        return Break(pointer, f"{message}, did you mean {shown(near)}?", f"read {near}, or write {name} before")
    unread = _unread(graph, node)
    if unread:
        hint = f"read {unread[1]}, which {shown(unread[0])} writes for nobody, or write {name} there"
        return Break(pointer, message, hint, severity=None if nothing else Severity.WARNING)
    hint = f"write it before, or let the caller give it (then let {shown(graph.nodes[graph.entry].name)} read it too)"
    return Break(pointer, message, hint, severity=Severity.WARNING if nothing else Severity.ADVICE)


def _are_siblings(one: str, other: str) -> bool:
    """Return whether two names differ in a short part alone, as `result_a` and `result_b` do on purpose."""
    pairs = list(zip(*(re.findall(r"[^\W\d_]+|\d+", name) for name in (one, other)), strict=False))
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return len(different) == 1 and all(len(part) <= 2 or part.isdigit() for part in different[0])  # noqa: PLR2004


def _unread(graph: Graph, node: Node) -> tuple[str, str] | None:
    """Return a node that leads here and a field that it writes for nobody: the other end of a broken hand-over."""
    for before in graph.nodes:
        if any(target.name == node.name for target in before.targets):
            for name in before.writes:
                if name not in graph.reads:
                    return before.name, name
    return None


@rule("workflow-join", "workflow", severity=Severity.ADVICE)
def branches_join(workflow: Any) -> Iterator[Break]:
    """Parallel branches come together again.

    Branches that end each on its own leave their results lying: nothing waits for all of them and puts them
    together (guide 2, Parallel Processing Patterns).

    Lead all of them to one node that reads what each has written.
    """
    for graph in graphs(workflow):
        places = {node.name: number for number, node in enumerate(graph.nodes)}
        for node in graph.nodes:
            for column in ROUTES:
                names = [name for name in parts(node.row, column) if name in graph]
                if len(names) > 1 and not _meet([graph.destinations[places[name]] for name in names]):
                    branches = _named([graph.nodes[places[name]] for name in names])
                    message = f"the parallel branches {branches} never come together"
                    yield Break(
                        ("rows", node.number, column), message, "lead them to one node that joins their results"
                    )


def _meet(destinations: Sequence[int]) -> bool:
    common = -1
    for one in destinations:
        common &= one
    return common != 0
