"""The agent that ``agentctl new`` makes fails nothing, and loses what is taken from it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checklist.conftest import Agent

# What this kind of agent has not: journeys, benchmarks, faults, tenants, encrypted fields, work side by side.
LATER = {"TS04", "TS09", "TS11", "SE08", "SE10", "PF03"}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    command = [sys.executable, "-m", "agentctl", "new", "shop-agent", "--kind", "service", "--yes", "--no-git"]
    done = subprocess.run(
        [*command, "--output-dir", str(folder)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return folder / "shop-agent"


@pytest.fixture
def generated(rendered, tmp_path) -> Agent:
    root = tmp_path / "shop-agent"
    shutil.copytree(rendered, root)
    agent = Agent(root)
    agent.run_everything()
    return agent


def test_it_passes_every_automated_item_that_it_has(generated) -> None:
    open_ = {id_: verdict for id_, verdict in generated.verdicts().items() if verdict not in {"pass", "manual", "n/a"}}
    assert {id_ for id_, verdict in open_.items() if verdict == "fail"} == set()
    assert set(open_) <= LATER


def everywhere(agent: Agent, old: str, new: str) -> None:
    """Replace in every file of the package but its tests, whichever holds it today."""
    held = 0
    for path in (agent.root / "shop_agent").rglob("*.py"):
        text = path.read_text()
        if "tests" not in path.parts and old in text:
            held += 1
            path.write_text(text.replace(old, new))
    assert held, f"nothing holds {old!r}"


def test_without_its_limiter(generated) -> None:
    everywhere(generated, ".limiter.check(", ".nothing(")
    assert generated.verdicts()["SE01"] == "unknown"


def test_without_its_readiness_route(generated) -> None:
    everywhere(generated, '@router.get("/ready"', '@dict("/ready"')
    everywhere(generated, '@router.get("/deep"', '@dict("/deep"')
    assert generated.verdicts()["OB02"] == "warn"
    everywhere(generated, '@router.get("/live"', '@dict("/live"')
    assert generated.verdicts()["OB02"] == "fail"


def test_without_its_tests(generated) -> None:
    generated.remove("shop_agent/tests")
    verdicts = generated.verdicts()
    assert (verdicts["TS01"], verdicts["TS07"]) == ("fail", "fail")
    assert {verdicts[id_] for id_ in ("TS02", "TS03", "TS05", "TS06", "TS08", "TS10")} == {"unknown"}


@pytest.mark.parametrize(
    ("item", "old", "new"),
    [
        ("SE03", "Depends(", "Depended("),
        ("CQ06", "add_middleware(RequestMiddleware", "add_middleware(dict"),
        ("CQ04", "JSONRenderer(", "dict("),
        ("OB01", "generate_latest(", "bytes("),
        ("RL01", "stamina.retry_context", "dict"),
        ("RL02", "AsyncCircuitBreakerFactory(", "dict("),
        ("RL03", "fallback", "other"),
        ("PF01", "TTLCache(", "dict("),
        ("PF05", "timeout=", "patience="),
        ("CQ03", "question: Question", "question"),
    ],
)
def test_without_one_more_thing(generated, item: str, old: str, new: str) -> None:
    everywhere(generated, old, new)
    assert generated.verdicts()[item] in {"fail", "warn", "unknown"}


def test_with_worse_files_beside_the_code(generated) -> None:
    generated.edit("Dockerfile", "USER 10001\n", "")
    generated.edit("requirements.lock", "==", ">=")
    generated.edit(".github/workflows/ci.yml", "  security:\n", "  security:\n    continue-on-error: true\n")
    verdicts = generated.verdicts()
    assert (verdicts["DP03"], verdicts["SE05"], verdicts["SE04"]) == ("warn", "fail", "warn")
