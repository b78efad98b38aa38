"""What a child wrote: read even when it was cut short, with secrets masked."""

from __future__ import annotations

import json

import pytest

from agentctl.testing import outcomes


def written(path, *events):
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="ascii")
    return path


def test_a_file_that_was_never_written_is_an_unstarted_session(tmp_path):
    read = outcomes.read(tmp_path / "none", tmp_path)
    assert (read["started"], read["finished"], read["tests"]) == (False, None, ())


def test_a_last_line_cut_short_is_passed_over_and_the_running_test_known(tmp_path):
    path = written(
        tmp_path / "events",
        {"event": "start", "versions": {"pytest": "9"}},
        {"event": "running", "id": "a"},
        {"event": "test", "id": "a", "outcome": "passed", "duration": 1.0},
        {"event": "running", "id": "b"},
    )
    with path.open("a", encoding="ascii") as stream:
        stream.write('{"event": "test", "id": "b", "outc')
    read = outcomes.read(path, tmp_path)
    assert [test.id for test in read["tests"]] == ["a"]
    assert (read["running"], read["finished"], read["versions"]) == ("b", None, {"pytest": "9"})


def test_the_last_of_several_results_of_a_test_counts(tmp_path):
    path = written(
        tmp_path / "events",
        {"event": "test", "id": "a", "outcome": "failed", "duration": 1.0, "message": "first"},
        {"event": "test", "id": "a", "outcome": "passed", "duration": 1.0},
    )
    (test,) = outcomes.read(path, tmp_path)["tests"]
    assert test.outcome == "passed"


def test_places_are_those_in_the_project_each_once(tmp_path):
    inside, library = str(tmp_path / "tests/t.py"), str(tmp_path / ".venv/lib/site-packages/m.py")
    path = written(
        tmp_path / "events",
        {"event": "test", "id": "a", "outcome": "failed", "crash_path": library, "crash_line": 9, "path": inside, "line": 3},
        {"event": "test", "id": "b", "outcome": "failed", "crash_path": inside, "crash_line": 3, "path": inside, "line": 3},
        {"event": "test", "id": "c", "outcome": "failed", "crash_path": inside, "crash_line": 5, "path": inside, "line": None},
        {"event": "test", "id": "d", "outcome": "failed", "path": "/elsewhere/t.py", "line": 3},
    )  # fmt: skip
    tests = outcomes.read(path, tmp_path)["tests"]
    places = [[str(place) for place in test.places] for test in tests]
    assert places == [["tests/t.py:3"], ["tests/t.py:3"], ["tests/t.py:5"], []]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("key sk-" + "abcdefgh12345678 refused", "key *** refused"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("postgres://bob:hunter22@db/x", "postgres://***@db/x"),
        ("password=hunter22, user=bob", "password=***, user=bob"),
        ("{'api_key': 'q1w2e3r4'}", "{'api_key': '***'}"),
        ("token is missing", "token is missing"),
        ("assert 1 == 2", "assert 1 == 2"),
        ("caf\udce9", "caf\\udce9"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text, masked):
    assert outcomes.mask(text) == masked
