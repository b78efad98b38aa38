"""The HTML report as people meet it: in a real browser, from a file."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from reporters.samples import ALL, CHECKLIST, CI, HOSTILE, LOADTEST, NOTHING, VALIDATE

from agentctl.results import Finding, Location, Report, Verdict

pytestmark = pytest.mark.browser

SHOWN = "[...document.querySelectorAll('.findings > li')].filter(e => e.checkVisibility()).map(e => e.id)"
FOCUS = "document.activeElement.closest('li')?.id ?? document.activeElement.id"
OPEN = "[...document.querySelectorAll('.findings details[open]')].map(e => e.closest('li').id)"
STATUS = "document.querySelector('#shown').textContent"

MANY = Report(
    command="validate",
    verdict=Verdict.FAIL,
    exit_code=1,
    summary="10,000 findings",
    results=tuple(
        Finding(
            id=f"rule-{number}",
            verdict=(Verdict.FAIL, Verdict.WARN)[number % 2],
            title="A rule",
            message=f"message {number} of many",
            hint="mend it",
            frame=f"{number} | key: value\n   | ^^^",
            group=f"configs/agent_{number % 90}.yaml",
            evidence=(Location(path=f"configs/agent_{number % 90}.yaml", line=number + 1),),
        )
        for number in range(10_000)
    ),
)


def _chip(verdict):
    return f".chip[data-verdict='{verdict}']"


# ---------------------------------------------------------------- search and filters


def test_search_narrows_to_rows_that_hold_every_word(show):
    page = show(CHECKLIST)
    page.js("document.querySelector('#q').focus()")
    page.type("RETRIED clients")

    assert page.js(SHOWN) == []
    page.press("Escape")
    assert len(page.js(SHOWN)) == len(CHECKLIST.results)
    page.type("RETRIED outbound")
    assert page.js(SHOWN) == ["RL01"]
    assert page.js(STATUS) == "1 finding that fit, of 9"


def test_search_reaches_what_is_folded_and_the_name_of_the_section(show):
    page = show(CHECKLIST)
    page.js("document.querySelector('#q').focus()")
    page.type("stamina")
    assert page.js(SHOWN) == ["RL01"]

    page.press("Escape")
    page.type("reliability")
    assert page.js(SHOWN) == ["RL01", "RL02"]


def test_verdicts_are_chosen_together_with_the_mouse(show):
    page = show(CHECKLIST)
    page.click(_chip("fail"))
    assert page.js(SHOWN) == ["RL01"]
    page.click(_chip("unknown"))
    assert page.js(SHOWN) == ["RL01", "TS08"]
    page.click(_chip("fail"))
    assert page.js(SHOWN) == ["TS08"]
    page.click("button[type=reset]")
    assert len(page.js(SHOWN)) == 9


def test_severity_and_section_narrow_further(show):
    page = show(CI)
    everything = len(page.js(SHOWN))
    page.js(
        "(() => { const e = document.querySelector('#severity'); e.value = 'error'; e.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    errors = page.js(SHOWN)
    assert {"schema-unknown-key", "RL01", "AR12"} <= set(errors)
    assert len(errors) < everything

    sections = page.js("[...document.querySelector('#section').options].map(o => [o.text, o.value])")
    reliability = next(value for text, value in sections if text == "checklist orders: Reliability")
    page.js(
        f"(() => {{ const e = document.querySelector('#section'); e.value = '{reliability}'; e.dispatchEvent(new Event('input', {{bubbles: true}})); }})()"
    )
    assert page.js(SHOWN) == ["RL01"]


def test_sections_without_a_row_that_fits_go_away(show):
    page = show(CHECKLIST)
    page.click(_chip("waived"))

    heads = "[...document.querySelectorAll('.group')].filter(e => e.checkVisibility()).map(e => e.firstElementChild.querySelector('.name').textContent)"
    assert page.js(heads) == ["Security"]


def test_a_link_keeps_what_was_filtered(show):
    page = show(CHECKLIST)
    page.click(_chip("fail"))
    page.js("document.querySelector('#q').focus()")
    page.type("retried")
    assert page.js("location.hash") == "#q=retried&verdict=fail"

    page.js("location.hash = '#q=time&verdict=warn,fail'")
    assert page.js(f"new Promise(done => setTimeout(() => done({SHOWN}), 50))") == ["RL02"]
    assert page.js("document.querySelector('#q').value") == "time"


def test_a_step_leads_to_its_finding_and_opens_it_even_when_it_is_filtered_away(show):
    page = show(replace(CHECKLIST, next_steps=("RL01 wrap it (agentctl explain RL01)",)))
    page.click(_chip("pass"))
    page.click(".steps a")

    assert "RL01" in page.js(f"new Promise(done => setTimeout(() => done({SHOWN}), 50))")
    assert "RL01" in page.js(OPEN)


# ---------------------------------------------------------------- keyboard


def test_the_keyboard_alone_is_enough(show):
    page = show(CHECKLIST)
    page.press("/")
    assert page.js(FOCUS) == "q"
    page.press("ArrowDown")
    assert page.js(FOCUS) == "RL01"
    assert page.js(OPEN) == ["RL01"]
    page.press("Enter")
    assert page.js(OPEN) == []
    page.press("Enter")
    assert page.js(OPEN) == ["RL01"]
    page.press("ArrowDown")
    assert page.js(FOCUS) == "RL02"
    page.press("End")
    last = page.js(FOCUS)
    page.press("ArrowDown")
    assert page.js(FOCUS) == last
    page.press("Home")
    page.press("ArrowUp")
    assert page.js(FOCUS) == "q"
    assert page.js("document.querySelector('#q').value") == ""


def test_filters_are_reached_by_tab_and_pressed_by_space(show):
    page = show(CHECKLIST)
    page.press("/")
    for _ in range(12):
        page.press("Tab")
        if page.js("document.activeElement.dataset.verdict ?? ''") == "fail":
            break
    assert page.js("document.activeElement.dataset.verdict") == "fail"
    page.press(" ")
    assert page.js(SHOWN) == ["RL01"]
    assert page.js("document.activeElement.getAttribute('aria-pressed')") == "true"


def test_the_first_tab_offers_to_skip_to_the_report(show):
    page = show(CHECKLIST)
    page.press("Tab")

    assert page.js("document.activeElement.className") == "skip"
    assert page.js("document.activeElement.getBoundingClientRect().left >= 0")
    page.press("Enter")
    assert page.js("document.activeElement.id") == "main"


def test_whatever_has_the_focus_is_outlined(show):
    page = show(CHECKLIST)
    plain = []
    for _ in range(25):
        page.press("Tab")
        if page.js("getComputedStyle(document.activeElement).outlineStyle") == "none" and page.js(
            "document.activeElement !== document.body"
        ):
            plain.append(page.js("document.activeElement.outerHTML.slice(0, 80)"))

    assert plain == []


# ---------------------------------------------------------------- how it looks

# Every text against the colour behind it, as WCAG 2.1 counts contrast; what is large or only drawn is held to the same.
CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const f = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || e.matches('script, title, option') || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const words = light(rgb(e instanceof SVGElement ? style.fill : style.color));
    const back = light(behind(e));
    const ratio = (Math.max(words, back) + 0.05) / (Math.min(words, back) + 0.05);
    if (ratio < 4.5) poor.push(`${e.tagName}.${e.className.baseVal ?? e.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_every_word_reads_against_its_ground(show, report, scheme):
    page = show(report, scheme=scheme)
    assert page.js(CONTRAST) == []
    for verdict in {finding.verdict for finding in report.results}:
        page.click(_chip(verdict)) if len(report.results) > 1 else None
    assert page.js(CONTRAST) == []


def _ground(page):
    return page.js("getComputedStyle(document.body).backgroundColor")


def test_the_theme_follows_the_system_until_it_is_chosen(show):
    page = show(CHECKLIST)
    light = _ground(page)
    page.media("dark")
    dark = _ground(page)
    assert light != dark

    page.click("#theme")
    assert (page.js("document.querySelector('#theme').textContent"), _ground(page)) == ("Theme: light", light)
    page.click("#theme")
    page.media("light")
    assert (page.js("document.querySelector('#theme').textContent"), _ground(page)) == ("Theme: dark", dark)
    assert _ground(show(CHECKLIST)) == dark
    page.click("#theme")
    assert _ground(page) == light


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_nothing_is_wider_than_a_small_telephone(show, report):
    page = show(report, width=360, height=640)

    assert page.js("document.documentElement.scrollWidth") == 360
    out = "[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && !e.closest('.scroll, .frame, svg') && e.getBoundingClientRect().right > 361).map(e => e.className)"
    assert page.js(out) == []


def test_answer_and_next_step_stand_on_the_first_screen(show):
    page = show(CHECKLIST, width=1280, height=720)

    for selector in ("h1", ".hero .badge", ".hero .figures", ".steps li"):
        assert page.js(f"document.querySelector('{selector}').getBoundingClientRect().bottom") < 720


def test_names_roles_and_headings_are_there_for_those_who_do_not_see(show):
    page = show(CI)

    assert page.js("document.documentElement.lang") == "en"
    assert page.js("document.querySelectorAll('main').length") == 1
    levels = page.js("[...document.querySelectorAll('h1, h2, h3, h4')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {"button", "link", "searchbox", "combobox", "image", "region", "form", "search", "table", "textbox"}
    nameless = [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"]
        and node.get("role", {}).get("value") in named - {"table"}
        and not node.get("name", {}).get("value")
    ]
    assert nameless == []
    assert {"main", "search", "image", "status", "contentinfo"} <= {
        node["role"]["value"] for node in nodes if "role" in node
    }


# ---------------------------------------------------------------- paper


def _pages(paper):
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", paper))


def test_paper_opens_what_is_not_well_and_has_nothing_to_press(show):
    page = show(CHECKLIST)
    before = page.js(OPEN)
    assert _pages(page.paper()) >= 2
    assert page.js(OPEN) == before

    page.media("light", "print")
    assert page.js("document.querySelector('#filters').checkVisibility()") is False
    assert page.js("document.querySelector('#theme').checkVisibility()") is False
    page.js("dispatchEvent(new Event('beforeprint'))")
    assert {"RL01", "RL02", "TS08"} <= set(page.js(OPEN))
    page.js("dispatchEvent(new Event('afterprint'))")
    assert page.js(OPEN) == before


def test_paper_is_white_in_the_dark(show):
    page = show(CHECKLIST, scheme="dark")
    page.media("dark", "print")

    assert _ground(page) == "rgb(255, 255, 255)"
    assert page.paper().startswith(b"%PDF")


def test_the_filter_holds_on_paper(show):
    page = show(MANY)
    page.js("document.querySelector('#q').focus()")
    page.type("rule-77")

    assert page.js("document.querySelectorAll('.findings > li:not([hidden])').length") == 111
    assert 3 <= _pages(page.paper()) <= 60


def test_what_does_not_go_on_paper_is_told(show):
    page = show(MANY)
    page.js("dispatchEvent(new Event('beforeprint'))")

    assert page.js("document.querySelectorAll('.findings > li:not([hidden])').length") == 500
    assert page.js("document.querySelector('.more-rows').textContent") == "9500 more are not on paper: filter first"
    page.js("dispatchEvent(new Event('afterprint'))")
    assert page.js(STATUS) == "200 shown of 10000 findings"


# ---------------------------------------------------------------- many, hostile, and without scripts


def test_ten_thousand_findings_are_shown_by_and_by(show):
    page = show(MANY)
    assert page.js(STATUS) == "200 shown of 10000 findings"
    page.click(".more-rows")
    assert page.js(STATUS) == "400 shown of 10000 findings"
    page.press("/")
    page.type("rule-9999")
    assert page.js(SHOWN) == ["rule-9999"]
    page.press("Escape")
    page.click(_chip("warn"))
    assert page.js(STATUS) == "200 shown of 5000 findings that fit, of 10000"
    page.js("location.hash = '#rule-9998'")
    assert page.js(f"new Promise(done => setTimeout(() => done({SHOWN}.includes('rule-9998')), 300))") is True


def test_hostile_words_stay_words(show):
    page = show(replace(CI, projects=(HOSTILE, VALIDATE)))

    assert page.js("document.querySelectorAll('script').length") == 1
    assert page.js("document.querySelectorAll('img, iframe, a[href^=javascript]').length") == 0
    assert "<script>alert('x')</script>" in page.js("document.body.innerText")
    page.click(_chip("fail"))
    page.press("/")
    page.type("<script>")
    assert len(page.js(SHOWN)) == 1


def test_the_policy_stops_a_script_that_got_in(browser, tmp_path):
    from browser.chromium import Page

    from agentctl.reporters import html

    file = tmp_path / "tampered.html"
    text = html.render(NOTHING).replace(
        "</main>", "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"></main>"
    )
    file.write_text(text, encoding="utf-8")
    page = Page(browser, file)

    assert page.js("document.title") != "taken"
    assert "Content Security Policy" in " ".join(page.said())
    page.close()


def test_without_scripts_everything_is_there_but_the_filters(browser, tmp_path):
    from browser.chromium import Page

    from agentctl.reporters import html

    file = tmp_path / "plain.html"
    text = html.render(CHECKLIST)
    file.write_text(text[: text.index("<script>")] + "</body></html>", encoding="utf-8")
    page = Page(browser, file)

    assert len(page.js(SHOWN)) == len(CHECKLIST.results)
    assert (
        page.js("[...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility()).length") == 0
    )
    page.close()


def test_a_command_is_copied(show):
    page = show(CHECKLIST)
    page.click(".copy")

    assert (
        page.js("new Promise(done => setTimeout(() => done(document.querySelector('.copy').textContent), 100))")
        == "Copied"
    )


def test_a_chart_can_be_read_as_a_table_too(show):
    page = show(LOADTEST)
    page.click(".values summary")

    assert page.js("document.querySelector('.values table').checkVisibility()") is True
    assert page.js("document.querySelectorAll('.values')[0].querySelectorAll('tbody tr').length") == 5
