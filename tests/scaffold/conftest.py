"""What the tests of ``new`` share: the mini templates, a writable copy of them, and an order to make."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agentctl.results import Report, Verdict
from agentctl.scaffold import kinds, names, run

TEMPLATES = Path(__file__).parents[1] / "examples" / "templates"
SLUG, PACKAGE = "@{cookiecutter.slug}@", "@{cookiecutter.package}@"


@pytest.fixture
def kind():
    return kinds.find("service", TEMPLATES)


@pytest.fixture
def templates(tmp_path):
    """A copy of the mini templates to break."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


@pytest.fixture
def passing():
    return lambda _project: Report(command="validate", verdict=Verdict.PASS, exit_code=0, summary="fine")


@pytest.fixture
def work(tmp_path):
    """The folder that projects are made in."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def order(work):
    """Return a function that orders a project in ``work``."""

    def ordered(name="my-agent", *, templates=TEMPLATES, place=None, git=False, **answers):
        found = names.checked(name)
        return run.Order(
            names=found,
            kind=kinds.find("service", templates),
            answers=answers,
            place=place or work / found.slug,
            git=git,
        )

    return ordered
