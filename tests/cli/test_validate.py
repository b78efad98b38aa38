"""``agentctl validate`` in a real process: which files, which schema, what it says and how it ends."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.bounded import PEAK

EXAMPLES = Path(__file__).parents[1] / "examples" / "documents"
AGENT = (EXAMPLES / "agent/valid/guide-3.yaml").read_text()
ENVIRONMENT = (EXAMPLES / "environment/valid/guide-2.yaml").read_text()


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def report(agentctl):
    """Return a function that runs validate and returns the exit code and the JSON report."""

    def run(*arguments, **options):
        done = agentctl("validate", "--format", "json", *arguments, **options)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout)

    return run


def ids(answer):
    return [result["id"] for result in answer["results"]]


def test_without_paths_every_governed_file_of_the_project(report, tmp_path):
    write(tmp_path, "config/agents/interview.yaml", AGENT)
    write(tmp_path, "config/production.yaml", ENVIRONMENT.replace("timeout: 30", "timeout: 0"))
    write(tmp_path, "agentctl.toml", "[test]\n")
    write(tmp_path, "docker-compose.yaml", "services: {web: {imgae: x}}")
    write(tmp_path, "config/settings.json", '{"a": 1,}')
    code, answer = report()
    assert code == 1
    assert answer["summary"] == "checked 3 files: 1 error in 1 file"
    assert ids(answer) == ["environment-limits"]
    assert answer["results"][0]["evidence"][0] | {"symbol": None} == {
        "path": "config/production.yaml", "line": 7, "column": 14, "end_line": 7, "end_column": 15, "symbol": None,
        "pointer": "/agents/weather_agent/timeout",
    }  # fmt: skip


def test_files_of_other_projects_with_such_names_are_left_alone(report, tmp_path):
    write(tmp_path, "config/production.yaml", "database: {host: db}\nenvironment: production\n")
    write(tmp_path, "agents/support.yaml", "name: support\nmodel: gpt-4o\n")
    write(tmp_path, "config/dev.yaml", "debug: {{ cookiecutter.debug }}\n")
    write(tmp_path, "{{cookiecutter.name}}/config/dev.yaml", "environment: dev\nagents: {{ all }}\n")
    code, answer = report()
    assert (code, answer["verdict"], answer["results"]) == (3, "invalid", [])
    assert report("--allow-ungoverned")[0] == 0


def test_a_broken_configuration_without_line_ends_is_none_of_another_project(report, tmp_path):
    write(tmp_path, "config/agents/interview.json", '{"agent_id": "a-b-v1", "version": "1.0.0",}')
    code, answer = report()
    assert (code, ids(answer)) == (1, ["syntax"])
    assert "remove the comma" in answer["results"][0]["hint"]


def test_a_named_file_that_nothing_governs_gets_a_notice(report, tmp_path):
    write(tmp_path, "config/production.yaml", "a: 1\n")
    write(tmp_path, "notes.yaml", "a: 1\n")
    write(tmp_path, "notes.txt", "a: 1\n")
    code, answer = report("config/production.yaml", "notes.yaml", "notes.txt")
    assert code == 3
    assert answer["notes"] == [
        "config/production.yaml: not checked: it is named like a file of kind environment, but has none of its keys; say so with --schema environment",
        "notes.yaml: not checked: no schema governs it; name one with --schema",
        "notes.txt: not checked: its name does not end as YAML, JSON, TOML or CSV does",
    ]


def test_a_missing_path_is_a_usage_error(agentctl):
    done = agentctl("validate", "gone.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: gone.yaml: no such file or folder\n")


def test_standard_input(report, tmp_path):
    code, answer = report("--schema", "agent", "-", input=AGENT.replace("1.2.0", "latest"))
    assert (code, ids(answer), answer["results"][0]["evidence"][0]["path"]) == (1, ["agent-version"], "-")
    document = json.dumps({"$schema": "urn:agentctl:schemas:agent:1", "version": "1.0.0"}, indent="\t")
    code, answer = report("-", input=document)
    assert set(ids(answer)) == {"missing-key"}
    assert report("--schema", "settings", "-", input="[test]\ncov_floor = 90\n")[0] == 0


def test_schemas_in_their_order(report, tmp_path):
    for name in ("one", "two", "three"):
        write(tmp_path, f"schemas/{name}.json", json.dumps({"required": [name]}))
    write(tmp_path, "data/plain.yaml", "a: 1\n")
    write(tmp_path, "data/line.yaml", "# yaml-language-server: $schema=../schemas/two.json\na: 1\n")
    write(tmp_path, "data/own.json", '{"$schema": "../schemas/one.json"}')
    write(tmp_path, "data/own.toml", "#:schema ../schemas/two.json\na = 1\n")
    write(tmp_path, "agentctl.toml", '[validate.schemas]\n"data/*" = "schemas/three.json"\n')
    _, answer = report("data")
    lacking = {one["evidence"][0]["path"]: one["message"].split("`")[1] for one in answer["results"]}
    assert lacking == {
        "data/plain.yaml": "three",
        "data/line.yaml": "two",
        "data/own.json": "one",
        "data/own.toml": "two",
    }
    _, answer = report("--schema", "schemas/one.json", "data/line.yaml")
    assert answer["results"][0]["message"] == "the document lacks `one`"


def test_nothing_is_fetched(report, tmp_path):
    write(tmp_path, "remote.json", '{"properties": {"a": {"$ref": "https://schemas.invalid/a.json"}}}')
    write(tmp_path, "beside.json", '{"properties": {"a": {"$ref": "part.json#/$defs/a"}}}')
    write(tmp_path, "part.json", '{"$defs": {"a": {"type": "integer"}}}')
    write(tmp_path, "data.yaml", "a: x\n")
    write(tmp_path, "own.json", '{"$schema": "https://schemas.invalid/a.json"}')
    code, answer = report("--schema", "remote.json", "data.yaml")
    assert (code, ids(answer)) == (1, ["schema-unusable"])
    assert (
        answer["results"][0]["message"]
        == "schema remote.json refers to https://schemas.invalid/a.json, which is remote and never fetched"
    )
    assert ids(report("--schema", "beside.json", "data.yaml")[1]) == ["wrong-type"]
    code, answer = report("own.json")
    assert (code, "never fetched" in answer["notes"][0]) == (3, True)


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"$ref": "#"}, "{a: 1}", "schema schema.json cannot be used: # leads back to itself"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, "{a: 1}", "schema schema.json cannot be used"),
        ({"type": "strnig"}, "{a: 1}", "schema schema.json cannot be used"),
        (3, "{a: 1}", "schema schema.json cannot be used"),
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, "a: " + "a" * 60 + "b", "`a` is"),
        ({"properties": {"a": {"pattern": "^(?=(a+)+$)"}}}, "a: " + "a" * 60 + "b", "`a` is"),
        ({"properties": {"a": {"pattern": "(unclosed"}}}, "{a: b}", "schema schema.json cannot be used"),
        (
            {"oneOf": [{"properties": {"type": {"const": kind}}, "required": ["type", key]} for kind, key in (("http", "url"), ("python", "entrypoint"))]},
            "type: htp", 'unknown type "htp", did you mean "http"?',
        ),
        (
            {"anyOf": [{"properties": {"type": {"const": kind}, "n": {"type": "integer"}}, "required": ["type"]} for kind in ("http", "python")]},
            "{type: python, n: x}", '`n` must be an integer, not the string "x"',
        ),
        ({"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "array"}]}}}, "a: 1", "`a` must be a string or a list, not 1"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, "{a: 1, b: 2}", "the document fits more than one of the forms"),
        ({"additionalProperties": {"type": "integer"}, "propertyNames": {"pattern": "^[a-z]+$"}}, "A: 1", "the document may not have a key like `A`"),
        ({"properties": {"a": {"uniqueItems": True}}}, "a: [1, 1]", "`a` names the same item twice"),
        ({"properties": {"a": {"minItems": 2}}}, "a: [1]", "`a` must have at least 2 items"),
        ({"properties": {"a": False}}, "a: 1", "`a` is not allowed here"),
        ({"not": {"required": ["a"]}}, "a: 1", "the document has a form that is not allowed"),
        ({"properties": {"a": {"contains": {"const": 1}}}}, "a: [2]", "`a`: "),
    ],
)  # fmt: skip
def test_schemas_of_every_form(report, tmp_path, schema, value, message):
    write(tmp_path, "schema.json", json.dumps(schema))
    write(tmp_path, "data.yaml", value + "\n")
    code, answer = report("--schema", "schema.json", "data.yaml", timeout=20)
    assert [one["message"].startswith(message) for one in answer["results"]] == ([True] if message else [])
    assert code == (1 if message else 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("agent_id: &a [sk-abcdefghijklmnopqrstuvwx0123\n", "broken.yaml"),
        ("llm_config:\n  api_key: plain-hunter2-value\n  api_key: plain-hunter2-value\n  agent_id: [\n", "broken.yaml"),
        (AGENT.replace("OPENAI_API_KEY", "sk-abcdefghijklmnopqrstuvwx0123"), "agent.yaml"),
        (AGENT.replace("api_key_env: OPENAI_API_KEY", "api_key: plain-hunter2-value"), "agent.yaml"),
        (AGENT.replace("provider: openai", "provider: {password: plain-hunter2-value}"), "agent.yaml"),
        (AGENT.replace("temperature: 0.3", "temperature: sk-abcdefghijklmnopqrstuvwx0123"), "agent.yaml"),
        (AGENT + "extra: {token: plain-hunter2-value, list: [https://me:plain-hunter2-value@host/x]}\n", "agent.yaml"),
        (AGENT + "sk-abcdefghijklmnopqrstuvwx0123: 1\n", "agent.yaml"),
        (
            AGENT
            + "secret: |\n  first plain-hunter2-value\n  second plain-hunter2-value\nsecond plain-hunter2-value: 1\n",
            "agent.yaml",
        ),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit", "sarif"])
def test_a_secret_is_printed_in_no_format(agentctl, tmp_path, text, name, form):
    write(tmp_path, name, text)
    done = agentctl("validate", "--schema", "agent", "--format", form, name)
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr
    assert "abcdefghijkl" not in done.stdout + done.stderr


def test_a_hostile_file_does_not_steer_the_terminal(agentctl, tmp_path):
    write(tmp_path, "agent.yaml", 'agent_id: "\x1b]0;owned\x07"\n"\\e[31mred": \u202e1\nversion: 3 \x9b31m\n')
    done = agentctl("validate", "--schema", "agent", "agent.yaml")
    assert done.returncode == 1
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout)


def test_a_rule_is_switched_off_with_a_reason(report, tmp_path):
    write(tmp_path, "agent.yaml", AGENT.replace("gpt-4o-2024-08-06", "chatgpt-latest"))
    assert ids(report("agent.yaml")[1]) == ["model-unpinned"]
    write(tmp_path, "agentctl.toml", '[validate.disable]\nmodel-unpinned = "we follow the model"\n')
    _, answer = report("agent.yaml")
    assert (ids(answer), answer["notes"]) == ([], ["switched off: model-unpinned (we follow the model)"])
    write(tmp_path, "agentctl.toml", '[validate.disable]\nmodel-unpined = "we follow the model"\n')
    code, answer = report("agent.yaml")
    assert (code, answer["next_steps"]) == (2, ["did you mean model-unpinned?"])


def test_files_that_are_excluded_are_not_looked_at(report, tmp_path):
    write(tmp_path, "config/agents/one.yaml", AGENT)
    write(tmp_path, "vendor/config/agents/two.yaml", AGENT.replace("1.2.0", "latest"))
    write(tmp_path, "agentctl.toml", '[validate]\nexclude = ["vendor/*"]\n')
    assert report()[1]["summary"] == "checked 2 files: all is well"


def test_one_environment_file_is_held_against_those_beside_it(report, tmp_path):
    write(tmp_path, "config/production.yaml", ENVIRONMENT)
    write(
        tmp_path,
        "config/staging.yaml",
        ENVIRONMENT.replace("production", "staging").replace("weather_agent", "soil_agent"),
    )
    _, answer = report("config/production.yaml")
    assert [(one["id"], one["evidence"][0]["path"]) for one in answer["results"]] == [
        ("environment-agents", "config/production.yaml")
    ]


def test_the_settings_of_pyproject_are_governed(report, tmp_path):
    write(tmp_path, "pyproject.toml", "[project]\nname = 'x'\n[tool.agentctl.test]\ncov_floor = 90\n")
    assert report("pyproject.toml")[1]["summary"] == "checked 1 file: all is well"


def test_what_cannot_be_read_is_a_finding_and_hides_nothing(report, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    write(tmp_path, "agent.yaml", AGENT.replace("1.2.0", "latest"))
    write(tmp_path, "utf16.yaml", AGENT.encode("utf-16"))
    _, answer = report("--schema", "agent", "pipe.yaml", "agent.yaml", "utf16.yaml", timeout=30)
    assert ids(answer) == ["agent-version", "unreadable", "encoding"]


def test_a_walk_meets_no_pipe_and_no_loop(report, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop").symlink_to(tmp_path)
    write(tmp_path, "agent.yaml", AGENT)
    assert report(timeout=30)[1]["summary"] == "checked 1 file: all is well"


_BOUNDED = (
    PEAK
    + """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
from agentctl.cli.app import run
code = run(sys.argv[1:])
print(peak(), file=sys.stderr)
sys.exit(code)
"""
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.yaml", b"[" * 100_000), ("a.json", b"[" * 100_000), ("a.toml", b"a = " + b"[" * 100_000),
        ("a.yaml", b"- " * 100_000 + b"x"), ("a.json", b'{"a":' * 100_000), ("a.toml", b"a." * 100_000 + b"a=1"),
        ("a.yaml", b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 107))),
        ("a.yaml", b"a: &a [*a]\n"), ("a.json", b'{"a": ' + b"9" * 10_000 + b"}"), ("a.yaml", b"a: " + b"9" * 10_000),
        ("a.json", b'{"a": NaN}'), ("a.yaml", b"x" * 20_000_000), ("a.yaml", b""), ("a.json", b"\xff\xfe{\x00}\x00"),
        ("a.yaml", b"a: \xff"), ("a.toml", b"a = \x00"),
    ],
)  # fmt: skip
def test_hostile_files_cost_one_finding_little_time_and_little_memory(agentctl, tmp_path, name, data):
    write(tmp_path, "any.json", "{}")
    write(tmp_path, name, data)
    done = agentctl("validate", "--schema", "any.json", "--format", "json", name, program=("-c", _BOUNDED), timeout=60)
    assert done.returncode == 1, done.stderr
    assert len(json.loads(done.stdout)["results"]) == 1
    assert int(done.stderr.split()[-1]) < 300_000, "kilobytes"


def test_a_file_with_many_findings_lists_the_worst(report, tmp_path):
    fields = "\n".join(f"    - {{field_name: sys_{number}, field_type: str}}" for number in range(300))
    write(tmp_path, "agent.yaml", AGENT.replace("  fields:\n", f"  fields:\n{fields}\n").replace("1.2.0", "latest"))
    code, answer = report("agent.yaml")
    assert code == 1
    assert len(answer["results"]) == 200
    assert "agent-version" in ids(answer)
    assert answer["notes"] == ["agent.yaml: 101 more are not listed"]


def test_the_frame_shows_the_line_and_the_place(agentctl, tmp_path):
    write(tmp_path, "agent.yaml", AGENT.replace("temperature", "temprature"))
    done = agentctl("validate", "agent.yaml")
    assert done.stdout.startswith(
        "agent.yaml:24:3: error[unknown-key]: `llm_config` has no key `temprature`, did you mean `temperature`?\n"
        "  24 |   temprature: 0.3\n"
        "     |   ^^^^^^^^^^\n"
        "  = rename it to `temperature`\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_an_unreadable_file_is_a_finding(report, tmp_path):
    write(tmp_path, "agent.yaml", AGENT).chmod(0)
    assert ids(report("agent.yaml")[1]) == ["unreadable"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("agnt", "error: schema agnt: no such kind or file\n  hint: did you mean agent?"),
        ("https://schemas.invalid/a.json", "error: schema https://schemas.invalid/a.json: is never fetched"),
        ("broken.json", "error: schema broken.json:1:2: is not JSON"),
        ("empty.json", "error: schema empty.json: is empty"),
        ("huge.json", "error: schema huge.json: is larger than 10 MB"),
    ],
)
def test_a_schema_that_cannot_be_had_is_a_usage_error(agentctl, tmp_path, schema, words):
    write(tmp_path, "broken.json", "{")
    write(tmp_path, "empty.json", "")
    write(tmp_path, "huge.json", b" " * 10_000_001)
    done = agentctl("validate", "--schema", schema, write(tmp_path, "agent.yaml", AGENT))
    assert (done.returncode, done.stderr.startswith(words)) == (2, True), done.stderr


def test_a_broken_schema_of_one_file_hides_no_other(report, tmp_path):
    write(tmp_path, "schema.json", "{")
    write(tmp_path, "one.yaml", "# yaml-language-server: $schema=schema.json\na: 1\n")
    write(tmp_path, "agent.yaml", AGENT.replace("1.2.0", "latest"))
    code, answer = report()
    assert (code, ids(answer)) == (1, ["agent-version", "schema-unusable"])


def test_a_schema_is_checked_by_its_own_meta_schema(report, tmp_path):
    text = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "strnig"}'
    write(tmp_path, "my.schema.json", text)
    _, answer = report("my.schema.json")
    assert [one["evidence"][0]["pointer"] for one in answer["results"]] == ["/type"]


def test_what_a_hook_names_and_nothing_governs_is_passed_over(report, tmp_path):
    write(tmp_path, "chart/templates/values.yaml", "a: {{ x }}\n b: [\n")
    write(tmp_path, "tsconfig.json", "{\n// a comment\n}\n")
    write(tmp_path, "rows.csv", "a,b\n1,2\n")
    write(tmp_path, "config/production.yaml", ENVIRONMENT)
    everything = ["chart/templates/values.yaml", "tsconfig.json", "rows.csv", "config/production.yaml"]
    code, answer = report("--allow-ungoverned", *everything)
    assert (code, answer["summary"]) == (0, "checked 1 file: all is well")
    assert report("--allow-ungoverned", *everything[:3])[0] == 0
    write(tmp_path, "config/production.yaml", f"{ENVIRONMENT}broken: [\n")
    code, answer = report("--allow-ungoverned", *everything)
    assert (code, ids(answer)) == (1, ["syntax"])


def test_the_hook_runs_what_is_there():
    import yaml

    (hook,) = yaml.safe_load((EXAMPLES.parents[2] / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"].split() == ["agentctl", "validate", "--allow-ungoverned"]
    assert hook["types_or"] == ["yaml", "json", "toml", "csv"]
