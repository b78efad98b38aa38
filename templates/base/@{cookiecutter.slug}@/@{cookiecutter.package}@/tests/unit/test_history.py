import json
from pathlib import Path

import pytest

from ...config.secrets import FixedSecret
from ...config.settings import Settings
from ...models.answer import Question
from ...models.history import NO_HISTORY, PastTurn
from ...models.session import SessionTurn
from ...services.history import recall, trim_history
from ...services.sessions import Sessions
from ...utils.encryption import Cipher
from ..fixtures.service import DATA_KEY
from ..fixtures.store import empty_store

SAID = [PastTurn("q1", "a1"), PastTurn("q2", "a2" * 100), PastTurn("q3", "a3")]


def test_a_turn_that_does_not_fit_ends_what_is_told() -> None:
    """Nothing older is told either: a conversation with a gap would be another one."""
    assert trim_history(SAID, most=10, chars=100).turns == (SAID[2],)
    assert trim_history(SAID, most=10, chars=1_000).turns == tuple(SAID)
    assert not trim_history(SAID, most=10, chars=3)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"answer_text": "30 days", "sources": ["returns"]}, "30 days"),
        ({"total": 3}, '{"total": 3}'),
        ({"answer_text": None}, '{"answer_text": null}'),
    ],
)
async def test_the_text_of_an_answer_is_told_or_all_its_fields(
    tmp_path: Path, settings: Settings, answer: dict[str, object], told: str
) -> None:
    async with empty_store(tmp_path).opened() as store:
        sessions = Sessions(store, Cipher(FixedSecret(DATA_KEY)), keep_days=30)
        said = json.dumps(answer)
        await sessions.add(
            SessionTurn(subject="ann", session_id="s", question="How many?", answer=said, correlation_id="c")
        )
        asked = Question(question="And now?", session_id="s")
        history = await recall(sessions, "ann", asked, settings.limits)
        assert history.turns == (PastTurn("How many?", told),)
        assert await recall(sessions, "bob", asked, settings.limits) == NO_HISTORY
