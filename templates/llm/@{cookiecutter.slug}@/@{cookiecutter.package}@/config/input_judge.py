"""A second model that judges questions: ``config/input_judge.yaml``, by environment. None by default."""

from typing import Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from .llm_config import ModelConfig
from .parts import Part


class InputJudgeConfig(Part):
    """Who judges, how long it may take, and what is done without it."""

    model: ModelConfig
    timeout: PositiveFloat = Field(default=3.0, description="Seconds for one judgement.")
    when_away: Literal["refuse", "admit"] = Field(
        default="refuse", description="Whether questions that nobody could judge are answered."
    )

    @model_validator(mode="after")
    def _is_a_real_model(self) -> Self:
        if self.model.provider == "deterministic":
            message = "the deterministic model judges nothing: name a real one"
            raise ValueError(message)
        return self
