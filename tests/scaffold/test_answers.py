from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from agentctl import __version__
from agentctl.errors import UsageError
from agentctl.scaffold import answers, kinds, names, origin


@pytest.fixture
def option(kind):
    return {option.key: option for option in answers.options(kind)}


def test_only_what_a_user_can_answer_is_an_option(option):
    assert list(option) == ["description", "author", "python_version", "agentctl_source"]
    assert [key for key, found in option.items() if not found.asked] == ["agentctl_source"]
    assert option["python_version"].flag == "--python-version"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "description: One\nauthor: Two\n"),
        ("a.yml", "{description: One, author: Two}"),
        ("a.json", '{"description": "One", "author": "Two"}'),
        ("a.toml", 'description = "One"\nauthor = "Two"\n'),
    ],
)
def test_an_answers_file_is_read_by_its_suffix(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert answers.read(tmp_path / name) == {"description": "One", "author": "Two"}


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.ini", b"", "not a known format"),
        ("missing.yaml", None, "No such file"),
        ("a.yaml", b"a: [", "cannot be read"),
        ("a.yaml", b"- one\n", "not a mapping"),
        ("a.yaml", b"", "not a mapping"),
        ("a.yaml", b"a: \xff", "cannot be read"),
        ("a.yaml", b"!!python/object/apply:os.getcwd []", "cannot be read"),
        ("a.json", b"{", "cannot be read"),
        ("a.json", b"[" * 100_000, "cannot be read"),
        ("a.toml", b"a = ", "cannot be read"),
    ],
)
def test_a_bad_answers_file_is_named(name, content, why, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=why) as caught:
        answers.read(tmp_path / name)
    assert name in caught.value.message


def test_a_folder_is_no_answers_file(tmp_path):
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(UsageError, match="Is a directory"):
        answers.read(tmp_path / "a.yaml")


def test_an_unknown_answer_is_refused_with_the_nearest(kind):
    with pytest.raises(UsageError, match="unknown answer 'autor'") as caught:
        answers.only_known({"name": "x", "autor": "y"}, kind, "--answers a.yaml")
    assert caught.value.hint.startswith("did you mean 'author'? known answers: name, kind, description")


@pytest.mark.parametrize("ours", ["slug", "package", "year", "agentctl_version", "licence"])
def test_what_is_derived_cannot_be_answered(ours, kind):
    with pytest.raises(UsageError):
        answers.only_known({ours: "x"}, kind, "file")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("description", "  It's 100% fine: yes # no {x} [y] & <z> — é ", "It's 100% fine: yes # no {x} [y] & <z> — é"),
        ("author", "Jane <jane@example.org>", "Jane <jane@example.org>"),
        ("python_version", "3.12", "3.12"),
        ("python_version", 3.13, "3.13"),
        ("agentctl_source", "agentctl==1.2.3", "agentctl==1.2.3"),
        ("agentctl_source", "agentctl @ git+https://host/x.git@abc", "agentctl @ git+https://host/x.git@abc"),
        ("agentctl_source", "./vendor/agentctl.whl", "./vendor/agentctl.whl"),
    ],
)
def test_a_good_answer_is_taken(key, value, text, option, kind):
    assert answers.checked(option[key], value, kind) == text


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("description", "", "is empty"),
        ("description", "a\nb", "line break"),
        ("description", "\x1b[31m", "control character"),
        ("description", 'say "hi"', 'has "'),
        ("description", "C:\\agents", "has \\\\"),
        ("description", "@{ 7 * 7 }@", "has @{"),
        ("description", "@% raw %@", "has @%"),
        ("description", "x" * 201, "more than 200"),
        ("description", 5, "is not text"),
        ("author", None, "is not text"),
        ("author", True, "is not text"),
        ("python_version", "3.10", "3.11 on"),
        ("python_version", 3.1, "3.11 on"),
        ("python_version", "three", "3.11 on"),
        ("python_version", True, "is not text"),
        ("agentctl_source", "--editable=evil", "not a requirement"),
        ("agentctl_source", "a; rm -rf $HOME", "not a requirement"),
    ],
)
def test_a_bad_answer_names_its_option(key, value, why, option, kind):
    with pytest.raises(UsageError, match=why) as caught:
        answers.checked(option[key], value, kind)
    assert caught.value.message.startswith(option[key].flag + ": ")


def test_choices_are_the_only_answers(templates):
    file = templates / "service" / "cookiecutter.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "store": ["sqlite", "postgres"]}))
    kind = kinds.find("service", templates)
    store = next(option for option in answers.options(kind) if option.key == "store")
    assert (store.default, store.choices) == ("sqlite", ("sqlite", "postgres"))
    assert answers.checked(store, "postgres", kind) == "postgres"
    with pytest.raises(UsageError, match="is not one of its choices") as caught:
        answers.checked(store, "postgre", kind)
    assert caught.value.hint == "did you mean 'postgres'? choose one of sqlite, postgres"
    assert answers.complete(kind, names.checked("x1"), {})["store"] == "sqlite"


def test_every_variable_gets_a_value(kind):
    values = answers.complete(kind, names.checked("My Agent"), {"description": "It works"})
    assert values == {
        "name": "My Agent",
        "slug": "my-agent",
        "package": "my_agent",
        "year": str(datetime.now(UTC).year),
        "agentctl_version": __version__,
        "description": "It works",
        "author": "The My Agent team",
        "python_version": "3.11",
        "licence": "Apache-2.0",
        "agentctl_source": origin.requirement(),
    }


def test_a_default_is_shown_without_rendering_it(option, kind):
    assert answers.shown(option["author"], kind) == "The NAME team"
    assert answers.shown(option["python_version"], kind) == "3.11"
