import httpx

from shop_agent.config.settings import Settings
from shop_agent.models import Question
from shop_agent.services.answering import AnsweringService


async def test_a_dead_model_gives_the_plain_answer() -> None:
    service = AnsweringService(Settings(model_url="http://127.0.0.1:9"))
    service.model.client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: httpx.Response(502)))
    assert (await service.answer(Question(text="when?"))).degraded
