"""The shipped schemas say what each key holds, and agree with the code that reads it."""

from __future__ import annotations

import json
import os
import posixpath
from pathlib import Path

import pytest

from agentctl.checklist import run as checklist
from agentctl.checklist.items import ITEMS
from agentctl.documents import schemas
from agentctl.validation import discovery, run

KINDS = sorted(set(schemas.kinds()) - {"report"})


def keys(node, place=""):
    if isinstance(node, dict):
        for name, below in node.get("properties", {}).items():
            yield f"{place}/{name}", below
        for name, below in node.items():
            yield from keys(below, f"{place}/{name}")
    elif isinstance(node, list):
        for number, below in enumerate(node):
            yield from keys(below, f"{place}/{number}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_says_what_it_holds(kind):
    content = schemas.builtin(kind).content
    silent = [place for place, below in keys(content) if "description" not in below and "$ref" not in below]
    assert silent == []


def test_the_policy_knows_every_item_and_profile():
    content = schemas.builtin("checklist").content
    assert content["$defs"]["id"]["enum"] == list(ITEMS)
    assert content["properties"]["profile"]["enum"] == list(checklist.PROFILES)


@pytest.mark.parametrize("kind", ["agent", "environment", "checklist"])
@pytest.mark.parametrize("value", [None, [], "text", 3, True, {}, {"a": [{}]}])
def test_no_rule_trusts_the_shape_of_a_document(tmp_path, kind, value):
    names = schemas.builtin(kind).content["properties"]
    document = tmp_path / "document.json"
    document.write_text(json.dumps(dict.fromkeys(names, value)))
    assert run.validate(paths=[document], schema=kind).command == "validate"
    document.write_text(json.dumps({name: {"a": value, "fields": [value]} for name in names}))
    assert run.validate(paths=[document], schema=kind).command == "validate"


def test_the_policy_of_a_project_is_looked_at(tmp_path):
    (tmp_path / ".agentctl").mkdir()
    (tmp_path / ".agentctl/checklist.yaml").write_text("profile: prodution\n")
    report = run.validate(tmp_path, paths=[tmp_path])
    assert [one.message for one in report.results] == ['unknown profile "prodution", did you mean "production"?']


TEMPLATES = Path(__file__).parents[2] / "templates"
CONFIGURATIONS = sorted(
    path
    for path in (*TEMPLATES.glob("*/@*/config/**/*.yaml"), *TEMPLATES.glob("options/*/*/@*/config/**/*.yaml"))
    if discovery.Governance(root=TEMPLATES).by_name(path.relative_to(TEMPLATES).as_posix())
)


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_the_first_line_of_a_generated_configuration_leads_editors_to_its_schema(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    target = first.removeprefix("# yaml-language-server: $schema=")
    project = next(one for one in path.relative_to(TEMPLATES).parents if one.name.startswith("@"))
    kind = "agent" if path.parent.name == "agents" else "environment"
    assert posixpath.normpath(f"{path.relative_to(TEMPLATES).parent.as_posix()}/{target}") == (
        f"{project.as_posix()}/.agentctl/schemas/{kind}.schema.json"
    )
    assert discovery.declared(target, path) is schemas.builtin(kind)


def test_a_schema_that_changes_while_we_run_is_read_again(tmp_path):
    schema = tmp_path / "own.json"
    seen = []
    for number, content in enumerate(({"required": ["a"]}, {"required": ["b"]})):
        schema.write_text(json.dumps(content))
        os.utime(schema, (number, number))
        seen.append(discovery.declared("own.json", tmp_path / "document.yaml").content)
    assert seen == [{"required": ["a"]}, {"required": ["b"]}]
