"""Which suites there are: settings, standard layout, what is left out, what is wrong."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from agentctl.errors import UsageError
from agentctl.project import Project
from agentctl.testing import suites
from agentctl.testing.suites import Suite


@pytest.fixture
def project(tmp_path):
    """Return a function that makes a project with these ``[tool.agentctl.test]`` settings and folders."""

    def make(settings=None, folders=()):
        for folder in folders:
            (tmp_path / folder).mkdir(parents=True)
        settings = MappingProxyType({"test": settings or {}})
        return Project(root=tmp_path, settings=settings, settings_file=tmp_path / "pyproject.toml")

    return make


def test_without_settings_there_is_one_suite_that_leaves_everything_to_pytest(project):
    choice = suites.chosen(project())
    assert choice.suites == (Suite(name="all"),)
    assert choice.left_out == ()
    assert suites.chosen(project(), ["all"]) == choice


def test_a_named_standard_suite_is_its_folders(project, tmp_path):
    found = project(folders=["tests/unit", "demo/tests/unit", "src"])
    (tmp_path / "demo/__init__.py").touch()
    choice = suites.chosen(found, ["unit"])
    assert choice.suites == (Suite(name="unit", select=("tests/unit", "demo/tests/unit")),)
    assert choice.left_out == ("only unit",)


def test_a_package_under_src_has_its_tests_too(project, tmp_path):
    found = project(folders=["src/demo/tests/e2e"])
    (tmp_path / "src/demo/__init__.py").touch()
    assert suites.chosen(found, ["e2e"]).suites[0].select == ("src/demo/tests/e2e",)


def test_without_a_folder_a_standard_suite_is_its_marker(project):
    assert suites.chosen(project(), ["chaos"]).suites == (Suite(name="chaos", args=("-m", "chaos")),)


def test_the_settings_say_it_all(project):
    values = {
        "select": ["a"],
        "args": ["-x"],
        "min_tests": 3,
        "timeout": 9,
        "network": "loopback",
        "random_order": True,
        "cov_floor": 80,
    }
    (suite,) = suites.chosen(project({"suites": {"unit": values}}, ["a"])).suites
    assert suite == Suite(
        name="unit",
        select=("a",),
        args=("-x",),
        min_tests=3,
        timeout=9.0,
        network="loopback",
        random_order=True,
        cov_floor=80.0,
    )


def test_all_of_several_suites_by_name_is_no_part(project):
    found = project({"suites": {"a": {}, "b": {}}})
    assert suites.chosen(found, ["b", "a"]).left_out == ()
    assert suites.chosen(found, ["all"]).left_out == ()
    assert suites.chosen(found, ["a", "a"]).left_out == ("only a",)
    assert [suite.name for suite in suites.chosen(found, ["b", "a", "b"]).suites] == ["b", "a"]


def test_patterns_are_expanded_and_node_ids_kept(project):
    found = project(
        {"suites": {"unit": {"select": ["pkg*/tests", "pkg1/tests::test_x"]}}}, ["pkg1/tests", "pkg2/tests"]
    )
    (suite,) = suites.chosen(found).suites
    assert suite.select == ("pkg1/tests", "pkg2/tests", "pkg1/tests::test_x")


def test_a_default_suite_that_is_not_there_is_skipped_unless_it_must_have_tests(project):
    assert [suite.name for suite in suites.chosen(project({"suites": {"e2e": {"select": ["x"]}}})).skipped] == ["e2e"]
    choice = suites.chosen(project({"suites": {"e2e": {"select": ["x"], "min_tests": 1}}}))
    assert (choice.skipped, choice.suites[0].absent) == ((), ("x",))


def test_paths_among_pytests_arguments_choose_the_suites(project):
    found = project({"suites": {"a": {"select": ["t/a"]}, "b": {"select": ["t/b"]}}}, ["t/a", "t/b", "t/c"])
    assert [suite.name for suite in suites.chosen(found, (), ["t/b", "-x"]).suites] == ["b"]
    assert [suite.name for suite in suites.chosen(found, (), ["t/c"]).suites] == ["all"]
    assert [suite.name for suite in suites.chosen(found, (), ["-k", "word"]).suites] == ["a", "b"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"suites": []}, "suites: must be a table"),
        ({"suites": {"unit": 3}}, "suites.unit: must be a table"),
        ({"suites": {"../x": {}}}, "a name of letters, digits"),
        ({"suites": {"unit": {"select": "tests"}}}, "suites.unit.select: must be a list of strings"),
        ({"suites": {"unit": {"select": ["here", "gone"]}}}, "suites.unit.select: gone is not there"),
        ({"suites": {"unit": {"network": "some"}}}, "must be one of none, loopback, any, not 'some'"),
        ({"suites": {"unit": {"min_tests": -1}}}, "suites.unit.min_tests: must be a number of at least 0"),
        ({"suites": {"unit": {"timeout": True}}}, "suites.unit.timeout: must be a number"),
    ],
)
def test_wrong_settings_are_named_by_file_and_key(project, settings, words):
    with pytest.raises(UsageError, match=r"pyproject\.toml: \[tool\.agentctl\.test\]") as caught:
        suites.chosen(project(settings, ["here"]))
    assert words in caught.value.message


def test_a_name_close_to_one_of_the_settings_is_guessed(project):
    with pytest.raises(UsageError) as caught:
        suites.chosen(project({"suites": {"contract": {}}}), ["contracts"])
    assert caught.value.hint == (
        "did you mean contract? Suites: contract, unit, integration, e2e, property, performance, security, chaos, evals, all"
    )
