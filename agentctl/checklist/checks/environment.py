"""DP: configuration from the environment, and where its variables are documented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, literal
from agentctl.checklist.ships import LIBRARY, Ships
from agentctl.results import Location

_ONE_PLACE = 0.60
_DOCUMENTED = 0.50  # of the variables that are read, by name in one document
_EXAMPLE = re.compile(
    r"(^|/)(\.?[\w.-]*(env|config\d?|settings?|secrets?)[\w-]*([._-]\w+)?[._-](example|sample|template|dist)(\.\w+)?"
    r"|(example|sample|template)[._-][\w-]*(env|config|settings?|secrets?)(\.\w+)?|configuration\.toml)$",
    re.IGNORECASE,
)
_OF_FILE = re.compile(r"(config|settings)[^/]*\.(ya?ml|toml|json|example|sample|template)$", re.IGNORECASE)
_MODULE = re.compile(r"(^|/)(config|settings)\w*\.py$|(^|/)(configs?|settings)/")
_GUIDE = re.compile(
    r"(^|/)(readme|[\w-]*(config|environment|settings?|install|setup|deploy|start|usage)[\w-]*)\.(md|rst)$",
    re.IGNORECASE,
)


def dp01(facts: Facts, ships: Ships) -> Answer:
    """Is configuration outside the code, one place that reads the environment, the variables documented?

    Why: guide 0 "Environment Configuration", guides 2 and 4.
    Counts: one settings object (pydantic-settings, dynaconf, environs, one file that reads most variables, or a typed
    model in a module of configuration, with an example of its file), and the variables documented: an .env example, an
    example of the settings file, or a README or guide that names at least half of the variables that the code reads.
    Does not count: reading the environment all over the code; a document that names other variables.
    Closed: never (keys in the code are SE02's).
    Mend: one typed settings object, and .env.example in step with it.
    """
    settings: list[Class | Call] = [
        *facts.subclasses(*frameworks.SETTINGS), *facts.called_as(*frameworks.SETTINGS)
    ]  # fmt: skip
    reads = facts.called_as(*frameworks.ENV_READS) + _subscripts(facts)
    where = Counter(PurePosixPath(call.path).as_posix() for call in reads)
    central = where and where.most_common(1)[0][1] >= _ONE_PLACE * len(reads) and len(reads) > 1
    documented = _documentation(facts, _names(settings, reads))
    models = _models(facts) if documented and _OF_FILE.search(documented.path) else []
    if documented and models and not (settings or central):
        return passed("a typed model takes the configuration from a file, whose example stands in the tree",
                      [*places(models[:2]), documented])  # fmt: skip
    if (settings or central) and documented:
        evidence = places(settings[:2]) or [Location(path=where.most_common(1)[0][0])]
        return passed(
            "one settings object reads the environment and the variables are documented", [*evidence, documented]
        )
    if settings or reads:
        what = (
            "the variables are documented nowhere"
            if settings or central
            else f"{len(where)} files read the environment"
        )
        hint = "document them in .env.example" if settings or central else "read it in one typed settings object"
        return weak(f"configuration comes from the environment, but {what}", hint, places([*settings, *reads]))
    return _by_libraries(facts, ships)


def _by_libraries(facts: Facts, ships: Ships) -> Answer:
    """Answer for code that reads no variable itself."""
    taking = [*facts.called_as(*frameworks.CLIENTS), *facts.called("dotenv.load_dotenv")]
    if taking:
        return weak("clients take what they need from the environment by themselves, and nothing says what",
                    "say which variables it needs in .env.example", places(taking))  # fmt: skip
    if ships.kind == LIBRARY:
        return unknown(
            "the library reads no configuration that could be found", "take settings as arguments", ships.evidence
        )
    return unknown("no configuration from the environment was found", "read settings from the environment in one place")


def _models(facts: Facts) -> list[Class]:
    """Return the typed models of configuration that stand in a module of that name."""
    typed = facts.subclasses(*frameworks.SCHEMAS)
    return [kind for kind in typed if kind.short.endswith(("Config", "Settings")) and _MODULE.search(kind.path)]


def _subscripts(facts: Facts) -> list[Call]:
    """Return ``os.environ["X"]`` reads as calls, so that they count beside ``os.getenv``."""
    return [
        Call(m.name, m.line, m.function, (), {}, "call", loop=False, name=m.name, path=m.path)
        for module in facts.shipped for m in module.mentions
        if m.name == "os.environ"
    ]  # fmt: skip


def _names(settings: Iterable[Class | Call], reads: Sequence[Call]) -> set[str]:
    """Return the variables that are read, as far as the code names them."""
    read = {name for call in reads if call.args and (name := literal(call.args[0]))}
    return read | {name.upper() for kind in settings if isinstance(kind, Class) for name in kind.fields}


def _documentation(facts: Facts, names: set[str]) -> Location | None:
    """Return where the variables are documented: an example to fill in, else a guide that names half of them."""
    found = (path for path, text in facts.tree.plain.items() if _EXAMPLE.search(path) and text.strip())
    example = next(found, None)
    if example:
        return Location(path=example)
    for path, text in facts.beside.items() if names else ():
        if _GUIDE.search(path) and sum(name in text for name in names) >= _DOCUMENTED * len(names):
            return Location(path=path)
    return None
