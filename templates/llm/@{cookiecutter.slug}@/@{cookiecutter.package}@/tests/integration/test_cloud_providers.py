"""The clouds' own packages against a provider on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from ...config.llm_config import ModelConfig
from ...exceptions import ConfigurationError, DependencyRefusedError, DependencyUnavailableError
from ...interfaces.model import LanguageModel
from ...models.conversation import Prompt, ToolResult
from ...services.providers import build_model
from ..fixtures.models import shipped_tools
from ..fixtures.provider import (
    ARGUMENTS,
    TEXT,
    TOKEN,
    TOKEN_PATH,
    TOKENS_IN,
    TOKENS_OUT,
    TOOL,
    Provider,
    load_packages,
    providing,
)

CLOUDS = ("azure", "azure-v1", "bedrock", "vertex")
PROMPT = Prompt(
    system="Be brief.",
    user="<question>How long?</question>",
    tools=tuple(tool.described for tool in shipped_tools()),
)
COMMON = {"model": "big", "temperature": 0.5, "max_tokens": 64}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    load_packages()
    monkeypatch.setenv("PROVIDER_KEY", "first-key")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "role-of-the-process")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with providing() as provider:
        yield provider


def model_of(cloud: str, address: str) -> LanguageModel:
    by_cloud = {
        "azure": {"base_url": address, "api_version": "2026-06-01", "api_key_env": "PROVIDER_KEY"},
        "azure-v1": {"base_url": f"{address}/openai/v1", "api_key_env": "PROVIDER_KEY"},
        "bedrock": {"base_url": address, "region": "eu-central-1"},
        "vertex": {"base_url": address, "api_key_env": "PROVIDER_KEY"},
    }
    config = {"provider": cloud.removesuffix("-v1"), **COMMON, **by_cloud[cloud]}
    return build_model(ModelConfig.model_validate(config), timeout=10)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("cloud", CLOUDS)
async def test_a_tool_is_wanted_and_then_there_is_an_answer(provider: Provider, cloud: str, *, streamed: bool) -> None:
    model, pieces = model_of(cloud, provider.address), list[str]()
    on_text = pieces.append if streamed else None
    first = await model.reply(PROMPT, on_text)
    (call,) = first.calls
    assert (call.name, json.loads(call.arguments)) == (TOOL, ARGUMENTS)
    result = ToolResult(call=call, content="[returns] Returns: 30 days")
    second = await model.reply(PROMPT.after(first, (result,)), on_text)
    assert (second.text, "".join(pieces)) == (TEXT, TEXT if streamed else "")
    assert (second.usage.input_tokens, second.usage.output_tokens) == (TOKENS_IN, TOKENS_OUT)
    await model.close()
    sent = json.dumps(provider.requests[-1].body)
    assert [part for part in ("Be brief.", "How long?", TOOL, "30 days", "64") if part not in sent] == []
    by_key = "role-of-the-process" if cloud == "bedrock" else "first-key"
    assert by_key in str(provider.requests[-1].headers)


async def test_azure_names_its_deployment_and_version(provider: Provider) -> None:
    for cloud, path in (
        ("azure", "/openai/deployments/big/chat/completions?api-version=2026-06-01"),
        ("azure-v1", "/openai/v1/chat/completions"),
    ):
        model = model_of(cloud, provider.address)
        await model.reply(PROMPT)
        await model.close()
        assert provider.requests[-1].path == path


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, '{"error": {"message": "hunter2"}}', DependencyUnavailableError),
        (403, '{"error": {"message": "hunter2"}}', DependencyRefusedError),
        (200, "<html>", DependencyUnavailableError),
    ],
)
async def test_failures_are_told_apart_and_not_tried_again_here(
    provider: Provider, cloud: str, status: int, body: str, error: type[Exception]
) -> None:
    provider.failures = [(status, body)]
    model = model_of(cloud, provider.address)
    with pytest.raises(error) as caught:
        await model.reply(PROMPT)
    await model.close()
    assert "hunter2" not in str(caught.value)
    assert len(provider.requests) == 1


async def test_vertex_works_with_the_account_of_the_process(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account(provider.address)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    config = {"provider": "vertex", **COMMON, "project": "p", "region": "europe-west4", "base_url": provider.address}
    model = build_model(ModelConfig.model_validate(config), timeout=10)
    assert (await model.reply(PROMPT)).calls
    await model.close()
    token, asked = provider.requests
    assert token.path == TOKEN_PATH
    assert "/projects/p/locations/europe-west4/" in asked.path
    assert asked.headers["authorization"] == f"Bearer {TOKEN['access_token']}"


async def test_bedrock_takes_a_key_of_its_own_only_over_tls(provider: Provider) -> None:
    config = {"provider": "bedrock", **COMMON, "region": "eu-central-1", "api_key_env": "PROVIDER_KEY"}
    model = build_model(ModelConfig.model_validate({**config, "base_url": provider.address}), timeout=10)
    with pytest.raises(DependencyUnavailableError):
        await model.reply(PROMPT)
    await model.close()
    assert provider.requests == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"provider": "azure", "api_key_env": "K"}, "needs base_url"),
        ({"provider": "azure", "api_key_env": "K", "base_url": "https://x.invalid"}, "needs api_version"),
        (
            {"provider": "azure", "api_key_env": "K", "base_url": "https://x.invalid/openai/v1", "api_version": "1"},
            "not both",
        ),
        ({"provider": "bedrock"}, "needs region"),
        ({"provider": "vertex", "region": "x"}, "needs project"),
    ],
)
def test_what_is_missing_is_named(config: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ModelConfig.model_validate({**COMMON, **config})


@pytest.mark.parametrize(
    ("package", "config"),
    [
        ("boto3", {"provider": "bedrock", "region": "eu-central-1"}),
        ("openai", {"provider": "azure", "base_url": "https://x.invalid/v1", "api_key_env": "PROVIDER_KEY"}),
    ],
)
def test_a_missing_package_is_named(provider: Provider, package: str, config: dict[str, str]) -> None:
    wanted = ModelConfig.model_validate({**COMMON, **config})
    name = "bedrock" if package == "boto3" else "azure"
    hidden = {f"pydantic_ai.{kind}.{name}": None for kind in ("providers", "models")}
    with mock.patch.dict("sys.modules", hidden), pytest.raises(ConfigurationError, match=f"the extra '{name}'"):
        build_model(wanted, timeout=1)
    assert provider.requests == []


def account(address: str) -> dict[str, str]:
    """Return a service account whose tokens are made by the provider on this machine."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "client_email": "agent@p.invalid",
        "private_key": pem.decode(),
        "token_uri": f"{address}{TOKEN_PATH}",
    }
