"""What is written is what is there."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agentctl import reporters
from agentctl.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]


def test_the_generated_pages_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_a_page_that_is_out_of_date_is_told_and_mended(tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "pages", lambda: {"rules.md": "new"})
    (tmp_path / "rules.md").write_text("old", encoding="utf-8")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["generate.py", *arguments])
        return generate.main()

    assert run("--check") == 1
    assert "out of date: rules.md" in capsys.readouterr().out
    assert [run(), run("--check")] == [0, 0]
    assert (tmp_path / "rules.md").read_text(encoding="utf-8") == "new"


def test_the_two_commands_for_a_fresh_machine_stand_at_the_top():
    first = README.split("```")[1]

    assert re.findall(r"^make \w+", first, re.MULTILINE) == ["make demo", "make test"]
    named = {name for page in PAGES for name in re.findall(r"`make (\w+)", page.read_text(encoding="utf-8"))}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


def test_every_command_and_format_is_in_the_readme():
    assert {command.name for command in app.registered_commands} <= set(re.findall(r"agentctl (\w+)", README))
    assert "|".join(reporters.names()) in README


def test_every_exit_code_is_in_the_readme():
    from agentctl import errors

    by_signal = {errors.Terminated(number).exit_code for number in (signal.SIGHUP, signal.SIGTERM)}
    codes = by_signal | {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    listed = set(map(int, re.findall(r"\d+", " ".join(re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE)))))

    assert listed == codes == set(SCHEMA["properties"]["exit_code"]["enum"])


def test_the_settings_of_the_readme_are_known(tmp_path):
    from agentctl import project

    (tmp_path / "pyproject.toml").write_text(re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0], encoding="utf-8")

    assert project.load(tmp_path).section("test")["cov_floor"] == 90


@pytest.mark.parametrize("page", [*PAGES, *(ROOT / "docs").glob("*.md")], ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page):
    targets = re.findall(
        r"\]\((?!https?:)([^)#]+)\)", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    )

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_changelog_knows_the_next_or_the_present_version():
    from agentctl import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{__version__}]" in text


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]

    assert [one for one in named if not re.search(rf'"{re.escape(one)}",\s+# \S', text)] == []


def test_the_lock_holds_every_dependency_by_hash_and_no_address():
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE))

    assert {re.split(r"[<>=!~\[]", one)[0].lower().replace("_", "-") for one in named} <= set(locked)
    assert "://" not in lock
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE) if entry)
