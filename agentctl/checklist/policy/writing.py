"""Add a waiver or an attestation to a policy file: everything else in it stays as it was, comments and order included.

The text is only added to. What comes out is read again before it replaces the file: when it is not the old policy plus
the one entry, nothing is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from agentctl import records
from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy import reading as policies
from agentctl.checklist.policy.replacing import replace_text
from agentctl.documents import reading
from agentctl.documents.model import BadDocumentError, Document
from agentctl.documents.secrets import has_token
from agentctl.documents.words import nearest
from agentctl.errors import EXIT_YES, UsageError
from agentctl.project import STATE_FOLDER
from agentctl.results import Report, Section, Verdict

_HEAD = "# What people have waived and attested. Its keys: agentctl schema show checklist\n"
_PLAIN = re.compile(r"[A-Za-z0-9][\w@./-]*( [\w@./-]+)*")  # needs no quotes in YAML
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_ENDS = {"waivers": "expires", "attestations": "until"}
_OPTIONS = {"waivers": "--waive", "attestations": "--attest"}


def add(root: Path, kind: str, entry: Mapping[str, Any], *, file: Path | None, today: date) -> Report:
    """Write an entry and tell where it stands.

    Args:
        root: The project; the policy is its ``.agentctl/checklist.yaml`` unless ``file`` names another.
        kind: ``waivers`` or ``attestations``.
        entry: The keys of the entry in their order; those that are None are left out.
        file: Another policy file.
        today: The day to judge the dates by.

    Raises:
        UsageError: An id, a day or a key is wrong, the item has such an entry, or the file is no policy.
    """
    kept = {name: value for name, value in entry.items() if value is not None}
    _check(kind, kept, today)
    path = file or policies.own(root) or _new(root)
    told = str(path) if file else path.relative_to(root).as_posix()
    before = _text(path, told)
    document = policies.checked(before.encode(), told) if before.strip() else None
    _check_once(kind, kept, document, told)
    after = _added(before, document, kind, kept)
    line = _checked_line(after, document, kind, kept, told)
    if file is None:
        make_folder(path.parent)
    replace_text(path, after)
    return _report(kind, kept, f"{told}:{line}")


def _new(root: Path) -> Path:
    path = root / STATE_FOLDER / policies.NAMES[0]
    if not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{STATE_FOLDER}: is a link out of the tree", hint="name another file: --policy FILE")
    return path


def _text(path: Path, told: str) -> str:
    if not path.exists():
        return ""
    try:
        return reading.read_file(path).decode("utf-8")
    except (BadDocumentError, UnicodeDecodeError) as error:
        words = error.problem.message if isinstance(error, BadDocumentError) else "is not UTF-8"
        raise UsageError(f"{told}: {words}", hint="mend the file first") from error


def make_folder(folder: Path) -> None:
    """Make ``.agentctl`` with the ``.gitignore`` that keeps what is made apart from what is kept.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text(records.GITIGNORE, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}", hint="check the path") from error


# ---------------------------------------------------------------- what is refused


def _check(kind: str, entry: Mapping[str, Any], today: date) -> None:
    option = _OPTIONS[kind]
    if entry["id"] not in ITEMS:
        near = nearest(entry["id"], ITEMS)
        hint = f"did you mean {near}?" if near else "agentctl checklist --list shows them"
        raise UsageError(f"{option} {entry['id']}: there is no such item", hint=hint)
    secret = next((name for name, value in entry.items() if isinstance(value, str) and has_token(value)), None)
    if secret:
        raise UsageError(f"{option} {entry['id']}: --{secret} holds a secret", hint="name where it is kept instead")
    end = _day(option, _ENDS[kind], entry[_ENDS[kind]])
    if end < today:
        raise UsageError(f"{option} {entry['id']}: --{_ENDS[kind]} {end} is past", hint="give a day to come")
    if "when" in entry and _day(option, "when", entry["when"]) > today:
        message = f"{option} {entry['id']}: --when {entry['when']} is still to come"
        raise UsageError(message, hint="say when it was seen")


def _day(option: str, name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise UsageError(f"{option}: --{name} {text} is no day of the calendar", hint="such as 2027-03-31")
    return found


def _check_once(kind: str, entry: Mapping[str, Any], document: Document | None, told: str) -> None:
    for number, other in enumerate(_listed(document, kind)):
        if (other.get("id"), _scopes(other)) == (entry["id"], _scopes(entry)):
            span = document.locate((kind, number), at_key=False) if document else None
            place = f"{told}:{span.line}" if span else told
            raise UsageError(f"{place}: {entry['id']} stands there already", hint="change that entry, or remove it")


def _scopes(entry: Mapping[str, Any]) -> tuple[str, ...]:
    scope = entry.get("scope", ())
    return (scope,) if isinstance(scope, str) else tuple(scope)


# ---------------------------------------------------------------- the text


def _added(text: str, document: Document | None, kind: str, entry: Mapping[str, Any]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    found = _listed(document, kind)
    span = document.locate((kind,), at_key=False) if document and kind in document.value else None
    lines = text.splitlines(keepends=True)
    if span is None:
        body = text if not text or text.endswith("\n") else text + newline
        return (body or _HEAD) + newline.join([f"{kind}:", *_block(entry, "  ")]) + newline
    opened = lines[span.line - 1][span.column - 1 :]
    if opened.startswith("["):
        return _into_flow(lines, span.end_line, span.end_column, entry, first=not found)
    last = document.locate((kind, len(found) - 1), at_key=False) if document else None
    dash = re.match(r"\s*(?=-\s)", lines[last.line - 1]) if last else None
    end = _last_line(lines, span.line, span.end_line if span.end_column > 1 else span.end_line - 1)
    before, after = lines[:end], lines[end:]
    before[-1] = before[-1].rstrip("\r\n") + newline
    return "".join([*before, *(f"{row}{newline}" for row in _block(entry, dash[0] if dash else "  ")), *after])


def _last_line(lines: list[str], first: int, end: int) -> int:
    """Return the last line of a list that is neither blank nor a comment after it."""
    while end > first and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _into_flow(lines: list[str], end_line: int, end_column: int, entry: Mapping[str, Any], *, first: bool) -> str:
    line = lines[end_line - 1]
    before, after = line[: end_column - 2], line[end_column - 2 :]  # after starts with the closing bracket
    comma = "" if first or before.rstrip().endswith(",") else ", "
    lines[end_line - 1] = f"{before}{comma}{json.dumps(dict(entry), ensure_ascii=False)}{after}"
    return "".join(lines)


def _block(entry: Mapping[str, Any], indent: str) -> list[str]:
    rows = [f"{name}: {_scalar(value)}" for name, value in entry.items()]
    return [f"{indent}- {rows[0]}", *(f"{indent}  {row}" for row in rows[1:])]


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _is_number(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d._eExXoO+-]+", text)) and not re.fullmatch(r"\d{4}-\d\d-\d\d", text)


# ---------------------------------------------------------------- what came out


def _checked_line(text: str, before: Document | None, kind: str, entry: Mapping[str, Any], told: str) -> int:
    """Return the line of the new entry.

    Raises:
        UsageError: The text is not the old policy and the entry.
    """
    after = policies.checked(text.encode(), told)
    old = before.value if before else {}
    if after is None or after.value != {**old, kind: [*old.get(kind, ()), dict(entry)]}:
        raise UsageError(f"{told}: the entry cannot be added to the way {kind} is written there",
                         hint=f"write {kind} as a list with a line for each key")  # fmt: skip
    span = after.locate((kind, len(after.value[kind]) - 1), at_key=False)
    return span.line if span else 1


def _listed(document: Document | None, kind: str) -> list[Mapping[str, Any]]:
    return list(document.value.get(kind, ())) if document else []


def _report(kind: str, entry: Mapping[str, Any], place: str) -> Report:
    done = "waived" if kind == "waivers" else "attested"
    lines = tuple(f"{name}: {value if isinstance(value, str) else ', '.join(value)}" for name, value in entry.items())
    return Report(
        command="checklist",
        verdict=Verdict.PASS,
        exit_code=EXIT_YES,
        subject=entry["id"],
        summary=f"{entry['id']} {ITEMS[entry['id']].title} is {done} until {entry[_ENDS[kind]]}, in {place}",
        sections=(Section(title=place, lines=lines),),
        next_steps=("agentctl checklist",),
    )
