from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from reporters.samples import ALL, CHECKLIST, HOSTILE, LOADTEST
from reporters.strategies import reports

from agentctl.reporters import svg
from agentctl.results import Figure, Verdict

SPACE = "{http://www.w3.org/2000/svg}"


def _words(report):
    return [element.text for element in ET.fromstring(svg.render(report)).iter(f"{SPACE}text")]


def test_the_checklist_tells_its_answer_and_what_is_verified():
    assert _words(CHECKLIST) == ["agentctl checklist", "fail, 41 % verified"]
    assert ET.fromstring(svg.render(CHECKLIST)).get("aria-label") == "agentctl checklist: fail, 41 % verified"
    assert ET.fromstring(svg.render(CHECKLIST)).find(f"{SPACE}title").text == "agentctl checklist: fail, 41 % verified"


def test_a_share_is_cut_not_rounded_up():
    almost = replace(CHECKLIST, figures=(Figure(name="verified", value=99.97, unit="%"),))

    assert _words(almost)[1] == "fail, 99 % verified"


@pytest.mark.parametrize(
    ("tier", "words"), [("staging", "fail, 41 % verified, tier staging"), ("none", "fail, 41 % verified")]
)
def test_the_tier_that_was_reached_is_told(tier, words):
    reached = replace(CHECKLIST, figures=(*CHECKLIST.figures, Figure(name="tier", value=tier, label="tier reached")))

    assert _words(reached)[1] == words


def test_what_was_not_measured_is_left_out():
    unknown = replace(CHECKLIST, figures=(Figure(name="verified", value=None, unit="%"),))

    assert _words(unknown)[1] == "fail"
    assert _words(replace(LOADTEST, verdict=Verdict.INVALID, figures=()))[1] == "no answer"


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_white_words_read_on_every_colour(report):
    colours = re.findall(r'fill="(#[0-9a-f]{6})"', svg.render(report))

    assert len(colours) == 2
    assert all(1.05 / (_luminance(colour) + 0.05) >= 4.5 for colour in colours)


def test_the_words_fit_their_halves():
    root = ET.fromstring(svg.render(CHECKLIST))
    halves = [float(rect.get("width")) for rect in root.find(f"{SPACE}g")]

    assert sum(halves) == float(root.get("width"))
    for half, words in zip(halves, root.iter(f"{SPACE}text"), strict=True):
        assert float(words.get("textLength")) < half


def test_a_long_name_is_cut():
    assert max(map(len, _words(replace(HOSTILE, command="x" * 500)))) <= 60


@given(reports)
def test_no_string_breaks_the_badge(report):
    text = svg.render(report)

    text.encode("utf-8")
    assert {element.tag.removeprefix(SPACE) for element in ET.fromstring(text).iter()} == {
        "svg",
        "title",
        "clipPath",
        "g",
        "rect",
        "text",
    }
    assert "href" not in text
