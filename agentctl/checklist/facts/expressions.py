"""What stands in expressions: calls with their arguments, names handed over, statuses, texts that name something."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from http import HTTPStatus
from sys import intern
from typing import Any

from agentctl.checklist.facts import asserted, logs
from agentctl.checklist.facts.model import ATTACK, CUT, ENV, EVEN, F_STRING, IN_LOOP, OPAQUE, SQL_OF_NAMES, Raw, Value
from agentctl.checklist.facts.scope import Scope, last

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$|https?://\S+$|postgres\w*://\S+$|redis://\S+$")
_STATUS_NAME = re.compile(r"HTTP_(\d{3})(?:_|$)")
# unittest, pytest, and the fluent ones: ``expect(page).to_have_title()``, ``result.expect.next_event().judge()``
_ASSERTION = re.compile(r"(^|[.?])(assert\w+|raises|fail)$|(^|[.?])expect(\(\))?\.")
LIMIT = re.compile(
    r"(^|[._?])(max|limit)|(_limit|_budget|_quota|remaining_steps|context_(window|length)\w*)(\(\))?$|cache"
    r"|(?<![a-z])(retr(y|ies)|attempts?|tries|try)(_?(count|num|max|left))?(\(\))?$",
    re.IGNORECASE,
)
# Among what is compared, before what was said of which only the last few are taken: ``messages[-20:]``.
LAST = "?last:"
_SAID = re.compile(
    r"(messages|histor(y|ies)|conversations?|dialog(ue)?s?|turns|memor(y|ies)|transcripts?)$", re.IGNORECASE
)
_SEVERAL = 4
# How often something of a run was done, where it is held to a bound.
COUNTED = re.compile(
    r"(loop|iteration|step|turn|round|revision|tool_call|llm_call)s?_?(count|counter|number|num)(\(\))?$"
    r"|(^|[._?])(num_)?(iterations?|revisions?|turns|rounds|tool_calls)(\(\))?$",
    re.IGNORECASE,
)
ATTEMPTS = re.compile(
    r"(^|_)(retr(y|ies)|attempts?|tries|try)(_?(count|num|number|max|left|idx|index))?$", re.IGNORECASE
)
_OF_WORKERS = re.compile(
    r"_?((num|n|number_of|max)_(\w+_)?(workers|consumers|threads|processes|actors)|(worker|consumer|thread)s?_?(count|num)"
    r"|(\w+_)?concurrency|workers)",
    re.IGNORECASE,
)
_SHELLS = {"eval", "exec", "os.system", "os.popen"}
_STANDS = b"..."  # for a command that stands in the code, though a variable holds it
_TELLING = {"print", "eval", "exec", "hash", "open", "compile", "__import__", "input", "map", "filter", "sorted"}
_KEYS = {b"recursion_limit", b"cache_control", b"cachePoint", b"max_tokens", b"maxTokens"}  # of dictionaries
_DULL = frozenset(dir(builtins)) - _TELLING  # calls that no check asks for
_DULL_METHODS = (
    ".append", ".capitalize", ".copy", ".decode", ".encode", ".endswith", ".extend", ".format", ".insert", ".items",
    ".join", ".keys", ".lower", ".lstrip", ".partition", ".pop", ".replace", ".rpartition", ".rstrip", ".setdefault",
    ".sort", ".split", ".splitlines", ".startswith", ".strip", ".title", ".upper", ".values",
)  # fmt: skip
# A prompt that fences what is put into it: <document>{text}</document>, or between rows of signs; no markup for pages.
DELIMITED = re.compile(
    r"<(?!(?:a|b|blockquote|body|br|button|code|del|details|div|em|footer|h\d|head|header|html|i|img|input|ins|kbd|label"
    r"|li|main|nav|option|p|pre|s|script|section|select|small|span|strong|style|sub|summary|sup|svg|table|tbody|td|text"
    r"|textarea|th|thead|title|tr|tt|u|ul|level|bold|dim|red|green|yellow|blue|magenta|cyan|white)[ >])"
    r"([a-z][\w-]*)>\s*\{\{?[^{}\n]+\}?\}\s*</\1>"
    r"|^(={4,}|\"{3})\n\{\{?[^{}\n]+\}?\}\n\2",
    re.MULTILINE,
)
# SQL in which what is put in stands where a name stands and no parameter can; and what says where names come from.
_SQL = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE|VACUUM|ANALYZE|SET|GRANT|REVOKE|LISTEN|PRAGMA|REINDEX)\b",
    re.IGNORECASE,
)
_QUOTING = re.compile(r"identifier_preparer\.\w+$|(^|[._])(quote|escape)_(ident(ifier)?|name)$")
_NAME_IN_SQL = re.compile(
    r"\b(FROM|JOIN|INTO|UPDATE|TABLE|EXISTS|SCHEMA|INDEX|ON|VIEW|EXTENSION|DATABASE|TRUNCATE|VACUUM|ANALYZE|TYPE|ROLE"
    r"|SEQUENCE|COLUMN|LISTEN|REINDEX|TO|PRAGMA\s+table_info\s*\(|search_path\s*(TO|=))"
    r"\s*[\"`\[]?(\{x\}[\"`\]]?\.[\"`\[]?)?\{x\}",
    re.IGNORECASE,
)
_OF_SETTINGS = re.compile(r"settings|config", re.IGNORECASE)
_LIMITED = re.compile(r"(?i:\b(?:SELECT|MATCH|RETURN)\b)(?s:.*)\bLIMIT\s+(?:\d\d|[{%?:$@])")
_LARGE = 1_000  # letters or items that are left when something is cut
_KEPT = 300  # letters of a text
_SHORT, _LONG = 6, 200  # a text that may be a dotted name or a URL
_OPERATORS = (ast.Mod, ast.Add)
_NAMELESS = {OPAQUE, F_STRING, SQL_OF_NAMES}
_IDENTITY = {ast.Is, ast.IsNot}
_ORDER = {ast.Gt, ast.GtE, ast.Lt, ast.LtE}
_NUMBERS = {ast.Constant, ast.Attribute, ast.Tuple, ast.List, ast.Set}  # what a status may stand in


class Expressions(Scope):
    """Visits each expression once; a visit returns the value as far as it can be told: a name, a text, a number."""

    def __init__(self, out: Raw, *, package: bool, tested: bool) -> None:
        super().__init__(out, package=package)
        self.tested = tested  # a file of tests, where it matters whether a function asserts
        self.loops = 0
        self.over: dict[str, str] = {}  # what the variables of loops go through
        self.fixed: set[str] = set()  # variables that hold a text which the code itself says
        self.called = 0  # calls so far, those left out of the facts too
        self.asserts = False
        self.seen: set[tuple[str, str]] = set()
        self.visitors = _visitors(type(self))  # type: ignore[arg-type]  # a class is hashable

    def visit(self, node: ast.AST) -> Value:
        """Visit one node."""
        return self.visitors[node.__class__](self, node)

    def visit_all(self, nodes: Iterable[ast.AST]) -> None:
        """Visit nodes in their order."""
        visitors = self.visitors
        for node in nodes:
            visitors[node.__class__](self, node)

    def children(self, node: ast.AST) -> str:
        """Visit whatever a node holds."""
        visitors = self.visitors
        for name in _child_fields(type(node)):  # type: ignore[arg-type]  # a class is hashable
            value = getattr(node, name, None)
            if value.__class__ is list:
                for child in value:
                    if child is not None:  # ``{**other}`` has a key that is none
                        visitors[child.__class__](self, child)
            elif value is not None:
                visitors[value.__class__](self, value)
        return OPAQUE

    # ---------------------------------------------------------------- names and texts

    def _visit_name(self, node: ast.Name) -> str:
        name = self.names.get(node.id) or self.lookup(node.id)
        if "." in name:
            self._mention(name, node)
        return name

    def _visit_attribute(self, node: ast.Attribute) -> str:
        name = self._chain(node)
        if name:
            self._mention(name, node)
        return name

    def _chain(self, node: ast.Attribute) -> str:
        """Return the dotted name of a chain of attributes; what it hangs on is visited when it is more than a name."""
        words = [node.attr]
        inner = node.value
        while inner.__class__ is ast.Attribute:
            words.append(inner.attr)
            inner = inner.value
        if inner.__class__ is ast.Name:
            base: Value = self.names.get(inner.id) or self.lookup(inner.id)
        else:
            base = self.visitors[inner.__class__](self, inner)
            if base.__class__ is not str or base in _NAMELESS:
                return ""
        words.append(str(base))
        words.reverse()
        return intern(".".join(words))

    def _mention(self, name: str, node: ast.expr) -> None:
        here = self.here
        if name[0] == "?" or (name, here) in self.seen:
            return
        if name.startswith(self.own):  # only what is not of this file can be a library's
            return
        self.seen.add((name, here))
        self.out["mentions"].append((name, node.lineno, here))

    def _visit_constant(self, node: ast.Constant) -> Value:
        value = node.value
        if value.__class__ is str:
            if _SHORT < len(value) < _LONG and ("." in value or "://" in value) and _DOTTED.match(value):
                self.out["strings"].append((intern(value), node.lineno, self.here))
            if "{" in value and DELIMITED.search(value):
                self.out["delimited"].append(("", node.lineno, self.here))
            if self.tested and asserted.SIGN.search(value, 0, _KEPT) and asserted.HOSTILE.search(value):
                self.out["compared"].append((ATTACK, node.lineno, self.here))
            if "LIMIT" in value and _LIMITED.search(value):
                self.out["compared"].append((f"{CUT}LIMIT", node.lineno, self.here))
            return value[:_KEPT].encode("utf-8", "surrogatepass")
        return value if isinstance(value, (int, float, type(None))) else OPAQUE

    def _visit_joinedstr(self, node: ast.JoinedStr) -> str:
        visitors = self.visitors
        put = [visitors[part.__class__](self, part) for part in node.values if part.__class__ is not ast.Constant]
        if any(value.__class__ is str and value.endswith(logs.CORRELATING) for value in put):
            self.out["compared"].append((logs.TOLD_ID, node.lineno, self.here))
        constant = [str(part.value) if isinstance(part, ast.Constant) else "{x}" for part in node.values]
        whole = "".join(constant)
        if len(constant) > 2 and DELIMITED.search(whole):  # noqa: PLR2004 - before, between and after
            self.out["delimited"].append(("", node.lineno, self.here))
        if "LIMIT" in whole and _LIMITED.search(whole):
            self.out["compared"].append((f"{CUT}LIMIT", node.lineno, self.here))
        if ("ool" in whole or "ommand" in whole or "uery" in whole) and logs.DEED.search(whole):
            self.out["compared"].append((logs.TOLD_DEED, node.lineno, self.here))
        return SQL_OF_NAMES if constant and _SQL.match(constant[0]) and self._is_of_names(node, constant) else F_STRING

    def _is_of_names(self, node: ast.JoinedStr, parts: list[str]) -> bool:
        """Return whether only names are put into SQL, and each is one that the code itself says."""
        given = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        given = [one for one in given if not self.is_fixed(one)]
        if not given:
            return True
        named = sum(match.group().count("{x}") for match in _NAME_IN_SQL.finditer("".join(parts)))
        return named >= len(given) and all(map(self._is_own_name, given))

    def is_fixed(self, node: ast.AST) -> bool:
        """Return whether an expression is a text that stands in the code, or is made of such texts only."""
        if isinstance(node, ast.JoinedStr):
            return all(isinstance(part, ast.Constant) or self.is_fixed(part) for part in node.values)
        if isinstance(node, ast.FormattedValue):
            return self.is_fixed(node.value)
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        return isinstance(node, ast.Name) and (node.id in self.fixed or node.id.isupper())

    def _is_own_name(self, node: ast.expr) -> bool:
        """Return whether an expression is a constant, an attribute of one's own, a setting, or quoted as a name is."""
        if isinstance(node, ast.Call) and _QUOTING.search(self.dotted(node.func)):
            return True
        name = self.dotted(node)
        if isinstance(node, ast.Name):
            name = self.over.get(node.id, name)
        of_self = bool(self.classes) and name.startswith(f"{self.classes[-1]}().")
        return bool(name) and name[0] != "?" and (of_self or "()" not in name or bool(_OF_SETTINGS.search(name)))

    def _visit_binop(self, node: ast.BinOp) -> Value:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, _OPERATORS) and (_is_text(left) or _is_text(right)):
            return F_STRING
        return EVEN if _is_even(left) and _is_even(right) else OPAQUE

    def _visit_boolop(self, node: ast.BoolOp) -> str:
        """Return the first of ``given or Default()`` of which something is known."""
        return _known([self.visit(value) for value in node.values])

    def _visit_ifexp(self, node: ast.IfExp) -> Value:
        """Return what is known of either; the first of two texts."""
        self.visit(node.test)
        either = self.visit(node.body), self.visit(node.orelse)
        return either[0] if all(value.__class__ is bytes for value in either) else _known(list(either))

    def _visit_unaryop(self, node: ast.UnaryOp) -> str:
        self.visit(node.operand)
        return OPAQUE

    def _visit_formattedvalue(self, node: ast.FormattedValue) -> Value:
        return self.visitors[node.value.__class__](self, node.value)

    _visit_await = _visit_starred = _visit_formattedvalue

    def _visit_subscript(self, node: ast.Subscript) -> str:
        read = node.ctx.__class__ is ast.Load
        if not read and self.dotted(node.value) == "os.environ":  # a variable that is given is not read
            self.visit(node.slice)
            return OPAQUE
        base, item = self.visit(node.value), self.visit(node.slice)
        if read and base == "os.environ" and item.__class__ is bytes:
            self.out["mentions"].append((intern(f"{ENV}{item.decode('utf-8', 'replace')}"), node.lineno, self.here))
        if node.slice.__class__ is ast.Slice and node.slice.upper is not None:
            self._cut(node.slice.upper)
        elif node.slice.__class__ is ast.Slice and node.slice.lower.__class__ is ast.UnaryOp:
            self._end(node, base)
        return f"{base}[]" if base.__class__ is str and base else OPAQUE

    def _cut(self, end: ast.expr) -> None:
        """Note a limit where a text or a list is cut at it; a few letters for a log are none."""
        bound = end.value if isinstance(end, ast.Constant) else 0
        name = f"{CUT}{bound}" if isinstance(bound, int) and bound >= _LARGE else self.dotted(end)
        if name.startswith(CUT) or LIMIT.search(name):
            self.out["compared"].append((name, end.lineno, self.here))

    def _end(self, node: ast.Subscript, base: Value) -> None:
        """Note what was said where all but the end of it is cut off; the last one or two are only looked at."""
        most = node.slice.lower.operand  # type: ignore[attr-defined]
        some = most.value if most.__class__ is ast.Constant else _SEVERAL
        if base.__class__ is str and isinstance(some, int) and some >= _SEVERAL and _SAID.search(str(base)):
            self.out["compared"].append((intern(f"{LAST}{base}"), node.lineno, self.here))

    def _visit_tuple(self, node: ast.Tuple | ast.List | ast.Set) -> Value:
        visitors = self.visitors
        return tuple([visitors[element.__class__](self, element) for element in node.elts])

    _visit_list = _visit_set = _visit_tuple

    def _visit_dict(self, node: ast.Dict) -> Value:
        keys = tuple([self.visit(key) for key in node.keys if key is not None])
        self.visit_all(node.values)
        bounds = [key.decode("utf-8", "replace") for key in keys
                  if key.__class__ is bytes and (b"timeout" in key or key in _KEYS)]  # fmt: skip
        self.out["strings"] += [(key, node.lineno, self.here) for key in bounds]
        return keys

    def _visit_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> str:
        """Visit a comprehension; its variables stand for nothing that is known, within it only."""
        names = self.names
        self.names = dict(names)
        for generator in node.generators:
            if self.visit(generator.iter) == "range()":
                self.count_workers(generator.iter.args, node.lineno)  # type: ignore[attr-defined]  # a call
            self.forget(generator.target)
            self.visit_all(generator.ifs)
        self.visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.names = names
        return OPAQUE

    _visit_setcomp = _visit_generatorexp = _visit_dictcomp = _visit_listcomp

    def _visit_lambda(self, node: ast.Lambda) -> str:
        names = self.names
        self.names = dict(names)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self.names[argument.arg] = intern(f"?{argument.arg}")
        self.visit_all([*node.args.defaults, node.body])
        self.names = names
        return OPAQUE

    def count_workers(self, ends: list[ast.expr], line: int) -> None:
        """Note a number of workers that are started: ``[work(queue) for _ in range(num_workers)]``."""
        found = [f"?{name}" for name in map(last, ends) if _OF_WORKERS.fullmatch(name)]
        self.out["compared"] += [(intern(name), line, self.here) for name in found]

    def forget(self, target: ast.AST) -> None:
        """Bind what is assigned to without a value that is known."""
        if isinstance(target, ast.Name):
            self.names[target.id] = intern(f"?{target.id}")
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self.forget(element)
        elif isinstance(target, ast.Starred):
            self.forget(target.value)

    # ---------------------------------------------------------------- calls

    def _visit_call(self, node: ast.Call, role: str = "call", *also: str) -> str:
        """Write a call down with its arguments and return the name of its result."""
        func = node.func
        if func.__class__ is ast.Name:
            raw = self.names.get(func.id) or self.lookup(func.id)
        elif func.__class__ is ast.Attribute:
            raw = self._chain(func)
        else:
            found = self.visitors[func.__class__](self, func)
            raw = found if found.__class__ is str and found not in _NAMELESS else OPAQUE
        self.called += 1
        use = self._asserting(raw, node) if self.tested else "call"
        if not raw or (role == "call" and (raw in _DULL or (raw[0] == "?" and raw.endswith(_DULL_METHODS)))):
            self._arguments(node, use)
            self._keywords(node, use)
            return f"{raw}()" if raw else OPAQUE
        calls = self.out["calls"]
        place = len(calls)
        calls.append(None)  # before those of its arguments
        args = self._arguments(node, use)
        keywords = self._keywords(node, use) if node.keywords else None
        if args and (raw in _SHELLS or (keywords and "shell" in keywords)):
            first = node.args[0]
            args = (_STANDS, *args[1:]) if first.__class__ is ast.Name and first.id in self.fixed else args
        calls[place] = (raw, node.lineno, self.here, args + also if also else args, keywords, self.how(role))
        return f"{raw}()"

    def how(self, role: str) -> str:
        """Return the role of a call, and whether it stands in a loop."""
        return intern(f"{role}{IN_LOOP}") if self.loops else role

    def _asserting(self, raw: str, node: ast.Call) -> str:
        """Note what a call in a file of tests asserts, and return what a status among its arguments is there for."""
        if not _ASSERTION.search(raw):
            return "call"
        self.asserts = True
        told = asserted.by_method(raw, node.args)
        if told:
            self.out["compared"].append((told, node.lineno, self.here))
        return "compare"

    def _arguments(self, node: ast.Call, use: str) -> tuple[Value, ...]:
        visitors = self.visitors
        found = []
        for argument in node.args:
            kind = argument.__class__
            plain = isinstance(argument, ast.Constant) and argument.value.__class__ is not int
            if kind in _NUMBERS and not plain:
                self.status(argument, use)
            found.append(visitors[kind](self, argument))
        return tuple(found)

    def _keywords(self, node: ast.Call, use: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for keyword in node.keywords:
            name, value = keyword.arg or "**", keyword.value
            if "status" in name:
                self.status(value, use)
            found[name] = self.visitors[value.__class__](self, value)
            if name == "dependencies":
                found["dependencies:names"] = self.depends(value)
        return found

    # ---------------------------------------------------------------- comparisons and statuses

    def _visit_compare(self, node: ast.Compare) -> str:
        enforces = node.ops[0].__class__ not in _IDENTITY  # ``max_steps is not None`` holds nothing to it
        for side in (node.left, *node.comparators):
            if side.__class__ in _NUMBERS:
                self.status(side, "compare")
            value = self.visit(side)
            if isinstance(side, ast.Subscript) and isinstance(side.slice, ast.Constant):
                value = f"?{side.slice.value!s}"  # ``state["remaining_steps"] < 2``
            elif isinstance(side, ast.BinOp) and isinstance(side.op, ast.Sub):
                value = self.dotted(side.left)  # ``max_tokens - tokens < reserve``
            if value.__class__ is not str or not value:
                continue
            bounds, counts = _named_for(value)
            limit = bounds and (enforces or "cache" in value.lower())
            if limit or (counts and node.ops[0].__class__ in _ORDER):
                self.out["compared"].append((value, node.lineno, self.here))
        return OPAQUE

    def status(self, node: ast.expr, use: str) -> None:
        """Write down the HTTP error statuses that an expression is, or lists."""
        for inner in getattr(node, "elts", (node,)):
            code = _code(inner)
            if code is not None:
                self.out["statuses"].append((code, inner.lineno, self.here, use))


@lru_cache(maxsize=10_000)  # the same names are compared again and again
def _named_for(name: str) -> tuple[bool, bool]:
    """Return whether a name is that of a bound, and of what is counted."""
    return LIMIT.search(name) is not None, COUNTED.search(name) is not None


class _Visitors(dict[type, Callable[[Any, Any], Value]]):
    """The method of a class of visitors for each type of node, looked up when the first one is met."""

    def __init__(self, owner: type[Expressions]) -> None:
        super().__init__()
        self._owner = owner

    def __missing__(self, kind: type) -> Callable[[Any, Any], Value]:
        found: Callable[[Any, Any], Value] = getattr(
            self._owner, f"_visit_{kind.__name__.lower()}", self._owner.children
        )
        self[kind] = found
        return found


@cache
def _visitors(owner: type[Expressions]) -> _Visitors:
    return _Visitors(owner)


@cache
def _child_fields(kind: type) -> tuple[str, ...]:
    """Return the fields of a node type that can hold nodes that matter."""
    plain = {"ctx", "op", "ops", "name", "id", "attr", "arg", "kind", "lineno", "names", "conversion", "type_comment",
             "is_async", "simple", "level", "module"}  # fmt: skip
    return tuple(name for name in getattr(kind, "_fields", ()) if name not in plain)


def _known(values: list[Value]) -> str:
    names = [value for value in values if isinstance(value, str) and value not in _NAMELESS]
    return next((name for name in names if name[0] != "?"), names[0] if names else OPAQUE)


def _is_even(value: Value) -> bool:
    """Return whether a number stands in the code, or comes of such numbers and of chance."""
    if isinstance(value, str):
        return value == EVEN or value.startswith("random.")
    return isinstance(value, (int, float))


def _is_text(value: Value) -> bool:
    return value.__class__ is bytes or (value in _NAMELESS and value != OPAQUE)


def _code(node: ast.expr) -> int | None:
    if node.__class__ is ast.Constant:
        number = node.value if node.value.__class__ is int else 0
        return number if 400 <= number <= 599 else None  # noqa: PLR2004 - HTTP's errors
    if not isinstance(node, ast.Attribute):
        return None
    if not node.attr.isupper():  # most are the names of something else
        return _code(node.value) if node.attr == "value" and last(node.value) else None
    spelled = _STATUS_NAME.match(node.attr)
    if spelled:
        code = int(spelled.group(1))
    elif node.attr in HTTPStatus.__members__:
        code = HTTPStatus[node.attr].value
    else:
        return None
    return code if code >= 400 else None  # noqa: PLR2004
