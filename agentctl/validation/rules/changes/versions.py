"""What version and id must tell about a change (guide 3, Versioning Strategy and Configuration Immutability)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import shown
from agentctl.validation.changes.model import CHANGE, FREE, REMOVAL, SCHEMA, Change, Version, places
from agentctl.validation.rules import Break, rule

_MOST = 5  # places that a message names


@rule("change-version", CHANGE)
def version_raised(change: Change) -> Iterator[Break]:
    """A version stands for one content, and versions only go up.

    Callers pin a version: other content under the same one is a change that nobody sees coming, and a lower one looks
    older than what it replaces (guide 3, Versioning Strategy). `enabled`, `feature_flags`, `rollout` and `notes` are no
    content.

    Raise the patch for a mend, the minor for something new, the major (with a new id) for what breaks consumers.
    """
    if not change.same_id:
        return
    before, after = change.versions
    if before and after and after < before:
        yield Break(("version",), f"version {shown(change.new['version'])} is older than {change.base}", "let it go up")
    elif change.same_version and not change.released and not change.breaking:
        changed = list(_content(change))
        if changed:
            message = f"{_counted(changed)} since {change.base}, and the version is still the same"
            yield Break(("version",), message, _raised(after, changed))


@rule("change-id", CHANGE)
def new_id(change: Change) -> Iterator[Break]:
    """A new major version is a new agent, with a new id.

    The old and the new one run beside each other while traffic moves over (guide 3, Blue-Green Deployment), which one
    id cannot name.

    Keep the old file as it is, and make a new one, such as `sales-v2` at version 2.0.0.
    """
    before, after = change.versions
    if change.breaking and change.same_id and before and after and after.major > before.major:
        many = f"{len(change.breaking)} changes" if len(change.breaking) > 1 else "a change"
        message = f"{many} since {change.base} would break consumers, and the id is still the same"
        yield Break(
            ("agent_id",),
            message,
            f"keep {change.base} in its file, and make a new one whose id ends in -v{after.major}",
        )


@rule("change-released", CHANGE)
def released_stays(change: Change) -> Iterator[Break]:
    """A released version stays as it is.

    It is in use: only `enabled`, `feature_flags`, `rollout` and `notes` may change in it (guide 3, Configuration
    Immutability). Released is what says `released: true`, or what the newest tag (`v*`, or as `release_tags` in
    `[tool.agentctl.validate]` says) holds.

    Take the change back, or make it in a new version.
    """
    if not (change.released and change.same_version):
        return
    if change.old.get("released") is True and change.new.get("released") is not True:
        place = ("released",) if "released" in change.new else ()
        yield Break(place, f"{change.base} is released, and cannot be taken back", "leave `released: true`")
    changed = [place for place in _content(change) if not _is_told(place[0], change.breaking)]
    if changed:
        pointer, at_key = changed[0]
        message = f"{change.base} is released, and {_counted(changed)}"
        hint = f"take it back, or make it in a new version: {_raised(change.versions[1], changed)}"
        yield Break(pointer, message, hint, at_key=at_key)


@rule("change-removed", REMOVAL)
def released_agent_gone(removed: Mapping[str, Any]) -> Iterator[Break]:
    """A released agent is still there.

    It may be in use, and there must be a way back to it (guide 3, Blue-Green Deployment: the old version is disabled
    once the new one has all the traffic).

    Put the file back, with `enabled: false` when nobody may use it any more.
    """
    yield Break(
        (), f"{removed['base']} is released, and its configuration is gone", "put it back, with `enabled: false`"
    )


@rule("change-schema", SCHEMA)
def configurations_still_fit(replayed: Mapping[str, Any]) -> Iterator[Break]:
    """A schema still takes the configurations that it took before.

    Configurations that were valid under the old schema are held against the new one. What is refused now cannot be
    loaded any more once the schema is in use.

    Make the schema as wide as it was at that place, or give the configurations a new schema with a name of its own.
    """
    for pointer, message, hint in replayed["refused"]:
        yield Break(pointer, message, hint)


def _content(change: Change) -> Iterator[tuple[Pointer, bool]]:
    old, new = _without_free(change.old), _without_free(change.new)
    yield from places(old, new)


def _without_free(agent: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in agent.items() if key not in FREE and key != "version"}


def _is_told(place: Pointer, told: tuple[Pointer, ...]) -> bool:
    return any(place[: len(one)] == one or one[: len(place)] == place for one in told if one)


def _counted(changed: list[tuple[Pointer, bool]]) -> str:
    names = [f"`{'.'.join(map(str, pointer))}`" if pointer else "its keys" for pointer, _ in changed[:_MOST]]
    more = f" and {len(changed) - _MOST} more" if len(changed) > _MOST else ""
    return f"{', '.join(names)}{more} {'has' if len(changed) == 1 and changed[0][0] else 'have'} changed"


def _raised(version: Version | None, changed: list[tuple[Pointer, bool]]) -> str:
    if version is None:
        return "raise the version"
    if any(pointer[:1] == ("schema_config",) for pointer, _ in changed):
        return f'write version "{version.major}.{version.minor + 1}.0"'
    return f'write version "{version.major}.{version.minor}.{version.patch + 1}"'
