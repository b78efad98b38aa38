"""Many files: what is cached is what would be found again, and processes change nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from agentctl.validation import cache, many, run

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
    return sorted((corpus.parent / "cache").rglob("*.json"))


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


@pytest.mark.parametrize("damage", [b"", b"{}", b"x\n{}", None])
def test_a_damaged_cache_is_none(corpus, damage):
    first = report()
    (path,) = caches(corpus)
    path.write_bytes(path.read_bytes()[:-5] if damage is None else damage)
    assert report() == first
    assert report() == first


def test_a_cache_of_another_form_is_none(corpus):
    first = report()
    (path,) = caches(corpus)
    body = b'{"data/01.yaml": [1], "data/02.yaml": 3, "data/05.yaml": [null, null, {"findings": 3}]}'
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


def test_a_schema_that_reads_files_is_not_cached(corpus):
    (corpus / "schema.json").write_text('{"properties": {"a": {"$ref": "part.json"}}}')
    (corpus / "part.json").write_text('{"type": "integer"}')
    assert len(report().results) == 4
    (corpus / "part.json").write_text('{"type": "string"}')
    assert len(report().results) == 16


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
