from unittest.mock import AsyncMock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shop_agent.config.settings import Settings
from shop_agent.exceptions import ModelError
from shop_agent.models import Question
from shop_agent.services.answering import AnsweringService


@pytest.fixture
def service() -> AnsweringService:
    service = AnsweringService(Settings())
    service.model.complete = AsyncMock(return_value="tomorrow")
    return service


async def test_answers(service: AnsweringService) -> None:
    assert (await service.answer(Question(text="when?"))).text == "tomorrow"


async def test_a_failing_model_gives_the_plain_answer(service: AnsweringService) -> None:
    service.model.complete.side_effect = ModelError("down")
    assert (await service.answer(Question(text="when?"))).degraded


def test_an_empty_question_is_refused() -> None:
    with pytest.raises(ValidationError):
        Question(text="")


@given(st.text(min_size=1, max_size=2000))
def test_any_text_is_a_question(text: str) -> None:
    assert Question(text=text).text == text
