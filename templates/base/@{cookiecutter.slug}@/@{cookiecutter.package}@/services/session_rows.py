"""Sessions as rows of the store: content is encrypted, and can be read only in its own place."""

from typing import Any

from ..models.session import Rating, SessionTurn
from ..models.tables.session_names import SessionNameRow
from ..models.tables.session_turns import SessionTurnRow
from ..utils.encryption import Cipher
from ..utils.tenancy import DEFAULT_TENANT


class SessionRows:
    """Makes rows from what is said, and back.

    Args:
        cipher: Makes content unreadable for others.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def values(self, turn: SessionTurn) -> dict[str, Any]:
        """Return the columns of a new turn."""
        return {
            "tenant": turn.tenant,  # one write may hold turns of several
            "subject": turn.subject,
            "session_id": turn.session_id,
            "turn_id": turn.turn_id,
            "question": self._cipher.encrypt(turn.question, _place("question", turn)),
            "answer": self._cipher.encrypt(turn.answer, _place("answer", turn)),
            "correlation_id": turn.correlation_id,
            "time": turn.time,
        }

    def turn(self, row: SessionTurnRow) -> SessionTurn:
        """Return a turn, readable.

        Raises:
            StoreError: It cannot be decrypted.
        """
        return SessionTurn(
            tenant=row.tenant,
            subject=row.subject,
            session_id=row.session_id,
            turn_id=row.turn_id,
            question=self._cipher.decrypt(row.question, _place("question", row)),
            answer=self._cipher.decrypt(row.answer, _place("answer", row)),
            correlation_id=row.correlation_id,
            time=row.time,
            rating=self._rating(row),
        )

    def comment(self, turn_id: str, comment: str | None) -> bytes | None:
        """Return what is stored of the words beside a score."""
        return None if comment is None else self._cipher.encrypt(comment, f"comment/{turn_id}")

    def named(self, row: SessionNameRow, name: str) -> SessionNameRow:
        """Return the row with the name in it."""
        row.name = self._cipher.encrypt(name, _place("name", row))
        return row

    def name(self, row: SessionNameRow) -> str:
        """Return a session's name.

        Raises:
            StoreError: It cannot be decrypted.
        """
        return self._cipher.decrypt(row.name, _place("name", row))

    def renewed(self, row: SessionTurnRow) -> dict[str, Any]:
        """Return the columns that change when a turn is encrypted with the newest key.

        Raises:
            StoreError: It cannot be decrypted.
        """
        return {
            "number": row.number,
            "question": self._cipher.renewed(row.question),
            "answer": self._cipher.renewed(row.answer),
            "comment": None if row.comment is None else self._cipher.renewed(row.comment),
        }

    def renewed_name(self, row: SessionNameRow) -> dict[str, Any]:
        """Return the same of a name.

        Raises:
            StoreError: It cannot be decrypted.
        """
        return {"number": row.number, "name": self._cipher.renewed(row.name)}

    def _rating(self, row: SessionTurnRow) -> Rating | None:
        if row.score is None:
            return None
        comment = None if row.comment is None else self._cipher.decrypt(row.comment, f"comment/{row.turn_id}")
        return Rating(score=row.score, comment=comment)


def _place(what: str, turn: SessionTurn | SessionTurnRow | SessionNameRow) -> str:
    whose = what if turn.tenant == DEFAULT_TENANT else f"{what} of {turn.tenant}"
    return f"{whose}/{turn.session_id}/{turn.subject}"
