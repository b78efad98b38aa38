"""Where this agentctl was installed from, as something that a project's CI can install too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from agentctl import __version__

WHEEL = f"./vendor/agentctl-{__version__}-py3-none-any.whl"
"""What stands in for an agentctl of this machine only: CI fails until the wheel lies there."""


def requirement() -> str:
    """Return a requirement for this very agentctl, pinned.

    What an installer wrote down of a git URL or an archive (PEP 610) is named as it is, without credentials. A folder
    of this machine says nothing to another one: ``WHEEL`` then, and never the bare name, which on a public index is
    another project's.
    """
    from importlib import metadata

    try:
        told = metadata.distribution("agentctl").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return WHEEL
    return f"agentctl=={__version__}" if told is None else _direct(json.loads(told))


def _direct(told: Mapping[str, Any]) -> str:
    url = _public(str(told.get("url", "")))
    version_control, archive = told.get("vcs_info"), told.get("archive_info")
    if version_control:
        return f"agentctl @ {version_control['vcs']}+{url}@{version_control['commit_id']}"
    if archive is None or url.startswith("file:"):
        return WHEEL
    digest = archive.get("hashes", {}).get("sha256")
    return f"agentctl @ {url}#sha256={digest}" if digest else f"agentctl @ {url}"


def _public(url: str) -> str:
    parts = urlsplit(url)
    user, _mark, host = parts.netloc.rpartition("@")
    if not user:
        return url
    name = f"{user.partition(':')[0]}@" if parts.scheme == "ssh" else ""  # there it is a login, not a secret
    return urlunsplit(parts._replace(netloc=f"{name}{host}"))
