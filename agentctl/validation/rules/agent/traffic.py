"""Rules for how traffic is shared out (guide 3): experiments, rollouts, and the agents that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isclose
from pathlib import PurePosixPath
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import nearest, shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, number, rule, table

_WHOLES = (1, 100)
_ALL = 100
_PAIR = ("variant_a", "variant_b")


@rule("experiment-split", "agent")
def experiment_split(agent: Any) -> Iterator[Break]:
    """An experiment has two variants at least, and their shares add up.

    Shares below the whole leave users without a variant, shares above it starve the last one, and one variant alone
    compares nothing (guide 3, A/B Testing Framework).

    Give `variant_a`, `variant_b` and a `traffic_split` between 0 and 1; or `variants` whose weights add up to 1 or 100.
    """
    for pointer, experiment in _experiments(agent):
        agents = [experiment.get(key) for key in _PAIR if key in experiment]
        if "variants" in experiment:
            yield from _uneven(experiment, (*pointer, "variants"))
        elif any(nearest(key, _PAIR, cutoff=0.8) for key in experiment.keys() - {*_PAIR}):
            continue  # a misspelt key, which the schema tells
        elif len(agents) != len(set(map(str, agents))):
            yield Break((*pointer, "variant_b"), "both variants are the same agent", "name another")
        elif len(agents) == 1:
            yield Break(pointer, "an experiment with one variant compares nothing", "add the other", at_key=True)
        elif not agents:
            yield Break(pointer, "an experiment without variants compares nothing", "add `variants`", at_key=True)


def _uneven(experiment: Mapping[str, Any], place: Pointer) -> Iterator[Break]:
    shares = _shares(experiment)  # without any the code shares evenly
    total = sum(shares)
    if shares and not any(isclose(total, whole, abs_tol=1e-6) for whole in _WHOLES):
        listed = " + ".join(shown(share) for share in shares)
        yield Break(place, f"the shares add up to {total:g} ({listed})", "let them add up to 1 or 100", at_key=True)
    elif len(list(_pairs(experiment.get("variants")))) == 1:
        yield Break(place, "an experiment with one variant compares nothing", "add the other", at_key=True)


def _shares(experiment: Mapping[str, Any]) -> list[float]:
    items = (item for _, item in _pairs(experiment.get("variants")))
    given = [number(item.get("weight") if isinstance(item, dict) else item) for item in items]
    return [share for share in given if share is not None]


@rule("experiment-variant", "agent", together=True)
def experiment_variant(documents: Mapping[str, Any]) -> Iterator[tuple[str, Break]]:
    """A variant of an experiment is an agent that exists.

    Users who fall to a variant that is not there get an error, and only they, which nobody sees in a test (guide 3, A/B
    Testing Framework).

    Name the `agent_id` of a configuration in the same folder. A configuration that stands alone is not judged.
    """
    known = _agents(documents)
    for path, agent in documents.items() if len(known) > 1 else ():
        for pointer, name in _variants(agent):
            if name not in known:
                yield path, _no_agent(pointer, "variant", name, known)


@rule("rollout-previous", "agent", together=True)
def rollout_previous(documents: Mapping[str, Any]) -> Iterator[tuple[str, Break]]:
    """The version that traffic moves away from exists, and is another one.

    The way back leads to `previous`: when it is missing, a canary that goes wrong cannot be taken back (guide 3,
    Blue-Green Deployment).

    Name the `agent_id` of the version before, and keep its file until the new one has all the traffic.
    """
    known = _agents(documents)
    for path, agent in documents.items():
        name, place = table(agent, "rollout").get("previous"), ("rollout", "previous")
        if not isinstance(name, str):
            continue
        if name == table(agent).get("agent_id"):
            yield path, Break(place, f"{shown(name)} is this agent itself", "name the version before")
        elif len(known) > 1 and name not in known:
            yield path, _no_agent(place, "agent", name, known)


@rule("rollout-steps", "agent")
def rollout_steps(agent: Any) -> Iterator[Break]:
    """The steps of a rollout rise to 100, and the present share is one of them.

    A ramp that falls takes users back and forth; one that ends below 100 leaves the old version running for ever (guide
    3, Blue-Green Deployment: 10, 20, 50, 100).

    Write rising steps that end in 100, such as `[10, 20, 50, 100]`, and go from one to the next.
    """
    rollout = table(agent, "rollout")
    steps = rollout.get("steps")
    numbers = [one for one in steps if number(one) is not None] if isinstance(steps, list) else []
    if not numbers:
        return
    place = ("rollout", "steps")
    if numbers != sorted(set(numbers)):
        yield Break(place, "the steps do not rise", "order them, each once", at_key=True)
    elif numbers[-1] != _ALL:
        yield Break(place, f"the last step is {shown(numbers[-1])}, not 100", "end with 100", at_key=True)
    share = number(rollout.get("percentage"))
    if share is not None and share not in (0, *numbers):
        message = f"percentage {shown(share)} is none of the steps"
        yield Break(("rollout", "percentage"), message, "go by the steps", severity=Severity.WARNING)


@rule("rollout-disabled", "agent", severity=Severity.WARNING)
def rollout_disabled(agent: Any) -> Iterator[Break]:
    """An agent that takes traffic is enabled.

    `enabled: false` with a share of the traffic sends that share of the users to an agent that refuses them (guide 3,
    Blue-Green Deployment).

    Set `enabled: true`, or the percentage to 0.
    """
    share = number(table(agent, "rollout").get("percentage"))
    if table(agent).get("enabled") is False and share:
        message = f"the agent is disabled, but {shown(share)} % of the traffic goes to it"
        yield Break(("rollout", "percentage"), message, "set `enabled: true`, or the percentage to 0")


@rule("agent-id-twice", "agent", together=True)
def agent_id_twice(documents: Mapping[str, Any]) -> Iterator[tuple[str, Break]]:
    """No two configurations in a folder are the same version of the same agent.

    Which of the two is loaded depends on the order of the files; the other is edited, reviewed and never read (guide 3,
    Configuration Immutability).

    Raise the version of one, or remove it.
    """
    seen: dict[tuple[str, str], str] = {}
    for path, agent in documents.items():
        name, version = table(agent).get("agent_id"), table(agent).get("version")
        if not isinstance(name, str) or not isinstance(version, str):
            continue
        first = seen.setdefault((name, version), path)
        if first != path:
            message = f"{shown(name)} {version} is in {PurePosixPath(first).name} already"
            yield path, Break(("agent_id",), message, "raise the version of one, or remove it")


def _experiments(agent: Any) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    for key, experiment in _pairs(table(agent).get("experiments")):
        if isinstance(experiment, dict):
            yield ("experiments", key), experiment


def _variants(agent: Any) -> Iterator[tuple[Pointer, str]]:
    for pointer, experiment in _experiments(agent):
        for letter in _PAIR:
            if isinstance(experiment.get(letter), str):
                yield (*pointer, letter), experiment[letter]
        for key, variant in _pairs(experiment.get("variants")):
            name = table(variant).get("agent_id")
            if isinstance(name, str):
                yield (*pointer, "variants", key, "agent_id"), name


def _pairs(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _agents(documents: Mapping[str, Any]) -> list[str]:
    names = (table(agent).get("agent_id") for agent in documents.values())
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def _no_agent(pointer: Pointer, noun: str, name: str, known: list[str]) -> Break:
    near = nearest(name, known)
    message = f"{noun} {shown(name)} is no agent in this folder" + (f", did you mean {shown(near)}?" if near else "")
    return Break(pointer, message, f"write {near}" if near else f"the agents are {', '.join(known)}")
