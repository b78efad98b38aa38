"""``agentctl new`` as a user runs it: real processes over the mini templates, with real signals, terminals and disks."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
import tomllib
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest

GIT = shutil.which("git")
TEMPLATES = Path(__file__).parents[1] / "examples" / "templates"
# The command over other templates; its last check is a plain yes that takes PAUSE seconds.
DRIVER = f"""
import os, time
from pathlib import Path
from agentctl import resources
from agentctl.cli import new
from agentctl.results import Report, Verdict
def validated(project):
    Path(os.environ["REACHED"]).touch() if "REACHED" in os.environ else None
    time.sleep(float(os.environ.get("PAUSE", "0")))
    while "UNTIL" in os.environ and not Path(os.environ["UNTIL"]).exists():
        time.sleep(0.005)
    return Report(command="validate", verdict=Verdict.PASS, exit_code=0, summary="fine")
new._validated = validated
resources.templates = lambda: Path(os.environ.get("TEMPLATES") or {str(TEMPLATES)!r})
if "COUNTED" in os.environ:  # the run's steps on the file system: told at the end, or the one at which a signal comes
    import sys
    steps, at, inside = 0, int(os.environ.get("AT", "0")), os.getcwd()
    def counted(name, values):
        global steps
        if name in {{"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"}} and inside in str(values[:2]):
            steps += 1
            if steps == at:
                os.kill(os.getpid(), int(os.environ["SIGNAL"]))
    sys.addaudithook(counted)
    import atexit
    atexit.register(lambda: print(steps, file=open(os.environ["COUNTED"], "w")))
from agentctl.__main__ import main
main()
"""


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AGENTCTL_", "GIT_", "CI"))}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "COLUMNS": "80", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def new(work, environment):
    """Return a function that runs ``agentctl new`` in ``work`` and returns what it did."""

    def run(*arguments, cwd=work, **variables):
        return subprocess.run(
            [sys.executable, "-c", DRIVER, "new", *map(str, arguments)],
            cwd=cwd,
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def started(work, environment, tmp_path):
    """Return a function that starts ``agentctl new`` with a last check that takes long, as a context.

    It is not measured: a signal that meets coverage's own work at the end shows coverage's traceback.
    """
    unmeasured = {key: value for key, value in environment.items() if not key.startswith("COV")}

    @contextmanager
    def start(*arguments, pause="60", reached=True, **variables):
        flag = tmp_path / f"reached-{time.monotonic_ns()}"
        child = subprocess.Popen(
            [sys.executable, "-c", DRIVER, "new", *map(str, arguments)],
            cwd=work,
            env={**unmeasured, "PAUSE": pause, "REACHED": str(flag), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while reached and not flag.exists():
                assert child.poll() is None, child.communicate()
                time.sleep(0.005)
            yield child
        finally:
            child.kill()
            child.communicate()

    return start


def assert_refused(done, code=2):
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    assert "bug in agentctl" not in said
    lines = done.stderr.splitlines()
    assert lines[0].startswith("error: ")
    assert len(lines) <= 2


def is_whole(project):
    with zipfile.ZipFile(project / ".agentctl" / "base.zip") as archive:
        return all((project / name).read_bytes() == archive.read(name) for name in archive.namelist())


def test_a_project_is_created_with_a_repository(new, work, home):
    done = new("My Agent", "--description", "It's fine: yes")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [path.name for path in work.iterdir()] == ["my-agent"]
    assert is_whole(work / "my-agent")
    assert "It's fine: yes" in (work / "my-agent" / "pyproject.toml").read_text()
    assert "cd my-agent" in done.stdout
    assert "agentctl checklist" in done.stdout
    assert list(home.iterdir()) == []
    if GIT:
        log = subprocess.run(
            [GIT, "log", "--format=%s"], cwd=work / "my-agent", capture_output=True, text=True, check=True
        )
        assert log.stdout == "Create my-agent with agentctl new --kind service\n"


def test_json_tells_machines(new, work):
    done = new("my-agent", "--no-git", "--format", "json")
    report = json.loads(done.stdout)
    assert (report["command"], report["verdict"], report["exit_code"]) == ("new", "pass", 0)
    assert report["subject"] == str(work / "my-agent")
    assert {"files", "bytes", "seconds"} <= {figure["name"] for figure in report["figures"]}
    assert not (work / "my-agent" / ".git").exists()


def test_a_dry_run_writes_nothing(new, work, home):
    done = new("my-agent", "--dry-run", "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    paths = [row[0] for row in report["tables"][0]["rows"]]
    assert ".agentctl/template.json" in paths
    assert "my_agent/api.py" in paths
    assert list(work.iterdir()) == []
    assert list(home.iterdir()) == []


def test_the_list_needs_no_name_and_no_cookiecutter(environment, work):
    code = DRIVER.replace(
        "main()", "import sys\natexit.register(lambda: print([m for m in sys.modules if m in HEAVY]))\nmain()"
    )
    heavy = "import atexit\nHEAVY = {'cookiecutter', 'jinja2', 'yaml', 'jsonschema', 'locust', 'pytest', 'zipfile'}\n"
    done = subprocess.run(
        [sys.executable, "-c", heavy + code, "new", "--list"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert "An agent behind HTTP" in done.stdout
    assert "--python-version" in done.stdout


def test_the_list_as_json(new):
    report = json.loads(new("--list", "--format=json").stdout)
    assert report["tables"][0]["rows"] == [["service", "An agent behind HTTP", "yes"]]
    assert report["tables"][1]["columns"] == ["Option", "Key in an answers file", "Default", "Values"]


def test_the_shipped_templates_pass_the_real_checks(work, environment):
    """Here nothing is replaced: our templates, and the validation that the command itself runs."""
    words = "It's 100% sure: yes # no {x} [y] & <z> $HOME ${A} | * é — {{ q }}"
    run = [sys.executable, "-m", "agentctl", "new", "my-agent", "--description", words, "--author", "O'Neil: #1"]
    options = {"cwd": work, "env": environment, "capture_output": True, "text": True}
    dry = subprocess.run([*run, "--dry-run", "--format", "json"], check=False, **options)
    assert dry.returncode == 0, dry.stderr
    assert list(work.iterdir()) == []
    done = subprocess.run([*run, "--no-git"], check=False, **options)
    assert done.returncode == 0, done.stderr
    project = work / "my-agent"
    found = sorted(path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file())
    assert [row[0] for row in json.loads(dry.stdout)["tables"][0]["rows"]] == found
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (about["name"], about["description"]) == ("my-agent", words)
    assert is_whole(project)


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_the_checks_look_at_files_that_a_repository_around_ignores(work, environment):
    subprocess.run([GIT, "init", "-q"], cwd=work, check=True, env=environment)
    (work / ".gitignore").write_text("*\n")
    run = [sys.executable, "-m", "agentctl", "new", "my-agent"]
    done = subprocess.run(run, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (work / "my-agent" / ".git").exists()


@pytest.mark.parametrize(
    "name", ["1 bad$name", "../x", "class", "json", "test", "con", "", "\u0430gent", "a/b", ".x", "x" * 300, "fastapi"]
)
def test_a_bad_name_is_refused(name, new, work):
    done = new(name)
    assert_refused(done)
    assert list(work.iterdir()) == []
    assert list(work.parent.glob("x*")) == []


def test_a_bad_name_is_json_when_asked_for(new):
    done = new("class", "--format", "json")
    report = json.loads(done.stdout)
    assert (report["verdict"], report["exit_code"]) == ("invalid", 2)
    assert report["next_steps"] == ["for example: agentctl new class-agent"]


def test_a_missing_name_is_refused_where_nobody_can_be_asked(new, work):
    done = new()
    assert_refused(done)
    assert "the name of the agent is missing" in done.stderr
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--kind", "servise"], "did you mean 'service'? known kinds: service"),
        (["--python-version", "3.9"], "--python-version: '3.9' is not a Python version from 3.11 on"),
        (["--description", "a\nb"], "--description: has a line break"),
        (["--answers", "none.yaml"], "--answers none.yaml: cannot be read"),
        (["--output-dir", "none"], "is not there"),
        (["--output-dir", "file"], "is not a folder"),
        (["--format", "xml"], "unknown format 'xml'"),
        (["--force"], "No such option: --force"),
        (["two"], "unexpected extra argument"),
    ],
)
def test_bad_options_are_refused(arguments, words, new, work):
    (work / "file").touch()
    done = new("my-agent", *arguments)
    assert_refused(done)
    assert words in done.stderr
    assert [path.name for path in work.iterdir()] == ["file"]


def test_answers_come_from_a_file_and_flags_win(new, work):
    (work / "answers.yaml").write_text(
        "name: my-agent\nauthor: Jane\ndescription: From the file\npython_version: 3.12\n"
    )
    done = new("--answers", "answers.yaml", "--description", "From the flag", "--no-git")
    assert done.returncode == 0, done.stderr
    text = (work / "my-agent" / "pyproject.toml").read_text()
    assert 'description = "From the flag"' in text
    assert "Jane" in text
    assert ">=3.12" in text


def test_an_unknown_answer_in_the_file_is_refused(new, work):
    (work / "answers.toml").write_text('descripton = "x"\n')
    done = new("my-agent", "--answers", "answers.toml")
    assert_refused(done)
    assert "did you mean 'description'?" in done.stderr


@pytest.fixture
def options(tmp_path):
    """The mini templates with an option of two values; the environment to use them."""
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    syntax = json.loads((templates / "base" / "cookiecutter.json").read_text())["_jinja2_env_vars"]
    for value, more in (("github", {"_default": True}), ("none", {"_removes": ["data/*"]})):
        folder = templates / "options" / "ci" / value
        (folder / "@{cookiecutter.slug}@").mkdir(parents=True)
        (folder / "cookiecutter.json").write_text(
            json.dumps({"_description": f"By {value}", **more, "_jinja2_env_vars": syntax})
        )
        (folder / "@{cookiecutter.slug}@" / "ci.txt").write_text(f"{value} of @{{ cookiecutter.slug }}@\n")
    return {"TEMPLATES": str(templates)}


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ([], "github"),
        (["--ci", "none"], "none"),
        (["--ci", "NONE"], "none"),
        (["--answer", "ci=none"], "none"),
        (["--answers", "answers.json"], "none"),
        (["--answers", "answers.json", "--ci", "github"], "github"),
    ],
)
def test_an_option_is_chosen_by_flag_answer_or_file(arguments, value, new, work, options):
    (work / "answers.json").write_text('{"ci": "none"}')
    done = new("my-agent", "--no-git", *arguments, **options)
    assert done.returncode == 0, done.stderr
    project = work / "my-agent"
    assert (project / "ci.txt").read_text() == f"{value} of my-agent\n"
    assert (project / "data").exists() == (value == "github")
    about = json.loads((project / ".agentctl" / "template.json").read_text())
    assert about["answers"]["ci"] == value
    assert about["layers"] == ["base", "service", f"ci/{value}"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ci", "gihtub"], "did you mean 'github'? choose one of github, none"),
        (["--store", "postgres"], "unknown answer 'store'"),
        (["--answer", "ci"], "not KEY=VALUE"),
        (["--answer", "auhtor=none"], "did you mean 'author'?"),
    ],
)
def test_a_choice_that_is_none_is_refused(arguments, words, new, work, options):
    done = new("my-agent", *arguments, **options)
    assert_refused(done)
    assert words in done.stderr
    assert list(work.iterdir()) == []


def test_the_list_shows_the_values_of_each_option(new, options):
    report = json.loads(new("--list", "--format", "json", **options).stdout)
    assert report["tables"][1]["rows"] == [["ci", "github", "By github", "yes"], ["ci", "none", "By none", "no"]]
    assert "By none" in new("--list", **options).stdout


def test_every_option_of_the_shipped_templates_has_a_flag(work, environment):
    from agentctl.scaffold import answers, kinds

    command = [sys.executable, "-m", "agentctl", "new", "--help"]
    shown = subprocess.run(
        command, cwd=work, env={**environment, "COLUMNS": "200"}, capture_output=True, text=True, check=True
    ).stdout
    for kind in kinds.known():
        for option in answers.options(kind):
            assert option.key in answers.FLAGS
            assert option.flag in shown


def test_a_diff_is_what_git_applies(new, work, options, environment):
    assert new("my-agent", "--no-git", **options).returncode == 0
    project = work / "my-agent"
    (project / "README.md").write_text("mine\n")
    shutil.rmtree(project / "data")
    done = new("my-agent", "--ci", "none", "--diff", **options)
    assert done.returncode == 0
    assert "-github of my-agent\n+none of my-agent\n" in done.stdout
    assert "-mine\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert "Nothing was written: 4 of its files" in done.stderr
    assert (project / "README.md").read_text() == "mine\n"
    if GIT:
        texts = "".join(part for part in re.split(r"(?m)^(?=--- )", done.stdout) if not part.startswith("Binary"))
        subprocess.run([GIT, "apply", "-"], cwd=project, input=texts, text=True, check=True, env=environment)
        assert (project / "ci.txt").read_text() == "none of my-agent\n"


def test_a_diff_for_machines_and_in_colour(new, work, options):
    assert new("my-agent", "--no-git", **options).returncode == 0
    arguments = ["my-agent", "--ci", "none", "--diff"]
    report = json.loads(new(*arguments, "--format", "json", **options).stdout)
    assert report["tables"][0]["rows"] == [
        [name, "changed"] for name in (".agentctl/base.zip", ".agentctl/template.json", "ci.txt")
    ]
    assert [part["title"] for part in report["sections"]] == [row[0] for row in report["tables"][0]["rows"]]
    assert "\x1b[32m+none of my-agent\x1b[0m" in new(*arguments, FORCE_COLOR="1", **options).stdout
    assert "\x1b" not in new(*arguments, FORCE_COLOR="1", NO_COLOR="1", **options).stdout


def test_a_diff_against_nothing_shows_every_file(new, work):
    done = new("my-agent", "--diff")
    assert done.returncode == 0
    assert "--- /dev/null\n+++ b/my_agent/api.py" in done.stdout
    assert list(work.iterdir()) == []


@pytest.fixture
def plain(tmp_path):
    """An ordinary cookiecutter template with a hook."""
    folder = tmp_path / "plain"
    project = folder / "{{cookiecutter.project_slug}}"
    project.mkdir(parents=True)
    (folder / "cookiecutter.json").write_text(
        json.dumps(
            {"project_name": "x", "project_slug": "{{ cookiecutter.project_name|lower }}_made", "db": ["a", "b"]}
        )
    )
    (project / "about.txt").write_text("{{ cookiecutter.project_name }} {{ cookiecutter.db }}\n")
    return folder


def test_an_ordinary_template_is_rendered(new, work, plain):
    done = new("Thing", "--template", plain, "--answer", "db=b", "--no-git", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert (work / "thing_made" / "about.txt").read_text() == "Thing b\n"
    about = json.loads((work / "thing_made" / ".agentctl" / "template.json").read_text())
    assert about["template"] == {"source": str(plain)}
    assert json.loads(done.stdout)["next_steps"] == ["cd thing_made", "agentctl checklist"]


def test_an_ordinary_template_goes_into_the_folder_itself(new, work, plain):
    folder = work / "here"
    folder.mkdir()
    assert new(".", "--template", plain, "--no-git", cwd=folder).returncode == 0
    assert (folder / "about.txt").read_text() == "here a\n"


def test_the_questions_of_an_ordinary_template_are_asked(work, environment, plain):
    context = json.loads((plain / "cookiecutter.json").read_text())
    (plain / "cookiecutter.json").write_text(json.dumps({**context, "docs": True, "empty": None}))
    arguments = ["Thing", "--no-git", "--template", str(plain)]
    shown, _stdout, code = on_a_terminal(arguments, ["\n", "c\n", "b\n", "maybe\n", "no\n", "\n"], work, environment)
    assert code == 0, shown
    assert "[thing_made]" in shown
    assert "Docs (yes, no) [yes]" in shown
    assert "'maybe' is not one of its choices" in shown
    about = json.loads((work / "thing_made" / ".agentctl" / "template.json").read_text())["answers"]
    assert about == {"project_name": "Thing", "project_slug": "thing_made", "db": "b", "docs": False, "empty": ""}


def test_a_template_with_hooks_needs_trust(new, work, plain):
    (plain / "hooks").mkdir()
    (plain / "hooks" / "post_gen_project.sh").write_text("#!/bin/sh\necho ran\ntouch made\n")
    (plain / "hooks" / "post_gen_project.sh").chmod(0o755)
    done = new("thing", "--template", plain, "--no-git")
    assert_refused(done)
    assert "hooks/post_gen_project.sh" in done.stderr
    assert "--trust" in done.stderr
    assert list(work.iterdir()) == []
    done = new("thing", "--template", plain, "--no-git", "--trust", "--format", "json")
    assert json.loads(done.stdout)["verdict"] == "pass"
    assert "ran" in done.stderr
    assert (work / "thing_made" / "made").is_file()


def test_a_hook_that_fails_leaves_nothing(new, work, plain):
    (plain / "hooks").mkdir()
    (plain / "hooks" / "post_gen_project.py").write_text("raise SystemExit('no')")
    done = new("thing", "--template", plain, "--no-git", "--trust")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(work.iterdir()) == []


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_a_template_from_a_repository_is_pinned(new, work, plain, environment):
    def git(*arguments):
        command = [GIT, "-c", "user.name=t", "-c", "user.email=t@localhost", *arguments]
        return subprocess.run(command, cwd=plain, check=True, capture_output=True, text=True, env=environment).stdout

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    commit = git("rev-parse", "HEAD").strip()
    done = new("thing", "--template", f"file://{plain}@{commit}", "--no-git")
    assert done.returncode == 0, done.stderr
    about = json.loads((work / "thing_made" / ".agentctl" / "template.json").read_text())
    assert about["template"] == {"source": f"file://{plain}", "commit": commit}
    assert_refused(new("other", "--template", f"file://{plain}@main"))
    missing = new("other", "--template", f"file://{plain}@{'0' * 40}")
    assert_refused(missing, 3)
    assert [path.name for path in work.iterdir()] == ["thing_made"]


def test_a_full_folder_is_refused(new, work):
    (work / "my-agent").mkdir()
    (work / "my-agent" / "main.py").write_text("mine")
    done = new("my-agent")
    assert_refused(done)
    assert "is not empty (main.py)" in done.stderr
    assert [path.name for path in (work / "my-agent").iterdir()] == ["main.py"]


def test_a_fresh_clone_is_filled(new, work):
    folder = work / "Cloned.Agent"
    folder.mkdir()
    (folder / "README.md").write_text("mine")
    done = new(".", "--no-git", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "README.md").read_text().startswith("mine\n\n")
    assert (folder / "cloned_agent" / "api.py").read_text() == 'NAME = "cloned-agent"\n'


def test_another_folder_is_filled_by_its_name(new, work):
    (work / "folder").mkdir()
    assert new("my-agent", "--output-dir", "folder", "--no-git").returncode == 0
    assert is_whole(work / "folder" / "my-agent")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(new, work):
    work.chmod(0o555)
    done = new("my-agent")
    work.chmod(0o755)
    assert_refused(done)
    assert "Permission denied" in done.stderr


def test_a_working_folder_that_is_gone_is_refused(work, environment):
    folder = work / "gone"
    folder.mkdir()
    code = f"import os; os.rmdir({str(folder)!r})\n" + DRIVER
    done = subprocess.run(
        [sys.executable, "-c", code, "new", "my-agent"],
        cwd=folder,
        env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert_refused(done)


def test_a_broken_template_leaves_nothing(new, work, tmp_path):
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (templates / "service" / "@{cookiecutter.slug}@" / "bad.txt").write_text("one\n@% if %@\n")
    done = new("my-agent", TEMPLATES=str(templates))
    assert_refused(done, 70) if "bug" not in done.stderr else pytest.fail(done.stderr)
    assert "bad.txt:2" in done.stderr
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "POSIX"},
        {"COLUMNS": "40"},
    ],
)
def test_other_locales_and_widths_do(variables, new, work):
    (work / "answers.json").write_text('{"author": "José Ångström — 東京"}', encoding="utf-8")
    folder = work / "größe"
    folder.mkdir()
    done = new("my-agent", "--answers", work / "answers.json", cwd=folder, **variables)
    assert done.returncode == 0, done.stderr
    assert "José Ångström — 東京" in (folder / "my-agent" / "pyproject.toml").read_text(encoding="utf-8")


def test_a_closed_pipe_ends_it_quietly(work, environment):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, "new", "my-agent", "--no-git"],
        cwd=work,
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
    assert is_whole(work / "my-agent")


@pytest.fixture(params=["8k", "32k"])
def disk(request, tmp_path):
    """A disk that is full before the first files are written, or while they are."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None:
        pytest.skip("no disk can be mounted: mount is not installed")
    command = [mount, "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted: {done.stderr.strip()}")
    yield folder
    subprocess.run([unmount, folder], check=True)


def test_a_full_disk_leaves_nothing(new, disk):
    done = new("my-agent", "--output-dir", disk)
    assert_refused(done)
    assert "No space left on device" in done.stderr
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_last_check_leaves_nothing(number, code, started, work):
    with started("my-agent") as child:
        assert [path.name for path in work.iterdir()] == [f".my-agent.agentctl-{child.pid}"]
        child.send_signal(number)
        said = child.communicate(timeout=60)
    assert child.returncode == code, said
    assert "Traceback" not in "".join(said)
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_a_dry_run_leaves_nothing(number, code, started, work, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with started("my-agent", "--dry-run", TMPDIR=str(temporary)) as child:
        assert len(list(temporary.iterdir())) == 1
        child.send_signal(number)
        child.communicate(timeout=60)
    assert child.returncode == code
    assert list(temporary.iterdir()) == list(work.iterdir()) == []


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_a_signal_while_git_works_leaves_nothing_and_no_child(started, work, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").write_text(f"#!/bin/sh\necho $$ > {tmp_path}/git.pid\nexec sleep 60\n")
    (programs / "git").chmod(0o755)
    number = tmp_path / "git.pid"
    with started("my-agent", "--git", pause="0", PATH=f"{programs}:{os.environ['PATH']}") as child:
        while not (number.exists() and number.read_text().strip()):
            assert child.poll() is None, child.communicate()
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)
    assert child.returncode == 130
    assert list(work.iterdir()) == []
    assert is_gone(int(number.read_text()))


def is_gone(pid):
    """Return whether a process ends within ten seconds; one that was killed is there until it is reaped."""
    for _ in range(1_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("inside", [False, True])
def test_what_a_killed_run_leaves_the_next_one_removes(inside, started, new, work):
    name = "." if inside else "my-agent"
    with started(name, "--no-git") as child:
        child.kill()
        child.wait()
    left = [path.name for path in work.iterdir()]
    assert left == [f".{'work' if inside else 'my-agent'}.agentctl-{child.pid}"]
    done = new(name, "--no-git")
    assert done.returncode == 0, done.stderr
    assert not [path for path in work.iterdir() if "agentctl-" in path.name]
    assert is_whole(work if inside else work / "my-agent")


def test_two_runs_of_one_name_do_not_disturb_each_other(started, new, work, tmp_path):
    until = tmp_path / "until"
    with started("my-agent", "--no-git", pause="0", UNTIL=str(until)) as first:
        second = new("my-agent", "--no-git")
        until.touch()
        said = first.communicate(timeout=60)
    assert second.returncode == 0
    assert first.returncode == 2
    assert "appeared while the project was made" in said[1]
    assert is_whole(work / "my-agent")
    assert [path.name for path in work.iterdir()] == ["my-agent"]


def random_signals(number, started, new, work):
    """Stop runs at random moments after the staging folder appeared; a fixed seed, but the machine's own timing."""
    moments = random.Random(int(number))  # noqa: S311 - no secret
    for _attempt in range(3):
        with started("my-agent", "--git", pause="0.02", reached=False) as child:
            while child.poll() is None and not list(work.iterdir()):
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.25))
            child.send_signal(number)
            said = child.communicate(timeout=60)
        yield child, "".join(said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_at_any_moment_it_is_all_or_nothing(number, started, new, work):
    for child, said in random_signals(number, started, new, work):
        left = [path.name for path in work.iterdir()]
        assert "Traceback" not in said
        # a signal that meets the interpreter's own end, with the work done, ends it as a shell's 128 + number does
        ended = {-number} if "my-agent" in left else set()
        assert child.returncode in {0, 130, 143, -signal.SIGKILL} | ended
        if "my-agent" in left:
            assert is_whole(work / "my-agent")
            shutil.rmtree(work / "my-agent")
        staging = [f".my-agent.agentctl-{child.pid}"] if number == signal.SIGKILL else []
        assert set(left) - {"my-agent"} <= set(staging), said
        done = new("my-agent", "--no-git")
        assert done.returncode == 0, done.stderr
        assert [path.name for path in work.iterdir()] == ["my-agent"]
        shutil.rmtree(work / "my-agent")


POINTS = 10


@pytest.mark.parametrize(
    ("number", "inside"),
    [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGKILL, False), (signal.SIGKILL, True)],
)
def test_at_ten_points_of_its_work_it_is_all_or_nothing(number, inside, new, tmp_path):
    """The points are steps on the file system, spread over the whole run, from the first folder to the last rename."""
    counted = tmp_path / "counted"

    def run(place, **variables):
        place.mkdir()
        return new("." if inside else "my-agent", "--no-git", cwd=place, COUNTED=str(counted), **variables)

    assert run(tmp_path / "whole-agent").returncode == 0
    steps = int(counted.read_text())
    assert steps > 10 * POINTS
    codes = []
    for point in (1, *(steps * part // POINTS for part in range(1, POINTS + 1))):
        place = tmp_path / f"agent-{point}"
        done = run(place, AT=str(point), SIGNAL=str(int(number)))
        codes.append(done.returncode)
        assert "Traceback" not in done.stderr
        project = place if inside else place / "my-agent"
        done_already = (project / ".agentctl").exists()  # it is what moves last
        assert not done_already or is_whole(project)
        if number == signal.SIGINT:
            left = {".agentctl"} if done_already else set()
            assert {path.name for path in place.rglob(".*agentctl*")} == left
            assert done_already or list(place.iterdir()) == []
            continue
        assert inside or done_already or not project.exists()
        again = new("." if inside else "my-agent", "--no-git", cwd=place)
        assert again.returncode == (2 if done_already else 0), again.stderr
        assert is_whole(project)
        assert [path for path in place.iterdir() if ".agentctl-" in path.name] == []
    assert set(codes[:5]) == {130 if number == signal.SIGINT else -signal.SIGKILL}


def on_a_terminal(arguments, typed, work, environment):
    """Run on a pseudo-terminal, type a line at each prompt, and return what it showed, its output and its exit code."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, "new", *arguments],
        cwd=work,
        env={**environment, "TERM": "dumb"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - so that Ctrl-C is a signal
    ) as child:
        os.close(theirs)
        try:
            shown = _talk(ours, list(typed))
            stdout = child.communicate(timeout=60)[0]
        finally:
            child.kill()
            os.close(ours)
    return shown, stdout, child.returncode


def _talk(terminal, lines):
    shown = ""
    while select.select([terminal], [], [], 30)[0]:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:  # the other side is closed
            return shown
        if lines and shown.endswith(": "):
            time.sleep(0.2)  # nobody types within the microseconds before the process reads
            os.write(terminal, lines.pop(0).encode())
    raise AssertionError(f"nothing more came after: {shown}")


def test_a_terminal_is_asked_and_each_answer_is_checked(work, environment):
    typed = ["class\n", "my-agent\n", "Tells the time\n", "\n", "3.1\n", "3.13\n"]
    shown, stdout, code = on_a_terminal(["--no-git", "--format", "json"], typed, work, environment)
    assert code == 0, shown
    assert "is a keyword of Python; for example: agentctl new class-agent" in shown
    assert "[The my-agent team]" in shown
    assert "is not a Python version from 3.11 on" in shown
    assert stdout.startswith("{")
    assert json.loads(stdout)["verdict"] == "pass"
    text = (work / "my-agent" / "pyproject.toml").read_text()
    assert "Tells the time" in text
    assert ">=3.13" in text


def test_of_several_kinds_the_wanted_one_is_asked_for(work, environment, tmp_path):
    templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    shutil.copytree(templates / "service", templates / "other")
    context = json.loads((templates / "service" / "cookiecutter.json").read_text())
    (templates / "service" / "cookiecutter.json").write_text(
        json.dumps({**context, "_description": "One", "_default": True})
    )
    (templates / "other" / "cookiecutter.json").write_text(json.dumps({**context, "_description": "Another"}))
    given = ["my-agent", "--no-git", "--description", "x", "--author", "Jane", "--python-version", "3.12"]
    shown, stdout, code = on_a_terminal(
        given, ["othr\n", "other\n"], work, {**environment, "TEMPLATES": str(templates)}
    )
    assert code == 0, shown
    assert "other: Another" in shown
    assert "Kind (other, service) [service]" in shown
    assert "did you mean 'other'?" in shown
    assert "kind other" in stdout


def test_a_choice_is_checked_as_it_is_typed(work, environment, options):
    given = ["my-agent", "--no-git", "--description", "x", "--author", "Jane", "--python-version", "3.12"]
    shown, _stdout, code = on_a_terminal(given, ["gihtub\n", "None\n"], work, {**environment, **options})
    assert code == 0, shown
    assert "CI (github, none) [github]" in shown
    assert "did you mean 'github'?" in shown
    assert (work / "my-agent" / "ci.txt").read_text() == "none of my-agent\n"


def test_what_was_given_is_not_asked_for(work, environment):
    given = ["my-agent", "--no-git", "--description", "x y", "--author", "Jane"]
    shown, _stdout, code = on_a_terminal(given, ["\n"], work, environment)
    assert code == 0
    assert re.findall(r"^([A-Z][a-z ]+) \[", shown, re.MULTILINE) == ["Python version"]


def test_yes_asks_nothing(work, environment):
    shown, _stdout, code = on_a_terminal(["my-agent", "--no-git", "--yes"], [], work, environment)
    assert (shown, code) == ("", 0)


def test_ctrl_c_at_a_prompt_leaves_nothing(work, environment):
    shown, _stdout, code = on_a_terminal(["my-agent"], ["\x03"], work, environment)
    assert code == 130
    assert "Traceback" not in shown
    assert shown.splitlines()[-1] == "error: interrupted"
    assert list(work.iterdir()) == []
