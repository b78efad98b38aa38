"""The checklist's policy: what depends on the day."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentctl.validation import discovery, outcome
from agentctl.validation.discovery import Candidate

EXAMPLES = Path(__file__).parents[1] / "examples" / "documents"


@pytest.mark.parametrize(("kind", "kept"), [("checklist", False), ("settings", True)])
def test_what_changes_with_the_day_is_not_kept_from_the_last_run(kind, kept):
    (path,) = (EXAMPLES / kind / "valid").glob("whole.*")
    governance = discovery.governance(EXAMPLES, kind, {})
    came = outcome.look(Candidate(path=path, name=path.name), governance, frozenset())
    assert came.findings == ()
    assert bool(came.source) is kept
