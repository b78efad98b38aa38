"""The models of the clouds. Their packages are loaded only when they are configured.

Without a key the cloud's own credentials are used: the role or the service account under which the process runs.
"""

from functools import partial
from typing import TYPE_CHECKING

import httpx2

from ..config.llm_config import ModelConfig

if TYPE_CHECKING:
    from pydantic_ai.models import Model

SDK_RETRIES = 0
"""Retries are made in one place: ``resilience.py``."""


def azure(config: ModelConfig, key: str, client: httpx2.AsyncClient) -> "Model":
    """Return a deployment of Azure OpenAI, by version or over its address in ``/v1``."""
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.azure import AzureProvider

    provider = AzureProvider(
        azure_endpoint=str(config.base_url).rstrip("/"), api_version=config.api_version, api_key=key, http_client=client
    )
    provider.client.max_retries = SDK_RETRIES
    return OpenAIChatModel(config.model, provider=provider)


def vertex(config: ModelConfig, key: str, client: httpx2.AsyncClient) -> "Model":
    """Return a model of Google Vertex AI."""
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google_cloud import GoogleCloudProvider

    address = str(config.base_url) if config.base_url else None
    if key:
        provider = GoogleCloudProvider(api_key=key, base_url=address, http_client=client)
    else:
        provider = GoogleCloudProvider(
            project=config.project, location=config.region, base_url=address, http_client=client
        )
    return GoogleModel(config.model, provider=provider)


def bedrock(config: ModelConfig, key: str, timeout: float, connect_timeout: float) -> "Model":
    """Return a model of Amazon Bedrock; its package keeps connections of its own and works in threads."""
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    region, address = config.region, str(config.base_url) if config.base_url else None
    make = partial(BedrockProvider, region_name=region, base_url=address, aws_read_timeout=timeout)
    provider = make(aws_connect_timeout=connect_timeout, **({"api_key": key} if key else {}))
    retries = {"event_name": "needs-retry.bedrock-runtime", "unique_id": "retry-config-bedrock-runtime"}
    provider.client.meta.events.unregister(**retries)  # they are made in one place, and cannot be set from here
    return BedrockConverseModel(config.model, provider=provider)
