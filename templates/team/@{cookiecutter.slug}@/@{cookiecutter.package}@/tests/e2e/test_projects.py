"""Projects through real processes: one that is killed, one that is told to stop, and the ones that go on after them."""

import signal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from ...config.settings import PROJECT
from ...models.identity import Role
from ..fixtures.faulty import FaultyServer, faulty, silence
from ..fixtures.process import Running, serving, wait_until

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
    token = service.token(Role.CLIENT, subject="ann")
    response = service.request("POST", PATH, GOAL, Authorization=token)
    assert (response.status, response.json["status"]) == (202, "running")
    wait_until(lambda: provider.connections > 0, service.process)
    project_id: str = response.json["id"]
    return project_id


def look(service: Running, project_id: str) -> dict[str, Any]:
    token = service.token(Role.CLIENT, subject="ann")
    return service.request("GET", f"{PATH}/{project_id}", Authorization=token).json


def gone_on(service: Running, project_id: str) -> dict[str, Any]:
    """Resume a project and return how it ended."""
    token = service.token(Role.CLIENT, subject="ann")
    assert service.request("POST", f"{PATH}/{project_id}/resume", Authorization=token).status == 202
    events = service.request("GET", f"{PATH}/{project_id}/events", Authorization=token)
    assert events.text.endswith("event: done\ndata: {}\n\n")
    return look(service, project_id) | {"events": events.text}


def searches(service: Running) -> int:
    return sum(entry["action"] == "tools:search_documents" for entry in service.audit())


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_after_the_end_of_a_process_another_goes_on_and_repeats_nothing(tmp_path: Path, ending: signal.Signals) -> None:
    state = tmp_path / "state"
    with faulty(silence) as provider:
        config = stuck_at_analysis(tmp_path / "config", provider)
        with serving(state, CONFIG_DIR=str(config)) as first:
            project_id = begun(first, provider)
            first.process.send_signal(ending)
            first.process.wait(timeout=60)
    with serving(state) as second:
        wait_until(lambda: look(second, project_id)["status"] == "interrupted", second.process)  # the lease runs out
        kept = [step["id"] for step in look(second, project_id)["steps"] if step["result"]]
        assert kept == ["research-1", "research-2"]
        before = searches(second)
        ended = gone_on(second, project_id)
        assert searches(second) == before == 2
    assert (ended["status"], ended["runs"]) == ("completed", 2)
    assert ended["events"].count('"step_id":"research-1","role":"research","status":"running"') == 1


def test_two_processes_share_a_store_and_hear_of_each_other(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with faulty(silence) as provider:
        config = stuck_at_analysis(tmp_path / "config", provider)
        with serving(state, CONFIG_DIR=str(config)) as first, serving(state) as second:
            project_id = begun(first, provider)
            token = second.token(Role.CLIENT, subject="ann")
            assert look(second, project_id)["status"] == "running"
            taken = second.request("POST", f"{PATH}/{project_id}/resume", Authorization=token)
            assert (taken.status, taken.json["type"]) == (409, "urn:problem:conflict")
            second.request("POST", f"{PATH}/{project_id}/cancel", Authorization=token)
            wait_until(lambda: look(first, project_id)["status"] == "cancelled", first.process)
            assert look(second, project_id)["answer"]["missing"][0]["why"] == "the project was cancelled"
