"""Which kinds of agent there are: the folders of ``templates/`` are the registry, ``base`` is under each of them.

What can be chosen lies in ``templates/options/<option>/<value>/``: a layer for each value, laid over the kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentctl import resources
from agentctl.documents.words import nearest
from agentctl.errors import AgentctlError, UsageError

BASE = "base"
CONTEXT = "cookiecutter.json"
OPTIONS = "options"
PARTS = "templates"  # where cookiecutter looks for what a template includes
_IMPORTED = re.compile(
    r"""^[ \t]*(?:from[ ]+([A-Za-z_]\w*)[\w.]*[ ]+import\b
    |import[ ]+([A-Za-z_]\w*)[\w.]*(?:[ ]+as[ ]+\w+)?[ ]*(?:$|[,\#]))""",
    re.MULTILINE | re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One template folder.

    Attributes:
        name: The folder's name.
        path: The folder that holds ``cookiecutter.json``.
        of_option: Whether it is a value of an option, named ``option/value``.
        variables: The public variables and their defaults: text, itself a template, or a list of choices.
        private: The keys with a leading underscore, which are instructions to cookiecutter and to us:
            ``_layers`` names the layers between the base and this one, lowest first; a value of an option may say
            ``_default``, ``_kinds`` (all without it), ``_layers`` (values of the same option that it lies over) and
            ``_removes`` (globs of files of lower layers).
    """

    name: str
    path: Path
    of_option: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)

    @property
    def description(self) -> str:
        """One line about the layer (``_description``)."""
        return str(self.private.get("_description", ""))

    @property
    def is_default(self) -> bool:
        """Whether it is taken when nothing is chosen (``_default``)."""
        return bool(self.private.get("_default", False))

    @property
    def value(self) -> str:
        """What is chosen to have it: the last part of its name."""
        return self.name.rpartition("/")[2]

    @property
    def root(self) -> Path | None:
        """The folder of the project's files; None when the layer has none."""
        return next((folder for folder in sorted(self.path.iterdir()) if _is_root(folder)), None)

    @property
    def root_name(self) -> str:
        """The name of that folder; empty without one."""
        return self.root.name if self.root else ""

    @property
    def parts(self) -> Path | None:
        """The folder of what files of any layer may include; None when the layer has none."""
        return self.path / PARTS if (self.path / PARTS).is_dir() else None

    @property
    def kept(self) -> Layer:
        """The layer when it is not chosen itself and another value lies over it: it takes nothing away."""
        return replace(self, private={key: value for key, value in self.private.items() if key != "_removes"})

    @property
    def delimiters(self) -> tuple[str, ...]:
        """What opens a variable, a block and a comment in the layer's files."""
        syntax = self.private.get("_jinja2_env_vars", {})
        defaults = {"variable_start_string": "{{", "block_start_string": "{%", "comment_start_string": "{#"}
        return tuple(str(syntax.get(key, default)) for key, default in defaults.items())


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of agent.

    Attributes:
        name: What ``--kind`` takes.
        layers: What it is rendered from in any case, lowest first.
        options: The layers to choose from by option, the default first.
        origin: Where others' templates came from; empty for ours.
        ordinary: Whether it is a cookiecutter template like any other, which follows none of our conventions.
        trusted: Whether code of it may run: its hooks, its extensions.
    """

    name: str
    layers: tuple[Layer, ...]
    options: Mapping[str, tuple[Layer, ...]] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    ordinary: bool = False
    trusted: bool = False

    @property
    def description(self) -> str:
        """One line about the kind."""
        return self.layers[-1].description

    @property
    def is_default(self) -> bool:
        """Whether it is taken when no kind is named (``_default``)."""
        return self.layers[-1].is_default

    @property
    def variables(self) -> dict[str, Any]:
        """The public variables of all layers and their defaults, upper layers winning; options have their choices."""
        own = {key: default for layer in self.layers for key, default in layer.variables.items()}
        return own | {option: [layer.value for layer in layers] for option, layers in self.options.items()}

    def chosen(self, values: Mapping[str, str]) -> tuple[Layer, ...]:
        """Return the layers that these values choose, lowest first."""
        found = list(self.layers)
        for option, layers in self.options.items():
            by_value = {layer.value: layer for layer in layers}
            layer = by_value[values[option]]
            found += [*(by_value[name].kept for name in layer.private.get("_layers", ())), layer]
        return tuple(found)

    def taken(self) -> set[str]:
        """Return the names that a package may not have: what the templates import, and what lies in their root."""
        layers = (*self.layers, *(layer for choices in self.options.values() for layer in choices))
        roots = [layer.root for layer in layers if layer.root is not None]
        beside = {entry.name.partition(".")[0].lower() for root in roots for entry in root.iterdir()}
        sources = (path for root in roots for path in root.rglob("*.py") if path.is_file())
        texts = (path.read_text("utf-8", "replace") for path in sources)
        imported = {name for text in texts for pair in _IMPORTED.findall(text) for name in pair}
        return {name for name in beside | imported | {"agentctl"} if name.isidentifier()}


def known(templates: Path | None = None) -> tuple[Kind, ...]:
    """Return the kinds by name.

    Raises:
        AgentctlError: A layer's ``cookiecutter.json`` cannot be read, or there is no kind at all.
    """
    folder = resources.templates() if templates is None else templates
    layers, choices = _registry(folder)
    kinds = tuple(_kind(layer, layers, choices) for layer in layers.values() if layer.name != BASE)
    if not kinds:
        raise AgentctlError(f"{folder}: there are no templates", hint="install agentctl again")
    return kinds


def find(name: str | None, templates: Path | None = None) -> Kind:
    """Return the kind of that name; when none is named the one that says ``_default``, else the first one.

    Raises:
        UsageError: There is no such kind.
    """
    kinds = {kind.name: kind for kind in known(templates)}
    if name is None:
        return max(kinds.values(), key=lambda kind: kind.is_default)  # the first of equal ones
    if name in kinds:
        return kinds[name]
    raise UsageError(f"--kind: there is no kind {name!r}", hint=f"{meant(name, kinds)}known kinds: {', '.join(kinds)}")


def meant(word: str, choices: Iterable[str]) -> str:
    """Return the question whether the nearest choice was meant, ready to stand before the list; empty without one."""
    near = nearest(word, choices)
    return f"did you mean {near!r}? " if near else ""


def over_ours(top: Layer) -> Kind:
    """Return the kind that lies over layers of ours: those that its ``_layers`` name, and base."""
    layers, choices = _registry(resources.templates())
    return _kind(top, layers, choices)


def read(folder: Path, *, of_option: bool = False) -> Layer:
    """Return the layer that a folder holds.

    Raises:
        AgentctlError: Its ``cookiecutter.json`` cannot be read.
    """
    file = folder / CONTEXT
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        variables = {key: value for key, value in values.items() if not key.startswith("_")}
    except (OSError, ValueError, AttributeError) as error:
        raise AgentctlError(f"{file}: cannot be read: {error}", hint="install agentctl again, or report it") from error
    private = {key: value for key, value in values.items() if key.startswith("_")}
    name = f"{folder.parent.name}/{folder.name}" if of_option else folder.name
    return Layer(name=name, path=folder, of_option=of_option, variables=variables, private=private)


def _registry(templates: Path) -> tuple[dict[str, Layer], list[Layer]]:
    """Return the layers by name, and the values of all options."""
    layers = [read(path.parent) for path in sorted(templates.glob(f"*/{CONTEXT}"))]
    choices = [read(path.parent, of_option=True) for path in sorted(templates.glob(f"{OPTIONS}/*/*/{CONTEXT}"))]
    return {layer.name: layer for layer in layers}, choices


def _kind(top: Layer, named: Mapping[str, Layer], choices: Iterable[Layer]) -> Kind:
    layers = _stack(top, named)
    return Kind(name=top.name, layers=layers, options=_options({layer.name for layer in layers}, choices))


def _options(kinds: set[str], choices: Iterable[Layer]) -> dict[str, tuple[Layer, ...]]:
    """Return the choices of a kind by option, the default first; an option that takes files away lies over others.

    ``kinds`` are the names of the kind and of the layers that it lies over: it has their choices, too.
    """
    found: dict[str, list[Layer]] = {}
    for layer in choices:
        if kinds & set(layer.private.get("_kinds", kinds)):
            found.setdefault(layer.name.partition("/")[0], []).append(layer)
    for layers in found.values():
        layers.sort(key=lambda layer: not layer.is_default)
        _require_below(layers)
    removing = sorted(found, key=lambda option: any("_removes" in layer.private for layer in found[option]))
    return {option: tuple(found[option]) for option in removing}


def _require_below(layers: Iterable[Layer]) -> None:
    values = [layer.value for layer in layers]
    for layer in layers:
        for name in set(layer.private.get("_layers", ())) - set(values):
            raise AgentctlError(f"{layer.path / CONTEXT}: the layer {name!r} is not there", hint="mend its _layers")


def _stack(top: Layer, named: Mapping[str, Layer], above: tuple[str, ...] = ()) -> tuple[Layer, ...]:
    """Return the layers that ``top`` lies over, lowest first, and itself; ``_layers`` names those above the base."""
    below = [BASE] if BASE in named and top.name != BASE else []
    found: dict[str, Layer] = {}
    for name in (*below, *top.private.get("_layers", ())):
        if name not in named or name in (*above, top.name):
            why = "lies over itself" if name in named else "is not there"
            raise AgentctlError(f"{top.path / CONTEXT}: the layer {name!r} {why}", hint="mend its _layers")
        found |= {layer.name: layer for layer in _stack(named[name], named, (*above, top.name))}
    return (*found.values(), top)


def _is_root(folder: Path) -> bool:
    return folder.is_dir() and "cookiecutter." in folder.name
