"""One pass over the syntax tree of one Python file."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from agentctl.checklist.facts.model import (
    F_STRING,
    OPAQUE,
    Call,
    Class,
    Function,
    Handler,
    Mention,
    Module,
    Parameter,
    Raise,
    Ref,
    Status,
    Value,
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$|https?://\S+$|postgres\w*://\S+$|redis://\S+$")
_STATUS_NAME = re.compile(r"HTTP_(\d{3})(?:_|$)")
_LOG = re.compile(
    r"(^|\.|_)(log|logger|logging|_logger|LOG|LOGGER|get_logger\(\)|getLogger\(\)|log_\w+)"
    r"\.(debug|info|warning|warn|error|exception|critical|log|adebug|ainfo|awarning|aerror|aexception|acritical)$"
)
_BUILTINS = frozenset(dir(builtins))
_MARKS: dict[type, str] = {ast.Attribute: ".", ast.Call: "()", ast.Await: "", ast.Subscript: "[]"}
_PLAIN_FIELDS = {"ctx", "op", "ops", "name", "id", "attr", "arg", "kind", "lineno", "names", "conversion",
                 "type_comment", "is_async", "simple", "level", "module"}  # fmt: skip
# unittest, pytest, and the fluent ones: ``expect(page).to_have_title()``, ``result.expect.next_event().judge()``
_ASSERTION = re.compile(r"(^|\.)(assert\w+|raises|fail)$|(^|\.)expect(\(\))?\.")
_LIMIT = re.compile(r"(^|[._])(max|limit)|(_limit|_budget|remaining_steps)$", re.IGNORECASE)


def parse(text: str, path: str, name: str, *, package: bool) -> Module:
    """Return the facts of a file.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is not Python 3 that this interpreter can parse.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    module = Module(path=path, name=name, lines=text.count("\n") + 1)
    visitor = _Visitor(module, package=package)
    visitor.module(tree)
    return module


def is_log(name: str) -> bool:
    """Return whether a call's dotted name is that of a logger's method."""
    return bool(_LOG.search(name))


class _Visitor:
    """Walks once; ``scopes`` map a name to the dotted symbol that it stands for."""

    def __init__(self, module: Module, *, package: bool) -> None:
        self.out = module
        self.package = package
        self.scopes: list[dict[str, str]] = [{}]
        self.where: list[str] = [module.name]
        self.classes: list[str] = []
        self.functions: list[dict[str, Any]] = []
        self.loops = 0
        self.seen: set[tuple[str, str]] = set()
        self.refs: dict[str, Ref] = {}
        self.table: dict[type, Callable[[Any], None]] = {
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.Call: self._call,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.ExceptHandler: self._handler,
            ast.Raise: self._raise,
            ast.For: self._loop,
            ast.AsyncFor: self._loop,
            ast.While: self._loop,
            ast.Compare: self._compare,
            ast.Attribute: self._name,
            ast.Name: self._name,
            ast.Constant: self._constant,
            ast.Yield: self._yield,
            ast.Assert: self._assert,
            ast.If: self._if,
        }

    # ---------------------------------------------------------------- walking

    def module(self, tree: ast.Module) -> None:
        self.out.documented = _is_documented(tree)
        self.out.loaded = tuple(dict.fromkeys(self._loaded(tree.body)))
        self._collect(tree.body)
        self._all(tree.body)

    def _visit(self, node: ast.AST) -> None:
        self.table.get(node.__class__, self._children)(node)

    def _children(self, node: ast.AST) -> None:
        table, children = self.table, self._children
        for name in _child_fields(type(node)):  # type: ignore[arg-type]  # a class is hashable
            value = getattr(node, name, None)
            if value.__class__ is list:
                for child in filter(None, value):  # ``{**other}`` has a key that is none
                    table.get(child.__class__, children)(child)
            elif value is not None:
                table.get(value.__class__, children)(value)

    def _all(self, nodes: Iterable[ast.AST | None]) -> None:
        table, children = self.table, self._children
        for node in nodes:
            if node is not None:
                table.get(node.__class__, children)(node)

    def _collect(self, body: list[ast.stmt]) -> None:
        """Bind the module's own names first, since functions use what is defined below them."""
        for statement in body:
            if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
                self._bind(statement.name)
            elif isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._visit(statement)
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
                for target in _targets(statement):
                    if isinstance(target, ast.Name):
                        self._bind(target.id)
            elif isinstance(statement, (ast.If, ast.Try, ast.With)):
                self._collect(statement.body)
                self._collect(getattr(statement, "orelse", []))
                for handler in getattr(statement, "handlers", []):
                    self._collect(handler.body)

    # ---------------------------------------------------------------- names

    @property
    def here(self) -> str:
        return self.where[-1]

    def _bind(self, name: str) -> str:
        symbol = f"{self.where[-1]}.{name}"
        self.scopes[-1][name] = symbol
        return symbol

    def _lookup(self, name: str) -> str:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return name if name in _BUILTINS else f"?{name}"

    def _resolve(self, node: ast.AST | None) -> Ref:
        name = self._dotted(node)
        return self._ref(name) if name else OPAQUE

    def _ref(self, name: str) -> Ref:
        """Return one object for all that bear a name: a file says the same few names again and again."""
        found = self.refs.get(name)
        if found is None:
            found = self.refs[name] = Ref(name)
        return found

    def _dotted(self, node: ast.AST | None) -> str:
        """Return the dotted name that an expression stands for, empty when it is none."""
        kind = node.__class__
        if kind is ast.Name:
            return self._lookup(node.id)  # type: ignore[union-attr]
        mark = _MARKS.get(kind)
        if mark is None:
            return ""
        base = self._dotted(node.func if kind is ast.Call else node.value)  # type: ignore[union-attr]
        if not base:
            return ""
        return f"{base}.{node.attr}" if kind is ast.Attribute else f"{base}{mark}"  # type: ignore[union-attr]

    def _value(self, node: ast.AST | None) -> Value:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, (str, int, float, bool, type(None))) else OPAQUE
        if isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
            return self._resolve(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return tuple(self._value(element) for element in node.elts)
        if isinstance(node, ast.Dict):
            return tuple(self._value(key) for key in node.keys if key is not None)
        if isinstance(node, ast.JoinedStr):
            return F_STRING
        if isinstance(node, ast.Starred):
            return self._value(node.value)
        if isinstance(node, ast.BinOp):
            return F_STRING if isinstance(node.op, (ast.Mod, ast.Add)) and _stringy(node) else OPAQUE
        return self._resolve(node)

    def _type(self, node: ast.AST | None) -> Ref:
        """Return the class that an annotation names: ``X`` of ``X | None``, ``Optional[X]``, ``Annotated[X, …]``."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self._type(ast.parse(node.value, mode="eval").body)
            except (SyntaxError, ValueError):
                return OPAQUE
        if isinstance(node, ast.BinOp):
            left = self._type(node.left)
            return left or self._type(node.right)
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            return self._type(inner) if _last(node.value) in {"Optional", "Annotated"} else OPAQUE
        return self._resolve(node) if isinstance(node, (ast.Name, ast.Attribute)) else OPAQUE

    def _mentioned(self, node: ast.AST | None) -> Iterator[Ref]:
        if node is None:
            return
        for inner in [node] if isinstance(node, ast.Name) else ast.walk(node):
            if isinstance(inner, (ast.Name, ast.Attribute)):
                found = self._resolve(inner)
                if found:
                    yield found
            elif isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value.isidentifier():
                yield Ref(self._lookup(inner.value))

    def _depends(self, *nodes: ast.AST | None) -> Iterator[Ref]:
        """Yield what ``Depends(x)``, ``Security(x)`` and the like name."""
        for node in nodes:
            bare = node is None or isinstance(node, (ast.Name, ast.Constant))
            for inner in () if bare else ast.walk(node):  # type: ignore[arg-type]
                if isinstance(inner, ast.Call) and _last(inner.func) in {"Depends", "Security", "Provide"}:
                    arguments = [*inner.args, *(keyword.value for keyword in inner.keywords)]
                    yield from (found for found in map(self._resolve, arguments[:1]) if found)

    # ---------------------------------------------------------------- bindings

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.out.imports.setdefault(alias.name, node.lineno)
            self.scopes[-1][alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = self._absolute(node)
        for alias in node.names:
            target = f"{base}.{alias.name}" if base else alias.name
            self.out.imports.setdefault(target if alias.name != "*" else base, node.lineno)
            local = alias.asname or alias.name
            self.scopes[-1][local] = target
            if len(self.scopes) == 1:
                self.out.aliases[f"{self.out.name}.{local}"] = Ref(target)

    def _loaded(self, body: Iterable[ast.stmt]) -> Iterator[str]:
        for statement in body:
            if isinstance(statement, ast.Import):
                yield from (alias.name for alias in statement.names)
            elif isinstance(statement, ast.ImportFrom):
                base = self._absolute(statement)
                yield from (f"{base}.{alias.name}" if base else alias.name for alias in statement.names)
            elif isinstance(statement, ast.Try):
                yield from self._loaded(statement.body)
            elif isinstance(statement, ast.If) and _last(statement.test) != "TYPE_CHECKING":
                yield from self._loaded([*statement.body, *statement.orelse])

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.out.name.split(".")
        kept = parts[: len(parts) - node.level + (1 if self.package else 0)]
        return ".".join([*kept, *([node.module] if node.module else [])])

    def _assign(self, node: ast.Assign) -> None:
        value = self._resolve(node.value)
        for target in node.targets:
            self._store(target, value, node.value.lineno)
            self._status_value(target, node.value)
            self._alias(target, node.value)
        self._visit(node.value)

    def _alias(self, target: ast.expr, value: ast.expr) -> None:
        """Keep ``User = Annotated[X, Depends(f)]``."""
        if isinstance(value, ast.Subscript) and isinstance(target, ast.Name) and _last(value.value) == "Annotated":
            self.out.annotated_aliases[f"{self.here}.{target.id}"] = tuple(self._depends(value))
            kind = self._type(value)
            if kind:
                self.out.values.setdefault(f"{self.here}.{target.id}()", Ref(f"{kind}()"))

    def _annotated(self, node: ast.AnnAssign) -> None:
        kind = self._type(node.annotation)
        value = self._resolve(node.value)
        line = node.value.lineno if node.value is not None else node.lineno
        self._store(node.target, value or (Ref(f"{kind}()") if kind else OPAQUE), line)
        self._status_value(node.target, node.value)
        self._all([node.annotation, node.value])

    def _store(self, target: ast.expr, value: Ref, line: int = 0) -> None:
        if isinstance(target, ast.Name):
            symbol = self._bind(target.id)
        elif isinstance(target, ast.Attribute):
            symbol = self._dotted(target)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self._store(element, OPAQUE)
            return
        else:
            return
        if value and symbol and value != symbol:
            self.out.values.setdefault(symbol, value)
            self.out.made_at.setdefault(symbol, line)
            if self.classes and self.here == self.classes[-1]:  # a field that instances have too
                self.out.values.setdefault(f"{self.here}().{symbol.rpartition('.')[2]}", value)

    def _status_value(self, target: ast.expr, node: ast.expr | None) -> None:
        if "status" in _last(target).lower() and node is not None:
            self._status(node, "assign")

    # ---------------------------------------------------------------- definitions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        self._all([*node.decorator_list, *arguments.defaults, *(d for d in arguments.kw_defaults if d)])
        symbol = self._bind(node.name)
        decorators = tuple(self._decorate(decorator, symbol) for decorator in node.decorator_list)
        function = Function(
            name=symbol,
            path=self.out.path,
            line=node.lineno,
            class_name=self.where[-1] if self.classes and self.where[-1] == self.classes[-1] else None,
            nested=bool(self.functions),
            fully_annotated=self._fully_annotated(node),
            documented=_is_documented(node),
            public=not node.name.startswith("_") and not any("._" in f".{part}" for part in self.where[1:]),
            parameters=self._parameters(arguments),
            decorators=decorators,
            end=node.end_lineno or node.lineno,
        )
        returned = self._type(node.returns)
        if returned:
            self.out.values.setdefault(f"{symbol}()", Ref(f"{returned}()"))
        self._enter(symbol, arguments)
        outer, self.loops = self.loops, 0
        self._all(_body(node))
        self.loops = outer
        own = self.functions.pop()
        self.scopes.pop()
        self.where.pop()
        function.yields, function.asserts = tuple(own["yields"]), own["asserts"]
        self.out.functions.append(function)

    def _enter(self, symbol: str, arguments: ast.arguments) -> None:
        scope: dict[str, str] = {}
        in_class = bool(self.classes) and self.here == self.classes[-1]
        self.where.append(symbol)
        self.scopes.append(scope)
        self.functions.append({"yields": [], "asserts": False})
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for number, argument in enumerate(every):
            kind = self._type(argument.annotation)
            scope[argument.arg] = f"{kind}()" if kind and "." in kind else f"?{argument.arg}"
            if in_class and number == 0 and argument.arg in {"self", "cls"}:
                scope[argument.arg] = f"{self.classes[-1]}()" if argument.arg == "self" else self.classes[-1]
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                scope[rest.arg] = f"?{rest.arg}"

    def _parameters(self, arguments: ast.arguments) -> tuple[Parameter, ...]:
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        pairs = [
            *zip(positional, defaults, strict=True),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        return tuple(
            Parameter(
                name=argument.arg,
                annotated=argument.annotation is not None,
                mentions=tuple(self._mentioned(argument.annotation)),
                depends=tuple(self._depends(argument.annotation, default)),
            )
            for argument, default in pairs
        )

    def _fully_annotated(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        a = node.args
        every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x)]
        method = bool(self.classes) and self.here == self.classes[-1]
        static = any(_last(decorator) == "staticmethod" for decorator in node.decorator_list)
        asked = every[1:] if method and not static else every
        result = node.returns is not None or (method and node.name == "__init__")
        return result and all(argument.annotation is not None for argument in asked)

    def _decorate(self, node: ast.expr, symbol: str) -> Ref:
        """Record a decorator as a call on the function; its own call was recorded when it was visited."""
        raw = self._resolve(node.func if isinstance(node, ast.Call) else node)
        if isinstance(node, ast.Call):
            call = self.out.calls[self._last_call(node)]
            call.role = "decorator"
            call.args = (*call.args, Ref(symbol))
        elif raw:
            self._record(raw, node.lineno, (Ref(symbol),), {}, "decorator")
        return raw

    def _last_call(self, node: ast.Call) -> int:
        raw = self._resolve(node.func)
        for index in range(len(self.out.calls) - 1, -1, -1):
            call = self.out.calls[index]
            if call.line == node.lineno and call.raw == raw:
                return index
        self._record(raw, node.lineno, (), {})
        return len(self.out.calls) - 1

    def _class(self, node: ast.ClassDef) -> None:
        self._all(node.decorator_list)
        symbol = self._bind(node.name)
        for decorator in node.decorator_list:
            self._decorate(decorator, symbol)
        bases = tuple(found for found in (self._base(base) for base in node.bases) if found)
        self._all([*node.bases, *node.keywords])
        fields = tuple(_last(s.target) for s in node.body if isinstance(s, ast.AnnAssign))
        self.out.classes.append(
            Class(
                name=symbol,
                path=self.out.path,
                line=node.lineno,
                bases=bases,
                methods=tuple(s.name for s in node.body if isinstance(s, _FUNCTIONS)),
                documented=_is_documented(node),
                public=not node.name.startswith("_") and not self.functions,
                fields=fields,
            )
        )
        self.classes.append(symbol)
        self.where.append(symbol)
        self.scopes.append({})
        self._all(_body(node))
        self.scopes.pop()
        self.where.pop()
        self.classes.pop()

    def _base(self, node: ast.expr) -> Ref:
        return self._resolve(node.value if isinstance(node, ast.Subscript) else node)

    # ---------------------------------------------------------------- what happens in a body

    def _call(self, node: ast.Call, role: str = "call") -> None:
        raw = self._resolve(node.func)
        args = tuple([self._value(argument) for argument in node.args])
        keywords = {keyword.arg or "**": self._value(keyword.value) for keyword in node.keywords}
        if "dependencies" in keywords:
            given = next(keyword.value for keyword in node.keywords if keyword.arg == "dependencies")
            keywords["dependencies:names"] = tuple(self._depends(given))
        self._record(raw, node.lineno, args, keywords, role)
        if self.functions and not self.functions[-1]["asserts"] and _ASSERTION.search(raw):
            self.functions[-1]["asserts"] = True
        for argument in node.args:
            self._status(argument, "call")
        self._inner(node.func)
        self._all(node.args)
        for keyword in node.keywords:
            if keyword.arg and "status" in keyword.arg:
                self._status(keyword.value, "call")
            self._visit(keyword.value)

    def _record(
        self, raw: Ref, line: int, args: tuple[Value, ...], keywords: dict[str, Value], role: str = "call"
    ) -> None:
        self.out.calls.append(
            Call(
                raw=raw, line=line, function=self.here, args=args, keywords=keywords, role=role,
                loop=self.loops > 0, path=self.out.path,
            )
        )  # fmt: skip

    def _inner(self, node: ast.AST) -> None:
        """Visit what a chain of attributes hangs on, when it is more than a name."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            self._visit(node)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            context = item.context_expr
            if isinstance(context, ast.Call):
                self._call(context, "context")
            else:
                self._visit(context)
            if item.optional_vars is not None:
                self._store(item.optional_vars, self._resolve(context))
        self._all(node.body)

    def _handler(self, node: ast.ExceptHandler) -> None:
        types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
        start = len(self.out.calls)
        raised = len(self.out.raises)
        if node.name:
            self.scopes[-1][node.name] = f"?{node.name}"
        self._all(types)
        self._all(node.body)
        own = self.out.calls[start:]
        inside = [inner for statement in node.body for inner in ast.walk(statement)]
        raises = any(isinstance(inner, ast.Raise) for inner in inside)
        keeps = node.name is not None and any(isinstance(inner, ast.Name) and inner.id == node.name for inner in inside)
        self.out.handlers.append(
            Handler(
                path=self.out.path,
                line=node.lineno,
                function=self.here,
                types=tuple(self._resolve(kind) for kind in types),
                silent=not own and not keeps and not raises,
                logs=any(is_log(call.raw) for call in own),
                raises=raises or len(self.out.raises) > raised,
                loop=self.loops > 0,
                answers=any(_answers(inner) for inner in inside),
                end=node.end_lineno or node.lineno,
            )
        )

    def _raise(self, node: ast.Raise) -> None:
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = self._resolve(target)
        self.out.raises.append(Raise(name=name, path=self.out.path, line=node.lineno, function=self.here))
        self._children(node)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        if not isinstance(node, ast.While):
            self._store(node.target, OPAQUE)
            self._visit(node.iter)
        else:
            self._visit(node.test)
        self.loops += 1
        self._all([*node.body, *node.orelse])
        self.loops -= 1

    def _compare(self, node: ast.Compare) -> None:
        for side in (node.left, *node.comparators):
            self._status(side, "compare")
            name = self._dotted(side)
            if name and _LIMIT.search(name):
                self.out.compared.append(Mention(Ref(name), self.out.path, node.lineno, self.here))
        self._children(node)

    def _status(self, node: ast.expr, use: str) -> None:
        kind = node.__class__
        if kind is ast.Name or kind is ast.Call:
            return
        for inner in node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else (node,):
            code = self._code(inner)
            if code is not None:
                self.out.statuses.append(Status(code, self.out.path, inner.lineno, self.here, use))

    def _code(self, node: ast.expr) -> int | None:
        if isinstance(node, ast.Constant):
            number = node.value if type(node.value) is int else 0
            return number if 400 <= number <= 599 else None  # noqa: PLR2004 - HTTP's error statuses
        if not isinstance(node, ast.Attribute):
            return None
        spelled = _STATUS_NAME.match(node.attr)
        if spelled:
            code = int(spelled.group(1))
        elif node.attr in HTTPStatus.__members__:
            code = HTTPStatus[node.attr].value
        else:
            return self._code(node.value) if node.attr == "value" else None
        return code if code >= 400 else None  # noqa: PLR2004

    def _name(self, node: ast.Name | ast.Attribute) -> None:
        name, here = self._dotted(node), self.where[-1]
        local = bool(self.functions) and name.startswith(here)  # what it holds is told where it is made
        if not local and "." in name and name[0] != "?" and (name, here) not in self.seen:
            self.seen.add((name, here))
            self.out.mentions.append(Mention(self._ref(name), self.out.path, node.lineno, here))
        if node.__class__ is ast.Attribute:
            self._inner(node)

    def _constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and 6 < len(node.value) < 200 and _DOTTED.match(node.value):  # noqa: PLR2004
            self.out.strings.append(Mention(Ref(node.value), self.out.path, node.lineno, self.here))

    def _yield(self, node: ast.Yield) -> None:
        if self.functions:
            self.functions[-1]["yields"].append(node.lineno)
        self._children(node)

    def _assert(self, node: ast.Assert) -> None:
        if self.functions:
            self.functions[-1]["asserts"] = True
        self._children(node)

    def _if(self, node: ast.If) -> None:
        test = node.test
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            self.out.main_guard = True
        self._children(node)


@cache
def _child_fields(kind: type) -> tuple[str, ...]:
    """Return the fields of a node type that can hold nodes that matter."""
    return tuple(name for name in getattr(kind, "_fields", ()) if name not in _PLAIN_FIELDS)


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.stmt]:
    return node.body[1:] if _is_documented(node) else node.body


def _is_documented(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _answers(node: ast.AST) -> bool:
    """Return whether a node returns something that is no bare constant."""
    return isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant)


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return _last(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _stringy(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )
