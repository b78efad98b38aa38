"""Many files: what is cached is what would be found again, and processes change nothing."""

from __future__ import annotations

import marshal
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agentctl.validation import cache, many, run

EXAMPLES = Path(__file__).parents[1] / "examples"
SCHEMA = '{"properties": {"a": {"type": "integer"}}}'


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "schema.json").write_text(SCHEMA)
    for number in range(20):
        (project / "data" / f"{number:02}.yaml").write_text("a: 1\n" if number % 5 else "a: x\n")
    for path in project.rglob("*"):
        os.utime(path, (1, 1))
    monkeypatch.chdir(project)
    monkeypatch.setattr(cache, "_YOUNG", -1)
    return project


def report(*, cached=True):
    return run.validate(paths=["data"], schema="schema.json", cached=cached)


def caches(corpus) -> list[Path]:
    return sorted((corpus.parent / "cache").rglob(f"*{cache.ENDING}"))


def test_what_is_cached_is_what_was_found(corpus, monkeypatch):
    first = report()
    assert len(caches(corpus)) == 1
    monkeypatch.setattr(many.outcome, "look", lambda *_: pytest.fail("an unchanged file was looked at"))
    assert report() == first
    assert len(first.results) == 4


def test_a_changed_file_is_looked_at_even_with_its_old_times(corpus):
    report()
    path = corpus / "data" / "01.yaml"
    path.write_text("a: y\n")
    os.utime(path, (1, 1))
    assert len(report().results) == 5
    path.unlink()
    assert len(report().results) == 4


def test_a_touched_file_is_known_by_its_content(corpus, monkeypatch):
    first = report()
    (corpus / "data" / "01.yaml").touch()
    monkeypatch.setattr(many.outcome, "look", lambda *_: pytest.fail("the same content was looked at again"))
    assert report() == first


def test_another_schema_or_setting_is_another_cache(corpus):
    report()
    (corpus / "schema.json").write_text(SCHEMA.replace("integer", "string"))
    assert len(report().results) == 16
    (corpus / "agentctl.toml").write_text('[validate.disable]\nwrong-type = "measured elsewhere"\n')
    assert report().results == ()


def test_without_the_cache_nothing_is_written(corpus):
    assert report(cached=False) == report(cached=False)
    assert caches(corpus) == []


@pytest.mark.parametrize("damage", [b"", b"{}", b"x\n{}", None, cache._sha256(b"").encode() + b"\n"])
def test_a_damaged_cache_is_none(corpus, damage):
    first = report()
    (path,) = caches(corpus)
    path.write_bytes(path.read_bytes()[:-5] if damage is None else damage)
    assert report() == first
    assert report() == first


def test_a_cache_of_another_form_is_none(corpus):
    first = report()
    (path,) = caches(corpus)
    body = marshal.dumps(
        {"data/01.yaml": [1], "data/02.yaml": 3, "data/05.yaml": [None, "", {}, {"findings": 3}], "data/06.yaml": None}
    )
    path.write_bytes(cache._sha256(body).encode() + b"\n" + body)
    assert report() == first


def test_the_cache_is_never_in_the_tree(corpus, monkeypatch):
    (corpus / "agentctl.toml").write_text("[test]\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(corpus / "own"))
    report()
    assert not (corpus / "own").exists()


def test_a_folder_that_cannot_be_written_is_no_cache(corpus, monkeypatch):
    (corpus.parent / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(corpus.parent / "file"))
    assert len(report().results) == 4


def test_only_the_newest_caches_stay(corpus, monkeypatch):
    monkeypatch.setattr(cache, "MOST_CACHES", 2)
    for number in range(4):
        (corpus / "schema.json").write_text(f'{{"title": "{number}"}}')
        report()
        time.sleep(0.01)
    assert len(caches(corpus)) == 2


def unread(monkeypatch) -> None:
    monkeypatch.setattr(many.outcome, "look", lambda *_: pytest.fail("an unchanged file was looked at"))


def rewritten(path: Path, text: str) -> None:
    """Write a file that has been there for a while."""
    path.write_text(text)
    os.utime(path, (1, 1))


def test_a_file_that_a_schema_refers_to_is_looked_at_too(corpus, monkeypatch):
    (corpus / "schema.json").write_text('{"properties": {"a": {"$ref": "part.json"}}}')
    rewritten(corpus / "part.json", '{"type": "integer"}')
    first = report()
    assert len(first.results) == 4
    with monkeypatch.context() as patched:
        unread(patched)
        assert report() == first
    rewritten(corpus / "part.json", '{"type": "string"}')
    assert len(report().results) == 16


def test_the_schema_that_a_file_names_is_looked_at_too(corpus, monkeypatch):
    rewritten(corpus / "own.json", '{"properties": {"a": {"type": "integer"}}}')
    for path in (corpus / "data").iterdir():
        rewritten(path, f"# yaml-language-server: $schema=../own.json\n{path.read_text()}")
    first = run.validate(paths=["data"])
    assert len(first.results) == 4
    with monkeypatch.context() as patched:
        unread(patched)
        assert run.validate(paths=["data"]) == first
    rewritten(corpus / "own.json", '{"properties": {"a": {"type": "string"}}}')
    assert len(run.validate(paths=["data"]).results) == 16
    (corpus / "own.json").unlink()
    assert run.validate(paths=["data"]).exit_code == 3


def test_what_a_file_waives_is_still_waived(corpus):
    for path in (corpus / "data").iterdir():
        rewritten(path, path.read_text().replace("x\n", "x  # agentctl: disable=wrong-type a letter here\n"))
    first = report()
    assert first.results == ()
    assert report() == first


def agents(corpus, number: int = 20) -> Path:
    """Write agents, two of which have the same id."""
    folder = corpus / "config" / "agents"
    folder.mkdir(parents=True)
    whole = (EXAMPLES / "documents" / "agent" / "valid" / "whole.yaml").read_text()
    told = re.search(r"^agent_id: (.*)$", whole, re.MULTILINE)
    for each in range(number):
        name = told[1].replace("-v", f"-{max(each, 1)}-v")
        rewritten(folder / f"{each:02}.yaml", whole.replace(told[0], f"agent_id: {name}"))
    return folder


def test_what_files_break_between_them_is_found_again(corpus, monkeypatch):
    folder = agents(corpus)
    first = run.validate(paths=[folder])
    assert {one.id for one in first.results} >= {"agent-id-twice"}
    with monkeypatch.context() as patched:
        unread(patched)
        assert run.validate(paths=[folder]) == first
    path = folder / "00.yaml"
    rewritten(path, path.read_text().replace("-1-v", "-0-v"))
    assert not {one.id for one in run.validate(paths=[folder]).results} & {"agent-id-twice"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_processes_find_what_files_break_between_them(corpus, monkeypatch):
    folder = agents(corpus)
    alone = run.validate(paths=[folder], cached=False)
    monkeypatch.setattr(many, "_processes", lambda _files: 3)
    assert run.validate(paths=[folder], cached=False) == alone


def test_writers_at_the_same_time_leave_one_whole_cache(corpus):
    first = report(cached=False)
    command = [sys.executable, "-m", "agentctl", "validate", "--schema", "schema.json", "data", "-q"]
    writers = [subprocess.Popen(command, cwd=corpus, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [one.wait(60) for one in writers] == [1] * 4
    (path,) = caches(corpus)
    assert len(cache._read(path)) == 20
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert report() == first


SLOW_TO_FORK = """\
import os, time

from agentctl.__main__ import main

os.register_at_fork(after_in_child=lambda: time.sleep(0.3))  # the signal comes before the process is ready for it
main()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_processes_too(corpus, number):
    for each in range(3_000):
        (corpus / "data" / f"more{each}.yaml").write_text("a: 1\n" * 20)
    command = [sys.executable, "-c", SLOW_TO_FORK, "validate", "--schema", "schema.json", "data", "--no-cache"]
    unmeasured = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    child = subprocess.Popen(
        command, cwd=corpus, env=unmeasured, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    watcher = threading.Thread(target=signal_when_forked, args=(child, number))
    watcher.start()
    out, err = child.communicate(timeout=60)
    watcher.join()
    assert child.returncode == 128 + number
    assert b"Traceback" not in out + err
    deadline = time.monotonic() + 10
    while members(child.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert members(child.pid) == []


def signal_when_forked(child: subprocess.Popen[bytes], number: int) -> None:
    """Signal the whole group, as a terminal does, as soon as there is a second process."""
    deadline = time.monotonic() + 30
    while len(members(child.pid)) < 2 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    if child.poll() is None:
        os.killpg(child.pid, number)


def members(group: int) -> list[int]:
    """Return the living processes of a group."""
    ps = shutil.which("ps") or pytest.skip("there is no ps")
    found = subprocess.run([ps, "-e", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in found.splitlines())
    return [int(pid) for pid, belongs, state in rows if int(belongs) == group and not state.startswith("Z")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_processes_change_nothing(corpus, monkeypatch):
    alone = report(cached=False)
    monkeypatch.setattr(many, "_processes", lambda _files: 3)
    assert report(cached=False) == alone


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_process_that_dies_leaves_its_share(corpus, monkeypatch):
    alone = report(cached=False)
    monkeypatch.setattr(many, "_processes", lambda _files: 3)
    monkeypatch.setattr(many, "_help", lambda *_: os._exit(9))
    assert report(cached=False) == alone
