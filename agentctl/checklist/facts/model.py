"""The facts of one Python file, names resolved through its imports; each is only equal to itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class Ref(str):
    """A resolved dotted name (``httpx.AsyncClient``); ``X()`` is an instance or result of ``X``; empty: not a name."""

    __slots__ = ()


Value = str | int | float | bool | None | tuple["Value", ...] | Ref
OPAQUE = Ref("")
F_STRING = Ref("<f-string>")


@dataclass(slots=True, eq=False)
class Call:
    """A call.

    Attributes:
        raw: Dotted name as the module's own scopes give it; tells which object a method belongs to.
        name: ``raw`` followed through assignments and re-exports to the library: ``slowapi.Limiter().limit``.
        function: Qualified name of the function around it, or of the module.
        role: ``call``, ``decorator`` or ``context`` (of a ``with``).
        loop: It stands in a loop of its function.
    """

    raw: Ref
    line: int
    function: str
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]
    role: str = "call"
    loop: bool = False
    name: Ref = OPAQUE
    path: str = ""

    def has(self, *names: str) -> bool:
        """Return whether one of the keyword arguments is given."""
        return bool(self.keywords) and not self.keywords.keys().isdisjoint(names)


@dataclass(slots=True, eq=False)
class Parameter:
    """A parameter; ``mentions`` are all names in its annotation and default, calls with their arguments."""

    name: str
    annotated: bool
    mentions: tuple[Ref, ...]
    depends: tuple[Ref, ...] = ()


@dataclass(slots=True, eq=False)
class Function:
    """A function or method.

    Attributes:
        name: Qualified by module and classes.
        fully_annotated: Every parameter but self and cls, and the result (not asked of ``__init__``).
        yields: Lines of its own ``yield`` expressions.
        asserts: It holds an ``assert`` or a unittest assertion.
    """

    name: str
    path: str
    line: int
    class_name: str | None
    nested: bool
    fully_annotated: bool
    documented: bool
    public: bool
    parameters: tuple[Parameter, ...]
    decorators: tuple[Ref, ...]
    yields: tuple[int, ...] = ()
    asserts: bool = False
    end: int = 0

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Class:
    """A class and the names of its bases, resolved."""

    name: str
    path: str
    line: int
    bases: tuple[Ref, ...]
    methods: tuple[str, ...]
    documented: bool
    public: bool
    fields: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Handler:
    """An ``except`` block.

    Attributes:
        silent: Nothing is called, raised or kept of the exception.
        answers: It returns something that is no bare constant.
    """

    path: str
    line: int
    function: str
    types: tuple[Ref, ...]
    silent: bool
    logs: bool
    raises: bool
    loop: bool
    answers: bool
    end: int


@dataclass(slots=True, eq=False)
class Raise:
    """A ``raise`` of a resolved name."""

    name: Ref
    path: str
    line: int
    function: str


@dataclass(slots=True, eq=False)
class Status:
    """An HTTP status from 400 to 599 in the code: ``use`` is call, compare or assign."""

    code: int
    path: str
    line: int
    function: str
    use: str


@dataclass(slots=True, eq=False)
class Mention:
    """A name or a dotted string that stands somewhere: a class handed over, a limit that is compared."""

    name: Ref
    path: str
    line: int
    function: str


@dataclass(slots=True, eq=False)
class Module:
    """One Python file that parsed."""

    path: str
    name: str
    lines: int
    imports: dict[str, int] = field(default_factory=dict)  # dotted name to first line
    loaded: tuple[str, ...] = ()  # what is imported when the module is, not within functions or for types only
    aliases: dict[str, Ref] = field(default_factory=dict)  # own dotted name to what it was imported from
    values: dict[str, Ref] = field(default_factory=dict)  # own dotted name to what was assigned to it
    made_at: dict[str, int] = field(default_factory=dict)  # own dotted name to the line of that value
    calls: list[Call] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    raises: list[Raise] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    compared: list[Mention] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    strings: list[Mention] = field(default_factory=list)  # strings that look like dotted names or URLs
    annotated_aliases: dict[str, tuple[Ref, ...]] = field(default_factory=dict)  # X = Annotated[T, Depends(f)]
    main_guard: bool = False
    documented: bool = False
