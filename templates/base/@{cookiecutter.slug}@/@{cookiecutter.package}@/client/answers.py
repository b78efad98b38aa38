"""Questions and answers."""

from ..models.answer import Answer, Question
from .operation import Call, Operation


def _ask(question: str, *, session_id: str | None = None, model: str | None = None) -> Call[Answer]:
    """Return the agent's answer; in a session its earlier turns count, and both are kept in it."""
    body = Question(question=question, session_id=session_id, model=model)
    return Call(body=body, read=Answer.model_validate_json)


class Answers:
    """The main route."""

    ask = Operation("POST", "/v1/answers", _ask)
