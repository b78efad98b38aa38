"""``agentctl schema``: what it lists, shows and exports, and that editors and validate find the same."""

from __future__ import annotations

import json

import jsonschema
import pytest

from agentctl.documents import schemas


def test_every_kind_is_listed_with_its_files(agentctl):
    done = agentctl("schema", "list", "--format", "json")
    rows = json.loads(done.stdout)["tables"][0]["rows"]
    assert [row[0] for row in rows] == list(schemas.kinds())
    assert [row for row in rows if row[0] == "checklist"] == [
        ["checklist", "Checklist policy", ".agentctl/checklist.{yaml,yml}"]
    ]
    assert ["workflow", "Workflow", "*.csv, by the columns of its header"] in rows


def test_a_kind_is_shown_as_it_ships(agentctl):
    done = agentctl("schema", "show", "agent")
    assert (done.returncode, json.loads(done.stdout)) == (0, schemas.builtin("agent").content)


def test_an_unknown_kind_is_named_with_what_was_meant(agentctl):
    done = agentctl("schema", "show", "agnt")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: schema agnt: there is no such kind\n  hint: did you mean agent?\n"


def test_export_writes_what_is_missing_and_nothing_twice(agentctl, tmp_path):
    assert agentctl("schema", "export", "out").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"{kind}.schema.json" for kind in schemas.kinds()
    ]
    assert "up to date" in agentctl("schema", "export", "out").stdout


def test_export_to_where_nothing_can_be_written(agentctl, tmp_path):
    (tmp_path / "file").write_text("")
    done = agentctl("schema", "export", "file/below")
    assert done.returncode == 2
    assert done.stderr.startswith("error: file/below: cannot be written")


def test_an_unknown_subcommand_is_a_usage_error(agentctl):
    done = agentctl("schema", "lst")
    assert done.returncode == 2
    assert "see agentctl schema --help" in done.stderr


@pytest.mark.parametrize("exported", [True, False])
def test_a_modeline_leads_to_the_kind_whether_it_was_exported_or_not(agentctl, tmp_path, exported):
    if exported:
        agentctl("schema", "export")
        assert (tmp_path / ".agentctl/schemas/agent.schema.json").is_file()
    (tmp_path / "mine.yaml").write_text(
        "# yaml-language-server: $schema=.agentctl/schemas/environment.schema.json\n"
        "environment: production\ndebug: true\n"
    )
    done = agentctl("validate", "--format", "json", "mine.yaml")
    assert [result["id"] for result in json.loads(done.stdout)["results"]] == ["environment-debug"]


@pytest.mark.parametrize("kind", sorted(schemas.kinds()))
def test_every_schema_is_one(kind):
    content = schemas.builtin(kind).content
    jsonschema.Draft202012Validator.check_schema(content)
    assert content["$id"] == f"urn:agentctl:schemas:{kind}:1"
    assert content["title"]
