"""Credentials in text: the kind and the place, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from agentctl.checklist.facts import roles

# A form, and the plain words of which every text of that form holds one: looking for those first is quicker.
_STRONG = {
    "AWS access key": (("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    "OpenAI key": (("sk-",), re.compile(r"\bsk-(?!lf-)(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}\b")),
    "Langfuse key": (("sk-lf-",), re.compile(r"\bsk-lf-[0-9a-f]{8}-[0-9a-f-]{27}\b")),
    "Anthropic key": (("sk-ant-",), re.compile(r"\bsk-ant-[A-Za-z0-9_-]{32,}\b")),
    "GitHub token": (
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    ),
    "GitLab token": (("glpat-",), re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b")),
    "Slack token": (("xox",), re.compile(r"\bxox[abpr]-[A-Za-z0-9-]{20,}\b")),
    "Google key": (("AIza",), re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    "Stripe key": (("k_live_",), re.compile(r"\b[sr]k_live_[0-9A-Za-z]{24,}\b")),
    "Hugging Face token": (("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{34,}\b")),
    "private key": (
        ("PRIVATE KEY",),
        re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----\s*\n[A-Za-z0-9+/=\s]{60,}"),
    ),
}
_QUICK = re.compile("|".join(word for words, _pattern in _STRONG.values() for word in words))
_PLACEHOLDER = re.compile(
    r"example|dummy|fake|test|your|placeholder|changeme|sample|redacted|xxxx|0000|1234|abcd|\.\.\.|<|\$\{|foobar|insert",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(?:[a-z]{2,}[-_]){3}|(?:[a-z]+-){4}")
# A default for a secret in a compose file: a variable whose name says so, and a literal to fall back on.
_DEFAULT = re.compile(
    r"(?m)^[ \t]*(?:-[ \t]*)?[\"']?"
    r"(?P<name>[A-Z][A-Z0-9_]*(?:SECRET|SECRET_KEY|PASSWORD|API_KEY|ACCESS_KEY|AUTH_TOKEN))"
    r"[\"']?[ \t]*[=:][ \t]*[\"']?\$\{\w+:-([^\s\"'}{$#<]{6,})\}[\"']?[ \t]*$"
)
# A password that stands in the address of a server which is no neighbour of a compose file and not this machine.
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+]{2,}://[^\s:/@{}$<>\"'%*]+:([^\s:/@{}$<>\"'%*]{3,})@(?!localhost\b|127\.|0\.0\.0\.0|host\.docker)"
    r"[\w-]+\.[\w.-]*[a-z]"
)
# What sessions or tokens are signed with, drawn at random and written into a configuration.
_SIGNING = re.compile(
    r"(?im)^[ \t]*[\"']?(?:\w+[_.])?(?:secret|signing|encryption|jwt)_?(?:key|secret)[\"']?[ \t]*[:=][ \t]*"
    r"([\"'])?(?![0-9a-f]*(?:0000|1234|abcd))([0-9a-f]{32,128})(?(1)\1)[ \t]*(?:[#;].*)?$"
)
_CONFIGURATIONS = (".yml", ".yaml", ".toml", ".ini", ".cfg")
_MANIFESTS = (".yml", ".yaml", ".tf", ".tfvars")
_ENV_FILE = re.compile(r"\.env(\.(local|production|staging|development|prod|dev))?")
_LONG = 16  # a shorter default is that of a local database
_OF_PROVIDERS = re.compile(r"[A-Z0-9]_(API_KEY|ACCESS_KEY)$")  # with which nothing of one's own is opened
_STANDS_IN = re.compile(
    r"your|placeholder|insert|dummy|test-?key|example|not-?(needed|used|required|set)", re.IGNORECASE
)
_TELLS_WHAT = re.compile(r"at[-_]least[-_]\d+[-_]char", re.IGNORECASE)  # a secret has to be
_LETTERS = 9  # fewer different letters than this in 24 are too regular to be drawn at random
_ENV_VALUE = re.compile(r"(?im)^(?:export )?\w*(?:SECRET|PASSWORD|API_KEY|TOKEN)\w*=[\"']?([^\s\"'#<$]{8,})")
_SKIPPED = (".lock", ".min.js", "package-lock.json")
_FOR_DEVELOPMENT = re.compile(r"(^|[-_.])(dev|devel|development|local|localhost)([-_.]|$)", re.IGNORECASE)
_SAMPLES = re.compile(r"\.?env[.\-_](example|sample|template|dist|test)|(docker-)?compose[\w.-]*\.ya?ml", re.IGNORECASE)


_MADE_WHERE_IT_RUNS = {"private key", "Langfuse key"}  # nobody hands these out: those of a test are the test's own


class Hit(NamedTuple):
    """A credential: ``strong`` when its form alone tells."""

    kind: str
    path: str
    line: int
    strong: bool


def scan(path: str, text: str) -> Iterator[Hit]:
    """Yield the credentials in a file."""
    name = path.rpartition("/")[2]
    if name.endswith(_SKIPPED):
        return
    if _QUICK.search(text):
        yield from _by_form(path, text)
    if _ENV_FILE.fullmatch(name):
        yield from _found(f"value in {name}", _ENV_VALUE, path, text, strong=True)
    elif name.endswith((".yml", ".yaml")):
        yield from _found("default for a secret", _DEFAULT, path, text, strong=False)
    if name.endswith(_CONFIGURATIONS):
        yield from _found("key to sign with", _SIGNING, path, text, strong=False)
    if name.endswith(_MANIFESTS) and "://" in text:
        yield from _in_addresses(path, text)


def _in_addresses(path: str, text: str) -> Iterator[Hit]:
    for match in _ADDRESS.finditer(text):
        if not _PLACEHOLDER.search(match.group()):
            yield Hit("password in an address", path, text.count("\n", 0, match.start()) + 1, strong=False)


def _by_form(path: str, text: str) -> Iterator[Hit]:
    for kind, (words, pattern) in _STRONG.items():
        if any(map(text.__contains__, words)):
            yield from _found(kind, pattern, path, text, strong=True)


def _found(kind: str, pattern: re.Pattern[str], path: str, text: str, *, strong: bool) -> Iterator[Hit]:
    if kind in _MADE_WHERE_IT_RUNS and (_SAMPLES.fullmatch(PurePosixPath(path).name) or _is_of_tests(path)):
        return
    for match in pattern.finditer(text):
        value = match.group(match.lastindex or 0)
        if not _is_placeholder(value, strong=strong) and not _stands_in(match.groupdict().get("name"), value):
            yield Hit(kind, path, text.count("\n", 0, match.start()) + 1, strong)


def _is_of_tests(path: str) -> bool:
    return roles.role(path if path.endswith(".py") else f"{path}.py") == roles.TEST


def _stands_in(name: str | None, value: str) -> bool:
    """Return whether a default stands where a provider's key will: it opens nothing, here or there."""
    return bool(name and _OF_PROVIDERS.search(name) and _STANDS_IN.search(value))


def _is_placeholder(value: str, *, strong: bool) -> bool:
    """Return whether a value is made up: it says so, or is too regular to be drawn at random."""
    if not strong:
        return len(value) < _LONG or bool(_FOR_DEVELOPMENT.search(value) or _TELLS_WHAT.search(value))
    made_up = _PLACEHOLDER.search(value) or _WORDS.search(value) or not re.search(r"\d", value)
    return bool(made_up) or len(set(value[-24:])) < _LETTERS
