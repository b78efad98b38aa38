from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from agentctl import __version__, reporters

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals and shells")


def clean(done):
    """Return what was said on standard error, which must be no traceback."""
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    return done.stderr


def shell(line, cwd, **env):
    return subprocess.run(
        ["/usr/bin/env", "bash", "-c", line.replace("agentctl", f"{sys.executable} -m agentctl")],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=120,
    )


def test_version(agentctl):
    done = agentctl("--version")

    assert (done.returncode, done.stdout) == (0, f"agentctl {__version__}\n")


def test_help_names_the_commands_in_the_order_of_the_work_and_the_exit_codes(agentctl):
    done = agentctl("--help")

    assert done.returncode == 0
    assert re.findall(r"^. (\w+) {2,}\w", done.stdout, re.MULTILINE) == [
        "new",
        "validate",
        "test",
        "loadtest",
        "checklist",
        "explain",
        "ci",
        "schema",
    ]
    assert "70 a bug of agentctl" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", ["new", "validate", "test", "loadtest", "checklist", "explain", "ci"])
def test_every_command_has_help_and_the_same_output_options(agentctl, command):
    done = agentctl(command, "--help")

    assert done.returncode == 0
    for option in ("--format", "--output", "--quiet", "--verbose", "--debug"):
        assert option in done.stdout


def test_without_arguments_it_shows_the_help_and_is_a_usage_error(agentctl):
    done = agentctl()

    assert done.returncode == 2
    assert "Usage: agentctl" in done.stdout + done.stderr


def test_an_unknown_command_is_one_line_with_a_suggestion(agentctl):
    done = agentctl("valdate")

    assert done.returncode == 2
    assert clean(done).splitlines()[0].startswith("error: No such command 'valdate'")
    assert "validate" in done.stderr


def test_an_unknown_option_names_the_command_whose_help_to_read(agentctl):
    done = agentctl("validate", "--shema", "x")

    assert done.returncode == 2
    assert "--schema" in clean(done)
    assert done.stderr.endswith("hint: see agentctl validate --help\n")


@posix
@pytest.mark.parametrize(
    "line", ["agentctl --help | head -1", "agentctl explain | head -1", "agentctl explain -f json | head -c 9"]
)
def test_a_closed_pipe_is_no_error(tmp_path, line):
    done = shell(f"set -o pipefail; {line}", tmp_path)

    assert done.returncode in {0, 141}
    assert done.stderr == ""


@posix
def test_a_closed_pipe_says_so_by_its_exit_code(tmp_path, runner):
    program = runner("for _ in range(100000): print('x' * 100)")
    done = shell(f"{sys.executable} {program[0]} new | head -1; echo ${{PIPESTATUS[0]}}", tmp_path)

    assert done.stdout.endswith("\n141\n")
    assert done.stderr == ""


@posix
def test_a_full_disk_is_no_answer(tmp_path):
    done = shell("agentctl explain > /dev/full", tmp_path)

    assert done.returncode == 3
    assert clean(done) == "error: standard output cannot be written: No space left on device\n"


@posix
def test_closed_streams_do_no_harm(tmp_path):
    assert shell("agentctl --version >&- 2>&-", tmp_path).returncode == 0


@pytest.mark.parametrize("env", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_other_locales_get_what_they_can_show(agentctl, env):
    for arguments in (["--help"], ["explain"], ["explain", "größe\u2013"]):
        assert agentctl(*arguments, env=env).returncode in {0, 2}


def test_an_ascii_stream_gets_ascii(agentctl):
    done = agentctl("explain", env={"PYTHONIOENCODING": "ascii"})

    assert done.returncode == 0
    assert done.stdout.isascii()


def test_json_is_utf_8_in_every_locale(agentctl, runner):
    report = "Report(command='new', verdict=Verdict.PASS, exit_code=0, summary='größe \u2713')"
    program = runner(f"output.finish({report}, output.Output.of('json', None))")
    done = agentctl("new", program=program, env={"PYTHONIOENCODING": "ascii"})

    assert json.loads(done.stdout)["summary"] == "größe \u2713"


@pytest.mark.parametrize("command", ["--help", "new --help", "explain"])
def test_forty_columns_are_enough(agentctl, command):
    done = agentctl(*command.split(), env={"COLUMNS": "40"})

    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 40


@posix
@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "terminated"), ("SIGHUP", 129, "terminated")],
)
def test_signals_end_it_cleanly(tmp_path, runner, sent, code, words):
    program = runner(
        "try:\n    os.kill(os.getpid(), int(os.environ['SENT'])); time.sleep(60)\nfinally:\n    print('cleaned up')"
    )
    done = shell(f"{sys.executable} {program[0]} new", tmp_path, SENT=str(int(getattr(signal, sent))))

    assert done.returncode == code
    assert done.stdout == "cleaned up\n"
    assert done.stderr == f"error: {words}\n"


@posix
def test_nohup_keeps_it_running(tmp_path, runner):
    program = runner("os.kill(os.getpid(), 1); print('goes on')")
    done = shell(f"trap '' HUP; {sys.executable} {program[0]} new", tmp_path)

    assert (done.returncode, done.stdout) == (0, "goes on\n")


@posix
def test_ctrl_c_before_the_command_line_is_loaded_is_no_traceback(tmp_path):
    interrupting = "import signal, sys, types\n"
    interrupting += "class Finder:\n    def find_spec(self, name, *_):\n"
    interrupting += "        if name == 'typer': signal.raise_signal(signal.SIGINT)\n"
    interrupting += "sys.meta_path.insert(0, Finder())\nfrom agentctl.__main__ import main\nmain()\n"
    (tmp_path / "run.py").write_text(interrupting)
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")


def test_a_bug_is_one_line_and_a_hint(agentctl, runner):
    done = agentctl("new", program=runner("raise KeyError('x\\x1b[2J')"))

    assert done.returncode == 70
    assert clean(done) == (
        f"error: this is a bug in agentctl {__version__}: KeyError: 'x\\x1b[2J'\n"
        "  hint: run it again with --debug for the traceback, and report it\n"
    )


@pytest.mark.parametrize(("arguments", "env"), [(["--debug"], {}), ([], {"AGENTCTL_DEBUG": "1"})])
def test_debug_shows_where_the_bug_is(agentctl, runner, arguments, env):
    done = agentctl("new", *arguments, program=runner("raise KeyError('x')"), env=env)

    assert done.returncode == 70
    assert "Traceback (most recent call last)" in done.stderr


_NO_ANSWER = "raise NoAnswerError('no tool\\nanswered', hint='install one')"


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--format", "json"], {}),
        (["--format=json"], {}),
        (["-f", "json"], {}),
        (["-fjson"], {}),
        ([], {"AGENTCTL_FORMAT": "json"}),
        (["--format", "text", "-f", "json"], {}),
    ],
)
@pytest.mark.parametrize(("body", "code"), [(_NO_ANSWER, 3), ("1/0", 70)])
def test_errors_are_reports_when_json_was_asked_for(agentctl, runner, arguments, env, body, code):
    done = agentctl("new", *arguments, program=runner(body), env=env)
    report = json.loads(done.stdout)

    assert done.returncode == report["exit_code"] == code
    assert (report["command"], report["verdict"]) == ("new", "invalid")
    assert len(done.stderr.splitlines()) == 2


def test_a_usage_error_is_a_report_too(agentctl):
    report = json.loads(agentctl("validate", "--no-such-option", "--format", "json").stdout)

    assert (report["command"], report["exit_code"]) == ("validate", 2)


def test_an_error_in_text_leaves_standard_output_alone(agentctl, runner):
    done = agentctl("new", program=runner(_NO_ANSWER))

    assert (done.stdout, done.stderr) == ("", "error: no tool answered\n  hint: install one\n")


def test_an_error_reaches_the_files_that_were_asked_for(agentctl, runner, tmp_path):
    program = runner(_NO_ANSWER)
    agentctl("new", "--output", "json=a.json", "--output=junit=b.xml", "-otext=c.txt", program=program)

    assert json.loads((tmp_path / "a.json").read_text())["exit_code"] == 3
    assert 'errors="1"' in (tmp_path / "b.xml").read_text()
    assert "no tool answered" in (tmp_path / "c.txt").read_text()


def test_a_report_goes_to_all_its_files_and_replaces_them_whole(agentctl, tmp_path):
    (tmp_path / "old").write_text("old " * 9999)
    (tmp_path / "link").symlink_to("old")
    done = agentctl("explain", "-f", "json", "-o", "json=link", "-o", "markdown=m.md", "-o", "sarif=s.sarif")

    assert done.returncode == 0
    assert (tmp_path / "old").read_text() == done.stdout
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "m.md", "old", "s.sarif"]


@posix
def test_a_device_is_written_to_and_stays_a_device(agentctl, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["/bin/cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE) as reader:
        done = agentctl("explain", "-f", "json", "-o", "json=pipe")
        assert reader.communicate(timeout=60)[0].decode() == done.stdout

    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("json", "--output json: not FORMAT=FILE"),
        ("json=", "--output json=: not FORMAT=FILE"),
        ("jsn=a", "--output: unknown format 'jsn'"),
        ("json=folder", "--output json=folder: folder is a folder"),
        ("json=no/a", "--output json=no/a: there is no folder no"),
    ],
)
def test_a_wrong_output_is_told_before_the_work(agentctl, runner, tmp_path, pair, words):
    (tmp_path / "folder").mkdir()
    done = agentctl("explain", "--output", pair)

    assert done.returncode == 2
    assert clean(done).splitlines()[0] == f"error: {words}"
    assert "hint: " in done.stderr


def test_two_formats_in_one_file_are_refused(agentctl):
    done = agentctl("explain", "-o", "json=a", "-o", "junit=./a")

    assert done.returncode == 2
    assert "a is named twice" in clean(done)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_told_before_the_work(agentctl, tmp_path):
    (tmp_path / "locked").touch(mode=0o444)

    assert "locked cannot be written" in agentctl("explain", "-o", "json=locked").stderr


def test_an_unknown_format_names_the_known(agentctl):
    done = agentctl("explain", "--format", "yaml")

    assert done.returncode == 2
    assert clean(done) == (
        f"error: --format: unknown format 'yaml'\n  hint: choose one of {', '.join(reporters.names())}\n"
    )


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1"}, False),
    ],
)
def test_colour_in_a_pipe_only_when_forced(agentctl, env, coloured):
    assert ("\x1b[" in agentctl("explain", env=env).stdout) is coloured


def test_completion_knows_shells_and_formats(agentctl):
    script = agentctl(env={"_AGENTCTL_COMPLETE": "source_bash"}).stdout
    assert "_AGENTCTL_COMPLETE=complete_bash" in script
    assert script.rstrip().endswith("agentctl")

    words = {"COMP_WORDS": "agentctl validate --format ", "COMP_CWORD": "3", "_AGENTCTL_COMPLETE": "complete_bash"}
    found = agentctl(env=words, program=("-c", "from agentctl.__main__ import main; main()"))
    assert found.stdout.split() == list(reporters.names())


HEAVY = {"locust", "gevent", "pytest", "cookiecutter", "jsonschema", "coverage"}
_LOADED = """\
import json, sys
before = set(sys.modules)  # what an environment loads by itself, such as coverage that measures this
from agentctl.cli import app
code = app.run(sys.argv[1:])
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
parts = {name.split(".")[1] for name in sys.modules if name.startswith("agentctl.")}
print(json.dumps([code, sorted(roots), sorted(parts)]), file=sys.stderr)
"""


def loaded(agentctl, *arguments, **options):
    """Return the exit code, the packages and the parts of agentctl that a command line loaded."""
    code, roots, parts = json.loads(agentctl(*arguments, program=("-c", _LOADED), **options).stderr)
    return code, set(roots), set(parts)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["validate", "--help"]])
def test_help_loads_neither_the_tools_nor_the_capabilities(agentctl, arguments):
    code, roots, parts = loaded(agentctl, *arguments)

    assert code == 0
    assert roots & (HEAVY | {"yaml", "jsonschema_rs"}) == set()
    assert parts == {"cli", "errors", "reporters"}


def test_validate_loads_nothing_that_it_does_not_need(agentctl, tmp_path):
    (tmp_path / "agentctl.toml").write_text("[test]\ncov_floor = 90\n", encoding="utf-8")
    code, roots, parts = loaded(agentctl, "validate", "agentctl.toml")

    assert code == 0
    assert roots & (HEAVY | {"rich"}) == set()
    assert parts & {"scaffold", "testing", "loadtesting", "checklist"} == set()
