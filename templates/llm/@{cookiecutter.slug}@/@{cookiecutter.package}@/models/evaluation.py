"""Answers that are judged, and what came of it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A question and its answer.

    Args:
        name: Which one, for the report.
        question: What was asked.
        answer: What was answered.
        documents: What the documents say about it, each part with its id in square brackets.
    """

    name: str
    question: str
    answer: str
    documents: str


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Judgement(_Part):
    """One answer by one criterion."""

    exchange: str
    criterion: str
    score: int = Field(ge=0, le=5, description="0: the judge gave none that can be read.")
    passed: bool
    reason: str


class CriterionResult(_Part):
    """All answers by one criterion."""

    criterion: str
    passes_at: int
    mean: float
    share: float = Field(description="Of the answers that reach the score.")
    passed: bool


class EvaluationReport(_Part):
    """What came of an evaluation."""

    agent_id: str
    agent_version: str
    judge: str
    floor: float
    verdict: Literal["pass", "fail"]
    criteria: tuple[CriterionResult, ...]
    judgements: tuple[Judgement, ...]
