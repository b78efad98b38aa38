"""The providers' own packages against a provider on this machine."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ...config.llm_config import ModelConfig
from ...exceptions import DependencyRefusedError, DependencyUnavailableError
from ...interfaces.model import LanguageModel
from ...models.conversation import Prompt, Reply, ToolResult
from ...services.providers import build_model
from ..fixtures.models import shipped_tools
from ..fixtures.provider import ARGUMENTS, TEXT, TOKENS_IN, TOKENS_OUT, TOOL, Provider, load_packages, providing

PROVIDERS = ("openai", "anthropic", "gemini", "openai-compatible")
PROMPT = Prompt(
    system="Be brief.",
    user="<question>How long?</question>",
    tools=tuple(tool.described for tool in shipped_tools()),
)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    load_packages()
    monkeypatch.setenv("PROVIDER_KEY", "first-key")
    with providing() as provider:
        yield provider


def model_of(kind: str, provider: Provider) -> LanguageModel:
    path = "/v1" if kind.startswith("openai") else ""
    config = {
        "provider": kind,
        "model": "big",
        "temperature": 0.5,
        "max_tokens": 64,
        "api_key_env": "PROVIDER_KEY",
        "base_url": provider.address + path,
    }
    return build_model(ModelConfig.model_validate(config), timeout=10)


def keys(provider: Provider) -> list[str]:
    """Return the key of each request, whichever header its package sends it in."""
    return [re.findall(r"\w+-key(?=$|\n)", "\n".join(request.headers.values()))[0] for request in provider.requests]


async def asked(model: LanguageModel, prompt: Prompt, *, streamed: bool) -> tuple[Reply, str]:
    pieces: list[str] = []
    reply = await model.reply(prompt, pieces.append if streamed else None)
    return reply, "".join(pieces)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kind", PROVIDERS)
async def test_a_tool_is_wanted_and_then_there_is_an_answer(provider: Provider, kind: str, *, streamed: bool) -> None:
    model = model_of(kind, provider)
    first, _ = await asked(model, PROMPT, streamed=streamed)
    (call,) = first.calls
    assert (call.name, json.loads(call.arguments)) == (TOOL, ARGUMENTS)
    result = ToolResult(call=call, content="[returns] Returns: 30 days")
    second, shown = await asked(model, PROMPT.after(first, (result,)), streamed=streamed)
    assert (second.text, second.calls) == (TEXT, ())
    assert shown == (second.text if streamed else "")
    assert (second.usage.input_tokens, second.usage.output_tokens) == (TOKENS_IN, TOKENS_OUT)
    await model.close()

    sent = json.dumps(provider.requests[-1].body)
    for part in ("Be brief.", "How long?", TOOL, "return an item", "30 days", "64"):
        assert part in sent
    assert keys(provider) == ["first-key"] * 2


async def test_on_the_last_step_tools_are_described_but_not_to_be_used(provider: Provider) -> None:
    model = model_of("openai", provider)
    await model.reply(Prompt(system="s", user="u", tools=PROMPT.tools, answer_now=True))
    assert provider.requests[0].body["tool_choice"] == "none"
    assert provider.requests[0].body["tools"]
    await model.close()


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_what_may_pass_is_unavailable_and_not_tried_again_here(
    provider: Provider, kind: str, status: int
) -> None:
    provider.failures = [(status, '{"error": {"message": "hunter2", "type": "x"}}')]
    model = model_of(kind, provider)
    with pytest.raises(DependencyUnavailableError) as caught:
        await model.reply(PROMPT)
    assert "hunter2" not in str(caught.value)
    assert len(provider.requests) == 1
    await model.close()


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_what_will_not_pass_is_refused(provider: Provider, kind: str, status: int) -> None:
    provider.failures = [(status, '{"error": {"message": "no", "type": "x"}}')]
    model = model_of(kind, provider)
    with pytest.raises(DependencyRefusedError):
        await model.reply(PROMPT)
    await model.close()


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize("body", ["<html>", "{}", "[]"])
async def test_an_answer_that_cannot_be_read_is_unavailable(provider: Provider, kind: str, body: str) -> None:
    provider.failures = [(200, body)]
    model = model_of(kind, provider)
    with pytest.raises(DependencyUnavailableError):
        await model.reply(PROMPT)
    await model.close()


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_nobody_there_is_unavailable(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "key")
    with providing() as gone:
        pass
    model = model_of(kind, gone)
    with pytest.raises(DependencyUnavailableError):
        await model.reply(PROMPT)
    await model.close()


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_a_key_is_rotated_without_a_restart(
    provider: Provider, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("first-key")
    monkeypatch.setenv("PROVIDER_KEY_FILE", str(file))
    model = model_of(kind, provider)
    await model.reply(PROMPT)
    file.write_text("second-key")
    await model.reply(PROMPT)
    assert keys(provider) == ["first-key", "second-key"]
    await model.close()
