import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ...exceptions import AuditError
from ...models.audit import AuditEntry
from ...services.audit import FileAuditTrail


def entry(subject: str = "me") -> AuditEntry:
    return AuditEntry(action="ask", subject=subject, outcome="answered", correlation_id="1", digest="d")


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_entries_are_added_in_order_and_earlier_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "audit.jsonl"
    FileAuditTrail(path).record(entry("first"))
    FileAuditTrail(path).record(entry("second"))
    assert [line["subject"] for line in lines(path)] == ["first", "second"]
    assert lines(path)[0].keys() == {"action", "subject", "outcome", "correlation_id", "digest", "tenant", "time"}


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    FileAuditTrail(tmp_path / "audit.jsonl").record(entry())
    assert stat.S_IMODE((tmp_path / "audit.jsonl").stat().st_mode) == 0o600


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: FileAuditTrail(path).record(entry(str(number))), range(200)))
    assert {line["subject"] for line in lines(path)} == {str(number) for number in range(200)}


def test_a_line_break_in_a_subject_makes_no_entry_of_its_own(tmp_path: Path) -> None:
    FileAuditTrail(tmp_path / "audit.jsonl").record(entry('me"}\n{"subject": "forged'))
    assert len(lines(tmp_path / "audit.jsonl")) == 1


def test_a_trail_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    trail = FileAuditTrail(tmp_path / "file" / "audit.jsonl")
    with pytest.raises(AuditError):
        trail.record(entry())
    with pytest.raises(AuditError):
        trail.check()
