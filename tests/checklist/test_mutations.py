"""From an agent that has everything, taking away the evidence of one item flips that item."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agentctl.checklist import checks


def _strip_annotations(agent):
    for path in agent.root.glob("shop_agent/**/*.py"):
        text = path.read_text()
        path.write_text(text.replace(") -> None:", "):").replace(") -> str:", "):").replace(") -> Answer:", "):"))


MUTATIONS: dict[str, Callable] = {
    "CQ01": _strip_annotations,
    "CQ02": lambda agent: agent.edit(
        "shop_agent/services/answering.py",
        'except ModelError as error:\n                logger.warning("fallback_answer", detail=str(error))\n                return self.fallback()',
        "except Exception:\n                pass",
    ),
    "CQ03": lambda agent: agent.edit(
        "shop_agent/handlers/answers.py", 'question: Question, request: Request) -> Answer:\n    """Answer a question."""',
        'request: Request) -> Answer:\n    """Answer a question."""\n    question = await request.json()',
    ),
    "CQ04": lambda agent: agent.edit("shop_agent/utils/telemetry.py", "structlog.processors.JSONRenderer()", "str"),
    "CQ05": lambda agent: agent.edit("README.md", "make test", "see below"),
    "CQ06": lambda agent: agent.edit("shop_agent/main.py", "    app.add_middleware(CorrelationMiddleware)\n", ""),
    "TS01": lambda agent: agent.remove("tests"),
    "TS02": lambda agent: agent.edit("shop_agent/models/__init__.py", "max_length=2000", "max_length=3000"),
    "TS03": lambda agent: agent.remove("tests/integration", "tests/security", "tests/e2e"),
    "TS05": lambda agent: [agent.remove("tests/security"), agent.edit("tests/unit/test_answering.py", "pytest.raises", "pytest.warns"),
                           agent.edit("tests/unit/test_answering.py", "side_effect", "return_value"),
                           agent.edit("tests/chaos/test_a_dead_model.py", "Response(502)", "Response(200)")],
    "TS06": lambda agent: agent.edit("tests/unit/test_answering.py", "from unittest.mock import AsyncMock", "from shop_agent.fakes import AsyncMock"),
    "TS07": lambda agent: agent.edit("tests/unit/test_answering.py", "@given(st.text(min_size=1, max_size=2000))", "@pytest.mark.parametrize('text', ['a'])"),
    "TS08": lambda agent: agent.edit("shop_agent/models/__init__.py", "max_length=2000", "max_length=3000"),
    "TS10": lambda agent: agent.remove("tests/security"),
    "SE01": lambda agent: agent.edit("shop_agent/handlers/answers.py", ", Depends(limited)", ""),
    "SE02": lambda agent: agent.edit(".gitignore", ".env\n", ""),
    "SE03": lambda agent: agent.edit("shop_agent/handlers/answers.py", "Depends(authenticated), ", ""),
    "SE04": lambda agent: agent.edit(".github/workflows/ci.yml", "pip-audit --requirement requirements.lock", "pip-audit || true"),
    "SE05": lambda agent: agent.remove("requirements.lock"),
    "SE07": lambda agent: agent.write("shop_agent/utils/shell.py", 'import subprocess\n\n\ndef run(text: str) -> int:\n    """Run it."""\n    return subprocess.call(text, shell=True)\n'),
    "PF01": lambda agent: agent.edit("shop_agent/services/answering.py", "TTLCache(maxsize=1000, ttl=300)", "{}"),
    "PF02": lambda agent: agent.edit("shop_agent/services/model.py", "response = await self.client.post(", "response = await httpx.AsyncClient(timeout=1).post("),
    "PF05": lambda agent: agent.edit("shop_agent/services/model.py", ", timeout=settings.model_timeout", ""),
    "RL01": lambda agent: agent.edit("shop_agent/services/model.py", "    @stamina.retry(on=httpx.TransportError, attempts=3)\n", ""),
    "RL02": lambda agent: agent.edit("shop_agent/services/model.py", "CircuitBreaker(threshold=5)", "None"),
    "RL03": lambda agent: [agent.edit("shop_agent/services/answering.py", "return self.fallback()", "raise"),
                           agent.edit("shop_agent/services/answering.py", "fallback_answer", "failed")],
    "OB01": lambda agent: agent.edit("shop_agent/handlers/health.py", "Response(generate_latest())", "Response()"),
    "OB02": lambda agent: agent.edit("shop_agent/handlers/health.py", '@router.get("/health/ready")', "@known"),
    "OB03": lambda agent: agent.edit("shop_agent/utils/telemetry.py", "BatchSpanProcessor(OTLPSpanExporter())", "None"),
    "DP01": lambda agent: agent.remove(".env.example"),
    "DP02": lambda agent: agent.edit("shop_agent/main.py", "    await service.close()\n", ""),
    "DP03": lambda agent: agent.edit("Dockerfile", "USER 10001\n", ""),
    "DP08": lambda agent: agent.edit(".github/workflows/ci.yml", "      - run: make lint\n", ""),
    "AR05": lambda agent: agent.remove("shop_agent/interfaces", "shop_agent/exceptions"),
    "AG01": lambda agent: agent.edit("shop_agent/services/model.py", "while step < MAX_STEPS", "while True"),
    "TS04": lambda agent: agent.remove("tests/e2e"),
    "TS09": lambda agent: agent.remove("tests/performance/baseline.json"),
    "TS11": lambda agent: agent.remove("tests/chaos"),
    "SE06": lambda agent: [agent.edit("shop_agent/handlers/answers.py", '    audit.record(caller, "answered")\n', ""),
                           agent.edit("shop_agent/handlers/security.py", "    audit.record(Caller(", "    str(Caller(")],
    "SE08": lambda agent: agent.edit("shop_agent/handlers/answers.py", "    use_quota(caller.tenant_id)\n", ""),
    "SE09": lambda agent: agent.edit("deploy/kubernetes/agent.yaml", "  tls:\n", "  rules:\n"),
    "SE10": lambda agent: agent.edit("shop_agent/services/vault.py", "MultiFernet([Fernet(key) for key in keys])", "keys"),
    "SE11": lambda agent: agent.edit("deploy/kubernetes/agent.yaml", "kind: NetworkPolicy", "kind: Policy"),
    "PF03": lambda agent: agent.edit("shop_agent/services/memory.py", "asyncio.Semaphore(4)", "None"),
    "PF04": lambda agent: agent.edit("deploy/kubernetes/agent.yaml", "limits:", "requests:"),
    "OB04": lambda agent: agent.edit("deploy/monitoring/alerts.yaml", "shop_answers_total", "others_total"),
    "OB05": lambda agent: agent.edit("deploy/monitoring/dashboard.json", "shop_answers_total", "others_total"),
    "DP04": lambda agent: agent.remove("deploy/kubernetes"),
    "DP05": lambda agent: agent.edit("docs/operations/rollback.md", "kubectl rollout undo", "ask somebody for"),
    "DP06": lambda agent: agent.edit("deploy/kubernetes/agent.yaml", "replicas: 2", "replicas: 1"),
    "DP07": lambda agent: agent.remove("scripts/restore.sh"),
    "AR01": lambda agent: agent.edit("shop_agent/exceptions/__init__.py", "\n\n\nclass ShopError", "\nfrom shop_agent.services.breaker import CircuitBreaker\n\n\nclass ShopError"),
    "AR02": lambda agent: agent.edit("shop_agent/services/memory.py", "@dataclass(frozen=True)", "@dataclass"),
    "AR03": lambda agent: agent.edit("shop_agent/services/memory.py", "trim_messages(list(state or ()), max_tokens=1000)", "list(state or ())"),
    "AR04": lambda agent: agent.edit("shop_agent/services/memory.py", "(number: str)", "(number)"),
    "AG02": lambda agent: agent.edit("shop_agent/handlers/answers.py", "    question.text = safeguarded(question.text)\n", ""),
    "AG03": lambda agent: agent.edit(".github/workflows/ci.yml", "      - run: python -m evals.score --dataset evals/questions.jsonl --at-least 0.9\n", ""),
    "OP01": lambda agent: agent.write("docs/slo.md", "# Objectives\n\nAs good as it gets.\n"),
    "OP02": lambda agent: agent.edit("docs/operations/on-call.md", "Escalation by telephone.", "The number is TBD."),
    "OP03": lambda agent: agent.remove("docs/operations/incident-response.md"),
    "OP04": lambda agent: agent.edit("deploy/monitoring/alerts.yaml", "ManyFallbacks", "AgentDown"),
    "OP06": lambda agent: agent.remove("docs/operations/performance.md"),
    "OP07": lambda agent: agent.remove("docs/operations/costs.md"),
    "OP08": lambda agent: agent.edit("docs/operations/personal-data.md", "Erasure: delete by subject.", "Nobody asked."),
    "DV01": lambda agent: agent.remove("docs/requirements.md"),
    "DV02": lambda agent: agent.remove("docs/openapi.json"),
    "DV03": lambda agent: agent.edit("migrations/versions/0001_answers.py", 'op.drop_table("answers")', "pass"),
    "DV04": lambda agent: agent.remove("docs/dependencies.md"),
    "DV05": lambda agent: agent.remove(".github/branch-protection.json"),
}  # fmt: skip
# Judged from the results of validate, and what an agent without configurations and flags has not: test_traps.py.
NOT_HERE = {"CF01", "CF02", "CF03", "CF04", "CF05"}


def test_every_automated_item_has_a_mutation() -> None:
    assert set(checks.all_checks()) - NOT_HERE == set(MUTATIONS)


def test_the_agent_that_has_everything_passes_every_item(agent) -> None:
    agent.run_everything()
    verdicts = agent.verdicts()
    assert {id_: verdict for id_, verdict in verdicts.items() if verdict not in {"pass", "manual"}} == dict.fromkeys(
        NOT_HERE, "n/a"
    )


@pytest.mark.parametrize("item", sorted(MUTATIONS))
def test_taking_away_the_evidence_flips_the_item(agent, item: str) -> None:
    agent.run_everything()
    before = agent.findings()[item]
    assert before.verdict == "pass"
    assert before.evidence
    MUTATIONS[item](agent)
    after = agent.findings()[item]
    assert after.verdict in {"fail", "warn", "unknown", "manual"}
    assert after.hint
