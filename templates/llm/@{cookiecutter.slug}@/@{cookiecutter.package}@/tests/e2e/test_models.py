"""A real process with a configured provider: the whole way to the model and back, over HTTP at both ends."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ... import SERVICE
from ...config.settings import PROJECT
from ...models.identity import Role
from ..fixtures.process import Running, serving
from ..fixtures.provider import TEXT, Provider, providing

QUESTION = {"question": "How many days do I have to return an item?"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Running]:
    """A service whose agent asks a provider with OpenAI's interface, and whose key lies in a file."""
    folder = tmp_path_factory.mktemp("remote")
    (folder / "key").write_text("the-key\n")
    _configure(folder / "config", provider.address)
    settings = {"CONFIG_DIR": str(folder / "config"), "AGENT_CONFIG": "remote-v2"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REMOTE_KEY_FILE", str(folder / "key"))
        with serving(folder / "state", **settings) as running:
            yield running


def _configure(folder: Path, address: str) -> None:
    """Do what README tells: copy the agent's configuration to a new version and name another model there."""
    shutil.copytree(PROJECT / "config", folder)
    shipped = yaml.safe_load((folder / "agents" / f"{SERVICE}-standard-v1.yaml").read_text())
    model = {"provider": "openai-compatible", "model": "big", "temperature": 0.2, "max_tokens": 300}
    remote = {**model, "base_url": f"{address}/v1", "api_key_env": "REMOTE_KEY"}
    changed = {**shipped, "agent_id": "remote-v2", "version": "2.0.0", "llm_config": remote}
    (folder / "agents" / "remote-v2.yaml").write_text(yaml.safe_dump(changed))


def test_a_question_goes_to_the_provider_and_its_answer_comes_back(service: Running, provider: Provider) -> None:
    answer = service.request("POST", "/v1/answers", QUESTION, Authorization=service.token(Role.CLIENT))
    assert answer.json["output"] == {"answer_text": TEXT, "sources": ["returns"], "answer_source": "model"}
    assert (answer.json["agent_id"], answer.json["agent_version"]) == ("remote-v2", "2.0.0")
    assert {request.headers["authorization"] for request in provider.requests} == {"Bearer the-key"}
    sent = provider.requests[0].body
    assert (sent["model"], sent["temperature"]) == ("big", 0.2)
    metrics = service.request("GET", "/metrics").text
    assert 'agent_model_calls_total{model="big",outcome="answered"}' in metrics
    assert 'agent_tool_calls_total{outcome="ok",tool="search_documents"}' in metrics


def test_an_answer_is_streamed_from_end_to_end(service: Running) -> None:
    token = service.token(Role.CLIENT, subject="streaming")
    body = {"question": "How many days are there to return an item?"}
    streamed = service.request("POST", "/v1/answers/stream", body, Authorization=token)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in streamed.text.strip().split("\n\n")]
    events = [(head.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for head, data in blocks]
    names = [name for name, _ in events]
    assert (names[0], names[-2], names[-1]) == ("tool", "answer", "done")
    assert "".join(data["text"] for name, data in events if name == "delta") == TEXT
    assert names.count("delta") > 1


def test_a_provider_that_fails_leaves_a_plain_answer(service: Running, provider: Provider) -> None:
    provider.failures = [(400, '{"error": {"message": "a secret of the provider"}}')]
    token = service.token(Role.CLIENT)
    answer = service.request("POST", "/v1/answers", {"question": "What if it fails?"}, Authorization=token)
    assert (answer.status, answer.json["degraded"]) == (200, True)
    assert "a secret of the provider" not in answer.text
    metrics = service.request("GET", "/metrics").text
    assert 'agent_fallback_answers_total{error_type="DependencyRefusedError"} 1.0' in metrics
