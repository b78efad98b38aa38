"""Read files as they were at a git revision: nothing is run, written, checked out or fetched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agentctl import files
from agentctl.documents import limits
from agentctl.errors import NoAnswerError, UsageError

_DEEPER = "in CI check out the history and the tags (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision of the repository around a folder.

    Attributes:
        name: As it was asked for, such as ``origin/main`` or ``v1.2.0``.
        top: The top folder of the work tree.
        commit: What the name stands for.
    """

    name: str
    top: Path
    commit: str

    @cached_property
    def _blobs(self) -> Mapping[str, str]:
        """Path from the top to the object that holds its content, regular files only."""
        listed = files.git(self.top, "ls-tree", "-r", "-z", "--full-tree", self.commit)
        if listed is None:
            raise NoAnswerError(f"the files of {self.name} cannot be listed", hint=_DEEPER)
        entries = (line.partition(b"\t") for line in listed.split(b"\0") if line)
        return {os.fsdecode(path): told.split()[2].decode() for told, _, path in entries if told.startswith(b"100")}

    @cached_property
    def _renamed(self) -> Mapping[str, str]:
        """New path to old, as git sees it by content; the work tree is not read, so that no filter runs."""
        found = files.git(
            self.top,
            "diff-index",
            "--cached",
            "-z",
            "-M",
            "--diff-filter=R",
            "--name-status",
            "--no-ext-diff",
            self.commit,
            "--",
        )
        parts = (found or b"").split(b"\0")
        return {os.fsdecode(new): os.fsdecode(old) for old, new in zip(parts[1::3], parts[2::3], strict=False)}

    def names(self) -> Iterable[str]:
        """Return the paths of its files, from the top with forward slashes."""
        return self._blobs.keys()

    def within(self, path: Path) -> str | None:
        """Return a path of today as the revision names it, or None for one outside the repository."""
        absolute = path.parent.resolve() / path.name
        return absolute.relative_to(self.top).as_posix() if absolute.is_relative_to(self.top) else None

    def before(self, name: str) -> str | None:
        """Return what a file was called then: the same, or what git says that it was renamed from; else None."""
        return next((one for one in (name, self._renamed.get(name)) if one in self._blobs), None)

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the content of files; those that are too large for a configuration are left out.

        Raises:
            NoAnswerError: The clone lacks them.
        """
        wanted = [name for name in dict.fromkeys(names) if name in self._blobs]
        sizes = self._sizes(wanted)
        kept = [name for name in wanted if sizes[name] <= limits.MAX_BYTES]
        asked = "".join(f"{self._blobs[name]}\n" for name in kept).encode()
        answer = files.git(self.top, "cat-file", "--batch", asked=asked) if kept else b""
        if answer is None:
            raise self._missing(wanted[0])
        return dict(zip(kept, _contents(answer, [sizes[name] for name in kept]), strict=True))

    def _sizes(self, names: list[str]) -> dict[str, int]:
        if not names:
            return {}
        asked = "".join(f"{self._blobs[name]}\n" for name in names).encode()
        answer = (files.git(self.top, "cat-file", "--batch-check", asked=asked) or b"").split(b"\n")
        found: dict[str, int] = {}
        for name, line in zip(names, answer, strict=False):
            size = line.rpartition(b" ")[2]
            if not size.isdigit():
                raise self._missing(name)
            found[name] = int(size)
        if len(found) < len(names):
            raise self._missing(names[len(found)])
        return found

    def _missing(self, name: str) -> NoAnswerError:
        return NoAnswerError(f"{name} at {self.name} is not in this clone", hint=_DEEPER)


def find(root: Path, name: str) -> Revision:
    """Find a revision of the repository that a folder lies in; ``main...`` is where this branch left main, as in git.

    Raises:
        UsageError: There is no repository around it, or no such revision in it.
        NoAnswerError: Git is not installed.
    """
    top = files.git(root, "rev-parse", "--show-toplevel")
    if top is None:
        raise _no_repository(root, name)
    commit = _commit(root, name.removesuffix("..."))
    if commit and name.endswith("..."):
        commit = _merge_base(root, name, commit)
    if commit is None:
        hint = f"git log --oneline shows what there is; {_DEEPER}" if is_shallow(root) else _near(root, name)
        raise UsageError(f"--against {name}: there is no such revision, and no such file", hint=hint)
    return Revision(name=name, top=Path(os.fsdecode(top.rstrip(b"\n"))).resolve(), commit=commit)


def _commit(root: Path, name: str) -> str | None:
    found = files.git(root, "rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}")
    return found.decode().strip() if found else None


def _merge_base(root: Path, name: str, commit: str) -> str:
    found = files.git(root, "merge-base", commit, "HEAD")
    if not found:
        raise UsageError(f"--against {name}: it has no commit in common with HEAD here", hint=_DEEPER)
    return found.decode().strip()


def newest_tag(root: Path, pattern: str) -> str | None:
    """Return the newest tag of a pattern such as ``v*``: by date, then by version; None without one."""
    order = ("--sort=-version:refname", "--sort=-creatordate")
    found = files.git(root, "for-each-ref", "--count=1", "--format=%(refname)", *order, f"refs/tags/{pattern}")
    return os.fsdecode(found).strip() or None if found else None


def is_shallow(root: Path) -> bool:
    """Return whether the clone has only the last part of the history."""
    return files.git(root, "rev-parse", "--is-shallow-repository") == b"true\n"


def _contents(answer: bytes, sizes: Iterable[int]) -> Iterable[bytes]:
    start = 0
    for size in sizes:
        start = answer.index(b"\n", start) + 1
        yield answer[start : start + size]
        start += size + 1


def _no_repository(root: Path, name: str) -> Exception:
    if files.git(root, "--version") is None:
        return NoAnswerError(f"--against {name}: git is not installed", hint="install git, or name a file")
    return UsageError(f"--against {name}: no such file, and {root} is in no git repository", hint="name a file")


def _near(root: Path, name: str) -> str:
    from agentctl.documents.words import nearest

    listed = files.git(root, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
    near = nearest(name, os.fsdecode(listed or b"").split(), cutoff=0.5)
    return f"did you mean {near}? {_DEEPER}" if near else f"git fetch it first; {_DEEPER}"
