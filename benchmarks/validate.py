"""Measure ``agentctl validate`` beside check-jsonschema and beside the parser that both stand on.

Makes a corpus of 1,000 YAML configurations of 68 lines under a schema of its own, 100 of them bad in ten ways, and
prints:

- whole process, CPU seconds (user and system, children included): check-jsonschema as installed, check-jsonschema with
  ``ruamel.yaml.clib`` (each in an environment of its own), and agentctl: with ``--no-cache``, and with a cache that is
  still empty: at least 12 and 4 times less;
- peak memory of the same runs: at most 1.5 times check-jsonschema's;
- in process, start-up taken off: how many times the floor (reading the files and libyaml's ``raw_parse``) checking
  takes; at most 8;
- unchanged files, in process, on 10,000: at least 100 times faster than the first run, which asking the file system
  of each file alone makes hard: a walk with ``stat`` takes a hundredth of our first run; beside it, without a bound,
  how it compares with what check-jsonschema takes for as many files, which knows no cache.

The commands run by turns, so that a busy machine slows all alike; each figure is the median over the rounds.
Run: ``python benchmarks/validate.py [--rounds N]``; it installs check-jsonschema into environments of its own. Exits 1
when a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FILES, BAD, MANY = 1_000, 100, 10_000
SCRIPTS = Path(sysconfig.get_path("scripts"))

_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["agent_id", "version", "llm", "tools", "limits", "observability"],
    "additionalProperties": False,
    "properties": {
        "agent_id": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"},
        "description": _TEXT,
        "owners": {"type": "array", "items": _TEXT, "minItems": 1},
        "llm": {
            "type": "object",
            "required": ["provider", "model"],
            "additionalProperties": False,
            "properties": {
                "provider": {"enum": ["openai", "anthropic", "google", "local"]},
                "model": _TEXT,
                "temperature": {"type": "number", "minimum": 0, "maximum": 2},
                "max_tokens": _COUNT,
                "stop": {"type": "array", "items": _TEXT},
                "fallback": {"$ref": "#/$defs/fallback"},
            },
        },
        "prompt": {"type": "object", "properties": {"system": _TEXT, "variables": {"type": "array", "items": _TEXT}}},
        "tools": {"type": "array", "items": {"$ref": "#/$defs/tool"}},
        "limits": {"type": "object", "additionalProperties": _COUNT},
        "flags": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "tenants": {"type": "array", "items": {"$ref": "#/$defs/tenant"}},
        "observability": {
            "type": "object",
            "required": ["level"],
            "properties": {"level": {"enum": ["debug", "info", "warning", "error"]}, "sample": {"type": "number"}},
        },
    },
    "$defs": {
        "fallback": {"type": "object", "required": ["provider"], "properties": {"provider": _TEXT, "model": _TEXT}},
        "tenant": {
            "type": "object",
            "required": ["name", "tier"],
            "properties": {"name": _TEXT, "tier": {"enum": ["free", "pro", "enterprise"]}, "rate": _COUNT},
        },
        "tool": {
            "oneOf": [
                {
                    "properties": {"type": {"const": "http"}, "url": {"type": "string"}, "timeout": {"type": "number"}},
                    "required": ["type", "url"],
                },
                {
                    "properties": {"type": {"const": "python"}, "entrypoint": {"type": "string"}},
                    "required": ["type", "entrypoint"],
                },
            ]
        },
    },
}
GOOD = """\
# Agent {number}: made for measuring
agent_id: agent-{number}
version: 1.{number}.0
description: >-
  Answers questions about orders of shop {number}, and hands over to a person
  when it is not sure of its answer.
owners:
  - team-{number}@example.com
  - platform@example.com
llm:
  provider: openai
  model: gpt-4o-2024-08-06
  temperature: 0.3
  max_tokens: 800
  stop: ["END", "STOP"]
  fallback:
    provider: anthropic
    model: claude-3-5-sonnet-20241022
prompt:
  system: |
    You answer questions about orders of shop {number}.
    Be brief. Never promise what the policy does not say.
    When you are not sure, hand over to a person.
  variables:
    - customer_name
    - order_id
    - policy
tools:
  - type: http
    name: orders
    url: https://orders.example.com/v1/shops/{number}
    timeout: 5.5
  - type: http
    name: refunds
    url: https://refunds.example.com/v1
    timeout: 10
  - type: python
    name: sum_up
    entrypoint: tools.summary:run
  - type: python
    name: translate
    entrypoint: tools.translate:run
limits:
  requests_per_minute: 600
  tokens_per_day: 500000
  concurrent_sessions: 40
  session_minutes: 30
  retries: 3
flags:
  streaming: true
  memory: false
  speech: false
  new_ranking: true
tenants:
  - name: first-{number}
    tier: free
    rate: 10
  - name: second-{number}
    tier: pro
    rate: 100
  - name: third-{number}
    tier: enterprise
    rate: 1000
observability:
  level: info
  sample: 0.25
  labels:
    shop: shop-{number}
"""
MISTAKES = (
    ("temperature: 0.3", "temprature: 0.3"),
    ("max_tokens: 800", 'max_tokens: "800"'),
    ("provider: openai", "provider: opnai"),
    ("  entrypoint: tools.summary:run", "  entry: tools.summary:run"),
    ("type: python\n    name: translate", "type: pyhton\n    name: translate"),
    ("streaming: true", "streaming: yes please"),
    ("retries: 3", "retries: -3"),
    ("tier: pro", "tier: prp"),
    ("  level: info\n", ""),
    ("version: 1.", "version: v1."),
)


def corpus(folder: Path, files: int = FILES, bad: int = BAD) -> tuple[Path, Path]:
    """Write the schema and the files, the bad ones spread evenly; return both."""
    schema, data = folder / "schema.json", folder / "data"
    data.mkdir(parents=True)
    schema.write_text(json.dumps(SCHEMA))
    for number in range(files):
        text = GOOD.format(number=number)
        if number % (files // bad) == 0:
            good, wrong = MISTAKES[number // (files // bad) % len(MISTAKES)]
            text = text.replace(good, wrong)
        (data / f"{number:05}.yaml").write_text(text)
    return schema, data


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run of a command took: CPU seconds, and peak memory in MB of its largest process."""

    cpu: float
    memory: float


def cost(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command that must end with exit code 1, which is what the bad files give."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 1:
        sys.exit(f"{' '.join(command[:4])} ...: exit {child.returncode}, not 1")
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return Cost(cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss / unit)


PEERS = {
    "check-jsonschema": ["check-jsonschema"],
    "check-jsonschema, C extension": ["check-jsonschema", "ruamel.yaml.clib"],
}


def peer(folder: Path, packages: list[str]) -> Path:
    """Return a check-jsonschema in a new environment, with what it is installed with."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = subprocess.run(
        [folder / "bin" / "pip", "install", "-q", *packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"check-jsonschema cannot be installed: {done.stderr.strip()[-300:]}")
    return folder / "bin" / "check-jsonschema"


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what is measured, by name."""
    schema, data = corpus(folder / "corpus")
    files = [str(path) for path in sorted(data.iterdir())]
    ours = [str(SCRIPTS / "agentctl"), "validate", "--schema", str(schema), str(data)]
    peers = {name: peer(folder / name.replace(" ", "-"), packages) for name, packages in PEERS.items()}
    theirs = {name: [str(program), "--schemafile", str(schema), *files] for name, program in peers.items()}
    return {**theirs, "agentctl": ours, "agentctl --no-cache": [*ours, "--no-cache"]}


def whole_process(wanted: dict[str, list[str]], rounds: int) -> dict[str, Cost]:
    """Return the median cost of each command; each run of ours begins with an empty cache."""
    costs: dict[str, list[Cost]] = {name: [] for name in wanted}
    with tempfile.TemporaryDirectory() as compiled:
        for number in range(rounds + 1):
            for name, command in wanted.items():
                with tempfile.TemporaryDirectory() as cache:
                    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "XDG_CACHE_HOME": cache}
                    environment.pop("PYTHONDONTWRITEBYTECODE", None)
                    measured = cost(command, environment)
                if number:  # the first fills the caches of the disk and of Python
                    costs[name].append(measured)
    return {
        name: Cost(cpu=statistics.median(one.cpu for one in each), memory=statistics.median(one.memory for one in each))
        for name, each in costs.items()
    }


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a piece of work, children included."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def floor(paths: list[Path]) -> None:
    """Read and parse, and make nothing of it."""
    from yaml import _yaml  # type: ignore[attr-defined]

    for path in paths:
        _yaml.CParser(path.read_bytes().decode()).raw_parse()


def in_process(rounds: int) -> float:
    """Return how many times the floor checking the corpus takes, with neither rules nor cache."""
    from agentctl.validation import run

    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        schema, data = corpus(Path(folder))
        paths = sorted(data.iterdir())
        for number in range(rounds + 1):
            low = cpu(lambda: floor(paths))
            ours = cpu(lambda: run.validate(paths=[data], schema=str(schema), cached=False))
            if number:
                ratios.append(ours / low)
    return statistics.median(ratios)


def unchanged(rounds: int) -> tuple[float, float]:
    """Return the seconds of the first run over 10,000 files, and the median of those after it."""
    from agentctl.validation import run

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        schema, data = corpus(Path(folder), MANY, MANY // 10)
        time.sleep(2)  # files that are younger than the run are read again, as the next change might not show
        first = cpu(lambda: run.validate(paths=[data], schema=str(schema)))
        again = [cpu(lambda: run.validate(paths=[data], schema=str(schema))) for _ in range(rounds)]
    return first, statistics.median(again)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        costs = whole_process(commands(Path(folder)), rounds)
    for name, each in costs.items():
        print(f"{name:32} {each.cpu:6.2f} s CPU  {each.memory:5.0f} MB")
    first, again = unchanged(rounds)
    print(f"unchanged, {MANY:,} files in process  {first:6.2f} s, then {1000 * again:.0f} ms")
    for name in [one for one in costs if one.startswith("check-jsonschema")]:
        print(f"  {name}, as many files / unchanged  {costs[name].cpu * MANY / FILES / again:.0f}")
    return verdicts(costs, in_process(rounds), first / again)


def verdicts(costs: dict[str, Cost], times_floor: float, times_unchanged: float) -> int:
    """Print each figure beside its bound; return 1 when one is broken."""
    other, compiled, ours = (costs[name] for name in (*PEERS, "agentctl"))
    figures = [
        ("check-jsonschema / agentctl, CPU", other.cpu / ours.cpu, 12, True),
        ("check-jsonschema with C extension / agentctl, CPU", compiled.cpu / ours.cpu, 4, True),
        ("agentctl / check-jsonschema, peak memory", ours.memory / other.memory, 1.5, False),
        ("in process, rules off / libyaml's floor", times_floor, 8, False),
        ("unchanged files in process, first / again", times_unchanged, 100, True),
    ]
    broken = 0
    for name, value, bound, least in figures:
        kept = value >= bound if least else value <= bound
        broken += not kept
        print(f"{name:50} {value:7.2f}, at {'least' if least else 'most'} {bound}: {'ok' if kept else 'BROKEN'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
