"""Rules for what an agent's configuration refers to (guide 3): tiers, permissions, roles, flags, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import nearest, shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, entries, number, rule, table

# The permissions of guide 3 (Access Control), for a configuration that lists none of its own.
PERMISSIONS = ("create_agent", "update_agent", "delete_agent", "view_agent")
_PLACEHOLDER = re.compile(r"(?<![{$])\{([A-Za-z_]\w*)\}(?!\})|\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_PROMPTS = ("system_prompt", "user_prompt", "template")
_MANY = 8  # names that a hint still lists


@rule("tenant-tier", "agent")
def tenant_tier(agent: Any) -> Iterator[Break]:
    """The tenant's tier is one that has quotas.

    A tier without quotas ends in a `KeyError` at the tenant's first request, or in no limit at all (guide 3, Resource
    Quotas).

    Name a tier of `quotas`, or give the tier its limits there.
    """
    tier, quotas = table(agent, "tenant_config").get("tier"), table(agent, "quotas")
    if quotas and isinstance(tier, str) and tier not in quotas:
        yield _unknown(("tenant_config", "tier"), "tier", tier, list(quotas), "quotas")


@rule("session-quota", "agent", severity=Severity.WARNING)
def session_quota(agent: Any) -> Iterator[Break]:
    """The agent allows no more sessions at once than the tenant's tier does.

    The smaller of the two holds: what the agent promises beyond the quota ends in refusals (guide 3, Resource Quotas).

    Lower `session_config.max_concurrent`, or raise `max_sessions` of the tier.
    """
    tier = table(agent, "tenant_config").get("tier")
    quota = number(table(agent, "quotas", tier).get("max_sessions")) if isinstance(tier, str) else None
    asked = number(table(agent, "session_config").get("max_concurrent"))
    if quota is not None and asked is not None and asked > quota:
        message = f"max_concurrent is {shown(asked)}, but the tier {tier} has {shown(quota)} sessions"
        yield Break(("session_config", "max_concurrent"), message, f"lower it to {shown(quota)}, or raise the quota")


@rule("permission-unknown", "agent")
def permission_known(agent: Any) -> Iterator[Break]:
    """A permission that is granted or asked for is one that exists.

    A misspelt permission is granted to nobody or checked by nobody: a door that stays shut, or open (guide 3, Access
    Control).

    Write it as `permissions` lists it. Without such a list those of guide 3 are known: `create_agent`, `update_agent`,
    `delete_agent`, `view_agent`, and only what looks like one of them misspelt is reported.
    """
    listed = _names(table(agent).get("permissions"))
    for pointer, name in _permissions(agent):
        if listed and name not in listed:
            yield _unknown(pointer, "permission", name, listed, "permissions")
        elif not listed and name not in PERMISSIONS:
            near = nearest(name, PERMISSIONS, cutoff=0.85)
            if near:
                message = f"unknown permission {shown(name)}, did you mean {shown(near)}?"
                yield Break(pointer, message, f"write {shown(near)}, or list your own under `permissions`")


@rule("role-unknown", "agent")
def role_known(agent: Any) -> Iterator[Break]:
    """A role that is referred to is one that exists.

    Whoever has only a role that `roles` does not define has no permission at all, and what inherits from it inherits
    nothing (guide 3, Access Control).

    Write it as `roles` defines it, or define it there.
    """
    known = _names(table(agent).get("roles"))
    for pointer, name in _roles(agent) if known else ():
        if name not in known:
            yield _unknown(pointer, "role", name, known, "roles")


@rule("flag-unknown", "agent")
def flag_known(agent: Any) -> Iterator[Break]:
    """A feature flag that is asked for is one that exists.

    A flag that is not there reads as off: the feature never starts, and nobody is told (guide 3, Feature Flags).

    Write it as `feature_flags` names it, or add it there.
    """
    known = _names(table(agent).get("feature_flags"))
    for pointer, name in _flags(agent):
        if name not in known:
            yield _unknown(pointer, "feature flag", name, known, "feature_flags")


@rule("prompt-variable", "agent", severity=Severity.WARNING)
def prompt_variable(agent: Any) -> Iterator[Break]:
    """A placeholder in a prompt is a variable that is declared.

    What is not filled in goes to the model as it stands, braces and all, or ends the request with a `KeyError`.

    Declare it under `prompt_config.variables`, or mend its name. Only a prompt that declares variables is looked at.
    """
    prompt = table(agent, "prompt_config")
    known = _names(prompt.get("variables"))
    for key in _PROMPTS if known else ():
        text = prompt.get(key)
        placeholders = [one[0] or one[1] for one in _PLACEHOLDER.findall(text)] if isinstance(text, str) else []
        for name in dict.fromkeys(placeholders):
            if name not in known:
                yield _unknown(("prompt_config", key), "placeholder", name, known, "variables")


@rule("field-speech", "agent", severity=Severity.WARNING)
def field_speech(agent: Any) -> Iterator[Break]:
    """What is said aloud has a voice.

    A field with `use_in_tts` goes to the speech output and nowhere else; without one it is made and thrown away (guide
    3, Field Organization).

    Add `tts_config`, or write `use_in_tts: false`.
    """
    if "tts_config" in table(agent):
        return
    for pointer, field in entries(agent, "schema_config", "fields"):
        if table(field, "metadata").get("use_in_tts") is True:
            name = shown(field.get("field_name"))
            place = (*pointer, "metadata", "use_in_tts")
            yield Break(place, f"field {name} is for the speech output, and there is no `tts_config`", "add one")


@rule("field-category", "agent", severity=Severity.WARNING)
def field_category(agent: Any) -> Iterator[Break]:
    """A field's category agrees with whether it is hidden.

    `hidden` keeps a field on the server, `output` promises it to the user: one of the two is wrong, and if it is
    `hidden`, an internal assessment reaches the user (guide 3, Field Organization).

    Give an internal field `hidden: true`, and what the user sees `category: output` without it.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        about = table(field, "metadata")
        place, name = (*pointer, "metadata", "hidden"), shown(field.get("field_name"))
        if about.get("category") == "output" and about.get("hidden") is True:
            yield Break(place, f"field {name} is hidden, but its category is output", "remove one of the two")
        elif about.get("category") == "internal" and about.get("hidden") is False:
            yield Break(place, f"field {name} is internal, but not hidden", "write `hidden: true`")


@rule("tool-twice", "agent")
def tool_twice(agent: Any) -> Iterator[Break]:
    """No tool is named twice.

    The model calls a tool by its name; of two, one is never called, or the provider refuses the request.

    Rename one of them, or remove it.
    """
    seen: set[str] = set()
    tools = table(agent).get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list) else []):
        name = tool.get("name") if isinstance(tool, dict) else tool
        if isinstance(name, str) and name in seen:
            place: Pointer = ("tools", index, "name") if isinstance(tool, dict) else ("tools", index)
            yield Break(place, f"tool {shown(name)} is there already", "rename it, or remove it")
        elif isinstance(name, str):
            seen.add(name)


def _unknown(pointer: Pointer, noun: str, name: str, known: list[str], where: str) -> Break:
    near = nearest(name, known)
    message = f"unknown {noun} {shown(name)}" + (f", did you mean {shown(near)}?" if near else "")
    if near:
        return Break(pointer, message, f"write {near}, or add {name} to `{where}`")
    listed = f"`{where}` has {', '.join(known[:_MANY])}" if known else f"there are no `{where}`"
    return Break(pointer, message, f"{listed}; add {name} there")


def _names(value: Any) -> list[str]:
    """Return the names that a mapping has as keys, or a list as items (texts, or mappings with a name)."""
    if isinstance(value, dict):
        return list(value)
    items = value if isinstance(value, list) else []
    return [name for item in items if isinstance(name := item.get("name") if isinstance(item, dict) else item, str)]


def _listed(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, str):
            yield (*pointer, index), item


def _permissions(agent: Any) -> Iterator[tuple[Pointer, str]]:
    for name, role in table(agent, "roles").items():
        place: Pointer = ("roles", name)
        if isinstance(role, dict):
            yield from _listed(role.get("permissions"), (*place, "permissions"))
        else:
            yield from _listed(role, place)
    for pointer, tool in entries(agent, "tools"):
        yield from _listed(tool.get("permissions"), (*pointer, "permissions"))
    asked = table(agent, "security_config").get("required_permissions")
    yield from _listed(asked, ("security_config", "required_permissions"))


def _roles(agent: Any) -> Iterator[tuple[Pointer, str]]:
    for name, role in table(agent, "roles").items():
        yield from _listed(table(role).get("inherits"), ("roles", name, "inherits"))
    for pointer, tool in entries(agent, "tools"):
        yield from _listed(tool.get("roles"), (*pointer, "roles"))
    yield from _listed(table(agent, "security_config").get("allowed_roles"), ("security_config", "allowed_roles"))


def _flags(agent: Any) -> Iterator[tuple[Pointer, str]]:
    for pointer, tool in entries(agent, "tools"):
        yield from _flag(pointer, tool)
    for name, experiment in table(agent, "experiments").items():
        yield from _flag(("experiments", name), table(experiment))
    for pointer, experiment in entries(agent, "experiments"):
        yield from _flag(pointer, experiment)


def _flag(pointer: Pointer, holder: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    name = holder.get("feature_flag")
    if isinstance(name, str):
        yield (*pointer, "feature_flag"), name
