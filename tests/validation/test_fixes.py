"""``--fix``: what it mends, what it leaves alone, and that it touches nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agentctl.documents import reading
from agentctl.errors import UsageError
from agentctl.validation import fixes, run

EXAMPLES = Path(__file__).parents[1] / "examples" / "documents"
KINDS = ("agent", "checklist", "environment")
AGENT = (EXAMPLES / "agent/valid/guide-3.yaml").read_text()


@pytest.fixture
def fixed(tmp_path):
    """Return a function that mends a text as a file of a kind and returns the new text and what was done."""

    def mend(text, name="file.yaml", kind="agent"):
        path = tmp_path / name
        path.write_bytes(text.encode())
        files = fixes.mended([path], schema=kind)
        fixes.write(files)
        return path.read_bytes().decode(), [words.partition(": ")[2] for one in files for words in one.done]

    return mend


@pytest.mark.parametrize(
    ("right", "broken", "mended"),
    [
        ("temperature: 0.3", "temprature: 0.3", "temperature: 0.3"),
        ("max_tokens: 800", 'max_tokens: "800"', "max_tokens: 800"),
        ("temperature: 0.3", "temperature: '0.3'", "temperature: 0.3"),
        ("field_type: int", "field_type: integer", "field_type: int"),
        ("version: 1.2.0", "version: 1.2", 'version: "1.2.0"'),
        ("version: 1.2.0", "version: v1.2", 'version: "1.2.0"'),
        ("category: output", "category: 'ouput'", "category: 'output'"),
        ("required: true", "required: 'yes'", "required: true"),
        ("required: false", "required: off", "required: false"),
        ("llm_config:", "llm_cofnig:", "llm_config:"),
        ("constraints: {ge", '"constriants": {ge', '"constraints": {ge'),
    ],
)
def test_what_has_one_safe_mend_is_mended_in_its_place(fixed, right, broken, mended):
    assert right in AGENT
    text, done = fixed(AGENT.replace(right, broken, 1))
    assert text == AGENT.replace(right, mended, 1)
    assert done


def test_comments_layout_and_line_ends_stay(fixed):
    text = "# head\r\nenvironment:   production   # of us\r\n\r\nlog_levle:  'INFO'\r\nagents: {a: {timeuot: 3,  retries: 1}}  # end"
    assert fixed(text, kind="environment")[0] == text.replace("levle", "level").replace("timeuot", "timeout")


def test_json_and_toml(fixed):
    json = '{"environment": "production",\n\t"debug": "false", "log_level": "Info "}'
    assert fixed(json, "file.json", "environment")[0].startswith('{"environment": "production",\n\t"debug": false')
    toml = "environment = 'production' # us\ndebug = \"no\"\n[agents.a]\nretreis = 3\n"
    assert fixed(toml, "file.toml", "environment")[0] == toml.replace('"no"', "false").replace("retreis", "retries")


def test_a_key_below_a_renamed_one_is_mended_too_and_then_nothing_is_left(fixed):
    text, done = fixed(AGENT.replace("llm_config", "llm_confg").replace("temperature", "temprature"))
    assert text == AGENT
    assert done == ["renamed `llm_confg` to `llm_config`", "renamed `temprature` to `temperature`"]
    assert fixed(text) == (AGENT, [])


@pytest.mark.parametrize(
    "text",
    [
        AGENT.replace("temperature: 0.3", "temprature: 0.3\n  broken: ["),
        AGENT.replace("temperature: 0.3", "temprature: 0.3\n  seed: 1\n  seed: 2"),
        AGENT.replace("temperature: 0.3", "temprature: 0.3\n  temperature: 0.3"),
        AGENT.replace("temperature: 0.3", "max_token: 5").replace("  max_tokens: 800\n", "  max_tokens: 800\n"),
        AGENT.replace("field_name: credibility_score", "field_name: credibilityScore"),
        AGENT.replace("interview-strict-v1", "Interview_Strict"),
        AGENT.replace("temperature: 0.3", "temprature: 0.3  # agentctl: disable=unknown-key our proxy reads it"),
        AGENT.replace("\n", "\n\x00", 1),
    ],
)
def test_what_is_not_safe_is_left_as_it_is(fixed, text):
    assert fixed(text) == (text, [])


def test_what_an_alias_shares_is_left_as_it_is(fixed):
    text = "environment: production\nx-limits: &limits {timeuot: 3}\nagents: {a: *limits, b: *limits}\n"
    assert fixed(text, kind="environment") == (text, [])


def test_every_document_of_a_file(fixed):
    text = "environment: test\ndebug: 'no'\n---\nenvironment: production\ndebug: 'no'\n"
    assert fixed(text, kind="environment")[0] == text.replace("'no'", "false")


@pytest.mark.parametrize("kind", KINDS)
def test_over_all_examples_it_is_done_after_one_run_and_makes_nothing_worse(tmp_path, kind):
    folder = tmp_path / kind
    shutil.copytree(EXAMPLES / kind, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    errors = len(run.validate(paths=[folder], schema=kind).results)
    files = fixes.mended([folder], schema=kind)
    fixes.write(files)
    assert {one.path for one in files} == {path for path, data in before.items() if path.read_bytes() != data}
    assert not any(path.parts[-2] == "valid" for path in (one.path for one in files))
    assert fixes.mended([folder], schema=kind) == []
    assert len(run.validate(paths=[folder], schema=kind).results) < errors
    forms = {path: reading.format_of(path.name) for path in before}
    broken = {path for path, data in before.items() if reading.parse(data, forms[path]).problems}
    assert broken.isdisjoint(one.path for one in files)


def test_a_link_stays_one_and_the_mode_too(tmp_path):
    real = tmp_path / "real.yaml"
    real.write_text(AGENT.replace("temperature", "temprature"))
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    fixes.write(fixes.mended([link], schema="agent"))
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == (AGENT, 0o640)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]


def test_a_file_that_changed_in_the_meantime_is_left_alone(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(AGENT.replace("temperature", "temprature"))
    files = fixes.mended([path], schema="agent")
    path.write_text("other: 1\n")
    with pytest.raises(UsageError, match="was changed in the meantime"):
        fixes.write(files)
    assert path.read_text() == "other: 1\n"


def test_standard_input_is_refused():
    with pytest.raises(UsageError, match="standard input cannot be mended"):
        fixes.mended(["-"], schema="agent")


def test_no_diff_shows_a_secret(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(AGENT.replace("temperature: 0.3", "temprature: 0.3\n  api_key: plain-hunter2-value"))
    (one,) = fixes.mended([path], schema="agent")
    assert "hunter2" not in one.diff
    assert "+  temperature: 0.3" in one.diff
