"""What was said in sessions, their names, and what was thought of answers."""

import json
from collections.abc import AsyncIterator

from pydantic import JsonValue

from ...interfaces.personal_data import PersonalData
from ..resources import Resources
from ..session_names import SessionNames
from ..sessions import Sessions


class SessionData(PersonalData):
    """Questions, answers and their ratings; names of sessions."""

    name = "sessions"

    def __init__(self, sessions: Sessions, names: SessionNames) -> None:
        self._sessions = sessions
        self._names = names

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield names and turns, readable."""
        async for session_id, name in self._names.all_of(subject):
            yield {"session_id": session_id, "name": name}
        async for turn in self._sessions.all_turns(subject):
            yield {
                "session_id": turn.session_id,
                "time": turn.time.isoformat(timespec="milliseconds"),
                "question": turn.question,
                "answer": json.loads(turn.answer),
                "correlation_id": turn.correlation_id,
                "rating": None if turn.rating is None else turn.rating.model_dump(),
            }

    async def erase(self, subject: str) -> int:
        """Delete the turns, and with them ratings and names."""
        return await self._sessions.delete(subject)

    async def renew_encryption(self) -> int:
        """Encrypt turns and names anew."""
        return await self._sessions.renew_encryption() + await self._names.renew_encryption()

    async def sweep(self) -> int:
        """Delete old turns."""
        return await self._sessions.delete_old()


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    return SessionData(resources.sessions, resources.session_names)
