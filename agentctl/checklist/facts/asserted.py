"""What a test asserts, as far as it is about failures: an error that is asked for, a text that must not be there."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from agentctl.checklist.facts.model import ABSENT, FAILURE, JUDGED, OPAQUE
from agentctl.checklist.facts.scope import last

_FLAG = re.compile(
    r"is_?error|has_?errors?|is_?failure|failed|errors?|error_?(message|code|type|text|detail)", re.IGNORECASE
)
_SUCCESS = re.compile(r"(is_?)?(ok|success(ful)?)|succeeded", re.IGNORECASE)
_VERDICT = re.compile(r"(is_?)?(valid|allowed|permitted|authori[sz]ed|safe)", re.IGNORECASE)
_EXIT_CODE = re.compile(r"(exit|return)_?code", re.IGNORECASE)
_TOLD = re.compile(
    r"(?i:\berror|invalid|denied|refused|rejected|forbidden|not allowed|not permitted|unauthori[sz]ed|\bfail|not found"
    r"|no such|is required|\bmissing\b|unsupported|not supported|unavailable|timed out|malformed|exceeded)"
)
_NAMED = re.compile(
    r"error|fail(ed|ure)|denied|invalid|rejected|forbidden|unauthori|time_?out|not_?found", re.IGNORECASE
)
# What is written to attack, or to test an attack: other statements, other folders, scripts, orders to a model.
HOSTILE = re.compile(
    r";\s*(?:drop|delete|insert|update|select|alter|truncate)\s|'\s*or\s+'?\w'?\s*=|\bunion\s+(?:all\s+)?select\s|'\s*;?\s*--"
    r"|(?:\.\.[/\\])+(?:etc|proc|root|windows|secrets?|passwd|evil|escaped?|outside)\b|(?:\.\.[/\\]){3}|/etc/(?:passwd|shadow)\b|<script\b|\bjavascript:|169\.254\.169\.254|%2e%2e[/%]"
    r"|;\s*rm\s+-|\$\(\s*(?:rm|curl|cat|whoami|id)\b"
    r"|\bignore\s+(?:all\s+|any\s+)?(?:the\s+|your\s+)?(?:previous|prior|above)\b|\{\{\s*7\s*\*\s*7|__import__\(",
    re.IGNORECASE,
)
# A sign that every hostile text has: looked for first, since nearly no text has one.
SIGN = re.compile(r"[;<'\\]|\.\.|/etc/|%2e|169\.254|\$\(|union|\{\{|javascript|__import|[Ii]gnore ")


def by_statement(test: ast.expr) -> str:
    """Return what ``assert test`` asks for: FAILURE, ABSENT for ``token not in answer``, or nothing of the kind."""
    if isinstance(test, ast.BoolOp):
        told = {by_statement(value) for value in test.values}
        return next((kind for kind in (FAILURE, JUDGED, ABSENT) if kind in told), OPAQUE)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _unless(_word(test.operand))
    if not isinstance(test, ast.Compare):
        return _if(_FLAG.fullmatch(_word(test)))
    asks = _COMPARED.get(type(test.ops[0]))
    return asks(test.left, test.comparators[0]) if asks else OPAQUE


def by_method(name: str, given: Sequence[ast.expr]) -> str:
    """Return what a method of unittest's asks for: ``self.assertIn("denied", text)``."""
    asks = _METHODS.get(name.rpartition(".")[2])
    if asks is None or not given:
        return OPAQUE
    return asks(given[0], given[1] if len(given) > 1 else given[0])


def _if(found: object) -> str:
    return FAILURE if found else OPAQUE


def _unless(word: str) -> str:
    """Return what it says that something of a name is not so: a failure, or the verdict of what judges a text."""
    return JUDGED if _VERDICT.fullmatch(word) else _if(_SUCCESS.fullmatch(word))


def _word(node: ast.expr) -> str:
    """Return the last word of what is asked: of a name, of ``x["error"]`` and of ``x.get("error")``."""
    asked = node.value if isinstance(node, ast.Await) else node
    if isinstance(asked, ast.Call) and last(asked) == "get" and asked.args:
        return _text(asked.args[0])
    return _text(asked.slice) if isinstance(asked, ast.Subscript) else last(asked)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _contained(left: ast.expr, _right: ast.expr) -> str:
    return _if(_TOLD.search(_text(left)))


def _equal(left: ast.expr, right: ast.expr) -> str:
    """Return whether a flag, a text, a member (``Status.FAILED``) or an exit code tells of a failure."""
    if isinstance(left, ast.Constant):
        left, right = right, left
    word = _word(left)
    if not isinstance(right, ast.Constant):
        return _if(isinstance(right, ast.Attribute) and _NAMED.search(right.attr))
    value = right.value
    if isinstance(value, bool):
        return _if(_FLAG.fullmatch(word)) if value else _unless(word)
    if isinstance(value, int):
        return _if(value and _EXIT_CODE.fullmatch(word))
    return _if(isinstance(value, str) and value and (_TOLD.search(value) or _FLAG.fullmatch(word)))


def _unequal(left: ast.expr, right: ast.expr) -> str:
    """Return whether ``exit_code != 0`` and ``error is not None`` are asked for."""
    value = right.value if isinstance(right, ast.Constant) else ...
    return _if((value is None and _FLAG.fullmatch(_word(left))) or (value == 0 and _EXIT_CODE.fullmatch(_word(left))))


def _absent(_left: ast.expr, _right: ast.expr) -> str:
    return ABSENT


_Asks = Callable[[ast.expr, ast.expr], str]
_COMPARED: dict[type[ast.cmpop], _Asks] = {
    ast.In: _contained, ast.NotIn: _absent, ast.Is: _equal, ast.Eq: _equal, ast.NotEq: _unequal, ast.IsNot: _unequal,
}  # fmt: skip
_METHODS: dict[str, _Asks] = {
    "assertTrue": lambda asked, _: by_statement(asked),
    "assertFalse": lambda asked, _: _unless(_word(asked)),
    "assertIn": _contained, "assertNotIn": _absent, "assertEqual": _equal, "assertEquals": _equal, "assertIs": _equal,
    "assertNotEqual": _unequal, "assertIsNotNone": lambda asked, _: _if(_FLAG.fullmatch(_word(asked))),
}  # fmt: skip
