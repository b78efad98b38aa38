"""SE: the login that a platform asks for before what it runs, as infrastructure as code describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from posixpath import dirname, join, normpath

from agentctl.checklist.facts.index import Facts
from agentctl.results import Location

_DEEPEST = 8  # modules within modules
_COMMENT = re.compile(r"(?m)^[ \t]*(//|#).*$")
_BLOCK = re.compile(r"(?m)^[ \t]*(resource|module)\b[^\n]*")
_MODULE = re.compile(r"\bmodule\s+\w+\s+'([^']+\.bicep)'")
_BICEP_APP = re.compile(r"\bresource\s+\w+\s+'Microsoft\.(App/containerApps|Web/sites)@[^']*'\s*=")
_TERRAFORM_APP = re.compile(
    r"\bresource\s+\"(azurerm_((linux|windows)_)?(web_app|function_app|app_service|container_app)|azurerm_container_group"
    r"|azurerm_kubernetes_cluster)\""
)
_REFUSES = re.compile(r"(?i)\bunauthenticated_?client_?action\s*[:=]\s*['\"](RedirectToLoginPage|Return40[134])['\"]")
_OF_SITES = re.compile(r"'authsettingsV2'")
_ASKS_ALWAYS = re.compile(r"(?i)\brequire_?authentication\s*[:=]\s*true\b")
_ASKS_OF_SITES = re.compile(r"\bauth_settings_v2\s*\{[^{}]*\bauth_enabled\s*=\s*true\b")
_OPENS = re.compile(
    r"(?i)AllowAnonymous|\bexcluded_?paths\s*[:=]\s*\[\s*[^\s\]]|\b(platform|auth_settings)\s*[:=]?\s*\{\s*enabled\s*[:=]\s*false"
)
_CONDITION = re.compile(r"=\s*if\s*\(|=\s*\[\s*for\b")
_CHOSEN = re.compile(r"(?m)^\s*(count|for_each)\s*=")


def asking(facts: Facts) -> list[Location]:
    """Return where infrastructure puts a platform's login before every application that it deploys, else nothing.

    Azure's own login, in Bicep or Terraform, that lets no stranger through (it sends him to a page or refuses him).
    What stands under a condition, in a module that no other one uses, or opens some paths does not count.
    """
    beside = {path: _COMMENT.sub("", text) for path, text in facts.beside.items() if path.endswith((".bicep", ".tf"))}
    bicep = {path: text for path, text in beside.items() if path.endswith(".bicep")}
    terraform = {path: text for path, text in beside.items() if path.endswith(".tf")}
    if not beside or facts.kubernetes:  # a cluster is deployed to beside it
        return []
    return _in_terraform(terraform) if not _apps(bicep) else [] if _terraform_apps(terraform) else _in_bicep(bicep)


def _in_bicep(texts: Mapping[str, str]) -> list[Location]:
    """Return the logins of Bicep, where there is one for each application, counted by the modules that are used."""
    logins = [(path, start) for path, text in texts.items() for start, block in _blocks(text) if _is_login(block)]
    asked = sum(_times(path, texts, certain=True) for path, _ in logins)
    return [_at(path, texts[path], start) for path, start in logins] if asked and asked >= _apps(texts) else []


def _apps(texts: Mapping[str, str]) -> int:
    """Return how many applications Bicep deploys at most."""
    made = {path: len([one for _, one in _blocks(text) if _is_app(one)]) for path, text in texts.items()}
    return sum(count * _times(path, texts, certain=False) for path, count in made.items() if count)


def _is_app(block: str) -> bool:
    head = block.partition("\n")[0]
    return bool(_BICEP_APP.search(head)) and not re.search(r"'\s+existing\s*=", head)


def _is_login(block: str) -> bool:
    """Return whether a resource lets no stranger through, whatever is configured."""
    if not _REFUSES.search(block) or _OPENS.search(block) or _CONDITION.search(block.partition("\n")[0]):
        return False
    return not _OF_SITES.search(block) or bool(_ASKS_ALWAYS.search(block))


def _times(path: str, texts: Mapping[str, str], *, certain: bool, depth: int = _DEEPEST) -> int:
    """Return how often a file is deployed: once where it is the entry, else wherever a module is made of it."""
    if path.rpartition("/")[2].removesuffix(".bicep") == "main":
        return 1
    users = [(user, block) for user, text in texts.items() for _, block in _blocks(text) if _uses(user, block, path)]
    users = [(user, block) for user, block in users if not (certain and _CONDITION.search(block.partition("\n")[0]))]
    return sum(_times(user, texts, certain=certain, depth=depth - 1) for user, _ in users) if depth else 0


def _uses(user: str, block: str, path: str) -> bool:
    named = _MODULE.match(block.lstrip())
    return bool(named) and normpath(join(dirname(user), named[1] if named else "")) == path


def _in_terraform(texts: Mapping[str, str]) -> list[Location]:
    """Return the logins of Terraform's applications, where each of them has one."""
    apps = _terraform_apps(texts)
    closed = [_at(path, texts[path], start) for path, start, block in apps if _is_closed(block)]
    return closed if len(closed) == len(apps) else []


def _terraform_apps(texts: Mapping[str, str]) -> list[tuple[str, int, str]]:
    return [(path, start, block) for path, text in texts.items()
            for start, block in _blocks(text) if _TERRAFORM_APP.match(block.lstrip())]  # fmt: skip


def _is_closed(block: str) -> bool:
    """Return whether an application of Terraform's asks every request who sends it."""
    opened = _OPENS.search(block) or _CHOSEN.search(block)
    return bool(not opened and _ASKS_OF_SITES.search(block) and _ASKS_ALWAYS.search(block))


def _blocks(text: str) -> list[tuple[int, str]]:
    """Return where each resource and module begins, with its text."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    return [(start, text[start:end]) for start, end in pairwise([*starts, len(text)])]


def _at(path: str, text: str, start: int) -> Location:
    return Location(path=path, line=text.count("\n", 0, start) + 1)
