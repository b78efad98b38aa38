from __future__ import annotations

import keyword
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.errors import UsageError
from agentctl.scaffold import names


@pytest.mark.parametrize(
    ("given_name", "slug", "package"),
    [
        ("my-agent", "my-agent", "my_agent"),
        ("My Agent", "my-agent", "my_agent"),
        ("my_agent", "my-agent", "my_agent"),
        ("  Support  Bot 2 ", "support-bot-2", "support_bot_2"),
        ("a", "a", "a"),
        ("ab--c", "ab-c", "ab_c"),
    ],
)
def test_a_good_name_has_its_spellings(given_name, slug, package):
    found = names.checked(given_name)
    assert (found.name, found.slug, found.package) == (given_name.strip(), slug, package)


@pytest.mark.parametrize(
    ("bad", "why", "better"),
    [
        ("", "is empty", None),
        ("   ", "is empty", None),
        ("1 bad$name", "'$'", "bad-name"),
        ("../x", "is a path", "x --output-dir .."),
        ("..", "is a path", None),
        ("/etc/passwd", "is a path", "passwd --output-dir /etc"),
        ("services/my agent", "is a path", "my-agent --output-dir services"),
        ("a b/agent", "is a path", "agent --output-dir 'a b'"),
        ("..\\x", "is a path", "x --output-dir .."),
        ("-rf", "begins with '-'", "rf"),
        (".hidden", "begins with '.'", "hidden"),
        ("class", "keyword", "class-agent"),
        ("None", "keyword", "none-agent"),
        ("match", "keyword", "match-agent"),
        ("json", "standard library", "json-agent"),
        ("JSON", "standard library", "json-agent"),
        ("test", "standard library", "test-agent"),
        ("tests", "is taken", "tests-agent"),
        ("con", "reserved device", "con-agent"),
        ("Com1", "reserved device", "com1-agent"),
        ("yes", "YAML", "yes-agent"),
        ("2fast", "does not begin with a letter", "fast"),
        ("_private", "does not begin with a letter", "private"),
        ("agent-", "ends with '-'", "agent"),
        ("my.agent", "'.'", "my-agent"),
        ("a\nb", "U+000A", "a-b"),
        ("a\0b", "U+0000", "a-b"),
        ("café", "LATIN SMALL LETTER E WITH ACUTE", "cafe"),
        ("\uff41gent", "FULLWIDTH LATIN SMALL LETTER A", "agent"),
        ("\u0430gent", "CYRILLIC SMALL LETTER A", None),
        ("агент", "CYRILLIC", None),
        ("x" * 41, "more than 40", "x" * 40),
        ("uvicorn", "is taken", "uvicorn-agent"),
    ],
)
def test_a_bad_name_is_refused_with_a_better_one(bad, why, better):
    with pytest.raises(UsageError) as caught:
        names.checked(bad, {"uvicorn"})
    assert why in caught.value.message
    expected = f"for example: agentctl new {better}" if better else "choose a name"
    assert caught.value.hint == expected if better else caught.value.hint.startswith(expected)


@given(st.text(max_size=60))
def test_whatever_passes_is_safe_as_folder_distribution_and_package(text):
    try:
        found = names.checked(text)
    except UsageError:
        return
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", found.slug)
    assert found.package.isidentifier()
    assert not keyword.iskeyword(found.package)
    assert found.package not in sys.stdlib_module_names


@given(st.text(max_size=60))
def test_each_suggestion_is_itself_a_good_name(text):
    better = names._suggested(text, ())
    assert better is None or names.checked(better).slug == better


@pytest.mark.parametrize(
    ("folder", "name"), [("my.agent", "my-agent"), ("My Agent", "My-Agent"), (".config", "config"), ("", "")]
)
def test_a_folder_gives_its_name(folder, name):
    assert names.of_folder(folder) == name
