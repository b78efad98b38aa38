"""What callers can know about the agent and choose, and what it uses beside its model."""

import shutil
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from ...config.model_choice import DEFAULT
from ...config.settings import PROJECT
from ...exceptions import ConfigurationError, DependencyUnavailableError
from ...handlers import info, streaming
from ...handlers.commands import models
from ...models.identity import Role
from ...services.agent import build_agent
from ..fixtures.provider import providing
from ..fixtures.service import Service, make_settings, running
from ..fixtures.store import store_place
from ..fixtures.tool_server import serving

FAST = {"provider": "deterministic", "model": "fast-v1", "temperature": 0.0, "max_tokens": 100}
SECOND = "real, when that fails: deterministic fast-v1: ready"
QUESTION = "How long is the warranty of a device?"


def config_with(folder: Path, **files: object) -> Path:
    """Return the shipped configuration with some files replaced."""
    copy = shutil.copytree(PROJECT / "config", folder / "config")
    for name, content in files.items():
        (copy / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return copy


@contextmanager
def serving_with(folder: Path, **files: object) -> Iterator[Service]:
    """Run the service with some files of its configuration replaced."""
    config_dir, state = config_with(folder, **files), folder / "state"
    settings = make_settings(state, config_dir=config_dir, store=store_place(state))
    with running(settings, build_agent, (streaming.router, info.router)) as service:
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving_with(tmp_path, models={"models": {"fast": FAST}}) as service:
        yield service


def asked(service: Service, path: str = "/v1/answers", **more: str) -> tuple[int, dict[str, Any]]:
    response = service.client.post(path, json={"question": QUESTION, **more}, headers=service.headers(Role.CLIENT))
    return response.status_code, response.json() if "json" in response.headers["content-type"] else {}


def used(service: Service) -> set[str]:
    """Return the models that were called."""
    text = service.client.get("/metrics").text
    calls = [line for line in text.splitlines() if line.startswith("agent_model_calls_total")]
    return {line.split('model="')[1].split('"')[0] for line in calls}


def test_a_caller_chooses_a_model(service: Service) -> None:
    assert asked(service, model="fast")[0] == 200
    assert used(service) == {"fast-v1"}
    assert asked(service)[0] == asked(service, model=DEFAULT)[0] == 200
    assert used(service) == {"fast-v1", "deterministic-v1"}


@pytest.mark.parametrize("path", ["/v1/answers", "/v1/answers/stream"])
def test_an_unknown_model_is_refused_with_the_names_of_those_there_are(service: Service, path: str) -> None:
    status, problem = asked(service, path, model="huge")
    assert (status, problem["type"]) == (422, "urn:problem:invalid-input")
    assert problem["detail"] == "There is no model of that name. There are default, fast."
    assert used(service) == set()


def test_an_answer_of_one_model_is_not_given_for_another(tmp_path: Path) -> None:
    with serving_with(tmp_path, models={"models": {"fast": FAST}}, development=cached()) as service:
        answers = [asked(service, **more)[1]["cached"] for more in ({}, {"model": "fast"}, {"model": DEFAULT})]
        assert answers == [False, False, True]


def cached() -> dict[str, Any]:
    """Return the development environment with its cache on."""
    values: dict[str, Any] = yaml.safe_load((PROJECT / "config" / "development.yaml").read_text(encoding="utf-8"))
    for agent in values["agents"].values():
        agent["cache_enabled"] = True
    return values


def test_clients_are_told_what_there_is(service: Service) -> None:
    response = service.client.get("/v1/info", headers=service.headers(Role.CLIENT))
    told, limits = response.json(), service.container.settings.limits
    assert told["models"] == ["default", "fast"]
    assert told["agent_version"] == service.container.agent_config.version
    assert [tool["name"] for tool in told["tools"]] == ["search_documents", "read_document", "list_documents"]
    assert all(tool["description"] for tool in told["tools"])
    assert (told["limits"]["steps"], told["limits"]["seconds"]) == (limits.max_steps, limits.timeout)
    assert service.client.get("/v1/info").status_code == 401


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ({"default": FAST}, "is the model of the agent's configuration"),
        ({"Fast One": FAST}, "FAST ONE"),
        ({"fast": {**FAST, "provider": "nobody"}}, "MODELS__FAST__PROVIDER"),
    ],
)
def test_a_wrong_choice_is_named(tmp_path: Path, models: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        make_settings(tmp_path, config_dir=config_with(tmp_path, models={"models": models}))


def test_a_server_of_tools_that_is_away_is_told_and_answers_go_on(tmp_path: Path) -> None:
    with serving() as tickets:
        servers = {"tickets": {"url": tickets.address, "tools": ["search_tickets"], "timeout": 20}}
        with serving_with(tmp_path, mcp={"development": {"servers": servers}}) as service:
            names = [tool["name"] for tool in told(service)["tools"]]
            assert names[-1] == "tickets_search_tickets"
            assert checks(service)["tools_tickets"] == "healthy"
            tickets.stop()
            assert checks(service)["tools_tickets"] == "unhealthy"
            assert checks(service)["agent_answers"] == "healthy"
            assert len(told(service)["tools"]) == len(names) - 1
            assert asked(service) == (200, asked(service)[1])


def told(service: Service) -> dict[str, Any]:
    answer: dict[str, Any] = service.client.get("/v1/info", headers=service.headers(Role.CLIENT)).json()
    return answer


def checks(service: Service) -> dict[str, str]:
    answer: dict[str, dict[str, str]] = service.client.get(
        "/health/deep", headers=service.headers(Role.OPERATOR)
    ).json()
    return answer["checks"]


async def test_every_model_is_asked_for_one_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "sk-canary")
    with providing() as provider:
        real = {"provider": "openai-compatible", "base_url": f"{provider.address}/v1", "api_key_env": "MODEL_KEY"}
        config_dir = config_with(tmp_path, models={"models": {"real": {**FAST, **real, "fallback": FAST}}})
        settings = make_settings(tmp_path / "state", config_dir=config_dir)
        *agents, chosen, second = await models.run(Namespace(), settings)
        assert {line.partition(": ")[0].rpartition("-v")[2] for line in agents} == {"1"}
        assert [chosen, second] == ["real: openai-compatible fast-v1: ready", SECOND]
        provider.failures.append((404, '{"error": {"message": "no such model"}}'))
        with pytest.raises(DependencyUnavailableError) as caught:
            await models.run(Namespace(), settings)
    assert "not every model replied" in str(caught.value)
    assert SECOND in str(caught.value)
    assert "real: openai-compatible fast-v1: ready" not in str(caught.value)
    assert "sk-canary" not in str(caught.value)


async def test_a_model_without_its_key_is_told_with_the_others(tmp_path: Path) -> None:
    lacking = FAST | {"provider": "openai", "api_key_env": "NOT_SET"}
    settings = make_settings(tmp_path / "state", config_dir=config_with(tmp_path, models={"models": {"real": lacking}}))
    with pytest.raises(DependencyUnavailableError, match=r"-v1: .*: ready\n  real: openai .*NOT_SET"):
        await models.run(Namespace(), settings)
