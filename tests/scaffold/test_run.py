from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import zipfile

import pytest

from agentctl.errors import AgentctlError, UsageError
from agentctl.results import Finding, Location, Report, Verdict
from agentctl.scaffold import kinds, rendering, reports, run, state

GIT = shutil.which("git")
PROJECT = "@{cookiecutter.slug}@"


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def figure(report, name):
    return next(figure.value for figure in report.figures if figure.name == name)


def test_a_project_is_made_and_told(order, passing, work, monkeypatch):
    monkeypatch.chdir(work)
    report = run.create(order("My Agent"), check=passing)
    project = work / "my-agent"
    assert [path.name for path in work.iterdir()] == ["my-agent"]
    assert (report.command, report.verdict, report.exit_code) == ("new", Verdict.PASS, 0)
    assert report.subject == str(project)
    assert figure(report, "files") == len(tree(project))
    assert figure(report, "bytes") == sum((project / path).stat().st_size for path in tree(project))
    assert figure(report, "seconds") >= 0
    assert ("my_agent/", "3", "135") in report.tables[0].rows
    assert report.next_steps == ("cd my-agent", "make setup", "make test", "agentctl checklist")


def test_what_update_needs_is_written(order, passing, work):
    run.create(order(description="It works"), check=passing)
    project = work / "my-agent"
    with zipfile.ZipFile(project / ".agentctl" / "base.zip") as archive:
        assert archive.namelist() == [path for path in tree(project) if not path.startswith(".agentctl/")]
        assert all(archive.read(name) == (project / name).read_bytes() for name in archive.namelist())
    about = json.loads((project / ".agentctl" / "template.json").read_text())
    assert about["answers"]["description"] == "It works"


def test_the_same_order_gives_the_same_bytes(order, passing, work, tmp_path):
    run.create(order(), check=passing)
    run.create(order(place=tmp_path / "my-agent"), check=passing)
    assert tree(work / "my-agent") == tree(tmp_path / "my-agent")
    for path in tree(work / "my-agent"):
        assert (work / "my-agent" / path).read_bytes() == (tmp_path / "my-agent" / path).read_bytes()


def test_the_check_sees_the_finished_render_before_it_is_handed_over(order, passing, work):
    seen = []

    def check(project):
        seen.append((project.name, (project / "my_agent" / "api.py").is_file(), (work / "my-agent").exists()))
        return passing(project)

    run.create(order(), check=check)
    assert seen == [("my-agent", True, False)]


def test_a_check_that_fails_leaves_nothing_and_names_the_place(order, work):
    def failing(project):
        place = Location(path=str(project / "config" / "settings.yaml"), line=3)
        finding = Finding(id="V1", verdict=Verdict.FAIL, message="is wrong", evidence=(place,))
        return Report(command="validate", verdict=Verdict.FAIL, exit_code=1, summary="no", results=(finding, finding))

    with pytest.raises(AgentctlError, match=r": config/settings\.yaml:3: is wrong \[V1\] \(and 1 more\)") as caught:
        run.create(order(), check=failing)
    assert caught.value.exit_code == 70
    assert list(work.iterdir()) == []


def test_a_check_without_an_answer_is_no_yes(order, work):
    invalid = Report(command="validate", verdict=Verdict.INVALID, exit_code=3, summary="nothing was checked")
    with pytest.raises(AgentctlError, match="nothing was checked"):
        run.create(order(), check=lambda _project: invalid)
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [("bad.txt", "@% if %@"), ("bad.py", "def"), ("bad.yaml", "a: ["), ("bad.txt", "@{ '@' }@@{ '{' }@ left }@")],
)
def test_a_broken_template_leaves_nothing(path, text, order, passing, templates, work):
    (templates / "service" / PROJECT / path).write_text(text)
    with pytest.raises(AgentctlError, match=path) as caught:
        run.create(order(templates=templates), check=passing)
    assert caught.value.exit_code == 70
    assert list(work.iterdir()) == []


def test_a_name_that_a_dependency_has_is_refused(order, passing, work):
    with pytest.raises(UsageError, match="depends on a package of that name") as caught:
        run.create(order("starlette"), check=passing)
    assert caught.value.hint == "for example: agentctl new starlette-agent"
    assert list(work.iterdir()) == []


def test_a_dry_run_writes_nothing_beside_the_place(order, passing, work, monkeypatch, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    work.chmod(0o555)
    watched = []
    report = run.preview(order(), check=lambda project: (watched.append(list(work.iterdir())), passing(project))[1])
    assert watched == [[]]
    assert list(work.iterdir()) == []
    assert list(temporary.iterdir()) == []
    work.chmod(0o755)
    run.create(order(), check=passing)
    assert [row[0] for row in report.tables[0].rows] == tree(work / "my-agent")
    executable = [path for path, _size, runs in report.tables[0].rows if runs == "yes"]
    assert executable == ["scripts/run.sh"]
    assert report.summary.startswith("Dry run, nothing was written")


def test_a_dry_run_over_a_full_folder_is_refused(order, passing, work):
    (work / "my-agent").mkdir()
    (work / "my-agent" / "main.py").touch()
    with pytest.raises(UsageError, match="is not empty"):
        run.preview(order(), check=passing)


def test_a_full_folder_is_refused_and_not_touched(order, passing, work):
    (work / "my-agent").mkdir()
    (work / "my-agent" / "main.py").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        run.create(order(), check=passing)
    assert tree(work) == ["my-agent/main.py"]


def git(folder, *arguments):
    done = subprocess.run([GIT, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split()


needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")


@needs_git
def test_a_fresh_clone_keeps_what_is_there(order, passing, work):
    git(work, "init", "-q")
    (work / "README.md").write_text("mine")
    (work / "LICENSE").write_text("mine")
    head = (work / ".git" / "HEAD").read_bytes()
    run.create(order(git=False), check=passing)
    own = (work / "my-agent" / "README.md").read_text()
    shutil.rmtree(work / "my-agent")
    report = run.create(order(place=work, git=None), check=passing)
    assert (work / "README.md").read_text() == f"mine\n\n{own}"
    assert (work / "LICENSE").read_text() == "mine"
    assert (work / ".git" / "HEAD").read_bytes() == head
    assert (work / "pyproject.toml").is_file()
    assert "LICENSE was there already and was kept" in report.notes
    assert "README.md was there already: what it held stands first in it" in report.notes
    assert any("commit the new files yourself" in note for note in report.notes)
    assert "LICENSE" not in [row[0] for row in report.tables[0].rows]
    assert not [path for path in work.iterdir() if "agentctl-" in path.name]


@needs_git
def test_the_first_commit_holds_the_files_that_were_kept(order, passing, work):
    (work / "README.md").write_text("mine")
    run.create(order(place=work, git=True), check=passing)
    assert git(work, "status", "--porcelain") == []
    assert "README.md" in git(work, "ls-files")
    assert git(work, "show", "HEAD:README.md")[0] == "mine"


@needs_git
def test_a_project_in_a_repository_gets_none_of_its_own_unless_told(order, passing, work):
    git(work, "init", "-q")
    report = run.create(order(git=None), check=passing)
    assert not (work / "my-agent" / ".git").exists()
    assert any("lies in a git repository already" in note for note in report.notes)
    run.create(order("other", git=True), check=passing)
    assert (work / "other" / ".git").is_dir()


@needs_git
def test_a_project_gets_a_repository(order, passing, work):
    report = run.create(order(git=None), check=passing)
    assert report.notes == ()
    assert git(work / "my-agent", "rev-list", "--count", "HEAD") == ["1"]
    assert git(work / "my-agent", "status", "--porcelain") == []


def test_without_git_is_a_note(order, passing, work, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    report = run.create(order(git=None), check=passing)
    assert report.notes == ("git is not installed: no repository was made",)
    assert (work / "my-agent" / "pyproject.toml").is_file()


@pytest.mark.parametrize(
    ("number", "words", "hint"),
    [
        (errno.ENOSPC, "No space left on device", "free some space"),
        (errno.EACCES, "Permission denied", "name another folder with --output-dir"),
        (errno.EROFS, "Read-only file system", None),
    ],
)
def test_what_the_file_system_refuses_is_one_sentence(number, words, hint, order, passing, work, monkeypatch):
    def refusing(*_arguments):
        raise OSError(number, os.strerror(number), str(work / "somewhere"))

    monkeypatch.setattr(state, "write", refusing)
    with pytest.raises(UsageError, match=words) as caught:
        run.create(order(), check=passing)
    assert caught.value.hint == hint
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_any_other_end_leaves_nothing_either(error, order, passing, work, monkeypatch):
    rendered = rendering.render

    def ending(kind, values, folder):
        rendered(kind, values, folder)
        raise error

    monkeypatch.setattr(rendering, "render", ending)
    with pytest.raises(error):
        run.create(order(), check=passing)
    assert list(work.iterdir()) == []


def test_next_steps_are_quoted(order, passing, work, monkeypatch):
    monkeypatch.chdir(work)
    folder = work / "it's here"
    folder.mkdir()
    report = run.create(order(place=folder / "my-agent"), check=passing)
    assert report.next_steps[0] == """cd 'it'"'"'s here/my-agent'"""


def test_next_steps_in_the_folder_itself_do_not_change_it(order, passing, work, monkeypatch):
    monkeypatch.chdir(work)
    report = run.create(order(place=work), check=passing)
    assert report.next_steps[0] == "make setup"


def test_kinds_and_options_are_listed(templates):
    shutil.copytree(templates / "service", templates / "team")
    report = reports.listed(kinds.known(templates))
    assert report.tables[0].rows == (
        ("service", "An agent behind HTTP", "yes"),
        ("team", "An agent behind HTTP", "no"),
    )
    assert ("--author", "author", "The NAME team", "text") in report.tables[1].rows
    assert report.summary.startswith("2 kinds of agent")
