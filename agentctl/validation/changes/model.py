"""Two versions of an agent beside each other: versions, ids, and the fields of the answers in pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import nearest

BREAKING = "breaking change of an agent"  # the kinds of the rules over a change
CHANGE = "change of an agent"
REMOVAL = "removal of an agent"
SCHEMA = "change of a schema"
FREE = frozenset({"enabled", "feature_flags", "rollout", "notes", "released"})  # may change in a released version
FIELDS: Pointer = ("schema_config", "fields")

_SEMVER = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_ID_END = re.compile(r"[-_]v\d+$")


@dataclass(frozen=True, order=True)
class Version:
    """A semantic version in its order of precedence; ``latest`` and the like are none."""

    major: int
    minor: int
    patch: int
    pre: tuple[tuple[int, int, str], ...]

    @classmethod
    def of(cls, text: Any) -> Version | None:
        """Return the version that a text is, or None."""
        found = _SEMVER.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return None
        parts = found[4].split(".") if found[4] else []
        numbered = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
        return cls(int(found[1]), int(found[2]), int(found[3]), numbered or ((2, 0, ""),))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A field in both versions; the pointer is that of the new one."""

    name: str
    pointer: Pointer
    old: Mapping[str, Any]
    new: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Change:
    """An agent before and after.

    Attributes:
        base: How the old one is called in messages, such as ``1.2.0 at main``.
        released: Whether the old version is in use.
        breaking: The places that break consumers, once they are known.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    base: str
    released: bool = False
    breaking: tuple[Pointer, ...] = ()

    @property
    def versions(self) -> tuple[Version | None, Version | None]:
        """The old and the new version."""
        return Version.of(self.old.get("version")), Version.of(self.new.get("version"))

    @property
    def same_id(self) -> bool:
        """Whether the agent kept its id."""
        return self.old.get("agent_id") == self.new.get("agent_id")

    @property
    def same_version(self) -> bool:
        """Whether the agent kept id and version."""
        before, after = self.versions
        return self.same_id and (before == after if before and after else self._texts("old") == self._texts("new"))

    def _texts(self, side: str) -> str:
        return str(getattr(self, side).get("version"))

    @property
    def may_break(self) -> bool:
        """Whether version and id tell consumers of a break: a new major version and a new id.

        Before 1.0.0 a new minor version tells it, as Semantic Versioning has it.
        """
        before, after = self.versions
        if before is None or after is None:
            return False
        early = before.major == after.major == 0 and after.minor > before.minor
        return early or (after.major > before.major and not self.same_id)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The fields that both have."""
        olds = dict(_fields(self.old))
        return tuple(
            Pair(name=name, pointer=pointer, old=olds[name][1], new=new)
            for name, (pointer, new) in _fields(self.new)
            if name in olds
        )

    @cached_property
    def renamed(self) -> Mapping[str, Pair]:
        """Old name to the field that took its place, where one clearly did."""
        gone, come = self._only("old"), self._only("new")
        found: dict[str, Pair] = {}
        for name, (_, old) in gone.items():
            alike = {other: field for other, (_, field) in come.items() if _is_alike(old, field)}
            near = nearest(name, alike) or next(
                (one for one, field in alike.items() if _says_the_same(old, field)), None
            )
            if near is not None:
                pointer, new = come.pop(near)
                found[name] = Pair(name=near, pointer=pointer, old=old, new=new)
        return found

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """The names of the fields that are gone."""
        return tuple(name for name in self._only("old") if name not in self.renamed)

    @cached_property
    def added(self) -> Mapping[str, tuple[Pointer, Mapping[str, Any]]]:
        """The fields that are new, by name."""
        taken = {pair.name for pair in self.renamed.values()}
        return {name: field for name, field in self._only("new").items() if name not in taken}

    def _only(self, side: str) -> dict[str, tuple[Pointer, Mapping[str, Any]]]:
        other = dict(_fields(self.new if side == "old" else self.old))
        return {name: field for name, field in _fields(getattr(self, side)) if name not in other}


def line_of(agent: Any) -> str | None:
    """Return what the versions of an agent have in common: its id without the major version at the end."""
    name = agent.get("agent_id") if isinstance(agent, dict) else None
    return _ID_END.sub("", name) if isinstance(name, str) and name else None


def places(old: Any, new: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, bool]]:
    """Yield each deepest place of the new value that differs, and whether it is the key that is to blame."""
    if isinstance(old, dict) and isinstance(new, dict):
        if old.keys() - new.keys():
            yield pointer, True
        for key in new:
            if key not in old:
                yield (*pointer, key), True
            else:
                yield from places(old[key], new[key], (*pointer, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from places(before, after, (*pointer, number))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield pointer, False


def _fields(agent: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Pointer, Mapping[str, Any]]]]:
    schema = agent.get("schema_config")
    listed = schema.get("fields") if isinstance(schema, dict) else None
    seen: set[str] = set()
    for number, field in enumerate(listed if isinstance(listed, list) else []):
        name = field.get("field_name") if isinstance(field, dict) else None
        if isinstance(name, str) and name not in seen:
            seen.add(name)
            yield name, ((*FIELDS, number), field)


def _is_alike(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old.get("field_type") == new.get("field_type")


def _says_the_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(old.get("description")) and old.get("description") == new.get("description")
