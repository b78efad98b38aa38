"""What ``agentctl test`` costs over ``coverage run -m pytest`` with combine and json on the same suite.

Runs both in turns on a project made for it and prints the medians, their difference and their ratio; the bound is 3 %
and 0.15 s. Usage: ``python benchmarks/test_overhead.py [--pairs 9] [--tests 300] [--seconds 6]``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BOUND_SHARE, BOUND_SECONDS = 0.03, 0.15
MODULES = 30


def main() -> int:
    """Measure, print, and return 1 when the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--tests", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=6.0, help="time that the tests themselves sleep")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        _make(root, asked.tests, asked.seconds)
        _plain(root), _ours(root)  # caches
        pairs = [(_plain(root), _ours(root)) for _ in range(asked.pairs)]
    return _judge(pairs)


def _make(root: Path, tests: int, seconds: float) -> None:
    """Write packages with some code to measure and tests that run it and take their time."""
    package = root / "pkg"
    package.mkdir(parents=True)
    (root / "tests").mkdir()
    (package / "__init__.py").touch()
    body = "".join(f"def f{n}(x):\n    if x > {n}:\n        return x - {n}\n    return x\n\n" for n in range(60))
    for module in range(MODULES):
        (package / f"m{module}.py").write_text(body)
        cases = "".join(
            f"def test_{n}():\n    time.sleep({seconds / tests})\n    assert pkg.m{module}.f{n}(3) <= 3\n\n"
            for n in range(tests // MODULES)
        )
        (root / "tests" / f"test_m{module}.py").write_text(f"import time\nimport pkg.m{module}\n\n{cases}")
    (root / "pyproject.toml").write_text("[tool.coverage.run]\nsource = ['pkg']\nbranch = true\nparallel = true\n")


def _plain(root: Path) -> float:
    coverage = [sys.executable, "-m", "coverage"]
    started = time.perf_counter()
    _run([*coverage, "run", "-m", "pytest"], root)
    _run([*coverage, "combine", "-q"], root)
    _run([*coverage, "json", "-q", "-o", os.devnull], root)
    return time.perf_counter() - started


def _ours(root: Path) -> float:
    started = time.perf_counter()
    _run([sys.executable, "-m", "agentctl", "test", "--python", sys.executable], root)
    return time.perf_counter() - started


def _run(command: list[str], root: Path) -> None:
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _judge(pairs: list[tuple[float, float]]) -> int:
    plain, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    more = statistics.median(own - theirs for theirs, own in pairs)
    allowed = BOUND_SHARE * plain + BOUND_SECONDS
    print(f"coverage run -m pytest, combine, json: {plain:.3f} s (median of {len(pairs)})")
    print(f"agentctl test:                         {ours:.3f} s, ratio {ours / plain:.3f}")
    print(f"difference in pairs:                   {more:+.3f} s; allowed {allowed:.3f} s (3 % and 0.15 s)")
    return int(more > allowed)


if __name__ == "__main__":
    sys.exit(main())
