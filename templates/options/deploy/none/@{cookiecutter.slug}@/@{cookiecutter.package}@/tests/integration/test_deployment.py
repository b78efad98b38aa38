"""What a platform has to give the service, in step with the service."""

import re

import yaml

from ... import AGENT, ENV_PREFIX
from ...config.settings import PROJECT, Settings
from ..fixtures.service import Service

PAGE = (PROJECT / "deploy" / "README.md").read_text()
README = (PROJECT / "README.md").read_text()


def test_the_command_drains_as_long_as_the_settings_say(settings: Settings) -> None:
    for page in (PAGE, README):
        assert re.findall(r"--timeout-graceful-shutdown (\d+)", page) == [f"{settings.drain_timeout:g}"]
        assert re.findall(r"--ws-max-size (\d+)", page) == [str(settings.max_body_bytes)]
        assert f"uvicorn {AGENT}.main:app" in page
    (before_kill,) = re.findall(r"at least (\d+) s before SIGKILL", PAGE)
    assert int(before_kill) >= settings.drain_timeout + 5


def test_health_is_asked_where_the_service_answers(service: Service) -> None:
    asked = re.findall(r"`GET (/[\w/]+)`", PAGE)
    assert asked == ["/health/live", "/health/ready"]
    assert {service.client.get(path).status_code for path in asked} == {200}


def test_the_variables_are_settings() -> None:
    known = {f"{ENV_PREFIX}{name}".upper() for name in Settings.model_fields}
    assert set(re.findall(rf"\b{ENV_PREFIX}[A-Z_]+", PAGE)) <= known


def test_prometheus_asks_the_port_that_is_served() -> None:
    (scrape,) = yaml.safe_load((PROJECT / "deploy/monitoring/prometheus.yml").read_text())["scrape_configs"]
    (port,) = re.findall(r"--port (\d+)", PAGE)
    assert scrape["static_configs"] == [{"targets": [f"127.0.0.1:{port}"]}]


def test_the_alert_on_memory_follows_the_page() -> None:
    (limit,) = re.findall(r"\| memory \| (\d+) MB", PAGE)
    rules = yaml.safe_load((PROJECT / "deploy/monitoring/rules/alerts.yaml").read_text())["groups"]
    (near,) = [rule["expr"] for group in rules for rule in group["rules"] if rule.get("alert") == "MemoryNearLimit"]
    assert f"* {limit} * 1024 * 1024" in near
