"""``validate --against`` in real repositories: what is compared with what, and what git may not do meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from agentctl.documents import schemas
from agentctl.errors import NoAnswerError, UsageError
from agentctl.validation import run

AGENT = """\
agent_id: sales-friendly-v1
version: 1.0.0
prompt_config:
  system_prompt: You sell bicycles. Answer briefly.
schema_config:
  fields:
    - {field_name: system_response, field_type: str}
    - {field_name: purchase_intent, field_type: int}
llm_config:
  provider: openai
  model: gpt-4o-2024-08-06
"""
_NAME = "config/agents/sales.yaml"
_AUTHOR = (
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.com",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "tag.gpgsign=false",
)


def git(folder, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *_AUTHOR, "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=clean).stdout


def write(folder, name, text):
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def commit(folder, message="more"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Return a repository with one agent, and work in it."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    write(folder, _NAME, AGENT)
    write(folder, "pyproject.toml", '[project]\nname = "sales"\n')
    commit(folder)
    monkeypatch.chdir(folder)
    return folder


def changed(*pairs):
    text = AGENT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


NARROWER = changed(("field_type: int}", "field_type: bool}"))
_PROMPT = ("Answer briefly", "Answer at length")


def ids(report):
    return [result.id for result in report.results]


def compared(against="HEAD", **options):
    return run.validate(against=against, **options)


def test_nothing_changed_says_nothing(repository):
    report = compared()

    assert (report.results, report.notes, report.exit_code) == ((), (), 0)


def test_a_change_is_told_at_the_line_of_today(repository):
    write(repository, _NAME, f"# moved\n\n{NARROWER}")
    (one,) = compared().results

    assert (one.id, one.location.path, one.location.line) == ("change-field-type", _NAME, 10)
    assert "bool}" in one.frame
    assert '"int" in 1.0.0 at HEAD, and is "bool"' in one.message


def test_what_is_committed_is_compared_with_a_branch_a_tag_or_a_commit(repository):
    git(repository, "tag", "start")
    first = git(repository, "rev-parse", "HEAD").strip()
    write(repository, _NAME, NARROWER)
    commit(repository)

    assert ids(compared("HEAD")) == []
    for name in ("start", first, first[:8], "HEAD~1", "main~1"):
        assert ids(compared(name)) == ["change-field-type"]


def test_three_dots_compare_with_where_the_branch_left_another(repository):
    git(repository, "switch", "--quiet", "--create", "mine")
    write(repository, "README.md", "mine")
    commit(repository)
    git(repository, "switch", "--quiet", "main")
    write(repository, _NAME, changed(_PROMPT, ("1.0.0", "1.0.1")))
    commit(repository)
    git(repository, "switch", "--quiet", "mine")

    assert ids(compared("main")) == ["change-version"]
    assert ids(compared("main...")) == []
    git(repository, "switch", "--quiet", "--orphan", "other")
    write(repository, _NAME, AGENT)
    commit(repository)
    with pytest.raises(UsageError, match="no commit in common"):
        compared("main...")


def test_an_agent_without_a_sound_id_or_fields_is_compared_all_the_same(repository):
    broken = changed(
        ("agent_id: sales-friendly-v1", "agent_id: [1]"), ("field_type: int}", "constraints: {pattern: [1]}}")
    )
    write(repository, "config/agents/broken.yaml", broken)
    commit(repository)
    write(repository, "config/agents/broken.yaml", broken.replace("[1]", "{}"))

    assert not [one for one in compared().results if one.id.startswith("change-field")]


@pytest.mark.parametrize("folder", ["config", "config/agents", "docs"])
def test_it_works_from_a_folder_within(repository, monkeypatch, folder):
    write(repository, "docs/index.md", "")
    write(repository, _NAME, NARROWER)
    monkeypatch.chdir(repository / folder)

    assert ids(compared()) == ["change-field-type"]
    assert ids(compared(paths=[repository])) == ["change-field-type"]


def test_a_project_may_lie_deep_in_a_repository(repository, monkeypatch):
    inner = repository / "services" / "chat"
    write(inner, "pyproject.toml", '[project]\nname = "chat"\n')
    write(inner, _NAME, AGENT.replace("sales", "chat"))
    commit(repository)
    (repository / _NAME).unlink()
    write(inner, _NAME, NARROWER.replace("sales", "chat"))
    monkeypatch.chdir(inner)

    assert ids(compared()) == ["change-field-type"]


def test_a_file_that_was_renamed_keeps_its_history(repository):
    git(repository, "mv", _NAME, "config/agents/friendly.yaml")
    write(repository, "config/agents/friendly.yaml", NARROWER)

    assert ids(compared()) == ["change-field-type"]


def test_git_tells_a_renamed_file_whose_id_lost_its_number(repository):
    new = changed(
        ("agent_id: sales-friendly-v1", "agent_id: sales-friendly"), ("field_type: int}", "field_type: bool}")
    )
    git(repository, "mv", _NAME, "config/agents/friendly.yaml")
    write(repository, "config/agents/friendly.yaml", new)
    git(repository, "add", "--all")

    assert "change-field-type" in ids(compared())


def test_a_new_agent_has_nothing_to_break(repository):
    write(repository, "config/agents/sales-v2.yaml", changed(("-v1", "-v2"), ("1.0.0", "2.0.0"), ("int}", "bool}")))
    report = compared()

    assert report.exit_code == 0
    assert any("1 breaking change since 1.0.0 at HEAD" in note for note in report.notes)


def test_an_agent_of_another_line_is_counted_as_new(repository):
    write(repository, "config/agents/support.yaml", NARROWER.replace("sales-friendly-v1", "support-calm-v1"))

    assert compared().notes == ("1 of 2 agents had no earlier version in HEAD",)


@pytest.mark.parametrize("name", ["HAED", "v9", "--output=x", "-h", "HEAD:config", "", "main..HEAD"])
def test_an_unknown_revision_is_a_usage_error_that_says_what_to_do(repository, name):
    with pytest.raises(UsageError) as error:
        compared(name)

    assert "no such revision" in error.value.message
    assert "fetch-depth: 0" in error.value.hint
    assert not (repository / "x").exists()


def test_a_revision_without_a_repository_is_a_usage_error(tmp_path, monkeypatch):
    write(tmp_path, _NAME, AGENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(UsageError, match="in no git repository"):
        compared("main")


def test_a_shallow_clone_knows_what_it_has_and_says_what_it_lacks(repository, tmp_path, monkeypatch):
    first = git(repository, "rev-parse", "HEAD").strip()
    commit(repository)
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), "shallow")
    clone = tmp_path / "shallow"
    write(clone, _NAME, NARROWER)
    monkeypatch.chdir(clone)
    report = compared("HEAD")

    assert ids(report) == ["change-field-type"]
    assert any("this clone is shallow" in note for note in report.notes)
    with pytest.raises(UsageError) as error:
        compared(first)
    assert "fetch-depth: 0" in error.value.hint


def test_a_partial_clone_fetches_nothing(repository, tmp_path, monkeypatch):
    git(repository, "config", "uploadpack.allowFilter", "true")
    write(repository, _NAME, NARROWER)
    commit(repository)
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", repository.as_uri(), "partial")
    monkeypatch.chdir(tmp_path / "partial")

    with pytest.raises(NoAnswerError) as error:
        compared("HEAD~1")
    assert "is not in this clone" in error.value.message


def test_nothing_of_the_repository_is_run_and_nothing_is_written(repository, tmp_path):
    mark = tmp_path / "ran"
    script = write(tmp_path, "evil.sh", f"#!/bin/sh\necho ran >> {mark}\ncat\n")
    script.chmod(0o755)
    write(repository, ".gitattributes", "* filter=evil diff=evil\n")
    commit(repository)
    for name in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv",
                 "diff.evil.command", "diff.external", "core.fsmonitor", "core.pager", "core.sshCommand",
                 "core.editor", "uploadpack.packObjectsHook", "credential.helper"):  # fmt: skip
        git(repository, "config", name, str(script))
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "pre-auto-gc"):
        write(repository, f".git/hooks/{hook}", script.read_text(encoding="utf-8")).chmod(0o755)
    write(repository, _NAME, NARROWER)
    os.utime(repository / "pyproject.toml", (1, 1))
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}

    assert ids(compared()) == ["change-field-type"]
    assert not mark.exists()
    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*")} == before


@pytest.mark.parametrize("marked", ["tag", "key"])
def test_a_released_version_does_not_change_and_does_not_go(repository, marked):
    text = AGENT if marked == "tag" else f"{AGENT}released: true\n"
    write(repository, _NAME, text)
    commit(repository)
    if marked == "tag":
        git(repository, "tag", "v1.0")
    write(repository, _NAME, text.replace(*_PROMPT))
    assert ids(compared()) == ["change-released"]

    write(repository, _NAME, f"{text}enabled: false\nfeature_flags: {{fast: true}}\nnotes: Old.\n")
    assert ids(compared()) == []

    write(repository, _NAME, text.replace("1.0.0", "1.1.0").replace(*_PROMPT))
    assert ids(compared()) == []

    write(repository, _NAME, text.replace("1.0.0", "2.0.0").replace("-v1", "-v2"))
    assert ids(compared()) == ["change-removed"]

    (repository / _NAME).unlink()
    report = compared()
    assert (ids(report), report.exit_code) == (["change-removed"], 1)
    assert report.results[0].location.path == _NAME


def test_a_file_that_cannot_be_read_is_not_gone(repository):
    git(repository, "tag", "v1")
    write(repository, _NAME, AGENT.replace("prompt_config:", "prompt_config: ["))

    assert ids(compared()) == ["syntax"]


def test_a_draft_may_go_and_may_become_another(repository):
    write(repository, _NAME, changed(("1.0.0", "2.0.0"), ("-v1", "-v2"), ("int}", "bool}")))
    assert ids(compared()) == []

    (repository / _NAME).unlink()
    assert compared(allow_ungoverned=True).results == ()


def test_the_newest_tag_that_matches_the_setting_tells_what_is_released(repository):
    git(repository, "tag", "release/1")
    write(repository, _NAME, changed(_PROMPT))
    assert ids(compared()) == ["change-version"]

    write(repository, "agentctl.toml", '[validate]\nrelease_tags = "release/*"\n')
    assert ids(compared()) == ["change-released"]

    git(repository, "rm", "--quiet", "--cached", _NAME)
    git(repository, "commit", "--quiet", "--message", "gone")
    git(repository, "-c", "user.name=A", "tag", "--annotate", "--message", "later", "release/2")
    assert ids(compared("HEAD~1")) == ["change-version"]


def test_another_file_is_compared_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "old.yaml", AGENT)
    write(tmp_path, "config/agents/new.yaml", NARROWER)

    assert ids(compared("old.yaml")) == ["change-field-type"]
    assert ids(compared("old.yaml", paths=["config/agents/new.yaml"])) == ["change-field-type"]


def test_two_files_are_versions_of_each_other_when_a_person_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "config/agents/one.yaml", AGENT)
    other = write(tmp_path, "config/agents/other.yaml", NARROWER.replace("sales-friendly", "support-calm"))

    report = compared("config/agents/one.yaml", paths=[other])
    assert ids(report) == ["change-field-type"]
    assert 'write version "2.0.0"' in report.results[0].hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is not YAML"),
        ("a: 1", "holds no agent"),
        ("", "is empty"),
        (AGENT.replace("sales", "x"), "another version"),
    ],
)
def test_a_file_that_is_no_earlier_version_is_a_usage_error(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "old.yaml", text)
    write(tmp_path, _NAME, AGENT)
    write(tmp_path, "config/agents/second.yaml", AGENT.replace("sales", "support"))

    with pytest.raises(UsageError, match=message):
        compared("old.yaml")


def test_each_document_of_a_file_is_compared_with_its_own(repository):
    second = AGENT.replace("sales", "support")
    write(repository, _NAME, f"{AGENT}---\n{second}")
    commit(repository)
    write(repository, _NAME, f"{second}---\n{NARROWER}")
    (one,) = compared().results

    assert (one.id, one.location.line) == ("change-field-type", 20)


def test_json_and_toml_have_places_too(repository):
    value = {
        "agent_id": "json-plain-v1", "version": "1.0.0", "prompt_config": {"system_prompt": "x"},
        "schema_config": {"fields": [{"field_name": "reply_text", "field_type": "str"}]},
        "llm_config": {"provider": "openai", "model": "gpt-4o-2024-08-06"},
    }  # fmt: skip
    toml = """\
agent_id = "toml-plain-v1"
version = "1.0.0"
prompt_config = {system_prompt = "x"}
llm_config = {provider = "openai", model = "gpt-4o-2024-08-06"}
[[schema_config.fields]]
field_name = "reply_text"
field_type = "str"
"""
    write(repository, "config/agents/a.json", json.dumps(value, indent=1))
    write(repository, "config/agents/b.toml", toml)
    commit(repository)
    write(repository, "config/agents/a.json", json.dumps(value, indent=1).replace('"str"', '"int"'))
    write(repository, "config/agents/b.toml", toml.replace('"str"', '"int"'))
    found = compared().results

    assert [(one.id, one.location.line) for one in found] == [("change-field-type", 11), ("change-field-type", 7)]
    assert all(one.frame for one in found)


def test_standard_input_is_compared_by_its_id(repository, agentctl):
    done = agentctl("validate", "--schema", "agent", "--against", "HEAD", "-", cwd=repository, input=NARROWER)

    assert done.returncode == 1
    assert "change-field-type" in done.stdout


def test_no_secret_of_the_old_version_is_printed(repository, agentctl):
    secret = "sk-" + "proj-" + "Zx81kLmQ" * 5
    old = changed(("field_type: int}", f"field_type: str, required: false, default: {secret}}}"))
    write(repository, _NAME, old)
    commit(repository)
    write(repository, _NAME, old.replace(f", default: {secret}", ""))
    for form in ("text", "json", "sarif", "junit", "markdown", "github", "gitlab"):
        done = agentctl("validate", "--against", "HEAD", "--format", form, cwd=repository)
        assert done.returncode == 1
        assert "has lost its default" in done.stdout
        assert secret not in done.stdout + done.stderr


def test_the_command_exits_as_everywhere(repository, agentctl):
    assert agentctl("validate", "--against", "HEAD", cwd=repository).returncode == 0
    write(repository, _NAME, NARROWER)
    assert agentctl("validate", "--against", "HEAD", cwd=repository).returncode == 1
    unknown = agentctl("validate", "--against", "nowhere", cwd=repository)
    assert unknown.returncode == 2
    assert "fetch-depth: 0" in unknown.stderr


def test_a_rule_that_is_switched_off_is_silent(repository):
    write(repository, "agentctl.toml", '[validate.disable]\nchange-field-type = "nobody reads it yet"\n')
    write(repository, _NAME, NARROWER.replace("1.0.0", "1.1.0"))

    assert ids(compared()) == []


# Schemas


_OLD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"rate": {"type": "integer", "minimum": 1}, "mode": {"enum": ["fast", "slow"]}},
}


def _project_with_schema(repository, new):
    write(repository, "agentctl.toml", '[validate.schemas]\n"limits/*.yaml" = "limits.schema.json"\n')
    write(repository, "limits.schema.json", json.dumps(_OLD, indent=1))
    write(repository, "limits/a.yaml", "rate: 5\nmode: fast\n")
    write(repository, "limits/b.yaml", "rate: 1\n")
    write(repository, "limits/c.yaml", "rate: 0\n")
    commit(repository)
    write(repository, "limits/c.yaml", "rate: 30\n")
    write(repository, "limits.schema.json", json.dumps(new, indent=1))


def _with(**properties):
    return {**_OLD, "properties": {**_OLD["properties"], **properties}}


def test_a_schema_that_refuses_what_was_valid_is_told_at_its_line(repository):
    _project_with_schema(repository, _with(rate={"type": "integer", "minimum": 3}))
    write(repository, "limits/b.yaml", "rate: 4\n")  # mended in the same change, and still somewhere in use
    (one,) = compared().results

    assert (one.id, one.location.path, one.location.line) == ("change-schema", "limits.schema.json", 7)
    assert "refuses 1 of 2 configurations valid at HEAD" in one.message
    assert [place.path for place in one.evidence[1:]] == ["limits/b.yaml"]
    assert '"minimum": 3' in one.frame


@pytest.mark.parametrize(
    "draft", ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"]
)
def test_a_change_in_a_file_that_the_schema_refers_to_is_a_change_of_it(repository, draft):
    rate = {"$schema": draft, "definitions": {"least": {"minimum": 1}}, "allOf": [{"$ref": "#/definitions/least"}]}
    write(repository, "parts/rate.json", json.dumps(rate))
    write(repository, "parts/middle.json", json.dumps({"$schema": draft, "$ref": "rate.json"}))
    write(repository, "agentctl.toml", '[validate.schemas]\n"limits/*.yaml" = "limits.schema.json"\n')
    schema = {"$schema": draft, "properties": {"rate": {"$ref": "parts/middle.json"}}}
    write(repository, "limits.schema.json", json.dumps(schema, indent=1))
    write(repository, "limits/a.yaml", "rate: 1\n")
    write(repository, "limits/b.yaml", "rate: 5\n")
    commit(repository)
    assert compared().results == ()
    rate["definitions"]["least"]["minimum"] = 3
    write(repository, "parts/rate.json", json.dumps(rate))
    write(repository, "limits/a.yaml", "rate: 4\n")
    (one,) = compared().results

    assert (one.id, one.location.path) == ("change-schema", "limits.schema.json")
    assert "refuses 1 of 2 configurations valid at HEAD" in one.message
    assert [place.path for place in one.evidence[1:]] == ["limits/a.yaml"]


def test_a_wider_schema_is_proved_compatible(repository):
    _project_with_schema(repository, _with(rate={"type": "integer", "minimum": 0}))
    report = compared()

    assert report.results == ()
    assert any("proved compatible" in note for note in report.notes)


def test_a_narrower_schema_that_nothing_here_breaks_is_no_proof(repository):
    _project_with_schema(repository, _with(mode={"enum": ["fast"]}))
    report = compared()

    assert report.results == ()
    assert any("2 configurations" in note and "others may not" in note for note in report.notes)


def test_todays_configurations_are_held_against_an_older_schema(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "old.schema.json", json.dumps(_OLD))
    write(tmp_path, "new.schema.json", json.dumps(_with(mode={"const": "slow"}), indent=1))
    write(tmp_path, "a.yaml", "mode: fast\n")
    report = run.validate(paths=["a.yaml"], schema="new.schema.json", against="old.schema.json")

    (told,) = [one for one in report.results if one.id == "change-schema"]
    assert "refuses 1 of 1 configuration valid by old" in told.message
    with pytest.raises(UsageError, match="no earlier version of any schema"):
        run.validate(paths=["a.yaml"], against="old.schema.json", allow_ungoverned=True)


def test_an_older_version_of_a_shipped_kind_is_compared_by_its_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    older = json.loads(json.dumps(schemas.builtin("agent").content))
    older["properties"]["mood"] = {"type": "string"}
    write(tmp_path, "older.schema.json", json.dumps(older))
    write(tmp_path, _NAME, f"{AGENT}mood: calm\n")
    report = compared("older.schema.json")
    (told,) = [one for one in report.results if one.id == "change-schema"]

    assert [place.path for place in told.evidence] == [_NAME]
    assert "refuses 1 of 1 configuration valid by older" in told.message


def test_a_schema_of_no_use_says_nothing_about_values(repository):
    _project_with_schema(repository, _with(rate={"type": "nonsense"}))

    assert set(ids(compared())) == {"schema-unusable"}
