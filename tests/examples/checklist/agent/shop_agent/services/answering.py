"""Cached answers, else the model's, else a plain one."""

import structlog
from cachetools import TTLCache

from shop_agent.config.settings import Settings
from shop_agent.exceptions import ModelError
from shop_agent.models import Answer, Question
from shop_agent.services.model import HttpModel

logger = structlog.get_logger(__name__)


class AnsweringService:
    """Answers questions."""

    def __init__(self, settings: Settings) -> None:
        self.model = HttpModel(settings)
        self.cache: TTLCache[str, Answer] = TTLCache(maxsize=1000, ttl=300)

    async def answer(self, question: Question) -> Answer:
        """Return an answer; a plain one when the model fails."""
        if question.text not in self.cache:
            try:
                self.cache[question.text] = Answer(text=await self.model.complete(question.text))
            except ModelError as error:
                logger.warning("fallback_answer", detail=str(error))
                return self.fallback()
        return self.cache[question.text]

    def fallback(self) -> Answer:
        """Return the plain answer."""
        return Answer(text="Please ask again later.", degraded=True)

    def is_ready(self) -> bool:
        """Return whether the model is not being left alone."""
        return self.model.breaker.failures < self.model.breaker.threshold

    async def close(self) -> None:
        """Close the model."""
        await self.model.close()
