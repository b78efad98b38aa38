"""Projects through real processes that share a store: one is killed, and the other goes on."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from ...config.settings import PROJECT
from ...models.identity import Role
from ..fixtures.faulty import FaultyServer, faulty, silence
from ..fixtures.process import Answered, Running, serving, wait_until

GOAL = {"goal": "Compare the rules for returns with the warranty"}
PATH = "/v1/projects"


def stuck_at_analysis(folder: Path, provider: FaultyServer) -> Path:
    """Return the shipped configuration with a model for the analysis that never answers."""
    copytree(PROJECT / "config", folder)
    (path,) = (folder / "agents").glob("*-analysis-v1.yaml")
    document = yaml.safe_load(path.read_text())
    document["llm_config"] |= {"provider": "openai-compatible", "base_url": f"{provider.address}/v1"}
    path.write_text(yaml.safe_dump(document))
    path = folder / "load.yaml"
    path.write_text(path.read_text().replace("project_lease: 30", "project_lease: 1"))
    return folder


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_API_KEY", "a-key-for-tests")


def begun(service: Running, provider: FaultyServer) -> str:
    """Return a project whose analysis is at work."""
    before, token = provider.connections, service.token(Role.CLIENT, subject="ann")
    response = service.request("POST", PATH, GOAL, Authorization=token)
    assert (response.status, response.json["status"]) == (202, "running")
    project_id: str = response.json["id"]
    wait_until(lambda: provider.connections > before, service.process)
    return project_id


def ask(service: Running, project_id: str, what: str = "", method: str = "POST") -> Answered:
    token = service.token(Role.CLIENT, subject="ann")
    return service.request(method, f"{PATH}/{project_id}/{what}".rstrip("/"), Authorization=token)


def look(service: Running, project_id: str) -> dict[str, Any]:
    return ask(service, project_id, method="GET").json


def searches(service: Running) -> int:
    return sum(entry["action"] == "tools:search_documents" for entry in service.audit())


def test_processes_share_a_store_and_one_goes_on_where_the_other_was_killed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with faulty(silence) as provider:
        config = stuck_at_analysis(tmp_path / "config", provider)
        with serving(state, CONFIG_DIR=str(config)) as first, serving(state) as second:
            lasting, unwanted = begun(first, provider), begun(first, provider)
            assert look(second, lasting)["status"] == "running"
            assert ask(second, lasting, "resume").json["type"] == "urn:problem:conflict"
            assert ask(second, unwanted, "cancel").status in {200, 202}  # the first hears of it
            wait_until(lambda: look(second, unwanted)["status"] == "cancelled", second.process)
            assert look(second, unwanted)["answer"]["missing"][0]["why"] == "the project was cancelled"

            first.process.kill()
            wait_until(lambda: look(second, lasting)["status"] == "interrupted", second.process)
            kept = [step["id"] for step in look(second, lasting)["steps"] if step["result"]]
            assert kept == ["research-1", "research-2"]
            before = searches(second)
            assert ask(second, lasting, "resume").status == 202
            events = ask(second, lasting, "events", "GET").text
            assert events.endswith("event: done\ndata: {}\n\n")
            assert searches(second) == before  # what is completed is not done again
            ended = look(second, lasting)
    assert (ended["status"], ended["runs"]) == ("completed", 2)
    assert events.count('"step_id":"research-1","role":"research","status":"running"') == 1
