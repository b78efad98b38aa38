import re

import pytest
from pydantic import ValidationError

from ... import SERVICE
from ...config.agent_limits import AgentLimits
from ...config.limits import CommonLimits
from ...config.settings import PROJECT
from ...models.events import Event, EventType
from ...services.submissions import Submission
from ...utils.kind_metrics import QUEUES


def rows(part: str, page: str = "docs/events.md") -> list[str]:
    """Return the first cells of the table in a part of a page."""
    text = (PROJECT / page).read_text().split(f"## {part}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")][1:]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_event_and_queue_is_documented() -> None:
    assert set(rows("Events")) == set(EventType)
    assert set(rows("Queues")) == set(QUEUES)
    text = (PROJECT / "docs" / "events.md").read_text()
    assert [name for name in Submission.model_fields if f"`{name}`" not in text] == []


def test_every_setting_of_this_kind_is_documented() -> None:
    own = set(AgentLimits.model_fields) - set(CommonLimits.model_fields)
    documented = set(rows("Settings of its own", "docs/agent.md"))
    assert own - documented <= {"messaging_url", "messaging_url_file"}
    assert documented <= own


def test_an_event_is_a_cloud_event() -> None:
    event = Event(type=EventType.TASK_STATUS_CHANGED, subject="tasks/1")
    assert event.model_dump(mode="json").keys() >= {"specversion", "id", "type", "source", "subject", "time", "data"}
    assert (event.specversion, event.source) == ("1.0", f"/{SERVICE}")
    assert Event.model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("change", [{"type": "made.up"}, {"time": "2026-01-01T00:00:00"}, {"more": 1}], ids=str)
def test_what_is_no_event_is_refused(change: dict[str, object]) -> None:
    document = Event(type=EventType.AGENT_REMOVED, subject="agents/a").model_dump(mode="json")
    with pytest.raises(ValidationError):
        Event.model_validate(document | change)
