from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from markdown_it import MarkdownIt
from reporters.samples import CHECKLIST, HOSTILE
from reporters.strategies import reports

from agentctl.reporters import markdown
from agentctl.results import Finding, Report, Verdict

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_OURS = ("<details><summary>", "</details>")


def _tokens(text):
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def _markup_of_others(text):
    """Return what the words of the report turned into beside plain text."""
    inline = [t.type for t in _tokens(text) if t.type in {"link_open", "image", "html_inline", "em_open", "s_open"}]
    blocks = [t.content for t in _tokens(text) if t.type == "html_block" and not t.content.startswith(_OURS)]
    return inline + blocks


def test_no_hostile_word_becomes_markup():
    assert _markup_of_others(markdown.render(HOSTILE)) == []


def test_nobody_is_mentioned():
    shown = [token for token in _tokens(markdown.render(HOSTILE)) if token.type in {"text", "html_block"}]

    assert [token.content for token in shown if "@team" in token.content] == []


def test_words_come_out_as_they_went_in():
    words = r"a|b *c* _d_ [e](f) `g` <h> & ~~i~~ \j $k$ #l !m"
    report = Report(command="test", verdict=Verdict.PASS, exit_code=0, summary="s", notes=(words,))
    token = next(t for t in PARSER.parse(markdown.render(report)) if t.type == "inline" and "a" in t.content[:2])

    assert "".join(child.content for child in token.children) == words


def test_code_spans_hold_any_number_of_backticks():
    assert markdown.code("a``b") == "```a``b```"
    assert markdown.code("`") == "`` ` ``"


def test_open_items_show_frame_places_and_mend():
    text = markdown.render(CHECKLIST)

    assert "<details><summary>fail: RL01 orders/services/client_0.py:12:5</summary>" in text
    assert text.count("`httpx.AsyncClient`") == 5
    assert "**Mend:** agentctl loadtest --serve" in text


def _many(count, verdict=Verdict.FAIL, words=60):
    found = tuple(Finding(id=f"R{n}", verdict=verdict, message="m" * words, hint="h" * words) for n in range(count))
    return Report(command="validate", verdict=Verdict.FAIL, exit_code=1, summary="s", results=found, next_steps=("do",))


def test_a_report_of_20_000_findings_fits_a_step_summary_and_says_what_is_left_out():
    quiet = _many(20_000, Verdict.PASS)
    text = markdown.render(replace(quiet, results=(*quiet.results, *_many(150).results)))

    assert len(text.encode()) < 1 << 20
    assert "200 of 20150 findings are shown, the worst first; the JSON and HTML formats have all of them." in text
    assert text.count("| ❌ fail |") == 150
    assert "1. do" in text


def test_a_long_part_does_not_push_the_others_out():
    whole = Report(command="ci", verdict=Verdict.FAIL, exit_code=1, summary="s", projects=(_many(20_000), CHECKLIST))
    text = markdown.render(whole)

    assert len(text.encode()) < 1 << 20
    assert "Outbound calls are retried" in text


def test_findings_of_any_length_fit_a_step_summary():
    text = markdown.render(_many(2000, words=9000))

    assert len(text.encode()) < 1 << 20
    assert text.endswith("the JSON and HTML formats have all of it.*\n")


def test_a_report_that_fits_is_not_cut():
    text = markdown.render(_many(1500))

    assert text.count("| ❌ fail |") == 1500
    assert "have all of" not in text


@given(reports)
def test_no_string_becomes_markup(report):
    text = markdown.render(report)

    text.encode("utf-8")
    assert _markup_of_others(text) == []
