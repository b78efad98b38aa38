"""A team within the team, by configuration alone, with the offline models."""

from pathlib import Path
from shutil import copytree

import yaml

from ...config.settings import PROJECT
from ...handlers import projects
from ...models.identity import Role
from ...services.team import build_team
from ..fixtures.service import make_settings, running
from ..fixtures.store import store_place

GOAL = {"goal": "Compare the rules for returns with the warranty"}


def with_inquiry(folder: Path) -> Path:
    """Return the shipped configuration with a team for research and analysis, as ``docs/team.md`` tells it."""
    copytree(PROJECT / "config", folder)
    (path,) = (folder / "agents").glob("*-coordination-v1.yaml")
    whole = yaml.safe_load(path.read_text())
    about = {"budget_share": 6, "team": "inquiry", "members": ["research", "analysis"]}
    lead = whole | {"agent_id": "inquiry-v1", "description": "Inquires.", "metadata": about}
    (folder / "agents" / "inquiry-v1.yaml").write_text(yaml.safe_dump(lead))
    path.write_text(yaml.safe_dump(whole | {"metadata": whole["metadata"] | {"members": ["inquiry", "writing"]}}))
    return folder


def test_a_team_within_the_team_does_its_part(tmp_path: Path) -> None:
    config, state = with_inquiry(tmp_path / "config"), tmp_path / "state"
    settings = make_settings(state, config_dir=config, store=store_place(state))
    with running(settings, build_team, (projects.router,)) as service:
        headers = service.headers(Role.CLIENT) | {"Prefer": "wait=30"}
        shown = service.client.post("/v1/projects", json=GOAL, headers=headers).json()
        metrics = service.client.get("/metrics").text
    assert [(step["id"], step["role"], step["parent"]) for step in shown["steps"]] == [
        ("inquiry", "inquiry", None),
        ("inquiry.research-1", "research", "inquiry"),
        ("inquiry.research-2", "research", "inquiry"),
        ("inquiry.analysis", "analysis", "inquiry"),
        ("report", "writing", None),
    ]
    assert (shown["status"], {step["status"] for step in shown["steps"]}) == ("completed", {"completed"})
    assert shown["answer"]["sources"] == ["returns", "warranty"]
    assert 'agent_team_steps_total{agent="inquiry",outcome="completed"} 1.0' in metrics
