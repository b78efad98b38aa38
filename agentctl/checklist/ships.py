"""What a repository ships, decided before any item is asked, since it decides which items can apply."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agentctl.checklist import frameworks
from agentctl.checklist.answer import counted, place
from agentctl.checklist.doors import doors, is_optional
from agentctl.checklist.facts.index import Facts
from agentctl.results import Location

SERVICE, HOSTED, APP, CLI, LIBRARY, SCRIPTS = "service", "hosted", "app", "cli", "library", "scripts"
FOREIGN = "foreign"
_MAINLY = 3  # times as many lines as there are of Python, or notebooks as modules
_PAGES = re.compile(r"doc|page|site|book")  # of a workflow that deploys nothing that runs
_SETTINGS = re.compile(r"\.?env[.\-_](example|sample|template|dist)|(example|sample|template)\.env", re.IGNORECASE)
_STARTED = re.compile(
    r"(^|/)(procfile|fly(\.[\w-]+)?\.toml|render\.ya?ml|railway\.(json|toml)|app\.ya?ml|vercel\.json|azure\.yaml"
    r"|cloudbuild\.ya?ml|apprunner\.yaml|smithery\.ya?ml|[\w.-]+\.service)$", re.IGNORECASE,
)  # fmt: skip
_TELLS = re.compile(r"readme|(gnu)?makefile|justfile|taskfile|[\w.-]+\.sh$", re.IGNORECASE)
_NAMED = re.compile(r"\bname\s*=\s*[\"']([\w.-]+)")
_WORDS = {
    SERVICE: "a service that serves its own routes",
    HOSTED: "an agent that a platform serves",
    APP: "an application",
    CLI: "a command-line program",
    LIBRARY: "a library",
    SCRIPTS: "scripts",
    FOREIGN: "code that is not read",
}


@dataclass(frozen=True)
class Ships:
    """Kind of what is shipped, why, and where that is seen.

    Attributes:
        doors: What lets requests in where no routes can be read: pages, messengers, servers in other languages.
        unread: What most of it is written in, where that is not read.
    """

    kind: str
    why: str
    evidence: tuple[Location, ...] = ()
    doors: tuple[Location, ...] = ()
    unread: str = ""

    @property
    def sentence(self) -> str:
        """One sentence for the report."""
        return f"This repository ships {_WORDS[self.kind]}: {self.why}."

    @property
    def serves(self) -> bool:
        """Whether requests reach code of its own through a server of its own."""
        return self.kind == SERVICE

    @property
    def is_asked(self) -> bool:
        """Whether requests reach it at all, through routes that are read or through anything else."""
        return self.serves or bool(self.doors)

    @property
    def unasked(self) -> str:
        """Why no request reaches code of its own, for what it ships when nothing asks it."""
        return f"{'the platform' if self.kind == HOSTED else 'nothing of its own'} lets requests in: {self.why}"

    @property
    def runs(self) -> bool:
        """Whether it is a process that somebody operates, rather than code that others import."""
        return self.kind != LIBRARY


def decide(facts: Facts) -> Ships:
    """Return what the repository ships: the first that fits of service, hosted, app, command line, library, scripts."""
    deployed = _is_deployed(facts)
    apps = [app for app in facts.apps if deployed or not _is_aside(facts, app.path)]
    if apps:
        first = place(apps[0])
        return Ships(SERVICE, f"{first.symbol} is made at {first}", tuple(place(app) for app in apps[:3]))
    found = tuple(door for door in doors(facts) if deployed or not _is_aside(facts, door.path))[:3]
    platform = facts.text("langgraph.json")
    if platform:
        return Ships(HOSTED, f"{platform[0]} names its graphs and no shipped code makes a server",
                     (Location(path=platform[0]),), found)  # fmt: skip
    surface = [*facts.imported(*frameworks.SURFACES), *facts.used(frameworks.TOOL_SURFACES)]
    surface = [use for use in surface if not is_optional(facts, str(use.symbol))]
    if surface:
        return Ships(
            APP, f"{surface[0].symbol} {_way(str(surface[0].symbol))} ({surface[0]})", tuple(surface[:3]), found
        )
    return replace(_without_server(facts, found), doors=found)


def _is_deployed(facts: Facts) -> bool:
    """Return whether anything starts what stands in the tree: an image, a compose service, a platform's own file."""
    built = facts.images or facts.kubernetes or facts.composes_build
    return bool(built) or any(map(_STARTED.search, facts.tree.plain))


def _is_aside(facts: Facts, path: str) -> bool:
    """Return whether a module that lets requests in is not of the package that is shipped, though it stands beside it.

    It starts itself, lies outside of the package or is a helper in one with commands, and nothing names it.
    """
    homes, module = _homes(facts), facts.modules.get(path)
    if not homes or module is None or not (module.main_guard and facts.manifest.packaged):
        return False
    inside = path.startswith(homes)
    return not (inside and not _commands_of(facts)) and not _is_named(facts, path, homes)


def _homes(facts: Facts) -> tuple[str, ...]:
    """Return the folder of the package: ``src``, or the one that bears the name of the project."""
    setup = _NAMED.search(facts.tree.texts.get("setup.py", ""))
    name = facts.manifest.name or (setup.group(1) if setup else "")
    homes = ("src/", f"{re.sub('[-.]', '_', name.lower())}/")
    return tuple(home for home in homes if any(module.path.startswith(home) for module in facts.shipped))[:1]


def _is_named(facts: Facts, path: str, homes: tuple[str, ...]) -> bool:
    """Return whether the package imports a module, or a file at the top names it as what is started."""
    others = (module for module in facts.shipped if module.path.startswith(homes) and module.path != path)
    if any(path in facts.imported_paths(other) for other in others):
        return True
    dotted = path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")
    if any(str(call.args[0]).startswith(f"b'{dotted}:") for call in facts.ending("run", "Config") if call.args):
        return True
    tops = [name for name in facts.tree.paths if "/" not in name and name in facts.tree.texts]
    told = {name: (path, dotted) if _TELLS.match(name) else (f"{dotted}:",) for name in tops}
    return any(word in facts.tree.texts[name] for name, words in told.items() for word in words)


def _way(name: str) -> str:
    """Return how a library's surface is reached."""
    if name.startswith(("mcp.", "fastmcp.")):
        return "offers its tools to the program that starts it"
    return "takes calls from its platform" if name.startswith("livekit.") else "serves its surface"


def _without_server(facts: Facts, found: tuple[Location, ...]) -> Ships:
    unread = _unread(facts)
    if unread:
        return unread
    declaring = _commands_of(facts)
    if declaring:
        return Ships(CLI, "the manifest declares console scripts", (Location(path=declaring),))
    commands = facts.called(*frameworks.CLIS)
    guarded = [module for module in facts.shipped if module.main_guard]
    if commands and guarded and not facts.manifest.packaged:
        return Ships(CLI, f"{commands[0].name} is used at {place(commands[0])}", (place(commands[0]),))
    if found and facts.shipped:
        return Ships(APP, f"{found[0].symbol} lets requests in ({found[0]})", found)
    named = ((path, path.rpartition("/")[2]) for path in facts.ci_files)
    deploying = [path for path, name in named if "deploy" in name and not _PAGES.search(name)]
    deployed = [*(image.path for image in facts.images), *facts.composes, *facts.kubernetes, *deploying]
    if deployed and facts.shipped:
        return Ships(
            APP, f"it is deployed by {deployed[0]} and makes no server of its own", (Location(path=deployed[0]),)
        )
    return _packaged(facts)


def _unread(facts: Facts) -> Ships | None:
    """Return that most of what is shipped is in a language or form that is not read."""
    if facts.manifest.packaged:
        return None
    language, lines = facts.foreign
    if not facts.modules and not lines:
        return Ships(FOREIGN, "no code that is known stands in it", unread="configuration and text")
    if lines > _MAINLY * facts.lines:
        first = next(iter(facts.foreign_files(language)))
        return Ships(FOREIGN, f"{lines:,} lines of {language} beside {facts.lines:,} of shipped Python",
                     (Location(path=first),), unread=language)  # fmt: skip
    books = [path for path in facts.tree.paths if path.endswith(".ipynb")]
    if len(books) > _MAINLY * len(facts.shipped):
        return Ships(FOREIGN, f"{counted(books, 'notebook')} beside {counted(facts.shipped, 'shipped module')}",
                     (Location(path=books[0]),), unread="notebooks")  # fmt: skip
    return None


def _packaged(facts: Facts) -> Ships:
    """Tell a library from a program that can be installed too: that has a module to be run, or settings of its own."""
    if not facts.manifest.packaged or not facts.shipped:
        return Ships(SCRIPTS, "it is not packaged, makes no server and declares no command")
    starting = [m.path for m in facts.shipped if m.main_guard or m.path.endswith("__main__.py")]
    settings = [path for path in facts.tree.plain if _SETTINGS.fullmatch(path)]
    run = [*starting, *settings]
    if run:
        what = "is there to be run" if starting else "sets up a process of its own"
        return Ships(APP, f"it is packaged, and {run[0]} {what}", (Location(path=run[0]),))
    return Ships(LIBRARY, "it is packaged, makes no server, declares no command and nothing in it is there to be run",
                 (Location(path=_manifest_path(facts)),))  # fmt: skip


def _commands_of(facts: Facts) -> str:
    """Return the manifest that declares console scripts, empty without one."""
    return _manifest_path(facts) if facts.manifest.scripts else _setup_with_scripts(facts)


def _setup_with_scripts(facts: Facts) -> str:
    """Return the setup.py that declares console scripts, empty without one."""
    return "setup.py" if "console_scripts" in facts.tree.texts.get("setup.py", "") else ""


def _manifest_path(facts: Facts) -> str:
    return next((name for name in ("pyproject.toml", "setup.cfg", "setup.py") if name in facts.tree.texts), ".")
