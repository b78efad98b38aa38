"""Whole runs against real servers in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from agentctl import project as projects
from agentctl import records
from agentctl.errors import NoAnswerError, UsageError
from agentctl.loadtesting import driver, serving
from agentctl.loadtesting.plan import Options
from agentctl.loadtesting.run import loadtest
from agentctl.results import Verdict

PYTHON = Path(sys.executable)
FAST = {"rate": "50", "duration": "1.2s"}


def drive(folder, **options):
    told = []
    report = loadtest(projects.load(folder), Options(**{**FAST, **options}), python=PYTHON, tell=told.append)
    assert told or report.verdict is not Verdict.PASS
    return report


def figure(report, name):
    return next(one.value for one in report.figures if one.name == name)


def table(report, title):
    return next(one for one in report.tables if one.title == title)


def answers(report):
    return {name: int(count) for name, count in table(report, "Answers").rows}


@pytest.fixture
def empty(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_a_served_agent_that_holds_passes_and_leaves_a_record(project):
    folder = project(extra='[loadtest.environment]\nMY_AGENT_ENVIRONMENT = "load"')
    before = records.content(folder)
    report = drive(folder, serve=True)
    assert (report.verdict, report.exit_code) == (Verdict.PASS, 0)
    assert answers(report) == {"200 OK": 60}
    assert [finding.id for finding in report.results] == ["gate:success", "gate:mean", "gate:p95"]
    assert table(report, "Requests").rows[0][:3] == ("GET /chat", "60", "100 %")
    assert {series.name for series in report.series} >= {"rate", "p95", "server_cpu", "server_memory"}
    (record,) = records.read(folder, "loadtest")
    assert record.verdict == "pass"
    assert record.content.digest == before.digest
    assert record.figures["requests"] == 60
    assert record.figures["success_rate"] == 100
    assert record.details["mode"] == "serve"
    assert record.details["bound"] is True
    assert record.details["health_only"] is False
    assert record.details["environment"] == "load"
    assert record.details["requests"] == [{"method": "GET", "path": "/chat"}]
    assert [gate["verdict"] for gate in record.details["gates"]] == ["pass", "pass", "pass"]


def test_what_already_runs_is_not_bound_to_the_content_and_health_routes_prove_nothing(start, project):
    url, folder = start(), project()
    report = drive(folder, host=url, path="/health/ready")
    assert report.verdict is Verdict.PASS
    assert report.subject == url
    assert any("proves nothing" in note for note in report.notes)
    (record,) = records.read(folder, "loadtest")
    assert (record.details["mode"], record.details["bound"], record.details["health_only"]) == ("host", False, True)
    assert record.details["environment"] is None


def test_the_templates_reach_the_server(project, tmp_path):
    log = tmp_path / "log.ndjson"
    extra = f"""
tokens = "{{python}} {tmp_path / "tokens.py"}"
[loadtest.environment]
SIGNING_SECRET = "swordfish"
[[loadtest.requests]]
path = "/echo"
headers = {{Authorization = "Bearer {{token}}"}}
body = {{question = "What is {{n}}?"}}
weight = 2
[[loadtest.requests]]
path = "/chat"
"""
    (tmp_path / "tokens.py").write_text('import os\nfor n in "ab": print(os.environ["SIGNING_SECRET"] + "-" + n)\n')
    report = drive(project(server=f"--log {log}", extra=extra), serve=True)
    assert report.verdict is Verdict.PASS
    seen = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(seen) == 40
    assert {one["method"] for one in seen} == {"POST"}
    assert {one["headers"]["authorization"] for one in seen} == {"Bearer swordfish-a", "Bearer swordfish-b"}
    asked = sorted(int(json.loads(one["body"])["question"][8:-1]) for one in seen)
    assert len(set(asked)) == 40
    assert (asked[0], asked[-1]) == (1, 60)
    assert [row[:2] for row in table(report, "Requests").rows] == [("POST /echo", "40"), ("GET /chat", "20")]


def test_a_stall_shows_in_the_percentiles_as_arithmetic_says(start, empty):
    """200 requests at 50/s; from the 100th on all wait for one second: 50 of them, evenly from 1 s down to 0."""
    report = drive(empty, host=start(), path="/stall", duration="4s", gates=["p99<500ms"])
    assert report.verdict is Verdict.FAIL
    assert figure(report, "requests") == 200
    assert figure(report, "p99") >= 0.9 * (1 - 2 / 50)
    assert figure(report, "p90") >= 0.9 * (1 - 20 / 50)
    assert figure(report, "p99") < 5


def test_a_target_that_answers_errors_fails_and_429_is_counted_apart(start, project):
    paths = ("/error", "/redirect", "/limited")
    folder = project(extra="".join(f'[[loadtest.requests]]\npath = "{path}"\n' for path in paths))
    report = drive(folder, host=start())
    assert (report.verdict, report.exit_code) == (Verdict.FAIL, 1)
    assert answers(report) == {
        "200 OK": 10,
        "307 Temporary Redirect": 20,
        "429 Too Many Requests": 10,
        "500 Internal Server Error": 20,
    }
    assert "success 16.67 % <= 95 %" in report.summary
    assert figure(report, "rate_limited") == 10
    assert any("429" in note for note in report.notes)
    assert any("redirects" in note for note in report.notes)
    assert report.next_steps == (
        "raise the limit in the load environment, or use more identities: [tool.agentctl.loadtest] tokens",
        "look in the server's log for what failed most: 500 Internal Server Error (20 times)",
    )
    (record,) = records.read(folder, "loadtest")
    assert (record.verdict, record.details["rate_limited"]) == ("fail", 10)


def test_a_target_that_hangs_fails_within_the_timeout_and_the_cap(start, empty):
    report = drive(empty, host=start(), path="/hang", timeout=0.5)
    assert report.verdict is Verdict.FAIL
    assert answers(report)["no answer within 0.5 s"] > 0
    assert max(y for series in report.series if series.name == "in_flight" for _, y in series.points) <= 25


def test_a_slow_target_fails_its_gate_and_not_the_generator(start, empty):
    report = drive(empty, host=start(), path="/slow", gates=["p50<100ms"])
    assert report.verdict is Verdict.FAIL
    assert figure(report, "p50") >= 0.3
    assert [finding.id for finding in report.results if finding.verdict is Verdict.FAIL] == ["gate:p50"]
    assert report.next_steps == (
        "find the rate that it holds: repeat the run with --rate 25, then between that and 50",
    )


def test_answers_of_every_framing_are_read_whole(start, project):
    paths = ("/close", "/without-length", "/chunked")
    folder = project(extra="".join(f'[[loadtest.requests]]\npath = "{path}"\n' for path in paths))
    assert answers(drive(folder, host=start())) == {"200 OK": 60}


def test_half_an_answer_is_none(start, empty):
    report = drive(empty, host=start(), path="/half")
    assert report.verdict is Verdict.FAIL
    assert answers(report) == {"connection closed by the server": 60}


def test_what_speaks_no_http_fails(start, empty):
    report = drive(empty, host=start("--garbage"), path="/")
    assert report.verdict is Verdict.FAIL
    assert answers(report) == {"not an HTTP answer": 60}
    assert "no project here, so the run left no record" in report.notes
    assert list(empty.iterdir()) == []


def test_a_server_that_dies_during_the_run_fails_and_ends_it_early(project):
    report = drive(project("/leak", extra='[loadtest.environment]\nSIGNING_SECRET = "swordfish"'), serve=True,
                   duration="60s", headers=["Authorization: Bearer mine"])  # fmt: skip
    assert (report.verdict, report.exit_code) == (Verdict.FAIL, 1)
    assert "the server ended with exit code 7 during the run" in report.summary
    assert report.results[0].id == "target"
    (section,) = report.sections
    assert any(line.startswith("denied:") for line in section.lines)
    assert "swordfish" not in " ".join(section.lines)


def test_a_host_that_dies_during_the_run_fails(start, empty):
    report = drive(empty, host=start(), path="/leak")
    assert report.verdict is Verdict.FAIL
    counted = answers(report)
    assert counted.pop("200 OK") == 19
    assert counted["connection refused"] > 30
    assert sum(counted.values()) == 41


def test_nothing_at_the_host_fails_at_once_and_clearly(empty):
    report = drive(empty, host="http://127.0.0.1:1", path="/chat")
    assert (report.verdict, report.exit_code) == (Verdict.FAIL, 1)
    assert "nothing answers at http://127.0.0.1:1: Connection refused" in report.summary


def test_a_server_that_dies_at_once_is_invalid_and_its_last_words_are_shown(project):
    report = drive(project(server="--die-at-once"), serve=True)
    assert (report.verdict, report.exit_code) == (Verdict.INVALID, 3)
    assert "the server ended with exit code 4 before it was ready" in report.summary
    assert report.sections[0].lines == ("cannot open the database",)


def test_a_server_that_never_gets_ready_is_invalid(project, monkeypatch):
    monkeypatch.setattr(serving, "READY_BOUND", 2.0)
    report = drive(project(server="--never-ready"), serve=True)
    assert report.exit_code == 3
    assert "not ready within 2 s: GET /health/ready answered 503" in report.summary


def test_a_generator_that_dies_is_no_answer_and_leaves_no_record(start, project, monkeypatch):
    follow = driver._Follower.follow

    def following(self, bound):
        self._on_sample = lambda _sample: self._child.kill()
        follow(self, bound)

    monkeypatch.setattr(driver._Follower, "follow", following)
    folder = project()
    with pytest.raises(NoAnswerError, match="the load generator died: signal 9"):
        drive(folder, host=start(), duration="30s")
    assert records.read(folder, "loadtest") == []


def test_a_generator_that_is_stopped_in_the_middle_makes_the_run_invalid(start, empty, monkeypatch):
    follow = driver._Follower.follow

    def following(self, bound):
        self._on_sample = lambda _sample: self._child.terminate()
        follow(self, bound)

    monkeypatch.setattr(driver._Follower, "follow", following)
    report = drive(empty, host=start(), path="/chat", duration="30s")
    assert (report.verdict, report.exit_code) == (Verdict.INVALID, 3)
    assert "cut short after" in report.summary
    assert report.results[0].id == "run"


def test_a_daemon_that_the_server_leaves_behind_holds_nothing_up(project, tmp_path):
    pid = tmp_path / "daemon.pid"
    report = drive(project(server=f"--leave-daemon {pid}"), serve=True)
    os.kill(int(pid.read_text()), signal.SIGKILL)
    assert report.verdict is Verdict.PASS


def test_a_generator_that_never_ends_is_stopped_at_its_bound(start, empty, monkeypatch):
    monkeypatch.setattr(driver, "STARTUP", -60.0)
    monkeypatch.setattr(driver, "DRAIN", 5.0)
    with pytest.raises(NoAnswerError, match="did not end within"):
        drive(empty, host=start(), path="/", duration="30s", timeout=30.0)


@pytest.mark.parametrize("options", [{}, {"serve": True, "host": "http://127.0.0.1:1"}])
def test_one_of_serve_and_host_is_needed(empty, options):
    with pytest.raises(UsageError, match="what should be driven"):
        drive(empty, path="/", **options)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ("", UsageError, "has no serve command"),
        ('serve = "{python} server.py"', UsageError, "has no {port}"),
        ('serve = "{python} \'server.py {port}"', UsageError, "No closing quotation"),
        ('serve = "no-such-program {port}"', NoAnswerError, "cannot start no-such-program"),
    ],
)
def test_a_serve_command_that_cannot_be_used_is_named(empty, settings, error, words):
    (empty / "agentctl.toml").write_text(f"[loadtest]\n{settings}\n")
    with pytest.raises(error) as caught:
        drive(empty, serve=True, path="/")
    assert words in caught.value.message


def test_a_project_without_an_environment_says_how_to_get_one(project, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    with pytest.raises(NoAnswerError, match="no Python environment") as caught:
        loadtest(projects.load(project()), Options(serve=True, **FAST), tell=lambda _words: None)
    assert "--python" in caught.value.hint


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('no key')", "ended with exit code 1: no key"),
        ("", "printed no token"),
        ("print('a token')", "printed a line that is no token"),
    ],
)
def test_a_tokens_command_that_fails_is_no_answer(project, program, words):
    folder = project(extra='tokens = "{python} tokens.py"')
    (folder / "tokens.py").write_text(program)
    with pytest.raises(NoAnswerError) as caught:
        drive(folder, serve=True, headers=["Authorization: Bearer {token}"])
    assert words in caught.value.message


def test_a_token_without_a_tokens_command_says_what_to_add(project):
    with pytest.raises(UsageError, match="no command prints tokens"):
        drive(project(), serve=True, headers=["Authorization: Bearer {token}"])
