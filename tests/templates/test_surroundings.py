"""What stands around the code of every generated agent: deployment, monitoring and operations, by catalogue item."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from tests.templates.projects import CHOICES, made

ANSWERS: dict[str, dict[str, str]] = {
    "OB04": {
        "deploy/monitoring/rules/alerts.yaml": r"(?m)^ +- alert: \w+",
        "deploy/monitoring/alertmanager.yml": "page",
    },
    "OB05": {"deploy/monitoring/grafana/dashboards/agent.json": r'"expr": ".*agent_requests_total'},
    "OP01": {"docs/slo.md": r"99\.5 %", "deploy/monitoring/rules/slo.yaml": r"record: agent:error_ratio:rate30d"},
    "OP02": {"docs/operations/on-call.md": r"(?i)second, after 15 minutes"},
    "OP03": {"docs/operations/incident-response.md": r"(?i)severity"},
    "OP04": {"docs/operations/runbook.md": r"(?m)^## Agent down"},
    "OP05": {"docs/go-live.md": "Security review"},
    "OP06": {"docs/go-live.md": "Review of costs and performance"},
    "OP07": {"docs/operations/costs.md": r"(?m)^## Review"},
    "OP08": {
        "docs/operations/personal-data.md": r"(?m)^## Erase",
        "my_agent/handlers/commands/personal_data.py": '"erase"',
    },
    "DP04": {"deploy/kubernetes/statefulset.yaml": "kind: StatefulSet", "compose.yaml": r"(?m)^services:"},
    "DP05": {
        "docs/operations/rollback.md": "kubectl rollout undo",
        "deploy/kubernetes/statefulset.yaml": "revisionHistoryLimit",
    },
    "DP06": {"deploy/kubernetes/autoscaler.yaml": "maxReplicas", "compose.yaml": "replicas: 2"},
    "DP07": {"docs/operations/backup.md": "restore.py", "scripts/backup.py": "sqlite3", "scripts/restore.py": "sha256"},
    "SE09": {"deploy/kubernetes/ingress.yaml": r"(?m)^  tls:", "deploy/compose/Caddyfile": "Strict-Transport-Security"},
    "SE10": {"docs/operations/data-protection.md": r"(?m)^## Keys"},
    "SE11": {"deploy/kubernetes/network-policy.yaml": "policyTypes", "deploy/README.md": "allow-list"},
    "DV01": {"docs/requirements.md": r"(?m)^## Does not"},
    "DV02": {"docs/openapi.json": r'"openapi": "3'},
    "DV04": {"docs/dependencies.md": "when it fails"},
    "DV05": {".github/CODEOWNERS": r"(?m)^\* +@", ".github/branch-protection.json": "require_code_owner_reviews"},
    "DV06": {"docs/go-live.md": "Signed off"},
    "PF04": {"deploy/kubernetes/statefulset.yaml": "limits:", "compose.yaml": "limits:"},
}
"""Catalogue item → files that answer it, each with what has to be in it."""


@pytest.mark.parametrize("item", ANSWERS)
def test_every_item_of_the_catalogue_is_answered_by_a_file(project, item):
    missing = {
        path: pattern
        for path, pattern in ANSWERS[item].items()
        if not (project / path).is_file() or not re.search(pattern, (project / path).read_text(encoding="utf-8"))
    }
    assert missing == {}


def test_nothing_is_left_to_fill_in(project):
    pages = [*project.glob("docs/**/*.md"), *project.glob("deploy/**/*")]
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages if page.is_file()}
    unfinished = re.compile(r"\bTODO\b|\bTBD\b|\bFIXME\b|lorem ipsum|<[a-z -]+ here>", re.IGNORECASE)
    assert {name: unfinished.findall(text) for name, text in texts.items() if unfinished.search(text)} == {}


@pytest.mark.parametrize("name", ["ai", "a-name-for-an-agent-of-forty-characters1"])
def test_names_in_the_cluster_fit_kubernetes(tmp_path, name):
    folder = made(tmp_path, CHOICES["kind"][0], name) / "deploy" / "kubernetes"
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    found = {kustomization["configMapGenerator"][0]["name"]}
    for path in folder.glob("*.yaml"):
        found |= {item["metadata"]["name"] for item in yaml.safe_load_all(path.read_text()) if "metadata" in item}
    label = re.compile(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?")  # 52: pods and their revisions add to it, up to 63
    assert {name for name in found if not label.fullmatch(name)} == set()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_builds_it(project):
    command = ["kubectl", "kustomize", "deploy/kubernetes"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True, timeout=60)
    built = list(yaml.safe_load_all(done.stdout))
    (workload,) = [item for item in built if item["kind"] == "StatefulSet"]
    (settings,) = [item for item in built if item["kind"] == "ConfigMap"]
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
    assert container["image"] == "registry.example.com/my-agent:0.1.0"
    assert settings["data"]["MY_AGENT_ENVIRONMENT"] == "production"
