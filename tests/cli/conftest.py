"""Small programs that stand in for a command and behave badly."""

from __future__ import annotations

import textwrap

import pytest

_PROGRAM = """\
import os, signal, sys, time
from agentctl.cli import output
from agentctl.__main__ import main
from agentctl.cli.app import app
from agentctl.cli.output import DebugOption, FormatOption, OutputOption
from agentctl.errors import NoAnswerError
from agentctl.results import Report, Verdict

app.registered_commands.clear()

@app.command()
def new(format: FormatOption = "text", output_: OutputOption = None, debug: DebugOption = False):
{body}

main()
"""


@pytest.fixture
def runner(tmp_path):
    """Return a function that writes a program: the real command line, but its ``new`` does what the body says."""

    def write(body: str) -> tuple[str]:
        script = tmp_path / "runner.py"
        script.write_text(_PROGRAM.format(body=textwrap.indent(body, "    ")), encoding="utf-8")
        return (str(script),)

    return write
