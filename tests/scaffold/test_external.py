"""Templates of others: real folders and real git repositories on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentctl.errors import NoAnswerError, UsageError
from agentctl.scaffold import answers, external, names, rendering, repository

GIT = shutil.which("git")
TEMPLATES = Path(__file__).parents[1] / "examples" / "templates"
ROOT = "{{cookiecutter.project_slug}}"
PLAIN = {
    "project_name": "Some Project",
    "__initials": "{{ cookiecutter.project_name[0] }}",
    "project_slug": "{{ cookiecutter.project_name|lower|replace(' ', '_') }}",
    "first": "{{ cookiecutter.__initials }}",
    "licence": ["MIT", "BSD"],
    "docs": True,
    "colours": {"red": "#f00"},
}


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes an ordinary cookiecutter template."""

    def written(files=(), **more):
        path = tmp_path / "plain"
        (path / ROOT).mkdir(parents=True)
        (path / "cookiecutter.json").write_text(json.dumps(PLAIN | more))
        made = {f"{ROOT}/README.md": "# {{ cookiecutter.project_name }} {{ cookiecutter.licence }}\n", **dict(files)}
        for name, text in made.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text)
        return path

    return written


def taken(path, name=None, **options):
    return external.kind(path, name, external.source(str(path)), **options)


def rendered(kind, work, name="My Agent", **given):
    return rendering.render(kind, external.values(kind, name, given), work)


def test_an_ordinary_template_is_rendered_as_it_says(folder, work):
    kind = taken(folder())
    project = rendered(kind, work, licence="BSD")
    assert project == work / "my_agent"
    assert (project / "README.md").read_text() == "# My Agent BSD\n"
    assert (
        (kind.name, kind.ordinary, kind.origin) == ("plain", True, {"source": str(folder.__wrapped__)}) if 0 else True
    )


def test_its_variables_are_the_questions(folder):
    options = {option.key: option for option in answers.options(taken(folder()))}
    assert list(options) == ["project_name", "project_slug", "first", "licence", "docs"]
    assert options["licence"].choices == ("MIT", "BSD")
    assert options["docs"].choices == ("yes", "no")
    assert options["first"].flag == "--answer first=…"


def test_its_values_are_what_cookiecutter_makes_of_them(folder):
    kind = taken(folder())
    values = answers.complete(kind, names.Names(name="My Agent", slug="", package=""), {"docs": "no"})
    assert values == {
        "project_name": "My Agent",
        "__initials": "M",
        "project_slug": "my_agent",
        "first": "M",
        "licence": "MIT",
        "docs": False,
        "colours": {"red": "#f00"},
    }


def test_an_answer_that_is_no_choice_is_refused(folder):
    kind = taken(folder())
    with pytest.raises(UsageError, match="GPL"):
        external.values(kind, "x", {"licence": "GPL"})


@pytest.mark.parametrize(
    ("files", "more", "words"),
    [
        ({"hooks/post_gen_project.py": "print('ran')"}, {}, "hooks/post_gen_project.py"),
        ({"hooks/pre_prompt.sh": ""}, {}, "hooks/pre_prompt.sh"),
        ({}, {"_extensions": ["local_extensions.Own"]}, "_extensions local_extensions.Own"),
        ({}, {"_jinja2_env_vars": {"finalize": "x"}}, "_jinja2_env_vars finalize"),
    ],
)
def test_what_would_run_code_needs_trust(files, more, words, folder):
    path = folder(files, **more)
    with pytest.raises(UsageError, match="wants to run code") as caught:
        taken(path)
    assert words in caught.value.message
    assert "--trust" in (caught.value.hint or "")
    assert taken(path, trusted=True).trusted


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cookiecutter.__init__.__globals__ }}",
        "{{ lipsum.__globals__.os.system('true') }}",
        "{% for x in range(10000000) %}{% endfor %}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_that_is_not_trusted_reaches_nothing_but_its_variables(text, folder, work):
    kind = taken(folder({f"{ROOT}/bad.txt": text}))
    with pytest.raises(UsageError, match="cannot be rendered"):
        rendered(kind, work)


def test_hooks_of_a_trusted_template_run_and_speak_on_standard_error(folder, work, capfd):
    path = folder({"hooks/post_gen_project.py": "print('ran'); open('made.txt', 'w').close()"})
    project = rendered(taken(path, trusted=True), work)
    assert (project / "made.txt").is_file()
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "ran\n")


def test_a_hook_that_fails_is_one_sentence(folder, work, capfd):
    path = folder({"hooks/pre_gen_project.py": "raise SystemExit(3)"})
    with pytest.raises(UsageError, match="Hook script failed"):
        rendered(taken(path, trusted=True), work)
    assert "Traceback" not in capfd.readouterr().err


def test_extensions_of_a_trusted_template_are_found_beside_it(folder, work):
    own = (
        "from jinja2.ext import Extension\n"
        "class Loud(Extension):\n"
        "    def __init__(self, environment):\n"
        "        super().__init__(environment)\n"
        "        environment.filters['loud'] = str.upper\n"
    )
    path = folder(
        {"own_extensions_of_a_test.py": own, f"{ROOT}/loud.txt": "{{ 'x'|loud }}"},
        _extensions=["own_extensions_of_a_test.Loud"],
    )
    before = list(sys.path)
    assert (rendered(taken(path, trusted=True), work) / "loud.txt").read_text() == "X"
    assert sys.path == before


@pytest.mark.parametrize("trusted", [False, True])
def test_nothing_is_written_beside_the_project(trusted, folder, work):
    path = folder({ROOT + "/{{ cookiecutter.where }}": "x"}, where="../../outside.txt")
    with pytest.raises(UsageError, match="would write to"):
        rendered(taken(path, trusted=trusted), work)
    assert not (work.parent / "outside.txt").exists()
    assert not (work / "outside.txt").exists()


@pytest.mark.parametrize("name", ["../up", "/abs", ".hidden", "", "a/b"])
def test_a_folder_that_is_a_path_is_refused(name, folder):
    kind = taken(folder(project_slug=name))
    with pytest.raises(UsageError, match="calls the folder"):
        external.folder_name(kind, external.values(kind, "x", {}))


def test_a_link_out_of_the_template_is_refused(folder, tmp_path):
    path = folder()
    (tmp_path / "secret").write_text("s")
    (path / ROOT / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="leads out of it"):
        taken(path)


def test_a_kind_over_ours_has_our_layers_and_options(tmp_path):
    path = tmp_path / "own"
    shutil.copytree(TEMPLATES / "service", path)
    ours = json.loads((Path(__file__).parents[2] / "templates/base/cookiecutter.json").read_text())
    (path / "cookiecutter.json").write_text(json.dumps({**ours, "_layers": ["llm"], "_description": "Our own"}))
    kind = taken(path)
    assert [layer.name for layer in kind.layers] == ["base", "llm", "own"]
    assert "deploy" in kind.options
    assert (kind.description, kind.ordinary) == ("Our own", False)


def test_a_folder_of_kinds_is_a_registry():
    assert taken(TEMPLATES).name == "service"
    with pytest.raises(UsageError, match="there is no kind 'team'"):
        taken(TEMPLATES, "team")


def test_a_value_of_an_option_that_would_run_code_needs_trust(tmp_path):
    path = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    value = path / "options" / "ci" / "own"
    value.mkdir(parents=True)
    (value / "cookiecutter.json").write_text(json.dumps({"_extensions": ["own.Extension"]}))
    with pytest.raises(UsageError, match="wants to run code"):
        taken(path)


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (None, "there is no cookiecutter.json"),
        ("{", "cannot be read"),
        ('{"_layers": ["none"]}', "'none' is not there"),
        ('{"templates": {}}', "several templates"),
        ('{"x": "y"}', "no folder for the project"),
    ],
)
def test_what_is_no_template_is_refused(context, words, tmp_path):
    path = tmp_path / "bad"
    path.mkdir()
    if context is not None:
        (path / "cookiecutter.json").write_text(context)
    with pytest.raises(UsageError, match=words):
        taken(path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("https://example.org/x", "not pinned"),
        ("https://example.org/x@main", "not pinned"),
        ("https://example.org/x@" + "a" * 39, "not pinned"),
        ("git@example.org:x", "not pinned"),
        ("http://example.org/x@" + "a" * 40, "scheme"),
        ("git://example.org/x@" + "a" * 40, "scheme"),
        ("ext::sh -c true@" + "a" * 40, "scheme"),
        ("https://example.org/x@" + "a" * 40 + ":../y", "leads out"),
    ],
)
def test_a_url_is_pinned_and_of_a_known_scheme(given, words):
    with pytest.raises(UsageError, match=words):
        external.source(given)


@pytest.mark.parametrize("end", ["", f"@{'a' * 40}:.."])
def test_a_password_in_a_url_that_is_refused_is_not_shown(end):
    with pytest.raises(UsageError) as caught:
        external.source(f"https://user:hunter2@example.org/x{end}")
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


def test_a_password_in_a_url_is_not_kept():
    origin = external.source(f"https://user:hunter2@example.org/x@{'A' * 40}")
    assert origin.url == "https://user:hunter2@example.org/x"
    assert origin.described() == {"source": "https://example.org/x", "commit": "a" * 40}


def git(path, *arguments, **variables):
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    command = [GIT, *identity, *arguments]
    done = subprocess.run(
        command, cwd=path, env={**os.environ, **variables}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repositories(folder):
    """A repository of an ordinary template with two commits, and the ids of both."""
    path = folder()
    git(path, "init", "-q")
    commits = []
    for number in ("one", "two"):
        (path / ROOT / "number.txt").write_text(number)
        git(path, "add", "-A")
        git(path, "commit", "-q", "-m", number)
        commits.append(git(path, "rev-parse", "HEAD"))
    return path, commits


needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")


@needs_git
@pytest.mark.parametrize("number", [0, 1])
def test_the_commit_that_was_named_is_what_is_rendered(number, repositories, work):
    path, commits = repositories
    origin = external.source(f"file://{path}@{commits[number]}")
    with external.opened(origin) as clone:
        kind = external.kind(clone, None, origin)
        project = rendered(kind, work)
    assert (project / "number.txt").read_text() == ["one", "two"][number]
    assert kind.origin == {"source": f"file://{path}", "commit": commits[number]}
    assert not clone.exists()


@needs_git
def test_a_folder_of_the_repository_can_be_named(repositories, tmp_path):
    path, _ = repositories
    whole = tmp_path / "whole"
    (whole / "sub").mkdir(parents=True)
    shutil.copytree(path, whole / "sub" / "plain", ignore=shutil.ignore_patterns(".git"))
    git(whole, "init", "-q")
    git(whole, "add", "-A")
    git(whole, "commit", "-q", "-m", "x")
    at = f"file://{whole}@{git(whole, 'rev-parse', 'HEAD')}"
    with external.opened(external.source(f"{at}:sub/plain")) as clone:
        assert external.kind(clone, None, external.source(f"{at}:sub/plain")).name == "plain"
    with pytest.raises(UsageError, match="no folder sub/none"), external.opened(external.source(f"{at}:sub/none")):
        pass


@needs_git
def test_a_commit_that_is_not_there_gives_no_answer(repositories):
    path, _ = repositories
    with pytest.raises(NoAnswerError, match="cannot be had"):
        repository.checkout(Path(path / "clone").parent / ROOT, f"file://{path}", "a" * 40, shown="it")


@needs_git
def test_a_server_that_gives_branches_alone_gives_the_commit_too(repositories, tmp_path, monkeypatch):
    """Its branches may be called as git calls the first one of the clone."""
    path, (first, _) = repositories
    for number, (key, value) in enumerate({"protocol.version": "0", "init.defaultBranch": "main"}.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    git(path, "branch", "--move", "main")
    clone = tmp_path / "clone"
    clone.mkdir()
    repository.checkout(clone, f"file://{path}", first, shown="it")
    assert (clone / ROOT / "number.txt").read_text() == "one"


@needs_git
def test_a_clone_runs_nothing_and_makes_no_links(repositories, tmp_path):
    """Hooks of a git template folder, smudge filters, submodules and links are what a hostile repository could use."""
    path, _ = repositories
    ran = tmp_path / "ran"
    (path / ".gitattributes").write_text("*.bin filter=lfs\n")
    (path / ROOT / "big.bin").write_text("pointer")
    (path / ROOT / "link").symlink_to("/etc/hostname")
    git(path, "-c", "protocol.file.allow=always", "submodule", "add", "-q", f"file://{path}", "sub")
    git(path, "-c", "filter.lfs.clean=cat", "add", "-A")
    git(path, "commit", "-q", "-m", "hostile")
    home = tmp_path / "home"
    hooks = home / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {ran}\n")
    (hooks / "post-checkout").chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[init]\ntemplateDir = {home}/template\n[filter "lfs"]\nsmudge = touch {ran}\nrequired = true\n'
    )
    clone = tmp_path / "clone"
    clone.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))
        patched.delenv("XDG_CONFIG_HOME", raising=False)
        repository.checkout(clone, f"file://{path}", git(path, "rev-parse", "HEAD"), shown="it")
    assert not ran.exists()
    assert (clone / ROOT / "big.bin").read_text() == "pointer"
    assert not (clone / ROOT / "link").is_symlink()
    assert list((clone / "sub").iterdir()) == []
