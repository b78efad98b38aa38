"""Other agents, asked over HTTP."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import httpx2
from opentelemetry import propagate
from pydantic import JsonValue, ValidationError

from ..exceptions import DependencyRefusedError, DependencyUnavailableError, InvalidInputError
from ..interfaces.agent import Agent
from ..interfaces.peers import Peers
from ..models.answer import Answer, Question
from ..models.registry import RegisteredAgent
from ..utils.correlation import HEADER, current_correlation_id
from .endpoints import check_endpoint
from .text_guard import shown

CONNECT_TIMEOUT_SECONDS = 2.0
POOL = httpx2.Limits(max_connections=100, max_keepalive_connections=20)
MAX_ANSWER_BYTES = 1_048_576
TokenMaker = Callable[[str, str], str]
"""Makes a token for a subject and an audience."""


class HttpPeers(Peers):
    """Asks agents where the registry says they are; one without an address is a replica of this service.

    Args:
        own: The agent of this service.
        make_token: Signs the requests, one token for each: made out to that agent, in the name of the caller.
        hosts: Where agents may be asked.
        transport: How requests travel; the network unless a test says otherwise.
    """

    def __init__(
        self,
        own: Agent,
        make_token: TokenMaker,
        hosts: Sequence[str],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._own = own
        self._make_token = make_token
        self._hosts = hosts
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_SECONDS),  # the caller has a deadline
            limits=POOL,
            transport=transport,
        )

    async def ask(self, agent: RegisteredAgent, question: Question, subject: str) -> Answer:
        """Return the agent's answer."""
        if agent.endpoint is None:
            return await self._own.answer(question)
        try:
            check_endpoint(agent.endpoint, self._hosts)  # the list may be shorter than when it registered
        except InvalidInputError as error:
            raise DependencyRefusedError(str(error)) from error
        url = f"{str(agent.endpoint).rstrip('/')}/v1/answers"
        headers = {
            "Authorization": f"Bearer {self._make_token(subject, agent.audience or agent.name)}",
            HEADER: current_correlation_id(),
        }
        propagate.inject(headers)
        try:
            async with self._client.stream("POST", url, headers=headers, json={"question": question.question}) as reply:
                return _answer(agent.id, reply.status_code, await _bounded(reply))
        except httpx2.TransportError as error:
            message = f"the agent {agent.id} cannot be reached"
            raise DependencyUnavailableError(message) from error

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()


async def _bounded(reply: httpx2.Response) -> bytes:
    content = bytearray()
    async for chunk in reply.aiter_bytes():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            message = "the agent's answer is too large"
            raise DependencyRefusedError(message)
    return bytes(content)


def _answer(agent_id: str, status: int, content: bytes) -> Answer:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        message = f"the agent {agent_id} answered {status}"
        raise DependencyUnavailableError(message)
    if status != HTTPStatus.OK:
        message = f"the agent {agent_id} rejected the request with {status}"
        raise DependencyRefusedError(message)
    try:
        answer = Answer.model_validate_json(content)
    except ValidationError as error:
        message = f"the answer of the agent {agent_id} cannot be read"
        raise DependencyRefusedError(message) from error
    return answer.model_copy(update={"output": {name: _clean(value) for name, value in answer.output.items()}})


def _clean(value: JsonValue) -> JsonValue:
    """Return what another agent wrote as text that may leave this one."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {name: _clean(item) for name, item in value.items()} if isinstance(value, dict) else value
