"""Whole runs: real projects, real children, the report and the record."""

from __future__ import annotations

import socket
import subprocess
import sys
import sysconfig
from itertools import pairwise
from pathlib import Path

import pytest

from agentctl import project, records
from agentctl.errors import NoAnswerError, UsageError
from agentctl.results import Verdict
from agentctl.testing import run

GOOD = "from pkg.code import sign\n\n\ndef test_sign():\n    assert sign(1) == 1\n"
BOTH = GOOD + "\n\ndef test_other():\n    assert sign(-1) == -1\n"
SETTINGS = '[project]\nname = "demo"\nversion = "1"\n\n'
# What pytest writes by itself, whoever runs it.
BY_PYTEST = {".pytest_cache", "__pycache__"}


def test_every_outcome_is_counted_and_each_no_has_its_place(made, figures, found):
    report = made({
        "tests/test_all.py": """
            import pytest

            def test_passes(): pass

            def test_fails():
                value = 1
                assert value == 2, "because"

            @pytest.mark.skip(reason="later")
            def test_skipped(): pass

            @pytest.mark.xfail
            def test_known(): assert 0

            @pytest.mark.xfail
            def test_mended(): pass

            @pytest.mark.xfail(strict=True)
            def test_mended_and_strict(): pass

            @pytest.fixture
            def broken(): raise ValueError("no such thing")

            def test_cannot_start(broken): pass

            @pytest.fixture
            def leaves():
                yield
                raise OSError("left behind")

            def test_cannot_end(leaves): pass

            @pytest.mark.parametrize("x", [1, 2])
            def test_each(x): pass
        """,
    }).test()  # fmt: skip
    assert (report.verdict, report.exit_code) == (Verdict.FAIL, 1)
    counts = {name: figures(report)[name] for name in ("tests", "passed", "failed", "skipped", "xfailed")}
    assert counts == {"tests": 10, "passed": 4, "failed": 4, "skipped": 1, "xfailed": 1}
    results = found(report)
    assert results["all"].message.startswith("2 failed, 2 errors, 3 passed, 1 skipped, 1 xfailed, 1 xpassed in ")
    broken = results["all::tests/test_all.py::test_fails"]
    assert (str(broken.evidence[0]), broken.message) == ("tests/test_all.py:8", "AssertionError: because")
    assert results["all::tests/test_all.py::test_cannot_start"].message == "ValueError: no such thing"
    assert results["all::tests/test_all.py::test_cannot_end"].message == "OSError: left behind"
    assert "XPASS(strict)" in results["all::tests/test_all.py::test_mended_and_strict"].message
    assert report.summary.startswith("fail: 4 passed, 4 failed, 1 skipped, 1 xfailed")


def test_a_pass_measures_the_packages_and_leaves_a_record_bound_to_the_content(made, figures):
    demo = made({"tests/test_sign.py": GOOD})
    report = demo.test()
    assert (report.verdict, report.exit_code) == (Verdict.PASS, 0)
    assert figures(report)["coverage"] == 75.0
    (record,) = records.read(demo.root, "test")
    assert record.verdict == "pass"
    assert record.figures["coverage"] == 75.0
    assert record.details["partial"] is False
    assert record.details["covered_files"]["pkg/code.py"] == [4, 3]
    assert set(record.versions) >= {"agentctl", "python", "pytest", "coverage"}
    assert records.changed(record, records.content(demo.root)) == []
    (demo.root / "pkg/code.py").write_text("pass\n", encoding="utf-8")
    assert records.changed(record, records.content(demo.root)) == ["pkg/code.py"]


def test_nothing_is_written_into_the_project_but_the_record(made):
    demo = made({"tests/test_sign.py": GOOD})
    before = {path.name for path in demo.root.rglob("*")}
    demo.test()
    new = {path.relative_to(demo.root).parts[0] for path in demo.root.rglob("*") if path.name not in before}
    assert {name for name in new if name not in {*BY_PYTEST, "pkg", "tests"}} == {".agentctl"}
    assert not list(demo.root.rglob("*coverage*"))


def test_a_module_that_cannot_be_imported_is_a_no_with_the_error_named(made, found):
    report = made({"tests/test_bad.py": "import os\nimport nowhere_to_be_found\n", "tests/test_sign.py": GOOD}).test()
    assert report.exit_code == 1
    finding = found(report)["all::tests/test_bad.py"]
    assert finding.message == "cannot be collected: ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    assert str(finding.evidence[0]) == "tests/test_bad.py:2"
    assert "--python" in str(finding.hint)


def test_a_module_with_a_syntax_error_is_a_no(made, found):
    report = made({"tests/test_bad.py": "def test_x(:\n"}).test()
    assert report.exit_code == 1
    assert "SyntaxError" in found(report)["all::tests/test_bad.py"].message
    assert report.next_steps[0].startswith("let every test be collected")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "no test was found"),
        ("import pytest\n\n@pytest.mark.skip\ndef test_x(): pass\n", "no test ran, 1 were skipped"),
        ("import pytest\npytest.skip('not here', allow_module_level=True)\n", "no test ran, 1 were skipped"),
        ("import os\ndef test_x(): os._exit(0)\n", "before its session was over"),
        ("import os\ndef test_x(): os.kill(os.getpid(), 9)\n", "killed by SIGKILL while tests/test_x.py::test_x ran"),
        ("import pytest\ndef test_x(): pytest.exit('enough')\n", "pytest was interrupted"),
        ("def test_x(): raise KeyboardInterrupt\n", "pytest was interrupted"),
    ],
    ids=["empty", "skipped", "module skipped", "exits", "killed", "pytest.exit", "interrupt"],
)
def test_no_answer_is_never_a_yes(made, found, text, cause):
    report = made({"tests/test_x.py": text}).test()
    assert (report.verdict, report.exit_code) == (Verdict.INVALID, 3)
    assert cause in found(report)["all"].message
    assert cause in report.summary
    is_named = report.next_steps == ("run that test alone: python -m pytest -s tests/test_x.py::test_x",)
    assert is_named or "killed" not in cause


def test_an_error_inside_pytest_is_no_answer(made, found):
    hook = "def pytest_runtest_protocol(item): raise RuntimeError('hook broke')\n"
    report = made({"conftest.py": hook, "tests/test_x.py": "def test_x(): pass\n"}).test()
    assert report.exit_code == 3
    assert "pytest itself failed" in found(report)["all"].message
    assert "hook broke" in found(report)["all"].message
    assert report.next_steps == ("see what pytest says: agentctl test",)


def test_arguments_that_pytest_refuses_are_no_answer_in_its_own_words(made, found):
    report = made({"tests/test_sign.py": GOOD}).test(extra=["--no-such-option"])
    assert report.exit_code == 3
    assert "refused its arguments" in found(report)["all"].message


def test_a_plugin_that_asks_for_a_failure_gets_it(made, found):
    hook = "def pytest_sessionfinish(session): session.exitstatus = 1\n"
    report = made({"conftest.py": hook, "tests/test_sign.py": GOOD}).test()
    assert report.exit_code == 1
    assert "pytest ended with 1" in found(report)["all"].message
    assert report.next_steps == ("see what pytest says: agentctl test",)


def test_a_suite_that_hangs_is_stopped_with_all_its_children(made, found, tmp_path):
    mark = tmp_path / "pid"
    demo = made({
        "pyproject.toml": SETTINGS + '[tool.agentctl.test.suites.unit]\nselect = ["tests"]\ntimeout = 6\n',
        "tests/test_hang.py": f"""
            import pathlib, subprocess, sys

            def test_hangs():
                child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
                pathlib.Path({str(mark)!r}).write_text(str(child.pid))
                child.wait()
        """,
    })  # fmt: skip
    report = demo.test()
    assert report.exit_code == 3
    assert "stopped after 6 s while tests/test_hang.py::test_hangs ran" in found(report)["unit"].message
    assert not Path(f"/proc/{mark.read_text(encoding='ascii')}").exists()


def test_fewer_tests_than_must_run_is_no_answer(made, found):
    table = '[tool.agentctl.test.suites.unit]\nselect = ["tests"]\nmin_tests = 3\n'
    report = made({"pyproject.toml": SETTINGS + table, "tests/test_sign.py": BOTH}).test()
    assert report.exit_code == 3
    assert found(report)["unit"].message == "no answer: 2 tests ran, at least 3 must"


class TestFloor:
    def floor(self, percent: int) -> str:
        return f"{SETTINGS}[tool.agentctl.test]\ncov_floor = {percent}\n"

    def test_coverage_below_the_floor_is_a_no_that_names_the_files(self, made, found):
        report = made({"pyproject.toml": self.floor(76), "tests/test_sign.py": GOOD}).test()
        assert (report.verdict, report.exit_code) == (Verdict.FAIL, 1)
        finding = found(report)["coverage"]
        assert finding.message == "75.0 % of 4 lines, below the floor of 76 %"
        assert finding.hint == "most lines that no test runs: pkg/code.py (1)"
        assert finding.evidence[0].path == "pkg/code.py"
        assert report.next_steps == ("test what is not covered yet, then: agentctl test",)

    def test_the_flag_wins_and_zero_is_no_floor(self, made, found):
        demo = made({"pyproject.toml": self.floor(100), "tests/test_sign.py": GOOD})
        assert demo.test(cov_floor=75.0).exit_code == 0
        report = demo.test(cov_floor=0.0)
        assert report.exit_code == 0
        assert found(report)["coverage"].verdict is Verdict.NOT_APPLICABLE

    def test_a_part_proves_a_floor_that_it_reaches_and_disproves_none(self, made, found):
        demo = made({"pyproject.toml": self.floor(75), "tests/test_sign.py": BOTH})
        report = demo.test(extra=["-k", "other"])
        assert (report.exit_code, found(report)["coverage"].verdict) == (0, Verdict.PASS)
        (record,) = records.read(demo.root, "test")
        assert record.details["partial"] is True
        assert record.command == ["agentctl", "test", "--", "-k", "other"]
        demo.put({"pyproject.toml": self.floor(90)})
        report = demo.test(extra=["-k", "other"])
        assert (report.exit_code, found(report)["coverage"].verdict) == (0, Verdict.UNKNOWN)
        assert demo.test(extra=["-k", "other"], cov_floor=90.0).exit_code == 1

    def test_coverage_measured_on_nothing_is_no_answer(self, made, found):
        settings = f'{SETTINGS}[tool.agentctl.test]\ncov_floor = 50\nsource = ["elsewhere"]\n'
        files = {"pyproject.toml": settings, "elsewhere/__init__.py": "", "tests/test_sign.py": GOOD}
        report = made(files).test()
        assert (report.verdict, report.exit_code) == (Verdict.INVALID, 3)
        assert "pip install --editable ." in found(report)["coverage"].message
        assert found(report)["coverage"].verdict is Verdict.INVALID

    def test_broken_coverage_settings_do_not_hide_the_tests(self, made, found):
        demo = made({".coveragerc": "[run]\nbranch = perhaps\n", "tests/test_sign.py": GOOD})
        report = demo.test()
        assert report.exit_code == 0
        assert "coverage cannot start" in found(report)["coverage"].message
        with pytest.raises(NoAnswerError, match="the coverage floor cannot be judged"):
            demo.test(cov_floor=50.0)

    def test_the_projects_own_coverage_settings_are_kept(self, made, figures):
        own = "[run]\nsource = pkg\nbranch = true\nomit = pkg/other.py\n"
        files = {".coveragerc": own, "pkg/other.py": "x = 1\n", "tests/test_sign.py": GOOD}
        report = made(files).test()
        assert figures(report)["coverage"] == 75.0
        assert figures(report)["branch_coverage"] == 50.0


class TestSuites:
    TWO = (
        SETTINGS + "[tool.agentctl.test]\ncov_floor = 100\n"
        '[tool.agentctl.test.suites.unit]\nselect = ["tests/unit"]\ncov_floor = 70\n'
        '[tool.agentctl.test.suites.integration]\nselect = ["tests/integration"]\n'
    )
    OTHER = BOTH.replace("def test_sign():\n    assert sign(1) == 1\n\n\n", "")

    def files(self, settings=TWO):
        return {
            "pyproject.toml": settings,
            "tests/unit/test_one.py": GOOD,
            "tests/integration/test_two.py": self.OTHER,
        }

    def test_each_runs_alone_and_their_coverage_is_combined(self, made, figures, found):
        demo = made(self.files())
        report = demo.test()
        assert (report.exit_code, figures(report)["coverage"]) == (0, 100.0)
        assert found(report)["coverage::unit"].verdict is Verdict.PASS
        table = report.tables[0]
        assert table.columns == ("Suite", "Passed", "Failed", "Skipped", "Time", "Coverage", "Floor")
        assert [(row[0], row[1], row[5], row[6]) for row in table.rows] == [
            ("unit", "1", "75.0 %", "70 %"),
            ("integration", "1", "75.0 %", "-"),
        ]
        (record,) = records.read(demo.root, "test")
        assert [suite["name"] for suite in record.details["suites"]] == ["unit", "integration"]

    def test_one_of_them_is_a_part(self, made, found):
        report = made(self.files()).test("unit")
        assert (report.exit_code, found(report)["coverage"].verdict) == (0, Verdict.UNKNOWN)
        assert "this was a part of the tests: only unit" in report.notes

    def test_a_path_runs_in_the_suite_that_holds_it(self, made, figures):
        demo = made(self.files())
        report = demo.test(extra=["tests/integration/test_two.py"])
        assert [row[0] for row in report.tables[0].rows] == ["integration"]
        assert figures(report)["tests"] == 1

    def test_a_failed_suite_outweighs_one_without_an_answer(self, made):
        demo = made(
            {**self.files(), "tests/unit/test_one.py": "", "tests/integration/test_two.py": "def test_x(): assert 0\n"}
        )
        report = demo.test()
        assert report.exit_code == 1
        assert [finding.verdict.value for finding in report.results[:2]] == ["invalid", "fail"]

    def test_a_named_suite_that_is_not_there_is_no_answer_and_a_default_one_is_skipped(self, made):
        settings = self.TWO.replace("tests/integration", "tests/nowhere").replace("cov_floor = 100\n", "")
        demo = made(self.files(settings))
        report = demo.test()
        assert report.exit_code == 0
        assert "suite integration was skipped: tests/nowhere is not there" in report.notes
        assert demo.test("integration").exit_code == 3

    def test_no_suite_there_at_all_is_no_answer(self, made):
        settings = SETTINGS + '[tool.agentctl.test.suites.unit]\nselect = ["tests/nowhere"]\n'
        assert made({"pyproject.toml": settings}).test().exit_code == 3

    def test_standard_folders_and_markers_need_no_settings(self, made, figures):
        demo = made({
            "pkg/tests/unit/test_one.py": GOOD.replace("pkg.code", "pkg.code"),
            "tests/test_marked.py": "import pytest\n\n@pytest.mark.security\ndef test_x(): pass\n\ndef test_y(): pass\n",
        })  # fmt: skip
        assert figures(demo.test("unit"))["tests"] == 1
        assert figures(demo.test("security"))["tests"] == 1
        assert demo.test("chaos").exit_code == 3
        assert figures(demo.test())["tests"] == 3

    def test_a_name_that_nobody_knows_is_a_usage_error(self, made):
        with pytest.raises(UsageError) as caught:
            made({}).test("untit")
        assert "did you mean unit?" in str(caught.value.hint)

    def test_the_listing_runs_nothing(self, made):
        demo = made({**self.files(), "tests/unit/test_one.py": "raise SystemExit\n"})
        report = run.listing(project.load(demo.root))
        assert report.tables[0].rows[0] == ("unit", "tests/unit", "1", "-", "any")
        assert not (demo.root / ".agentctl").exists()


class TestNetwork:
    @pytest.fixture
    def port(self):
        """Return a loopback port that accepts connections."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()[1]

    def files(self, policy, port):
        settings = f'{SETTINGS}[tool.agentctl.test.suites.unit]\nselect = ["tests"]\nnetwork = "{policy}"\n'
        return {
            "pyproject.toml": settings,
            "tests/test_net.py": f"""
                import asyncio, os, socket, tempfile

                def test_loopback():
                    socket.create_connection(("localhost", {port}), timeout=20).close()

                def test_outside():
                    try:
                        socket.create_connection(("192.0.2.1", 9), timeout=0.2)
                    except OSError:
                        pass

                def test_lookup():
                    try:
                        socket.getaddrinfo("example.invalid", 80)
                    except OSError:
                        pass

                def test_datagram():
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                        try:
                            sock.sendto(b"x", ("192.0.2.1", 9))
                        except OSError:
                            pass

                def test_event_loop_and_unix_socket():
                    asyncio.run(asyncio.sleep(0))
                    path = os.path.join(tempfile.mkdtemp(), "s")
                    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                        server.bind(path)
                        server.listen()
                        client.connect(path)
            """,
        }

    @pytest.mark.parametrize(
        ("policy", "refused"),
        [
            ("none", {"test_loopback", "test_outside", "test_lookup", "test_datagram"}),
            ("loopback", {"test_outside", "test_lookup", "test_datagram"}),
            ("any", set()),
        ],
    )
    def test_a_policy_refuses_what_it_says(self, made, port, policy, refused):
        report = made(self.files(policy, port)).test()
        failed = [finding for finding in report.results if "::" in finding.id]
        assert {finding.id.rpartition("::")[2] for finding in failed} == refused
        assert all("was refused" in finding.message for finding in failed)


class TestOrder:
    TESTS = "import pytest\n\n@pytest.mark.parametrize('n', range(20))\ndef test_n(n): pass\n"

    def order(self, demo, **options):
        report = demo.test(**options)
        log = (demo.root / "log").read_text(encoding="utf-8").split()
        (demo.root / "log").unlink()
        return log, report

    @pytest.fixture
    def demo(self, made):
        hook = "def pytest_runtest_logstart(nodeid):\n    open('log', 'a').write(nodeid + '\\n')\n"
        return made({"conftest.py": hook, "tests/test_a.py": self.TESTS, "tests/test_b.py": self.TESTS})

    def test_it_is_the_projects_own_unless_asked(self, demo):
        log, report = self.order(demo)
        assert log == [f"tests/test_{m}.py::test_n[{n}]" for m in "ab" for n in range(20)]
        assert not [note for note in report.notes if "seed" in note]

    def test_a_seed_repeats_it_and_modules_stay_together(self, demo):
        first, report = self.order(demo, seed=7)
        again, _ = self.order(demo, seed=7)
        other, _ = self.order(demo, seed=8)
        assert first == again != other
        assert sorted(first) == sorted(other)
        modules = [name.split("::")[0] for name in first]
        assert len([1 for one, two in pairwise(modules) if one != two]) == 1
        assert "suite all: repeat its order with --seed 7" in report.notes

    def test_the_settings_ask_for_it_and_the_seed_is_told(self, demo):
        demo.put({"pyproject.toml": SETTINGS + "[tool.agentctl.test.suites.unit]\nrandom_order = true\n"})
        _, report = self.order(demo)
        assert [note for note in report.notes if note.startswith("suite unit: repeat its order with --seed ")]


class TestChildren:
    def test_xdists_workers_are_counted_and_measured(self, made, figures):
        pytest.importorskip("xdist")
        demo = made({"tests/test_a.py": GOOD, "tests/test_b.py": TestSuites.OTHER})
        report = demo.test(extra=["-p", "xdist", "-n", "2"])
        assert report.exit_code == 0, report
        assert (figures(report)["tests"], figures(report)["coverage"]) == (2, 100.0)

    def test_a_pytest_that_a_test_starts_is_not_counted(self, made, figures):
        inner = "import subprocess, sys\n\ndef test_x(tmp_path):\n    (tmp_path / 'test_in.py').write_text('def test_in(): assert 0')\n    done = subprocess.run([sys.executable, '-m', 'pytest', str(tmp_path)])\n    assert done.returncode == 1\n"
        report = made({"tests/test_x.py": inner}).test()
        assert (report.exit_code, figures(report)["tests"]) == (0, 1)

    def test_our_add_ons_are_neither_inherited_nor_in_the_way(self, made, monkeypatch, tmp_path):
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        report = made({
            "tests/test_env.py": f"""
                import os, sys

                def test_env():
                    assert os.environ["PYTHONPATH"] == {str(tmp_path)!r}
                    assert "AGENTCTL_RESULTS" not in os.environ
                    assert [entry for entry in sys.path[:-1] if entry.endswith("runtime")] == []
                    assert "agentctl" not in sys.modules
            """,
        }).test()  # fmt: skip
        assert report.exit_code == 0, report.results

    def test_files_that_change_while_the_tests_run_leave_no_record(self, made):
        writes = "import pathlib\n\ndef test_x(): pathlib.Path('pkg/made.json').write_text('{}')\n"
        demo = made({"tests/test_x.py": writes})
        report = demo.test()
        assert report.exit_code == 0
        assert "no record was written: files changed while the tests ran: pkg/made.json" in report.notes
        assert records.read(demo.root, "test") == []

    def test_a_record_that_cannot_be_written_takes_no_answer_away(self, made):
        demo = made({"tests/test_sign.py": GOOD})
        (demo.root / ".agentctl").write_text("in the way", encoding="utf-8")
        report = demo.test()
        assert report.exit_code == 0
        assert any(note.startswith("no record was written") for note in report.notes)

    def test_secrets_in_an_error_are_masked_everywhere(self, made):
        key = "sk-" + "a1b2c3d4e5f6g7h8"
        demo = made({"tests/test_x.py": f"def test_x(): raise ValueError('key {key} refused')\n"})
        report = demo.test()
        (path,) = (demo.root / records.FOLDER).iterdir()
        assert key not in repr(report)
        assert key not in path.read_text(encoding="utf-8")

    def test_the_slowest_tests_are_listed(self, made):
        slow = "import time\n\ndef test_slow(): time.sleep(0.3)\n\ndef test_quick(): pass\n"
        table = made({"tests/test_x.py": slow}).test().tables[1]
        assert table.title == "Slowest tests"
        assert [row[2] for row in table.rows] == ["tests/test_x.py::test_slow"]

    def test_ids_beyond_utf8_survive(self, made):
        odd = "import pytest\n\n@pytest.mark.parametrize('x', ['\\udce9', '日本'], ids=['a\\udce9', '日本'])\ndef test_x(x): assert 0\n"
        report = made({"tests/test_x.py": odd}).test()
        assert report.exit_code == 1
        repr(report).encode()


class TestInterpreter:
    @pytest.fixture
    def bare(self, tmp_path):
        """Return a function that makes an interpreter which has only these packages."""

        def make(*packages: str) -> Path:
            home = tmp_path / "bare"
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
            (library,) = home.glob("lib/python*/site-packages")
            ours = Path(sysconfig.get_paths()["purelib"])
            for name in packages:
                for path in (ours / name, *ours.glob(f"{name}-*.dist-info")):
                    (library / path.name).symlink_to(path)
            return home / "bin" / "python"

        return make

    def test_without_pytest_the_command_that_installs_it_is_named(self, made, bare):
        python = bare()
        with pytest.raises(NoAnswerError, match="pytest is not installed") as caught:
            made({"tests/test_sign.py": GOOD}).test(python=python)
        assert caught.value.hint == f"{python} -m pip install pytest coverage"

    def test_without_coverage_the_tests_run_unless_a_floor_needs_it(self, made, bare, found):
        python = bare("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")
        demo = made({"tests/test_sign.py": GOOD})
        report = demo.test(python=python)
        assert report.exit_code == 0
        install = f"{python} -m pip install coverage"
        assert found(report)["coverage"].message == f"not measured: coverage is not installed; {install}"
        with pytest.raises(NoAnswerError, match="coverage is not installed") as caught:
            demo.test(python=python, cov_floor=80.0)
        assert install in str(caught.value.hint)

    def test_the_projects_own_environment_is_found_and_active(self, made, bare):
        python = bare("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")
        home = python.parent.parent
        demo = made({
            "tests/test_env.py": f"""
                import os, shutil, sys

                def test_env():
                    assert sys.prefix == {str(home)!r} == os.environ["VIRTUAL_ENV"]
                    assert shutil.which("python").startswith({str(home)!r})
            """,
        })  # fmt: skip
        (demo.root / ".venv").symlink_to(home)
        report = demo.test(python=python)
        assert report.exit_code == 0, report.results

    def test_without_one_agentctls_own_runs_it_and_says_so(self, made, monkeypatch):
        monkeypatch.delenv("VIRTUAL_ENV", raising=False)
        report = made({"tests/test_sign.py": GOOD}).test(python=None)
        assert report.exit_code == 0
        assert any(note.startswith("no virtual environment of the project was found") for note in report.notes)

    def test_a_program_that_is_no_python_is_no_answer(self, made, tmp_path):
        program = tmp_path / "program"
        program.write_text("#!/bin/sh\necho broken >&2\nexit 7\n", encoding="utf-8")
        program.chmod(0o755)
        with pytest.raises(NoAnswerError, match="cannot import pytest: broken"):
            made({"tests/test_sign.py": GOOD}).test(python=program)


def test_an_empty_folder_is_no_answer_and_stays_empty(tmp_path):
    with pytest.raises(NoAnswerError, match="there is nothing to test"):
        run.test(project.Project(root=tmp_path), run.Options())
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_folder_is_taken_away(made, monkeypatch, tmp_path):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    made({"tests/test_sign.py": GOOD}).test()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_suites_that_may_be_empty_and_all_are_give_no_answer(made):
    table = '[tool.agentctl.test.suites.unit]\nselect = ["tests"]\nmin_tests = 0\n'
    report = made({"pyproject.toml": SETTINGS + table, "tests/test_x.py": ""}).test()
    assert (report.verdict, report.exit_code) == (Verdict.INVALID, 3)
    assert "none of the suites" in report.summary
