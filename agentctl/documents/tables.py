"""What a schema says of a table: the names that its columns go by, which tables it governs, how cells are read.

Keywords of ours in a schema, which other validators pass over:

- ``x-governs-columns``: lists of columns, one of which a header must have in whole;
- ``x-governs-cells``: what a cell of a first row looks like that is no header but a row already;
- in ``$defs/row``, at each column: ``x-aliases``, the other names of it (the case of letters does not matter),
  ``x-separator``, what stands between the parts of a cell, and ``x-mapping``, that a cell may hold a mapping as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any

from agentctl.documents import limits, schemas, secrets
from agentctl.documents.model import BadDocumentError, Document, Pointer, Span
from agentctl.documents.schemas import Schema

_LONGEST = 100_000  # characters of a mapping in a cell
_PLAIN = re.compile(r"""(["']?)([\w.-]{1,60})\1\s*[:=]\s*(["']?)(\$\{[^}]*\}|[^\s,;"'}]+)\3""")
_ASSIGNMENTS = re.compile(r"\s*[\w.-]+\s*[:=]\s*[^\s,;]+(\s*[,;]\s*[\w.-]+\s*[:=]\s*[^\s,;]+)*\s*")
_WORDLIKE = 20  # shorter texts of letters alone are words


def columns(schema: Schema) -> Mapping[str, Mapping[str, Any]]:
    """Return what a schema says of each column; empty for one that is not of tables."""
    content = schema.content if isinstance(schema.content, dict) else {}
    found: Mapping[str, Mapping[str, Any]] = {}
    if "x-governs-columns" in content:
        found = content["$defs"]["row"]["properties"]
    return found


def governed(schema: Schema) -> str:
    """Return which files a kind governs, in words: by their names, or by the columns in their header."""
    by_columns = ["*.csv, by the columns of its header"] if columns(schema) else []
    return ", ".join([*schema.content.get("x-governs", ()), *by_columns])


@cache
def known(schema: Schema) -> Mapping[str, str]:
    """Return each name that a column goes by, in small letters, to the column."""
    return {
        name.lower(): column
        for column, about in columns(schema).items()
        for name in (column, *about.get("x-aliases", ()))
    }


def claiming(value: Any) -> Schema | None:
    """Return the kind that a document belongs to, by the columns of its table."""
    names = value.get("columns") if isinstance(value, dict) else None
    return _claiming(names) if isinstance(names, dict) else None


def _claiming(header: Iterable[str]) -> Schema | None:
    header = list(header)
    names = [name.strip().lower() for name in unheaded(header) or header]
    for schema in schemas.kinds().values():
        if columns(schema):
            found = {known(schema).get(name) for name in names}
            if any(found.issuperset(wanted) for wanted in schema.content["x-governs-columns"]):
                return schema
    return None


def claiming_text(head: str) -> Schema | None:
    """Return the same for the beginning of a text, whatever separates its cells."""
    lines = (line for line in head.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "").lstrip("\ufeff")
    if not first:
        return None
    import csv

    separator = next((sign for sign in ",;\t" if sign in first), ",")
    try:
        return _claiming(next(csv.reader([first], delimiter=separator), []))
    except csv.Error:
        return None


def unheaded(first: Sequence[str]) -> list[str] | None:
    """Return the columns of a table without a header, in the order of its schema, by the look of its first row."""
    for schema in schemas.kinds().values():
        pattern = schema.content.get("x-governs-cells") if columns(schema) else None
        names = list(columns(schema))
        if pattern and len(first) <= len(names) and any(re.fullmatch(pattern, cell.strip()) for cell in first):
            return names[: len(first)]
    return None


def under(document: Document, schema: Schema) -> Document:
    """Return a table as its schema sees it: columns by their own names, cells with several parts as lists."""
    if not columns(schema) or not isinstance(document.value, dict) or "columns" not in document.value:
        return document
    written: dict[str, str] = {}
    for name in document.value["columns"]:
        column = known(schema).get(name.strip().lower(), name)
        written[name if column in written else column] = name
    value = {"columns": written, "rows": [_row(row, written, schema) for row in document.value["rows"]]}

    def locate(pointer: Pointer, *, at_key: bool) -> Span | None:
        place = {"columns": 1, "rows": 2}.get(str(pointer[0])) if pointer else None
        if place is not None and place < len(pointer):
            name = written.get(str(pointer[place]), pointer[place])
            pointer = (*pointer[:place], name, *pointer[place + 1 :])
        return document.locate(pointer, at_key=at_key)

    return document._replace(value=value, locate=locate)


def _row(row: Mapping[str, str], written: Mapping[str, str], schema: Schema) -> dict[str, Any]:
    about = columns(schema)
    return {column: _cell(row[name].strip(), about.get(column, {})) for column, name in written.items() if name in row}


def _cell(text: str, about: Mapping[str, Any]) -> Any:
    if "x-separator" in about:
        return [part.strip() for part in text.split(about["x-separator"]) if part.strip()]
    if about.get("x-mapping") and text:
        found = mapping(text)
        return text if found is None else found
    return text


def mapping(text: str) -> dict[str, Any] | None:
    """Return the mapping that a text holds, as JSON or as a Python literal, or None where it is none.

    Of a text that is neither but gives secrets by name (``api_key=…``) these are returned, so that they are found.
    """
    found = (_json(text) or _literal(text)) if text.startswith("{") else None
    if found is None:
        found = _secrets(text) or None
    return {} if found is None and re.fullmatch(r"\{\s*\}", text) else found


def _json(text: str) -> dict[str, Any] | None:
    import json

    try:
        return _plain(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _literal(text: str) -> dict[str, Any] | None:
    import ast
    import warnings

    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the compiler, about the text's escapes
            return _plain(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _plain(value: Any) -> dict[str, Any] | None:
    """Return a mapping as JSON has them, or None for anything else."""
    try:
        limits.check_depth(value)
    except BadDocumentError:
        return None
    plain = _jsonable(value)
    return plain if isinstance(plain, dict) else None


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(child) for key, child in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(child) for child in value]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > limits.MAX_DIGITS * 3:
        return "a number too long for any reader"
    is_plain = value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and isfinite(value))
    return value if is_plain else str(value)


def _secrets(text: str) -> dict[str, str]:
    pairs = [(match[2], match[4]) for match in _PLAIN.finditer(text)]
    named = {name: value for name, value in pairs if secrets.is_secret(name, value)}
    if text.startswith("{"):
        return named
    is_list = bool(named) and _ASSIGNMENTS.fullmatch(text) is not None
    return {name: value for name, value in named.items() if is_list and not _is_word(value)}


def _is_word(text: str) -> bool:
    return text.isalpha() and len(text) < _WORDLIKE
