"""``--evidence``: what a run left counts while it is about today's content, and only as far as it goes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from agentctl import records
from agentctl.checklist.policy.evidence import markup, tables
from agentctl.checklist.policy.evidence.model import NotOursError
from agentctl.errors import UsageError

NOW = int(time.time())
HOUR = 3600


def git(root: Path, *arguments: str, when: int = NOW - 10 * HOUR) -> str:
    environment = {**os.environ, "GIT_AUTHOR_DATE": f"{when} +0000", "GIT_COMMITTER_DATE": f"{when} +0000"}
    quiet = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        [shutil.which("git"), *quiet, *arguments], cwd=root, check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()


@pytest.fixture
def repository(agent):
    """The example agent, committed ten hours ago."""
    git(agent.root, "init", "-q", "-b", "main")
    git(agent.root, "add", ".")
    git(agent.root, "commit", "-q", "-m", "first")
    return agent


def shipped(root: Path) -> list[str]:
    paths = (path for path in (root / "shop_agent").rglob("*.py") if path.read_text().strip())
    return sorted(path.relative_to(root).as_posix() for path in paths if "tests" not in path.parts)


def files_of_tests(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("test_*.py"))


def coverage(
    root: Path, rate: float = 0.95, *, when: float = NOW, files: list[str] | None = None, source: str = "/home/ci/work"
) -> str:
    classes = "".join(
        f'<class filename="{name}" line-rate="1"/>' for name in (shipped(root) if files is None else files)
    )
    return (
        f'<?xml version="1.0" ?><coverage timestamp="{int(when * 1000)}" line-rate="{rate}" lines-valid="1000" '
        f'lines-covered="{int(rate * 1000)}"><sources><source>{source}</source></sources>'
        f"<packages><package><classes>{classes}</classes></package></packages></coverage>"
    )


def junit(root: Path, *, when: str | None = None, bad: str = "") -> str:
    stamp = when or time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(NOW))
    cases = "".join(
        f'<testcase classname="{name.removesuffix(".py").replace("/", ".")}.TestAll" name="test_a"/>'
        for name in files_of_tests(root)
    )
    return f'<testsuites><testsuite timestamp="{stamp}">{cases}{bad}</testsuite></testsuites>'


def brought(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def found(agent, *paths: Path, **options: object):
    return {result.id: result for result in agent.report(evidence=paths, **options).results}


def notes(agent, *paths: Path) -> str:
    return "\n".join(note for note in agent.report(evidence=paths).notes if note.startswith("evidence"))


# ---------------------------------------------------------------- records


def test_records_that_ci_hands_over_count_as_its_own(agent, tmp_path) -> None:
    agent.run_everything()
    shutil.move(agent.root / ".agentctl" / "records", tmp_path / "artifact")
    agent.remove(".agentctl")
    assert agent.verdicts()["TS02"] == "unknown"
    results = found(agent, tmp_path / "artifact")
    assert (results["TS02"].verdict, results["TS08"].verdict) == ("pass", "pass")
    assert results["TS02"].evidence[0].path.startswith(str(tmp_path / "artifact"))
    agent.write("shop_agent/later.py", "x = 1\n")
    assert found(agent, tmp_path / "artifact")["TS02"].verdict == "unknown"


def test_a_folder_with_the_state_folder_in_it_is_looked_through(agent, tmp_path) -> None:
    agent.record("test", figures={"coverage": 97.0})
    shutil.move(agent.root / ".agentctl", tmp_path / "download" / ".agentctl")
    assert found(agent, tmp_path / "download")["TS02"].verdict == "pass"


def test_a_fresh_record_comes_before_a_newer_stale_one(agent, tmp_path) -> None:
    agent.record("test", figures={"coverage": 97.0})
    other = records.Content(digest="x", files={"a.py": "0"})
    stale = records.Record(
        kind="test",
        verdict="fail",
        command=["x"],
        content=other,
        figures={"coverage": 1},
        created="2999-01-01T00:00:00+00:00",
    )
    records.write(tmp_path / "elsewhere", stale)
    assert found(agent, tmp_path / "elsewhere")["TS02"].verdict == "pass"


# ---------------------------------------------------------------- coverage and tests


@pytest.mark.parametrize(("rate", "verdict"), [(0.95, "pass"), (0.5, "fail")])
def test_fresh_coverage_is_measured_coverage(repository, tmp_path, rate: float, verdict: str) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, rate))
    result = found(repository, folder)["TS02"]
    assert (result.verdict, f"{100 * rate:.1f} %" in result.message) == (verdict, True)
    assert "coverage.xml: test, pass, of today's content." in notes(repository, folder)


@pytest.mark.parametrize(
    "source", ["/home/ci/shop-agent", "/home/ci/shop-agent/shop_agent", "C:\\work\\shop-agent", ""]
)
def test_the_folders_of_another_machine_are_taken_off(repository, tmp_path, source: str) -> None:
    inside = source.endswith("shop_agent")
    names = [name.removeprefix("shop_agent/") if inside else name for name in shipped(repository.root)]
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, files=names, source=source))
    assert found(repository, folder)["TS02"].verdict == "pass"


def test_coverage_from_before_the_last_commit_is_stale(repository, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, when=NOW - 5 * HOUR))
    assert found(repository, folder)["TS02"].verdict == "pass"
    repository.write("shop_agent/services/later.py", "X = 1\n")
    git(repository.root, "add", ".", when=NOW - HOUR)
    git(repository.root, "commit", "-q", "-m", "second", when=NOW - HOUR)
    result = found(repository, folder)["TS02"]
    assert result.verdict == "unknown"
    assert "stale: 1 file changed since (shop_agent/services/later.py)" in result.message


def test_what_is_not_committed_is_changed(repository, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root))
    repository.edit("shop_agent/main.py", "import", "import os\nimport")
    assert found(repository, folder)["TS02"].verdict == "unknown"


def test_what_was_merged_later_is_changed_though_its_commit_is_older(repository, tmp_path) -> None:
    git(repository.root, "switch", "-q", "-c", "side")
    repository.write("shop_agent/services/side.py", "X = 1\n")
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-q", "-m", "side", when=NOW - 9 * HOUR)
    git(repository.root, "switch", "-q", "main")
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, when=NOW - 5 * HOUR))
    git(repository.root, "merge", "-q", "--no-ff", "-m", "merge", "side", when=NOW - HOUR)
    assert "side.py" in found(repository, folder)["TS02"].message


def test_a_shallow_clone_as_ci_has_it_is_enough(repository, tmp_path) -> None:
    repository.write("shop_agent/services/later.py", "X = 1\n")
    git(repository.root, "add", ".", when=NOW - HOUR)
    git(repository.root, "commit", "-q", "-m", "second", when=NOW - HOUR)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.root}", str(clone))
    inside = type(repository)(clone)
    fresh, old = (
        brought(tmp_path / name, coverage__xml=coverage(clone, when=when))
        for name, when in (("a", NOW), ("b", NOW - 2 * HOUR))
    )
    assert (found(inside, fresh)["TS02"].verdict, found(inside, old)["TS02"].verdict) == ("pass", "unknown")


def test_a_source_that_was_removed_since_is_a_change(repository, tmp_path) -> None:
    repository.write("shop_agent/services/gone.py", "X = 1\n")
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-q", "-m", "second", when=NOW - 9 * HOUR)
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, when=NOW - 5 * HOUR))
    assert found(repository, folder)["TS02"].verdict == "pass"
    git(repository.root, "rm", "-q", "shop_agent/services/gone.py")
    git(repository.root, "commit", "-q", "-m", "third", when=NOW - HOUR)
    assert found(repository, folder)["TS02"].verdict == "unknown"


IN_A_YEAR = pytest.param(str((NOW + 400 * 24 * HOUR) * 1000), id="in a year")


@pytest.mark.parametrize("when", ["nan", "inf", "-1", "1e300", IN_A_YEAR, "soon"])
def test_a_time_that_cannot_be_proves_nothing(repository, tmp_path, when: str) -> None:
    text = coverage(repository.root).replace(f'timestamp="{NOW * 1000}"', f'timestamp="{when}"')
    assert f'timestamp="{when}"' in text
    assert found(repository, brought(tmp_path, coverage__xml=text))["TS02"].verdict == "unknown"


@pytest.mark.parametrize("number", ["nan", "inf", "1e400", "-5", "x"])
def test_numbers_that_are_none_in_any_form(repository, tmp_path, number: str) -> None:
    folder = brought(tmp_path, load_stats__csv=STATS.format(failed=number, mean=number))
    (folder / "load_stats_history.csv").write_text(HISTORY.format(number, number))
    (folder / "a.json").write_text(
        '[{"name": "x", "num_requests": 1e400, "total_response_time": 1, "last_request_timestamp": 1e400}]'
    )
    (folder / "b.json").write_text('{"machine_info": {}, "datetime": 5, "benchmarks": [{"stats": {"mean": 1e400}}]}')
    assert found(repository, folder)["TS08"].verdict == "unknown"


def test_coverage_of_half_of_the_files_proves_nothing(repository, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, files=shipped(repository.root)[::2]))
    assert found(repository, folder)["TS02"].verdict == "unknown"
    assert "it is about 12 of today's 24 files, not 90 % of them" in notes(repository, folder)


def test_file_times_prove_nothing(repository, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root).replace("timestamp=", "made="))
    assert found(repository, folder)["TS02"].verdict == "unknown"
    assert "it does not say when it was made" in notes(repository, folder)


def test_without_a_history_nothing_tells_what_changed(agent, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(agent.root))
    assert found(agent, folder)["TS02"].verdict == "unknown"
    assert "there is no git history" in notes(agent, folder)


def test_failed_tests_beside_the_coverage_count(repository, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root), junit__xml=junit(repository.root))
    assert found(repository, folder)["TS02"].verdict == "pass"
    bad = '<testcase classname="tests.unit.test_x" name="b"><failure/></testcase>'
    folder = brought(tmp_path, junit__xml=junit(repository.root, bad=bad))
    assert found(repository, folder)["TS02"].verdict == "fail"


def test_junit_files_of_one_job_are_one_run(repository, tmp_path) -> None:
    files = files_of_tests(repository.root)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(NOW))
    cases = ['<testcase classname="' + name.removesuffix(".py").replace("/", ".") + '" name="a"/>' for name in files]
    texts = [f'<testsuite timestamp="{stamp}">{case}</testsuite>' for case in cases]
    folder = brought(
        tmp_path, coverage__xml=coverage(repository.root), **{f"junit{n}__xml": text for n, text in enumerate(texts)}
    )
    assert found(repository, folder)["TS02"].verdict == "pass"
    assert f"junit0.xml and {len(files) - 1} more: test, pass, of today's content." in notes(repository, folder)
    failed = texts[0].replace('name="a"/>', 'name="a"><error/></testcase>')
    assert found(repository, brought(tmp_path, junit0__xml=failed))["TS02"].verdict == "fail"
    old = texts[1].replace(stamp, "2020-01-01T00:00:00+00:00")
    assert (
        found(repository, brought(tmp_path, junit0__xml=texts[0], junit1__xml=old), profile="guide-1")["TS11"].verdict
        == "unknown"
    )


def test_a_record_that_agentctl_does_not_write_is_none(agent, tmp_path) -> None:
    other = records.Record(
        kind="benchmark", verdict="pass", command=["x"], content=records.content(agent.root), figures={}
    )
    path = records.write(tmp_path / "elsewhere", other)
    with pytest.raises(UsageError, match="is a record of 'benchmark'"):
        agent.report(evidence=[path])
    assert found(agent, tmp_path / "elsewhere")["TS09"].verdict == "unknown"


def test_junit_alone_shows_deeds_and_no_coverage(repository, tmp_path) -> None:
    folder = brought(tmp_path, junit__xml=junit(repository.root))
    results = found(repository, folder, profile="guide-1")
    assert results["TS02"].verdict == "unknown"
    suites = {path.split("/")[-2] for path in files_of_tests(repository.root)}
    assert "chaos" in suites
    assert (results["TS11"].verdict, results["TS11"].evidence[-1].path) == ("pass", str(folder / "junit.xml"))


def test_junit_without_the_files_of_today_is_stale(repository, tmp_path) -> None:
    text = '<testsuite timestamp="2999-01-01T00:00:00"><testcase classname="other.test_x" name="a"/></testsuite>'
    folder = brought(tmp_path, junit__xml=text)
    assert found(repository, folder, profile="guide-1")["TS11"].verdict == "unknown"


def test_evidence_that_git_tracks_warns_at_most(repository) -> None:
    repository.write("reports/coverage.xml", coverage(repository.root))
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-q", "-m", "second")
    assert found(repository, repository.root / "reports")["TS02"].verdict == "warn"


def test_evidence_that_lies_in_the_tree_is_no_content_of_it(repository, tmp_path) -> None:
    repository.record("test", figures={"coverage": 97.0})
    shutil.move(repository.root / ".agentctl" / "records", repository.root / "artifacts")
    repository.write("artifacts/load_stats.csv", "Type,Name\n")
    assert found(repository, repository.root / "artifacts")["TS02"].verdict == "pass"


def test_a_whole_tree_without_git_may_be_named(agent) -> None:
    agent.record("test", figures={"coverage": 97.0})
    assert found(agent, agent.root)["TS02"].verdict == "pass"


def test_what_git_tracks_counts_for_nothing_beside_what_it_does_not(repository, tmp_path) -> None:
    repository.write("reports/coverage.xml", coverage(repository.root, 0.99))
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-q", "-m", "second")
    folder = brought(tmp_path, coverage__xml=coverage(repository.root, 0.95, when=NOW - HOUR))
    result = found(repository, repository.root / "reports", folder)["TS02"]
    assert (result.verdict, "95.0 %" in result.message) == ("pass", True)


# ---------------------------------------------------------------- load, benchmarks, scans

STATS = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time\nGET,/v1/answers,1000,{failed},90,{mean},1\n,Aggregated,1000,{failed},90,{mean},1\n"
HISTORY = "Timestamp,User Count\n{0},10\n{1},10\n"


def locust(tmp_path: Path, failed: int = 1, mean: float = 120, name: str = "/v1/answers") -> Path:
    folder = brought(tmp_path, load_stats__csv=STATS.format(failed=failed, mean=mean).replace("/v1/answers", name))
    (folder / "load_stats_history.csv").write_text(HISTORY.format(NOW - 60, NOW))
    return folder


@pytest.mark.parametrize(
    ("failed", "mean", "name", "verdict", "words"),
    [
        (1, 120, "/v1/answers", "warn", "is not bound to this content"),
        (80, 120, "/v1/answers", "fail", "success>95%: 92 %"),
        (1, 2500, "/v1/answers", "fail", "mean<2s: 2.5 s"),
        (1, 120, "/health/ready", "warn", "only drove health routes"),
    ],
)  # fmt: skip
def test_locust_is_held_to_the_limits_of_guide_0_and_is_bound_to_no_code(
    repository, tmp_path, failed, mean, name, verdict, words
) -> None:
    result = found(repository, locust(tmp_path, failed, mean, name))["TS08"]
    assert (result.verdict, words in result.message) == (verdict, True)


def test_locust_without_times_is_stale(repository, tmp_path) -> None:
    folder = locust(tmp_path)
    (folder / "load_stats_history.csv").unlink()
    assert found(repository, folder)["TS08"].verdict == "unknown"


def test_locust_as_json(repository, tmp_path) -> None:
    row = {
        "name": "/v1/answers",
        "num_requests": 100,
        "num_failures": 0,
        "total_response_time": 9000.0,
        "last_request_timestamp": NOW,
    }
    assert found(repository, brought(tmp_path, stats__json=json.dumps([row])))["TS08"].verdict == "warn"


def benchmarks(commit: str | None, mean: float = 0.010, cpu: str = "Z80", *, dirty: bool = False) -> str:
    row = {"fullname": "tests/performance/test_a.py::test_a", "stats": {"mean": mean}}
    info = {"commit_info": {"id": commit, "dirty": dirty}, "machine_info": {"cpu": {"brand_raw": cpu}}}
    return json.dumps({**info, "datetime": "2026-01-01T00:00:00+00:00", "benchmarks": [row]})


@pytest.mark.parametrize(
    ("run", "verdict", "words"),
    [
        ({}, "pass", "the kept baseline holds for 1 benchmark"),
        ({"mean": 0.012}, "pass", "holds"),
        ({"mean": 0.013}, "fail", "a quarter slower"),
        ({"cpu": "6502"}, "unknown", "no baseline of the same processor"),
        ({"dirty": True}, "unknown", "stale"),
    ],
)
def test_benchmarks_of_this_commit_are_held_to_the_kept_baseline(
    repository, tmp_path, run, verdict: str, words: str
) -> None:
    repository.write(".benchmarks/0001_baseline.json", benchmarks(None))
    git(repository.root, "add", "--force", ".")
    git(repository.root, "commit", "-q", "-m", "baseline")
    folder = brought(tmp_path, run__json=benchmarks(git(repository.root, "rev-parse", "HEAD"), **run))
    result = found(repository, folder)["TS09"]
    assert (result.verdict, words in result.message) == (verdict, True)


def sarif(commit: str | None, level: str = "warning", **run: object) -> str:
    origin = {"versionControlProvenance": [{"revisionId": commit}]} if commit else {}
    results = [{"level": level, "message": {"text": "m"}}]
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bandit"}}, "results": results, **origin, **run}]}
    )


def test_a_scan_of_this_commit_without_errors_is_a_completed_scan(repository, tmp_path) -> None:
    commit = git(repository.root, "rev-parse", "HEAD")
    assert found(repository, profile="guide-0")["SE04"].verdict == "unknown"
    folder = brought(tmp_path, scan__sarif=sarif(commit))
    assert found(repository, folder, profile="guide-0")["SE04"].verdict == "pass"


@pytest.mark.parametrize("kind", ["errors", "another commit", "no commit", "broken off", "changed"])
def test_a_scan_that_shows_nothing(repository, tmp_path, kind: str) -> None:
    commit = git(repository.root, "rev-parse", "HEAD")
    texts = {
        "errors": sarif(commit, "error"),
        "another commit": sarif("0" * 40),
        "no commit": sarif(None),
        "broken off": sarif(commit, invocations=[{"executionSuccessful": False}]),
        "changed": sarif(commit),
    }
    if kind == "changed":
        repository.write("shop_agent/services/later.py", "x = 1\n")
    folder = brought(tmp_path, scan__sarif=texts[kind])
    assert found(repository, folder, profile="guide-0")["SE04"].verdict == "unknown"


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xml", "<html/>"),
        ("a.xml", "<coverage"),
        ("a.xml", '<!DOCTYPE x [<!ENTITY a "b">]><testsuites><testcase classname="&a;"/></testsuites>'),
        ("a.xml", "<testsuites/>"),
        ("a.xml", '<coverage line-rate="nan"/>'),
        ("a.xml", '<coverage line-rate="0.9" lines-covered="500" lines-valid="100"/>'),
        ("a.json", "{}"),
        ("a.json", "[" * 100_000),
        ("a.json", '{"version": "2.1.0", "runs": [1]}'),
        ("a.csv", "a,b\n1,2\n"),
        ("a.csv", ""),
        ("a.sarif", "nothing"),
    ],
)
def test_a_file_that_is_named_and_is_no_evidence_is_told(agent, tmp_path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError, match=rf"--evidence .*{name}"):
        agent.report(evidence=[path])
    assert f"evidence {tmp_path}: holds none of" in notes(agent, tmp_path)


def test_a_path_that_is_not_there_is_told(agent, tmp_path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        agent.report(evidence=[tmp_path / "gone"])


def test_links_and_loops_in_a_folder_are_passed_over(repository, tmp_path) -> None:
    folder = brought(tmp_path, coverage__xml=coverage(repository.root))
    (folder / "loop").symlink_to(folder)
    (folder / "other.xml").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe.xml")
    assert found(repository, folder)["TS02"].verdict == "pass"


def test_numbers_that_are_none_read_as_nothing() -> None:
    with pytest.raises(NotOursError):
        tables.read_csv("Type,Name,Request Count,Failure Count\nGET,/,x,y\n", None)
    with pytest.raises(NotOursError):
        tables.read_json(json.dumps({"machine_info": {}, "benchmarks": [{"stats": {"mean": "x"}}, 1]}))


def test_junit_names_its_files_by_attribute_or_by_class() -> None:
    text = '<testsuite><testcase file="tests/unit/test_a.py" classname="x"/><testcase classname="tests.unit.test_b.TestB"/></testsuite>'
    assert [names[0] for names in markup.read(text).listed] == ["tests/unit/test_a.py", "tests/unit/test_b.py"]
