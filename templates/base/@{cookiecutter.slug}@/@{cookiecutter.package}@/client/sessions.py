"""The caller's own sessions."""

from ..models.session import Session
from .operation import Call, Operation


def _read_session(session_id: str) -> Call[Session]:
    """Return what was said in a session."""
    return Call(parts={"session_id": session_id}, read=Session.model_validate_json, repeatable=True)


def _delete_session(session_id: str) -> Call[None]:
    """Delete a session; one that is not there is no error."""
    return Call(parts={"session_id": session_id}, read=lambda _: None, repeatable=True)


class Sessions:
    """What was said."""

    read_session = Operation("GET", "/v1/sessions/{session_id}", _read_session)
    delete_session = Operation("DELETE", "/v1/sessions/{session_id}", _delete_session)
