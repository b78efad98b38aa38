"""Credentials in text: the kind and the place, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_STRONG = {
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "OpenAI key": re.compile(r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}\b"),
    "Anthropic key": re.compile(r"\bsk-ant-[A-Za-z0-9_-]{32,}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    "GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    "Slack token": re.compile(r"\bxox[abpr]-[A-Za-z0-9-]{20,}\b"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "Stripe key": re.compile(r"\b[sr]k_live_[0-9A-Za-z]{24,}\b"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{34,}\b"),
    "private key": re.compile(
        r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY(?: BLOCK)?-----\s*\n[A-Za-z0-9+/=\s]{60,}"
    ),
}
_QUICK = re.compile(r"AKIA|ASIA|sk-|gh[pousr]_|github_pat_|glpat-|xox[abpr]-|AIza|[sr]k_live_|hf_|PRIVATE KEY")
_PLACEHOLDER = re.compile(
    r"example|dummy|fake|test|your|placeholder|changeme|sample|redacted|xxxx|0000|1234|abcd|\.\.\.|<|\$\{|foobar|insert",
    re.IGNORECASE,
)
# A default for a secret: a setting whose name says so and whose value is a literal.
_DEFAULT = re.compile(
    r"(?im)^[ \t]*(?:-[ \t]*)?[\"']?([A-Z][A-Z0-9_]*(?:SECRET|SECRET_KEY|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|PRIVATE_KEY|AUTH_TOKEN))"
    r"[\"']?[ \t]*[=:][ \t]*[\"']?(?:\$\{\w+:-)([^\s\"'}{$#<]{6,})\}?[\"']?[ \t]*$"
)
_ENV_VALUE = re.compile(r"(?im)^(?:export )?\w*(?:SECRET|PASSWORD|API_KEY|TOKEN)\w*=[\"']?([^\s\"'#<$]{8,})")
_SKIPPED = (".lock", ".min.js", "package-lock.json")


@dataclass(frozen=True, slots=True)
class Hit:
    """A credential: ``strong`` when its form alone tells."""

    kind: str
    path: str
    line: int
    strong: bool


def scan(path: str, text: str) -> Iterator[Hit]:
    """Yield the credentials in a file."""
    if path.endswith(_SKIPPED):
        return
    if _QUICK.search(text):
        for kind, pattern in _STRONG.items():
            for match in pattern.finditer(text):
                if not _is_placeholder(match.group(0)):
                    yield Hit(kind, path, _line(text, match.start()), strong=True)
    name = PurePosixPath(path).name
    if re.fullmatch(r"\.env(\.(local|production|staging|development|prod|dev))?", name):
        for match in _ENV_VALUE.finditer(text):
            if not _is_placeholder(match.group(1)):
                yield Hit(f"value in {name}", path, _line(text, match.start()), strong=True)
    elif path.endswith((".yml", ".yaml")) and "docker" in name + "compose":
        for match in _DEFAULT.finditer(text):
            if "dev" not in match.group(2).lower() and len(match.group(2)) >= 12:  # noqa: PLR2004 - shorter ones are local
                yield Hit("default for a secret", path, _line(text, match.start()), strong=False)


def _is_placeholder(value: str) -> bool:
    body = value[-24:]
    return bool(_PLACEHOLDER.search(value)) or len(set(body)) < 9  # noqa: PLR2004 - too regular to be drawn at random


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
