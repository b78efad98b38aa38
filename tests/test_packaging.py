"""What users install: the wheel holds what git tracks, and every command runs from it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import agentctl as package

ROOT = Path(__file__).parents[1]
SHIPPED = ("agentctl", "templates", "schemas")
COMMANDS = ("new", "validate", "test", "loadtest", "checklist", "explain", "ci")


def _run(*command, cwd=None):
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AGENTCTL_", "COV"))
    }
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**inherited, "COLUMNS": "80", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=900,
    )


def _ok(*command, cwd=None):
    done = _run(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def _contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {
            info.filename.replace("agentctl/_data/", ""): (archive.read(info), (info.external_attr >> 16) & 0o100)
            for info in archive.infolist()
            if ".dist-info/" not in info.filename
        }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the wheel, the sdist, and the wheel that was built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir"]
    _ok(*build, folder / "direct", "--wheel", ROOT)
    _ok(*build, folder / "through", ROOT)  # the wheel out of the sdist
    (wheel,), (sdist,) = (folder / "direct").glob("*.whl"), (folder / "through").glob("*.tar.gz")
    (again,) = (folder / "through").glob("*.whl")
    return wheel, sdist, again


def _python(environment):
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _program(environment):
    return environment / ("Scripts/agentctl.exe" if os.name == "nt" else "bin/agentctl")


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Return a fresh environment with the wheel; what it depends on is borrowed from ours, so that no index is needed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    _ok(_python(folder), "-m", "pip", "install", "-q", "--no-deps", "--no-index", built[0])
    site = _ok(_python(folder), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    ours = {str(Path(entry)) for entry in sys.path if entry.endswith("-packages")}
    Path(site, "borrowed.pth").write_text("\n".join(sorted(ours)), encoding="utf-8")
    return folder


def test_the_wheel_holds_what_git_tracks_byte_for_byte(built):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = _ok("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *SHIPPED)
    files = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    expected = {name: ((ROOT / name).read_bytes(), (ROOT / name).stat().st_mode & 0o100) for name in files}
    found = _contents(built[0])

    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []


def test_the_sdist_builds_the_same_wheel(built):
    wheel, _, again = built

    assert _contents(again) == _contents(wheel)


def test_the_sdist_carries_licence_and_readme(built):
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml"} <= names


def test_the_wheel_is_typed_and_says_its_licence(built):
    with zipfile.ZipFile(built[0]) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()

    assert "agentctl/py.typed" in names
    assert "License-Expression: Apache-2.0" in metadata
    assert f"Version: {package.__version__}" in metadata


def test_it_runs_from_the_wheel_and_not_from_the_checkout(installed, tmp_path):
    where = _ok(_python(installed), "-c", "import agentctl; print(agentctl.__file__)", cwd=tmp_path)

    assert Path(where.strip()).is_relative_to(installed)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_its_help(installed, tmp_path, command):
    assert f"agentctl {command}" in _ok(_program(installed), command, "--help", cwd=tmp_path)


def test_python_m_is_the_same_command(installed, tmp_path):
    assert _ok(_python(installed), "-m", "agentctl", "--version", cwd=tmp_path) == f"agentctl {package.__version__}\n"


def test_an_agent_is_made_and_judged_from_the_wheel(installed, tmp_path):
    agentctl = _program(installed)
    _ok(agentctl, "new", "orders", "--yes", "--no-git", cwd=tmp_path)
    made = [path for path in (tmp_path / "orders").rglob("*") if path.is_file()]

    assert {path.name for path in made} >= {"pyproject.toml", ".env.example", ".gitignore", ".dockerignore"}
    assert [path for path in made if "__pycache__" in path.parts] == []
    _ok(agentctl, "validate", cwd=tmp_path / "orders")
    judged = _run(agentctl, "checklist", cwd=tmp_path / "orders")
    assert judged.returncode in {0, 1}, judged.stderr
    assert "verified" in judged.stdout


def test_a_rule_and_a_check_are_explained_from_the_wheel(installed, tmp_path):
    assert "TS02" in _ok(_program(installed), "explain", "TS02", cwd=tmp_path)
    assert _ok(_program(installed), "explain", cwd=tmp_path).count("\n") > 30


@pytest.mark.index
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_installs_with_its_dependencies(built, tmp_path):
    venv.create(tmp_path / "environment", with_pip=True)
    _ok(_python(tmp_path / "environment"), "-m", "pip", "install", "-q", "--disable-pip-version-check", built[0])
    agentctl = _program(tmp_path / "environment")

    _ok(agentctl, "new", "orders", "--yes", "--no-git", cwd=tmp_path)
    _ok(agentctl, "validate", cwd=tmp_path / "orders")
    _ok(_python(tmp_path / "environment"), "-m", "pip", "check")
