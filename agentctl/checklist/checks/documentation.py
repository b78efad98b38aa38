"""CQ: what a newcomer reads."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import (
    Answer,
    bound,
    failed,
    passed,
    weak,
)
from agentctl.checklist.facts import hooks
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import ENV, OPAQUE, Call, Class, Function, literal
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_DOCUMENTED = 50.0  # per cent
_LINK = re.compile(  # to a document or a folder of the tree, by its place in it or by the address of its page
    r"\]\(\s*<?(?:https://github\.com/[\w.-]+/[\w.-]+/(?:blob|tree)/[\w.-]+/|\.?/)?([\w./-]+)(?:#[\w-]*)?>?\s*\)"
    r"|`[^`]*<(?:\./)?([\w./-]+\.rst)>`_"
)
_LINKED = 30  # documents that are followed
_SITE = re.compile(  # the settings of a site that is built from documents of the tree
    r"(?P<of>(.*/)?)(mkdocs\.ya?ml|conf\.py|docusaurus\.config\.\w+|docs\.json|mint\.json|_quarto\.yml|astro\.config\.\w+"
    r"|\.vitepress/config\.\w+)"
)
_TO_SITE = re.compile(
    r"https?://[^\s)\"'>]*(\bdocs?\b|readthedocs|\.github\.io|documentation)|\[docs?(umentation)?\]\(https?:",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"install|quick|start|setup|config|environment|usage|run|deploy|test|contribut|develop|guide|tutorial|index|readme",
    re.IGNORECASE,
)
_HELPING = re.compile(
    r"([\w.-]+/){0,2}(contributing|developing|development|developers?|hacking|testing|agents|claude)([_-]\w+)?\.(md|rst)$",
    re.IGNORECASE,
)
_CONFIGURES = re.compile(
    r"^(#+)[^\n]*\b(config\w*|settings|environment variables?)\b[^\n]*$", re.IGNORECASE | re.MULTILINE
)
_SET = re.compile(  # a variable, an option or an object that configures, in code
    r"(^|[ \t])((export|set|setx|-e|--env) |\$env:)?[A-Z][A-Z0-9]*_[A-Z0-9_]+=\S|--(config|settings|env-file)\b|"
    r"\b[A-Z]\w*(Config|Settings)\(|\b(api_key|api_base|base_url|model(_id|_name)?)=",
    re.MULTILINE,
)
_SHOWN = re.compile(r"^[ \t]*(```|~~~|\|.*\|)|`[A-Z][A-Z0-9_]{3,}`", re.MULTILINE)
_INLINE = re.compile(r"(?<![`\w])`([^`\n]+ [^`\n]+|pytest|tox|nox)`(?!`)")
_IMPORTS = re.compile(r"\s*(from|import)\b")
_INDENTED = re.compile(r"^( {3,}|\t)\S.*$", re.MULTILINE)  # of a README in reStructuredText
_BLOCK = re.compile(r"(?<=\n\n)(?:(?: {4,}|\t)\S.*\n?)+")  # code that stands beside fences
_ROW = re.compile(r"^[ \t]+(?:[$>%] )?(\S.*)$", re.MULTILINE)
_WRITTEN = (".md", ".rst", ".mdx")
_FENCED = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(.*?)^[ \t]*\1", re.MULTILINE | re.DOTALL)
_INSTALL = re.compile(
    r"\b(pip3? install|uv (sync|pip install|tool install|add)|poetry (install|add)|pdm (install|sync)|pipx install|"
    r"conda (env )?create|pipenv (install|sync)|rye sync|pixi install|brew install|helm install|azd up|"
    r"(npm|pnpm|bun) (install|ci)|"
    r"docker[ -]compose\b.* up|docker (build|pull|run)|make (install|setup|dev|build)[\w-]*|npm install -g|uvx)\b"
    r"|\"command\":\s*\"(uv|docker|pipx)\""
)
_TEST = re.compile(
    r"\b(pytest|make ([\w-]+[_-])?(tests?|check)\b[\w-]*|tox|nox|python3? -m unittest|agentctl test|hatch (run )?test"
    r"|(just|poe|task|invoke|inv|(pdm|rye|pixi|npm|pnpm|yarn|bun) run) [\w:-]*tests?[\w:-]*|(npm|yarn|pnpm|rye) test"
    r"|manage\.py test|(bash|sh) [\w./-]*tests?\.sh)\b|\./[\w./-]*tests?\.sh\b"
)
_HOOKS = re.compile(r"\b(pre-commit|prek) run\b")
_CREDENTIAL = re.compile(r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD)S?(_|$)")
_RUN = re.compile(
    r"\b(uvicorn|gunicorn|hypercorn|flask run|fastapi (run|dev)|streamlit run|chainlit run|docker[ -]compose\b.* up|"
    r"docker run|langgraph (dev|up)|make (run|dev|start|serve|up)[\w-]*|uvx|python3? (-m )?[\w./-]+|"
    r"uv run (?!pytest)[\w./-]+|from [\w.]+ import|import \w+)"
    r"|\"mcpServers\":\s*\{|\"command\":\s*\"(uv|uvx|docker|pipx|python3?)\""  # a client that starts it
)


def cq05(facts: Facts, ships: Ships) -> Answer:
    """Does the documentation let a newcomer install, configure, run and test it, and are public definitions documented?

    Why: guide 0 "Code documentation complete", guides 1, 2 and 4.
    Counts: commands set as code in the README, or in a document of the tree that it links to or that the site which it
    links to is made of (or CONTRIBUTING and the like, for tests), whose make target, script or file exists; hooks that
    it tells to run and that run the tests; for configuration a variable that the code reads, an example of an
    environment file, a variable, an option or an object that configures in the README's code, a part headed for it that
    shows some, or the README of a folder that names the secret, where its code reads one that has to be set; docstrings
    of public classes and functions, at 50 %. The program's own command, in code or for a client to start, runs it.
    Does not count: words that are not set as code; a make target that does not exist; a README elsewhere.
    Closed: always; the README is where a newcomer looks.
    Mend: add code blocks with the commands for install, run and test; document what is public.
    """
    readme = facts.text("README.md", "README.rst", "README.txt", "README", "docs/README.md")
    if readme is None:
        return failed("there is no README with anything in it", "write a README that installs, runs and tests it")
    definitions: list[Function | Class] = [f for f in facts.functions if f.public and not f.nested]
    definitions += [kind for kind in facts.classes if kind.public]
    documented = sum(definition.documented for definition in definitions)
    share = documented / len(definitions) if definitions else 1.0
    found = _instructions(facts, readme[1], ships)
    missing = [word for word, place_ in found.items() if place_ is None]
    evidence = [Location(path=readme[0], line=line) for line in found.values() if line]
    there = [word for word in found if word not in missing]
    parts = [_listed(there), f"no working {_listed(missing)}" if missing else ""]
    subject = "the README, with the documents beside it," if 1 in found.values() else "the README"
    message = f"{subject} has {' but '.join(filter(None, parts))}"
    if definitions:
        message += f"; {documented} of {len(definitions)} public definitions are documented ({share:.0%})"
    documents = share >= bound(facts.settings, "docstrings", _DOCUMENTED) / 100
    if not missing and documents:
        return passed(message, evidence)
    hint = f"add a code block with the {missing[0]} command" if missing else "document the public definitions"
    if len(missing) == len(found) and not documents:
        return failed(message, hint, [Location(path=readme[0])])
    return weak(message, hint, evidence or [Location(path=readme[0])])


def _instructions(facts: Facts, readme: str, ships: Ships) -> dict[str, int | None]:
    """Return the line of the first working command of each kind, 1 for one in another document; None without one."""
    linked = _linked(facts, readme)
    helping = [text for path, text in facts.tree.plain.items() if _HELPING.fullmatch(path)]
    asked = (("install", _INSTALL, linked), ("run", _running(facts), linked), ("test", _TEST, [*linked, *helping]))
    found: dict[str, int | None] = {}
    for word, pattern, others in asked:
        elsewhere = any(_command(facts, text, pattern) for text in others)
        elsewhere = elsewhere or (word == "test" and _by_hooks(facts, [readme, *others]))
        found[word] = _command(facts, readme, pattern) or (1 if elsewhere else None)
    reads = facts.called_as(*frameworks.ENV_READS)
    raising = {m.name.removeprefix(ENV) for module in facts.shipped for m in module.mentions if m.name.startswith(ENV)}
    variables = {literal(v) or "" for call in reads for v in call.args[:1]} | raising
    if ships.runs and (any(map(_is_secret, reads)) or any(map(_CREDENTIAL.search, raising))):
        example = facts.text(".env.example", ".env.sample", ".env.template", "env.example", ".env.dist")
        named = next((variable for variable in sorted(variables) if variable and variable in readme), None)
        told = example or any(map(_configures, linked)) or any(v in text for v in variables if v for text in linked)
        told = told or _told_beside(facts, reads)
        found["configuration"] = (
            readme[: readme.find(named)].count("\n") + 1
            if named
            else _command(facts, readme, _SET) or _configures(readme) or (1 if told else None)
        )
    return found


def _is_secret(call: Call) -> bool:
    """Return whether a secret is read that has no other value."""
    name, default = (*call.args, call.keywords.get("default", OPAQUE))[:2] if call.args else (OPAQUE, OPAQUE)
    return bool(_CREDENTIAL.search(literal(name) or "")) and not literal(default)


def _told_beside(facts: Facts, reads: list[Call]) -> bool:
    """Return whether a README in a folder of a module that reads a secret, or above it, names that."""
    for call in filter(_is_secret, reads):
        folders = call.path.split("/")[:-1]
        names = ("/".join([*folders[:depth], "README.md"]) for depth in range(len(folders), 0, -1))
        if any((literal(call.args[0]) or OPAQUE) in facts.tree.plain.get(name, "") for name in names):
            return True
    return False


def _running(facts: Facts) -> re.Pattern[str]:
    """Return what runs it: the commands that everybody knows, and its own, at the start of a line or for a client."""
    own = "|".join(re.escape(name.partition("=")[0].strip()) for name in facts.manifest.scripts)
    if not own:
        return _RUN
    return re.compile(
        rf"{_RUN.pattern}|(?m:^[ \t]*(?:[$>%] )?)(?:(?:uv|poetry|pdm|hatch) run )?(?:{own})(?=[ \t\n]|$)"
        rf"|\"command\":\s*\"(?:{own})\""
    )


def _by_hooks(facts: Facts, texts: list[str]) -> bool:
    """Return whether hooks that a document tells to run run the tests."""
    configured = facts.tree.plain.get(hooks.FILE, "")
    return bool(_TEST.search(configured)) and any(_command(facts, text, _HOOKS) for text in texts)


def _linked(facts: Facts, readme: str) -> list[str]:
    """Return the documents of the tree that a README at its top links to."""
    names = dict.fromkeys((one or other).strip("/") for one, other in _LINK.findall(readme))
    told = (name if name.endswith(_WRITTEN) else f"{name}/README.md" for name in names)
    linked = [facts.tree.plain[name] for name in told if name in facts.tree.plain][:_LINKED]
    return linked + (_published(facts) if _TO_SITE.search(readme) else [])


def _published(facts: Facts) -> list[str]:
    """Return the documents, of those named for what a newcomer does, that a site is built from."""
    sites = (match for path in facts.tree.paths if (match := _SITE.fullmatch(path)))
    folders = tuple({"docs/" if match["of"] == "" else match["of"] for match in sites if _of_documents(match)})
    found = (path for path in facts.tree.plain if folders and path.startswith(folders))
    documents = (path for path in found if path.endswith((".md", ".mdx", ".rst")))
    telling = (path for path in documents if _TELLING.search(path.rpartition("/")[2]))
    return [facts.tree.plain[path] for path in telling][:_LINKED]


def _of_documents(site: re.Match[str]) -> bool:
    """Return whether the settings of a site are those of documents: at the top only MkDocs' are told by their name."""
    return "doc" in site["of"] or site[0].startswith("mkdocs")


def _configures(text: str) -> int | None:
    """Return the line of the first part that is headed for configuration and shows some, not only words about it."""
    for heading in _CONFIGURES.finditer(text):
        following = re.compile(rf"^#{{1,{len(heading[1])}}} ", re.MULTILINE).search(text, heading.end())
        if _SHOWN.search(text, heading.end(), following.start() if following else len(text)):
            return text.count("\n", 0, heading.start()) + 1
    return None


def _command(facts: Facts, text: str, pattern: re.Pattern[str]) -> int | None:
    spans = [block.span(2) for block in _FENCED.finditer(text)] or [row.span() for row in _INDENTED.finditer(text)]
    spans += [code.span(1) for code in _INLINE.finditer(text) if not _IMPORTS.match(code.group(1))]
    found = ((start, match) for start, end in spans for match in pattern.finditer(text[start:end]))
    for start, match in found:
        if _exists(facts, match.group(0)):
            return text.count("\n", 0, start + match.start()) + 1
    return _beside_fences(facts, text, pattern)


def _beside_fences(facts: Facts, text: str, pattern: re.Pattern[str]) -> int | None:
    """Return the line of the first command that an indented block begins a row with: other rows may be prose."""
    for block in _BLOCK.finditer(text):
        for row in _ROW.finditer(text, *block.span()):
            match = pattern.match(row[1])
            if match and _exists(facts, match.group(0)):
                return text.count("\n", 0, row.start()) + 1
    return None


def _exists(facts: Facts, command: str) -> bool:
    """Return whether a make target or a script that a command names is there."""
    words = command.split()
    if words[0] == "make":
        return words[1] in facts.makefile
    if words[-1].endswith(".sh"):
        return any(f"/{path}".endswith(f"/{words[-1].removeprefix('./')}") for path in facts.tree.paths)
    script = words[-1]
    if script.endswith(".py") and words[0].startswith(("python", "uv")):
        return any(path == script.removeprefix("./") or path.endswith(f"/{script}") for path in facts.tree.paths)
    return True


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1] if words else ""
