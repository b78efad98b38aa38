"""What the description of a schema gives for a hint."""

from __future__ import annotations

import pytest

from agentctl.documents import engine, explain
from agentctl.documents.schemas import Schema

LONG = "Steps run commands. " * 30


@pytest.mark.parametrize(
    ("description", "hint"),
    [
        ("How long\n  to wait.", "How long to wait."),
        ("How long to wait.\n\nSee the manual.", "How long to wait."),
        (LONG, "Steps run commands. " * 11 + "Steps run commands."),
        ("word " * 100, "word " * 48 + "…"),
        ("x" * 500, "x" * 240 + " …"),
    ],
)
def test_a_page_of_a_manual_is_no_hint(tmp_path, description, hint):
    content = {"properties": {"wait": {"type": "integer", "description": description}}}
    schema = Schema(kind="", path=tmp_path / "schema.json", content=content)
    (problem,) = explain.problems(engine.errors(schema, {"wait": []}))

    assert problem.hint == hint
