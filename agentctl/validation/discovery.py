"""Which files are looked at, and which schema governs each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from agentctl import files
from agentctl.documents import reading, schemas, tables
from agentctl.documents.references import know
from agentctl.documents.schemas import Schema
from agentctl.errors import UsageError

STDIN = "-"
_TEMPLATE = re.compile(r"\{\{|[@{<]%|@\{")  # a placeholder in a name: what it holds is still to be rendered
_HEAD = 4096
_KEPT = (".agentctl/checklist.yaml", ".agentctl/checklist.yml")  # of a folder that is else made by tools
_EXPORTED = re.compile(r"(^|/)\.agentctl/schemas/[a-z]+\.schema\.json$")
_MODELINE = re.compile(r"^#\s*(?:yaml-language-server:\s*\$schema\s*=|:schema)\s*(\S+)", re.MULTILINE)
_OWN = re.compile(r'^[ \t{]*"?\$schema"?\s*[:=]\s*["\']?([^"\'\s,}]+)', re.MULTILINE)
_META = re.compile(r"https?://json-schema\.org/(draft-0[467]|draft/20(19-09|20-12))/schema#?")


class Candidate:
    """A file to look at.

    Attributes:
        at: Where it lies.
        name: What it is called in the report.
        named: Whether a person named it, so that a notice is due when nothing governs it.
        state: What the file system said of it before it was read, where a folder's walk asked.
        data: Its content, where it can be read only once.
    """

    __slots__ = ("at", "data", "name", "named", "state")  # there may be very many of them

    def __init__(
        self, *, path: Path | str, name: str, named: bool = False, state: os.stat_result | None = None
    ) -> None:
        self.at, self.name, self.named, self.state = os.fspath(path), name, named, state
        self.data: bytes | None = None

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.at)


@dataclass(frozen=True, kw_only=True)
class Governance:
    """How files find their schemas.

    Attributes:
        root: The project's folder, which patterns and schema files of the settings are relative to.
        chosen: The schema of ``--schema``, which outranks all.
        settings: Patterns of names to schemas, as ``[tool.agentctl.validate.schemas]`` gives them.
    """

    root: Path
    chosen: Schema | None = None
    settings: Sequence[tuple[re.Pattern[str], Schema]] = field(default=())

    def by_name(self, name: str) -> Schema | None:
        """Return the schema whose names match: a built-in kind first, then the settings."""
        for schema in schemas.kinds().values():
            if schema.names is not None and schema.names.fullmatch(name):
                return schema
        return next((schema for pattern, schema in self.settings if pattern.fullmatch(name)), None)


def governance(root: Path, chosen: str | None, settings: Mapping[str, str]) -> Governance:
    """Read the schemas that a person and the settings name.

    Raises:
        UsageError: One of them is not there or cannot be read.
    """
    wanted = schemas.chosen(chosen, Path.cwd()) if chosen else None
    patterns = [(re.compile(schemas.name_pattern(name)), schemas.chosen(told, root)) for name, told in settings.items()]
    for _, schema in patterns:
        know(schema)
    return Governance(root=root, chosen=wanted, settings=patterns)


def candidates(root: Path, paths: Sequence[str | Path], exclude: Iterable[str]) -> Iterator[Candidate]:
    """Yield the files of the paths: files as they are, folders walked; without paths the project's folder.

    Raises:
        UsageError: A path is not there.
    """
    unwanted = [re.compile(schemas.name_pattern(pattern)) for pattern in exclude]
    for path in [Path(path) for path in paths] or [root]:
        if str(path) == STDIN:
            yield Candidate(path=path, name=STDIN, named=True)
        elif path.is_dir():
            yield from _walked(path, root, unwanted)
        elif path.exists() or path.is_symlink():
            yield Candidate(path=path, name=shown(path, root), named=True)
        else:
            raise UsageError(f"{path}: no such file or folder", hint="check the path")


def _walked(folder: Path, root: Path, unwanted: Sequence[re.Pattern[str]]) -> Iterator[Candidate]:
    found = files.scanned(folder)
    kept = [name for name in _KEPT if (folder / name).is_file() and not (folder / name).is_symlink()]
    base = shown(folder, root)
    prefix, place = "" if base == "." else f"{base.rstrip('/')}/", os.path.join(folder, "")  # noqa: PTH118 - many files
    for relative in [*found, *kept]:
        if reading.format_of(relative) is None or _TEMPLATE.search(relative):
            continue
        name = prefix + relative
        if not unwanted or not any(pattern.fullmatch(name) for pattern in unwanted):
            yield Candidate(path=place + relative, name=name, state=found.get(relative))


def shown(path: Path, root: Path) -> str:
    """Return a path as the report gives it: from the working folder, else from the project, else whole."""
    absolute = Path(path).absolute()
    for base in (Path.cwd(), root):
        if absolute.is_relative_to(base):
            return absolute.relative_to(base).as_posix()
    return absolute.as_posix()


def declares(path: Path) -> bool:
    """Return whether a file that only a folder's walk found names a schema on this machine, or has a kind's columns."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_HEAD)
    except OSError:
        return False
    if reading.format_of(path.name) == "csv" and by_columns(data):
        return True
    head = data.decode("utf-8", "replace")
    match = _OWN.search(head) or _MODELINE.search(head)
    if match is None or schemas.is_remote(match[1]):
        return False
    try:
        return declared(match[1], path) is not None
    except UsageError:
        return True  # the schema is there and broken, which the check of the file will tell


def by_columns(data: bytes) -> Schema | None:
    """Return the kind that a table belongs to by its header."""
    return tables.claiming_text(data[:_HEAD].decode("utf-8", "replace"))


def references(value: Any, text: str) -> Iterator[str]:
    """Yield the schemas that a document names itself: by its own ``$schema``, then by an editor's modeline."""
    own = value.get("$schema") if isinstance(value, dict) else None
    if isinstance(own, str):
        yield own
    modeline = _MODELINE.search(text[:_HEAD])
    if modeline:
        yield modeline[1]


def declared(reference: str, path: Path) -> Schema | None:
    """Return what a document's own reference leads to, or None when it is not on this machine.

    Raises:
        UsageError: The file is there and cannot be read.
    """
    kind = _kind(reference)
    if kind in schemas.kinds():
        return schemas.builtin(kind)
    if _META.fullmatch(reference):
        return Schema(kind="", path=path.resolve(), content={"$ref": reference})
    target = beside(reference, path)
    if target is None:
        return None
    return _beside(target, reference, _stamp(target))


def _kind(reference: str) -> str:
    return reference.removeprefix("urn:agentctl:schemas:").rpartition(":")[0] if ":" in reference else reference


def beside(reference: str, path: Path) -> Path | None:
    """Return the file that a document's own reference names, whether it is there or not; None where it names none."""
    if _kind(reference) in schemas.kinds() or schemas.is_remote(reference) or _META.fullmatch(reference):
        return None
    return path.parent / reference.removeprefix("file://")


def _stamp(path: Path) -> tuple[int, ...] | None:
    state = path.stat() if path.is_file() else None
    return (state.st_size, state.st_mtime_ns, state.st_ctime_ns) if state else None


@cache
def _beside(target: Path, reference: str, changed: tuple[int, ...] | None) -> Schema | None:
    """Return the schema in a file; for what ``agentctl schema export`` writes the kind itself, whose rules hold too."""
    schema = None if changed is None else schemas.read(target, reference)
    told = schema.content.get("$id") if schema and isinstance(schema.content, dict) else None
    kind = str(told).removeprefix("urn:agentctl:schemas:").rpartition(":")[0]
    if schema is None and _EXPORTED.search(reference):  # not exported yet: an editor misses it, we do not
        kind = target.name.removesuffix(schemas.ENDING)
    return schemas.builtin(kind) if kind in schemas.kinds() else schema
