"""Rules and dashboards against the running service: every metric, label and value that they name is really there."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from ... import SERVICE, exceptions
from ...config.settings import PROJECT, load_settings
from ...models.identity import Role
from ...utils.metrics import Metrics
from ..fixtures.markdown import anchors
from ..fixtures.promql import Selector, grouping_labels, selectors
from ..fixtures.service import KEY, Service
from ..fixtures.shipped import shipped

MONITORING = PROJECT / "deploy" / "monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
DASHBOARDS = sorted((MONITORING / "grafana" / "dashboards").glob("*.json"))
SCRAPES = sorted(MONITORING.glob("prometheus*.yml"))
OBJECTIVES = re.findall(r"^\| `(agent:\w+):.*\| ([\d.]+) % \|", (PROJECT / "docs" / "slo.md").read_text(), re.MULTILINE)
OF_PROMETHEUS = {"up": {"job", "instance"}, "ALERTS": {"job", "alertname", "alertstate"}}
SINGLE = re.compile(r"increase\(.+\) (>|==) 0\s*$", re.MULTILINE)
ADDED_BY_PROMETHEUS = {"job", "instance"}


@cache
def rules() -> list[dict[str, Any]]:
    files = [yaml.load(path.read_text(), yaml.CSafeLoader) for path in RULES]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]
RECORDED = {rule["record"] for rule in rules() if "record" in rule}


def found_expressions(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "expr")
        yield from (text for value in node.values() for text in found_expressions(value))
    elif isinstance(node, list):
        yield from (text for value in node for text in found_expressions(value))


@cache
def documents() -> dict[str, object]:
    return {path.name: yaml.load(path.read_text(), yaml.CSafeLoader) for path in [*RULES, *DASHBOARDS]}  # JSON is YAML


EXPRESSIONS = [text for document in documents().values() for text in found_expressions(document)]
Exposed = dict[str, dict[str, set[str]]]
"""For each series its labels, and the values that they took."""


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> list[Metric]:
    """What /metrics of the running service shows, with every metric that this kind of agent has."""
    with shipped(tmp_path_factory.mktemp("monitoring")) as service:
        touch_every_metric(service.container.metrics.registry)
        for role in (Role.CLIENT, Role.OPERATOR):
            service.client.post("/v1/answers", json={"question": "What?"}, headers=service.headers(role))
        return list(text_string_to_metric_families(service.client.get("/metrics").text))


@pytest.fixture(scope="module")
def exposed(families: list[Metric]) -> Exposed:
    series: Exposed = defaultdict(dict)
    for family in families:
        for sample in family.samples:
            for label, value in [*sample.labels.items(), ("job", SERVICE)]:
                series[sample.name].setdefault(label, set()).add(value)
    return series


def touch_every_metric(registry: CollectorRegistry) -> None:
    """Give every metric with labels a first child: without one it exposes no series."""
    for metric in list(registry._collector_to_names):
        if isinstance(metric, MetricWrapperBase) and metric._labelnames:
            metric.labels(*("hit" if label == "result" else "made-up" for label in metric._labelnames))


def labels_of(selector: Selector, exposed: Exposed) -> set[str]:
    if selector.name in RECORDED:
        return {"job"}
    return OF_PROMETHEUS.get(selector.name) or set(exposed[selector.name]) | ADDED_BY_PROMETHEUS


def unknown(expression: str, exposed: Exposed) -> set[str]:
    """Return the metrics and labels of an expression that nobody has."""
    read = list(selectors(expression))
    names = {selector.name for selector in read} - set(exposed) - RECORDED - set(OF_PROMETHEUS)
    if names or not read:
        return names or {f"nothing is read by {expression!r}"}
    known = [labels_of(selector, exposed) for selector in read]
    asked = [{label for label, _, _ in selector.matchers} for selector in read]
    missing = {label for has, wants in zip(known, asked, strict=True) for label in wants - has}
    return missing | (grouping_labels(expression) - set().union(*known))


def test_every_metric_and_label_exists(exposed: Exposed) -> None:
    assert len(EXPRESSIONS) > len(ALERTS)
    found = {expression: unknown(expression, exposed) for expression in EXPRESSIONS}
    assert {expression: names for expression, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "wrong",
    [
        'sum(rate(agent_requests{job="x"}[5m]))',
        'agent_requests_total{state="200"}',
        "sum by (color) (agent_active_requests)",
        "agent:error_ratio:rate2m",
        "vector(1)",
    ],
)
def test_what_does_not_exist_is_found(wrong: str, exposed: Exposed) -> None:
    assert unknown(wrong, exposed)


@pytest.mark.parametrize("wrong", ["sum(rate(a[5m])", "a{b='c'}", "sum(a))", "a{b=c}}", "a & b"])
def test_what_is_no_promql_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|cannot read"):
        list(selectors(wrong))


def test_every_metric_is_shown_on_a_dashboard(families: list[Metric]) -> None:
    """By itself, or in a recorded series that is shown."""
    texts = {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}
    shown = [text for path in DASHBOARDS for text in found_expressions(json.loads(path.read_text())["panels"])]
    names = {selector.name for text in shown for selector in selectors(text)}
    names |= {selector.name for name in names & set(texts) for selector in selectors(texts[name])}
    unseen = {family.name for family in families if not names & {sample.name for sample in family.samples}}
    assert unseen == set()


def test_every_value_that_is_asked_for_can_be_there(exposed: Exposed) -> None:
    errors = {name for name, _ in inspect.getmembers(exceptions, inspect.isclass)}
    known = {"job": {SERVICE}, "error_type": errors, "status": {"200", "401", "429", "500"}, "alertstate": {"firing"}}
    asked = {
        (selector.name, label, value)
        for expression in EXPRESSIONS
        for selector in selectors(expression)
        for label, operator, value in selector.matchers
        if operator == "="
    }
    assert {
        (name, label, value)
        for name, label, value in asked
        if value not in known.get(label, set()) | exposed[name].get(label, set())
    } == set()


def test_an_alert_of_single_events_sees_the_first_one() -> None:
    """A series that begins with an event shows no increase: it is there before, or looked for as a new one."""
    single = [rule["expr"] for rule in ALERTS if SINGLE.search(rule["expr"]) and "offset" not in rule["expr"]]
    there = [sample for family in Metrics("test", "a", "1.0.0").registry.collect() for sample in family.samples]
    assert len(single) > 1
    late = {
        selector
        for expression in single
        for selector in selectors(expression)
        if not any(
            sample.name == selector.name
            and all(sample.labels.get(label) == value for label, _, value in selector.matchers if label != "job")
            for sample in there
        )
    }
    assert late == set()


def test_only_this_service_is_looked_at() -> None:
    """Another agent under the same Prometheus has metrics of the same names."""
    read = [selector for expression in EXPRESSIONS for selector in selectors(expression)]
    assert [selector for selector in read if ("job", "=", SERVICE) not in selector.matchers] == []


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_tells_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["labels"]["job"] == SERVICE
    assert {"summary", "description"} <= set(rule["annotations"])
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor in anchors(PROJECT / page)
    told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["description"]))
    assert told <= (grouping_labels(rule["expr"]) or ADDED_BY_PROMETHEUS)


def test_no_name_is_given_twice() -> None:
    names = [rule.get("alert") or rule["record"] for rule in rules()]
    assert len(names) == len(set(names))


def test_every_recorded_series_is_used() -> None:
    texts = "".join(text for document in documents().values() for text in found_expressions(document))
    texts += (PROJECT / "docs" / "slo.md").read_text()
    assert {name for name in RECORDED if name not in texts} == set()


@pytest.mark.parametrize("path", SCRAPES, ids=lambda path: path.name)
def test_prometheus_scrapes_under_the_name_that_the_rules_ask_for(path: Path, service: Service) -> None:
    config = yaml.load(path.read_text(), yaml.CSafeLoader)
    (scrape,) = config["scrape_configs"]
    assert scrape["job_name"] == SERVICE
    assert service.client.get(scrape["metrics_path"]).status_code == 200
    assert sorted(path for pattern in config["rule_files"] for path in MONITORING.glob(pattern)) == RULES


def test_alerts_are_routed_by_the_severities_that_they_have() -> None:
    config = yaml.load((MONITORING / "alertmanager.yml").read_text(), yaml.CSafeLoader)
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
