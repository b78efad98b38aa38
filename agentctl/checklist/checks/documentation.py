"""CQ: what a newcomer reads."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import (
    Answer,
    bound,
    failed,
    passed,
    weak,
)
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Class, Function, literal
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_DOCUMENTED = 50.0  # per cent
_FENCED = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(.*?)^[ \t]*\1", re.MULTILINE | re.DOTALL)
_INSTALL = re.compile(
    r"\b(pip3? install|uv (sync|pip install|tool install|add)|poetry (install|add)|pdm install|pipx install|"
    r"conda (env )?create|"
    r"docker[ -]compose\b.* up|docker (build|pull|run)|make (install|setup|dev|build)[\w-]*|npm install -g|uvx)\b"
)
_TEST = re.compile(
    r"\b(pytest|make (test|check)[\w-]*|tox|nox|python3? -m unittest|agentctl test|hatch (run )?test|just test)\b"
)
_RUN = re.compile(
    r"\b(uvicorn|gunicorn|hypercorn|flask run|fastapi (run|dev)|streamlit run|chainlit run|docker[ -]compose\b.* up|"
    r"docker run|langgraph (dev|up)|make (run|dev|start|serve|up)[\w-]*|uvx|python3? (-m )?[\w./-]+|"
    r"uv run (?!pytest)[\w./-]+|from [\w.]+ import|import \w+)"
)


def cq05(facts: Facts, ships: Ships) -> Answer:
    """Does the documentation let a newcomer install, configure, run and test it, and are public definitions documented?

    Why: guide 0 "Code documentation complete", guides 1, 2 and 4.
    Counts: commands in code blocks of the README (or CONTRIBUTING, for tests) whose make target, script or file exists;
    docstrings of public classes and functions, at 50 %.
    Does not count: words outside code blocks; a make target that does not exist; a README elsewhere.
    Closed: always; the README is where a newcomer looks.
    Mend: add code blocks with the commands for install, run and test; document what is public.
    """
    readme = facts.text("README.md", "README.rst", "README.txt", "README", "docs/README.md")
    if readme is None:
        return failed("there is no README with anything in it", "write a README that installs, runs and tests it")
    definitions: list[Function | Class] = [f for f in facts.functions if f.public and not f.nested]
    definitions += [kind for kind in facts.classes if kind.public]
    documented = sum(definition.documented for definition in definitions)
    share = documented / len(definitions) if definitions else 1.0
    found = _instructions(facts, readme[1], ships)
    missing = [word for word, place_ in found.items() if place_ is None]
    evidence = [Location(path=readme[0], line=line) for line in found.values() if line]
    there = [word for word in found if word not in missing]
    parts = [_listed(there), f"no working {_listed(missing)}" if missing else ""]
    message = f"the README has {' but '.join(filter(None, parts))}"
    if definitions:
        message += f"; {documented} of {len(definitions)} public definitions are documented ({share:.0%})"
    documents = share >= bound(facts.settings, "docstrings", _DOCUMENTED) / 100
    if not missing and documents:
        return passed(message, evidence)
    hint = f"add a code block with the {missing[0]} command" if missing else "document the public definitions"
    if len(missing) == len(found) and not documents:
        return failed(message, hint, [Location(path=readme[0])])
    return weak(message, hint, evidence or [Location(path=readme[0])])


def _instructions(facts: Facts, readme: str, ships: Ships) -> dict[str, int | None]:
    """Return the line of the first working command of each kind; None without one."""
    helping = facts.text("CONTRIBUTING.md", "docs/CONTRIBUTING.md", ".github/CONTRIBUTING.md")
    found = {
        "install": _command(facts, readme, _INSTALL),
        "run": _command(facts, readme, _RUN),
        "test": _command(facts, readme, _TEST),
    }
    if found["test"] is None and helping and _command(facts, helping[1], _TEST):
        found["test"] = 1
    variables = {literal(v) or "" for call in facts.called_as(*frameworks.ENV_READS) for v in call.args[:1]}
    if variables and ships.runs:
        example = facts.text(".env.example", ".env.sample", ".env.template", "env.example", ".env.dist")
        named = next((variable for variable in sorted(variables) if variable and variable in readme), None)
        found["configuration"] = readme[: readme.find(named)].count("\n") + 1 if named else (1 if example else None)
    return found


def _command(facts: Facts, text: str, pattern: re.Pattern[str]) -> int | None:
    for block in _FENCED.finditer(text):
        for match in pattern.finditer(block.group(2)):
            if _exists(facts, match.group(0)):
                return text.count("\n", 0, block.start(2) + match.start()) + 1
    return None


def _exists(facts: Facts, command: str) -> bool:
    """Return whether a make target or a script that a command names is there."""
    words = command.split()
    if words[0] == "make":
        return words[1] in facts.makefile
    script = words[-1]
    if script.endswith(".py") and words[0].startswith(("python", "uv")):
        return any(path == script.removeprefix("./") or path.endswith(f"/{script}") for path in facts.tree.paths)
    return True


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1] if words else ""
