"""How the process starts: quickly, and with a garbage collector in the end."""

import gc
import subprocess
import sys
from pathlib import Path

from ... import AGENT
from ...config.settings import PROJECT
from ..fixtures.shipped import shipped_app


def test_it_comes_before_anything_else() -> None:
    lines = (PROJECT / AGENT / "main.py").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if "import" in line) == "from . import boot"


def test_nothing_is_collected_until_all_is_loaded() -> None:
    told = f"import gc; from {AGENT} import boot; print(gc.isenabled()); boot.done(); print(gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", told], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_application_collects(tmp_path: Path) -> None:
    gc.disable()
    try:
        shipped_app(tmp_path)
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
