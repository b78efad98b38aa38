"""``--against``: what changed in the configurations that were looked at, as problems at their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agentctl.validation import discovery
from agentctl.validation.changes import agents, baseline, revision, schemas
from agentctl.validation.changes.asked import Asked, Compared
from agentctl.validation.checking import Checked


def compare(checked: Sequence[Checked], asked: Asked) -> Compared:
    """Compare configurations with a git revision, with another file, or hold them against an older schema.

    Raises:
        UsageError: The revision or file is not there, or cannot be read.
        NoAnswerError: Git cannot say what was there.
    """
    path = Path(asked.against)
    if path.is_file():
        older = schemas.as_schema(path, asked.against)
        if older is not None:
            return schemas.compare(checked, older, asked)
        return agents.compare(checked, baseline.in_file(path, asked.against, asked.governance, asked.tags), asked)
    found = revision.find(asked.governance.root, asked.against)
    looked_at = [one.candidate.path for one in checked if one.candidate.name != discovery.STDIN]
    before = baseline.at_revision(found, asked.governance, looked_at, asked.tags)
    compared = agents.compare(checked, before, asked)
    replayed = list(schemas.since(found, checked, asked))
    return replace(
        compared,
        findings=(*compared.findings, *(one for told, _ in replayed for one in told)),
        notes=(*compared.notes, *(note for _, note in replayed if note)),
    )
