"""What deploys the service to a cluster, in step with the service: probes, ports, settings, limits, times to stop."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ... import ENV_PREFIX, SERVICE, __version__
from ...config.settings import PROJECT, Settings, load_settings
from ...services.lifecycle import State
from ..fixtures.service import Service

KUBERNETES = PROJECT / "deploy" / "kubernetes"
Document = dict[str, Any]


def load(path: Path) -> Any:  # noqa: ANN401  # YAML is what it is
    return yaml.load(path.read_text(), yaml.CSafeLoader)


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


KUSTOMIZATION: Document = load(KUBERNETES / "kustomization.yaml")
MANIFESTS: list[Document] = [
    document
    for name in KUSTOMIZATION["resources"]
    for document in yaml.load_all((KUBERNETES / name).read_text(), yaml.CSafeLoader)
]
COMPOSE: Document = load(PROJECT / "compose.yaml")
IMAGE = (PROJECT / "Dockerfile").read_text()
VARIABLES: dict[str, str] = dict(
    line.split("=", 1) for line in (KUBERNETES / "settings.env").read_text().splitlines() if "=" in line
)


def only(kind: str) -> Document:
    (found,) = [item for item in MANIFESTS if item["kind"] == kind and item["metadata"]["name"] == SERVICE]
    return found


POD: Document = only("StatefulSet")["spec"]["template"]["spec"]
CONTAINER: Document = POD["containers"][0]
RESTORE: Document = load(KUBERNETES / "restore.yaml")
LABELS = only("StatefulSet")["spec"]["template"]["metadata"]["labels"]


def test_every_manifest_is_deployed() -> None:
    apart = {"kustomization.yaml", "restore.yaml"}
    assert {path.name for path in KUBERNETES.glob("*.yaml")} - apart == set(KUSTOMIZATION["resources"])


def test_no_manifest_names_a_namespace() -> None:
    assert [item["kind"] for item in [*MANIFESTS, RESTORE] if "namespace" in item["metadata"]] == []


def test_everything_points_at_the_pods() -> None:
    workload = only("StatefulSet")
    assert workload["spec"]["selector"]["matchLabels"] == LABELS
    assert only("Service")["spec"]["selector"] == LABELS
    assert only("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == LABELS
    assert only("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == LABELS
    target = only("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == (workload["kind"], workload["metadata"]["name"])
    assert workload["spec"]["serviceName"] == only("Service")["metadata"]["name"]


def test_the_port_is_the_same_all_the_way() -> None:
    port = CONTAINER["ports"][0]
    assert f'"--port", "{port["containerPort"]}"' in IMAGE
    assert f"EXPOSE {port['containerPort']}" in IMAGE
    assert only("Service")["spec"]["ports"][0]["targetPort"] == port["name"]
    assert only("NetworkPolicy")["spec"]["ingress"][0]["ports"][0]["port"] == port["name"]
    assert f"dynamic a agent {port['containerPort']}" in (PROJECT / "deploy/compose/Caddyfile").read_text()


@pytest.mark.parametrize(
    ("probe", "path"),
    [
        ("startupProbe", "/health/live"),
        ("livenessProbe", "/health/live"),
        ("readinessProbe", "/health/ready"),
    ],
)
def test_probes_ask_what_the_service_answers(service: Service, probe: str, path: str) -> None:
    asked = CONTAINER[probe]["httpGet"]
    assert (asked["path"], asked["port"]) == (path, "http")
    assert service.client.get(path).status_code == 200


def test_a_draining_replica_is_taken_out_and_not_restarted(service: Service) -> None:
    service.container.lifecycle.drain()
    assert service.container.lifecycle.state is State.DRAINING
    assert service.client.get(CONTAINER["readinessProbe"]["httpGet"]["path"]).status_code == 503
    assert service.client.get(CONTAINER["livenessProbe"]["httpGet"]["path"]).status_code == 200


def test_there_is_time_to_drain(settings: Settings) -> None:
    drain = settings.drain_timeout
    assert float(VARIABLES[f"{ENV_PREFIX}DRAIN_TIMEOUT"]) == drain
    assert f'"--timeout-graceful-shutdown", "{drain:g}"' in IMAGE
    before = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["terminationGracePeriodSeconds"] >= before + drain + 5
    assert seconds(COMPOSE["services"]["agent"]["stop_grace_period"]) >= drain + 5


def test_the_settings_of_the_cluster_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(dotenv=None)
    assert (settings.environment, settings.agent_config) == ("production", f"{SERVICE}-standard-v1")
    known = {f"{ENV_PREFIX}{name}".upper() for name in Settings.model_fields}
    assert {name.split("__")[0] for name in VARIABLES if name.startswith(ENV_PREFIX)} <= known


def test_what_the_settings_name_is_mounted() -> None:
    mounts = {mount["mountPath"]: mount["name"] for mount in CONTAINER["volumeMounts"]}
    assert mounts[VARIABLES[f"{ENV_PREFIX}STATE_DIR"]] == "state"
    for name in (f"{ENV_PREFIX}JWT_SECRET_FILE", f"{ENV_PREFIX}ENCRYPTION_KEYS_FILE", "MODEL_API_KEY_FILE"):
        assert mounts[str(Path(VARIABLES[name]).parent)] == "secrets"
    (generated,) = KUSTOMIZATION["configMapGenerator"]
    assert CONTAINER["envFrom"] == [{"configMapRef": {"name": generated["name"]}}]
    assert generated["envs"] == ["settings.env"]


def test_no_secret_is_in_the_files() -> None:
    assert [item for item in MANIFESTS if item["kind"] == "Secret"] == []
    named = {name for name in VARIABLES if "SECRET" in name or "KEY" in name}
    assert {name for name in named if not name.endswith("_FILE")} == set()
    environment = COMPOSE["services"]["agent"]["environment"]
    assert environment[f"{ENV_PREFIX}JWT_SECRET_FILE"] == "/run/secrets/jwt_secret"
    assert {Path(secret["file"]).parts[0] for secret in COMPOSE["secrets"].values()} == {"secrets"}
    assert "secrets/" in (PROJECT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("pod", [POD, RESTORE["spec"]], ids=["service", "restore"])
def test_a_pod_has_no_rights_that_it_does_not_need(pod: Document) -> None:
    (user,) = re.findall(r"^USER (\d+)$", IMAGE, flags=re.MULTILINE)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for bound in ("requests", "limits"):
        assert {"cpu", "memory"} <= set(container["resources"][bound])


def test_the_restore_pod_has_the_first_replicas_volume_and_the_same_image() -> None:
    spec = RESTORE["spec"]
    (image,) = KUSTOMIZATION["images"]
    assert image["name"] == CONTAINER["image"]
    assert spec["containers"][0]["image"] == f"{image['newName']}:{image['newTag']}"
    (claim,) = only("StatefulSet")["spec"]["volumeClaimTemplates"]
    claimed = {volume.get("persistentVolumeClaim", {}).get("claimName") for volume in spec["volumes"]}
    assert f"{claim['metadata']['name']}-{SERVICE}-0" in claimed
    mounts = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    assert mounts["state"] == VARIABLES[f"{ENV_PREFIX}STATE_DIR"]


def test_the_number_of_replicas_belongs_to_the_autoscaler() -> None:
    scaling = only("HorizontalPodAutoscaler")["spec"]
    assert 2 <= scaling["minReplicas"] < scaling["maxReplicas"]
    assert "replicas" not in only("StatefulSet")["spec"]
    assert only("PodDisruptionBudget")["spec"]["maxUnavailable"] < scaling["minReplicas"]


def test_only_the_versioned_routes_are_public_and_only_over_tls(service: Service) -> None:
    spec = only("Ingress")["spec"]
    assert {rule["host"] for rule in spec["rules"]} == {host for entry in spec["tls"] for host in entry["hosts"]}
    paths = [path for rule in spec["rules"] for path in rule["http"]["paths"]]
    assert [path["path"] for path in paths] == ["/v1"]
    assert paths[0]["backend"]["service"]["name"] == only("Service")["metadata"]["name"]
    edge = (PROJECT / "deploy/compose/Caddyfile").read_text()
    assert re.findall(r"@public path (.+)", edge) == ["/v1 /v1/*"]
    routes = set(service.client.get("/openapi.json").json()["paths"])
    assert {route for route in routes if not route.startswith("/v1/")} == {
        "/health/live",
        "/health/ready",
        "/health/deep",
        "/metrics",
    }


def test_nobody_else_comes_in_or_gets_out() -> None:
    policy = only("NetworkPolicy")["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert all(rule["from"] and rule["ports"] for rule in policy["ingress"])
    assert all(rule["to"] and rule["ports"] for rule in policy["egress"])
    (quarantine,) = [item for item in MANIFESTS if item["metadata"]["name"] == f"{SERVICE}-quarantine"]
    assert set(quarantine["spec"]) == {"podSelector", "policyTypes"}
    label = quarantine["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
    assert f"={label} --overwrite" in (PROJECT / "docs/operations/incident-response.md").read_text()


def test_compose_runs_several_replicas_behind_one_door() -> None:
    agent = COMPOSE["services"]["agent"]
    assert agent["deploy"]["replicas"] >= 2
    assert "ports" not in agent
    memory = CONTAINER["resources"]["limits"]["memory"]
    assert agent["deploy"]["resources"]["limits"]["memory"] == memory.removesuffix("i")
    assert COMPOSE["services"]["proxy"]["depends_on"] == {"agent": {"condition": "service_healthy"}}


def test_a_real_models_key_comes_from_a_file_too() -> None:
    added = load(PROJECT / "deploy/compose/model.yaml")
    mounted = added["services"]["agent"]["secrets"]
    assert set(mounted) == {*COMPOSE["services"]["agent"]["secrets"], *added["secrets"]}
    assert added["services"]["agent"]["environment"] == {
        f"{name.upper()}_FILE": f"/run/secrets/{name}" for name in added["secrets"]
    }
    assert f"{next(iter(added['secrets'])).upper()}_FILE" in VARIABLES


def test_one_version_everywhere() -> None:
    (image,) = KUSTOMIZATION["images"]
    assert image["newTag"] == __version__
    assert COMPOSE["services"]["agent"]["image"] == f"{SERVICE}:${{TAG:-{__version__}}}"
