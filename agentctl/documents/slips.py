"""What a person most often meant where a text does not parse: the parsers say what they met, not how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from agentctl.documents.model import Problem, Span

_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_SIDES = "keep one side, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"
_CONSTANT = re.compile(r"(True|False|None|undefined|null)\b")
_WRITTEN = {"True": "write true", "False": "write false"}
_LINE_UP = "line it up with the lines around it; a value with a quote in it is in quotes as a whole"
_YAML = (  # the words of libyaml and of PyYAML
    ("scanning an alias", "put a value that begins with `*` in quotes"),
    ("undefined alias", "put a value that begins with `*` in quotes"),
    ("scanning an anchor", "put a value that begins with `&` in quotes"),
    ("mapping values are not allowed", "put a value that holds `: ` in quotes; else mend the indentation"),
    ("could not find expected ':'", "a key ends with `:`; a text of several lines is in quotes or begins with `|`"),
    ("did not find expected ',' or", "a `,` is missing between two items, or the bracket is never closed"),
    ("expected ',' or", "a `,` is missing between two items, or the bracket is never closed"),
    ("did not find expected", _LINE_UP),
    ("expected <block end>", _LINE_UP),
    ("while scanning a quoted scalar", "close the quote"),
)
_JSON = (
    ("',' delimiter", "put a comma before it"),
    ("':' delimiter", "put a `:` between the key and its value"),
    ("trailing comma", "remove it: JSON has no comma after the last item"),
    ("unterminated string", 'close the quote; a quote within the text is \\"'),
    ("invalid control character", "write \\n for the end of a line, \\t for a tab"),
    ("invalid \\escape", "write \\\\ for a backslash"),
)
_TOML = (
    ("after a key", "write key = value"),
    ("at the end of a table declaration", "close the bracket"),
)


def explained(problem: Problem, text: str, form: str) -> Problem:
    """Return why a text cannot be parsed, with the mend where the slip is one of the usual ones.

    No word of the text gets into the hint: it may be a secret.
    """
    if problem.id != "syntax" or problem.hint:
        return problem
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        message = "holds both sides of a merge that was not finished"
        return replace(problem, message=message, hint=_SIDES, span=Span(line, 1, line, 8))
    meant = _MEANT.get(form)
    if problem.span is None or meant is None:
        return problem
    return replace(problem, hint=meant(problem.message.lower(), *_parted(text, problem.span)))


def _parted(text: str, span: Span) -> tuple[str, str]:
    """Return what stands before a place, and what of its line stands from there on."""
    above = text.splitlines()[: span.line]
    here = above.pop() if len(above) == span.line else ""
    return "\n".join([*above, here[: span.column - 1]]), here[span.column - 1 :]


def _of_yaml(words: str, before: str, rest: str) -> str | None:
    indentation = re.match(r"\s*", before.rpartition("\n")[2] + rest)
    if indentation and "\t" in indentation[0]:
        return "indent by spaces: a tab stands there, which YAML takes for none"
    if "cannot start any token" in words:
        return f"put a value that begins with `{rest[:1]}` in quotes"
    return _by_words(_YAML, words)


def _of_json(words: str, before: str, rest: str) -> str | None:
    if rest[:1] in {"}", "]"} and before.rstrip().endswith(","):
        return "remove the comma before it: JSON has none after the last item"
    if "expecting" not in words or "delimiter" in words:
        return _by_words(_JSON, words)
    if rest.startswith(("//", "/*", "#")):
        return "remove the comment: JSON has none"
    constant = _CONSTANT.match(rest)
    if constant:
        return _WRITTEN.get(constant[0], "write null")
    return "put keys and text in double quotes" if re.match(r"['\w]", rest) else None


def _of_toml(words: str, _before: str, rest: str) -> str | None:
    if "invalid value" not in words:
        return _by_words(_TOML, words)
    constant = _CONSTANT.match(rest)
    if constant:
        return _WRITTEN.get(constant[0], "leave the key out: TOML has no null")
    return "put text in quotes" if re.match(r"[^\W\d]", rest) else None


def _by_words(known: tuple[tuple[str, str], ...], words: str) -> str | None:
    return next((hint for part, hint in known if part in words), None)


_MEANT: Mapping[str, Callable[[str, str, str], str | None]] = {"yaml": _of_yaml, "json": _of_json, "toml": _of_toml}
