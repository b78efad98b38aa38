"""A monorepo: a report for each project that ships by itself, and one over all."""

from __future__ import annotations

import shutil

import pytest

from agentctl.checklist import projects, tree
from tests.checklist.conftest import EXAMPLES, Agent

MANIFEST = '[project]\nname = "{0}"\nversion = "1"\n\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
CODE = '"""Part."""\n\n\ndef run() -> int:\n    """Run."""\n    return 1\n'


@pytest.fixture
def monorepo(project) -> Agent:
    """The example agent and a library side by side, with the CI and the README of both at the top."""
    shutil.copytree(EXAMPLES / "agent", project.root / "services" / "shop")
    shutil.move(project.root / "services" / "shop" / ".github", project.root / ".github")
    project.write("libs/words/pyproject.toml", MANIFEST.format("words"))
    project.write("libs/words/words/__init__.py", CODE)
    project.write("README.md", "# All of it\n")
    return project


def found(report) -> dict[str, dict[str, str]]:
    return {part.subject: {r.id: r.verdict.value for r in part.results} for part in report.projects}


def folders(project) -> list[str]:
    return [part.folder for part in projects.parts(tree.read(project.root))]


def test_each_project_has_a_report_and_so_has_the_whole(monorepo) -> None:
    report = monorepo.report()
    assert [part.subject for part in report.projects] == ["libs/words", "services/shop"]
    assert len(report.results) == 76
    assert "; 2 projects" in report.summary
    verdicts = found(report)
    assert (verdicts["services/shop"]["OB02"], verdicts["libs/words"]["OB02"]) == ("pass", "n/a")
    assert (verdicts["services/shop"]["TS07"], verdicts["libs/words"]["TS07"]) == ("pass", "fail")


def test_what_ships_is_decided_for_each(monorepo) -> None:
    told = {part.subject: part.notes[0] for part in monorepo.report().projects}
    assert "ships a service" in told["services/shop"]
    assert "ships a library" in told["libs/words"]


def test_places_are_told_from_the_top(monorepo) -> None:
    for part in monorepo.report().projects:
        places = [place.path for result in part.results for place in result.evidence if place.path != "."]
        assert places
        assert {path for path in places if not (monorepo.root / path).exists()} == set()
        assert any(path.startswith(f"{part.subject}/") for path in places)


def test_a_project_passes_what_it_passes_alone(monorepo, agent) -> None:
    alone, inside = agent.verdicts(), found(monorepo.report())["services/shop"]
    differ = {id_: (alone[id_], inside[id_]) for id_ in alone if alone[id_] != inside[id_]}
    assert differ == {}


def test_one_project_that_fails_fails_all(monorepo) -> None:
    report = monorepo.report(only=["TS07"])
    assert {r.id: r.verdict.value for r in report.results} == {"TS07": "pass"}
    assert (report.exit_code, report.verdict) == (1, "fail")
    assert report.summary.endswith("; 2 projects, 1 of them not fit: libs/words")
    assert report.next_steps[0].startswith("libs/words: TS07 ")


def test_projects_that_are_not_named_are_counted(project) -> None:
    for name in "abcde":
        project.write(f"{name}/pyproject.toml", MANIFEST.format(name))
        project.write(f"{name}/{name}.py", CODE)
    report = project.report(only=["TS07"])
    assert report.summary.endswith("; 5 projects, 5 of them not fit: a, b, c and 2 more")


def test_records_of_a_project_are_its_own(monorepo) -> None:
    shop = Agent(monorepo.root / "services" / "shop")
    shop.record("test", figures={"coverage": 97.0})
    report = monorepo.report(only=["TS02"])
    assert found(report) == {"libs/words": {"TS02": "unknown"}, "services/shop": {"TS02": "pass"}}
    place = next(part for part in report.projects if part.subject == "services/shop").results[0].evidence[0]
    assert (monorepo.root / place.path).is_file()


def test_a_waiver_with_a_scope_holds_for_the_project_in_it(monorepo) -> None:
    monorepo.write(
        ".agentctl/checklist.yaml",
        "waivers:\n  - id: TS07\n    scope: libs/words/**\n    reason: too small\n    owner: Ann\n    expires: 2999-01-01\n",
    )
    report = monorepo.report(only=["TS07"])
    assert found(report) == {"libs/words": {"TS07": "waived"}, "services/shop": {"TS07": "pass"}}
    assert report.exit_code == 0
    assert "policy-unused" not in {r.id for r in report.results}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/pyproject.toml": MANIFEST.format("a"), "a/a.py": CODE}, []),
        ({"pyproject.toml": MANIFEST.format("top"), "top/__init__.py": CODE}, []),
        (
            {"pyproject.toml": MANIFEST.format("top"), "top/__init__.py": CODE, "a/pyproject.toml": MANIFEST.format("a"), "a/a.py": CODE},
            ["a"],
        ),
        (
            {"a/pyproject.toml": MANIFEST.format("a"), "a/a.py": CODE, "b/setup.py": "from setuptools import setup\nsetup()\n", "b/b.py": CODE},
            ["a", "b"],
        ),
        (
            {"a/pyproject.toml": MANIFEST.format("a"), "a/a.py": CODE, "a/log/setup.py": "def setup():\n    return 1\n", "a/log/__init__.py": CODE},
            [],
        ),
        ({"a/pyproject.toml": "[tool.black]\n", "a/a.py": CODE, "b/pyproject.toml": MANIFEST.format("b"), "b/b.py": CODE}, []),
        (
            {"examples/a/pyproject.toml": MANIFEST.format("a"), "examples/a/a.py": CODE, "b/pyproject.toml": MANIFEST.format("b"), "b/b.py": CODE},
            [],
        ),
        ({"a/pyproject.toml": "[[[", "a/a.py": CODE, "b/pyproject.toml": MANIFEST.format("b"), "b/b.py": CODE}, []),
        ({"a/pyproject.toml": MANIFEST.format("a"), "b/pyproject.toml": MANIFEST.format("b"), "b/b.py": CODE}, []),
    ],
    ids=["one below", "one at the top", "one beside the top", "two", "a module named setup", "settings only", "an example", "broken", "no code"],
)  # fmt: skip
def test_what_a_project_is(project, files: dict[str, str], expected: list[str]) -> None:
    for name, text in files.items():
        project.write(name, text)
    assert folders(project) == expected


def test_a_project_in_a_project_is_its_own(project) -> None:
    for folder in ("a", "a/inner", "b"):
        project.write(f"{folder}/pyproject.toml", MANIFEST.format(folder.replace("/", "-")))
        project.write(f"{folder}/part.py", CODE)
    parts = {part.folder: set(part.tree.paths) for part in projects.parts(tree.read(project.root))}
    assert parts["a"] == {"pyproject.toml", "a/part.py"}
    assert parts["a/inner"] == {"pyproject.toml", "a/inner/part.py"}


def test_the_example_agent_is_one_project(agent) -> None:
    assert folders(agent) == []


def test_a_baseline_holds_for_every_project(monorepo) -> None:
    known = monorepo.root / "known.json"
    assert monorepo.report(only=["TS07", "CQ02"]).exit_code == 1
    assert monorepo.report(only=["TS07", "CQ02"], baseline=known, write_baseline=True).exit_code == 0
    report = monorepo.report(only=["TS07", "CQ02"], baseline=known)
    assert (report.exit_code, [note for note in report.notes if "mended" in note]) == (0, [])
    words = next(part for part in report.projects if part.subject == "libs/words").results
    assert "(known: in known.json)" in next(r.message for r in words if r.id == "TS07")
    monorepo.write(
        "libs/words/words/quiet.py", "def f() -> None:\n    try:\n        f()\n    except Exception:\n        pass\n"
    )
    assert monorepo.report(only=["TS07", "CQ02"], baseline=known).exit_code == 1
