"""Rules and dashboards against the running service: every metric, label and value that they name is really there."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from ... import SERVICE, exceptions
from ...config.settings import PROJECT, load_settings
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.markdown import anchors
from ..fixtures.promql import Selector, grouping_labels, selectors
from ..fixtures.service import KEY, Service, make_settings, running

MONITORING = PROJECT / "deploy" / "monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
DASHBOARDS = sorted((MONITORING / "grafana" / "dashboards").glob("*.json"))
SCRAPES = sorted(MONITORING.glob("prometheus*.yml"))
OBJECTIVES = re.findall(r"^\| `(agent:\w+):.*\| ([\d.]+) % \|", (PROJECT / "docs" / "slo.md").read_text(), re.MULTILINE)
OF_PROMETHEUS = {"up": {"job", "instance"}, "ALERTS": {"job", "alertname", "alertstate"}}
ADDED_BY_PROMETHEUS = {"job", "instance"}


def rules() -> list[dict[str, Any]]:
    return [rule for path in RULES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]
RECORDED = {rule["record"] for rule in rules() if "record" in rule}


def found_expressions(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "expr")
        yield from (text for value in node.values() for text in found_expressions(value))
    elif isinstance(node, list):
        yield from (text for value in node for text in found_expressions(value))


def documents() -> dict[str, object]:
    return {path.name: yaml.safe_load(path.read_text()) for path in [*RULES, *DASHBOARDS]}  # JSON is YAML


EXPRESSIONS = [
    pytest.param(text, id=f"{name}-{number}")
    for name, document in documents().items()
    for number, text in enumerate(found_expressions(document))
]


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[str]]]:
    """What /metrics of a running service shows: for each series its labels, and the values that they took."""
    with running(make_settings(tmp_path_factory.mktemp("state")), ScriptedAgent()) as service:
        touch_every_metric(service)
        for role in (Role.CLIENT, Role.OPERATOR):
            service.client.post("/v1/answers", json={"question": "What?"}, headers=service.headers(role))
        text = service.client.get("/metrics").text
    series: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                series[sample.name].setdefault(label, set()).add(value)
            series[sample.name].setdefault("job", set())
    return series


def touch_every_metric(service: Service) -> None:
    """Give every metric with labels a first child: without one it exposes no series."""
    for metric in vars(service.container.metrics).values():
        if isinstance(metric, MetricWrapperBase) and metric._labelnames:
            metric.labels(*("hit" if label == "result" else "made-up" for label in metric._labelnames))


def labels_of(selector: Selector, exposed: dict[str, dict[str, set[str]]]) -> set[str]:
    if selector.name in RECORDED:
        return {"job"}
    return OF_PROMETHEUS.get(selector.name) or set(exposed[selector.name]) | ADDED_BY_PROMETHEUS


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_exists(expression: str, exposed: dict[str, dict[str, set[str]]]) -> None:
    read = list(selectors(expression))
    assert read
    known = set(exposed) | RECORDED | set(OF_PROMETHEUS)
    assert {selector.name for selector in read} <= known
    for selector in read:
        assert {label for label, _, _ in selector.matchers} <= labels_of(selector, exposed), selector
    assert grouping_labels(expression) <= set().union(*(labels_of(selector, exposed) for selector in read))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_value_that_is_asked_for_can_be_there(expression: str, exposed: dict[str, dict[str, set[str]]]) -> None:
    errors = {name for name, kind in inspect.getmembers(exceptions, inspect.isclass)}
    for selector in selectors(expression):
        for label, operator, value in selector.matchers:
            if operator != "=" or selector.name in RECORDED or label == "alertstate":
                continue
            known = {"job": {SERVICE}, "error_type": errors, "status": {"200", "401", "429", "500"}}
            assert value in known.get(label, set()) | exposed[selector.name].get(label, set()), selector


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_only_this_service_is_looked_at(expression: str) -> None:
    """Another agent under the same Prometheus has metrics of the same names."""
    assert [selector for selector in selectors(expression) if ("job", "=", SERVICE) not in selector.matchers] == []


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_tells_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["labels"]["job"] == SERVICE
    assert {"summary", "description"} <= set(rule["annotations"])
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor in anchors(PROJECT / page)


def test_no_name_is_given_twice() -> None:
    names = [rule.get("alert") or rule["record"] for rule in rules()]
    assert len(names) == len(set(names))


def test_every_recorded_series_is_used() -> None:
    texts = "".join(text for document in documents().values() for text in found_expressions(document))
    texts += (PROJECT / "docs" / "slo.md").read_text()
    assert {name for name in RECORDED if name not in texts} == set()


@pytest.mark.parametrize("path", SCRAPES, ids=lambda path: path.name)
def test_prometheus_scrapes_under_the_name_that_the_rules_ask_for(path: Path, service: Service) -> None:
    config = yaml.safe_load(path.read_text())
    (scrape,) = config["scrape_configs"]
    assert scrape["job_name"] == SERVICE
    assert service.client.get(scrape["metrics_path"]).status_code == 200
    assert sorted(path for pattern in config["rule_files"] for path in MONITORING.glob(pattern)) == RULES


def test_alerts_are_routed_by_the_severities_that_they_have() -> None:
    config = yaml.safe_load((MONITORING / "alertmanager.yml").read_text())
    receivers = {receiver["name"] for receiver in config["receivers"]}
    assert {rule["labels"]["severity"] for rule in ALERTS} == receivers
    matchers = [text for rule in config["inhibit_rules"] for part in rule.values() for text in part]
    named = {name for text in matchers for name in re.findall(r'alertname!?="(\w+)"', text)}
    assert named <= {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize(("series", "percent"), OBJECTIVES)
def test_alerts_and_dashboard_hold_the_objectives_of_the_document(series: str, percent: str) -> None:
    objective = f"(1 - {float(percent) / 100:g})"
    using = [text for document in documents().values() for text in found_expressions(document) if f"{series}:" in text]
    budgets = [text for text in using if "(1 - 0" in text]
    assert len(budgets) >= 2
    assert [text for text in budgets if objective not in text] == []


def test_thresholds_follow_the_limits_of_production() -> None:
    limits = load_settings(dotenv=None, environment="production", jwt_secret=KEY).limits
    (full,) = [rule["expr"] for rule in ALERTS if rule["alert"] == "NearlyFull"]
    assert full.strip().endswith(f"> {limits.max_concurrency * 8 // 10}")
    container = yaml.safe_load((PROJECT / "deploy/kubernetes/statefulset.yaml").read_text())
    memory = container["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    (near,) = [rule["expr"] for rule in ALERTS if rule["alert"] == "MemoryNearLimit"]
    assert f"* {memory.removesuffix('Mi')} * 1024 * 1024" in near


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_is_whole(path: Path) -> None:
    board = json.loads(path.read_text())
    identifiers = [panel["id"] for panel in board["panels"]]
    assert len(identifiers) == len(set(identifiers))
    for panel in board["panels"]:
        assert panel["title"]
        assert panel["description"]
        assert panel["targets"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
