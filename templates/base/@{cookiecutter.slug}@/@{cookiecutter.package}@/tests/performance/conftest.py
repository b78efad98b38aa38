"""The baselines: ``baseline_<module>.json`` beside each module, written anew by ``make baseline``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .measuring import AT_MOST, Held, cost

ATTEMPTS = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-baseline", action="store_true", help="write the baselines anew")


@pytest.fixture
def held(request: pytest.FixtureRequest) -> Held:
    module = request.path.stem.removeprefix("test_")
    path = request.path.with_name(f"baseline_{module}.json")
    update = bool(request.config.getoption("--update-baseline", default=False))

    def hold(name: str, work: Callable[[], object], times: int) -> None:
        if update:
            _keep(path, name, cost(work, times))
            return
        allowed = json.loads(path.read_text())[name] * AT_MOST
        measured: list[float] = []
        while len(measured) < ATTEMPTS and min(measured, default=allowed + 1) > allowed:
            measured.append(cost(work, times))
        assert min(measured) <= allowed, (
            f"{name} costs {min(measured):.2f} units, the baseline allows {allowed:.2f}; "
            "when that is meant to be so: make baseline"
        )

    return hold


def _keep(path: Path, name: str, value: float) -> None:
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(known | {name: round(value, 3)}, indent=2, sort_keys=True) + "\n")
