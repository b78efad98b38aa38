"""Every example in docs/checklist.md is what it says it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agentctl import reporters
from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy import baseline, gates, profiles, reading
from agentctl.checklist.policy.evidence import markup, tables
from agentctl.documents import engine, schemas

PAGE = (Path(__file__).parents[2] / "docs" / "checklist.md").read_text(encoding="utf-8")


def blocks(form: str) -> list[str]:
    return re.findall(rf"^```{form}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_each_policy_is_one(tmp_path, text: str) -> None:
    path = tmp_path / "checklist.yaml"
    path.write_text(text)
    policy = reading.read(path, "checklist.yaml")
    assert policy.waivers


def test_the_whole_policy_names_every_key() -> None:
    names = schemas.builtin("checklist").content["properties"]
    whole = blocks("yaml")[1]
    assert [name for name in (*names, *names["thresholds"]["properties"]) if f"{name}:" not in whole] == []


def test_the_baseline_is_one(tmp_path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(blocks("json")[0])
    assert sum(baseline.read(path, "baseline.json").values()) == 1


def test_the_result_is_one() -> None:
    result = json.loads(blocks("json")[3])
    report = schemas.builtin("report")
    whole = {
        "schema": "urn:agentctl:schemas:report:1",
        "command": "checklist",
        "verdict": "pass",
        "exit_code": 0,
        "summary": "",
        "subject": "",
    }
    parts = {name: [] for name in ("figures", "series", "tables", "sections", "notes", "next_steps", "projects")}
    assert list(engine.errors(report, {**whole, **parts, "results": [result]})) == []


def test_each_piece_of_evidence_is_read() -> None:
    assert [markup.read(text).kind for text in blocks("xml")] == ["coverage", "test"]
    assert [tables.read_csv(text, None).kind for text in blocks("csv")] == ["loadtest"]
    assert [tables.read_json(text).kind for text in blocks("json")[1:3]] == ["scan", "benchmark"]


def test_the_words_of_the_command_line_are_explained() -> None:
    for word in (*profiles.TIERS, *gates.FAIL_ON, "guide-0", "guide-4", "production", "all"):
        assert f"`{word}`" in PAGE or f"--profile {word}" in PAGE or word in PAGE.split("| `--fail-on`")[0], word
    assert f"asks the {len(ITEMS)} items" in PAGE


def test_every_report_follows_the_schema(agent) -> None:
    agent.write("libs/words/pyproject.toml", '[project]\nname = "words"\n')
    agent.write("libs/words/words/__init__.py", "X = 1\n")
    agent.write(".agentctl/checklist.yaml", blocks("yaml")[0].replace("OB05", "DV06"))
    for options in ({}, {"profile": "guide-4"}, {"tier": "staging"}, {"only": ["OP", "DV"]}):
        report = agent.report(**{**options, "baseline": agent.root / "known.json", "write_baseline": True})
        assert report.projects
        told = json.loads(reporters.get("json")(report))
        assert list(engine.errors(schemas.builtin("report"), told)) == []
        assert {result.get("beneath") for result in told["results"] if result["verdict"] == "waived"} == {"manual"}
