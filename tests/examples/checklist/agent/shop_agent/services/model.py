"""The language model behind HTTP."""

import asyncio

import httpx
import stamina
from opentelemetry import trace

from shop_agent.config.settings import Settings
from shop_agent.exceptions import ModelError
from shop_agent.interfaces import Model
from shop_agent.services.breaker import CircuitBreaker

tracer = trace.get_tracer(__name__)
MAX_STEPS = 4


class HttpModel(Model):
    """Asks a provider over one pool of connections."""

    def __init__(self, settings: Settings) -> None:
        self.client = httpx.AsyncClient(base_url=settings.model_url, timeout=settings.model_timeout)
        self.breaker = CircuitBreaker(threshold=5)

    @stamina.retry(on=httpx.TransportError, attempts=3)
    async def complete(self, text: str) -> str:
        """Return the answer, in a few steps at most."""
        step = 0
        with tracer.start_as_current_span("complete"):
            while step < MAX_STEPS:
                step += 1
                answer = await self._ask(text)
                if answer:
                    return answer
        raise ModelError("no answer")

    async def _ask(self, text: str) -> str:
        self.breaker.check()
        response = await self.client.post("/complete", json={"text": text})
        self.breaker.record(response.status_code)
        return str(response.json()["text"])

    async def close(self) -> None:
        """Close the pool."""
        await self.client.aclose()
        await asyncio.sleep(0)
