"""The kinds of documents: one ``schemas/<kind>.schema.json`` each, which says itself what it governs.

Keywords of ours in a schema, which other validators pass over:

- ``x-governs``: patterns of file names, matched from the right (``config/agents/*.yaml`` also under other folders);
- ``x-governs-when``: lists of top-level keys, one of which must be there in whole, so that a file of another project
  that only happens to have such a name is left alone;
- ``x-governs-table``: file name to the table in it that is the document (``pyproject.toml``: ``tool.agentctl``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from agentctl import resources
from agentctl.documents import reading
from agentctl.documents.model import BadDocumentError, Problem
from agentctl.errors import UsageError

ENDING = ".schema.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Schema:
    """A JSON schema and what it governs.

    Attributes:
        kind: The name of a built-in kind; empty for a file of the user's.
        path: Where it was read from.
        content: The schema itself.
    """

    kind: str
    path: Path
    content: Any

    @cached_property
    def names(self) -> re.Pattern[str] | None:
        """What the file names that it governs look like, as relative paths with forward slashes."""
        patterns = self._keyword("x-governs", [])
        return re.compile("|".join(map(name_pattern, patterns))) if patterns else None

    @property
    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """File name to the table in it that is the document."""
        return {name: tuple(keys) for name, keys in self._keyword("x-governs-table", {}).items()}

    def table_of(self, name: str) -> tuple[str, ...]:
        """Return the table of a file that is the document; empty when it is all of the file."""
        return self.tables.get(name.rpartition("/")[2], ())

    def claims(self, value: Any) -> bool:
        """Return whether a document has the keys that set this kind apart."""
        wanted = self._keyword("x-governs-when", [])
        return not wanted or any(isinstance(value, dict) and value.keys() >= set(keys) for keys in wanted)

    def may_claim(self, text: str) -> bool:
        """Return the same for a text that cannot be parsed, by the look of its lines."""
        if self.tables:
            return any(".".join(table) in text for table in self.tables.values())
        wanted = self._keyword("x-governs-when", [])
        return not wanted or any(all(_has_key(text, key) for key in keys) for keys in wanted)

    def _keyword(self, name: str, default: Any) -> Any:
        return self.content.get(name, default) if isinstance(self.content, dict) else default


def name_pattern(pattern: str) -> str:
    """Return the regular expression of a pattern of names, matched from the right; braces list alternatives."""
    expression = translate(pattern.removeprefix("./"))
    expression = re.sub(r"\\\{([^{}]*)\\\}", lambda match: f"(?:{match[1].replace(',', '|')})", expression)
    return f"(?:.*/)?{expression}"


@cache
def kinds() -> Mapping[str, Schema]:
    """Return every built-in kind by name."""
    found = sorted(resources.schemas().glob(f"*{ENDING}"))
    return {path.name.removesuffix(ENDING): builtin(path.name.removesuffix(ENDING)) for path in found}


@cache
def builtin(kind: str) -> Schema:
    """Return one built-in kind.

    Raises:
        KeyError: There is none of that name.
    """
    path = resources.schemas() / f"{kind}{ENDING}"
    if "/" in kind or not path.is_file():
        raise KeyError(kind)
    return Schema(kind=kind, path=path, content=json.loads(path.read_bytes()))


def chosen(name: str, folder: Path) -> Schema:
    """Return the schema that a person named: a built-in kind, or a file relative to the folder.

    Raises:
        UsageError: There is no such kind or file, or it cannot be read.
    """
    try:
        return builtin(name)
    except KeyError:
        return read(folder / name, name)


def read(path: Path, name: str) -> Schema:
    """Return the schema in a JSON or YAML file.

    Raises:
        UsageError: It is not there or cannot be read.
    """
    if not path.is_file():
        if is_remote(name):
            raise UsageError(f"schema {name}: is never fetched", hint="download it and name the file")
        from agentctl.documents.words import nearest

        near = nearest(name, kinds())
        known = ", ".join(kinds())
        hint = f"did you mean {near}?" if near else f"name a file or one of the kinds {known}"
        raise UsageError(f"schema {name}: no such kind or file", hint=hint)
    try:
        parsed = reading.parse(reading.read_file(path), reading.format_of(path.name) or "json")
    except BadDocumentError as error:
        raise UsageError(f"schema {name}: {error.problem.message}", hint=error.problem.hint) from error
    if parsed.problems or not parsed.documents:
        problem = parsed.problems[0] if parsed.problems else Problem(id="empty", message="is empty")
        place = f":{problem.span.line}:{problem.span.column}" if problem.span else ""
        raise UsageError(f"schema {name}{place}: {problem.message}", hint="a schema is a JSON document")
    return Schema(kind="", path=path.resolve(), content=parsed.documents[0].value)


def is_remote(reference: str) -> bool:
    """Return whether a reference to a schema leads into the network."""
    return reference.startswith(("http://", "https://", "ftp://", "//"))


def _has_key(text: str, key: str) -> bool:
    name = re.escape(key)
    starts = r"(?:^[ \t{]*|[{,][ \t]*)"  # of a line, or within one: files are written without line ends, too
    return bool(re.search(rf"""{starts}["']?{name}["']?\s*[:=]|^\[{name}[.\]]""", text, re.MULTILINE))
