"""Every item of the check catalogue and what answers it in a generated project: the file, and what stands in it."""

from __future__ import annotations

import ast
import re

import pytest

from agentctl.checklist.items import ITEMS

P = "my_agent/"
SERVICES, HANDLERS, CONFIG, TESTS = f"{P}services/", f"{P}handlers/", f"{P}config/", f"{P}tests/"

# In a Python file: a name that is defined there and used somewhere else in the project. In any other file: a pattern.
EVERY_KIND: dict[str, dict[str, str]] = {
    "CQ01": {"pyproject.toml": r"\[tool\.mypy\]\nstrict = true", f"{P}py.typed": ""},
    "CQ02": {f"{P}exceptions/__init__.py": "AgentError", f"{HANDLERS}errors.py": "error_response"},
    "CQ03": {f"{P}models/answer.py": "Question", f"{HANDLERS}middleware.py": "BodyLimitMiddleware"},
    "CQ04": {f"{P}utils/logging.py": "configure_logging"},
    "CQ05": {"README.md": r"(?m)^## Start", "pyproject.toml": r'convention = "google"'},
    "CQ06": {f"{P}utils/correlation.py": "correlation_id", f"{HANDLERS}middleware.py": "RequestMiddleware"},
    "TS01": {f"{TESTS}unit/test_resilience.py": "", ".github/workflows/ci.yml": "make test"},
    "TS02": {"pyproject.toml": r"fail_under = 90"},
    "TS03": {f"{TESTS}integration/test_surface.py": ""},
    "TS04": {f"{TESTS}e2e/test_journey.py": "", f"{TESTS}fixtures/process.py": "serving"},
    "TS05": {f"{TESTS}chaos/test_agent.py": "", f"{TESTS}unit/test_errors.py": ""},
    "TS06": {f"{TESTS}fixtures/agents.py": "ScriptedAgent", f"{TESTS}fixtures/models.py": "ScriptedModel"},
    "TS07": {f"{TESTS}property/test_state.py": "", f"{TESTS}property/test_requests.py": ""},
    "TS08": {"pyproject.toml": r"\[\[tool\.agentctl\.loadtest\.requests\]\]", f"{TESTS}load/test_plan.py": ""},
    "TS09": {f"{TESTS}performance/measuring.py": "cost", f"{TESTS}performance/baseline_surface.json": "main route"},
    "TS10": {f"{TESTS}security/test_access.py": "", f"{TESTS}security/payloads.yaml": "sql:"},
    "TS11": {f"{TESTS}chaos/test_disk.py": "", f"{TESTS}fixtures/faulty.py": "faulty"},
    "SE01": {f"{SERVICES}limiting.py": "ClientLimiter", f"{HANDLERS}security.py": "authenticated"},
    "SE02": {f"{CONFIG}secrets.py": "signing_key", ".gitignore": r"(?m)^\.env$"},
    "SE03": {f"{HANDLERS}security.py": "require", f"{P}models/permissions.py": "ROLE_PERMISSIONS"},
    "SE04": {".github/workflows/ci.yml": r"pip-audit(.|\n)*bandit"},
    "SE05": {"requirements.lock": "--hash=sha256:", "requirements-dev.lock": "--hash=sha256:"},
    "SE06": {f"{SERVICES}audit.py": "FileAuditTrail", f"{P}models/audit.py": "AuditEntry"},
    "SE07": {"pyproject.toml": r'select = \[(.|\n)*"S"'},  # nothing of the kind is there: ruff's S rules keep it so
    "SE08": {
        f"{P}utils/tenancy.py": "bind_tenant",
        f"{SERVICES}tenant_rows.py": "TenantSession",
        f"{SERVICES}quotas.py": "RequestQuotas",
        "config/tenants.yaml": r"(?m)^  default_tier: standard\n  tiers:",
        f"{TESTS}security/test_tenants.py": "",
    },
    "SE09": {"deploy/kubernetes/ingress.yaml": r"(?m)^  tls:", f"{CONFIG}store.py": "StoreSettings"},
    "SE10": {f"{P}utils/encryption.py": "Cipher", f"{CONFIG}secrets.py": "encryption_keys"},
    "SE11": {"deploy/kubernetes/network-policy.yaml": "policyTypes", "deploy/README.md": "allow-list"},
    "PF01": {f"{SERVICES}caching.py": "Cache"},
    "PF02": {f"{SERVICES}store_engine.py": "build_engine"},
    "PF04": {"deploy/kubernetes/statefulset.yaml": "limits:", f"{SERVICES}lifecycle.py": "Lifecycle"},
    "PF05": {f"{SERVICES}resilience.py": "Policy", f"{CONFIG}limits.py": "CommonLimits"},
    "RL01": {f"{SERVICES}resilience.py": "Resilience"},
    "RL02": {f"{SERVICES}resilience.py": "Resilience"},
    "OB01": {f"{P}utils/metrics.py": "Metrics", f"{HANDLERS}metrics.py": "router"},
    "OB02": {f"{SERVICES}health.py": "HealthService", "deploy/kubernetes/statefulset.yaml": "readinessProbe"},
    "OB03": {f"{P}utils/tracing.py": "tracing"},
    "OB04": {"deploy/monitoring/rules/alerts.yaml": r"- alert: \w+", "deploy/monitoring/alertmanager.yml": "page"},
    "OB05": {"deploy/monitoring/grafana/dashboards/agent.json": r'"expr": ".*agent_requests_total'},
    "DP01": {f"{CONFIG}settings.py": "Settings", ".env.example": "MY_AGENT_ENVIRONMENT"},
    "DP02": {f"{SERVICES}lifecycle.py": "drain_on_signal", f"{TESTS}e2e/test_stopping.py": ""},
    "DP03": {"Dockerfile": r"(?m)^USER \d+$"},
    "DP04": {"deploy/kubernetes/kustomization.yaml": "resources:", "compose.yaml": r"(?m)^services:"},
    "DP05": {"docs/operations/rollback.md": "kubectl rollout undo", f"{HANDLERS}commands/migrate.py": "run"},
    "DP06": {"deploy/kubernetes/autoscaler.yaml": "maxReplicas", "compose.yaml": r"replicas: \d"},
    "DP07": {"scripts/backup.py": "main", "scripts/restore.py": "main", "docs/operations/backup.md": "restore"},
    "DP08": {".github/workflows/ci.yml": r"make lint(.|\n)*make test(.|\n)*docker build"},
    "AR01": {f"{SERVICES}container.py": "build_container", f"{P}interfaces/agent.py": "Agent"},
    "AR02": {f"{SERVICES}lifecycle.py": "State", f"{P}models/session.py": "SessionTurn"},
    "AR03": {f"{SERVICES}sessions.py": "Sessions", f"{P}models/tables/session_turns.py": ""},
    "AR05": {f"{P}{part}/__init__.py": "" for part in ("models", "services", "handlers", "interfaces", "exceptions")},
    "CF01": {"config/agents/my-agent-standard-v1.yaml": r"(?m)^agent_id:", ".github/workflows/ci.yml": "validate"},
    "CF02": {"config/agents/my-agent-standard-v1.yaml": r"(?m)^version: \d+\.\d+\.\d+$"},
    "CF03": {f"{CONFIG}agent_config.py": "AgentConfig", ".github/workflows/ci.yml": "agentctl checklist"},
    "CF04": {f"{CONFIG}agent_config.py": "SchemaConfig", ".github/workflows/ci.yml": r"fetch-depth: 0"},
    "OP01": {"docs/slo.md": r"99\.5 %", "deploy/monitoring/rules/slo.yaml": "record: agent:error_ratio:rate30d"},
    "OP02": {"docs/operations/on-call.md": r"(?i)second, after 15 minutes"},
    "OP03": {"docs/operations/incident-response.md": r"(?i)severity"},
    "OP04": {"docs/operations/runbook.md": r"(?m)^## Agent down"},
    "OP06": {"docs/go-live.md": "Review of costs and performance"},
    "OP07": {"docs/operations/costs.md": r"(?m)^## Review"},
    "OP08": {"docs/operations/personal-data.md": r"(?m)^## Erase", f"{HANDLERS}commands/personal_data.py": "run"},
    "DV01": {"docs/requirements.md": r"(?m)^## Does not"},
    "DV02": {"docs/openapi.json": r'"openapi": "3', f"{P}utils/openapi.py": "contract"},
    "DV03": {f"{SERVICES}schema.py": "upgrade", f"{TESTS}unit/test_schema.py": ""},
    "DV04": {"docs/dependencies.md": "when it fails"},
    "DV05": {".github/CODEOWNERS": r"(?m)^\* +@", ".github/branch-protection.json": "require_code_owner_reviews"},
}
"""What every kind has of the base: item → path → name or pattern (nothing: the file itself)."""

LLM: dict[str, dict[str, str]] = {
    "TS06": {f"{TESTS}fixtures/provider.py": "providing", f"{SERVICES}deterministic.py": "DeterministicModel"},
    "PF02": {f"{SERVICES}providers.py": "POOL"},
    "PF03": {f"{SERVICES}batching.py": "Batcher", f"{SERVICES}runner.py": "Runner"},
    "RL03": {f"{SERVICES}model_chain.py": "ModelChain", "config/agents/my-agent-standard-v1.yaml": "fallback_answer:"},
    "AR04": {f"{SERVICES}tools.py": "ToolRegistry", f"{P}interfaces/tool.py": "Tool"},
    "AG01": {f"{SERVICES}budget.py": "Budget", f"{CONFIG}agent_limits.py": "AgentLimits"},
    "AG02": {f"{SERVICES}guard.py": "Guard", "evals/attacks.yaml": "floor: 1.0"},
    "AG03": {"evals/answers.yaml": r"(?m)^floor: 0\.\d", f"{TESTS}evals/test_answers.py": ""},
}
OF_A_KIND: dict[str, dict[str, dict[str, str]]] = {
    "llm": LLM,
    "team": LLM
    | {
        "AG01": LLM["AG01"] | {f"{SERVICES}project_budget.py": "ProjectBudget", f"{CONFIG}run_limits.py": "RunLimits"},
        "AG02": LLM["AG02"] | {f"{SERVICES}asking.py": "Gate", f"{TESTS}unit/test_asking.py": ""},
        "AG03": LLM["AG03"] | {"evals/projects.yaml": r"(?m)^floor: 0\.\d", f"{TESTS}evals/test_projects.py": ""},
        "AR02": {f"{P}models/project.py": "Project"},
        "DV03": {f"{P}migrations/versions/team_{name}.py": "" for name in ("0001_projects", "0002_questions")},
        "SE01": {f"{TESTS}security/access/team.yaml": "projects"},
        "SE08": {f"{TESTS}security/test_tenants_of_projects.py": ""},
    },
    "service": {
        "PF03": {f"{SERVICES}gathering.py": ""},
        "RL03": {"config/agents/my-agent-standard-v1.yaml": "fallback_answer:", f"{SERVICES}answering.py": ""},
        "AG01": {f"{CONFIG}llm_config.py": "LlmConfig", f"{CONFIG}limits.py": "CommonLimits"},
        "AR04": {f"{SERVICES}tools.py": "ToolRegistry", f"{SERVICES}service_tools.py": "TOOLS"},
        "AR02": {f"{P}models/task_state.py": "TaskState", f"{TESTS}property/test_tasks.py": ""},
        "AG02": {f"{SERVICES}text_guard.py": "TextGuard", "evals/attacks.yaml": "floor: 1.0"},
        "AG03": {
            "evals/answers.yaml": r"(?m)^floor: 0\.\d",
            f"{TESTS}evals/test_answers.py": "",
            "config/facts.md": "(?m)^- ",
        },
        "SE07": {f"{SERVICES}endpoints.py": ""},
        "DV03": {f"{P}migrations/versions/service_0001_agents_and_tasks.py": ""},
        "SE08": {f"{TESTS}security/test_tenants_of_exchange.py": ""},
    },
}
"""What a kind has of its own, in addition."""

MANUAL = {"OP05": "Security review", "DV06": "Signed off"}
"""What only people can answer, and what ``docs/go-live.md`` calls it."""
NOT_THERE = {
    "CF05": "no flags, experiments or reload: a change of configuration is a new version and a rollout",
}
"""What no kind of today has, and why: the dynamic kind brings it."""


@pytest.fixture(params=sorted(ITEMS))
def item(request):
    return request.param


def answers(kind, item):
    """Return what answers an item in a kind: path → name or pattern."""
    return EVERY_KIND.get(item, {}) | OF_A_KIND[kind].get(item, {})


def test_each_item_is_answered_manual_or_explained(kind, item):
    places = [bool(answers(kind, item)), item in MANUAL, item in NOT_THERE]
    assert places.count(True) == 1


def test_the_manual_items_are_those_of_the_catalogue():
    assert {item.id for item in ITEMS.values() if item.mode == "M"} == set(MANUAL)


def test_what_answers_an_item_is_there(project, kind, item):
    assert [place for place in answers(kind, item).items() if not holds(project, *place)] == []


@pytest.mark.parametrize("title", MANUAL.values())
def test_manual_items_stand_on_the_list_that_is_signed(project, title):
    assert title in (project / "docs/go-live.md").read_text(encoding="utf-8")


def holds(project, path, wanted):
    """Tell whether a file is there and holds the pattern, or defines the name that others use."""
    place = project / path
    if not place.is_file():
        return False
    text = place.read_text(encoding="utf-8")
    if not wanted:
        return bool(re.search(r"(def test_|\.TestCase\b)", text)) if "/test_" in path else True
    if path.endswith(".py"):
        return wanted in defined(text) and used(project, place, wanted)
    return re.search(wanted, text) is not None


def defined(text):
    """Return the names that a module defines at its top level."""
    names = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


def used(project, place, name):
    """Tell whether the name is used anywhere but where it is defined."""
    word = re.compile(rf"\b{name}\b")
    own = len(word.findall(place.read_text(encoding="utf-8"))) > 1
    others = (path for folder in (P, "scripts") for path in (project / folder).rglob("*.py") if path != place)
    return own or any(word.search(path.read_text(encoding="utf-8")) for path in others)


def test_a_table_that_is_wrong_is_noticed(tmp_path):
    (tmp_path / "my_agent").mkdir()
    (tmp_path / "my_agent" / "a.py").write_text("class Used: ...\nclass Unused: ...\nNAME = Used()\n")
    assert holds(tmp_path, "my_agent/a.py", "Used")
    assert not holds(tmp_path, "my_agent/a.py", "Unused")
    assert not holds(tmp_path, "my_agent/a.py", "Missing")
    assert not holds(tmp_path, "my_agent/b.py", "")
