"""SE: exact versions of what it depends on."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from agentctl.checklist import absence
from agentctl.checklist.answer import Answer, failed, not_applicable, passed, unknown, weak
from agentctl.checklist.facts import manifest, roles
from agentctl.checklist.facts.deploy import Image
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import CLI, FOREIGN, LIBRARY, Ships
from agentctl.results import Confidence, Location

_LOCK_USE = re.compile(
    r"uv (sync|export)[^&|;\n]*--(frozen|locked)|uv pip sync|poetry (install|sync)|pdm sync|"
    r"pdm install[^&|;\n]*--frozen-lockfile|pipenv (sync|install[^&|;\n]*--deploy)"
)
_ELSEWHERE = re.compile(
    r"(^|/)(environment[\w.-]*\.ya?ml|Pipfile|requirements[\w./-]*\.in|meta\.ya?ml|BUILD(\.bazel)?)$"
)
_OTHER_LOCKS = {
    "package.json": (
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
        "npm-shrinkwrap.json",
    ),
    "go.mod": ("go.sum",),
    "Cargo.toml": ("Cargo.lock",),
    "Gemfile": ("Gemfile.lock",),
    "composer.json": ("composer.lock",),
}
_SOLVED = re.compile(r"\b(uv (sync|run)|poetry (install|sync|run)|pdm (install|sync|run)|pipenv|pixi (install|run))\b")
_OWN_INSTALL = re.compile(r"\bpip3? install (-e )?[\"']?\.(\[[\w,-]+\])?[\"']?(?=[\s`]|$)", re.MULTILINE)
_MANIFEST = re.compile(r"pyproject\.toml|setup\.(py|cfg)|requirements|constraints|\w+\.lock|\*|src$|Pipfile")
_EDITABLE = re.compile(r"\bpip3? install[^&|;]* (-e|--editable)\b")
# How users fetch what is published, from the index of the language or of a distribution.
_INDEX = (
    r"(?:\b(?:pip3? install|pipx (?:install|run)|uv (?:add|pip install|tool (?:install|run))|poetry add"
    r"|(?:conda|dnf|yum|apt|apt-get|brew) install)|\buvx)(?: -[\w-]+)* [\"']?(?:"
)
_ENDS = r"(?=[\[\s\"'`=<>@~,]|$)"
_OF_TOOLS = re.compile(r"dev|test|docs|lint|(^|[-_.])ci[-_.]")
_BORNE = 20  # one range among so many exact versions is borne
_FLOATING = re.compile(r"\b(pip3? install|uv pip install)\b")


def se05(facts: Facts, ships: Ships) -> Answer:
    """Are dependencies locked to exact versions, consistently with the manifest?

    Why: guide 1 "Containerization complete", guide 4 "deployment readiness".
    Counts: a lock file or a constraints or requirements file with exact versions that holds every direct
    dependency and that the image and the documented install use (an image beside it that takes nothing from the tree
    is told); a manifest whose own versions are exact (one of twenty may float), with low confidence, since what they
    need floats; where most of the code is in another language, the locks of that language beside its manifests.
    Does not count: ranges; a lock that disagrees with the manifest or that the image ignores; nor one that holds for
    development only, since the README has users fetch the package by its name and nothing that is built uses the lock.
    Closed: always; locks stand in the tree. n/a for libraries, and where the shipped code imports nothing but the
    standard library; a package with commands, or one that can make a server, only warns where it has no image.
    Mend: ``uv lock`` and ``uv sync --frozen`` in the image, or ``pip-compile --generate-hashes``.
    """
    if ships.kind == FOREIGN:
        return _of_other_languages(facts)
    if ships.kind == LIBRARY:
        return not_applicable("a library leaves the versions to its users", ships.evidence)
    needs = facts.manifest.dependencies
    if not needs and not facts.manifest.pins and not facts.manifest.locks:
        return _undeclared(facts)
    if facts.manifest.locks:
        return _lock_file(facts)
    return _pin_files(facts, ships)


def _of_other_languages(facts: Facts) -> Answer:
    """Answer for manifests of other languages, by the locks beside them or at the top; what they hold is not read."""
    needs = [path for path in facts.beside if PurePosixPath(path).name in _OTHER_LOCKS]
    present = frozenset(facts.tree.paths)
    locks = {path: _other_lock(present, path) for path in needs}
    bare = [Location(path=path) for path, lock in locks.items() if lock is None]
    held = [Location(path=lock) for lock in locks.values() if lock is not None]
    if held and not bare:
        return passed(f"{held[0].path} locks what {needs[0]} asks for", held, scope="manifests and locks",
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if held:
        return weak(f"{held[0].path} is there, and no lock for {bare[0].path}", "lock that one too", bare,
                    scope="manifests and locks")  # fmt: skip
    return unknown("no lock of another language that is known was found", "commit its lock", bare,
                   scope="manifests and locks")  # fmt: skip


def _other_lock(present: frozenset[str], path: str) -> str | None:
    """Return the lock of a manifest, beside it or at the top of the tree."""
    folder, _, name = path.rpartition("/")
    spots = [f"{folder}/{lock}" for lock in _OTHER_LOCKS[name]] if folder else []
    return next((spot for spot in (*spots, *_OTHER_LOCKS[name]) if spot in present), None)


def _undeclared(facts: Facts) -> Answer:
    """Answer where no manifest that is read declares anything: what the code imports has to come from somewhere."""
    others = sorted(absence.libraries(facts))
    if not others:
        return not_applicable("nothing is declared, and the shipped code imports nothing but the standard library")
    elsewhere = [path for path in (*facts.beside, *facts.tree.python) if _ELSEWHERE.search(path) or path == "setup.py"]
    if elsewhere:
        return unknown(f"what {elsewhere[0]} declares is not read, and no lock is there",
                       "declare in pyproject.toml, and lock: uv lock", [Location(path=path) for path in elsewhere],
                       scope="manifests and locks")  # fmt: skip
    return failed(f"the code imports {', '.join(others[:3])}, and nothing declares a version of it",
                  "declare them in pyproject.toml, and lock: uv lock", facts.imported(*others),
                  confidence=Confidence.MEDIUM, scope="manifests and locks")  # fmt: skip


def _lock_file(facts: Facts) -> Answer:
    path = next(iter(facts.manifest.locks))
    wrong = manifest.lock_disagrees(facts.manifest)
    if wrong:
        return weak(f"{path} disagrees with the manifest on {', '.join(wrong[:3])}", "lock again: uv lock",
                    [Location(path=path)], scope="manifests and locks")  # fmt: skip
    apart = [image for image in facts.images if _goes_without(facts, image)]
    mixed = [image for image in apart if not _is_of_others(image)] if _is_used(facts) else apart
    if mixed:
        spots = [_floating(mixed[0]), Location(path=path)]
        return weak(f"{path} is there, but {mixed[0].path} installs without it", "uv sync --frozen in the image",
                    spots, scope="manifests and locks")  # fmt: skip
    if apart:
        words = f"{path} locks every direct dependency ({len(facts.manifest.dependencies)}), and the image uses it"
        return passed(f"{words}; {apart[0].path} beside it holds tools of others only",
                      [Location(path=path), _floating(apart[0])], confidence=Confidence.MEDIUM,
                      scope="manifests and locks")  # fmt: skip
    loose = None if facts.images else _documented(facts)
    if loose:
        return weak(f"{path} is there, but the documented install goes without it ({loose.symbol})",
                    "document the install from the lock: uv sync --frozen", [loose, Location(path=path)],
                    scope="manifests and locks")  # fmt: skip
    named = _by_name(facts)
    if named:
        return _of_development(path, named)
    return passed(f"{path} locks every direct dependency ({len(facts.manifest.dependencies)})", [Location(path=path)],
                  scope="manifests and locks")  # fmt: skip


def _of_development(path: str, named: Location) -> Answer:
    return weak(f"{path} holds for development only: who installs it ({named.symbol}) gets what its ranges allow",
                "offer an image or an install that uses the lock", [named, Location(path=path)],
                scope="manifests and locks")  # fmt: skip


def _by_name(facts: Facts) -> Location | None:
    """Return where the README has users fetch a package by its name, None where it is built into an image too."""
    readme = facts.text("README.md", "README.rst", "README.txt", "README")
    if not facts.manifest.packaged or facts.composes_build or _images_of(facts) or readme is None:
        return None
    names = {row.partition("=")[0].strip() for row in (facts.manifest.name, *facts.manifest.scripts)} - {""}
    asked = re.compile(f"{_INDEX}{'|'.join(map(re.escape, names))}){_ENDS}", re.IGNORECASE) if names else None
    match = asked.search(readme[1]) if asked else None
    line = readme[1].count("\n", 0, match.start()) + 1 if match else 0
    return Location(path=readme[0], line=line, symbol=re.sub("[\"']", "", match.group())) if match else None


def _images_of(facts: Facts) -> list[Image]:
    """Return the images that hold what is shipped: none of a demo, of a part alone, or to develop it in."""
    return [image for image in facts.images
            if roles.role(f"{image.path}.py") != roles.EXAMPLE and _holds_project(image)]  # fmt: skip


def _holds_project(image: Image) -> bool:
    """Return whether an image takes the whole tree or a manifest of it, and does not install it to be edited."""
    taken = {PurePosixPath(word).name for kind in ("COPY", "ADD") for step in image.all(kind)
             if "--from=" not in step.text for word in re.sub(r"[\[\]\"',]", " ", step.text).split()[:-1]}  # fmt: skip
    whole = "" in taken or any(map(_MANIFEST.match, taken))
    return whole and not _EDITABLE.search(_commands(image))


def _commands(image: Image) -> str:
    return " ".join(step.text for step in image.all("RUN"))


def _goes_without(facts: Facts, image: Image) -> bool:
    """Return whether an image installs what has no exact version, and not from the lock."""
    commands = _commands(image)
    floats = _FLOATING.search(_without_pinned(commands))
    return bool(floats) and not _LOCK_USE.search(commands) and not _uses_pins(facts, commands)


def _floating(image: Image) -> Location:
    line = next((step.line for step in image.all("RUN") if _FLOATING.search(step.text)), 1)
    return Location(path=image.path, line=line)


def _is_of_others(image: Image) -> bool:
    """Return whether an image takes nothing from the tree."""
    return all("--from=" in step.text for word in ("COPY", "ADD") for step in image.all(word))


def _is_used(facts: Facts) -> bool:
    """Return whether an image of what is shipped installs from the lock."""
    return any(_LOCK_USE.search(_commands(image)) for image in facts.images
               if roles.role(f"{image.path}.py") == roles.SHIPPED)  # fmt: skip


def _documented(facts: Facts) -> Location | None:
    """Return the documented install that ignores the lock, None where one with the lock is documented or run by CI."""
    readme = facts.text("README.md", "README.rst", "README.txt", "README")
    helping = facts.text("CONTRIBUTING.md", "docs/CONTRIBUTING.md", ".github/CONTRIBUTING.md")
    texts = [text for found in (readme, helping) if found for text in found[1:]]
    if readme is None or any(map(_SOLVED.search, [*texts, *facts.makefile.values(), *(s.text for s in facts.ci)])):
        return None
    match = _OWN_INSTALL.search(readme[1])
    line = readme[1].count("\n", 0, match.start()) + 1 if match else 0
    return Location(path=readme[0], line=line, symbol=match.group().strip("`")) if match else None


def _without_pinned(commands: str) -> str:
    """Drop the installation of single pinned tools (``pip install uv==0.11``)."""
    return re.sub(r"pip3? install\s+(--[\w-]+\s+)*[\w-]+==\S+", "", commands)


def _uses_pins(facts: Facts, commands: str) -> bool:
    names = [PurePosixPath(p).name for p, rows in facts.manifest.pins.items() if rows and all(r.exact for r in rows)]
    return any(name in commands for name in names)


def _pin_files(facts: Facts, ships: Ships) -> Answer:
    pins = {p: rows for p, rows in facts.manifest.pins.items() if not _OF_TOOLS.search(PurePosixPath(p).name)}
    live = {p: rows for p, rows in pins.items() if roles.role(f"{p}.py") == roles.SHIPPED}
    full = [p for p, rows in live.items() if all(row.exact for row in rows)]
    held = {row.name for path in full for row in live[path]}
    missing = [need.name for need in facts.manifest.dependencies if need.name not in held]
    if full and not missing:
        hashed = [path for path in full if path in facts.manifest.hashed]
        ignored = _image_ignores(facts, full)
        if ignored:
            return weak(f"{full[0]} pins every dependency, but {ignored.path} installs without it",
                        "install from it in the image", [ignored, Location(path=full[0])],
                        scope="manifests and locks")  # fmt: skip
        named = _by_name(facts)
        if named and not _all_exact(facts):
            return _of_development(full[0], named)
        words = "with hashes" if hashed else "without hashes"
        return passed(f"{(hashed or full)[0]} pins every dependency to one version, {words}",
                      [Location(path=p) for p in (hashed or full)], scope="manifests and locks")  # fmt: skip
    needs = list(facts.manifest.dependencies) or [row for rows in live.values() for row in rows]
    if not needs and facts.ships_examples and pins:
        return unknown(
            "only examples declare dependencies", "lock those of each", [Location(path=path) for path in pins]
        )
    if not needs:
        return not_applicable("nothing that is shipped declares a dependency")
    exact = [need for need in needs if need.exact]
    if exact and len(exact) * _BORNE >= len(needs) * (_BORNE - 1):
        words = f"{len(exact)} of {len(needs)} direct dependencies have an exact version; what they need floats"
        return passed(words, [Location(path=need.path, line=need.line, symbol=need.name) for need in exact],
                      scope="manifests and locks", confidence=Confidence.LOW)  # fmt: skip
    message = f"{len(exact)} of {len(needs)} direct dependencies have an exact version and there is no lock"
    spots = [Location(path=need.path, line=need.line, symbol=need.name) for need in needs if not need.exact]
    hint = "lock all of them: uv lock, or pip-compile --generate-hashes"
    if _is_installed(facts, ships) or (needs and len(exact) * 2 >= len(needs)):
        return weak(message, hint, spots, scope="manifests and locks")
    return failed(message, hint, spots, scope="manifests and locks")


def _all_exact(facts: Facts) -> bool:
    return all(need.exact for need in facts.manifest.dependencies)


def _is_installed(facts: Facts, ships: Ships) -> bool:
    """Return whether pip solves the versions where it is wanted: commands, what users fetch, what makes a server."""
    if not facts.manifest.packaged or _images_of(facts):
        return False
    top = {module.name for module in facts.shipped}
    offered = ships.serves and not facts.composes and not any(app.function in top for app in facts.apps)
    return ships.kind == CLI or bool(facts.manifest.scripts) or offered or _by_name(facts) is not None


def _image_ignores(facts: Facts, full: list[str]) -> Location | None:
    names = [PurePosixPath(path).name for path in full]
    for image in facts.images:
        runs = [s for s in image.all("RUN") if _FLOATING.search(_without_pinned(s.text))]
        if runs and not any(
            name in step.text for step in (*runs, *image.all("ENV"), *image.all("ARG")) for name in names
        ):
            return Location(path=image.path, line=runs[0].line)
    return None
