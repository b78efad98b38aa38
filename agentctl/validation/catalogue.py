"""Every id that ``validate`` can report, with its title, reason and mend."""

from __future__ import annotations

import inspect

from agentctl.results import Section
from agentctl.validation.rules import rules

# What readers and schemas report: title, reason, mend. The rules carry their own words in their docstrings.
_READING = {
    "unreadable": (
        "The file can be read",
        "Permissions, a vanished file, or what is no regular file (a pipe, a device) keep its content from us.",
        "Make it a readable regular file, or leave it out with `exclude`.",
    ),
    "encoding": (
        "The file is UTF-8 text",
        "A byte order mark, UTF-16 or a NUL byte makes one reader fail where another does not.",
        "Save it as UTF-8 without a byte order mark.",
    ),
    "empty": (
        "The file is not empty",
        "An empty configuration is read as nothing, and each reader takes something else for nothing.",
        "Fill it in, or delete it.",
    ),
    "syntax": (
        "The file is well-formed",
        "What cannot be parsed cannot be judged. YAML is read as 1.2: `no` and `on` are texts, and so are dates.",
        "Mend the place that the message names; the cause often stands a line before it.",
    ),
    "too-large": (
        "The file is of a size and depth that a configuration can have",
        "Nesting, aliases and sheer size are how a small file takes down whatever reads it.",
        "Flatten it, write aliases out, or split the file.",
    ),
    "number": (
        "A number is one that every reader can hold",
        "NaN, infinity and numbers of hundreds of digits are no JSON, and change from reader to reader.",
        "Write a finite number that a double can hold.",
    ),
    "duplicate-key": (
        "A key stands once",
        "Most readers silently take the last of two values, some the first.",
        "Keep one of them.",
    ),
    "csv-separator": (
        "The cells of a CSV file are separated by commas",
        "Excel writes semicolons where the comma is the decimal sign; whatever reads commas then sees one column.",
        "Export it as comma-separated CSV in UTF-8.",
    ),
    "csv-header": (
        "Each column has a name, without blanks around it",
        "Columns are found by their names: what has none, or one that starts with a blank, is never read.",
        "Write each name right between its commas, and remove columns that nothing reads.",
    ),
    "csv-row": (
        "Each row has as many cells as the header has columns",
        "One comma too many or too few moves cells into wrong columns; pandas moves all of them then, or refuses.",
        "Put cells with commas in quotes, and write empty cells too.",
    ),
    "missing-key": (
        "Every required key is there",
        "What the schema requires, the code reads without asking.",
        "Add the key; the hint says what it holds.",
    ),
    "unknown-key": (
        "No unknown keys",
        "A key that nothing reads is nearly always a known one misspelt, and then the default holds instead.",
        "Rename it to the one that was meant, or remove it. Your own keys may start with `x-` or stand in `metadata`.",
    ),
    "misspelt-key": (
        "A free key is not a known one misspelt",
        "Where keys of your own are allowed, `timeuot: 30` is no unknown key: it is never read, the default holds.",
        "Rename it to the known key, or, where it is your own, to something less alike.",
    ),
    "wrong-type": (
        "A value has the type that the schema wants",
        "A number in quotes is a text, and an unquoted version such as 1.0 is a number.",
        "Write the value as the message says.",
    ),
    "unknown-value": (
        "A value is one of those that are allowed",
        "The code knows only these.",
        "Use one of the listed values.",
    ),
    "out-of-range": (
        "A value or length lies within its bounds",
        "What is beyond them is refused or misread where it is used.",
        "Give a value within the bounds that the message names.",
    ),
    "wrong-format": (
        "A text has the form that is wanted",
        "It is taken apart by that form where it is used.",
        "Write it in the form that the hint describes.",
    ),
    "wrong-value": (
        "A value fits its schema",
        "It breaks a condition of the schema that has no simpler name.",
        "Compare it with the schema at that place.",
    ),
    "suppression-reason": (
        "A comment that switches a rule off says why",
        "Without a reason nobody can tell later whether it still holds. The comment has no effect.",
        "Write the reason after the rule: `# agentctl: disable=agent-id the registry names its agents`.",
    ),
    "suppression-unknown": (
        "A comment switches off a rule that exists",
        "A misspelt rule switches nothing off.",
        "Write the id that the finding shows in brackets.",
    ),
    "suppression-unused": (
        "A comment that switches a rule off is needed",
        "The place was mended, or the comment stands at another line: it hides what comes there next.",
        "Remove it. It holds for its own line, or, alone on a line, for the next one.",
    ),
    "schema-unusable": (
        "The schema can be used",
        "A schema that is none, or that refers to what is not on this machine, proves nothing. Nothing is fetched.",
        "Mend the schema, or put what it refers to beside it.",
    ),
}


def ids() -> list[str]:
    """Return every id, sorted."""
    return sorted({*_READING, *rules()})


def title(name: str) -> str:
    """Return what an id asks, in a few words."""
    return _READING[name][0] if name in _READING else rules()[name].title


def explain(id: str) -> Section | None:  # noqa: A002 - what it is called everywhere
    """Return title, reason and mend of an id, or None for one that is not ours."""
    if id in _READING:
        name, *lines = _READING[id]
        return Section(title=f"{id}: {name}", lines=tuple(lines))
    rule = rules().get(id)
    if rule is None:
        return None
    _, *paragraphs = inspect.cleandoc(rule.check.__doc__ or "").split("\n\n")
    lines = [" ".join(paragraph.split()) for paragraph in paragraphs]
    told = f"Severity: {rule.severity}. Looks at: {', '.join(sorted(rule.kinds))}."
    return Section(title=f"{id}: {rule.title}", lines=(*lines, told))
