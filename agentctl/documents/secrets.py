"""Recognise secrets in documents, and keep them out of whatever is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from agentctl.documents.model import Pointer

MASK = "********"
_SHORTEST = 4  # shorter values cannot be searched for without hiding half of the text
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMES = (
    r"(?:api_?key|secret|secret_?key|client_?secret|password|passwd|pwd|passphrase|private_?key|access_?key"
    r"|access_?token|auth_?token|bearer_?token|refresh_?token|token|credentials?|signing_?key|encryption_?key)"
)
_KEY = re.compile(rf"(?:^|[_.]){_NAMES}$")
# What only names a secret: a variable, a placeholder, an address in a store, a file.
_REFERENCE = (
    r"(?s)(?i:\s*|\$\w+|\$\{.*\}|\{\{.*\}\}|<.*>|(?:env|file|vault|secret|secrets|ssm|arn|sops|op|ref|aws|gcp|azure)[:.].*"
    r"|/(?:run|etc|var)/.*|none|null|true|false|changeme|redacted|x{3,}|\*+)|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
)
# The forms that providers give to their keys; what follows a prefix is long enough not to be a word.
_TOKEN = re.compile(
    r"(?<![\w-])(?:sk-(?:ant-|proj-|or-)?[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[opsur]_\w{20,}|github_pat_\w{20,}"
    r"|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|hf_\w{20,}|gsk_\w{20,}|pypi-[\w-]{20,}|npm_\w{30,}"
    r"|[rs]k_(?:live|test)_\w{16,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
)
_SHORTEST_TOKEN = 15
# Patterns that most documents do not need: compiled at their first use.
_PRIVATE_KEY = r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
_URL_LOGIN = r"(?<=://)([^\s/:@]*):([^\s/@]+)(?=@)"
_LINE = (
    rf"""(?im)((?:^|[\s{{,"'])[\w.-]{{0,60}}?{_NAMES}["']{{0,2}}\s*[:=][ \t]*)(?![|>\[{{])"""
    r"""(""[^"\n]+(?:"")?|"[^"\n]*"?|'[^'\n]*'?|[^\s][^\n]*)"""
)


@lru_cache(4096)
def is_secret_name(name: str) -> bool:
    """Return whether a key of this name holds a secret itself (``api_key``, not ``api_key_env``)."""
    return bool(_KEY.search(_CAMEL.sub("_", name).lower().replace("-", "_")))


def is_secret(name: str, value: Any) -> bool:
    """Return whether a value is a secret, by the name of its key or by its own form."""
    if isinstance(value, int) and not isinstance(value, bool):
        return is_secret_name(name) and "token" not in name.lower()
    if not isinstance(value, str):
        return False
    return has_token(value) or (is_secret_name(name) and not _is_reference(value))


def has_token(text: str) -> bool:
    """Return whether a text holds something of a secret's own form, whatever its key is called."""
    long_enough = len(text) >= _SHORTEST_TOKEN
    if long_enough and (_TOKEN.search(text) or ("-----BEGIN" in text and re.search(_PRIVATE_KEY, text))):
        return True
    match = re.search(_URL_LOGIN, text) if "://" in text else None
    return bool(match and not _is_reference(match[2]))


def found(value: Any) -> Iterator[tuple[Pointer, Any]]:
    """Yield each secret in a document with its pointer; what stands in a list goes by the list's own name."""
    waiting: list[tuple[Pointer, str, Any]] = [((), "", value)]
    while waiting:
        pointer, name, node = waiting.pop()
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, child in pairs:
            own = key if isinstance(key, str) else name
            if isinstance(child, dict | list):
                waiting.append(((*pointer, key), own, child))
            elif is_secret(own, child):
                yield (*pointer, key), child


def masked(text: str, known: tuple[str, ...] = ()) -> str:
    """Return a line or a message without the secrets that are known, nor anything that looks like one.

    Args:
        text: A source line or a message.
        known: The secrets of the document, as ``known_in`` gives them.
    """
    for secret in known:
        text = text.replace(secret, MASK)
    text = re.sub(_LINE, _mask_line, text)
    text = without_keys(_TOKEN.sub(MASK, text))
    return re.sub(_URL_LOGIN, lambda match: f"{match[1]}:{MASK}", text)


def without_keys(text: str) -> str:
    """Return source text without private keys, each line still in its place."""
    return re.sub(_PRIVATE_KEY, lambda match: MASK + "\n" * match[0].count("\n"), text)


def known_in(value: Any) -> tuple[str, ...]:
    """Return the texts to hide that do not tell by their form: secrets, and each line of long ones; longest first."""
    hidden = [str(secret) for _, secret in found(value)]
    lines = {line.strip() for text in hidden if not _shows(text) for line in (text, *text.splitlines())}
    texts = {form for line in lines for form in _written(line)}
    return tuple(sorted((text for text in texts if len(text) >= _SHORTEST), key=len, reverse=True))


def _written(text: str) -> tuple[str, ...]:
    """Return a text as it is and as the quotes of JSON, TOML, YAML and CSV spell it."""
    if not re.search(r"""["'\\]|[^ -~]""", text):
        return (text,)
    return (
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        text.replace("'", "''"),
        text.replace('"', '""'),
    )


def _shows(text: str) -> bool:
    """Return whether ``masked`` finds the secret in a text line by line, without knowing it."""
    return bool(_TOKEN.search(text)) and "-----BEGIN" not in text


def _is_reference(value: str) -> bool:
    return bool(re.fullmatch(_REFERENCE, value))


def _mask_line(match: re.Match[str]) -> str:
    value = match[2].strip().strip("\"'")
    counted = "token" in match[1].lower() and value.rstrip(",").isdigit()
    return match[0] if counted or _is_reference(value.rstrip(",").strip("\"'")) else match[1] + MASK
