"""No address that others choose is ever called: only the provider of the configuration is, and it cannot send us on."""

import pytest
from pydantic import ValidationError

from ...config.llm_config import ModelConfig
from ...exceptions import CommunicationError
from ...models.conversation import Prompt
from ...services.providers import build_model
from ..fixtures.faulty import Fault, FaultyServer, answering, faulty
from ..fixtures.models import shipped_tools
from ..fixtures.provider import load_packages

KEY = "sk-canary"
PROVIDERS = ("openai", "anthropic", "gemini", "openai-compatible")


def config(provider: str, address: str) -> ModelConfig:
    values = {"provider": provider, "model": "big", "temperature": 0.0, "max_tokens": 10}
    return ModelConfig.model_validate({**values, "api_key_env": "PROVIDER_KEY", "base_url": address})


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_provider_cannot_send_the_key_elsewhere(
    monkeypatch: pytest.MonkeyPatch, provider: str, status: int
) -> None:
    load_packages()
    monkeypatch.setenv("PROVIDER_KEY", KEY)
    with faulty(answering(200, b"{}")) as inside, faulty(_redirecting(status, inside)) as server:
        model = build_model(config(provider, server.address), timeout=5)
        prompt = Prompt(system="s", user="u")
        with pytest.raises(CommunicationError):
            await model.reply(prompt)
        await model.close()
    assert (server.connections, inside.connections) == (1, 0)


def _redirecting(status: int, target: FaultyServer) -> Fault:
    return answering(status, b"", f"Location: {target.address}/latest/meta-data")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://provider.invalid", "provider.invalid", "//x", ""])
def test_an_address_is_one_of_the_web(address: str) -> None:
    with pytest.raises(ValidationError, match="base_url"):
        config("openai-compatible", address)


def test_no_tool_takes_an_address() -> None:
    names = {name for tool in shipped_tools() for name in tool.arguments.model_fields}
    assert {name for name in names if {"url", "uri", "address", "host", "link"} & set(name.split("_"))} == set()
