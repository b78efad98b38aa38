"""DP: configuration from the environment, and where its variables are documented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, passed, place, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import ENV, Call, Class, Mention, literal
from agentctl.checklist.facts.prose import docstrings
from agentctl.checklist.ships import CLI, LIBRARY, Ships
from agentctl.results import Confidence, Location

_WHOLE = {"os.environ", "streamlit.secrets"}
_ONE_PLACE = 0.60
_DOCUMENTED = 0.50  # of the variables that are read, by name in one document
_PAIR = 2  # fields, that a document shows at least
_SOME = 5  # variables that a file of defaults gives
_EXAMPLE = re.compile(
    r"(^|/)(\.?[\w.-]*(env|config\d?|settings?|secrets?)[\w-]*([._-]\w+)?[._-](example|sample|template|dist)(\.\w+)?"
    r"|(example|sample|template)[._-][\w-]*(env|config|settings?|secrets?)(\.\w+)?|configuration\.toml)$",
    re.IGNORECASE,
)
_DEFAULTS = re.compile(r"(^|/)(?!\.env$)[\w.-]*(env|conf|settings|default[\w.-]*)$", re.IGNORECASE)
_GIVEN = re.compile(r"^(?:export )?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
_SYSTEM = re.compile(  # what a terminal, a session, a service manager or a cloud tells every process
    r"(NO_COLOR|FORCE_COLOR|CLICOLOR\w*|TERM\w*|COLORTERM|HOME|USER\w*|LOGNAME|PATH|PWD|SHELL|LANG|LC_\w+|TZ|TE?MP(DIR)?"
    r"|XDG_\w+|DISPLAY|WAYLAND_DISPLAY|EDITOR|VISUAL|PAGER|COLUMNS|LINES|SUDO_\w+|APPDATA|LOCALAPPDATA|CI|VIRTUAL_ENV"
    r"|PYTHON\w+|PYTEST_\w+|CREDENTIALS_DIRECTORY|NOTIFY_SOCKET|INVOCATION_ID|KUBERNETES_SERVICE_HOST|HOSTNAME"
    r"|AWS_LAMBDA_\w+|K_SERVICE|(LOCAL_)?RANK|WORLD_SIZE|CUDA_VISIBLE_DEVICES|[Hh][Tt]{2}[Pp][Ss]?_[Pp][Rr][Oo][Xx][Yy]"
    r"|(NO|ALL)_PROXY|(no|all)_proxy)$"
)
_READ_THERE = 0.40  # of the variables, by the modules of configuration
_STRAYS = 1 / 3  # of the shipped modules, that read variables elsewhere
_OF_CONFIGURATION = re.compile(r"(^|/)(\w*(config|settings|environment)\w*|context|env)\.py$|(^|/)(configs?|settings)/")
_MOST, _MANY = 0.40, 15  # of the shipped modules, and files, that read any variable where they are documented
_FEW_OF_SMALL = 3  # files, where they are no more than half of the modules
_SETTINGS_FILE = re.compile(r"(config/|conf/)?(settings|config|configuration)(\.default)?\.(ya?ml|toml)")
_LOADS = ("safe_load", "load", "loads")
_LOADERS = ("yaml.", "tomllib.", "tomli.", "tomlkit.", "toml.", "ruamel.")
_KEPT = re.compile(r"(^|/)(configs?|configuration|settings|conf)/([^/]+/)*[^/]+\.(ya?ml|toml)$|"
                   r"(^|/)[\w.-]*(config|settings|configuration)[\w.-]*\.(ya?ml|toml)$", re.IGNORECASE)  # fmt: skip
_NOT_KEPT = re.compile(r"(^|/)(\.[^/]*|tests?|examples?|docs?|node_modules|charts?|helm|k8s|deploy\w*|infra)(/|$)")
_FEW, _FEW_OF = 2, 0.02  # files, of all modules, that read a variable or two beside a typed configuration
_OF_FILE = re.compile(r"(config|settings)[^/]*\.(ya?ml|toml|json|example|sample|template)$", re.IGNORECASE)
_MODULE = re.compile(r"(^|/)(config|settings|context)\w*\.py$|(^|/)(configs?|settings)/")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
_OF_EXAMPLE = re.compile(r"[._-](example|sample|template|dist)|(example|sample|template)[._-]", re.IGNORECASE)
_ASIDE = re.compile(r"(^|/)(tests?|examples?|samples?|vendor|third_party|node_modules)/")
_DOCUMENT = re.compile(r"(^|/)docs?/(?!.*(changelog|release|whats[-_]?new|adr|blog))[^.].*\.(mdx?|rst)$", re.IGNORECASE)
_AS_CODE = re.compile(r"(?<=`)(?:\w+\.)*(\w+)(?=[`=:])")
_SHOWN = re.compile(r"(?ims)^[ \t]*```[ \t]*(?:toml|ya?ml|json5?|jsonc|ini)\b[^\n]*\n(.*?)^[ \t]*```")
_KEY = re.compile(r"^[ \t#-]*(?:\[+([\w.-]+)\]+|[\"']?([\w-]+)[\"']?[ \t]*[:=])", re.MULTILINE)
_BY_NAME = (  # what asks the model of a name, whose client takes its key by itself
    "langchain.chat_models.init_chat_model", "langchain.chat_models.base.init_chat_model", "litellm.completion",
    "langchain.embeddings.init_embeddings", "litellm.acompletion", "google.genai.Client", "crewai.LLM", "dspy.LM",
    "pydantic_ai.Agent", "agents.Agent",
)  # fmt: skip
_BELOW = re.compile(  # a field, its value over several lines too, with a text of its own
    r"^    \w+ *:[^\n]*\n(?:(?:(?: {5}[^\n]*| {4}[\])}][^\n]*)?\n)*) {4}[\"']{3}(?=.)", re.MULTILINE
)
_GUIDE = re.compile(
    r"(^|/)(readme|[\w-]*(config|environment|settings?|install|setup|deploy|start|usage)[\w-]*)\.(mdx?|rst)$",
    re.IGNORECASE,
)


def dp01(facts: Facts, ships: Ships) -> Answer:
    """Is configuration outside the code, one place that reads the environment, the variables documented?

    Why: guide 0 "Environment Configuration", guides 2 and 4.
    Counts: one settings object (pydantic-settings, dynaconf, environs, one file of each project that reads most
    variables, or a typed model or dataclass in a module of configuration), and the variables documented: an .env
    example, a file of their defaults, an example of the settings file, or documents, or descriptions of the settings'
    fields (texts below them, where pydantic is told to take those), that tell at least half of the variables that the
    code reads, takes as a field's alias or tells a field; a document may name a field as code. One module that loads
    the file of the variables, which an example shows, passes with low confidence where clients take all of them. What
    every process is told (``NO_COLOR``, ``HOME``) is no configuration, nor is what stands beside ``src`` in a package
    that others install. Where modules of configuration read two in five of the variables, other files that read some
    are borne. Documented variables pass with low confidence where two in five of the modules at most read any (fifteen
    at most; three in a small tree, if that is half). So do typed models of configuration, or documented variables, and
    what loads it from a YAML or TOML file that stands in the tree, where no more modules read some of the environment;
    and a typed model that takes it from the user's own file, of which a document shows half of the fields in blocks of
    code. One or two variables of a library may be documented where they are read, in a docstring.
    Does not count: reading the environment all over the code; a document that names other variables. Keys that clients
    take by themselves warn, documented or not, where no typed configuration stands beside them and no one module loads
    them.
    Closed: never (keys in the code are SE02's).
    Mend: one typed settings object, and .env.example in step with it.
    """
    taken = _taken(facts, ships)
    ways = (_from_one_file, _by_clients_too, _in_one_place, _at_home, _from_several_files, _from_the_users_file,
            _in_few_files)  # fmt: skip
    answers = (way(taken) for way in ways)
    found = next((answer for answer in answers if answer), None)
    return found or _in_many_places(taken) or _by_libraries(taken, ships)


# ---------------------------------------------------------------- the ways to pass, in their order


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """How configuration is taken.

    Attributes:
        settings: Classes and calls of a library of settings.
        reads: Reads of variables, those aside that every process is told.
        where: How many of them each file has.
        central: The files that read most of them, one for each project; nothing where too much is read elsewhere.
        documented: Where the variables are documented.
    """

    facts: Facts
    settings: Sequence[Class | Call]
    reads: Sequence[Call]
    where: Counter[str]
    central: Sequence[str]
    documented: Location | None

    @property
    def in_one_place(self) -> bool:
        """Whether one place takes most of it."""
        return bool(self.settings or self.central)

    @property
    def documents(self) -> list[Location]:
        """The document, as evidence."""
        return [self.documented] if self.documented else []


def _taken(facts: Facts, ships: Ships) -> _Taken:
    settings: list[Class | Call] = [
        *facts.subclasses(*frameworks.SETTINGS), *facts.called_as(*frameworks.SETTINGS)
    ]  # fmt: skip
    reads = facts.called_as(*frameworks.ENV_READS) + _subscripts(facts) + facts.given("envvar") + _of_fields(facts)
    home = _package(facts, ships)
    own = [call for call in reads if not _is_of_system(call) and call.path.startswith(home)]
    where = Counter(call.path for call in own)
    names = _names(settings, own, _aliases(facts)) | _through_helpers(facts, own)
    documented = _documentation(facts, names, _fields(settings)) or _described(facts, settings, names)
    documented = documented or (_in_docstrings(facts, own) if home or ships.kind == LIBRARY else None)
    return _Taken(facts=facts, settings=settings, reads=own, where=where,
                  central=_central(facts, where) if own else [], documented=documented)  # fmt: skip


def _from_one_file(taken: _Taken) -> Answer | None:
    """Answer where a typed model takes it from a settings file, or from one that an example shows."""
    documented = taken.documented
    filled = documented if documented and _OF_FILE.search(documented.path) else _own_file(taken.facts)
    models = _models(taken.facts) if filled else []
    if not (filled and models) or taken.in_one_place:
        return None
    return passed("a typed model takes the configuration from a file that stands in the tree, or its example does",
                  [*places(models[:2]), filled])  # fmt: skip


def _by_clients_too(taken: _Taken) -> Answer | None:
    """Answer where a typed configuration stands, and clients take the keys of an example by themselves."""
    documented = taken.documented
    asked = documented and _EXAMPLE.search(documented.path) and len(taken.where) <= _FEW
    held = _held(taken.facts) if asked else []
    if not held or taken.in_one_place:
        return None
    return passed("one typed configuration, and the keys that clients take by themselves are documented",
                  [*places(held[:2]), *taken.documents], confidence=Confidence.MEDIUM)  # fmt: skip


def _in_one_place(taken: _Taken) -> Answer | None:
    """Answer where a settings object, or one file of each project, reads what is documented."""
    if not (taken.in_one_place and taken.documented):
        return None
    evidence = places(taken.settings[:2]) or [Location(path=path) for path in taken.central[:2]]
    return passed("one settings object reads the environment and the variables are documented",
                  [*evidence, taken.documented])  # fmt: skip


def _at_home(taken: _Taken) -> Answer | None:
    """Answer where modules of configuration read enough of what is documented."""
    home = _home(taken.facts, taken.reads) if taken.documented else []
    if not home:
        return None
    words = f"modules of configuration read the environment, and {counted(len(taken.where) - len(home), 'other file')}"
    return passed(f"{words} some of it; the variables are documented",
                  [*(Location(path=path) for path in home[:2]), *taken.documents],
                  confidence=Confidence.MEDIUM)  # fmt: skip


def _from_several_files(taken: _Taken) -> Answer | None:
    """Answer where typed models take it from YAML or TOML files, and not too many modules read the environment."""
    facts, where = taken.facts, taken.where
    few = max(_FEW, _FEW_OF * len(facts.shipped))
    typed, files = _from_files(facts) if taken.documented or len(where) <= few else ([], [])
    if not files or len(where) > _MOST * len(facts.shipped) or not (typed or taken.documented):
        return None
    others = f", and {_files(where)} some of the environment" if where else ""
    words = "typed models take" if typed else "a module of configuration takes"
    return passed(f"{words} the configuration from files that stand in the tree{others}",
                  [*typed, *files, *taken.documents],
                  confidence=Confidence.MEDIUM if typed else Confidence.LOW)  # fmt: skip


def _from_the_users_file(taken: _Taken) -> Answer | None:
    """Answer where a typed model takes it from a file of the user's, which a document shows."""
    facts = taken.facts
    loading = {c.path: c for c in facts.ending(*_LOADS) if c.name.startswith(_LOADERS)}
    if not loading or len(taken.where) > max(_FEW, _FEW_OF * len(facts.shipped)):
        return None
    models = [(kind, path) for kind in {k.name: k for k in (*_models(facts), *_held(facts))}.values()
              for path in loading if kind.path in {path, *facts.imported_paths(facts.modules[path])}]  # fmt: skip
    for kind, path in models:
        shown = _showing(facts, kind)
        if shown:
            return passed("a typed model takes the configuration from the user's file, which a document shows",
                          [place(kind), place(loading[path]), shown], confidence=Confidence.MEDIUM)  # fmt: skip
    return None


def _in_few_files(taken: _Taken) -> Answer | None:
    """Answer where few enough files read what is documented."""
    modules = len(taken.facts.shipped)
    most = max(min(_MOST * modules, _MANY), min(modules // 2, _FEW_OF_SMALL))
    if not (taken.documented and 0 < len(taken.where) <= most):
        return None
    of = f"{counted(taken.where, 'file')} of {modules} read{'s' * (len(taken.where) == 1)}"
    return passed(f"{of} the environment; the variables are documented",
                  [taken.documented, *(Location(path=path) for path, _count in taken.where.most_common(2))],
                  confidence=Confidence.LOW)  # fmt: skip


# ---------------------------------------------------------------- what is weak


def _in_many_places(taken: _Taken) -> Answer | None:
    """Answer where variables are read, and too far apart or undocumented."""
    if not (taken.settings or taken.reads):
        return None
    one = taken.in_one_place
    what = "the variables are documented nowhere" if one else f"{_files(taken.where)} the environment"
    hint = "document them in .env.example" if one else "read it in one typed settings object"
    return weak(f"configuration comes from the environment, but {what}", hint,
                places([*taken.settings, *taken.reads]))  # fmt: skip


def _loaded_once(taken: _Taken) -> Answer | None:
    """Answer where one module loads the file of the variables, which clients take, and an example shows it."""
    documented, loading = taken.documented, taken.facts.called("dotenv.load_dotenv")
    example = documented and _EXAMPLE.search(documented.path) and taken.facts.tree.plain.get(documented.path, "")
    if len({call.path for call in loading}) != 1 or not (example and _GIVEN.search(example)):
        return None
    return passed("one module loads the variables, which clients take by themselves, and they are documented",
                  [*places(loading[:1]), *taken.documents], confidence=Confidence.LOW)  # fmt: skip


def _files(where: Counter[str]) -> str:
    return f"{counted(where, 'file')} read{'s' * (len(where) == 1)}"


def _by_libraries(taken: _Taken, ships: Ships) -> Answer:
    """Answer for code that reads no variable itself."""
    facts, documented = taken.facts, taken.documented
    loaded = _loaded_once(taken)
    if loaded:
        return loaded
    clients = [*facts.called_as(*frameworks.CLIENTS, *_BY_NAME), *facts.called("dotenv.load_dotenv")]
    if clients:
        told = "nothing says what" if documented is None else f"only {documented.path} says what"
        hint = "say which variables it needs in .env.example" if documented is None else "keep them in one typed place"
        return weak(f"clients take what they need from the environment by themselves, and {told}", hint,
                    [*places(clients), *taken.documents])  # fmt: skip
    if ships.kind == LIBRARY:
        return unknown(
            "the library reads no configuration that could be found", "take settings as arguments", ships.evidence
        )
    return unknown("no configuration from the environment was found", "read settings from the environment in one place")


# ---------------------------------------------------------------- what the check looks for


def _package(facts: Facts, ships: Ships) -> str:
    """Return the folder that users install, where the sources of a package stand apart; nothing where all counts."""
    apart = ships.kind in {LIBRARY, CLI} and facts.manifest.packaged
    return "src/" if apart and any(module.path.startswith("src/") for module in facts.shipped) else ""


def _showing(facts: Facts, kind: Class) -> Location | None:
    """Return the document whose blocks of TOML, YAML, JSON or INI have half of a model's fields, two at least."""
    fields = {name for name in kind.fields if name != "model_config"}
    for path, text in facts.tree.plain.items():
        if _is_guide(path):
            keys = {key for block in _SHOWN.findall(text) for keys in _KEY.findall(block) for key in keys}
            told = {key.replace("-", "_") for key in keys} & fields
            if len(told) >= max(_PAIR, _DOCUMENTED * len(fields)):
                return Location(path=path)
    return None


def _models(facts: Facts) -> list[Class]:
    """Return the typed models of configuration that stand in a module of that name."""
    typed = facts.subclasses(*frameworks.SCHEMAS)
    return [kind for kind in typed if kind.short.endswith(("Config", "Settings")) and _MODULE.search(kind.path)]


def _held(facts: Facts) -> list[Class]:
    """Return the classes with fields in a module of configuration that are named for it."""
    named = (kind for kind in facts.classes if kind.short.endswith(("Config", "Configuration", "Settings", "Context")))
    return [kind for kind in named if kind.fields and _MODULE.search(kind.path)]


def _is_of_system(call: Call) -> bool:
    name = literal(call.args[0]) if call.args else None
    return bool(name and _SYSTEM.match(name))


def _central(facts: Facts, where: Counter[str]) -> list[str]:
    """Return the one file of each project that reads most variables, nothing where too much is read elsewhere."""
    folders = [path.removesuffix("pyproject.toml") for path in facts.tree.plain if path.endswith("pyproject.toml")]
    first: dict[str, str] = {}
    for path, _count in where.most_common():
        project = max((folder for folder in folders if path.startswith(folder)), key=len, default="")
        first.setdefault(project, path)
    read = sum(where[path] for path in first.values())
    return list(first.values()) if read >= _ONE_PLACE * where.total() else []


def _own_file(facts: Facts) -> Location | None:
    """Return the settings file at the top of the tree that the code loads as YAML or TOML."""
    files = [path for path in facts.beside if _SETTINGS_FILE.fullmatch(path)]
    loading = files and facts.ending(*_LOADS)
    loads = loading and any(c.name.startswith(_LOADERS) for c in loading)
    return Location(path=files[0]) if loads else None


def _from_files(facts: Facts) -> tuple[list[Location], list[Location]]:
    """Return a typed model of configuration; and what loads YAML or TOML, with a file of it that stands in the tree."""
    named = (kind for kind in facts.subclasses(*frameworks.SCHEMAS) if kind.short.endswith(("Config", "Settings")))
    models = sorted([*_held(facts), *named], key=lambda kind: not _MODULE.search(kind.path))
    loading = [c for c in facts.ending(*_LOADS) if c.name.startswith(_LOADERS) and _OF_CONFIGURATION.search(c.path)]
    if not loading:
        return [], []
    folders = {call.path.rpartition("/")[0] for call in loading}
    found = [path for path in facts.beside
             if _KEPT.search(path) and not _NOT_KEPT.search(path) and path not in facts.kubernetes]  # fmt: skip
    kept = next((path for path in found if path.rpartition("/")[0] in folders), None) or _named(facts, found)
    return places(models[:1]), [place(loading[0]), Location(path=kept)] if kept else []


def _named(facts: Facts, paths: Sequence[str]) -> str | None:
    """Return the first file that shipped code names, or whose example it does; each module is read once."""
    names = {_OF_EXAMPLE.sub("", path.rpartition("/")[2]): path for path in reversed(paths)}
    texts = (facts.tree.texts[module.path] for module in facts.shipped) if names else ()
    return next((path for text in texts for name, path in names.items() if name in text), None)


def _home(facts: Facts, reads: Sequence[Call]) -> list[str]:
    """Return the modules of configuration, nothing where they read too few variables or too many others read some."""
    pairs = {(call.path, (literal(call.args[0]) if call.args else None) or str(call.line)) for call in reads}
    read = Counter(path for path, _name in pairs)
    home = [path for path, _count in read.most_common() if _OF_CONFIGURATION.search(path)]
    enough = sum(read[path] for path in home) >= _READ_THERE * read.total()
    return home if enough and len(read) - len(home) <= _STRAYS * len(facts.shipped) else []


def _subscripts(facts: Facts) -> list[Call]:
    """Return ``os.environ["X"]`` reads as calls, so that they count beside ``os.getenv``."""
    mentions = [m for module in facts.shipped for m in module.mentions
                if m.name in _WHOLE or m.name.startswith(ENV)]  # fmt: skip
    named = {(m.path, m.function) for m in mentions if m.name.startswith(ENV)}
    return [_read(m) for m in mentions if m.name not in _WHOLE or (m.path, m.function) not in named]


def _read(mention: Mention) -> Call:
    known = mention.name.startswith(ENV)
    args = (mention.name.removeprefix(ENV).encode(),) if known else ()
    name = "os.environ" if known else mention.name
    return Call(name, mention.line, mention.function, args, {}, "call", name=name, path=mention.path)


def _names(settings: Iterable[Class | Call], reads: Sequence[Call], aliases: Mapping[str, set[str]]) -> set[str]:
    """Return the variables that are read, as far as the code names them; an option tells its own in ``--help``."""
    read = {name for call in reads if call.args and not call.has("envvar", "env") and (name := literal(call.args[0]))}
    read |= {name for call in reads if call.has("env") and (name := literal(call.keywords["env"]))}
    for kind in (kind for kind in settings if isinstance(kind, Class)):
        read |= aliases.get(kind.path) or {name.upper() for name in kind.fields}
    return read


def _through_helpers(facts: Facts, reads: Sequence[Call]) -> set[str]:
    """Return the variables that own functions are asked for, which read what they are told: ``setting("SHOP_URL")``."""
    told = {(c.function, c.args[0]) for c in reads if c.args}
    reading = (f for name, _asked in told if (f := facts.function.get(name)))
    helpers = {f.name for f in reading if f.parameters and (f.name, f"?{f.parameters[0].name}") in told}
    calls = facts.ending(*{name.rpartition(".")[2] for name in helpers}) if helpers else []
    asked = (literal(c.args[0]) for c in calls if c.args and facts.own_function(c.name) in helpers)
    return {name for name in asked if name and _VARIABLE.fullmatch(name)}


def _of_fields(facts: Facts) -> list[Call]:
    """Return the fields of a configuration that are told the variable which they take: ``Field(env="SHOP_URL")``."""
    told = (c for c in facts.given("env") if c.raw.rpartition(".")[2].lower().endswith("field"))
    return [c for c in told if _VARIABLE.fullmatch(literal(c.keywords["env"]) or "")]


def _aliases(facts: Facts) -> dict[str, set[str]]:
    """Return the variables that fields of settings are given as their alias, by module."""
    found: dict[str, set[str]] = {}
    for call in facts.given("validation_alias"):
        name = literal(call.keywords["validation_alias"])
        if name and _VARIABLE.fullmatch(name):
            found.setdefault(call.path, set()).add(name)
    return found


def _fields(settings: Iterable[Class | Call]) -> set[str]:
    """Return the variables that fields of settings take by their own name."""
    return {name.upper() for kind in settings if isinstance(kind, Class) for name in kind.fields}


def _documentation(facts: Facts, names: set[str], fields: set[str]) -> Location | None:
    """Return where the variables are documented: an example to fill in, else a guide that names half of them.

    A guide may name a field of settings as the code does: ``answer_length`` or ``settings.answer_length``.
    """
    found = (path for path, text in facts.tree.plain.items() if _EXAMPLE.search(path) and text.strip())
    example = next(found, None)
    example = example or _defaults(facts, names)
    if example:
        return Location(path=example)
    guides = {path: text for path, text in facts.tree.plain.items() if names and _is_guide(path)}
    told = {path: {name for name in names if name in text} | _coded(fields & names, text)
            for path, text in guides.items()}  # fmt: skip
    best = max(told, key=lambda path: len(told[path]), default=None)
    whole = set().union(*told.values()) if told else set()  # a monorepo has a guide for each of its projects
    return Location(path=best) if best and len(whole) >= _DOCUMENTED * len(names) else None


def _described(facts: Facts, settings: Sequence[Class | Call], names: set[str]) -> Location | None:
    """Return the first settings whose fields are described, where half of the variables are."""
    kinds = {kind.name: kind for kind in settings if isinstance(kind, Class)}
    told = [c for c in facts.given("description") if c.function in kinds and literal(c.keywords["description"])]
    if told and len(told) >= _DOCUMENTED * len(names):
        return place(kinds[told[0].function])
    texts = {kind.path: facts.tree.texts[kind.path] for kind in kinds.values()} if _takes_docstrings(facts) else {}
    below = {path: len(_BELOW.findall(text)) for path, text in texts.items()}
    best = max(below, key=lambda path: below[path], default="")
    return Location(path=best) if best and sum(below.values()) >= _DOCUMENTED * len(names) else None


def _takes_docstrings(facts: Facts) -> bool:
    """Return whether pydantic takes what stands below a field as its description."""
    return any(c.keywords["use_attribute_docstrings"] is True for c in facts.given("use_attribute_docstrings"))


def _in_docstrings(facts: Facts, reads: Sequence[Call]) -> Location | None:
    """Return a module that reads one or two variables and tells of them in its docstrings."""
    names = {_variable(facts, call) for call in reads}
    if not 0 < len(names) <= _FEW:
        return None
    told = {call.path: docstrings(facts.tree.texts[call.path]) for call in reads}
    return next((Location(path=path) for path, text in told.items() if all(name and name in text for name in names)),
                None)  # fmt: skip


def _variable(facts: Facts, call: Call) -> str:
    """Return the variable that is read, by a constant of the module too; empty where it is not known."""
    name = call.args[0] if call.args else ""
    if not isinstance(name, str):
        return literal(name) or ""
    held = re.search(
        rf"(?m)^{re.escape(name.rpartition('.')[2])}\b[^=\n]*= *[\"'](\w+)[\"']", facts.tree.texts[call.path]
    )
    return held[1] if held else ""


def _defaults(facts: Facts, names: set[str]) -> str | None:
    """Return the file that gives some of the variables a value to begin with; a .env itself tells nobody anything."""
    enough = min(_SOME, _DOCUMENTED * len(names))
    files = ((path, text) for path, text in facts.tree.plain.items() if _DEFAULTS.search(path))
    given = ((path, set(_GIVEN.findall(text))) for path, text in files if not _ASIDE.search(path))
    return next((path for path, found in given if names and len(found & names) >= enough), None)


def _coded(fields: set[str], text: str) -> set[str]:
    """Return the fields that a text names as code."""
    return fields & {name.upper() for name in _AS_CODE.findall(text)} if fields else set()


def _is_guide(path: str) -> bool:
    return bool(_GUIDE.search(path) or _DOCUMENT.search(path)) and not _ASIDE.search(path)
