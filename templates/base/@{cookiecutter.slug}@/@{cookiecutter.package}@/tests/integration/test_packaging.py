import subprocess
import sys
import zipfile
from pathlib import Path

from ... import AGENT
from ...config.settings import PROJECT


def test_the_wheel_holds_the_package_and_leaves_the_tests_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert f"{AGENT}/__init__.py" in names
    assert f"{AGENT}/py.typed" in names
    assert not [name for name in names if "/tests/" in name]
