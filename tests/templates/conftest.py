"""Projects that are made once and only looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.templates.projects import CHOICES, KINDS, answered, made
from tests.templates.replicas import NAME, set_up


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    """Return a function that makes the project of a row (option → value; the rest are defaults) once."""
    known: dict[tuple[str, ...], Path] = {}

    def project(**row):
        whole = {key: row.get(key, values[0]) for key, values in CHOICES.items()}
        key = tuple(whole.values())
        if key not in known:
            known[key] = made(tmp_path_factory.mktemp("row"), whole["kind"], **answered(whole))
        return known[key]

    return project


@pytest.fixture(scope="session", params=sorted(KINDS))
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def project(rendered, kind):
    """The project of a kind with its defaults; not to be changed."""
    return rendered(kind=kind)


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Return a function that makes and sets up the project of a kind with its defaults once; not to be changed."""
    known: dict[str, Path] = {}

    def project(kind):
        if kind not in known:
            known[kind] = set_up(made(tmp_path_factory.mktemp("installed"), kind, NAME))
        return known[kind]

    return project
