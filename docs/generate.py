"""Write the pages that are made from the code: the command line, the rules and the checks.

``python docs/generate.py`` writes them, ``--check`` compares and fails when one is out of date.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agentctl.checklist import catalogue as checks
from agentctl.cli.app import app
from agentctl.results import Section
from agentctl.validation import catalogue as rules

DOCS = Path(__file__).resolve().parent
_MADE = "<!-- Made by docs/generate.py from the code; `make docs` writes it anew. -->"
_PLAIN = {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


def pages() -> dict[str, str]:
    """Return each page's content by its file name."""
    return {
        "cli.md": _cli(),
        "rules.md": _catalogue(
            "Rules of `agentctl validate`",
            "What `agentctl validate` can report. A rule is switched off, with a reason, in "
            '`[tool.agentctl.validate.disable]`: `RULE = "reason"`.',
            (section for one in rules.ids() if (section := rules.explain(one))),
        ),
        "checks.md": _catalogue(
            "Checks of `agentctl checklist`",
            "Every item of the checklist: what it asks, why, what counts as evidence, and how to mend it.",
            (section for one in checks.ids() if (section := checks.explain(one))),
        ),
    }


def _cli() -> str:
    commands = ["", *(command.name for command in app.registered_commands if command.name)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        helps = zip(commands, pool.map(_help, commands), strict=True)
        parts = [f"## {f'agentctl {command}'.strip()}\n\n```text\n{text}\n```" for command, text in helps]
    return "\n\n".join(["# The command line", _MADE, *parts]) + "\n"


def _help(command: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTCTL_", "FORCE_COLOR"))}
    done = subprocess.run(
        [sys.executable, "-m", "agentctl", *filter(None, [command]), "--help"],
        env={**kept, **_PLAIN},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines()).strip("\n")


def _catalogue(title: str, about: str, sections: Iterable[Section]) -> str:
    parts = (f"## {_words(section.title)}\n\n" + "\n\n".join(map(_words, section.lines)) for section in sections)
    return "\n\n".join([f"# {title}", _MADE, about, *parts]) + "\n"


def _words(text: str) -> str:
    """Docstrings write code in two backticks; angle brackets outside of code would be read as HTML."""
    parts = text.replace("``", "`").split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def main() -> int:
    """Write the pages, or compare them."""
    made = pages()
    stale = [name for name, text in made.items() if not _same(DOCS / name, text)]
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"out of date: {', '.join(stale)}; run make docs")
        return bool(stale)
    for name in stale:
        (DOCS / name).write_text(made[name], encoding="utf-8", newline="\n")
    print(f"written: {', '.join(stale)}" if stale else "nothing to write")
    return 0


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
