"""What was said in sessions."""

import json
from collections.abc import AsyncIterator

from pydantic import JsonValue

from ...interfaces.personal_data import PersonalData
from ..resources import Resources
from ..sessions import Sessions


class SessionData(PersonalData):
    """Questions and answers."""

    name = "sessions"

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield the turns, readable."""
        async for turn in self._sessions.all_turns(subject):
            yield {
                "session_id": turn.session_id,
                "time": turn.time.isoformat(timespec="milliseconds"),
                "question": turn.question,
                "answer": json.loads(turn.answer),
                "correlation_id": turn.correlation_id,
            }

    async def erase(self, subject: str) -> int:
        """Delete the turns."""
        return await self._sessions.delete(subject)

    async def renew_encryption(self) -> int:
        """Encrypt the turns anew."""
        return await self._sessions.renew_encryption()

    async def sweep(self) -> int:
        """Delete old turns."""
        return await self._sessions.delete_old()


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    return SessionData(resources.sessions)
