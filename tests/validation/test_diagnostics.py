"""Ten ways to break a configuration: each mend can be found from our output alone, which docs/diagnostics.md shows."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "diagnostics.py"
SPEC = importlib.util.spec_from_file_location("diagnostics", SCRIPT)
diagnostics = importlib.util.module_from_spec(SPEC)
sys.modules["diagnostics"] = diagnostics
SPEC.loader.exec_module(diagnostics)
PAGE = diagnostics.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", diagnostics.CASES, ids=lambda case: case.title)
def test_the_mend_stands_in_our_one_finding_and_on_the_page(case):
    said = diagnostics.ours(case)
    assert case.mend in " ".join(said.split())
    assert said.count("error[") == 1
    assert f"```text\n{said}\n```" in PAGE
    assert f"## {case.title}\n" in PAGE


def test_there_are_ten_and_the_other_tool_stands_beside_each():
    assert len(diagnostics.CASES) == 10
    assert PAGE.count("`check-jsonschema`:") == 10
