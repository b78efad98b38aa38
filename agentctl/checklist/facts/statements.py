"""What stands in statements: imports, assignments, functions, classes, handlers, loops."""

from __future__ import annotations

import ast
import re
from sys import intern
from typing import Any

from agentctl.checklist.facts import asserted
from agentctl.checklist.facts.expressions import ATTEMPTS, LIMIT, Expressions
from agentctl.checklist.facts.logs import is_log
from agentctl.checklist.facts.model import ADDED, F_STRING, FIRST, KEPT, OPAQUE, SQL_OF_NAMES, TIMES
from agentctl.checklist.facts.scope import last

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NAMED = {ast.Name, ast.Call}
_SAID = re.compile(r"messages|histor|conversation|dialog|transcript|memory$")
_ROUND = re.compile(
    r"\w*(batch|chunk)_?size$|_*(step|turn|round|iteration|iter|hop|loop)(_?(count|num|number|idx|index|i))?$"
)
_BATCHES = re.compile(r"(num|n|total|number_of)_(batches|chunks)|(batch|chunk)_?count")
_FEW = 5  # fewer at a time are no batch
_DEPENDING = {"Depends", "Security"}
_NAMES = {ast.Name, ast.Attribute}
_ANYTHING = {"callable", "typing.Callable", "collections.abc.Callable", "typing.Any", "object"}  # the body says more
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module


class Statements(Expressions):
    """Visits each statement once and writes down what it defines."""

    def module(self, tree: ast.Module) -> None:
        """Visit a whole file."""
        self.yields: list[int] = []
        self.globals: frozenset[str] = frozenset()  # names of the module that the function assigns to
        self.lacking: frozenset[str] = frozenset()  # what the code around has found not to be there yet
        self.tried = 0  # line of the try whose handlers we are in
        self.out["documented"] = is_documented(tree)
        self.out["loaded"] = tuple(dict.fromkeys(self.loaded(tree.body)))
        self.bind_below(tree.body)
        self.visit_all(tree.body)

    # ---------------------------------------------------------------- bindings

    def _visit_import(self, node: ast.Import) -> None:
        self.bind_import(node)

    def _visit_importfrom(self, node: ast.ImportFrom) -> None:
        self.bind_import_from(node)

    def _visit_assign(self, node: ast.Assign) -> None:
        value = self._named(node.value)
        for target in node.targets:
            self._store(target, value, node.value.lineno)
            self._status_value(target, node.value)
            self._alias(target, node.value)
            if target.__class__ is ast.Attribute and node.value.__class__ is ast.BinOp:
                self._gather(target)
            if target.__class__ is ast.Name:
                (self.fixed.add if self.is_fixed(node.value) else self.fixed.discard)(target.id)

    def _visit_annassign(self, node: ast.AnnAssign) -> None:
        kind = self.type_of(node.annotation)
        self.visit(node.annotation)
        value = self._named(node.value) if node.value is not None else OPAQUE
        line = (
            node.lineno if node.value is None else node.value.lineno if value else 0
        )  # ``x: X | None = None`` makes none
        self._store(node.target, value or (intern(f"{kind}()") if kind else OPAQUE), line)
        self._status_value(node.target, node.value)

    def _visit_augassign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):  # no longer what was assigned to it, but what comes of that
            self.names[node.target.id] = intern(f"?{node.target.id}()")
        else:
            self.visit(node.target)
            self._gather(node.target)

    def _gather(self, target: ast.expr) -> None:
        """Note that an object or the module keeps what was said: ``self.messages += [said]``, or by a sum."""
        if _SAID.search(last(target)):
            self.out["mentions"].append((intern(f"{ADDED}{self.dotted(target)}"), target.lineno, self.here))

    def _visit_namedexpr(self, node: ast.NamedExpr) -> str:
        value = self._named(node.value)
        self._store(node.target, value, node.lineno)
        return value

    def _named(self, node: ast.expr) -> str:
        """Visit an expression and return its name, empty when it has none."""
        value = self.visitors[node.__class__](self, node)
        return value if value.__class__ is str and value not in {F_STRING, SQL_OF_NAMES} else OPAQUE

    def _alias(self, target: ast.expr, value: ast.expr) -> None:
        """Keep ``User = Annotated[X, Depends(f)]``, and ``guard = Depends(f) if strict else None``."""
        given = value.body if value.__class__ is ast.IfExp else value
        if not self.depth and given.__class__ is ast.Call and last(given) in _DEPENDING:
            self.out["annotated_aliases"][f"{self.here}.{last(target)}"] = self.depends(given)
        if isinstance(value, ast.Subscript) and isinstance(target, ast.Name) and last(value.value) == "Annotated":
            self.out["annotated_aliases"][f"{self.here}.{target.id}"] = self.depends(value)
            kind = self.type_of(value)
            if kind:
                self.note(f"{self.here}.{target.id}()", f"{kind}()")

    def _store(self, target: ast.expr, value: str, line: int = 0) -> None:
        known = bool(value) and value[0] != "?"
        if isinstance(target, ast.Name):
            if self.depth and not known:
                self.forget(target)
                return
            symbol = self._bound(target.id)
        elif isinstance(target, ast.Attribute):
            symbol = self.dotted(target)
        else:
            if isinstance(target, ast.Subscript):
                self.visit(target)
                key = target.slice.value if isinstance(target.slice, ast.Constant) else None
                if isinstance(key, str) and "timeout" in key:  # ``options["timeout"] = 30``
                    self.out["strings"].append((key, target.lineno, self.here))
                if self.depth and known:
                    self._keep(self.dotted(target.value), value, line)
            self.forget(target)
            return
        if known and symbol and value != symbol:
            self.note(symbol, value, line)
            if symbol in self.lacking:
                self._keep(symbol, value, line)
            if self.classes and self.here == self.classes[-1]:  # a field that instances have too
                self.note(f"{self.here}().{symbol.rpartition('.')[2]}", value)

    def _keep(self, symbol: str, value: str, line: int) -> None:
        """Write down what an object or the module keeps from here on: what it lacked before, or under a key."""
        if symbol.startswith(self.own) and not symbol.startswith(f"{self.here}."):
            made = self.out["values"].get(value.removeprefix(self.own), value)  # ``client = X(); kept[key] = client``
            self.out["mentions"].append((intern(f"{KEPT}{made}"), line, self.here))

    def _bound(self, name: str) -> str:
        """Return the symbol that an assignment binds: the module's where a function declares the name global."""
        if name not in self.globals:
            return self.bind(name)
        symbol = self.names[name] = intern(f"{self.own}{name}")
        return symbol

    def _visit_global(self, node: ast.Global) -> None:
        self.globals = self.globals.union(node.names)

    def _status_value(self, target: ast.expr, node: ast.expr | None) -> None:
        if node is not None and "status" in last(target).lower():
            self.status(node, "assign")

    # ---------------------------------------------------------------- definitions

    def _visit_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        symbol = intern(f"{self.here}.{node.name}")
        decorators = tuple([self._decorate(decorator, symbol) for decorator in node.decorator_list])
        self.visit_all([*arguments.defaults, *(default for default in arguments.kw_defaults if default)])
        self.bind(node.name)
        method = bool(self.classes) and self.here == self.classes[-1]
        described = (
            self.here if method else None, bool(self.depth), _fully_annotated(node, method=method), is_documented(node),
            not node.name.startswith("_") and "._" not in self.here[len(self.out["name"]) :],
            self._parameters(arguments), decorators,
        )  # fmt: skip
        returned = self.type_of(node.returns)
        if returned and returned not in _ANYTHING:
            self.note(f"{symbol}()", f"{returned}()")
        yields, asserts = self._body_of(node, symbol, method=method)
        row = (symbol, node.lineno, node.end_lineno or node.lineno, *described, yields, asserts)
        self.out["functions"].append(row)

    _visit_asyncfunctiondef = _visit_functiondef

    def _body_of(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, symbol: str, *, method: bool
    ) -> tuple[tuple[int, ...], bool]:
        """Visit a function's body and return the lines of its own yields and whether it asserts."""
        outer = self.names, self.here, self.loops, self.yields, self.asserts, self.globals, self.lacking, self.fixed
        self.globals = self.lacking = frozenset()
        self.fixed = self.fixed.difference(_parameter_names(node.args))
        self.names = self._with_arguments(node.args, method=method)
        self.here, self.loops, self.yields, self.asserts = symbol, 0, [], False
        self.depth += 1
        self.visit_all(_body(node))
        self.depth -= 1
        found = tuple(self.yields), self.asserts
        self.names, self.here, self.loops, self.yields, self.asserts, self.globals, self.lacking, self.fixed = outer
        return found

    def _with_arguments(self, arguments: ast.arguments, *, method: bool) -> dict[str, str]:
        names = dict(self.names)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for number, argument in enumerate(every):
            kind = self.type_of(argument.annotation) if argument.annotation is not None else ""
            names[argument.arg] = intern(f"{kind}()" if "." in kind else f"?{argument.arg}")
            if method and number == 0 and argument.arg in {"self", "cls"}:
                names[argument.arg] = intern(f"{self.here}()" if argument.arg == "self" else self.here)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                names[rest.arg] = intern(f"?{rest.arg}")
        return names

    def _parameters(self, arguments: ast.arguments) -> tuple[tuple[Any, ...], ...]:
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        pairs = [
            *zip(positional, defaults, strict=True),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        return tuple([self._parameter(argument, default) for argument, default in pairs])

    def _parameter(self, argument: ast.arg, default: ast.expr | None) -> tuple[Any, ...]:
        annotation = argument.annotation
        depends = self.depends(default) if isinstance(default, ast.Call) else ()
        if annotation is None:
            named = self.dotted(default) if default.__class__ in _NAMED else ""  # ``_=guard``, made above or by a call
            return (argument.arg, False, (named,) if "." in named else (), depends)
        made = self.dotted(default) if default.__class__ in _NAMED and not depends else ""
        made = made if "." in made or default.__class__ is ast.Call else ""
        mentions = self.mentioned(annotation)
        return (argument.arg, True, (*mentions, made) if made else mentions, self.depends(annotation) + depends)

    def _decorate(self, node: ast.expr, symbol: str) -> str:
        """Write a decorator down as a call on what it decorates, and return its name."""
        if isinstance(node, ast.Call):
            self._visit_call(node, "decorator", symbol)
            return self.dotted(node.func)
        raw = self.dotted(node)
        self.visit(node)
        if raw:
            row = (raw, node.lineno, self.here, (symbol,), None, self.how("decorator"))
            self.out["calls"].append(row)
        return raw

    def _visit_classdef(self, node: ast.ClassDef) -> None:
        symbol = intern(f"{self.here}.{node.name}")
        for decorator in node.decorator_list:
            self._decorate(decorator, symbol)
        self.bind(node.name)
        bases = [self.dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]
        self.visit_all([*node.bases, *node.keywords])
        row = (
            symbol, node.lineno, tuple(filter(None, bases)),
            tuple([s.name for s in node.body if isinstance(s, _FUNCTIONS)]), is_documented(node),
            not node.name.startswith("_") and not self.depth,
            tuple([last(s.target) for s in node.body if isinstance(s, ast.AnnAssign)]),
        )  # fmt: skip
        self.out["classes"].append(row)
        outer = self.names, self.here
        self.names, self.here = dict(self.names), symbol
        self.classes.append(symbol)
        self.visit_all(_body(node))
        self.classes.pop()
        self.names, self.here = outer

    # ---------------------------------------------------------------- what happens in a body

    def _visit_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            context = item.context_expr
            value = self._visit_call(context, "context") if isinstance(context, ast.Call) else self._named(context)
            if item.optional_vars is not None:
                self._store(item.optional_vars, value, context.lineno)
        self.visit_all(node.body)

    _visit_asyncwith = _visit_with

    def _visit_try(self, node: ast.Try) -> None:
        if self.loops and node.handlers and any(map(_ends, (*node.body, *node.orelse))):
            self.out["compared"].append((FIRST, node.lineno, self.here))
        self.visit_all(node.body)
        outer, self.tried = self.tried, node.lineno
        self.visit_all(node.handlers)
        self.tried = outer
        self.visit_all(node.orelse)
        self.visit_all(node.finalbody)

    _visit_trystar = _visit_try

    def _visit_excepthandler(self, node: ast.ExceptHandler) -> None:
        types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
        self.visit_all(types)
        first, called = len(self.out["calls"]), self.called
        if node.name:
            self.names[node.name] = intern(f"?{node.name}")
        self.visit_all(node.body)
        inside = [inner for statement in node.body for inner in ast.walk(statement)]
        raises = any(isinstance(inner, ast.Raise) for inner in inside)
        keeps = node.name is not None and any(isinstance(inner, ast.Name) and inner.id == node.name for inner in inside)
        self.out["handlers"].append((
            node.lineno, node.end_lineno or node.lineno, self.here, tuple([self.dotted(kind) for kind in types]),
            self.called == called and not keeps and not raises,
            any(is_log(row[0]) for row in self.out["calls"][first:]),
            raises, self.loops > 0, any(_answers(inner) for inner in inside), self.tried,
            tuple(filter(None, [_substitute(inner, node.name) for inner in inside])),
        ))  # fmt: skip

    def _visit_raise(self, node: ast.Raise) -> None:
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        self.out["raises"].append((self.dotted(target), node.lineno, self.here))
        self.children(node)

    def _visit_for(self, node: ast.For | ast.AsyncFor) -> None:
        through = self._named(node.iter)
        if through == "range()":
            self._count(node.target, node.iter.args)  # type: ignore[attr-defined]  # a call, or it had no such name
        self.forget(node.target)
        if isinstance(node.target, ast.Name):
            self.over[node.target.id] = through
            if isinstance(node.iter, (ast.Tuple, ast.List, ast.Set)) and all(map(self.is_fixed, node.iter.elts)):
                self.fixed.add(node.target.id)
        self._looped([*node.body, *node.orelse])

    _visit_asyncfor = _visit_for

    def _count(self, target: ast.expr, ends: list[ast.expr]) -> None:
        """Note what is done a number of times: ``for attempt in range(3)``, ``for _ in range(max_steps)``."""
        names = [f"?{name}" for name in map(last, (target, *ends)) if ATTEMPTS.search(name) or LIMIT.search(name)]
        names += [f"{TIMES}{name}" for name in (last(target), *map(last, ends[2:])) if _ROUND.match(name)]
        names += [f"{TIMES}batch_size"] if _in_batches(ends) else []
        self.count_workers(ends, target.lineno)
        self.out["compared"] += [(intern(name), target.lineno, self.here) for name in names[:1]]

    def _visit_while(self, node: ast.While) -> None:
        self.visit(node.test)
        self._looped([*node.body, *node.orelse])

    def _looped(self, body: list[ast.stmt]) -> None:
        self.loops += 1
        self.visit_all(body)
        self.loops -= 1

    def _visit_yield(self, node: ast.Yield) -> str:
        self.yields.append(node.lineno)
        self._gives(node.value)
        return OPAQUE

    def _visit_assert(self, node: ast.Assert) -> None:
        self.asserts = True
        told = asserted.by_statement(node.test)
        if told:
            self.out["compared"].append((told, node.lineno, self.here))
        self.children(node)

    def _visit_if(self, node: ast.If) -> None:
        test = node.test
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            self.out["main_guard"] = True
        self.visit(test)
        asked, lacks = _asked(test) if self.depth else (None, False)
        gives = node.body[-1].__class__ is ast.Return
        outlives = isinstance(asked, ast.Attribute) or (isinstance(asked, ast.Name) and asked.id in self.globals)
        if asked is not None and outlives and (lacks or gives or node.orelse):
            self._visit_branches(node, frozenset((self.dotted(asked),)), lacks=lacks, gives=gives)
        else:
            self.visit_all(node.body)
            self.visit_all(node.orelse)

    def _visit_branches(self, node: ast.If, asked: frozenset[str], *, lacks: bool, gives: bool) -> None:
        """Visit the branches of ``if kept is None``, and of ``if kept: return kept`` with all that comes after it."""
        outer = self.lacking
        self.lacking = outer | asked if lacks else outer
        self.visit_all(node.body)
        self.lacking = outer if lacks else outer | asked
        self.visit_all(node.orelse)
        if lacks or not gives:
            self.lacking = outer

    def _visit_expr(self, node: ast.Expr) -> None:
        self.visitors[node.value.__class__](self, node.value)

    def _visit_return(self, node: ast.Return) -> None:
        value = node.value
        if isinstance(value, ast.Tuple) and len(value.elts) > 1 and not isinstance(value.elts[0], ast.Constant):
            self.status(value.elts[1], "call")  # ``return jsonify(...), 401``
        elif isinstance(value, ast.Call) and last(value) in _DEPENDING:
            self.out["annotated_aliases"][f"{self.here}()"] = self.depends(value)
        self._gives(value)

    def _gives(self, node: ast.expr | None) -> None:
        """Note what a function that says nothing of its result gives: a factory leads to what it makes."""
        value = self._named(node) if node is not None else OPAQUE
        if value and value[0] != "?" and "." in value:
            made, inner = f"{self.here}()", f"{self.here}."
            held = self.out["values"].get(made.removeprefix(self.own), OPAQUE)
            if value.startswith(inner) and held.startswith(inner):  # the last: one before is for when it is off
                del self.out["values"][made.removeprefix(self.own)]
            self.note(made, value)


def _asked(test: ast.expr) -> tuple[ast.expr | None, bool]:
    """Return what a condition asks of whether it is there, and whether the branch is for its not being there."""
    first = test.values[0] if isinstance(test, ast.BoolOp) else test
    if first.__class__ in _NAMES:
        return first, False
    if isinstance(first, ast.UnaryOp):
        lacks = isinstance(first.op, ast.Not) and first.operand.__class__ in _NAMES
        return (first.operand, True) if lacks else (None, False)
    if isinstance(first, ast.Compare) and first.left.__class__ in _NAMES and _with_none(first):
        return first.left, isinstance(first.ops[0], ast.Is)
    return None, False


def _in_batches(ends: list[ast.expr]) -> bool:
    """Return whether a range counts batches, or goes through a list many at a time: ``range(0, len(texts), 50)``."""
    step = ends[2] if len(ends) > 2 else None  # noqa: PLR2004 - start, end and step
    many = isinstance(step, ast.Constant) and isinstance(step.value, int) and step.value >= _FEW
    return (many and last(ends[1]) == "len") or any(_BATCHES.fullmatch(last(end)) for end in ends[:2])


def _ends(node: ast.stmt) -> bool:
    """Return whether a statement ends a loop, or its function, by itself or where it holds."""
    if isinstance(node, (ast.If, ast.With, ast.AsyncWith)):
        return any(map(_ends, node.body))
    return isinstance(node, (ast.Return, ast.Break))


def _with_none(test: ast.Compare) -> bool:
    """Return whether something is compared with None."""
    other = test.comparators[0]
    return isinstance(other, ast.Constant) and other.value is None


def is_documented(node: _Definition) -> bool:
    """Return whether a definition starts with a docstring."""
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _parameter_names(arguments: ast.arguments) -> list[str]:
    return [one.arg for some in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs) for one in some]


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.stmt]:
    return node.body[1:] if is_documented(node) else node.body


def _fully_annotated(node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> bool:
    a = node.args
    every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(rest for rest in (a.vararg, a.kwarg) if rest)]
    static = any(last(decorator) == "staticmethod" for decorator in node.decorator_list)
    asked = every[1:] if method and not static else every
    result = node.returns is not None or (method and node.name == "__init__")
    return result and all(argument.annotation is not None for argument in asked)


def _answers(node: ast.AST) -> bool:
    """Return whether a node returns something that is no bare constant."""
    return isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant)


def _substitute(node: ast.AST, error: str | None) -> str:
    """Return the name of the value that a node gives, ``[]`` for an empty one; nothing for an account of the error.

    A sentence that stands in the code is ``''``, and what a call gives is the name of that with its brackets.
    """
    value = node.value if isinstance(node, (ast.Return, ast.Assign)) else None
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, (ast.List, ast.Dict, ast.Tuple)):
        return "[]" if _is_empty(value) else "''" if _is_reply(value, error) else OPAQUE
    if isinstance(value, ast.Constant):
        return "''" if _is_sentence(value) else OPAQUE
    if isinstance(value, ast.Call):
        given = isinstance(node, ast.Return) and not any(last(argument) == error for argument in value.args)
        return f"{last(value)}()" if given and last(value) else OPAQUE
    value = value.generators[0].iter if isinstance(value, ast.ListComp) else value
    named = last(value) if isinstance(value, (ast.Name, ast.Attribute)) else OPAQUE
    return OPAQUE if named == error else f"={named}" if named and isinstance(node, ast.Assign) else named


def _is_empty(node: ast.List | ast.Dict | ast.Tuple) -> bool:
    """Return whether a list, a dictionary or a tuple holds nothing, or nothing but such."""
    given = node.values if isinstance(node, ast.Dict) else node.elts
    return all(isinstance(one, (ast.List, ast.Dict, ast.Tuple)) and _is_empty(one) for one in given)


def _is_reply(node: ast.List | ast.Dict | ast.Tuple, error: str | None) -> bool:
    """Return whether a dictionary says something that stands in the code, and nothing that is made of the error."""
    given = node.values if isinstance(node, ast.Dict) else []
    plain = all(isinstance(one, (ast.Constant, ast.Name)) and last(one) != (error or one) for one in given)
    return plain and any(map(_is_sentence, given))


def _is_sentence(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()
