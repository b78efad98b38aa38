"""How an error looks: one line and a hint on standard error, and a report in every format that was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

from agentctl.cli.output import Output, emit
from agentctl.cli.streams import wants_colour
from agentctl.errors import AgentctlError
from agentctl.reporters._values import one_line
from agentctl.results import Report, Verdict

_SHORT = {"-f": "--format", "-o": "--output"}


def tell(argv: Sequence[str], message: str, hint: str | None, code: int) -> int:
    """Tell the person, and the machine if it asked for a format; return the exit code."""
    line = one_line(message)
    if not line:  # the help was shown instead
        return code
    label = "\033[31merror:\033[0m" if wants_colour(sys.stderr) else "error:"
    print(f"{label} {line}", file=sys.stderr)  # noqa: T201 - the command line is where printing belongs
    if hint:
        print(f"  hint: {one_line(hint)}", file=sys.stderr)  # noqa: T201
    report = Report(
        command=next((word for word in argv if not word.startswith("-")), ""),
        verdict=Verdict.INVALID,
        exit_code=code,
        summary=line,
        next_steps=(hint,) if hint else (),
    )
    with suppress(AgentctlError, OSError):  # the error that is being told matters more than where to tell it
        _emit(report, argv)
    return code


def _emit(report: Report, argv: Sequence[str]) -> None:
    """Look at the words themselves, since the error may have come before they were parsed."""
    asked = list(_options(argv))
    formats = [value for name, value in asked if name == "--format"]
    wanted = formats[-1] if formats else os.environ.get("AGENTCTL_FORMAT", "text")
    files = [value for name, value in asked if name == "--output"]
    for chosen in (Output.of("text", files), Output.of(wanted, None)):
        emit(report, chosen, text=False)


def _options(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    words = list(argv)[: argv.index("--")] if "--" in argv else list(argv)
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, glued, value = word.partition("=")
        if word in _SHORT or word in _SHORT.values():
            yield _SHORT.get(word, word), following
        elif glued and name in _SHORT.values():
            yield name, value
        elif word[:2] in _SHORT and not word.startswith("--"):
            yield _SHORT[word[:2]], word[2:]
