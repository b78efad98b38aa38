"""Write the pages that are made from the code: the command line, the kinds of documents, the rules and the checks.

``python docs/generate.py`` writes them, ``--check`` compares and fails when one is out of date.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from agentctl.checklist import catalogue as checks
from agentctl.cli.app import app
from agentctl.documents import schemas, tables
from agentctl.documents.schemas import Schema
from agentctl.results import Section
from agentctl.validation import catalogue as rules
from agentctl.validation.rules import rules as rules_by_id

DOCS = Path(__file__).resolve().parent
EXAMPLES = DOCS.parent / "tests" / "examples" / "documents"
_MADE = "<!-- Made by docs/generate.py from the code; `make docs` writes it anew. -->"
_PLAIN = {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


def pages() -> dict[str, str]:
    """Return each page's content by its file name."""
    return {
        "cli.md": _cli(),
        "rules.md": _catalogue(
            "Rules of `agentctl validate`",
            "What `agentctl validate` can report. A finding is waived, with a reason, by a comment on its line or the "
            "line above it, `# agentctl: disable=RULE reason`; a rule is switched off for the whole project in "
            '`[tool.agentctl.validate.disable]`: `RULE = "reason"`.',
            (section for one in rules.ids() if (section := rules.explain(one))),
        ),
        "kinds.md": _kinds(),
        "checks.md": _catalogue(
            "Checks of `agentctl checklist`",
            "Every item of the checklist: what it asks, why, what counts as evidence, and how to mend it.",
            (section for one in checks.ids() if (section := checks.explain(one))),
        ),
    }


def _cli() -> str:
    commands = ["", *(command.name for command in app.registered_commands if command.name), *_of_groups()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        helps = zip(commands, pool.map(_help, commands), strict=True)
        parts = [f"## {f'agentctl {command}'.strip()}\n\n```text\n{text}\n```" for command, text in helps]
    return "\n\n".join(["# The command line", _MADE, *parts]) + "\n"


def _of_groups() -> Iterator[str]:
    """Yield the commands that stand under another: ``schema list``."""
    for group in app.registered_groups:
        below = group.typer_instance
        for command in below.registered_commands if below else ():
            name = command.name or getattr(command.callback, "__name__", "")
            yield f"{below.info.name if below else ''} {name}"


def _help(command: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTCTL_", "FORCE_COLOR"))}
    done = subprocess.run(
        [sys.executable, "-m", "agentctl", *command.split(), "--help"],
        env={**kept, **_PLAIN},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines()).strip("\n")


def _catalogue(title: str, about: str, sections: Iterable[Section]) -> str:
    parts = (f"## {_words(section.title)}\n\n" + "\n\n".join(map(_words, section.lines)) for section in sections)
    return "\n\n".join([f"# {title}", _MADE, about, *parts]) + "\n"


def _kinds() -> str:
    about = (
        "What `agentctl validate` knows by heart: the files of each kind, found by name, their keys, and the rules "
        "beyond the schema. `agentctl schema show KIND` prints the JSON schema, `agentctl schema export` writes all of "
        "them for editors, which find them by the first line of a YAML file: "
        "`# yaml-language-server: $schema=../.agentctl/schemas/environment.schema.json` "
        "(TOML: `#:schema`, JSON: the key `$schema`)."
    )
    parts = [_kind(kind, schema) for kind, schema in schemas.kinds().items() if kind != "report"]
    return "\n\n".join(["# Kinds of documents", _MADE, about, *parts]) + "\n"


def _kind(kind: str, schema: Schema) -> str:
    content = schema.content
    names = ", ".join(f"`{pattern}`" for pattern in content.get("x-governs", ()))
    files = names or tables.governed(schema)
    ruled = ", ".join(f"[{one.id}](rules.md)" for one in rules_by_id().values() if kind in one.kinds)
    lines = [
        f"## {kind}",
        _words(f"{content['title']}. {content.get('description', '')}".strip()),
        f"Files: {files}.",
        "\n".join(["| key | holds | |", "|---|---|---|", *_keys(content, content, "")]),
        f"Rules: {ruled}.",
    ]
    valid = EXAMPLES / kind / "valid"
    example = next((path for name in ("whole.*", "guide-[0-9].*") for path in valid.glob(name)), None)
    if example is not None:
        form = {"yml": "yaml"}.get(example.suffix[1:], example.suffix[1:])
        lines.append(f"```{form}\n{example.read_text(encoding='utf-8').rstrip()}\n```")
    return "\n\n".join(line for line in lines if not line.endswith(": ."))


def _keys(node: Any, root: Any, place: str) -> Iterator[str]:
    """Yield a table row for each key of a schema, those below it included."""
    for form_ in _forms(node, root):
        for name, below in form_.get("properties", {}).items():
            forms = list(_forms(below, root))
            wanted = "**required**" if name in form_.get("required", ()) else ""
            words = _words(next((form["description"] for form in (below, *forms) if "description" in form), ""))
            yield f"| `{place}{name}` | {_types(forms)} | {f'{words} {wanted}'.strip()} |"
            yield from _keys(below, root, f"{place}{name}.")
        if isinstance(form_.get("items"), dict):
            yield from _keys(form_["items"], root, f"{place.removesuffix('.')}[].")
        if isinstance(form_.get("additionalProperties"), dict):
            yield from _keys(form_["additionalProperties"], root, f"{place}NAME.")


def _forms(node: Any, root: Any) -> Iterator[Any]:
    """Yield a schema, or each form that it allows, with references followed."""
    if "$ref" in node:
        yield from _forms({**root["$defs"][node["$ref"].rpartition("/")[2]], **_without_ref(node)}, root)
    elif "anyOf" in node:
        for form in node["anyOf"]:
            yield from _forms(form, root)
    else:
        yield node


def _without_ref(node: Any) -> Any:
    return {key: value for key, value in node.items() if key != "$ref"}


def _types(forms: Iterable[Any]) -> str:
    names: list[str] = []
    for form in forms:
        found = form.get("type", [])
        names += [found] if isinstance(found, str) else found
        names += ["one of " + ", ".join(f"`{one}`" for one in form["enum"][:12])] if "enum" in form else []
    return " or ".join(dict.fromkeys(names)) or "anything"


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
