"""How an error looks: one line and a hint on standard error, and a report when a machine asked for JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise

from agentctl.cli.output import wants_colour
from agentctl.reporters import json
from agentctl.results import Report, Verdict


def tell(argv: Sequence[str], message: str, hint: str | None, code: int) -> int:
    """Tell the person, and the machine if it asked for JSON; return the exit code."""
    line = " ".join(message.split())
    if not line:  # the help was shown instead
        return code
    label = "\033[31merror:\033[0m" if wants_colour(sys.stderr) else "error:"
    print(f"{label} {line}", file=sys.stderr)  # noqa: T201 - the command line is where printing belongs
    if hint:
        print(f"  hint: {hint}", file=sys.stderr)  # noqa: T201
    if _asked_for_json(argv):
        report = Report(
            command=next((word for word in argv if not word.startswith("-")), ""),
            verdict=Verdict.INVALID,
            exit_code=code,
            summary=line,
            next_steps=(hint,) if hint else (),
        )
        sys.stdout.write(json.render(report))
    return code


def _asked_for_json(argv: Sequence[str]) -> bool:
    """Look at the words themselves, since the error may have come before they were parsed."""
    words = list(argv)
    split = any(first in {"--format", "-f"} and second == "json" for first, second in pairwise(words))
    return split or any(word in {"--format=json", "-fjson"} for word in words)
