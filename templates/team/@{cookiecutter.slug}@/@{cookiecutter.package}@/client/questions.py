"""What the team's projects need of people."""

from pydantic import TypeAdapter

from ..models.questions import AnswerRequest, Question, RefusalRequest
from .operation import Call, Operation

QUESTIONS: TypeAdapter[list[Question]] = TypeAdapter(list[Question])


def _waiting_questions(*, limit: int | None = None) -> Call[list[Question]]:
    """Return what waits for the caller's answer; what is due first comes first."""
    return Call(query={"limit": limit}, read=QUESTIONS.validate_json, repeatable=True)


def _look_at_question(question_id: str) -> Call[Question]:
    """Return a question, and what became of it."""
    return Call(parts={"question_id": question_id}, read=Question.model_validate_json, repeatable=True)


def _answer_question(question_id: str, text: str = "") -> Call[Question]:
    """Answer a question, or give the leave that it asks for; the project goes on with it."""
    return Call(parts={"question_id": question_id}, body=AnswerRequest(text=text), read=Question.model_validate_json)


def _refuse_question(question_id: str, why: str = "") -> Call[Question]:
    """Do not answer, or do not give the leave; the project goes on without it."""
    return Call(parts={"question_id": question_id}, body=RefusalRequest(why=why), read=Question.model_validate_json)


class Questions:
    """What waits for somebody's word."""

    waiting_questions = Operation("GET", "/v1/questions", _waiting_questions)
    look_at_question = Operation("GET", "/v1/questions/{question_id}", _look_at_question)
    answer_question = Operation("POST", "/v1/questions/{question_id}/answer", _answer_question)
    refuse_question = Operation("POST", "/v1/questions/{question_id}/refuse", _refuse_question)
