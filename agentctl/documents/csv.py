"""CSV by the standard library; places come from a small scanner, which runs only when one is asked for.

Before the header and between the rows blank lines and lines that start with ``#`` are passed over.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from agentctl.documents import tables
from agentctl.documents.json import Extent, Places
from agentctl.documents.model import BadDocumentError, Document, Pointer, Problem, Span
from agentctl.results import Severity

SEPARATOR = "|"  # between the parts of a cell
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
_PLAIN = re.compile(r"[^,\r\n]*")
_LARGEST = 2_000_000  # characters
_MOST_ROWS = 2_000
_MOST = 8  # lines that a message lists


@dataclass(frozen=True)
class _Record:
    offset: int  # of its first character in the text
    line: int
    cells: Sequence[str]


def read(text: str) -> tuple[Document, ...]:
    """Return the one table of a CSV text; none when it is blank.

    The value is ``{"columns": {name: name}, "rows": [{name: cell}]}``, the names as the header has them.

    Raises:
        BadDocumentError: It is not CSV, its cells are not separated by commas, or it goes beyond the bounds.
    """
    if len(text) > _LARGEST:
        raise _too_large(f"is larger than {_LARGEST // 1_000_000} MB")
    records = list(islice(_records(text), _MOST_ROWS + 2))
    if len(records) > _MOST_ROWS + 1:
        raise _too_large(f"has more than {_MOST_ROWS} rows")
    if not records:
        return ()
    _check_separator(records[0])
    assumed = tables.unheaded(records[0].cells)
    if assumed:
        records.insert(0, _Record(records[0].offset, records[0].line, assumed))
    header, rows = records[0], records[1:]
    names = _names(header.cells)
    value = {"columns": {name: name for name in names.values()}, "rows": [_row(names, row) for row in rows]}
    places = cache(lambda: _scanned(text, records, names))

    def locate(pointer: Pointer, *, at_key: bool) -> Span | None:
        return _located(text, places(), pointer, at_key=at_key)

    problems = [*_unheaded(header, places), *_ragged(header, rows, places)] if assumed else []
    problems = problems or [*_problems(header, rows, places), *_ragged(header, rows, places)]
    return (Document(value=value, locate=locate, problems=tuple(problems)),)


def _unheaded(header: _Record, places: Callable[[], Places]) -> Iterator[Problem]:
    message = f"has no header: the first row is read as {', '.join(header.cells)}"
    hint = f"begin the file with {','.join(header.cells)}, or whatever the columns are"
    yield Problem(id="csv-header", message=message, hint=hint, span=places().locate((), at_key=False))


def _too_large(message: str) -> BadDocumentError:
    return BadDocumentError(
        Problem(id="too-large", message=f"{message}, more than any table of settings", hint="split it")
    )


class _Lines:
    """Hands lines to the reader and knows where the record that it reads has begun."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._line = self._offset = 0
        self.between = True
        self.begun = (0, 0)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            start = self._offset
            self._line, self._offset = self._line + 1, start + len(line)
            if self.between and _is_passed_over(line):
                continue
            if self.between:
                self.begun, self.between = (start, self._line), False
            return line
        raise StopIteration


def _is_passed_over(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _records(text: str) -> Iterator[_Record]:
    lines = _Lines(text)
    try:
        for cells in csv.reader(lines, strict=True):
            if any(cell.strip() for cell in cells):
                yield _Record(*lines.begun, cells)
            lines.between = True
    except csv.Error as error:
        raise BadDocumentError(_unreadable(text, lines.begun, error)) from error


def _unreadable(text: str, begun: tuple[int, int], error: csv.Error) -> Problem:
    offset, _ = begun
    if "limit" in str(error):
        span = Places(text).span((offset, offset + 1))
        message = f"a cell is longer than {csv.field_size_limit()} characters"
        return Problem(id="too-large", message=message, hint="close its quote, or shorten it", span=span)
    *_, (_, end) = _cells(text, offset)
    if end < len(text) and text[end] == '"':
        message, hint = "this quote is never closed", "close it; a quote within quotes is written twice"
    else:
        message, hint = (
            "text stands after the quote that closes a cell",
            "put all of the cell in quotes, inner ones twice",
        )
    return Problem(id="syntax", message=message, hint=hint, span=Places(text).span((end, end + 1)))


def _check_separator(header: _Record) -> None:
    """Refuse what Excel writes where the comma is the decimal sign, and tab-separated text."""
    other = next((sign for sign in ";\t" if sign in header.cells[0]), None)
    if len(header.cells) == 1 and other:
        name = "semicolons" if other == ";" else "tabs"
        span = Span(header.line, 1, header.line, len(header.cells[0]) + 1)
        hint = "save it as comma-separated (in Excel: set the list separator to a comma, or export from elsewhere)"
        raise BadDocumentError(
            Problem(id="csv-separator", message=f"cells are separated by {name}, not commas", hint=hint, span=span)
        )


def _names(header: Sequence[str]) -> dict[int, str]:
    """Return column number to name, without doubled and nameless ones."""
    names: dict[int, str] = {}
    for number, name in enumerate(header):
        if name.strip() and name not in names.values():
            names[number] = name
    return names


def _row(names: dict[int, str], row: _Record) -> dict[str, str]:
    return {name: row.cells[number] for number, name in names.items() if number < len(row.cells)}


def _problems(header: _Record, rows: Sequence[_Record], places: Callable[[], Places]) -> Iterator[Problem]:
    if not rows:
        yield Problem(id="empty", message="has a header but no rows", hint="add the rows or delete it")
    seen: set[str] = set()
    for number, name in enumerate(header.cells):
        span = _cell_span(places, 0, number) if name in seen or name != name.strip() or not name else None
        if not name.strip() and any(number < len(row.cells) and row.cells[number].strip() for row in rows):
            message = f"column {number + 1} has no name, so its cells are never read"
            yield Problem(id="csv-header", message=message, hint="name it, or remove it", span=span)
        elif name.strip() and name in seen:
            message = f"column `{name}` stands here a second time; only one of the two can hold"
            yield Problem(id="duplicate-key", message=message, hint="rename or remove one of them", span=span)
        elif name.strip() and name != name.strip():
            message = f"column `{name.strip()}` has blanks around its name, which keep it from being recognised"
            yield Problem(id="csv-header", message=message, hint="remove them", span=span)
        seen.add(name)


def _ragged(header: _Record, rows: Sequence[_Record], places: Callable[[], Places]) -> Iterator[Problem]:
    """Yield one problem for each wrong number of cells, at the first row that has it."""
    wanted = len(header.cells)
    found: dict[int, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        bare = next((place for place, cell in enumerate(row.cells) if cell.startswith("{")), wanted)
        if len(row.cells) > wanted > bare and not row.cells[bare].endswith("}"):
            yield _bare_mapping(number, bare, places)
        elif len(row.cells) != wanted:
            found.setdefault(len(row.cells), []).append(number)
    for count, numbers in found.items():
        also = _also([rows[number - 1].line for number in numbers[1:]])
        message = f"this row has {_counted(count, 'cell')}, but the header has {_counted(wanted, 'column')}{also}"
        if count > wanted:
            yield _too_many(message, numbers[0], wanted, places)
        else:
            yield _too_few(message, header.cells[count:], numbers[0], count, places)


def _bare_mapping(record: int, cell: int, places: Callable[[], Places]) -> Problem:
    message = "the commas of this mapping divide it into several cells"
    hint = 'put it in quotes and write its own quotes twice: "{""key"": 1, ""other"": 2}"'
    return Problem(id="csv-row", message=message, hint=hint, span=_cell_span(places, record, cell))


def _too_many(message: str, record: int, wanted: int, places: Callable[[], Places]) -> Problem:
    hint = "put a cell that has a comma in it in quotes, or remove the commas too many"
    return Problem(id="csv-row", message=message, hint=hint, span=_cell_span(places, record, wanted))


def _too_few(message: str, missing: Sequence[str], record: int, count: int, places: Callable[[], Places]) -> Problem:
    named = ", ".join(f"`{name.strip()}`" for name in missing[:_MOST])
    hint = f"write the empty cells too; {named} {'is' if len(missing) == 1 else 'are'} taken as empty"
    span = _cell_span(places, record, count - 1)
    return Problem(id="csv-row", message=message, hint=hint, span=span, severity=Severity.WARNING)


def _also(lines: Sequence[int]) -> str:
    if not lines:
        return ""
    listed = ", ".join(map(str, lines[:_MOST])) + (", …" if len(lines) > _MOST else "")
    return f"; so {'has line' if len(lines) == 1 else 'have lines'} {listed}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _cells(text: str, offset: int) -> Iterator[Extent]:
    """Yield start and end of each cell of the record at an offset.

    Where the record is malformed the last pair is empty and stands at the place of the fault.
    """
    while True:
        quoted = offset < len(text) and text[offset] == '"'
        match = (_QUOTED if quoted else _PLAIN).match(text, offset)
        if match is None:
            yield offset, offset
            return
        yield offset, match.end()
        offset = match.end()
        if text[offset : offset + 1] != ",":
            break
        offset += 1
    if offset < len(text) and text[offset] not in "\r\n":
        yield offset, offset


def _scanned(text: str, records: Sequence[_Record], names: dict[int, str]) -> Places:
    """Return the places of the cells: under row and column name, and under the numbers of record and cell."""
    places = Places(text)
    for number, record in enumerate(records):
        extents = list(_cells(text, record.offset))
        row: Pointer = ("columns",) if number == 0 else ("rows", number - 1)
        places.values[row] = (extents[0][0], extents[-1][1])
        for column, extent in enumerate(extents):
            places.values[number, column] = extent
            if column in names:
                places.values[*row, names[column]] = extent
    places.values[()] = places.values["rows",] = places.values["columns",]
    return places


def _cell_span(places: Callable[[], Places], record: int, column: int) -> Span | None:
    return places().locate((record, column), at_key=False)


def _located(text: str, places: Places, pointer: Pointer, *, at_key: bool) -> Span | None:
    cell, part = pointer[:3], pointer[3:4]
    if part and isinstance(part[0], int) and cell in places.values:
        return places.span(_part(text, places.values[cell], part[0]))
    return places.locate(pointer, at_key=at_key)


def _part(text: str, cell: Extent, number: int) -> Extent:
    """Return the place of the nth part of a cell that holds several, the empty ones not counted."""
    start, end = cell
    parts = [match for match in re.finditer(r"[^|]+", text[start:end]) if match.group().strip(' \t\r\n"')]
    if number >= len(parts):
        return cell
    shown = parts[number].group()
    left = len(shown) - len(shown.lstrip(' \t\r\n"'))
    begun = start + parts[number].start() + left
    return begun, begun + len(shown.strip(' \t\r\n"'))
