"""The providers of models and of embeddings. Their packages are loaded only when they are configured."""

import ssl
from functools import cache
from typing import TYPE_CHECKING

import httpx2
from opentelemetry import propagate

from ..config.llm_config import ModelConfig
from ..config.retrieval import EmbedderConfig
from ..config.secrets import FixedSecret, Secret, named_secret
from ..exceptions import ConfigurationError
from ..interfaces.embedder import Embedder
from ..interfaces.model import LanguageModel
from .cloud_providers import SDK_RETRIES, azure, bedrock, vertex
from .deterministic import DeterministicModel
from .hashed_embedder import HashedEmbedder

if TYPE_CHECKING:
    from pydantic_ai.models import Model

CONNECT_TIMEOUT_SECONDS = 2.0
POOL = httpx2.Limits(max_connections=100, max_keepalive_connections=20)


def build_model(config: ModelConfig, timeout: float) -> LanguageModel:
    """Return the configured model.

    Args:
        config: Which one.
        timeout: Seconds for one attempt.

    Raises:
        ConfigurationError: Its key or its package is missing.
    """
    if config.provider == "deterministic":
        return DeterministicModel(config.model)
    from pydantic_ai.settings import ModelSettings

    from .pydantic_ai_model import PydanticAiModel

    client = _client(timeout)
    key = named_secret(config.api_key_env) if config.api_key_env else FixedSecret("")  # or the cloud's credentials
    source = ProviderModel(config, key, client, timeout)
    settings = ModelSettings(temperature=config.temperature, max_tokens=config.max_tokens)
    if config.provider != "bedrock":  # which takes it with its connections
        settings["timeout"] = timeout
    return PydanticAiModel(config.model, source, settings, client.aclose)


def build_embedder(config: EmbedderConfig, timeout: float) -> Embedder:
    """Return the configured embedder.

    Args:
        config: Which one.
        timeout: Seconds for one attempt.

    Raises:
        ConfigurationError: Its key or its package is missing.
    """
    if config.provider == "hashed":
        return HashedEmbedder(config.dimensions or 0)
    key = named_secret(config.api_key_env or "")
    try:
        from openai import AsyncOpenAI

        from .openai_embedder import OpenAIEmbedder
    except ImportError as error:
        message = f"embedder {config.provider} needs its package: install the extra 'openai'"
        raise ConfigurationError(message) from error
    client = _client(timeout)
    address = str(config.base_url) if config.base_url else None
    sdk = AsyncOpenAI(api_key=key.value(), base_url=address, http_client=client, max_retries=SDK_RETRIES)
    return OpenAIEmbedder(config.model or "", config.dimensions, sdk, key, client.aclose)


class ProviderModel:
    """Returns a provider's model, built anew when its key has changed.

    Raises:
        ConfigurationError: The provider's package is not installed.
    """

    def __init__(self, config: ModelConfig, key: Secret, client: httpx2.AsyncClient, timeout: float) -> None:
        self._config = config
        self._key = key
        self._client = client
        self._timeout = timeout
        self._used = key.value()
        try:
            self._model = self._built(self._used)
        except ImportError as error:
            extra = config.provider.removesuffix("-compatible")
            message = f"provider {config.provider} needs its package: install the extra {extra!r}"
            raise ConfigurationError(message) from error

    def __call__(self) -> "Model":
        """Return the model with the key as it is now."""
        value = self._key.value()
        if value != self._used:
            self._model, self._used = self._built(value), value
        return self._model

    def _built(self, key: str) -> "Model":
        if self._config.provider == "bedrock":
            return bedrock(self._config, key, self._timeout, CONNECT_TIMEOUT_SECONDS)
        return _provider_model(self._config, key, self._client)


def _provider_model(config: ModelConfig, key: str, client: httpx2.AsyncClient) -> "Model":
    address = str(config.base_url) if config.base_url else None
    match config.provider:
        case "openai":
            return _openai(config.model, address, key, client)
        case "anthropic":
            return _anthropic(config.model, address, key, client)
        case "gemini":
            return _gemini(config.model, address, key, client)
        case "azure":
            return azure(config, key, client)
        case "vertex":
            return vertex(config, key, client)
        case _:
            return _openai_compatible(config.model, address or "", key, client)


def _openai(model: str, address: str | None, key: str, client: httpx2.AsyncClient) -> "Model":
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    sdk = AsyncOpenAI(api_key=key, base_url=address, http_client=client, max_retries=SDK_RETRIES)
    return OpenAIChatModel(model, provider=OpenAIProvider(openai_client=sdk))


def _openai_compatible(model: str, address: str, key: str, client: httpx2.AsyncClient) -> "Model":
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    sdk = AsyncOpenAI(api_key=key, base_url=address, http_client=client, max_retries=SDK_RETRIES)
    return OpenAIChatModel(model, provider=OpenAICompatibleProvider("openai-compatible", openai_client=sdk))


def _anthropic(model: str, address: str | None, key: str, client: httpx2.AsyncClient) -> "Model":
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    sdk = AsyncAnthropic(api_key=key, base_url=address, http_client=client, max_retries=SDK_RETRIES)
    return AnthropicModel(model, provider=AnthropicProvider(anthropic_client=sdk))


def _gemini(model: str, address: str | None, key: str, client: httpx2.AsyncClient) -> "Model":
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(model, provider=GoogleProvider(api_key=key, base_url=address, http_client=client))


@cache
def _certificates() -> ssl.SSLContext:
    """Read the trusted certificates once, which takes longer than a call."""
    return httpx2.create_ssl_context()


def _client(timeout: float) -> httpx2.AsyncClient:
    async def trace(request: httpx2.Request) -> None:
        propagate.inject(request.headers)  # the provider's part of the trace

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout, connect=CONNECT_TIMEOUT_SECONDS),
        limits=POOL,
        event_hooks={"request": [trace]},
        verify=_certificates(),
    )
