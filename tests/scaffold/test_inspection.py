from __future__ import annotations

import pytest

from agentctl.scaffold import inspection


@pytest.fixture
def problems(tmp_path, kind):
    def found(path, content):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [str(problem) for problem in inspection.problems(tmp_path, kind)]

    return found


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.py", "def f(user, host):\n    return f'{user} at {host}'\n"),
        ("a.yaml", "a: !custom [1]\n---\nb: 2\n"),
        ("a.toml", "a = 1\n"),
        ("a.json", "{}"),
        ("a.bin", b"\0@{ x }@\xff"),
        ("Makefile", "all:\n\t@echo $@ {{ x }} }@\n"),
        (".git/a.py", "def"),
    ],
)
def test_sound_files_have_no_problem(path, content, problems):
    assert problems(path, content) == []


@pytest.mark.parametrize(
    ("path", "content", "problem"),
    [
        ("a.txt", "one\n@{ x }@\n", "a.txt:2: @{ was not rendered"),
        ("a.txt", "@% raw %@", "a.txt:1: @% was not rendered"),
        ("a.txt", "{ cookiecutter.slug }@", "a.txt:1: cookiecutter.slug was not rendered"),
        ("a@{b.txt", "", "a@{b.txt:1: the name still has @{"),
        ("a.txt", b"one\ntw\xff", "a.txt:2: is not UTF-8"),
        ("a.py", "x = 1\ndef f(:\n", "a.py:2: does not compile: invalid syntax"),
        ("a.py", "return 1\n", "a.py:1: does not compile: 'return' outside function"),
        ("a.py", "x = 1\ny = '\\d'\n", "a.py:2: does not compile: invalid escape sequence '\\d'"),
        ("a.yaml", "a: 1\nb: [\n", "a.yaml:3: is not YAML"),
        ("a.yml", "a: \x07", "a.yml:1: is not YAML"),
        ("a.toml", "a = 1\nb = \n", "a.toml:2: is not TOML"),
        ("a.json", "{\n,", "a.json:2: is not JSON"),
    ],
)
def test_an_unsound_file_is_told_with_its_line(path, content, problem, problems):
    found = problems(path, content)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_each_problem_is_told_in_order(problems):
    problems("b.json", "{")
    assert [problem[:8] for problem in problems("a/a.toml", "=")] == ["a/a.toml", "b.json:1"]


def test_compiling_writes_nothing(tmp_path, problems):
    problems("a.py", "x = 1\n")
    assert [path.name for path in tmp_path.rglob("*")] == ["a.py"]


def test_dependencies_are_normalised_names(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["Py_JWT[crypto]>=2"]\n[project.optional-dependencies]\ndev = ["ruff==1"]\n'
    )
    (tmp_path / "constraints-dev.txt").write_text("# words of a remark\nzope.event==1 \\\n    --hash=sha256:ab\n")
    (tmp_path / "requirements.lock").write_text("anyio==4\n")
    (tmp_path / "notes.txt").write_text("not a pin\n")
    assert inspection.dependencies(tmp_path) == {"py-jwt", "ruff", "zope-event", "anyio"}


def test_without_pins_there_are_no_dependencies(tmp_path):
    assert inspection.dependencies(tmp_path) == set()
