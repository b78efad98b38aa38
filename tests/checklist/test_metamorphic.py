"""What must not change a verdict does not."""

from __future__ import annotations

import ast
import shutil

import pytest

from agentctl.checklist import run
from agentctl.errors import NoAnswerError

PRACTICES = """
We practise rate limiting (slowapi), circuit breakers (pybreaker), retries with exponential backoff (tenacity), structured
logging with correlation ids, OpenTelemetry tracing, Prometheus metrics, health checks, graceful shutdown on SIGTERM,
property-based tests with hypothesis, load tests with locust, 99 % coverage, security scans, audits, SLOs and runbooks.
"""
BROKEN = {
    "syntax": b"def broken(:\n",
    "python 2": b"print 'hello'\nexec 'x' in y\n",
    "NUL": b"x = 1\0\n",
    "wrong encoding": b"x = '\xff\xfe'\n",
    "unknown encoding": b"# -*- coding: klingon -*-\nx = 1\n",
    "deep": b"x = " + b"(" * 5000 + b")" * 5000,
    "empty": b"",
    "byte order mark": b"\xef\xbb\xbfx = 1\n",
}


DEMO = {
    "main.py": "import openai\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(text: str) -> str:\n"
    "    answer = openai.OpenAI().responses.create(model='x', input=text)\n    print(answer)\n    return answer.output_text\n",
    "requirements.txt": "fastapi\nopenai\nuvicorn\n",
    "README.md": "# Demo\n\nRun it: `uvicorn main:app`.\n",
}
# What a template leaves to those who run it.
OPERATED = (
    "docs",
    "deploy",
    "scripts",
    "migrations",
    "tests/security",
    "tests/performance",
    "tests/chaos",
    "tests/e2e",
    "evals",
)
# Each looks like the thing, and nothing calls it.
DEAD = """
import asyncio
import json
import logging

from cachetools import TTLCache
from fastapi import Depends, HTTPException
from pybreaker import CircuitBreaker


class Limiter:
    def check(self, client):
        raise HTTPException(status_code=429)


class AuditTrail:
    def record(self, who, what):
        logging.getLogger("audit").info(json.dumps([who, what]))


class PromptGuard:
    def check_injection(self, text):
        return "ignore" in text


class TenantQuota:
    def use_quota(self, tenant_id):
        raise HTTPException(status_code=429)


def fallback_answer(error):
    return "sorry"


def authenticated(token):
    raise HTTPException(status_code=401)


async def drain_gracefully():
    await asyncio.sleep(1)
"""


def verified(agent) -> float:
    return next(figure.value for figure in agent.report().figures if figure.name.startswith("verified"))


def test_more_readiness_is_a_higher_share(agent, project, tmp_path) -> None:
    project.write("README.md", PRACTICES)
    project.write("agent/main.py", f'"""{PRACTICES}"""\n\n\ndef run():\n    return 1\n')
    shell = verified(project)
    demo, template = type(agent)(tmp_path / "demo"), type(agent)(tmp_path / "template")
    for name, text in DEMO.items():
        demo.write(name, text)
    shutil.copytree(agent.root, template.root)
    template.remove(*OPERATED)
    agent.run_everything()
    shares = [shell, verified(demo), verified(template), verified(agent)]
    assert shares == sorted(set(shares)), shares
    assert shares[1] < 20
    assert shares[3] > 90


def test_a_rename_changes_no_verdict(agent) -> None:
    before = agent.verdicts()
    for path in [path for path in agent.root.rglob("*") if path.is_file()]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("shop_agent", "order_desk").replace("shop-agent", "order-desk"), encoding="utf-8")
    (agent.root / "shop_agent").rename(agent.root / "order_desk")
    assert agent.verdicts() == before


def test_a_move_below_src_changes_no_verdict(agent) -> None:
    before = agent.verdicts()
    (agent.root / "src").mkdir()
    (agent.root / "shop_agent").rename(agent.root / "src" / "shop_agent")
    moved = {id_ for id_, verdict in agent.verdicts().items() if verdict != before[id_]}
    assert moved <= {"AR05", "DP03"}  # the layout, and the image that copies the package by its old place


def test_other_formatting_changes_no_verdict(agent) -> None:
    before = agent.verdicts()
    for path in agent.root.rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text(encoding="utf-8"))) + "\n", encoding="utf-8")
    assert agent.verdicts() == before


def test_files_that_have_nothing_to_do_with_it_change_no_verdict(agent) -> None:
    before = agent.verdicts()
    agent.write("assets/logo.png", b"\x89PNG\r\n")
    agent.write("data/orders.csv", "number,state\n1,open\n")
    agent.write("site/index.html", "<script>const rateLimiter = 1</script>")
    agent.write("notes.txt", PRACTICES)
    agent.write("examples/tour.ipynb", '{"cells": []}')
    agent.write("vendor/other/limits.py", "import slowapi\n")
    assert agent.verdicts() == before


def test_code_that_nothing_calls_is_no_evidence(project) -> None:
    for name, text in DEMO.items():
        project.write(name, text)
    before = project.verdicts()
    project.write("readiness.py", DEAD)
    after = project.verdicts()
    gained = {id_ for id_, verdict in after.items() if verdict == "pass" != before[id_]}
    assert gained == set()


def test_words_in_the_readme_change_no_verdict(agent) -> None:
    before = agent.verdicts()
    agent.edit("README.md", "Answers questions about orders.", "Answers questions about orders." + PRACTICES)
    assert agent.verdicts() == before


def test_a_shell_that_names_every_practice_passes_hardly_anything(project) -> None:
    project.write("README.md", PRACTICES)
    project.write("agent/__init__.py", f'"""{PRACTICES}"""\n')
    project.write("agent/main.py", f'"""{PRACTICES}"""\n\n\ndef run():\n    """{PRACTICES}"""\n    return 1\n')
    passed = {id_ for id_, verdict in project.verdicts().items() if verdict == "pass"}
    assert passed <= {"SE02", "SE07"}  # no secret and no shell are true of it


def test_zero_byte_files_never_pass(agent, project) -> None:
    for path in agent.root.rglob("*"):
        if path.is_file():
            project.write(path.relative_to(agent.root).as_posix(), b"")
    assert "pass" not in project.verdicts().values()


@pytest.mark.parametrize("kind", sorted(BROKEN))
def test_one_broken_file_changes_no_other_verdict(agent, kind: str) -> None:
    before = agent.verdicts()
    agent.write("shop_agent/services/broken.py", BROKEN[kind])
    assert agent.verdicts() == before


@pytest.mark.parametrize(
    "name",
    ["part/pyproject.toml", ".github/workflows/more.yml", "compose.yaml", "requirements-dev.txt", "setup.cfg"],
)
def test_a_broken_file_beside_the_code_raises_nothing(agent, name: str) -> None:
    agent.write(name, b"\xef\xbb\xbf[[[: {{{ \t- x\n  : :\n")
    assert "error" not in agent.verdicts().values()


def test_a_file_that_did_not_parse_is_told(agent) -> None:
    agent.write("shop_agent/services/broken.py", BROKEN["syntax"])
    report = agent.report()
    assert any("shop_agent/services/broken.py (does not parse: SyntaxError)" in note for note in report.notes)
    assert {r.scope for r in report.results if r.id == "CQ01"} == {"35 of 36 Python files, 1 did not parse"}


def test_a_dependency_that_nothing_uses_is_no_evidence(agent) -> None:
    agent.edit("shop_agent/handlers/answers.py", ", Depends(limited)", "")
    agent.edit("pyproject.toml", '  "structlog>=25",', '  "structlog>=25",\n  "slowapi>=0.1",')
    finding = agent.findings()["SE01"]
    assert finding.verdict == "unknown"
    assert "declared but not wired" in finding.message


def test_tests_and_examples_are_not_shipped_code(project, agent) -> None:
    shutil.copytree(agent.root / "shop_agent", project.root / "examples" / "shop_agent")
    project.write("tool/__init__.py", "def run() -> int:\n    return 1\n")
    verdicts = project.verdicts()
    assert {id_ for id_ in ("SE01", "OB01", "OB02", "RL01", "CQ04") if verdicts[id_] == "pass"} == set()


def test_nothing_is_written_into_the_tree(agent) -> None:
    before = {path: path.stat().st_mtime_ns for path in agent.root.rglob("*")}
    agent.report()
    assert {path: path.stat().st_mtime_ns for path in agent.root.rglob("*")} == before


def test_nothing_of_the_tree_is_run(agent) -> None:
    trap = "raise SystemExit('this was run')\n"
    for name in ("conftest.py", "setup.py", "shop_agent/sitecustomize.py", "agentctl.py", "yaml.py"):
        agent.write(name, trap)
    assert "error" not in agent.verdicts().values()


def test_links_are_not_followed(agent, tmp_path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("import os\n\n\ndef run(x):\n    os.system(x)\n")
    (agent.root / "shop_agent" / "linked.py").symlink_to(outside)
    (agent.root / "loop").symlink_to(agent.root)
    assert agent.verdicts()["SE07"] == "pass"


def test_a_huge_file_is_left_out_and_told(agent) -> None:
    agent.write("shop_agent/data.py", b"x = 1\n" * 500_000)
    report = agent.report()
    assert any("shop_agent/data.py (larger than 2 MB)" in note for note in report.notes)


def test_hostile_names_are_made_harmless(agent) -> None:
    agent.write("shop_agent/a\n::error::b\x1b[31m.py", b"def broken(:\n")
    report = agent.report()
    assert all(
        "\n" not in text and "\x1b" not in text for text in (*report.notes, *(r.message for r in report.results))
    )


def test_an_empty_folder_has_no_answer(project) -> None:
    with pytest.raises(NoAnswerError):
        run.check(project.root)
