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
    "TS03": lambda agent: agent.remove("tests/integration", "tests/security"),
    "TS05": lambda agent: [agent.remove("tests/security"), agent.edit("tests/unit/test_answering.py", "pytest.raises", "pytest.warns"),
                           agent.edit("tests/unit/test_answering.py", "side_effect", "return_value")],
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
}  # fmt: skip
NOT_HERE = {"CF01"}  # judged from the results of validate: test_configuration.py


def test_every_automated_item_has_a_mutation() -> None:
    assert set(checks.all_checks()) - NOT_HERE == set(MUTATIONS)


def test_the_agent_that_has_everything_passes_every_item(agent) -> None:
    agent.run_everything()
    verdicts = agent.verdicts()
    assert {id_: verdict for id_, verdict in verdicts.items() if verdict not in {"pass", "manual"}} == {"CF01": "n/a"}


@pytest.mark.parametrize("item", sorted(MUTATIONS))
def test_taking_away_the_evidence_flips_the_item(agent, item: str) -> None:
    agent.run_everything()
    before = agent.findings()[item]
    assert before.verdict == "pass"
    assert before.evidence
    MUTATIONS[item](agent)
    after = agent.findings()[item]
    assert after.verdict in {"fail", "warn", "unknown"}
    assert after.hint
