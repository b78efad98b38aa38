from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agentctl import __version__, reporters

TESTS = Path(__file__).parents[1]


def test_the_folder_is_the_registry_and_text_comes_first():
    assert reporters.names() == ("text", "github", "gitlab", "html", "json", "junit", "markdown", "sarif", "svg")


def test_a_format_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        reporters.get("_values")


@pytest.mark.parametrize("name", reporters.names())
def test_every_format_draws_every_report_as_its_golden_file_says(name, sample, golden):
    title, report = sample
    text = reporters.get(name)(report)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    golden(f"{title}.{name}", _settled(text) if name == "html" else text.replace(__version__, "VERSION"))


def _settled(text: str) -> str:
    """Leave out what stands in files of its own: the version, and the style and the script of a page."""
    text = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", text, flags=re.DOTALL)
    return re.sub(r"'sha256-[^']+'", "'sha256-…'", text).replace(__version__, "VERSION")


def test_plain_findings_load_no_rich():
    code = (
        "import sys; from reporters.samples import VALIDATE; from agentctl.reporters import text; text.render(VALIDATE);"
        "print([name for name in sys.modules if name.partition('.')[0] in {'rich', 'typer', 'jsonschema'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TESTS)

    assert done.stdout == "[]\n"
