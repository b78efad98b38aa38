"""Write docs/diagnostics.md: ten ways to break a configuration, and what agentctl and check-jsonschema say of each.

``python docs/diagnostics.py`` needs check-jsonschema beside the interpreter; the tests compare our half with the page.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "diagnostics.md"
VALID = ROOT / "tests" / "examples" / "documents" / "agent" / "valid" / "guide-3.yaml"
SCHEMA = ROOT / "schemas" / "agent.schema.json"
NAME = "config/agents/interview.yaml"
WIDTH = 100
_PLAIN = {"COLUMNS": str(WIDTH), "TERM": "dumb", "NO_COLOR": "1", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to break the valid configuration.

    Attributes:
        old: What is replaced, and by what.
        mend: What our output must hold, so that the mend is found from it alone.
    """

    title: str
    old: str
    new: str
    mend: str


CASES = (
    Case(title="A section is misspelt", old="llm_config:", new="llm_confg:", mend="rename it to `llm_config`"),
    Case(
        title="A key is misspelt in one form of several",
        old="llm_config:",
        new="tools:\n  - {name: search_web, tiemout: 5}\nllm_config:",
        mend="rename it to `timeout`",
    ),
    Case(title="A choice is misspelt", old="category: output", new="category: ouput", mend='did you mean "output"?'),
    Case(
        title="A number is in quotes", old="max_tokens: 800", new='max_tokens: "800"', mend="write 800 without quotes"
    ),
    Case(title="A version is a number", old="version: 1.2.0", new="version: 1.20", mend="put it in quotes"),
    Case(title="A key is missing", old="      field_type: int\n", new="", mend="add `field_type`"),
    Case(
        title="A key is there twice",
        old="  temperature: 0.3\n",
        new="  temperature: 0.3\n  temperature: 0.9\n",
        mend="keep one of them",
    ),
    Case(title="A version that moves", old="version: 1.2.0", new="version: latest", mend="write MAJOR.MINOR.PATCH"),
    Case(
        title="A key of a provider in the file",
        old="api_key_env: OPENAI_API_KEY",
        new="api_key: sk-proj-EXAMPLEexample0123456789",
        mend="api_key_env: API_KEY",
    ),
    Case(
        title="Bounds that leave no value",
        old="constraints: {ge: 0, le: 100}",
        new="constraints: {ge: 100, le: 0}",
        mend="keep `ge` below `le`",
    ),
)


def broken(case: Case, folder: Path) -> Path:
    """Write the broken configuration, and return its place in the folder."""
    text = VALID.read_text(encoding="utf-8")
    if text.count(case.old) != 1:
        raise ValueError(f"{case.title}: {case.old!r} does not stand once in {VALID.name}")
    path = folder / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(case.old, case.new), encoding="utf-8")
    return path


def ours(case: Case) -> str:
    """Return the findings of agentctl validate, without the figures and the summary."""
    with tempfile.TemporaryDirectory() as folder:
        broken(case, Path(folder))
        said = _said([sys.executable, "-m", "agentctl", "validate", NAME], folder)
    return said.partition("\n  files checked")[0].rstrip()


def theirs(case: Case) -> str:
    """Return all that check-jsonschema says, with the same schema."""
    with tempfile.TemporaryDirectory() as folder:
        broken(case, Path(folder))
        shutil.copy(SCHEMA, folder)
        said = _said([_beside("check-jsonschema"), "--schemafile", SCHEMA.name, NAME], folder)
    lines = (textwrap.wrap(line, WIDTH, subsequent_indent="    ") or [""] for line in said.rstrip().splitlines())
    return "\n".join(part for line in lines for part in line)


def _beside(program: str) -> str:
    found = shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise SystemExit(f"{program} is not installed")
    return found


def _said(command: list[str], folder: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTCTL_", "FORCE_COLOR"))}
    environment = {**kept, **_PLAIN, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
    return f"{done.stdout}{done.stderr}"


def section(case: Case, *, own: str, other: str) -> str:
    """Return the part of the page about a case."""
    change = "\n".join(f"-{line}" for line in case.old.splitlines())
    change += "".join(f"\n+{line}" for line in case.new.splitlines())
    blocks = (("diff", change), ("text", own), ("text", other))
    first, second, third = (f"```{form}\n{text}\n```" for form, text in blocks)
    return f"## {case.title}\n\n{first}\n\n`agentctl validate`:\n\n{second}\n\n`check-jsonschema`:\n\n{third}"


def main() -> None:
    """Write the page."""
    version = _said([_beside("check-jsonschema"), "--version"], str(ROOT)).strip()
    about = (
        "The same file and the same schema, one thing wrong at a time. Of `agentctl validate` the findings are shown "
        f"without the summary, of `{version}` all that it prints; long lines are wrapped. "
        "What has one safe mend is mended by `agentctl validate --fix`."
    )
    head = ("# Ten ways to break a configuration", "<!-- Made by docs/diagnostics.py, which runs both. -->", about)
    parts = (section(case, own=ours(case), other=theirs(case)) for case in CASES)
    PAGE.write_text("\n\n".join([*head, *parts]) + "\n", encoding="utf-8", newline="\n")
    print(f"written: {PAGE.name}")


if __name__ == "__main__":
    main()
