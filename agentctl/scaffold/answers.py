"""The answers that a template is rendered with: from flags, a file or a prompt, each checked on its own."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentctl import __version__
from agentctl.errors import UsageError
from agentctl.scaffold import external, origin
from agentctl.scaffold.kinds import Kind, meant
from agentctl.scaffold.names import Names

LONGEST = 200
FLAGS = ("description", "author", "python_version", "agentctl_source", "licence", "store", "cache", "ci", "deploy")
"""The keys that have a flag of their own; every other is given with ``--answer KEY=VALUE``."""
YES_NO = ("yes", "no")
_PYTHON = re.compile(r"3\.(1[1-9]|[2-9]\d)")
_SOURCE = re.compile(r"[A-Za-z0-9./][A-Za-z0-9._~:/@+=<>!,\[\]&?%# -]*")


@dataclass(frozen=True, kw_only=True)
class Option:
    """A question that a kind asks.

    Attributes:
        key: Its name in an answers file; the flag is the same with hyphens.
        default: What it is without an answer; may be a template over the other answers.
        choices: The only answers allowed; empty for free text.
        asked: Whether it is asked for on a terminal.
    """

    key: str
    default: str
    choices: tuple[str, ...] = ()
    asked: bool = True

    @property
    def flag(self) -> str:
        """The option on the command line; those of others' templates have none of their own."""
        return "--" + self.key.replace("_", "-") if self.key in FLAGS else f"--answer {self.key}=…"


_FREE = {"description": True, "author": True, "python_version": True, "agentctl_source": False}


def options(kind: Kind) -> tuple[Option, ...]:
    """Return what may be answered for a kind: the known free texts, and every variable that has choices."""
    if kind.ordinary:
        named = external.name_key(kind)
        asked = {key: default for key, default in kind.variables.items() if not isinstance(default, dict)}
        return tuple(_foreign(key, default, asked=key != named) for key, default in asked.items())
    return tuple(
        _option(key, default) for key, default in kind.variables.items() if key in _FREE or isinstance(default, list)
    )


def read(path: Path) -> dict[str, Any]:
    """Read an answers file: YAML, JSON or TOML by its suffix.

    Raises:
        UsageError: It cannot be read, or holds no mapping.
    """
    parse = _PARSERS.get(path.suffix.lower())
    if parse is None:
        raise UsageError(f"--answers {path}: not a known format", hint="use a .yaml, .yml, .json or .toml file")
    try:
        values = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--answers {path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--answers {path}: cannot be read: {error}", hint="mend the file") from error
    if not isinstance(values, dict):
        raise UsageError(f"--answers {path}: not a mapping", hint="write one 'key: value' for each answer")
    return {str(key): value for key, value in values.items()}


def only_known(values: Mapping[str, Any], kind: Kind, source: str) -> None:
    """Refuse keys that no question has.

    Raises:
        UsageError: Naming the key and the nearest known one.
    """
    keys = ("name", "kind", *(option.key for option in options(kind)))
    for key in values:
        if key not in keys:
            hint = f"{meant(key, keys)}known answers: {', '.join(keys)}"
            raise UsageError(f"{source}: unknown answer {key!r}", hint=hint)


def checked(option: Option, value: object, kind: Kind) -> str:
    """Return the answer as text.

    Raises:
        UsageError: It is none that the option takes.
    """
    if isinstance(value, float | int) and not isinstance(value, bool) and option.key == "python_version":
        value = str(value)  # unquoted in YAML
    if isinstance(value, bool) and option.choices == YES_NO:
        value = YES_NO[not value]
    if not isinstance(value, str):
        raise UsageError(f"{option.flag}: {value!r} is not text", hint="put it in quotes")
    text = value.strip()
    text = next((choice for choice in option.choices if choice.casefold() == text.casefold()), text)
    problem = _not_a_choice(option, text) if option.choices else _unfit(option, text, kind)
    if problem:
        raise UsageError(f"{option.flag}: {problem[0]}", hint=problem[1])
    return text


def complete(kind: Kind, names: Names, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a value for every public variable of the kind's templates: given, ours, or the rendered default."""
    if kind.ordinary:
        return external.values(kind, names.name, given)
    ours = {
        "name": names.name,
        "slug": names.slug,
        "package": names.package,
        "year": str(datetime.now(UTC).year),
        "agentctl_version": __version__,
        **({"agentctl_source": origin.requirement()} if "agentctl_source" in kind.variables else {}),
        **given,
    }
    values: dict[str, str] = dict(ours)
    for key, default in kind.variables.items():
        if key not in ours:
            values[key] = default[0] if isinstance(default, list) else _rendered(kind, str(default), values)
    return values


def written(value: object) -> str:
    """Return a value as it would be typed."""
    if isinstance(value, bool):
        return YES_NO[not value]
    return "" if value is None else str(value)


def shown(option: Option, kind: Kind) -> str:
    """Return the option's default for a person, without rendering it: the other answers by name in capitals."""
    syntax = kind.layers[-1].private.get("_jinja2_env_vars", {})
    opening, closing = syntax.get("variable_start_string", "{{"), syntax.get("variable_end_string", "}}")
    variable = rf"{re.escape(opening)}\s*cookiecutter\.(\w+).*?{re.escape(closing)}"
    return re.sub(variable, lambda match: match.group(1).upper(), option.default)


def _foreign(key: str, default: Any, *, asked: bool) -> Option:
    """Return the question of an ordinary template: any text, a choice, or yes and no."""
    if isinstance(default, bool):
        return Option(key=key, default=written(default), choices=YES_NO, asked=asked)
    if isinstance(default, list):
        return Option(key=key, default=str(default[0]), choices=tuple(map(str, default)), asked=asked)
    return Option(key=key, default=written(default), asked=asked)


def _option(key: str, default: Any) -> Option:
    if isinstance(default, list):
        return Option(key=key, default=str(default[0]), choices=tuple(map(str, default)))
    return Option(key=key, default=str(default), asked=_FREE[key])


def _rendered(kind: Kind, default: str, values: Mapping[str, str]) -> str:
    if not any(opening in default for layer in kind.layers for opening in layer.delimiters):
        return default
    from agentctl.scaffold import rendering

    return rendering.text(kind, default, values)


def _not_a_choice(option: Option, text: str) -> tuple[str, str] | None:
    if text in option.choices:
        return None
    hint = f"{meant(text, option.choices)}choose one of {', '.join(option.choices)}"
    return f"{text!r} is not one of its choices", hint


def _unfit(option: Option, text: str, kind: Kind) -> tuple[str, str] | None:
    if kind.ordinary:
        return None if text.isprintable() else ("has a line break or a control character", "write it in one line")
    rule = _RULES.get(option.key)
    return _unfit_text(text, kind) or (rule(text) if rule else None)


def _unfit_text(text: str, kind: Kind) -> tuple[str, str] | None:
    openings = {opening for layer in kind.layers for opening in layer.delimiters}
    bad = next((part for part in ('"', "\\", *sorted(openings)) if part in text), None)
    rules = (
        (not text, "is empty", "leave the option out to take its default"),
        (len(text) > LONGEST, f"has {len(text)} characters, more than {LONGEST}", "shorten it"),
        (not text.isprintable(), "has a line break or a control character", "write it in one line"),
        (bad is not None, f"has {bad}, which the generated files cannot hold", "use other characters"),
    )
    return next(((words, hint) for broken, words, hint in rules if broken), None)


def _python_version(text: str) -> tuple[str, str] | None:
    if _PYTHON.fullmatch(text):
        return None
    return f"{text!r} is not a Python version from 3.11 on", "for example 3.12; in YAML put it in quotes"


def _source(text: str) -> tuple[str, str] | None:
    if _SOURCE.fullmatch(text):
        return None
    return f"{text!r} is not a requirement", f"for example {origin.WHEEL} or git+https://…@COMMIT"


_RULES: dict[str, Callable[[str], tuple[str, str] | None]] = {
    "python_version": _python_version,
    "agentctl_source": _source,
}


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


_PARSERS: dict[str, Callable[[str], Any]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": json.loads,
    ".toml": tomllib.loads,
}
