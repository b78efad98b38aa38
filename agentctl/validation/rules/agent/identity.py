"""Rules for agent configurations (guide 3): version, id, model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agentctl.documents.words import nearest, shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, number, rule, table

_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?"
    r"(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?"
)
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*-v(\d+)")
_ID_NUMBER = re.compile(r"[-_]v(\d+)(?![\d.])")
# The least and the most of each parameter; None where only the one end is bounded.
_PARAMETERS: dict[str, tuple[float | None, float | None]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (1, None),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_tokens": (1, None),
    "max_output_tokens": (1, None),
    "context_window": (1, None),
    "max_retries": (0, None),
}


@rule("agent-version", "agent")
def semantic_version(agent: Any) -> Iterator[Break]:
    """The version is a semantic one.

    Callers pin a version and compare versions; `latest` names whatever was there last, so that nobody can say what ran
    (guide 3, Versioning Strategy).

    Write MAJOR.MINOR.PATCH: raise the major for a breaking change, the minor for a new feature, the patch for a mend.
    """
    version = table(agent).get("version")
    if isinstance(version, str) and not _SEMVER.fullmatch(version):
        yield Break(("version",), f"version {shown(version)} is not semantic", _suggested_version(version))


def _suggested_version(version: str) -> str:
    parts = re.fullmatch(r"[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?", version.strip())
    if parts is None:
        return 'write MAJOR.MINOR.PATCH, such as "1.0.0"'
    return f'write "{int(parts[1])}.{int(parts[2] or 0)}.{int(parts[3] or 0)}"'


@rule("agent-id", "agent", severity=Severity.ADVICE)
def agent_id_form(agent: Any) -> Iterator[Break]:
    """The agent's id has the form type-variant-vN.

    An id that carries its major version lets the old and the new one run beside each other while traffic moves over
    (guide 3, Version Naming Convention).

    Name it such as `interview-strict-v1`: lower case, words joined by `-`, and the major version at the end.
    """
    name = table(agent).get("agent_id")
    if isinstance(name, str) and name and not _ID.fullmatch(name):
        hint = f"such as {_suggested_id(name, table(agent).get('version'))}"
        yield Break(("agent_id",), f"agent_id {shown(name)} has not the form type-variant-vN", hint)


def _suggested_id(name: str, version: Any) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "-", name).lower().strip("-")
    stem = re.sub(r"-v?\d+(-\d+)*$", "", words) or "agent"
    major = version.partition(".")[0] if isinstance(version, str) and _SEMVER.fullmatch(version) else "1"
    told = _ID_NUMBER.search(name.lower())
    return f"{stem}-v{told[1] if told else major}"


@rule("agent-id-version", "agent")
def agent_id_agrees(agent: Any) -> Iterator[Break]:
    """The number in the agent's id is its major version.

    `sales-v1` at version 2.0.0 tells half of its readers the wrong thing, and a breaking change without a new id takes
    the old version away from those who pinned it (guide 3, Configuration Immutability).

    For a breaking change make a new file with a new id (`sales-v2`); else correct whichever of the two is wrong.
    """
    name, version = table(agent).get("agent_id"), table(agent).get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        return
    told, major = _ID_NUMBER.search(name), _SEMVER.fullmatch(version)
    if told and major and int(told[1]) != int(major[1]):
        message = f"agent_id {shown(name)} says v{int(told[1])}, but version is {shown(version)}"
        yield Break(("agent_id",), message, f"end it in -v{major[1]}, or give the version that the id names")


@rule("model-parameter", "agent")
def model_parameters(agent: Any) -> Iterator[Break]:
    """Model parameters lie where the model takes them.

    A temperature beyond 2 is refused by the provider at the first call, in production, and not when the configuration
    is released (guide 3, Configuration Validation: at most 2.0; the other bounds are the providers' own).

    Give a value within the bounds that the message names.
    """
    for name, (least, most) in _PARAMETERS.items():
        value = number(table(agent, "llm_config").get(name))
        if value is not None and ((least is not None and value < least) or (most is not None and value > most)):
            wanted = f"between {least} and {most}" if most is not None else f"at least {least}"
            yield Break(("llm_config", name), f"{name} is {shown(value)}; it must be {wanted}")


@rule("model-named", "agent")
def model_named(agent: Any) -> Iterator[Break]:
    """Provider and model are named.

    What the code falls back to when a configuration does not say is nobody's decision, and changes with the library
    (guide 3, Production Deployment: the model is logged and counted by name).

    Write both, such as `provider: openai` and `model: gpt-4o-mini`.
    """
    llm = table(agent).get("llm_config")
    for name in ("provider", "model") if isinstance(llm, dict) else ():
        value = llm.get(name) if isinstance(llm, dict) else None
        if name not in table(llm):
            near = nearest(name, [key for key in table(llm) if key not in {"provider", "model"}], cutoff=0.75)
            if near is None:
                yield Break(("llm_config",), f"`llm_config` names no {name}", f"add `{name}`", at_key=True)
        elif isinstance(value, str) and not value.strip():
            yield Break(("llm_config", name), f"`{name}` is blank", f"name the {name}")


@rule("model-unpinned", "agent", severity=Severity.ADVICE)
def model_unpinned(agent: Any) -> Iterator[Break]:
    """The model is not a moving target.

    A name that ends in `latest` changes its answers from one day to the next without any change here.

    Name a dated or numbered model.
    """
    model = table(agent, "llm_config").get("model")
    if isinstance(model, str) and re.search(r"(^|[-:@])latest$", model):
        yield Break(("llm_config", "model"), f"model {shown(model)} changes without notice", "name a dated model")
