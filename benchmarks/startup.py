"""Measure what starting costs, in pairs: ours and a yardstick by turns, so that a busy machine slows both alike.

Prints for each pair the median of the ratios of CPU time (user and system, of the whole process and its children), its
quartiles and the bound, and exits 1 when a bound is broken:

- ``agentctl --help`` at most 3 times ``python -c "import typer"``;
- ``agentctl validate FILE`` at most 0.5 of ``check-jsonschema --schemafile SCHEMA FILE`` on one valid file, and at most
  0.75 on an invalid one.

Run: ``python benchmarks/startup.py [--rounds N]``, in an environment with check-jsonschema.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "tests" / "examples" / "documents" / "agent"
SCHEMA = ROOT / "schemas" / "agent.schema.json"
SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two commands and how much more CPU time ours may take than the other."""

    name: str
    ours: list[str]
    other: list[str]
    bound: float
    exit_code: int = 0


def pairs(folder: Path) -> list[Pair]:
    """Return the pairs; the files lie in a project of their own and are governed by their names."""
    agents = folder / "config" / "agents"
    agents.mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "demo"\n\n[tool.agentctl.test]\ncov_floor = 90\n')
    valid, invalid = (
        shutil.copy(EXAMPLES / name, agents / f"{number}.yaml")
        for number, name in enumerate(("valid/guide-3.yaml", "invalid/unknown-key.yaml"))
    )
    python = sys.executable
    agentctl, check = str(SCRIPTS / "agentctl"), str(SCRIPTS / "check-jsonschema")
    checked = [check, "--schemafile", str(SCHEMA)]
    validate = [agentctl, "validate"]
    return [
        Pair(name="--help / import typer", ours=[agentctl, "--help"], other=[python, "-c", "import typer"], bound=3),
        Pair(
            name="validate, valid / check-jsonschema",
            ours=[*validate, str(valid)],
            other=[*checked, str(valid)],
            bound=0.5,
        ),
        Pair(
            name="validate, invalid / check-jsonschema",
            ours=[*validate, str(invalid)],
            other=[*checked, str(invalid)],
            bound=0.75,
            exit_code=1,
        ),
    ]


def cpu_seconds(command: list[str], exit_code: int, environment: dict[str, str]) -> float:
    """Run a command to its end and return the CPU time of its process and of the children that it waited for."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != exit_code:
        sys.exit(f"{' '.join(command)}: exit {child.returncode}, not {exit_code}")
    return usage.ru_utime + usage.ru_stime


def measured(pair: Pair, rounds: int, environment: dict[str, str]) -> tuple[list[float], float, float]:
    """Return the ratio of each round, and the median seconds of both."""
    ours, other = [], []
    for number in range(rounds + 1):
        mine = cpu_seconds(pair.ours, pair.exit_code, environment)
        theirs = cpu_seconds(pair.other, pair.exit_code, environment)
        if number:  # the first fills the caches of the disk and of Python
            ours.append(mine)
            other.append(theirs)
    ratios = [mine / theirs for mine, theirs in zip(ours, other, strict=True)]
    return ratios, statistics.median(ours), statistics.median(other)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as compiled, tempfile.TemporaryDirectory() as folder:
        return reported(pairs(Path(folder)), rounds, {**inherited(), "PYTHONPYCACHEPREFIX": compiled})


def inherited() -> dict[str, str]:
    """Return the environment without what keeps Python from compiling modules once, as an installation has them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def reported(wanted: list[Pair], rounds: int, environment: dict[str, str]) -> int:
    broken = 0
    for pair in wanted:
        ratios, ours, other = measured(pair, rounds, environment)
        low, middle, high = statistics.quantiles(ratios, n=4)
        broken += middle > pair.bound
        verdict = "ok" if middle <= pair.bound else "TOO SLOW"
        print(
            f"{pair.name:38} {middle:5.2f} ({low:.2f} to {high:.2f}), bound {pair.bound}: {verdict}"
            f"   {1000 * ours:.0f} ms / {1000 * other:.0f} ms CPU"
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
