"""``agentctl validate --fix`` and ``--diff`` in a real process."""

from __future__ import annotations

import json

import pytest

BROKEN = "environment: production\nlog_levle: INFO  # enough\n"
MENDED = BROKEN.replace("levle", "level")


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "config/production.yaml"
    path.parent.mkdir()
    path.write_text(f"agents: {{}}\n{BROKEN}")
    return path


def test_fix_mends_and_reports_the_rest(agentctl, broken):
    done = agentctl("validate", "--fix", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["results"]) == (0, [])
    assert report["notes"] == ["mended: config/production.yaml:3: renamed `log_levle` to `log_level`"]
    assert broken.read_text() == f"agents: {{}}\n{MENDED}"


def test_diff_shows_what_git_can_apply_and_writes_nothing(agentctl, broken):
    before = broken.read_text()
    done = agentctl("validate", "--diff")
    assert (done.returncode, broken.read_text()) == (1, before)
    assert done.stdout.splitlines() == [
        "--- a/config/production.yaml",
        "+++ b/config/production.yaml",
        "@@ -1,3 +1,3 @@",
        " agents: {}",
        " environment: production",
        "-log_levle: INFO  # enough",
        "+log_level: INFO  # enough",
    ]
    assert done.stderr == "--fix mends 1 of what is wrong\n"


def test_diff_for_a_machine_and_with_nothing_to_mend(agentctl, broken):
    report = json.loads(agentctl("validate", "--diff", "--format", "json").stdout)
    assert report["sections"][0]["title"] == "config/production.yaml"
    broken.write_text(MENDED)
    done = agentctl("validate", "--diff")
    assert (done.returncode, done.stdout) == (0, "")


def test_standard_input_cannot_be_mended(agentctl):
    done = agentctl("validate", "--fix", "--schema", "environment", "-", input=BROKEN)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --fix: standard input cannot be mended\n")
