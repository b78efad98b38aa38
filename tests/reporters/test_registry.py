from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentctl import __version__, reporters

TESTS = Path(__file__).parents[1]


def test_the_folder_is_the_registry_and_text_comes_first():
    assert reporters.names() == ("text", "github", "gitlab", "json", "junit", "markdown", "sarif")


def test_a_format_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        reporters.get("_values")


@pytest.mark.parametrize("name", reporters.names())
def test_every_format_draws_every_report_as_its_golden_file_says(name, sample, golden):
    title, report = sample
    text = reporters.get(name)(report)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    golden(f"{title}.{name}", text.replace(__version__, "VERSION"))


def test_plain_findings_load_no_rich():
    code = (
        "import sys; from reporters.samples import VALIDATE; from agentctl.reporters import text; text.render(VALIDATE);"
        "print([name for name in sys.modules if name.partition('.')[0] in {'rich', 'typer', 'jsonschema'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TESTS)

    assert done.stdout == "[]\n"
