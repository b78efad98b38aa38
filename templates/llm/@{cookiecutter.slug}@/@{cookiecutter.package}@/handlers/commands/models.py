"""Ask every model that the configuration names for one word: a lost key or a withdrawn model shows here first."""

import argparse
import asyncio
from collections.abc import Iterator, Sequence

from ...config.checked import checked
from ...config.files import read_mapping
from ...config.llm_config import LlmConfig, ModelConfig
from ...config.settings import Settings
from ...exceptions import AgentError, DependencyUnavailableError
from ...models.conversation import Prompt
from ...services.providers import build_model

NAME = "models"
PROMPT = Prompt(system="You are being tried.", user="Reply with the word ready, and nothing else.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


async def run(_arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print.

    Raises:
        DependencyUnavailableError: Not every model replied; says of each what came.
    """
    wanted = list(_named(settings))
    told = await asyncio.gather(*(_tried(config, settings.limits.model_timeout) for _, config in wanted))
    lines = [
        f"{name}: {config.provider} {config.model}: {came or 'ready'}"
        for (name, config), came in zip(wanted, told, strict=True)
    ]
    if any(told):
        message = "\n  ".join(["not every model replied", *lines])
        raise DependencyUnavailableError(message)
    return lines


def _named(settings: Settings) -> Iterator[tuple[str, ModelConfig]]:
    """Yield the models of every enabled agent, then those that callers may choose."""
    agents = {path.stem: read_mapping(path) for path in sorted((settings.config_dir / "agents").glob("*.yaml"))}
    configured = {
        name: checked(LlmConfig, told.get("llm_config"), f"{name}.yaml: llm_config")
        for name, told in agents.items()
        if told.get("enabled", True)
    }
    for name, config in {**configured, **settings.models}.items():
        yield name, config
        if config.fallback is not None:
            yield f"{name}, when that fails", config.fallback


async def _tried(config: ModelConfig, seconds: float) -> str:
    """Return why the model did not reply; nothing when it did."""
    try:
        model = build_model(config, seconds)
    except AgentError as error:
        return str(error)
    try:
        async with asyncio.timeout(seconds):
            await model.reply(PROMPT)
    except TimeoutError:
        return f"no reply within {seconds:g} s"
    except AgentError as error:
        return str(error)
    finally:
        await model.close()
    return ""
