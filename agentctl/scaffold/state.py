"""What a later ``update`` needs: how the project was made, and its files as they were rendered."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentctl import __version__, records
from agentctl.project import STATE_FOLDER
from agentctl.scaffold.kinds import Kind

SCHEMA = "urn:agentctl:schemas:template:1"
TEMPLATE = "template.json"
BASE = "base.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that the format knows
_UNIX = 3


def write(project: Path, kind: Kind, answers: Mapping[str, Any], files: Sequence[str]) -> None:
    """Write ``.agentctl/`` into a project that was just rendered.

    Args:
        project: The rendered project, with nothing in it but ``files``.
        kind: What it was rendered from.
        answers: Every public variable of the templates, chosen options included.
        files: Relative paths, sorted.
    """
    folder = project / STATE_FOLDER
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text(records.GITIGNORE, encoding="utf-8")
    (folder / TEMPLATE).write_text(_described(kind, answers), encoding="utf-8")
    _archive(project, folder / BASE, files)


def _described(kind: Kind, answers: Mapping[str, Any]) -> str:
    values = {
        "schema": SCHEMA,
        "version": __version__,
        "kind": kind.name,
        "layers": [layer.name for layer in kind.chosen(answers)],
        **({"template": dict(kind.origin)} if kind.origin else {}),
        "answers": dict(answers),
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _archive(project: Path, archive: Path, files: Sequence[str]) -> None:
    """Write the same bytes for the same files, whenever and by whomever they were rendered."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pristine:
        for name in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if (project / name).stat().st_mode & 0o100 else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            pristine.writestr(entry, (project / name).read_bytes())
