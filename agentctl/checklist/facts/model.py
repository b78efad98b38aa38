"""The facts of one Python file, names resolved through its imports.

A resolved dotted name (``httpx.AsyncClient``) is a ``str``; ``X()`` is an instance or result of ``X``, ``X[]`` an item
of it, ``?x`` a variable of which nothing is known, and an empty one is no name. A text that stands in the code is
``bytes``, so that nobody takes it for a name. All of it can be marshalled: for the cache and between processes.
"""

from __future__ import annotations

import itertools
import marshal
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

Value = str | bytes | int | float | bool | None | tuple["Value", ...]
OPAQUE = ""
F_STRING = "<f-string>"
EVEN = "?even"  # what numbers in the code, and chance, come to
SQL_OF_NAMES = "<f-string of SQL>"  # into which only names of its own tables, schemas and the like are put
CUT = "?cut:"  # among what is compared, before the number at which a text or a list is cut
TIMES = "?times:"  # among what is compared, before the variable or the step of a loop through a range of numbers
FIRST = "?first"  # among what is compared: what is tried in a loop ends it, or the function, where it succeeds
ENV = "?env:"  # before a variable that is read as ``os.environ["X"]``, among what is mentioned
KEPT = "?kept:"  # before what an object or the module keeps once it was made, among what is mentioned
ADDED = "?added:"  # before what is kept and gets more of what was said, among what is mentioned
# Among what is compared: what an assertion of a test asks for, and a hostile text that a test holds.
FAILURE, ABSENT, ATTACK = "?error", "?absent", "?attack"
JUDGED = "?judged"  # that something is not valid, safe or allowed: a failure where the test's name says so
IN_LOOP = " in a loop"  # behind the role of a call
_NONE: Mapping[str, Any] = MappingProxyType({})
_TEXTS = {str, bytes}
Raw = dict[str, Any]


class Call(NamedTuple):
    """A call.

    Attributes:
        raw: Dotted name as the module's own scopes give it; tells which object a method belongs to.
        function: Qualified name of the function around it, or of the module.
        how: Its role, and whether it stands in a loop of its function: one text, since there are very many calls.
        name: ``raw`` followed through assignments and re-exports to the library: ``slowapi.Limiter().limit``.
    """

    raw: str
    line: int
    function: str
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]
    how: str
    name: str
    path: str

    @property
    def role(self) -> str:
        """``call``, ``decorator`` or ``context`` (of a ``with``)."""
        return self.how.removesuffix(IN_LOOP)

    @property
    def loop(self) -> bool:
        """Whether it stands in a loop of its function."""
        return self.how.endswith(IN_LOOP)

    def has(self, *names: str) -> bool:
        """Return whether one of the keyword arguments is given."""
        return bool(self.keywords) and not self.keywords.keys().isdisjoint(names)


class Parameter(NamedTuple):
    """A parameter; ``mentions`` are all names in its annotation, ``depends`` what ``Depends(x)`` and the like name."""

    name: str
    annotated: bool
    mentions: tuple[str, ...]
    depends: tuple[str, ...]


class Function(NamedTuple):
    """A function or method.

    Attributes:
        name: Qualified by module and classes.
        fully_annotated: Every parameter but self and cls, and the result (not asked of ``__init__``).
        yields: Lines of its own ``yield`` expressions.
        asserts: It holds an ``assert`` or a unittest assertion.
    """

    name: str
    line: int
    end: int
    class_name: str | None
    nested: bool
    fully_annotated: bool
    documented: bool
    public: bool
    parameters: tuple[Parameter, ...]
    decorators: tuple[str, ...]
    yields: tuple[int, ...]
    asserts: bool
    path: str

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


class Class(NamedTuple):
    """A class and the names of its bases, resolved."""

    name: str
    line: int
    bases: tuple[str, ...]
    methods: tuple[str, ...]
    documented: bool
    public: bool
    fields: tuple[str, ...]
    path: str

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


class Handler(NamedTuple):
    """An ``except`` block.

    Attributes:
        silent: Nothing is called, raised or kept of the exception.
        answers: It returns something that is no bare constant.
        start: Line of the ``try``.
        substitutes: What it gives instead: the last word of what it returns or assigns (``=x``), ``[]`` for nothing,
            ``''`` for a sentence, ``x()`` for what a call gives.
    """

    line: int
    end: int
    function: str
    types: tuple[str, ...]
    silent: bool
    logs: bool
    raises: bool
    loop: bool
    answers: bool
    start: int
    substitutes: tuple[str, ...]
    path: str


class Mention(NamedTuple):
    """A name or a dotted text that stands somewhere: a class handed over, a limit that is compared, what is raised."""

    name: str
    line: int
    function: str
    path: str


class Status(NamedTuple):
    """An HTTP status from 400 to 599 in the code: ``use`` is call, compare or assign."""

    code: int
    line: int
    function: str
    use: str
    path: str


class Module:
    """One Python file that parsed; its rows are tuples, which take no more than they hold, and nothing when empty.

    Attributes:
        imports: Dotted name to first line.
        relative: Those of the imports that are relative (``from . import x``).
        loaded: What is imported when the module is, not within functions or for types only.
        aliases: Name within the file to what it was imported from.
        values: Dotted name within the file to what was assigned to it; ``made_at`` has the line.
        strings: Texts that look like dotted names or URLs, and keys of dictionaries that are named for a bound.
        delimited: Prompts that fence what is put into them.
        secrets: Credentials in the text: kind, path, line, and whether the form alone tells; never the value.
        annotated_aliases: For ``X = Annotated[T, Depends(f)]``: what X depends on.
    """

    __slots__ = (
        "_packed", "aliases", "annotated_aliases", "calls", "classes", "compared", "delimited",
        "documented", "functions", "handlers", "imports", "lines", "loaded", "made_at", "main_guard", "mentions",
        "name", "path", "raises", "relative", "secrets", "statuses", "strings", "values",
    )  # fmt: skip

    def __init__(self, raw: Raw, packed: Callable[[], bytes], shared: Shared) -> None:
        """Take what one pass over the file wrote down; its calls get their names by ``name_calls``."""
        self.path: str = raw["path"]
        self.name: str = raw["name"]
        self.lines: int = raw["lines"]
        self.documented: bool = raw["documented"]
        self.main_guard: bool = raw["main_guard"]
        self.imports: dict[str, int] = shared.numbered(raw["imports"])
        self.relative: tuple[str, ...] = tuple(raw["relative"])
        self.loaded: tuple[str, ...] = raw["loaded"]
        self.aliases: dict[str, str] = raw["aliases"]
        self.values: dict[str, str] = raw["values"]
        self.made_at: dict[str, int] = shared.numbered(raw["made_at"])
        self.annotated_aliases: Mapping[str, tuple[str, ...]] = raw["annotated_aliases"] or _NONE
        self.calls: tuple[Call, ...] = ()
        self._packed: Callable[[], bytes] | None = packed
        path, numbers = self.path, shared.numbers
        self.functions = tuple([shared.function(row, path) for row in raw["functions"]])
        self.classes = tuple([Class._make((*row, path)) for row in raw["classes"]])
        self.handlers = tuple([Handler._make((*row, path)) for row in raw["handlers"]])
        self.statuses = tuple([Status._make((*row, path)) for row in raw["statuses"]])
        self.raises, self.compared, self.mentions, self.delimited, self.strings = (
            tuple([Mention(name, numbers[line], function, path) for name, line, function in raw[kind]])
            for kind in ("raises", "compared", "mentions", "delimited", "strings")
        )
        self.secrets: tuple[tuple[str, str, int, bool], ...] = tuple(raw["secrets"])

    def name_calls(self, names: Mapping[str, str], shared: Shared) -> None:
        """Give the calls the names that they have across modules, by what they are in this one."""
        if self._packed is None:
            return
        path, numbers, same, given, made = self.path, shared.numbers, shared.texts, shared.keywords, Call._make
        rows = marshal.loads(self._packed())  # noqa: S302 - our own
        self.calls = tuple([
            made((raw, numbers[line], function, args and same(args), given(keywords) if keywords else _NONE, how,
                  names[raw], path))
            for raw, line, function, args, keywords, how in rows
        ])  # fmt: skip
        self._packed = None


class _Numbers(dict[int, int]):
    """The one object for each line number."""

    def __missing__(self, line: int) -> int:
        self[line] = line
        return line


class Shared:
    """One object for all that is equal in the modules of a tree: half of what they hold is said again and again."""

    def __init__(self) -> None:
        self.numbers = _Numbers()
        self._tuples: dict[tuple[Any, ...], Any] = {}
        self._mappings: dict[tuple[tuple[str, Value], ...], Mapping[str, Value]] = {}

    def numbered(self, lines: dict[str, int]) -> dict[str, int]:
        """Return lines by name, of shared numbers and without spare places."""
        numbers = self.numbers
        return {name: numbers[line] for name, line in lines.items()}

    def texts(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the one tuple of names and texts; others stay as they are, since ``1 == True``."""
        if values and _TEXTS.issuperset(map(type, values)):
            return self._tuples.setdefault(values, values)  # type: ignore[no-any-return]
        return values

    def keywords(self, values: dict[str, Value]) -> Mapping[str, Value]:
        """Return the one mapping of names and texts by keyword; others stay as they are."""
        if _TEXTS.issuperset(map(type, values.values())):
            return self._mappings.setdefault(tuple(values.items()), values)
        return values

    def function(self, row: tuple[Any, ...], path: str) -> Function:
        """Return a function whose parameters are shared with those that have the same."""
        name, line, end, class_name, nested, annotated, documented, public, parameters, decorators, yields, asserts = (
            row
        )
        numbers = self.numbers
        made = self._parameters(parameters) if parameters else ()
        return Function(
            name, numbers[line], numbers[end], class_name, nested, annotated, documented, public, made,
            decorators, yields, asserts, path,
        )  # fmt: skip

    def _parameters(self, rows: tuple[tuple[Any, ...], ...]) -> tuple[Parameter, ...]:
        same: Callable[[Any, Any], Any] = self._tuples.setdefault
        made: tuple[Parameter, ...] = tuple([same(one, one) for one in itertools.starmap(Parameter, rows)])
        shared: tuple[Parameter, ...] = same(made, made)
        return shared


def literal(value: Value) -> str | None:
    """Return a text that stands in the code, None for anything else."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None
