"""The caller's own sessions, and what it thinks of the answers in them."""

from ..models.pages import Page
from ..models.session import Rating, Session, SessionChange, SessionSummary
from .operation import Call, Operation


def _find_sessions(*, cursor: str | None = None, limit: int | None = None) -> Call[Page[SessionSummary]]:
    """Return a page of sessions, those with the newest turns first."""
    query = {"cursor": cursor, "limit": limit}
    return Call(query=query, read=Page[SessionSummary].model_validate_json, repeatable=True)


def _read_session(session_id: str) -> Call[Session]:
    """Return the last 100 turns of a session, oldest first."""
    return Call(parts={"session_id": session_id}, read=Session.model_validate_json, repeatable=True)


def _rename_session(session_id: str, name: str | None) -> Call[SessionSummary]:
    """Give a session a name; ``None`` for the one that is taken from its first question."""
    parts, body = {"session_id": session_id}, SessionChange(name=name)
    return Call(parts=parts, body=body, read=SessionSummary.model_validate_json, repeatable=True)


def _delete_session(session_id: str) -> Call[None]:
    """Delete a session; one that is not there is no error."""
    return Call(parts={"session_id": session_id}, read=lambda _: None, repeatable=True)


def _rate_answer(session_id: str, turn_id: str, score: int, *, comment: str | None = None) -> Call[Rating]:
    """Rate an answer from 1 to 5, once."""
    parts, rating = {"session_id": session_id, "turn_id": turn_id}, Rating(score=score, comment=comment)
    return Call(parts=parts, body=rating, read=Rating.model_validate_json)


def _change_rating(session_id: str, turn_id: str, score: int, *, comment: str | None = None) -> Call[Rating]:
    """Change the rating of an answer."""
    parts, rating = {"session_id": session_id, "turn_id": turn_id}, Rating(score=score, comment=comment)
    return Call(parts=parts, body=rating, read=Rating.model_validate_json, repeatable=True)


class Sessions:
    """What was said."""

    find_sessions = Operation("GET", "/v1/sessions", _find_sessions)
    read_session = Operation("GET", "/v1/sessions/{session_id}", _read_session)
    rename_session = Operation("PATCH", "/v1/sessions/{session_id}", _rename_session)
    delete_session = Operation("DELETE", "/v1/sessions/{session_id}", _delete_session)
    rate_answer = Operation("POST", "/v1/sessions/{session_id}/turns/{turn_id}/rating", _rate_answer)
    change_rating = Operation("PUT", "/v1/sessions/{session_id}/turns/{turn_id}/rating", _change_rating)
