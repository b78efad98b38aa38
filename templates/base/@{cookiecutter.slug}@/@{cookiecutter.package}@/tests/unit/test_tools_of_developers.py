"""What looks at a change before anybody else does: hooks, locks, settings of editors."""

import json
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ...config.settings import PROJECT

REPOSITORIES: list[dict[str, Any]] = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
HOOKS: list[dict[str, Any]] = [hook for repository in REPOSITORIES for hook in repository["hooks"]]
MAKEFILE = (PROJECT / "Makefile").read_text()
problems: Callable[[Path], list[str]] = runpy.run_path(str(PROJECT / "scripts" / "check_locks.py"))["problems"]


def test_hooks_run_in_the_projects_own_environment() -> None:
    assert {repository["repo"] for repository in REPOSITORIES} == {"local"}
    assert {hook["language"] for hook in HOOKS} == {"system"}
    programs = [hook["entry"].split()[0] for hook in HOOKS if hook["entry"].startswith(".venv/")]
    assert [name for name in programs if not Path(sys.prefix, "bin", Path(name).name).exists()] == []


def test_hooks_look_at_what_make_lint_looks_at() -> None:
    (lint,) = re.findall(r"^lint:.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)
    entries = " ".join(hook["entry"].replace("--force-exclude", "") for hook in HOOKS)
    for program, what in re.findall(r"\$\(BIN\)/(\w+) ?(\w*\S*)", lint):
        assert f".venv/bin/{program} {'' if program == 'mypy' else what}".strip() in entries


def test_the_locks_hold_what_is_asked_for() -> None:
    assert problems(PROJECT) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("pyproject.toml", "dependencies = [\n", 'dependencies = [\n  "none-such>=1",\n', "none-such is not pinned"),
        ("pyproject.toml", '"uvicorn>=', '"uvicorn>=1000', "is not >=1000"),
        ("requirements.lock", "fastapi==", "fastapi==0", "requirements-dev.lock: fastapi is not 0"),
        ("requirements-dev.lock", "ruff==", "rough==", "ruff is not pinned"),
    ],
)
def test_a_lock_that_lags_behind_is_told(tmp_path: Path, name: str, old: str, new: str, found: str) -> None:
    for kept in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(PROJECT / kept, tmp_path)
    changed = tmp_path / name
    assert old in changed.read_text()
    changed.write_text(changed.read_text().replace(old, new, 1))
    assert [problem for problem in problems(tmp_path) if found in problem]


def test_a_pin_without_a_hash_is_none(tmp_path: Path) -> None:
    for kept in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(PROJECT / kept, tmp_path)
    lock = tmp_path / "requirements.lock"
    lock.write_text(re.sub(r"^(pyyaml==\S+)(.*\\\n)+.*\n", r"\1\n", lock.read_text(), flags=re.MULTILINE))
    assert problems(tmp_path)[0] == "requirements.lock: pyyaml is not pinned with a hash"


def test_the_locks_take_no_release_that_nobody_has_looked_at_yet() -> None:
    assert re.search(r"^COOLDOWN \?= \d+ days$", MAKEFILE, flags=re.MULTILINE)
    assert '--exclude-newer "$(COOLDOWN)"' in MAKEFILE


def test_what_follows_changes_looks_at_code_and_configuration() -> None:
    watched = re.findall(r"--reload-(?:dir|exclude) '?([\w./-]+)'?", MAKEFILE)
    assert len(watched) == 3
    assert [name for name in watched if not (PROJECT / name).is_dir()] == []


def test_editors_find_environment_and_tests() -> None:
    settings = json.loads((PROJECT / ".vscode" / "settings.json").read_text())
    assert [name for name in settings["python.testing.pytestArgs"] if not (PROJECT / name).is_dir()] == []
    formatter = settings["[python]"]["editor.defaultFormatter"]
    assert formatter in json.loads((PROJECT / ".vscode" / "extensions.json").read_text())["recommendations"]
