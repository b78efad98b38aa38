"""Whether a report is still about today's content, told from what it says itself: file times lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from agentctl import files
from agentctl.checklist.facts import roles
from agentctl.checklist.policy.evidence.model import COVERAGE, TESTS, Evidence
from agentctl.records import Content, is_bound

_LISTED = 0.90  # of today's files that a report must be about
_DAY = 86_400  # seconds that the clock of another machine may be ahead


@dataclass(frozen=True)
class Present:
    """The tree as it is now.

    Attributes:
        root: Its folder.
        content: The files that runs depend on.
        texts: Relative path to text.
    """

    root: Path
    content: Content
    texts: Mapping[str, str]

    @cached_property
    def commit(self) -> str | None:
        """The commit that is checked out."""
        return files.commit(self.root)

    @cached_property
    def uncommitted(self) -> frozenset[str]:
        """The files of the content that are not as the commit has them; told by hash, so that no filter of git runs."""
        listed = files.git(self.root, "ls-tree", "-r", "-z", "HEAD")
        blobs = dict(_blob(line) for line in (listed or b"").split(b"\0") if line)
        return frozenset(name for name in self.content.files if not _is_blob(self.root / name, blobs.get(name, "")))

    def changed_since(self, when: float) -> list[str] | None:
        """Return the files that runs depend on and that a commit after a time touched, or that no commit has.

        Files that are gone are among them. None where git gives no answer.
        """
        log = files.git(self.root, "log", "--first-parent", "-m", "--relative", "--name-only", "--no-renames", "-z",
                        "--format=", f"--since={int(when)}", "HEAD")  # fmt: skip
        if log is None:
            return None
        touched = {os.fsdecode(name).lstrip("\n") for name in log.split(b"\0")} - {""}
        return sorted({name for name in touched if is_bound(name)} | self.uncommitted)


def stale(one: Evidence, present: Present) -> tuple[list[str], str]:
    """Return the files that a report is not about any more and why; nothing at all when it is fresh."""
    if one.commit is not None and one.commit == present.commit and not present.uncommitted:
        return [], ""
    if one.when is None:
        return _everything(present), "it does not say when it was made"
    if one.when > datetime.now(UTC).timestamp() + _DAY:
        return _everything(present), "it says that it was made in a time to come"
    if present.commit is None:
        return _everything(present), "there is no git history to tell what changed since"
    missing = _not_listed(one, present)
    if missing:
        today = len(_today(one.kind, present.texts))
        return missing, f"it is about {today - len(missing)} of today's {today} files, not 90 % of them"
    changed = present.changed_since(one.when)
    if changed is None:
        return _everything(present), "git does not tell what changed since"
    return (changed, "files changed since") if changed else ([], "")


def content_of(changed: Iterable[str], present: Present) -> Content:
    """Return the content that a report ran on, as far as it is known: today's, but for what changed."""
    other = dict.fromkeys(changed, "another")
    if not other:
        return present.content
    return replace(present.content, digest="another", files={**present.content.files, **other})


def _everything(present: Present) -> list[str]:
    return sorted(present.content.files)


def _not_listed(one: Evidence, present: Present) -> list[str]:
    """Return today's files that a report should be about and is not, when they are more than a tenth."""
    today = _today(one.kind, present.texts)
    named = {next((name for name in names if name in today), "") for names in one.listed}
    missing = sorted(set(today) - named)
    return missing if today and len(missing) > (1 - _LISTED) * len(today) else []


def _today(kind: str, texts: Mapping[str, str]) -> Sequence[str]:
    role = {COVERAGE: roles.SHIPPED, TESTS: roles.TEST}.get(kind)
    python = (path for path, text in texts.items() if path.endswith(".py") and text.strip())
    return [path for path in python if roles.role(path) == role and (kind != TESTS or _holds_tests(path))]


def _holds_tests(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def _blob(line: bytes) -> tuple[str, str]:
    told, _, path = line.partition(b"\t")
    return os.fsdecode(path), told.split()[2].decode()


def _is_blob(path: Path, blob: str) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    digest = hashlib.sha256 if len(blob) == hashlib.sha256().digest_size * 2 else hashlib.sha1
    return digest(b"blob %d\0" % len(data) + data).hexdigest() == blob
