"""OB: alerts and dashboards, as files that name metrics of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, not_applicable, passed, unknown, weak
from agentctl.checklist.facts import deploy
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, literal
from agentctl.checklist.ships import LIBRARY, Ships
from agentctl.results import Location

_CLOUD = re.compile(
    r"aws_cloudwatch_(metric|composite)_alarm|google_monitoring_alert_policy|azurerm_monitor_(metric_alert|scheduled_query)"
    r"|Microsoft\.Insights/(metricAlerts|scheduledQueryRules)|AWS::CloudWatch::(Composite)?Alarm"
    r"|module\s+\"[\w-]*(alarm|alert)[\w-]*\"\s*\{", re.IGNORECASE,
)  # fmt: skip
_CLOUD_BOARD = re.compile(
    r"aws_cloudwatch_dashboard|google_monitoring_dashboard|azurerm_(portal_dashboard|application_insights_workbook)"
    r"|Microsoft\.(Insights/workbooks|Portal/dashboards)|AWS::CloudWatch::Dashboard", re.IGNORECASE,
)  # fmt: skip
# The same in AWS's CDK, whose stacks are mostly TypeScript beside Python functions.
_CDK_ALARM = re.compile(r"\bnew (\w+\.)?(Composite)?Alarm\(|\.createAlarm\(|\badd\w*Alarm: ?\{")
_CDK_BOARD = re.compile(r"\bnew (\w+\.)?(Dashboard|MonitoringFacade)\(")
_OF_CDK = re.compile(r"[\"'](@?aws-cdk|cdk-monitoring)")
_UNIT = re.compile(r"_(seconds|milliseconds|bytes|ratio|percent)$")  # that OpenTelemetry's exporter puts to a name
_ALERTS_KEPT = 200
_DEPTH = 8


def ob04(facts: Facts, ships: Ships) -> Answer:
    """Are alert rules defined?

    Why: guide 0 "Alerting", guides 1, 2 and 4.
    Counts: Prometheus or Grafana alert rules, a PrometheusRule, or alarms in infrastructure as code (a Terraform module
    that is named for them is one), one of them over a metric that the shipped code makes.
    Does not count: rules over metrics that nothing makes (they warn); the word in a document.
    Closed: never; alerts may live in the monitoring's own system. n/a for a library.
    Mend: alert on errors, slowness and silence of its own metrics, each with a link to the runbook.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library has nothing running to alert on", ships.evidence)
    found = facts.once(alert_rules)
    cloud = [*_resources(facts, _CLOUD), *_of_cdk(facts, _CDK_ALARM), *facts.used(("aws_cdk.aws_cloudwatch.Alarm",))]
    own = [rule for rule in found if _names_own(facts, rule.expression)]
    if own or cloud:
        words = f"{counted(len(own) or len(cloud), 'alert rule')} over {'own metrics' if own else 'what runs it'}"
        return passed(words, [*(Location(path=rule.path, symbol=rule.name) for rule in own), *cloud])
    if found:
        return weak(f"{counted(found, 'alert rule')}, none over a metric that the code makes", "alert on own metrics",
                    [Location(path=rule.path, symbol=rule.name) for rule in found])  # fmt: skip
    return unknown(
        "no alert rule stands in the repository", "add rules over its own metrics, or link to where they are"
    )


def ob05(facts: Facts, ships: Ships) -> Answer:
    """Is there a dashboard of its own metrics?

    Why: guide 0 "Monitoring Dashboard", guide 1.
    Counts: a Grafana dashboard as a file, with panels that ask for metrics that the shipped code makes, by the names
    that an exporter gives them (``shop.answers`` in seconds is ``shop_answers_seconds``).
    Does not count: a dashboard of somebody else's metrics, or of a cloud's own figures in infrastructure as code (both
    warn); Grafana in compose without a dashboard.
    Closed: never. n/a for a library.
    Mend: keep the dashboard as JSON under deploy/monitoring and have Grafana load it.
    """
    if ships.kind == LIBRARY:
        return not_applicable("a library has no metrics of its own to show", ships.evidence)
    boards = [
        (path, asked) for path, text in facts.beside.items() if path.endswith(".json") and (asked := _asked(text))
    ]
    own = [path for path, asked in boards if any(_names_own(facts, expression) for expression in asked)]
    if own:
        return passed(f"{counted(own, 'dashboard')} of its own metrics", [Location(path=path) for path in own])
    if boards:
        return weak("a dashboard is there, but asks for no metric that the code makes", "show its own metrics",
                    [Location(path=path) for path, _asked_for in boards])  # fmt: skip
    cloud = [*_resources(facts, _CLOUD_BOARD), *_of_cdk(facts, _CDK_BOARD),
             *facts.used(("aws_cdk.aws_cloudwatch.Dashboard",))]  # fmt: skip
    if cloud:
        return weak("a dashboard of what runs it is described as code", "show its own metrics", cloud)
    return unknown("no dashboard stands in the repository", "keep one as a file, or link to where it is")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert rule; ``linked`` when it leads to a runbook."""

    path: str
    name: str
    expression: str
    linked: bool


def alert_rules(facts: Facts) -> list[AlertRule]:
    """Return every alert rule in the tree."""
    found: list[AlertRule] = []
    for path, text in facts.beside.items():
        if path.endswith((".yml", ".yaml", ".rules")) and "alert:" in text:
            for document in deploy.documents(text):
                found += [AlertRule(path, name, expression, linked) for name, expression, linked in _rules(document)]
    return found[:_ALERTS_KEPT]


def _resources(facts: Facts, kind: re.Pattern[str]) -> list[Location]:
    """Return where infrastructure as code describes a resource of a kind."""
    return [Location(path=path, line=deploy.line_of(text, match.group())) for path, text in facts.beside.items()
            if path.endswith((".tf", ".bicep", ".yaml", ".yml")) and (match := kind.search(text))]  # fmt: skip


def _of_cdk(facts: Facts, kind: re.Pattern[str]) -> list[Location]:
    """Return where a stack in TypeScript makes something of a kind."""
    return [Location(path=path, line=deploy.line_of(text, match.group())) for path, text in facts.beside.items()
            if path.endswith(".ts") and _OF_CDK.search(text) and (match := kind.search(text))]  # fmt: skip


def own_metrics(facts: Facts) -> set[str]:
    """Return the names of the metrics that the shipped code makes, without their suffixes."""
    made = [*facts.called_as(*frameworks.METRICS), *facts.ending(*frameworks.INSTRUMENTS)]
    names = {name for call in made for name in _called(facts, call)}
    own = {re.sub(r"\W", "_", name).removesuffix("_total") for name in names if name and len(name) > 3}  # noqa: PLR2004 - no word of its own
    return own | set(frameworks.INSTRUMENTED) if facts.used(frameworks.METRICS_ALL_IN_ONE) else own


def _called(facts: Facts, call: Call) -> list[str]:
    """Return the name that a metric is given, or the dotted texts of the module from which it takes its name."""
    given = call.args[0] if call.args else call.keywords.get("name")
    text = literal(given)
    if text:
        above = (literal(call.keywords.get(word)) for word in ("namespace", "subsystem"))
        return ["_".join([*filter(None, above), text])]
    constant = given if isinstance(given, str) and given[:1] != "?" and given.rpartition(".")[2].isupper() else ""
    home = facts.symbols.module(facts.symbols.identity(constant)) if constant else None
    return [text.name for text in home.strings] if home else []


def _names_own(facts: Facts, expression: str) -> bool:
    words = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", expression))
    own = facts.once(own_metrics)
    bare = {re.sub(r"_(total|bucket|sum|count|created)$", "", word) for word in words}
    bare |= {_UNIT.sub("", word) for word in bare}
    return bool(own & (words | bare)) or any(name in word for word in bare for name in own if ":" in word)


def _rules(value: Any, depth: int = _DEPTH) -> Iterator[tuple[str, str, bool]]:
    if depth == 0:
        return
    if isinstance(value, Mapping):
        if isinstance(value.get("alert"), str) and "expr" in value:
            yield value["alert"], str(value["expr"]), "runbook" in str(value.get("annotations", "")).lower()
        for inner in value.values():
            yield from _rules(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _rules(inner, depth - 1)


def _asked(text: str) -> list[str]:
    """Return the expressions that a Grafana dashboard's panels ask for."""
    if '"panels"' not in text or '"expr"' not in text:
        return []
    try:
        return list(_expressions(json.loads(text)))
    except (ValueError, RecursionError):
        return []


def _expressions(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    if depth == 0:
        return
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if key == "expr" and isinstance(inner, str):
            yield inner
        yield from _expressions(inner, depth - 1)
    for inner in value if isinstance(value, list) else ():
        yield from _expressions(inner, depth - 1)
