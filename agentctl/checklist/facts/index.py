"""All facts of one tree, and the questions that checks ask of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from agentctl import files, records
from agentctl.checklist import frameworks
from agentctl.checklist.facts import deploy, hooks, manifest, parsing, roles, symbols, tasks
from agentctl.checklist.facts import routes as routing
from agentctl.checklist.facts.logs import LOG_VERBS, is_log
from agentctl.checklist.facts.model import Call, Class, Function, Handler, Mention, Module, Shared
from agentctl.checklist.tree import Tree
from agentctl.results import Location, Report

Found = TypeVar("Found")
_DEPTH = 6
_REMEMBERED = 30_000  # names whose functions are known; looking a few up again costs less than keeping all
_LANGUAGES = {
    ".ts": "TypeScript", ".tsx": "TypeScript", ".mts": "TypeScript", ".js": "JavaScript", ".jsx": "JavaScript",
    ".mjs": "JavaScript", ".go": "Go", ".java": "Java", ".kt": "Kotlin", ".cs": "C#", ".rs": "Rust", ".rb": "Ruby",
    ".php": "PHP", ".swift": "Swift", ".scala": "Scala", ".ex": "Elixir", ".dart": "Dart", ".cpp": "C++", ".c": "C",
}  # fmt: skip
_BESIDE_A_PROJECT = ("scripts", "script", "ci", "hack", "bin")
_OF_TESTS = re.compile(r"[._-]tests?$|(^|/)tests?[._-][^/]*$", re.IGNORECASE)  # an image in which tests run
_ASIDE = {
    "example", "examples", "docs", "doc", "sample", "samples", "test", "tests", "benchmark_data", ".devcontainer",
    "vendor", "third_party", "node_modules", "templates", "tutorials", "legacy",
}  # fmt: skip
_SHOWS_DEPLOYMENT = re.compile(
    r"(^|/)(docs?|examples?)/(.*/)?[\w-]*(deploy|k8s|kubernetes|manifests)[\w-]*/(.*/)?[^/]+\.ya?ml$"
)
_OTHER_CI = re.compile(  # that is not read; one file of Cloud Build alone mostly deploys
    r"^(jenkinsfile$|\.cloudbuild/|\.tekton/|\.buildkite/|\.prow(\.yaml$|/))|(^|/)[\w-]+\.cloudbuild\.ya?ml$",
    re.IGNORECASE,
)
_SHOWN = {"example", "examples", "sample", "samples", "tutorials"}


@dataclass
class Facts:
    """What is known of a tree; everything else is derived once, when first asked for.

    Attributes:
        tree: The texts.
        modules: Python files that parsed, by path.
        broken: Python files that did not, with the reason.
        settings: The ``[tool.agentctl.checklist]`` table.
        validation: The report of ``agentctl validate`` on the same tree, or None.
        runs: Records of runs by kind, newest first.
        content: What the tree is now, for comparing with records.
        tracked_records: Git tracks the records, so that they came with the tree and prove little.
    """

    tree: Tree
    modules: Mapping[str, Module]
    broken: Mapping[str, str]
    settings: Mapping[str, object] = field(default_factory=dict)
    validation: Report | None = None
    runs: Mapping[str, list[records.Record]] = field(default_factory=dict)
    content: records.Content | None = None
    tracked_records: bool = False
    _derived: dict[object, Any] = field(default_factory=dict)
    _own_functions: dict[str, str] = field(default_factory=dict)
    _last: tuple[str, Mapping[str, Sequence[Call]]] = ("", {})

    def __post_init__(self) -> None:
        """Name the calls across modules."""
        self.symbols = symbols.Symbols(self.modules.values())
        names, shared = symbols.Names(self.symbols), Shared()  # held by nothing: the facts are freed without a search
        for module in self.modules.values():
            module.name_calls(names, shared)
        self.symbols.forget()

    # ---------------------------------------------------------------- Python

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """The role of every Python file that parsed.

        A package that bears the project's name is the project, whatever that name means elsewhere (``demo``), scripts
        beside a project in a folder of its own are as little shipped as those at the top, and where nothing else is
        shipped, or the project's name says so (``stack-demo``), the examples are what the repository is for.
        """
        own = self.manifest.name.replace("-", "_")
        found = {path: _role(path, own) for path in self.modules}
        folders = [path.removesuffix("pyproject.toml") for path in self.tree.plain if path.endswith("/pyproject.toml")]
        beside = tuple(f"{folder}{name}/" for folder in folders for name in _BESIDE_A_PROJECT)
        aside = [path for path, role in found.items() if role == roles.SHIPPED and path.startswith(beside)]
        found.update(dict.fromkeys(aside, roles.TOOLING))
        if roles.SHIPPED in found.values():
            named = self.manifest.name and roles.is_named_example(self.manifest.name)
            meant = (path for path, role in found.items() if role == roles.EXAMPLE and roles.is_named_example(path))
            return {**found, **dict.fromkeys(meant, roles.SHIPPED)} if named else found
        return {path: roles.SHIPPED if role == roles.EXAMPLE else role for path, role in found.items()}

    @cached_property
    def ships_examples(self) -> bool:
        """Whether the examples are what the repository is for."""
        return any(role == roles.SHIPPED and roles.role(path) == roles.EXAMPLE for path, role in self.roles.items())

    def of(self, *wanted: str) -> list[Module]:
        """Return the modules of some roles."""
        return [module for path, module in self.modules.items() if self.roles[path] in wanted]

    @cached_property
    def shipped(self) -> list[Module]:
        """The modules that the project ships."""
        return self.of(roles.SHIPPED)

    @cached_property
    def tests(self) -> list[Module]:
        """The modules of tests."""
        return self.of(roles.TEST)

    @property
    def calls(self) -> Iterator[Call]:
        """Every call of the shipped code."""
        return chain.from_iterable(module.calls for module in self.shipped)

    @cached_property
    def called_names(self) -> tuple[str, ...]:
        """The resolved names of all that the shipped code calls, each once: a set would hold as much again."""
        return tuple(dict.fromkeys(call.name for call in self.calls))

    @cached_property
    def made(self) -> frozenset[str]:
        """The names of the own classes that the shipped code makes instances of."""
        return frozenset(filter(self.class_by_name.__contains__, self.called_names))

    def calls_named(self, fits: Callable[[str], object]) -> list[Call]:
        """Return the shipped calls whose resolved name fits, each name asked of once."""
        found = set(filter(fits, self.called_names))
        return [call for call in self.calls if call.name in found] if found else []

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method of the shipped code."""
        return [function for module in self.shipped for function in module.functions]

    @cached_property
    def function(self) -> Mapping[str, Function]:
        """Functions of the shipped code by qualified name."""
        return {function.name: function for function in self.functions}

    def named(self, fits: Callable[[str], object]) -> list[Function]:
        """Return the functions and methods of the shipped code whose own name fits, each name asked of once."""
        return self._those(self._functions_by_name, fits)

    def taking(self, fits: Callable[[str], object]) -> list[Function]:
        """Return the functions and methods of the shipped code with a parameter whose name fits."""
        return self._those(self._functions_by_parameter, fits)

    def _those(self, names: Mapping[str, Sequence[Function]], fits: Callable[[str], object]) -> list[Function]:
        found = {id(function) for name, some in names.items() if fits(name) for function in some}
        return [function for function in self.functions if id(function) in found] if found else []

    @cached_property
    def _functions_by_name(self) -> Mapping[str, Sequence[Function]]:
        found: dict[str, list[Function]] = defaultdict(list)
        for function in self.functions:
            found[function.short].append(function)
        return found

    @cached_property
    def _functions_by_parameter(self) -> Mapping[str, Sequence[Function]]:
        found: dict[str, list[Function]] = defaultdict(list)
        for function in self.functions:
            for parameter in function.parameters:
                found[parameter.name].append(function)
        return found

    @cached_property
    def classes(self) -> list[Class]:
        """Every class of the shipped code."""
        return [kind for module in self.shipped for kind in module.classes]

    @cached_property
    def lines(self) -> int:
        """Lines of shipped Python."""
        return sum(module.lines for module in self.shipped)

    def calls_in(self, function: str) -> Sequence[Call]:
        """Return the calls of the shipped code that stand in a function, a class or a module."""
        module = self.symbols.module(function)
        if module is None or module.path not in self._shipped_paths:
            return ()
        if self._last[0] != module.path:  # one after another asks for the functions of one module
            found: dict[str, list[Call]] = defaultdict(list)
            for call in module.calls:
                found[call.function].append(call)
            self._last = (module.path, found)
        return self._last[1].get(function, ())

    @cached_property
    def _calls_by_root(self) -> Mapping[str, list[Call]]:
        """Every call in the tree of what is not its own, by the first part of its name."""
        found: dict[str, list[Call]] = defaultdict(list)
        roots: dict[str, str] = {}  # of the names so far: most are called again and again
        for module in self.modules.values():
            for call in module.calls:
                name = call.name
                root = roots.get(name)
                if root is None:
                    root = roots[name] = "" if name[0] == "?" or self.symbols.is_own(name) else frameworks.root(name)
                if root:
                    found[root].append(call)
        return found

    @cached_property
    def _mentions_by_root(self) -> Mapping[str, list[Mention]]:
        """What is handed over or subclassed anywhere in the tree and is not its own, by the first part of its name."""
        found: dict[str, list[Mention]] = defaultdict(list)
        for module in self.modules.values():
            for mention in module.mentions:
                if mention.name[0] == "?":  # what is kept here, no library's
                    continue
                name = self.symbols.name(mention.name)
                if not self.symbols.is_own(name):
                    same = name == mention.name
                    found[frameworks.root(name)].append(mention if same else mention._replace(name=name))
        self.symbols.forget()
        return found

    def used(self, names: tuple[str, ...], modules: Iterable[Module] | None = None) -> list[Location]:
        """Return where the names are called, handed over or subclassed; not where merely imported."""
        wanted = self._shipped_paths if modules is None else {module.path for module in modules}
        indexes: tuple[Mapping[str, Sequence[Call | Mention]], ...] = (self._calls_by_root, self._mentions_by_root)
        return _unique(
            Location(path=spot.path, line=spot.line, symbol=spot.name)
            for root in sorted(frameworks.roots(names))
            for index in indexes
            for spot in index.get(root, ())
            if spot.path in wanted and frameworks.is_one_of(spot.name, names)
        )

    @cached_property
    def _shipped_paths(self) -> frozenset[str]:
        return frozenset(module.path for module in self.shipped)

    def called(self, *names: str) -> list[Call]:
        """Return the calls of the shipped code whose resolved name is one of the names or lies beneath it."""
        return [
            call
            for root in sorted(frameworks.roots(names))
            for call in self._calls_by_root.get(root, ())
            if call.path in self._shipped_paths and frameworks.is_one_of(call.name, names)
        ]

    def called_as(self, *names: str) -> list[Call]:
        """Return the shipped calls whose resolved name is one of the names, not what hangs on the result."""
        return [call for call in self.called(*names) if call.name in names]

    @cached_property
    def _calls_by_word(self) -> Mapping[str, list[Call]]:
        """The shipped calls by the last word of what is called."""
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            raw = call.raw
            found[raw[raw.rfind(".") + 1 :]].append(call)
        return found

    @cached_property
    def handlers_in(self) -> Mapping[str, list[Handler]]:
        """``except`` blocks of the shipped code by the function that they stand in."""
        found: dict[str, list[Handler]] = defaultdict(list)
        for module in self.shipped:
            for handler in module.handlers:
                found[handler.function].append(handler)
        return found

    def ending(self, *words: str) -> list[Call]:
        """Return the shipped calls of methods and functions of some names, whatever they belong to."""
        return [call for word in dict.fromkeys(words) for call in self._calls_by_word.get(word, ())]

    def worded(self, fits: Callable[[str], object]) -> list[Call]:
        """Return the shipped calls of methods and functions whose name fits, each name asked of once."""
        return [call for word, calls in self._calls_by_word.items() if fits(word) for call in calls]

    @cached_property
    def _calls_by_keyword(self) -> Mapping[str, list[Call]]:
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            for word in call.keywords:
                found[word].append(call)
        return found

    def given(self, *words: str) -> list[Call]:
        """Return the shipped calls that one of the keyword arguments is given to, each once."""
        if len(words) == 1:
            return list(self._calls_by_keyword.get(words[0], ()))
        found = {id(call): call for word in words for call in self._calls_by_keyword.get(word, ())}
        return list(found.values())

    @cached_property
    def logs(self) -> list[Call]:
        """The shipped calls that write to a log."""
        found = set(filter(is_log, self.called_names))
        found.update(call.raw for call in self.ending(*LOG_VERBS) if is_log(call.raw))
        return [call for call in self.calls if call.raw in found or call.name in found]

    def once(self, compute: Callable[[Facts], Found]) -> Found:
        """Return what a function derives from these facts, computed when first asked for."""
        if compute not in self._derived:
            self._derived[compute] = compute(self)
        found: Found = self._derived[compute]
        return found

    @cached_property
    def _imports_by_root(self) -> Mapping[str, list[Any]]:
        """What is imported and not the tree's own, by the first part of its name: name, module, name, module, and on.

        Pairs would take as much memory as all that the imports themselves do.
        """
        found: dict[str, list[Any]] = defaultdict(list)
        for module in self.modules.values():
            for name in module.imports:
                if not self.symbols.is_own(self.symbols.identity(name)):
                    found[frameworks.root(name)] += (name, module)
        return found

    def _imports_of(self, root: str) -> Iterator[tuple[str, Module]]:
        rows = iter(self._imports_by_root.get(root, ()))
        return zip(rows, rows, strict=True)

    def imported(self, *packages: str, modules: Iterable[Module] | None = None) -> list[Location]:
        """Return where packages are imported that are not the tree's own."""
        wanted = self._shipped_paths if modules is None else {module.path for module in modules}
        return [
            Location(path=module.path, line=module.imports[name], symbol=name)
            for root in sorted(frameworks.roots(packages))
            for name, module in self._imports_of(root)
            if module.path in wanted and frameworks.is_one_of(name, packages)
        ]

    @cached_property
    def external(self) -> set[str]:
        """Top-level packages that the shipped code imports and that are not its own."""
        shipped = self._shipped_paths
        return {root for root in self._imports_by_root if any(m.path in shipped for _, m in self._imports_of(root))}

    def imported_paths(self, module: Module) -> set[str]:
        """Return the files of the tree that a module imports from."""
        found = (self.symbols.module(self.symbols.identity(name)) for name in module.imports)
        return {one.path for one in found if one is not None}

    def bases(self, kind: Class) -> set[str]:
        """Return the resolved names of all bases of a class, own ones followed."""
        return self._bases(kind.name, _DEPTH)

    def _bases(self, name: str, depth: int) -> set[str]:
        kind = self.class_by_name.get(name)
        if kind is None or depth == 0:
            return set()
        direct = {str(self.symbols.name(base)) for base in kind.bases}
        return direct.union(*(self._bases(base, depth - 1) for base in direct)) if direct else set()

    @cached_property
    def class_by_name(self) -> Mapping[str, Class]:
        """Every class of the tree by qualified name."""
        return {kind.name: kind for module in self.modules.values() for kind in module.classes}

    def subclasses(self, *names: str) -> list[Class]:
        """Return the shipped classes that derive from one of the names."""
        return [kind for kind, bases in self._derived_classes
                if any(frameworks.is_one_of(base, names) for base in bases)]  # fmt: skip

    @cached_property
    def _derived_classes(self) -> list[tuple[Class, frozenset[str]]]:
        """The shipped classes that have bases, with the resolved names of these: one set for all that have the same."""
        same: dict[frozenset[str], frozenset[str]] = {}
        found = ((kind, frozenset(self.bases(kind))) for kind in self.classes if kind.bases)
        return [(kind, same.setdefault(bases, bases)) for kind, bases in found]

    @cached_property
    def callees(self) -> Mapping[str, tuple[str, ...]]:
        """For each shipped function the own functions that it calls, depends on or hands over."""
        found: dict[str, list[str]] = defaultdict(list)
        known = self.function
        for call in self.calls:
            given = (
                value for value in (*call.args, *call.keywords.values()) if isinstance(value, str) and "." in value
            )
            names = (call.name, *map(self.symbols.name, given))
            own = [one for one in map(self.own_function, names) if one in known]
            if own:
                found[call.function] += own
        for function in self.functions:
            if function.nested:  # what is defined inside is called there or handed on
                found[function.name.rpartition(".")[0]].append(function.name)
            depends = map(self.own_function, self.depends(function))
            found[function.name] += [one for one in depends if one in known]
        self.symbols.forget()  # what every argument stands for is not asked again
        return {name: tuple(dict.fromkeys(own)) for name, own in found.items() if own}

    @cached_property
    def callers(self) -> Mapping[str, tuple[str, ...]]:
        """For each shipped function who calls it: functions, classes and modules; not who hands it over."""
        found: dict[str, list[str]] = defaultdict(list)
        for call in self.calls:
            own = self.own_function(call.name)
            if call.role != "decorator" and own in self.function:
                found[own].append(call.function)
        return {name: tuple(dict.fromkeys(callers)) for name, callers in found.items()}

    @cached_property
    def ran(self) -> frozenset[str]:
        """The own functions that shipped code calls."""
        return frozenset(own for name in self.called_names if (own := self.own_function(name)) in self.function)

    def depends(self, function: Function) -> list[str]:
        """Return the resolved names of what a function's parameters depend on, through aliases too."""
        found = []
        for parameter in function.parameters:
            found += [self.symbols.name(depended) for depended in parameter.depends]
            for mention in parameter.mentions:
                found += self.alias_depends.get(self.symbols.identity(mention), ())
        return found

    @cached_property
    def alias_depends(self) -> Mapping[str, tuple[str, ...]]:
        """For ``User = Annotated[X, Depends(f)]`` at module level: what ``User`` depends on."""
        found: dict[str, tuple[str, ...]] = {}
        for module in self.shipped:
            for name, depends in module.annotated_aliases.items():
                found[self.symbols.identity(name)] = tuple(self.symbols.name(depended) for depended in depends)
        return found

    def own_function(self, name: str) -> str:
        """Return the qualified name of the own function that a call's name runs: methods and constructors included."""
        found = self._own_functions.get(name)
        if found is None:
            bare = self._own_function(name.replace("()", "").replace("[]", ""))
            function = self.function.get(bare)  # its name is there already
            if len(self._own_functions) >= _REMEMBERED:
                self._own_functions.clear()
            found = self._own_functions[name] = function.name if function else bare
        return found

    def _own_function(self, bare: str) -> str:
        if bare in self.class_by_name:
            return f"{bare}.__call__" if f"{bare}.__call__" in self.function else f"{bare}.__init__"
        return bare if bare in self.function else self._inherited(bare)

    def _inherited(self, bare: str) -> str:
        owner, _, method = bare.rpartition(".")
        if owner in self.class_by_name:
            for base in self._bases(owner, _DEPTH):
                if f"{base}.{method}" in self.function:
                    return f"{base}.{method}"
        return bare

    def reach(self, start: str, depth: int = _DEPTH) -> set[str]:
        """Return the own functions that a function reaches, itself included."""
        found, edge = {start}, {start}
        for _ in range(depth):
            edge = {callee for name in edge for callee in self.callees.get(name, ())} - found
            found |= edge
            if not edge:
                break
        return found

    @cached_property
    def routes(self) -> list[routing.Route]:
        """The routes of the shipped code."""
        return routing.routes(self.calls_named(routing.may_declare), self.symbols)

    @cached_property
    def apps(self) -> list[Call]:
        """Where web applications, or own ones that derive from them, are made in the shipped code."""
        kinds = {kind.name for kind in self.subclasses(*frameworks.WEB_APPS)}.union(frameworks.APPS)
        made = self.calls_named(kinds.__contains__)
        aside = self.manifest.packaged and all(call.name.startswith("http.server.") for call in made)
        return [] if made and aside else made or self._tool_servers()  # a package that waits for one call back

    def _tool_servers(self) -> list[Call]:
        """Return where a server of tools (MCP) is offered over HTTP, as far as it is not surely standard input only."""
        offered = self.ending("http_app", "sse_app", "streamable_http_app", "custom_route", "run_streamable_http_async",
                              "run_sse_async", "run_http_async")  # fmt: skip
        started = [
            call
            for call in self.ending("run", "run_async")
            if (call.has("transport", "**") or call.args)
            and b"stdio" not in {call.keywords.get("transport"), *call.args[:1]}
        ]
        return [call for call in (*offered, *started) if frameworks.is_one_of(call.name, frameworks.TOOL_SERVERS)]

    # ---------------------------------------------------------------- files beside the code

    @cached_property
    def foreign(self) -> tuple[str, int]:
        """The language, other than Python, that most of what is shipped is written in, and how many lines of it."""
        lines: dict[str, int] = defaultdict(int)
        for path, text in self._beside():
            language = _LANGUAGES.get(path[path.rfind(".") :])
            if language and roles.role(f"{path}.py") == roles.SHIPPED:
                lines[language] += text.count("\n")
        return max(lines.items(), key=lambda pair: pair[1], default=("", 0))

    def foreign_files(self, language: str) -> Iterator[str]:
        """Yield the files of what is shipped in another language."""
        return (path for path, _ in self._beside() if _LANGUAGES.get(path[path.rfind(".") :]) == language)

    @cached_property
    def manifest(self) -> manifest.Manifest:
        """Manifests and locks."""
        return manifest.gather(self.tree.plain, self.tree.python)

    @cached_property
    def images(self) -> list[deploy.Image]:
        """Dockerfiles of what is shipped."""
        found = [deploy.image(path, text) for path, text in self._beside() if deploy.is_dockerfile(path)
                 and not _OF_TESTS.search(path)]  # fmt: skip
        return [image for image in found if not image.is_for_development]

    @cached_property
    def composes(self) -> Mapping[str, list[object]]:
        """Compose files of what is shipped, parsed."""
        found = {path: deploy.documents(text) for path, text in self._beside() if deploy.is_compose(path)}
        return {path: parsed for path, parsed in found.items() if not deploy.builds_for_development(parsed)}

    @cached_property
    def kubernetes(self) -> Mapping[str, list[object]]:
        """Kubernetes manifests, parsed."""
        marks = ("apiVersion:", "kind:")
        return {
            path: deploy.documents(text)
            for path, text in self._beside()
            if path.endswith((".yaml", ".yml")) and all(mark in text for mark in marks)
        }

    @cached_property
    def objects(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Every Kubernetes object with the path of its manifest."""
        return [
            (path, body)
            for path, parsed in self.kubernetes.items()
            for body in parsed
            if isinstance(body, Mapping) and isinstance(body.get("kind"), str)
        ]

    @cached_property
    def services(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Every compose service: path, name and what it says."""
        return [
            (path, str(name), service)
            for path, parsed in self.composes.items()
            for body in parsed
            if isinstance(body, Mapping) and isinstance(body.get("services"), Mapping)
            for name, service in body["services"].items()
            if isinstance(service, Mapping)
        ]

    @cached_property
    def composes_build(self) -> bool:
        """Whether a compose service is built of the tree rather than fetched."""
        return any("build" in service for _path, _name, service in self.services)

    @cached_property
    def beside(self) -> Mapping[str, str]:
        """The texts that belong to what is shipped, by path: no examples, tests or vendored files."""
        return dict(self._beside())

    @cached_property
    def probes(self) -> list[deploy.Probe]:
        """Health checks in images, compose files and Kubernetes manifests."""
        found = [
            deploy.Probe(image.path, step.line, step.text, "image")
            for image in self.images
            for step in image.all("HEALTHCHECK")
            if step.text.upper() != "NONE"
        ]
        for path, parsed in (*self.composes.items(), *self.kubernetes.items()):
            found += deploy.probes(path, self.tree.plain[path], parsed)
        return found

    @cached_property
    def shown(self) -> Mapping[str, list[object]]:
        """Kubernetes manifests in documents and examples that show how it is deployed, parsed."""
        found = {path: text for path, text in self.tree.plain.items() if _SHOWS_DEPLOYMENT.search(path)}
        beside = self.beside
        return {path: deploy.documents(text) for path, text in found.items()
                if path not in beside and "apiVersion:" in text and "kind:" in text}  # fmt: skip

    @cached_property
    def makefile(self) -> Mapping[str, str]:
        """Targets of all Makefiles, and tasks; where two have the same name, the one nearest to the root."""
        found = tasks.tasks(self.manifest.pyproject, dict(self._beside()))
        for path, text in sorted(self._beside(), key=lambda pair: (pair[0].count("/"), pair[0])):
            if PurePosixPath(path).name.lower() in {"makefile", "gnumakefile"}:
                found = {**deploy.targets(text), **found}
        return found

    @cached_property
    def ci(self) -> list[deploy.Step]:
        """Every command that CI runs."""
        found = [
            step
            for path in self.ci_files
            for step in deploy.steps(path, self.tree.plain[path], self.makefile, self.tree.plain)
        ]
        return [*found, *hooks.steps(self.tree.plain.get(hooks.FILE, ""), found)]

    @cached_property
    def ci_is_opaque(self) -> bool:
        """Whether CI runs on changes what cannot be followed, or another CI is not read: an absence proves nothing."""
        if any(_OTHER_CI.search(path) for path in self.tree.paths):
            return True
        return any(step.changes and deploy.is_opaque(step, self.makefile, self.tree.plain) for step in self.ci)

    @cached_property
    def ci_files(self) -> list[str]:
        """The CI definitions."""
        return [path for path in self.tree.plain if deploy.is_ci(path)]

    def text(self, *names: str) -> tuple[str, str] | None:
        """Return path and text of the first of the files that is there and not blank."""
        lower = {path.lower(): path for path in self.tree.plain}
        for name in names:
            path = lower.get(name.lower())
            if path is not None and self.tree.plain[path].strip():
                return path, self.tree.plain[path]
        return None

    def _beside(self) -> Iterator[tuple[str, str]]:
        aside = _ASIDE - _SHOWN if self.ships_examples else _ASIDE
        yield from ((path, text) for path, text in self.tree.plain.items() if not _lies_in(path, aside))

    @property
    def scope(self) -> str:
        """What was looked at, in words."""
        parsed, broken = len(self.modules), len(self.broken)
        hidden = sum(shipped for _files, shipped in self.tree.left_out.values())
        words = f"{parsed} of {parsed + broken + hidden} Python files"
        words += f", {broken} did not parse" if broken else ""
        return f"{words}, {hidden} left out by the tree's own settings" if hidden else words


@dataclass(frozen=True)
class Recorded:
    """The records of runs, newest first, what the tree is now, and whether git tracks them."""

    runs: Mapping[str, list[records.Record]]
    content: records.Content | None
    tracked: bool


def recorded(root: Path) -> Recorded:
    """Read the records of runs, and what they are compared with when there are any."""
    runs = {kind: records.read(root, kind) for kind in ("test", "loadtest")}
    if not any(runs.values()):
        return Recorded(runs, None, tracked=False)
    return Recorded(runs, records.content(root), tracked=files.tracks(root, records.FOLDER))


def gather(
    tree: Tree,
    *,
    settings: Mapping[str, object] | None = None,
    validation: Report | None = None,
    recorded: Recorded | None = None,
    meanwhile: parsing.Task = lambda: None,
) -> Facts:
    """Parse every Python file once and put it beside the records of runs; ``meanwhile`` is done while others parse."""
    modules, broken = parsing.parsed(tree, meanwhile)
    broken.update((path, why) for path, why in tree.unread.items() if path.endswith(".py"))
    return Facts(
        tree=tree,
        modules=modules,
        broken=broken,
        settings=settings or {},
        validation=validation,
        runs=recorded.runs if recorded else {},
        content=recorded.content if recorded else None,
        tracked_records=bool(recorded and recorded.tracked),
    )


def _role(path: str, own: str) -> str:
    role = roles.role(path)
    first, _, rest = path.removeprefix("src/").partition("/")
    return roles.role(rest) if role == roles.EXAMPLE and rest and first == own else role


def _lies_in(path: str, names: set[str]) -> bool:
    parts = {part.lower() for part in PurePosixPath(path).parent.parts}
    return bool(parts & names)


def _unique(places: Iterable[Location]) -> list[Location]:
    found: dict[tuple[str, int | None], Location] = {}
    for place in places:
        found.setdefault((place.path, place.line), place)
    return list(found.values())
