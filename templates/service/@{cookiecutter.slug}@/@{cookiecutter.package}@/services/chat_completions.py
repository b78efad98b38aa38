"""A model behind an OpenAI-compatible HTTP interface."""

from http import HTTPStatus

import httpx2
from opentelemetry import propagate
from pydantic import BaseModel, ValidationError

from ..config.secrets import Secret
from ..exceptions import DependencyRefusedError, DependencyUnavailableError
from ..interfaces.model import LanguageModel
from ..models.completion import Completion, Prompt

CONNECT_TIMEOUT_SECONDS = 2.0
POOL = httpx2.Limits(max_connections=100, max_keepalive_connections=20)
PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
"""Client errors that a later attempt may not meet; so may every server error."""


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _ChatCompletion(BaseModel):
    choices: list[_Choice]


class ChatCompletionsModel(LanguageModel):
    """Asks a provider, over one pool of connections for the whole process.

    Args:
        base_url: The provider's address, to which ``/chat/completions`` is added.
        model: The model's name.
        temperature: 0 to 2.
        max_tokens: The longest answer.
        api_key: Asked for its value at every call, so that it can be rotated.
        timeout: Seconds for one attempt.
        transport: How requests travel; the network unless a test says otherwise.
    """

    def __init__(  # noqa: PLR0913  # the parameters of a model
        self,
        *,
        base_url: str,
        model: str,
        temperature: float,
        max_tokens: int,
        api_key: Secret,
        timeout: float,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._name = model
        self._parameters = {"model": model, "temperature": temperature, "max_tokens": max_tokens}
        self._api_key = api_key
        self._client = httpx2.AsyncClient(
            base_url=base_url,
            timeout=httpx2.Timeout(timeout, connect=CONNECT_TIMEOUT_SECONDS),
            limits=POOL,
            transport=transport,
        )

    @property
    def name(self) -> str:
        """The provider's name for the model."""
        return self._name

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the first choice of the provider."""
        headers = {"Authorization": f"Bearer {self._api_key.value()}"}
        propagate.inject(headers)  # the provider's part of the trace
        try:
            response = await self._client.post(
                "chat/completions",
                headers=headers,
                json={**self._parameters, "messages": _messages(prompt)},
            )
        except httpx2.TransportError as error:
            message = "the model provider cannot be reached"
            raise DependencyUnavailableError(message) from error
        return Completion(text=_text(response))

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    conversation = [{"role": role, "content": text} for role, text in prompt.conversation]
    return [{"role": "system", "content": prompt.system}, *conversation]


def _text(response: httpx2.Response) -> str:
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in PASSING:
        message = f"the model provider answered {status}"
        raise DependencyUnavailableError(message)
    if status != HTTPStatus.OK:
        message = f"the model provider rejected the request with {status}"
        raise DependencyRefusedError(message)
    try:
        return _ChatCompletion.model_validate_json(response.content).choices[0].message.content
    except (ValidationError, IndexError) as error:
        message = "the model provider's answer cannot be read"
        raise DependencyUnavailableError(message) from error
