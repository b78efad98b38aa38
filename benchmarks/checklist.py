"""Measure what the checklist costs on a tree, beside one ``ast.parse`` of every file and beside bandit.

Without a folder it makes one: ordinary modules (this package's own, each with a line of its own, so that no two are
the same) in a project of as many files as asked for. Prints the median wall time of the cold run (an empty cache
folder), of the warm one and of the yardsticks, and the memory of all processes; exits 1 when a bound is broken:

- 1,000 files: cold at most 2 s and at most twice one ``ast.parse`` of every file in one process, warm at most 0.5 s;
- at least 20 times as fast as ``bandit -r`` where bandit is installed;
- 10,000 files (``--large``): at most 300 MB, all processes together.

Run: ``python benchmarks/checklist.py [FOLDER] [--files N] [--rounds N] [--large]``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

PACKAGE = Path(__file__).resolve().parents[1] / "agentctl"
PARSE = """
import ast, gc, pathlib, sys, warnings
warnings.simplefilter("ignore")
gc.disable()
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        pass
"""
BOUNDS = {"cold": 2.0, "warm": 0.5, "ratio": 2.0, "bandit": 20.0, "memory": 300.0}


def main() -> int:
    """Print the figures and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="measure the memory on 10,000 files too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agentctl-benchmark-") as scratch:
        tree = given.folder or made(Path(scratch) / "tree", given.files)
        held = measured(tree, Path(scratch) / "cache", given.rounds)
        if given.large:
            held.append(memory(made(Path(scratch) / "large", 10_000), Path(scratch) / "large-cache"))
    return 0 if all(held) else 1


def made(folder: Path, number: int) -> Path:
    """Make a project of ordinary modules."""
    texts = [text for path in sorted(PACKAGE.rglob("*.py")) if len(text := path.read_text(encoding="utf-8")) > 400]  # noqa: PLR2004 - not the empty ones
    for count in range(number):
        path = folder / "shop" / f"part_{count // 50}" / f"module_{count}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{texts[count % len(texts)]}\n\nNUMBER = {count}\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n', encoding="utf-8")
    return folder


def measured(tree: Path, cache: Path, rounds: int) -> list[bool]:
    """Time the runs by turns, so that a busy machine slows all alike, and return which bounds hold."""
    parse, cold, warm = [], [], []
    for _ in range(rounds):
        parse.append(seconds([sys.executable, "-c", PARSE, str(tree)]))
        shutil.rmtree(cache, ignore_errors=True)
        cold.append(checklist(tree, cache))
        warm.append(checklist(tree, cache))
    python = sum(1 for _ in tree.rglob("*.py"))
    print(f"{python} Python files; medians of {rounds} rounds by turns")
    middle = [statistics.median(times) for times in (parse, cold, warm)]
    ratio = statistics.median(c / p for c, p in zip(cold, parse, strict=True))
    print(f"  ast.parse of every file  {middle[0]:6.2f} s")
    held = [
        told("cold", middle[1], "s", at_most=BOUNDS["cold"] * max(1.0, python / 1000)),
        told("warm", middle[2], "s", at_most=BOUNDS["warm"] * max(1.0, python / 1000)),
        told("cold / ast.parse", ratio, "", at_most=BOUNDS["ratio"]),
    ]
    bandit = shutil.which("bandit") or shutil.which("bandit", path=str(Path(sys.executable).parent))
    if bandit:
        slow = seconds([bandit, "-q", "-r", str(tree)])
        times, most = slow / middle[1], slow / middle[0]
        print(f"  bandit                   {slow:6.2f} s, {times:.1f} times the cold run, wanted {BOUNDS['bandit']:g}")
        print(f"                           (the warm run: {slow / middle[2]:.1f} times as fast,")
        print(f"                           one ast.parse of every file in one process: {most:.1f} times)")
        held.append(times >= BOUNDS["bandit"])
    return held


def checklist(tree: Path, cache: Path) -> float:
    """Return how long one run takes with a cache folder of its own."""
    command = [sys.executable, "-m", "agentctl", "checklist", str(tree), "--report-only", "--quiet"]
    return seconds(command, AGENTCTL_CACHE=str(cache))


def seconds(command: list[str], **environment: str) -> float:
    """Return the wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False)
    return time.perf_counter() - start


def memory(tree: Path, cache: Path) -> bool:
    """Tell the most memory that a cold run holds, its processes together, sampled every 20 ms."""
    command = [sys.executable, "-m", "agentctl", "checklist", str(tree), "--report-only", "--quiet"]
    most = 0
    with subprocess.Popen(
        command, env={**os.environ, "AGENTCTL_CACHE": str(cache)}, stdout=subprocess.DEVNULL
    ) as running:
        process = psutil.Process(running.pid)
        while running.poll() is None:
            most = max(most, held_by(process))
            time.sleep(0.02)
    return told("memory on 10,000 files", most / 1e6, "MB", at_most=BOUNDS["memory"])


def held_by(process: psutil.Process) -> int:
    """Return the bytes that a process and its children hold, what they share counted once where that is known."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            full = one.memory_full_info()
            total += getattr(full, "pss", full.rss)
    except psutil.Error:
        pass
    return total


def told(name: str, value: float, unit: str, *, at_most: float) -> bool:
    """Print one figure beside its bound and return whether it holds."""
    held = value <= at_most
    print(f"  {name:<24} {value:6.2f} {unit:<3} at most {at_most:g}{'' if held else '   BROKEN'}")
    return held


if __name__ == "__main__":
    raise SystemExit(main())
