"""``--fix``: mend what has one safe mend, in the text of the file, with every comment and the layout kept.

A mend is made only when the text, read again, differs by that one value or key and by nothing else.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from agentctl import project
from agentctl.documents import reading, secrets
from agentctl.documents.frame import harmless
from agentctl.documents.model import Document, Problem, Span, value_at
from agentctl.errors import UsageError
from agentctl.validation import checking, discovery, mends, run, suppressions
from agentctl.validation.checking import Checked, Part
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.mends import Mend

_ROUNDS = 5  # a renamed key shows what is wrong below it
_MOST = 200  # problems of a round; a mend reads the file again
_FORMS = frozenset({"yaml", "json", "toml"})


@dataclass(frozen=True, kw_only=True)
class Mended:
    """A file before and after.

    Attributes:
        done: What was mended, one sentence each with its place.
        hidden: The secrets of the file, which no diff shows.
    """

    path: Path
    name: str
    before: bytes
    after: bytes
    done: tuple[str, ...]
    hidden: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """The mends as a unified diff, secrets masked."""
        old, new = (self._lines(data) for data in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, f"a/{self.name}", f"b/{self.name}"))

    def _lines(self, data: bytes) -> list[str]:
        text = secrets.without_keys(data.decode("utf-8", "replace"))
        return [f"{harmless(secrets.masked(line, self.hidden))}\n" for line in text.splitlines()]


def mended(paths: Sequence[str | Path] = (), *, schema: str | None = None) -> list[Mended]:
    """Return what ``--fix`` makes of each file that it can mend; nothing is written.

    Raises:
        UsageError: A path or schema is not there, the settings are wrong, or standard input was to be mended.
    """
    if any(str(path) == discovery.STDIN for path in paths):
        raise UsageError("--fix: standard input cannot be mended", hint="name a file")
    where = project.load(run.start(paths))
    settings = where.section("validate")
    disabled = run.switched_off(settings.get("disable", {}))
    governance = discovery.governance(where.root, schema, settings.get("schemas", {}))
    files = run.unique(discovery.candidates(where.root, paths, settings.get("exclude", ())))
    found = (_file(candidate, governance, disabled.keys()) for candidate in files)
    return [one for one in found if one is not None]


def write(files: Iterable[Mended]) -> None:
    """Replace each file in one step; a file that was changed in between is left alone.

    Raises:
        UsageError: A file cannot be written.
    """
    for one in files:
        try:
            _replace(one)
        except OSError as error:
            raise UsageError(
                f"{one.name}: cannot be written: {error.strerror}", hint="check its permissions"
            ) from error


def _replace(one: Mended) -> None:
    target = one.path.resolve()
    if target.read_bytes() != one.before:
        raise UsageError(f"{one.name}: was changed in the meantime", hint="run the command again")
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(one.after)
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _file(candidate: Candidate, governance: Governance, disabled: Any) -> Mended | None:
    checked = checking.check(candidate, governance, disabled)
    if checked is None or not checked.parts or reading.format_of(candidate.name) not in _FORMS:
        return None
    before = after = reading.read_file(candidate.path)
    done: list[str] = []
    for _ in range(_ROUNDS):
        text, words = _round(checked)
        after = text.encode() if words else after
        done += words
        checked = checking.content(after, candidate, governance, disabled) if words else None
        if checked is None:
            break
    if not done:
        return None
    hidden = {text for part in _parsed(before, candidate) for text in secrets.known_in(part.value)}
    return Mended(
        path=candidate.path,
        name=harmless(candidate.name),
        before=before,
        after=after,
        done=tuple(harmless(secrets.masked(one, tuple(hidden))) for one in done),
        hidden=tuple(sorted(hidden, key=len, reverse=True)),
    )


def _parsed(data: bytes, candidate: Candidate) -> tuple[Document, ...]:
    return reading.parse(data, reading.format_of(candidate.name) or "yaml").documents


def _round(checked: Checked) -> tuple[str, list[str]]:
    """Return the text with each mend made that holds, and what was done; nothing for a file that is not well-formed."""
    text = checked.text
    done: list[str] = []
    if checked.problems or any(part.document.problems for part in checked.parts):
        return text, []
    form = reading.format_of(checked.candidate.name) or "yaml"
    waived = suppressions.read(text, form)
    for number, part, problem in islice(_problems(checked), _MOST):
        mend = mends.mend(problem, part)
        span = part.document.locate(mend.pointer, at_key=mend.at_key) if mend else None
        if mend is None or span is None or any(one.line == span.line and problem.id in one.rules for one in waived):
            continue
        new = _edited(text, form, mend, number, len(checked.parts))
        if new is not None:
            text, done = new, [*done, f"{checked.candidate.name}:{span.line}: {mend.words}"]
    return text, done


def _problems(checked: Checked) -> Iterator[tuple[int, Part, Problem]]:
    return ((number, part, problem) for number, part in enumerate(checked.parts) for problem in part.problems)


def _edited(text: str, form: str, mend: Mend, number: int, count: int) -> str | None:
    """Return the text with a mend made in one of its documents, or None when anything else would change with it."""
    documents = reading.parse(text.encode(), form).documents
    if len(documents) != count:
        return None  # some of its documents are governed, some are not
    document = documents[number]
    span = document.locate(mend.pointer, at_key=mend.at_key)
    extent = _extent(text, span) if span else None
    made = mend.make(text[slice(*extent)]) if extent else None
    if extent is None or made is None:
        return None
    new = f"{text[: extent[0]]}{made[0]}{text[extent[1] :]}"
    again = reading.parse(new.encode(), form)
    expected = json.loads(json.dumps([one.value for one in documents]))  # what aliases share is taken apart
    if again.problems or not _put(expected[number], mend, made[1]):
        return None
    return new if [one.value for one in again.documents] == expected else None


def _extent(text: str, span: Span) -> tuple[int, int] | None:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    if span.end_line > len(starts):
        return None
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1


def _put(value: Any, mend: Mend, new: Any) -> bool:
    """Make the mend in the values, and return whether that was possible."""
    holder, last = value_at(value, mend.pointer[:-1]), mend.pointer[-1]
    if mend.at_key:
        if not isinstance(holder, dict) or last not in holder or new in holder:
            return False
        holder[new] = holder.pop(last)
        return True
    if isinstance(holder, dict) or (isinstance(holder, list) and isinstance(last, int)):
        holder[last] = new  # type: ignore[index]
        return True
    return False
