"""Facts and answers that are kept: the same with and without, whatever happens to the file that keeps them."""

from __future__ import annotations

import marshal
import os
from pathlib import Path

import pytest

from agentctl.checklist import cache
from agentctl.checklist.facts import parsing, visitor

EXAMPLE = Path(__file__).parent.parent / "examples" / "checklist" / "agent" / "shop_agent"
SERVICE = """\
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.post("/ask")
async def ask(text: str) -> str:
    return (await httpx.AsyncClient().post("/", json={"text": text, "n": NUMBER})).text
"""


def fill(project, number: int) -> None:
    for count in range(number):
        project.write(f"shop/part_{count}.py", SERVICE.replace("NUMBER", str(count)))


def kept(folder: Path, purpose: str) -> list[Path]:
    return list(folder.glob(f"*.{purpose}"))


def plain(report) -> str:
    return repr(report.results) + repr(report.notes)


def test_facts_are_plain_values_that_come_back_as_they_were() -> None:
    for path in sorted(EXAMPLE.rglob("*.py")):
        raw = visitor.parse(path.read_text(), f"shop_agent/{path.relative_to(EXAMPLE)}")
        again = marshal.loads(marshal.dumps(raw))  # noqa: S302 - our own
        assert again == raw
        assert all(isinstance(row[0], str) for row in again["calls"])


def test_a_second_run_answers_the_same_from_the_cache(project, cache_folder, monkeypatch) -> None:
    fill(project, parsing.CACHED)
    before = plain(project.report())
    assert len(kept(cache_folder, "facts")) == len(kept(cache_folder, "answers")) == 1
    assert sorted(path.name for path in project.root.iterdir()) == ["shop"]
    monkeypatch.setattr(parsing, "parsed", None)
    assert plain(project.report()) == before


def test_only_what_changed_is_parsed_again(project, cache_folder, monkeypatch) -> None:
    fill(project, parsing.CACHED)
    project.report()
    project.write("shop/part_3.py", "import os\n\nos.system(input())\n")
    parsed = []
    here = parsing._parsed_here
    monkeypatch.setattr(
        parsing, "_parsed_here", lambda root, names, keep: parsed.extend(names) or here(root, names, keep)
    )
    assert {r.id: r.verdict for r in project.report(only=["SE07"]).results} == {"SE07": "fail"}
    assert parsed == ["shop/part_3.py"]


def test_other_inputs_are_other_questions(project, cache_folder) -> None:
    fill(project, parsing.CACHED)
    assert {r.id: r.verdict.value for r in project.report(only=["TS02"]).results} == {"TS02": "unknown"}
    project.record("test", figures={"coverage": 97.0})
    assert {r.id: r.verdict.value for r in project.report(only=["TS02"]).results} == {"TS02": "pass"}
    project.write("pyproject.toml", "[tool.agentctl.checklist]\ncoverage_floor = 99\n")
    project.record("test", figures={"coverage": 97.0})
    assert {r.id: r.verdict.value for r in project.report(only=["TS02"]).results} == {"TS02": "fail"}


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"half"])
def test_a_damaged_cache_is_no_cache(project, cache_folder, damage: bytes) -> None:
    fill(project, parsing.CACHED)
    before = plain(project.report())
    for path in cache_folder.iterdir():
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] if damage == b"half" else damage)
    assert plain(project.report()) == before


def test_small_trees_and_an_empty_setting_keep_nothing(project, cache_folder, monkeypatch) -> None:
    fill(project, 3)
    project.report()
    fill(project, parsing.CACHED)
    monkeypatch.setenv("AGENTCTL_CACHE", "")
    project.report()
    assert list(cache_folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_does_no_harm(project, monkeypatch) -> None:
    fill(project, parsing.CACHED)
    monkeypatch.setenv("AGENTCTL_CACHE", os.devnull)
    assert project.report().results


def test_the_cache_is_bounded(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("AGENTCTL_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "MAX_FILES", 3)
    for number in range(6):
        cache.Store("facts", tmp_path / str(number)).write([("a", b"1")])
    assert len(list(tmp_path.iterdir())) == 3


def test_two_processes_find_what_one_finds(project, cache_folder, monkeypatch) -> None:
    fill(project, parsing.SHARED)
    project.write("shop/broken.py", "def broken(:\n")
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = plain(project.report())
    for path in cache_folder.iterdir():
        path.unlink()
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert plain(project.report()) == alone


def test_a_child_that_fails_costs_time_only(project, cache_folder, monkeypatch) -> None:
    fill(project, parsing.SHARED)
    monkeypatch.setattr(parsing.sys, "executable", "/bin/false")
    assert project.report().results
    assert kept(cache_folder, "facts")
