"""One pass over one Python file: what it imports, calls, defines, catches and raises."""

from __future__ import annotations

import warnings

from agentctl.checklist import secrets
from agentctl.checklist.facts import newer, roles, symbols
from agentctl.checklist.facts.model import Raw
from agentctl.checklist.facts.statements import Statements


def parse(text: str, path: str) -> Raw:
    """Return the facts of a file as plain values.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is not Python 3 that this interpreter can parse.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = newer.parse(text)
    name, package = symbols.module_name(path)
    out: Raw = {
        "path": path, "name": name, "lines": text.count("\n") + 1 if text.strip() else 0, "documented": False,
        "main_guard": False,
        "imports": {}, "loaded": (), "aliases": {}, "values": {}, "made_at": {}, "annotated_aliases": {},
        "secrets": [(hit.kind, hit.path, hit.line, hit.strong) for hit in secrets.scan(path, text)],
        **{kind: [] for kind in ("calls", "functions", "classes", "handlers", "raises", "statuses", "compared",
                                 "delimited", "mentions", "strings", "relative")},
    }  # fmt: skip
    Statements(out, package=package, tested=roles.role(path) == roles.TEST).module(tree)
    return out
