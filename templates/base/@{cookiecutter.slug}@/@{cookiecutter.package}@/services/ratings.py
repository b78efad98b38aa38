"""Ratings: what clients think of answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from sqlalchemy import CursorResult, select, update

from ..exceptions.sessions import NotRatedError, RatedAlreadyError, TurnNotFoundError
from ..models.session import Rating
from ..models.tables.session_turns import SessionTurnRow
from ..utils.encryption import Cipher
from ..utils.metrics import Metrics
from .session_rows import SessionRows
from .store import Store


class Ratings:
    """Keeps one rating with each turn, by the owner of its session.

    Args:
        store: Where the turns are kept.
        cipher: Makes the words beside a score unreadable for others.
        metrics: Where scores are counted.
    """

    def __init__(self, store: Store, cipher: Cipher, metrics: Metrics) -> None:
        self._store = store
        self._rows = SessionRows(cipher)
        self._metrics = metrics

    async def give(self, subject: str, session_id: str, turn_id: str, rating: Rating) -> None:
        """Rate a turn for the first time.

        Raises:
            TurnNotFoundError: The subject has no such turn.
            RatedAlreadyError: It was rated before.
            StoreError: It could not be written.
        """
        if not await self._keep(subject, session_id, turn_id, rating, again=False):
            raise RatedAlreadyError

    async def change(self, subject: str, session_id: str, turn_id: str, rating: Rating) -> None:
        """Put another rating in the place of the first.

        Raises:
            TurnNotFoundError: The subject has no such turn.
            NotRatedError: It was not rated yet.
            StoreError: It could not be written.
        """
        if not await self._keep(subject, session_id, turn_id, rating, again=True):
            raise NotRatedError

    async def rated_sessions(self) -> AsyncIterator[tuple[str, str]]:
        """Yield subject and name of each session with a rated turn.

        Raises:
            StoreError: They could not be read.
        """
        session_of = (SessionTurnRow.subject, SessionTurnRow.session_id)
        wanted = select(*session_of).where(SessionTurnRow.score.is_not(None)).distinct().order_by(*session_of)
        async with self._store.reading() as session:
            found = (await session.execute(wanted)).all()
        for subject, session_id in found:
            yield subject, session_id

    async def _keep(self, subject: str, session_id: str, turn_id: str, rating: Rating, *, again: bool) -> bool:
        own = (
            (SessionTurnRow.subject == subject)
            & (SessionTurnRow.session_id == session_id)
            & (SessionTurnRow.turn_id == turn_id)
        )
        rated = SessionTurnRow.score.is_not(None) if again else SessionTurnRow.score.is_(None)
        values = {"score": rating.score, "comment": self._rows.comment(turn_id, rating.comment)}
        change = update(SessionTurnRow).where(own & rated).values(**values, rated_at=datetime.now(UTC))
        async with self._store.transaction() as session:
            done = await session.execute(change, execution_options={"synchronize_session": False})
            kept = isinstance(done, CursorResult) and done.rowcount == 1
            if not kept and await session.scalar(select(SessionTurnRow.number).where(own)) is None:
                raise TurnNotFoundError
        if kept:
            self._metrics.ratings.labels(str(rating.score)).inc()
        return kept
