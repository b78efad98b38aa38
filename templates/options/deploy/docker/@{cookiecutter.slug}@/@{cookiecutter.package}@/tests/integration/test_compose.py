"""What runs the service on one host, in step with the service: image, ports, limits, times to stop, secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ... import AGENT, ENV_PREFIX, SERVICE, __version__
from ...config.settings import PROJECT, Settings
from ..fixtures.service import Service

Document = dict[str, Any]


def load(path: Path) -> Any:  # noqa: ANN401  # YAML is what it is
    return yaml.load(path.read_text(), yaml.CSafeLoader)


COMPOSE: Document = load(PROJECT / "compose.yaml")
AGENT_SERVICE: Document = COMPOSE["services"]["agent"]
IMAGE = (PROJECT / "Dockerfile").read_text()
EDGE = (PROJECT / "deploy/compose/Caddyfile").read_text()


def test_the_edge_reaches_the_port_that_the_image_serves() -> None:
    (port,) = re.findall(r"^EXPOSE (\d+)$", IMAGE, flags=re.MULTILINE)
    assert f'"--port", "{port}"' in IMAGE
    assert f"dynamic a agent {port}" in EDGE
    assert port in AGENT_SERVICE["expose"]


def test_health_is_asked_where_the_service_answers(service: Service) -> None:
    asked = [*re.findall(r"http://127\.0\.0\.1:\d+(/[\w/]+)", IMAGE + " ".join(AGENT_SERVICE["healthcheck"]["test"]))]
    assert asked == ["/health/live", "/health/ready"]
    assert {service.client.get(path).status_code for path in asked} == {200}


def test_there_is_time_to_drain_before_compose_kills(settings: Settings) -> None:
    assert f'"--timeout-graceful-shutdown", "{settings.drain_timeout:g}"' in IMAGE
    assert float(AGENT_SERVICE["stop_grace_period"].removesuffix("s")) >= settings.drain_timeout + 5


def test_a_message_of_a_websocket_is_bounded_as_a_body_is(settings: Settings) -> None:
    assert f'"--ws-max-size", "{settings.max_body_bytes}"' in IMAGE
    assert f"--ws-max-size {settings.max_body_bytes}\n" in (PROJECT / "Makefile").read_text()


def test_compose_watches_what_the_image_is_built_from() -> None:
    watched = [rule["path"] for rule in AGENT_SERVICE["develop"]["watch"]]
    copied = set(re.findall(r"^COPY ([\w.]+) ", IMAGE, flags=re.MULTILINE))
    assert copied - set(watched) == {"scripts"}  # run by hand
    assert [path for path in watched if not (PROJECT / path).exists()] == []


def test_only_the_versioned_routes_are_public(service: Service) -> None:
    assert re.findall(r"@public path (.+)", EDGE) == ["/v1 /v1/*"]
    assert "Strict-Transport-Security" in EDGE
    routes = service.client.get("/openapi.json").json()["paths"]
    assert [route for route in routes if route.startswith("/v1/")]


def test_secrets_come_from_files_that_git_ignores() -> None:
    assert AGENT_SERVICE["environment"][f"{ENV_PREFIX}JWT_SECRET_FILE"] == "/run/secrets/jwt_secret"
    assert {Path(secret["file"]).parts[0] for secret in COMPOSE["secrets"].values()} == {"secrets"}
    assert "secrets/" in (PROJECT / ".gitignore").read_text().splitlines()


def test_the_containers_variables_are_settings() -> None:
    known = {f"{ENV_PREFIX}{name}".upper() for name in Settings.model_fields}
    names = {name.split("__")[0] for name in AGENT_SERVICE["environment"] if name.startswith(ENV_PREFIX)}
    assert names <= known


def test_what_a_container_is_told_to_read_is_mounted_in_it() -> None:
    for service in COMPOSE["services"].values():
        asked = [value for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets/")]
        assert {Path(path).name for path in asked} <= set(service.get("secrets", []))
    mounted = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}
    assert mounted == set(COMPOSE["secrets"])


def test_several_replicas_of_this_version_stand_behind_one_door() -> None:
    assert AGENT_SERVICE["deploy"]["replicas"] >= 2
    assert "ports" not in AGENT_SERVICE
    assert AGENT_SERVICE["image"] == f"{SERVICE}:${{TAG:-{__version__}}}"
    assert COMPOSE["services"]["proxy"]["depends_on"] == {"agent": {"condition": "service_healthy"}}


def test_a_real_models_key_is_mounted_beside_the_others() -> None:
    added = load(PROJECT / "deploy/compose/model.yaml")
    mounted = added["services"]["agent"]["secrets"]
    assert set(mounted) == {*AGENT_SERVICE["secrets"], *added["secrets"]}


def test_the_alert_on_memory_follows_the_limit() -> None:
    limit = AGENT_SERVICE["deploy"]["resources"]["limits"]["memory"]
    rules = load(PROJECT / "deploy/monitoring/rules/alerts.yaml")["groups"]
    (near,) = [rule["expr"] for group in rules for rule in group["rules"] if rule.get("alert") == "MemoryNearLimit"]
    assert f"* {limit.removesuffix('M')} * 1024 * 1024" in near


@pytest.mark.parametrize(("name", "service"), COMPOSE["services"].items(), ids=COMPOSE["services"])
def test_every_container_of_compose_is_locked_down_bounded_and_pinned(name: str, service: Document) -> None:
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"])
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert re.search(r":(v?\d|\$\{TAG:-\d)", service["image"]), name
    local = ("127.0.0.1:", "${BIND:-127.0.0.1}:")
    assert [port for port in service.get("ports", []) if not port.startswith(local)] == []


def test_what_compose_mounts_exists() -> None:
    mounts = [mount for service in COMPOSE["services"].values() for mount in service.get("volumes", [])]
    sources = {mount.split(":")[0] for mount in mounts}
    assert {source for source in sources if source.startswith("./") and not (PROJECT / source).exists()} == set()
    assert {source for source in sources if not source.startswith("./")} == set(COMPOSE["volumes"])


def test_the_dashboard_finds_its_data() -> None:
    provisioning = PROJECT / "deploy/monitoring/grafana/provisioning"
    (source,) = load(provisioning / "datasources/prometheus.yaml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = load(provisioning / "dashboards/files.yaml")["providers"]
    targets = [mount.split(":")[1] for mount in COMPOSE["services"]["grafana"]["volumes"]]
    assert provider["options"]["path"] in targets


def test_the_image_has_what_operators_run() -> None:
    assert "COPY scripts ./scripts" in IMAGE
    assert {"!scripts", "!config", f"!{AGENT}"} <= set((PROJECT / ".dockerignore").read_text().splitlines())
