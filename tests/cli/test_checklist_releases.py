"""CF03 and CF04 as a user meets them: real configurations, real tags."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from agentctl.checklist import run
from agentctl.cli.checklist import examined
from agentctl.results import Finding

CONFIGURATION = """\
agent_id: orders-v1
version: "{version}"
{released}prompt_config:
  system_prompt: Answer questions about orders.
llm_config:
  provider: openai
  model: gpt-4o
  api_key_env: OPENAI_API_KEY
schema_config:
  fields:
    - field_name: order_number
      field_type: {type}
      description: The number of the order.
      required: {required}
"""
NAME = "config/agents/orders-v1.yaml"


def git(root: Path, *arguments: str) -> None:
    quiet = (
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "tag.gpgsign=false",
    )
    subprocess.run([shutil.which("git"), *quiet, *arguments], cwd=root, check=True, capture_output=True)


def write(
    root: Path,
    *,
    version: str = "1.0.0",
    type_: str = "str",
    required: str = "true",
    released: str = "",
    more: str = "",
) -> None:
    path = root / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONFIGURATION.format(version=version, type=type_, required=required, released=released) + more)


@pytest.fixture
def released(tmp_path) -> Path:
    """A configuration at 1.0.0, tagged v1.0.0."""
    write(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "tag", "v1.0.0")
    return tmp_path


def found(root: Path) -> dict[str, Finding]:
    report = run.check(root, run.Options(only=["CF", "SE02"]), validation=examined(root), validate=examined)
    return {result.id: result for result in report.results}


def verdicts(root: Path) -> tuple[str, str]:
    results = found(root)
    return results["CF03"].verdict.value, results["CF04"].verdict.value


def test_what_is_as_it_was_released_passes_with_its_place(released) -> None:
    results = found(released)
    assert verdicts(released) == ("pass", "pass")
    assert results["CF03"].evidence[0].path == NAME
    assert "v1.0.0" in results["CF03"].message


def test_a_released_configuration_that_changes_without_a_version_fails(released) -> None:
    write(released, more="notes: fine\n")
    assert verdicts(released) == ("pass", "pass")
    path = released / NAME
    path.write_text(path.read_text().replace("Answer questions", "Answer all questions"))
    results = found(released)
    assert (results["CF03"].verdict, results["CF04"].verdict) == ("fail", "pass")
    assert results["CF03"].evidence[0].path.endswith(NAME)
    assert results["CF03"].evidence[0].line
    assert "agentctl validate --against v1.0.0" in results["CF03"].hint


def test_a_new_version_may_change(released) -> None:
    write(released, version="1.0.1")
    path = released / NAME
    path.write_text(path.read_text().replace("Answer questions", "Answer all questions"))
    assert verdicts(released) == ("pass", "pass")


def test_a_schema_that_breaks_consumers_fails_without_a_major_version(released) -> None:
    write(released, version="1.1.0", type_="int")
    assert verdicts(released) == ("pass", "fail")


def test_what_is_not_valid_cannot_be_compared(released) -> None:
    write(released, version="1.1.0", required="perhaps")
    results = found(released)
    assert (results["CF01"].verdict, *verdicts(released)) == ("fail", "unknown", "unknown")
    assert results["CF04"].hint == "run: agentctl validate"


def test_a_major_version_with_an_id_of_its_own_may_break(released) -> None:
    text = (released / NAME).read_text()
    new = text.replace("orders-v1", "orders-v2").replace("1.0.0", "2.0.0").replace("field_type: str", "field_type: int")
    (released / NAME).with_name("orders-v2.yaml").write_text(new)
    assert verdicts(released) == ("pass", "pass")


def test_a_released_agent_that_is_gone_fails(released) -> None:
    text = (released / NAME).read_text()
    (released / NAME).unlink()
    (released / NAME).with_name("other-v1.yaml").write_text(
        text.replace("orders-v1", "other-v1").replace("order_number", "case_number")
    )
    assert verdicts(released)[0] == "fail"


def test_without_a_release_nothing_can_have_changed(tmp_path) -> None:
    write(tmp_path)
    results = found(tmp_path)
    assert verdicts(tmp_path) == ("n/a", "n/a")
    assert "no release tag" in results["CF03"].message


def test_without_configurations_there_is_nothing_to_release(tmp_path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    assert verdicts(tmp_path) == ("n/a", "n/a")


def test_the_settings_name_the_tags_of_releases(released) -> None:
    (released / "pyproject.toml").write_text('[tool.agentctl.validate]\nrelease_tags = "release/*"\n')
    assert verdicts(released) == ("n/a", "n/a")
    git(released, "tag", "release/1")
    assert verdicts(released) == ("pass", "pass")
