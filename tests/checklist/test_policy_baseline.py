"""Baselines and ``--against``: what is known stays visible, what is new is told, and nothing grows by itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from agentctl.checklist.policy import past
from agentctl.checklist.policy.snippets import Snippets
from agentctl.errors import UsageError
from agentctl.reporters import github, junit
from agentctl.results import Location

QUIET = '''\
"""Orders."""


class Orders:
    """All orders."""

    def cancel(self, number: int, why: str) -> None:
        """Cancel one."""
        try:
            self.send(number, why)
        except Exception:
            pass
'''
REFORMATTED = '''\
"""Orders, told anew."""
# a comment


class Orders:


    """All of the orders."""
    def cancel(
        self,
        number: int,
        why: str,
    ) -> None:
        try:
            self.send(
                number, why)
        except   Exception :  # never mind
            pass
'''


def git(root: Path, *arguments: str) -> str:
    quiet = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        [shutil.which("git"), *quiet, *arguments], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(agent):
    """The example agent with one silent handler, committed."""
    agent.write("shop_agent/services/orders.py", QUIET)
    git(agent.root, "init", "-q", "-b", "main")
    git(agent.root, "add", ".")
    git(agent.root, "commit", "-q", "-m", "first")
    return agent


@pytest.fixture
def known(agent, tmp_path) -> Path:
    """A baseline of the example agent with one silent handler."""
    agent.write("shop_agent/services/orders.py", QUIET)
    path = tmp_path / "baseline.json"
    report = agent.report(baseline=path, write_baseline=True)
    assert f"Written: {path}, with 1 that are known from now on." in report.notes
    return path


def cq02(report) -> str:
    return next(r.message for r in report.results if r.id == "CQ02")


# ---------------------------------------------------------------- fingerprints


def test_a_baseline_names_what_it_knows(known) -> None:
    values = json.loads(known.read_text())
    (row,) = values["known"]
    assert (row["id"], row["verdict"], row["name"], row["count"]) == ("CQ02", "fail", "Orders.cancel", 1)


def test_what_is_known_stays_visible_and_does_not_fail(agent, known) -> None:
    assert agent.report().exit_code == 1
    report = agent.report(baseline=known)
    assert (report.exit_code, report.verdict) == (0, "pass")
    assert {r.id: r.verdict for r in report.results}["CQ02"] == "fail"
    assert "(known: in baseline.json)" in cq02(report)


def test_the_verdicts_count_again_when_they_are_asked_for(agent, known) -> None:
    assert agent.report(baseline=known, fail_on="fail").exit_code == 1


@pytest.mark.parametrize("change", ["move", "reformat", "both", "lines above"])
def test_moves_and_reformatting_keep_fingerprints(agent, known, change: str) -> None:
    text = REFORMATTED if change in {"reformat", "both"} else QUIET
    if change in {"move", "both"}:
        agent.remove("shop_agent/services/orders.py")
        agent.write("shop_agent/handlers/cancelled.py", text)
    else:
        agent.write("shop_agent/services/orders.py", "\n\nX = 1\n" * (change == "lines above") + text)
    report = agent.report(baseline=known)
    assert (report.exit_code, "(known:" in cq02(report)) == (0, True)


@pytest.mark.parametrize(
    "more",
    [
        QUIET.replace("cancel", "refund"),
        QUIET.replace("Orders", "Returns"),
        QUIET.replace("pass", "return"),
        QUIET + "        try:\n            self.send(0, why)\n        except Exception:\n            pass\n",
    ],
    ids=["another method", "another class", "another handler", "one more of the same"],
)
def test_what_is_new_fails(agent, known, more: str) -> None:
    agent.write("shop_agent/services/more.py", more)
    report = agent.report(baseline=known)
    assert report.exit_code == 1
    assert "new since baseline.json" in cq02(report)


def test_new_places_come_first(agent, known) -> None:
    agent.write("shop_agent/services/zz.py", QUIET.replace("cancel", "refund"))
    report = agent.report(baseline=known)
    places = next(r.evidence for r in report.results if r.id == "CQ02")
    assert [place.path for place in places] == ["shop_agent/services/zz.py", "shop_agent/services/orders.py"]
    assert "(1 of 2 places new since baseline.json)" in cq02(report)


def test_a_warning_that_fails_now_is_new_and_a_failure_that_only_warns_is_not(agent, known) -> None:
    rows = json.loads(known.read_text())
    rows["known"][0]["verdict"] = "warn"
    known.write_text(json.dumps(rows))
    assert agent.report(baseline=known).exit_code == 1
    rows["known"][0]["verdict"] = "fail"
    known.write_text(json.dumps(rows))
    agent.write(".agentctl/checklist.yaml", "thresholds:\n  silent_handlers: 50\n")
    assert "(known:" in cq02(agent.report(baseline=known))


def test_an_absence_is_known_too(agent, tmp_path) -> None:
    agent.remove("tests")
    path = tmp_path / "baseline.json"
    agent.report(baseline=path, write_baseline=True)
    assert agent.report(baseline=path).exit_code == 0


# ---------------------------------------------------------------- it only ever shrinks


def test_it_never_grows_by_itself(agent, known) -> None:
    before = known.read_text()
    agent.write("shop_agent/services/more.py", QUIET.replace("cancel", "refund"))
    report = agent.report(baseline=known, write_baseline=True)
    assert known.read_text() == before
    assert (report.exit_code, any("it never grows by itself" in note for note in report.notes)) == (1, True)


def test_what_was_mended_is_told_and_taken_out_when_asked(agent, known) -> None:
    agent.remove("shop_agent/services/orders.py")
    before = known.read_text()
    report = agent.report(baseline=known)
    assert known.read_text() == before
    assert "1 of the 1 in the baseline mended: --write-baseline takes out what was." in report.notes
    agent.report(baseline=known, write_baseline=True)
    assert json.loads(known.read_text())["known"] == []


def test_what_was_not_asked_is_not_mended(agent, known) -> None:
    before = known.read_text()
    report = agent.report(baseline=known, write_baseline=True, only=["TS07"])
    assert known.read_text() == before
    assert not [note for note in report.notes if "mended" in note]


def test_the_policy_names_the_baseline(agent) -> None:
    agent.write("shop_agent/services/orders.py", QUIET)
    agent.write(".agentctl/checklist.yaml", "baseline: .agentctl/baseline.json\n")
    agent.report(write_baseline=True)
    assert (agent.root / ".agentctl" / "baseline.json").is_file()
    assert agent.report().exit_code == 0
    assert agent.report(policy=Path("none")).exit_code == 1


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"schema": "other"}', '{"schema": "urn:agentctl:schemas:baseline:1", "known": [1]}', "[" * 5000],
)
def test_what_is_no_baseline_is_told(agent, tmp_path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"baseline\.json: .*baseline|nested"):
        agent.report(baseline=path)


def test_a_baseline_that_is_not_there_is_told(agent, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"baseline\.json: cannot be read"):
        agent.report(baseline=tmp_path / "baseline.json")


# ---------------------------------------------------------------- snippets


@pytest.mark.parametrize(
    ("line", "name", "snippet"),
    [
        (1, "Orders", "class Orders:\n    pass"),
        (2, "Orders.cancel", "@traced\ndef cancel(self):\n    pass"),
        (4, "Orders.cancel", "return 1"),
        (6, "", "x = call(1, 2)"),
        (9, "", "except ValueError:\n    x = 2"),
    ],
)
def test_a_snippet_is_the_statement_without_its_blocks(line: int, name: str, snippet: str) -> None:
    text = "class Orders:\n    @traced\n    def cancel(self):\n        return 1\n\nx = call(1,\n  2)\ntry: x = 1\nexcept ValueError:\n    x = 2\n"
    assert Snippets({"a.py": text}).at(Location(path="a.py", line=line)) == (name, snippet)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Location(path="deploy/Dockerfile", line=2), ("Dockerfile", "USERroot")),
        (Location(path="deploy/Dockerfile"), ("Dockerfile", "")),
        (Location(path="broken.py", line=1), ("broken.py", "def(:")),
        (Location(path="missing.py", line=7), ("missing.py", "")),
    ],
)
def test_what_is_no_python_is_told_by_its_line(place: Location, expected: tuple[str, str]) -> None:
    texts = {"deploy/Dockerfile": "FROM a\nUSER   root\n", "broken.py": "def (:\n"}
    assert Snippets(texts).at(place) == expected


# ---------------------------------------------------------------- against a revision


def test_what_changed_since_a_revision_is_a_table_with_figures_and_a_trend(repository) -> None:
    repository.remove("tests")
    repository.remove("shop_agent/services/orders.py")
    report = repository.report(against="HEAD")
    (table,) = report.tables
    rows = {row[1]: row for row in table.rows}
    assert (table.title, table.columns[3]) == ("Since HEAD", "HEAD")
    assert rows["TS01"] == ("worse", "TS01", "Unit tests that CI runs", "pass", "fail")
    assert rows["CQ02"][0] == "better"
    assert [row[0] for row in table.rows] == sorted(
        (row[0] for row in table.rows), key=("worse", "better", "other").index
    )
    assert {figure.name for figure in report.figures} >= {"verified_change", "decided_change"}
    assert [len(series.points) for series in report.series] == [2, 2]


def test_the_folder_of_the_policy_is_made_for_a_baseline(repository) -> None:
    path = repository.root / ".agentctl" / "baseline.json"
    shutil.rmtree(path.parent, ignore_errors=True)
    report = repository.report(baseline=path, write_baseline=True, only=["CQ02"])
    assert path.is_file()
    assert (path.parent / ".gitignore").is_file()
    assert report.notes[-1].endswith(": baseline: .agentctl/baseline.json")
    repository.write(".agentctl/checklist.yaml", "baseline: .agentctl/baseline.json\n")
    assert repository.report(only=["CQ02"]).exit_code == 0


def test_only_what_is_new_since_the_revision_can_fail(repository) -> None:
    assert repository.report().exit_code == 1
    report = repository.report(against="HEAD", fail_on="new")
    assert (report.exit_code, "(known: in HEAD)" in cq02(report)) == (0, True)
    assert report.summary.endswith("; nothing fails anew")
    repository.write("shop_agent/services/more.py", QUIET.replace("cancel", "refund"))
    report = repository.report(against="HEAD", fail_on="new")
    assert report.exit_code == 1
    assert report.summary.endswith("; fails anew: CQ02")
    assert report.next_steps[0].startswith("CQ02 ")


def test_what_is_known_is_no_alarm_where_only_what_is_new_counts(repository) -> None:
    known = repository.report(against="HEAD", fail_on="new")
    assert "::error" not in github.render(known)
    assert 'failures="0"' in junit.render(known).partition("<testsuite ")[0]
    assert "::error" in github.render(repository.report(against="HEAD", report_only=True))
    repository.remove("requirements.lock")
    lines = github.render(repository.report(against="HEAD", fail_on="new")).splitlines()
    assert [line.partition("title=")[2][:4] for line in lines if line.startswith("::error")] == ["SE05"]
    assert lines[0].startswith("::error")


def test_what_fails_anew_is_the_first_thing_to_do(repository) -> None:
    repository.remove("requirements.lock")
    report = repository.report(against="HEAD", fail_on="new")
    assert report.next_steps[0].startswith("SE05 ")
    assert repository.report().next_steps[0].startswith("CQ02 ")


def test_runs_belong_to_no_revision(repository) -> None:
    repository.run_everything()
    report = repository.report(against="HEAD")
    assert (report.tables, report.notes[-1]) == ((), "No verdict changed since HEAD.")


def test_what_is_tracked_is_looked_at_though_it_is_ignored(repository) -> None:
    repository.write(".gitignore", "shop_agent/services/\n")
    git(repository.root, "add", ".gitignore")
    git(repository.root, "commit", "-q", "-m", "ignored")
    report = repository.report(against="HEAD")
    assert report.tables == ()
    assert "(known: in HEAD)" in cq02(report)


def test_deeds_belong_to_no_revision(repository) -> None:
    repository.record("test", figures={"coverage": 95.0}, suites=[{"name": "chaos", "tests": 4, "verdict": "pass"}])
    report = repository.report(against="HEAD", profile="guide-1")
    assert {r.id: r.verdict for r in report.results}["TS11"] == "pass"
    assert [table.title[:5] for table in report.tables] == ["Guide"]


def test_nothing_is_left_behind_and_nothing_is_written(repository, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    before = {path: path.stat().st_mtime_ns for path in repository.root.rglob("*")}
    repository.report(against="HEAD")
    assert {path: path.stat().st_mtime_ns for path in repository.root.rglob("*")} == before
    assert list(folder.iterdir()) == []


def test_no_hook_filter_or_attribute_of_the_repository_runs(repository, tmp_path) -> None:
    trap = tmp_path / "trap"
    command = f"sh -c 'touch {trap}; cat'"
    for key in (
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "core.fsmonitor",
        "diff.evil.textconv",
    ):
        git(repository.root, "config", key, command)
    (repository.root / ".git" / "hooks" / "post-checkout").write_text(f"#!/bin/sh\ntouch {trap}\n")
    (repository.root / ".git" / "hooks" / "post-checkout").chmod(0o755)
    repository.write(".gitattributes", "* filter=evil diff=evil export-subst\n*.md export-ignore\n")
    repository.write("conftest.py", f"import pathlib\npathlib.Path({str(trap)!r}).touch()\n")
    report = repository.report(against="HEAD")
    assert report.series
    assert not trap.exists()


def test_the_tree_is_as_it_was_links_left_out(repository) -> None:
    (repository.root / "shop_agent" / "link.py").symlink_to("/etc/hostname")
    repository.write("big.txt", b"x" * 3_000_000)
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-q", "-m", "second")
    repository.write("shop_agent/main.py", "changed")
    with past.checked_out(repository.root, "HEAD") as then:
        assert "FastAPI" in (then.root / "shop_agent" / "main.py").read_text()
        assert not (then.root / "shop_agent" / "link.py").is_symlink()
        assert (then.root / "big.txt").stat().st_size == 3_000_000
    assert not then.root.exists()


def test_a_name_that_would_leave_the_folder_is_left_out(repository, tmp_path) -> None:
    blob = git(repository.root, "rev-parse", "HEAD:README.md")
    raw = b"100644 ..\0" + bytes.fromhex(blob) + b"100644 fine.md\0" + bytes.fromhex(blob)
    done = subprocess.run(
        [shutil.which("git"), "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        cwd=repository.root,
        input=raw,
        capture_output=True,
        check=True,
    )
    commit = git(repository.root, "commit-tree", done.stdout.decode().strip(), "-m", "evil")
    with past.checked_out(repository.root, commit) as then:
        assert {path.name for path in then.root.iterdir()} == {".git", "fine.md"}
        assert [path.name for path in then.root.parent.iterdir()] == [then.root.name]


@pytest.mark.parametrize("name", ["nowhere", "--help", "-x", "HEAD:README.md"])
def test_what_is_no_revision_is_told(repository, name: str) -> None:
    with pytest.raises(UsageError, match="there is no such revision"):
        repository.report(against=name)


def test_without_a_repository_there_is_no_revision(agent) -> None:
    with pytest.raises(UsageError, match="in no git repository"):
        agent.report(against="HEAD")


def test_a_folder_of_a_repository_is_compared_with_itself(repository) -> None:
    with past.checked_out(repository.root / "shop_agent", "HEAD") as then:
        assert (then.root / "main.py").is_file()
        assert then.root.name == "shop_agent"
