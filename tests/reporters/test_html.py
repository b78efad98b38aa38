from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from reporters.samples import ALL, CHECKLIST, CI, HOSTILE, LOADTEST, NOTHING, VALIDATE
from reporters.strategies import reports

from agentctl.reporters import html
from agentctl.reporters._page.charts import Scale, chart
from agentctl.reporters._page.elements import Ids
from agentctl.results import Figure, Finding, Report, Series, Table, Verdict

_ALLOWED = frozenset(
    word
    for line in (
        "html head meta title link style body a main header div span h1 h2 h3 h4 h5 h6 p small b code pre kbd ul ol li dl dt dd",
        "section details summary form label input select option button output figure figcaption svg g path line rect circle",
        "text table caption thead tbody tr th td footer script",
    )
    for word in line.split()
)
_VOID = {"meta", "link", "input"}


class _Read(HTMLParser):
    """What a browser would see: elements with their attributes, and the words outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _tag, attributes in self.elements if name in attributes]


def _check(text: str) -> _Read:
    """Hold a page against what every page must keep: its own elements only, sound names, nothing from elsewhere."""
    page = _Read(text)
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= _ALLOWED
    assert [tag for tag, _ in page.elements].count("script") == 1
    names = {name for _tag, attributes in page.elements for name in attributes}
    assert {name for name in names if name.startswith("on") or name in {"style", "src", "srcset", "action"}} == set()
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link for link in page.values("href") if link != "data:,"} <= {f"#{one}" for one in ids}
    assert set(page.values("aria-labelledby")) <= set(ids)
    return page


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_every_page_is_whole_and_asks_for_nothing(report):
    text = html.render(report)

    _check(text)
    assert "@import" not in text
    assert "url(" not in text
    assert html.render(report) == text


@given(reports)
def test_no_string_becomes_an_element(report):
    text = html.render(report)

    text.encode("utf-8")
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) is None
    _check(text)


def test_hostile_words_are_shown_as_they_are():
    words = " ".join(_check(html.render(HOSTILE)).words)

    assert r"\x1b[31m" in words
    assert "<script>alert('x')</script>" in words


def test_the_policy_lets_only_the_own_style_and_script_in():
    text = html.render(HOSTILE)
    policy = next(a["content"] for _t, a in _Read(text).elements if a.get("http-equiv") == "Content-Security-Policy")

    assert "default-src 'none'" in policy
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_answer_comes_first_then_what_to_do_then_the_proof():
    text = html.render(CHECKLIST).partition("<body>")[2]
    places = [
        text.index(words) for words in (">fail", "41.379 %", "Do this next", "agentctl loadtest --serve", 'id="RL01"')
    ]

    assert places == sorted(places[:1]) + sorted(places[1:])


def _steps(report):
    found = re.search(r'<ol class="steps">(.*?)</ol>', html.render(report), re.DOTALL)
    return [re.sub("<[^>]+>", "", step) for step in re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL)] if found else []


def test_a_step_shows_its_command_apart():
    steps = (
        "RL01 Retries: wrap it (agentctl explain RL01)",
        "run them again: agentctl test -- -x",
        "cd x && make setup",
    )
    text = html.render(replace(CHECKLIST, next_steps=steps))

    commands = re.findall(r'<span class="command"><code>(.*?)</code>', text)
    assert commands == ["agentctl explain RL01", "agentctl test -- -x", "cd x &amp;&amp; make setup"]
    assert '<a href="#RL01">RL01</a> Retries: wrap it<' in text


def test_where_a_report_advises_little_the_mends_of_what_is_worst_come_too():
    assert _steps(VALIDATE) == [
        "agentctl explain schema/unknown-keyCopy",
        "read/not-utf-8: save the file as UTF-8 (configs/größe.yaml)",
        "schema/unknown-key: rename it to 'temperature' (configs/agent.yaml:12:3)",
    ]
    assert _steps(replace(VALIDATE, verdict=Verdict.PASS, next_steps=())) == []


def test_a_merged_report_names_the_parts_of_its_steps_and_does_not_advise_what_it_did():
    tested = Report(command="test", verdict=Verdict.PASS, exit_code=0, summary="s", next_steps=("agentctl checklist",))
    steps = _steps(replace(CI, projects=(tested, CHECKLIST)))

    assert steps[0] == "agentctl loadtest --serveCopychecklist"
    assert not any(step.startswith("agentctl checklist") for step in steps)


def test_the_whole_of_a_monorepo_advises_for_its_projects():
    monorepo = replace(CHECKLIST, projects=(replace(CHECKLIST, subject="services/a", next_steps=("another step",)),))

    assert _steps(monorepo) == _steps(CHECKLIST)[:2]


def test_a_merged_report_has_a_card_and_a_section_for_each_part():
    page = _check(html.render(CI))

    parts = [name for name in page.values("id") if name.startswith("part-")]
    assert parts == ["part-validate", "part-loadtest", "part-checklist"]
    assert [f"#{name}" for name in parts] == [link for link in page.values("href") if link.startswith("#part-")]


def test_a_figure_shows_the_gate_that_is_named_like_it():
    gates = (
        Finding(id="gate:p95", verdict=Verdict.FAIL, message="p95 41 ms > 20 ms"),
        Finding(id="gate:success", verdict=Verdict.PASS, message="100 % > 95 %"),
    )
    text = html.render(replace(LOADTEST, results=gates))

    assert re.search(r"<dt>p95</dt>.*?</div>", text)[0].endswith("fail</span> p95 41 ms &gt; 20 ms</dd></div>")
    assert "p95 41 ms" not in re.search(r"<dt>requests per second</dt>.*?</div>", text)[0]


def test_a_share_is_drawn_and_a_change_of_one_is_not():
    shares = (Figure(name="verified", value=40.0, unit="%"), Figure(name="verified_change", value=1.5, unit="%"))

    assert html.render(replace(CHECKLIST, figures=shares)).count('class="share"') == 1


def test_a_finding_keeps_its_words_places_and_mend():
    page = _check(html.render(CHECKLIST))
    words = " ".join(" ".join(page.words).split())

    assert "Outbound calls are retried" in words
    assert words.count("httpx.AsyncClient") >= 5
    assert "wrap the call with stamina.retry(on=httpx.HTTPError)" in words
    assert "214 of 217 files, 3 did not parse" in words
    assert "Confidence: medium" in words


def test_verdicts_are_there_for_filters_and_severities_only_where_something_is_open():
    rows = {a["id"]: a for tag, a in _Read(html.render(CHECKLIST)).elements if tag == "li" and "data-verdict" in a}

    assert {a["data-verdict"] for a in rows.values()} == {finding.verdict.value for finding in CHECKLIST.results}
    assert rows["RL01"]["data-severity"] == "error"
    assert rows["RL02"]["data-severity"] == "warning"
    assert "data-severity" not in rows["AR05"]


def test_the_filters_count_the_rows_and_the_steps_of_ci_are_none():
    steps = tuple(Finding(id=part.command, verdict=part.verdict, message=part.summary) for part in CI.projects)
    left_out = Finding(id="test", verdict=Verdict.SKIPPED, message="left out by --skip")
    text = html.render(replace(CI, results=(*steps, left_out)))

    counted = [int(count) for count in re.findall(r'aria-pressed="false">[^<]*<b>(\d+)</b>', text)]
    rows = re.findall(r'<li id="([^"]+)" data-verdict', text)
    assert sum(counted) == len(rows) == 15
    assert rows[0] == "test"


def test_equal_ids_get_anchors_of_their_own():
    twice = tuple(Finding(id="a/b", verdict=Verdict.FAIL, message=word) for word in "xyz")
    page = _check(html.render(replace(VALIDATE, results=twice)))

    assert {"a-b", "a-b-2", "a-b-3"} <= set(page.values("id"))


def test_numbers_in_tables_are_read_from_the_right():
    table = Table(
        title="t", columns=("answer", "count", "mean"), rows=(("200 OK", "12", "5.7 ms"), ("500 x", "-", "< 2 s"))
    )
    text = html.render(replace(NOTHING, tables=(table,)))

    assert re.findall(r'<th scope="col"( class="number")?>', text) == ["", ' class="number"', ' class="number"']


def test_ten_thousand_findings_stay_small():
    found = tuple(
        Finding(id=f"R{n % 40}", verdict=Verdict.FAIL, message="m" * 100, hint="h" * 100, group=f"f{n % 90}")
        for n in range(10_000)
    )
    text = html.render(replace(VALIDATE, results=found))

    assert len(text) < 8_000_000
    assert text.count("<li id=") == 10_000


# ---------------------------------------------------------------- charts


def _drawn(points, **more):
    from xml.etree import ElementTree as ET

    return ET.tostring(
        chart(Series(name="p95", points=tuple(points), **more), Ids()), encoding="unicode", method="html"
    )


def _coordinates(text):
    paths = " ".join(re.findall(r' d="([^"]*)"', text))
    return [tuple(map(float, pair)) for pair in re.findall(r"([-\d.]+) ([-\d.]+)", paths)]


def test_a_chart_has_axes_with_units_a_title_and_the_values_as_a_table():
    text = _drawn([(0, 0.1), (1, 0.4), (2, 0.3)], unit="s")

    assert re.findall(r'text-anchor="end">([^<]+)<', text) == ["0 s", "100 ms", "200 ms", "300 ms", "400 ms"]
    assert re.findall(r'text-anchor="middle">([^<]+)<', text) == ["0 s", "500 ms", "1 s", "1.5 s", "2 s"]
    assert "<title>p95: 0 s to 400 ms over 0 s to 2 s</title>" in text
    assert re.findall(r'<td class="number">([^<]+)<', text) == ["100 ms", "400 ms", "300 ms"]


def test_a_limit_that_is_near_is_drawn_and_any_is_told():
    near = _drawn([(0, 0.1), (1, 0.4)], unit="s", limit=0.8)
    (height,) = re.findall(r'y1="([\d.]+)"[^>]*class="limit"', near)
    assert ">800 ms</text>" in near
    assert float(height) < min(y for _x, y in _coordinates(near))
    far = _drawn([(0, 0.1), (1, 0.4)], unit="s", limit=30.0)
    assert 'class="limit"' not in far
    assert "100 ms to 400 ms, limit 30 s" in far


def test_a_peak_among_many_values_is_drawn_and_told():
    points = [(second, 999.0 if second == 4321 else 5.0) for second in range(10_000)]
    text = _drawn(points, unit="1/s")

    low, high = (min(y for _x, y in _coordinates(text)), max(y for _x, y in _coordinates(text)))
    assert high - low > 140
    assert "5/s to 999/s" in text
    assert text.count("<tr>") <= 121
    assert len(text) < 60_000


def test_what_was_not_measured_is_a_gap():
    assert len(re.findall('class="line"', _drawn([(0, 1), (1, 2), (2, float("nan")), (3, 2), (4, 1)]))) == 2
    assert "nothing was measured" in _drawn([(0, float("nan"))])
    assert "<svg" not in _drawn([])


@pytest.mark.parametrize(
    "values",
    [(0, 0), (5e-324, 0), (1.7e308, -1.7e308), (1e308, 1e308), (-3, -3), (1e-9, 2e-9), (1e15, 1e15 + 1)],
    ids=str,
)
def test_any_numbers_are_drawn_inside_the_frame(values):
    text = _drawn(list(enumerate(values)))

    assert all(0 <= x <= 420 and 0 <= y <= 200 for x, y in _coordinates(text))
    assert "nan" not in text
    assert text.count('class="grid"') >= 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (3, 97), (0.2, 0.9), (-5, 5), (12, 13), (0, 1e6)])
def test_an_axis_has_a_few_round_steps(low, high):
    ticks = list(Scale.over([low, high], from_zero=True).ticks())

    assert 3 <= len(ticks) <= 7
    assert ticks[0] <= min(low, 0)
    assert ticks[-1] >= high - 1e-9


# ---------------------------------------------------------------- from the command line


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explain", "TS02"), 0),
        (("validate", "--allow-ungoverned"), 0),
        (("checklist", "--list"), 0),
        (("schema", "list"), 0),
        (("new", "orders", "--yes", "--dry-run"), 0),
        (("loadtest",), 2),
        (("validate", "no-such-file.yaml"), 2),
        (("checklist", "."), 3),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_every_command_has_it_and_keeps_its_exit_code(agentctl, words, code):
    done = agentctl(*words, "--format", "html", "--quiet")

    assert done.returncode == code, done.stderr
    _check(done.stdout)
    assert f"exit code {code}" in done.stdout
