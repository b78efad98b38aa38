"""The team kind: what it repeats of the layers below, its members, and projects through processes that are killed."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
import yaml

from agentctl.results import Verdict
from agentctl.validation import run as validation
from tests.templates.projects import TEMPLATES
from tests.templates.replicas import replica
from tests.templates.servers import PATIENCE, postgresql, wait_until

ROOT = "@{cookiecutter.slug}@"
PACKAGE = f"{ROOT}/@{{cookiecutter.package}}@"
LAYERS = ("team", "llm")
ROLES = {"coordination", "research", "analysis", "writing"}
GOAL = {"goal": "Compare the rules for returns with the warranty"}
IN_EARNEST = [pytest.mark.slow, pytest.mark.index, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def team(rendered):
    return rendered(kind="team")


@pytest.mark.parametrize("name", ["development", "staging", "production", "load"])
def test_its_environments_only_add_to_those_of_llm(name):
    own, below = ((TEMPLATES / kind / ROOT / f"config/{name}.yaml").read_text() for kind in LAYERS)
    assert own.startswith(below)
    assert "max_projects:" in own.removeprefix(below)


def test_its_permissions_only_add_to_those_of_base():
    own, below = ((TEMPLATES / kind / PACKAGE / "models/permissions.py").read_text() for kind in ("team", "base"))
    lines = own.splitlines()
    changed = [line for line in below.splitlines() if line not in lines]
    assert [line.split(":")[0].strip() for line in changed] == ["Role.CLIENT", "Role.OPERATOR"]


def test_every_member_has_a_configuration_that_is_right(team):
    report = validation.validate(team, cached=False)
    assert report.verdict is Verdict.PASS, report
    documents = [yaml.safe_load(path.read_text()) for path in (team / "config/agents").glob("*.yaml")]
    assert {document["agent_type"] for document in documents if "agent_type" in document} == ROLES
    prompts = {document["prompt_config"]["system_prompt"] for document in documents}
    assert len(prompts) == len(documents) == len(ROLES) + 1  # and the one that answers questions


@pytest.mark.parametrize("thing", ["agent of the team", "tool", "route", "metric of the team", "alert"])
def test_the_readme_says_where_to_add(team, thing):
    where = (team / "README.md").read_text().partition("## Where to add")[2]
    (row,) = [line for line in where.splitlines() if line.startswith(f"| {thing} |")]
    paths = re.findall(r"`([^`]+/[^`]*)`", row)
    assert paths
    assert [path for path in paths if not any((place / path).exists() for place in (team, team / "my_agent"))] == []


@pytest.fixture(scope="module")
def project(installed):
    return installed("team")


@contextmanager
def silent_provider():
    """Run a provider of models that takes requests and never answers; yield its address and what it has taken."""
    taken, held = [], []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                taken.append(connection.recv(65_536))

        threading.Thread(target=take, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", taken
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


def stuck(project, folder, address):
    """Return the configuration with a model for the analysis that never answers, and a short lease."""
    shutil.copytree(project / "config", folder)
    (path,) = (folder / "agents").glob("*-analysis-v1.yaml")
    document = yaml.safe_load(path.read_text())
    document["llm_config"] |= {"provider": "openai-compatible", "base_url": address}
    path.write_text(yaml.safe_dump(document))
    path = folder / "load.yaml"
    path.write_text(path.read_text().replace("project_lease: 30", "project_lease: 1"))
    return folder


def standing(running, project_id):
    return running.call("GET", f"/v1/projects/{project_id}")[1]["status"]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path):
    """The settings of a store: an SQLite file in the state folder, or a PostgreSQL server."""
    if request.param == "sqlite":
        yield {}
        return
    (tmp_path / "postgres").mkdir()
    with postgresql(tmp_path / "postgres") as url:
        yield {"STORE__URL": url, "STORE__TLS": "prefer"}


class TestInEarnest:
    pytestmark = IN_EARNEST

    def test_a_killed_project_goes_on_elsewhere_and_repeats_nothing(self, project, tmp_path, store):
        with ExitStack() as stack:
            address, taken = stack.enter_context(silent_provider())
            config = stuck(project, tmp_path / "config", address)
            first = stack.enter_context(replica(project, tmp_path / "state", CONFIG_DIR=str(config), **store))
            status, begun = first.call("POST", "/v1/projects", GOAL)
            assert (status, begun["status"]) == (202, "running")
            wait_until(lambda: bool(taken))
            first.process.kill()
            first.process.wait(PATIENCE)
            second = stack.enter_context(replica(project, tmp_path / "state", **store))
            where = f"/v1/projects/{begun['id']}"
            wait_until(lambda: standing(second, begun["id"]) == "interrupted")
            kept = {step["id"]: step["result"] for step in second.call("GET", where)[1]["steps"] if step["result"]}
            assert set(kept) == {"research-1", "research-2"}
            assert second.call("POST", f"{where}/resume")[0] == 202
            told = second.call("GET", f"{where}/events")[1]
            ended = second.call("GET", where)[1]
        assert (ended["status"], ended["runs"]) == ("completed", 2)
        assert {step["id"]: step["result"] for step in ended["steps"]}.items() >= kept.items()
        for name in kept:
            assert told.count(f'"step_id":"{name}","role":"research","status":"running"') == 1

    def test_a_process_that_is_stopped_gives_its_projects_back_at_once(self, project, tmp_path, store):
        with ExitStack() as stack:
            address, taken = stack.enter_context(silent_provider())
            config = stuck(project, tmp_path / "config", address)
            second = stack.enter_context(replica(project, tmp_path / "state", **store))  # with a lease of 30 s
            first = stack.enter_context(replica(project, tmp_path / "state", CONFIG_DIR=str(config), **store))
            _, begun = first.call("POST", "/v1/projects", GOAL)
            wait_until(lambda: bool(taken))
            assert second.call("POST", f"/v1/projects/{begun['id']}/resume")[0] == 409
            first.process.terminate()
            first.process.wait(PATIENCE)
            events = [record["event"] for record in first.told()]
            assert events.index("draining") < events.index("stopped")
            assert standing(second, begun["id"]) == "interrupted"
            status, ended = second.call("POST", f"/v1/projects/{begun['id']}/resume")
            assert status == 202
            second.call("GET", f"/v1/projects/{begun['id']}/events")
            assert standing(second, begun["id"]) == "completed"
            assert ended["runs"] == 2

    def test_a_key_makes_one_project_of_requests_to_several_processes(self, project, tmp_path, store):
        with ExitStack() as stack:
            replicas = [stack.enter_context(replica(project, tmp_path / "state", **store)) for _ in range(2)]
            headers = {"Idempotency-Key": "order-17", "Prefer": "wait=30"}
            made_by = [one.call("POST", "/v1/projects", GOAL, **headers)[1]["id"] for one in replicas]
            assert len(set(made_by)) == 1
            assert len(replicas[0].call("GET", "/v1/projects")[1]) == 1

    def test_a_question_waits_while_its_process_is_killed_and_is_answered_once(self, project, tmp_path, store):
        with ExitStack() as stack:
            first = stack.enter_context(replica(project, tmp_path / "state", **store))
            status, asked = first.call("POST", "/v1/projects", {"goal": "Compare them"}, Prefer="wait=30")
            assert (status, asked["status"]) == (202, "waiting")
            first.process.kill()
            first.process.wait(PATIENCE)
            replicas = [stack.enter_context(replica(project, tmp_path / "state", **store)) for _ in range(2)]
            (question,) = replicas[0].call("GET", "/v1/questions")[1]
            assert asked["waits_for"] == [question["id"]]
            path, said = f"/v1/questions/{question['id']}/answer", {"text": "returns and the warranty"}
            with ThreadPoolExecutor(2) as threads:
                answers = [threads.submit(one.call, "POST", path, said) for one in replicas]
                assert sorted(answer.result()[0] for answer in answers) == [200, 409]
            wait_until(lambda: standing(replicas[0], asked["id"]) == "completed")
            ended = replicas[1].call("GET", f"/v1/projects/{asked['id']}")[1]
        assert (ended["runs"], ended["answer"]["sources"]) == (2, ["returns", "warranty"])
