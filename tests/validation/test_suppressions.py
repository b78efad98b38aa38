"""Comments that waive a finding: where they hold, that they need a reason, and that none stays unused."""

from __future__ import annotations

import pytest

from agentctl.validation import run, suppressions

BAD = "environment: production\ndebug: true{}\n"


@pytest.fixture
def judged(tmp_path):
    """Return a function that validates a text and returns the ids that were found, and the notes."""

    def run_on(text, name="production.yaml", settings=""):
        (tmp_path / "agentctl.toml").write_text(settings)
        (tmp_path / name).write_text(text)
        report = run.validate(tmp_path, [tmp_path / name], schema="environment")
        return [one.id for one in report.results], [note.rpartition("waived: ")[2] for note in report.notes]

    return run_on


@pytest.mark.parametrize(
    "text",
    [
        BAD.format("  # agentctl: disable=environment-debug incident 7 is looked into"),
        "environment: production\n# agentctl: disable=environment-debug incident 7 is looked into\ndebug: true\n",
        "environment: production\n# agentctl: disable=environment-debug incident 7\n\n# until friday\ndebug: true\n",
        "environment: production\n#agentctl:disable=environment-debug,environment-url - incident 7\ndebug: 'x'\n",
    ],
)
def test_a_comment_with_a_reason_waives_its_line_or_the_next(judged, text):
    found, notes = judged(text)
    if "environment-url" in text:
        assert sorted(found) == ["suppression-unused", "suppression-unused", "wrong-type"]
    else:
        assert found == []
        assert notes[0].startswith(("production.yaml:", "/"))
        assert "environment-debug (incident 7" in notes[0]


def test_toml_and_its_strings(judged):
    text = 'note = "# agentctl: disable=environment-debug never"\nenvironment = "production"\ndebug = true{}\n'
    assert judged(text.format(" # agentctl: disable=environment-debug incident 7"), "production.toml")[0] == []
    assert judged(text.format(""), "production.toml")[0] == ["environment-debug"]


def test_what_stands_in_a_text_waives_nothing(judged):
    text = "environment: production\nnotes: |\n  # agentctl: disable=environment-debug it is a text\ndebug: true\n"
    assert judged(text)[0] == ["environment-debug"]


def test_without_a_reason_it_holds_no_more_than_without_the_comment(judged):
    assert judged(BAD.format("  # agentctl: disable=environment-debug"))[0] == [
        "environment-debug",
        "suppression-reason",
    ]


def test_an_unknown_rule_and_none(judged):
    comment = "  # agentctl: disable=environment-debgu we know"
    assert judged(BAD.format(comment))[0] == ["environment-debug", "suppression-unknown"]
    assert judged(BAD.format("  # agentctl: disable= we know"))[0] == ["environment-debug", "suppression-unknown"]


def test_one_that_is_not_needed_is_told_unless_the_settings_switch_its_rule_off(judged):
    text = "environment: production\ndebug: false  # agentctl: disable=environment-debug it was on once\n"
    assert judged(text)[0] == ["suppression-unused"]
    assert judged(text, settings='[validate.disable]\nenvironment-debug = "our platform forbids it already"\n')[0] == []


def test_a_rule_that_only_holds_between_versions_is_never_unused(judged):
    text = "environment: production  # agentctl: disable=change-removed it moved to another repository\n"
    assert judged(text)[0] == []


def test_the_reason_hides_no_secret(judged):
    token = "ghp_" + "a1B2" * 9
    _, notes = judged(BAD.format(f"  # agentctl: disable=environment-debug {token}"))
    assert token not in notes[0]


def test_very_many_of_them_take_no_long_time():
    text = "a: 1\n" + "# agentctl: disable=agent-id we know\n" * 200_000 + "b: '# agentctl: disable=agent-id we know'\n"
    found = suppressions.read(text, "yaml")
    assert len(found) == suppressions.MOST
    assert {one.line for one in found} == {200_002}
    assert suppressions.read("a" + " #" * 1_000_000 + " agentctl:", "yaml") == []


def test_the_places_are_those_of_the_findings_with_all_line_ends():
    text = (
        "a: 'x # agentctl: disable=agent-id in a text'\r\nb: 1  # agentctl: disable=agent-id, we know\r\n\r\nc: 2\r\n"
    )
    (one,) = suppressions.read(text, "yaml")
    assert (one.line, one.span.column, one.rules) == (2, 7, ("agent-id",))
    (one,) = suppressions.read(
        "a,b\n# agentctl: disable=workflow-end we know\n\n1,# agentctl: disable=agent-id x\n", "csv"
    )
    assert (one.line, one.rules) == (4, ("workflow-end",))
