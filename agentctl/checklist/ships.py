"""What a repository ships, decided before any item is asked, since it decides which items can apply."""

from __future__ import annotations

from dataclasses import dataclass

from agentctl.checklist import frameworks
from agentctl.checklist.answer import place
from agentctl.checklist.facts.index import Facts
from agentctl.results import Location

SERVICE, HOSTED, APP, CLI, LIBRARY, SCRIPTS = "service", "hosted", "app", "cli", "library", "scripts"
FOREIGN = "foreign"
_MAINLY = 3  # times as many lines as there are of Python
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
    """Kind of what is shipped, why, and where that is seen."""

    kind: str
    why: str
    evidence: tuple[Location, ...] = ()

    @property
    def sentence(self) -> str:
        """One sentence for the report."""
        return f"This repository ships {_WORDS[self.kind]}: {self.why}."

    @property
    def serves(self) -> bool:
        """Whether requests reach code of its own through a server of its own."""
        return self.kind == SERVICE

    @property
    def runs(self) -> bool:
        """Whether it is a process that somebody operates, rather than code that others import."""
        return self.kind != LIBRARY


def decide(facts: Facts) -> Ships:
    """Return what the repository ships: the first that fits of service, hosted, app, command line, library, scripts."""
    if facts.apps:
        first = place(facts.apps[0])
        return Ships(SERVICE, f"{first.symbol} is made at {first}", tuple(place(app) for app in facts.apps[:3]))
    platform = facts.text("langgraph.json")
    if platform:
        return Ships(HOSTED, f"{platform[0]} names its graphs and no shipped code makes a server",
                     (Location(path=platform[0]),))  # fmt: skip
    surface = [use for use in facts.imported(*frameworks.SURFACES) if not _is_optional(facts, str(use.symbol))]
    if surface:
        return Ships(APP, f"{surface[0].symbol} serves its surface ({surface[0]})", tuple(surface[:3]))
    return _without_server(facts)


def _is_optional(facts: Facts, name: str) -> bool:
    """Return whether a package leaves it to its users to install what is imported."""
    manifest = facts.manifest
    word = name.partition(".")[0].replace("_", "-")
    needed = any(need.name == word for need in manifest.dependencies)
    return manifest.packaged and bool(manifest.dependencies) and not needed and word in manifest.optional


def _without_server(facts: Facts) -> Ships:
    language, lines = facts.foreign
    if lines > _MAINLY * facts.lines and not facts.manifest.packaged:
        first = next(iter(facts.foreign_files(language)))
        return Ships(FOREIGN, f"{lines:,} lines of {language} stand beside {facts.lines:,} of shipped Python",
                     (Location(path=first),))  # fmt: skip
    if facts.manifest.scripts:
        return Ships(CLI, "the manifest declares console scripts", (Location(path=_manifest_path(facts)),))
    commands = facts.called(*frameworks.CLIS)
    guarded = [module for module in facts.shipped if module.main_guard]
    if commands and guarded and not facts.manifest.packaged:
        return Ships(CLI, f"{commands[0].name} is used at {place(commands[0])}", (place(commands[0]),))
    deploying = [path for path in facts.ci_files if "deploy" in path.rpartition("/")[2]]
    deployed = [*(image.path for image in facts.images), *facts.composes, *facts.kubernetes, *deploying]
    if deployed and facts.shipped:
        return Ships(
            APP, f"it is deployed by {deployed[0]} and makes no server of its own", (Location(path=deployed[0]),)
        )
    if facts.manifest.packaged and facts.shipped:
        return Ships(LIBRARY, "it is packaged, makes no server and declares no command",
                     (Location(path=_manifest_path(facts)),))  # fmt: skip
    return Ships(SCRIPTS, "it is not packaged, makes no server and declares no command")


def _manifest_path(facts: Facts) -> str:
    return next((name for name in ("pyproject.toml", "setup.cfg", "setup.py") if name in facts.tree.texts), ".")
