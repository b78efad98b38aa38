"""What cannot apply is said only where nothing that is read, or not read, could make it apply."""

from __future__ import annotations

import subprocess

import pytest

from agentctl.cli.checklist import with_changes
from agentctl.results import Figure, Report, Verdict

PACKAGED = "[build-system]\nrequires = []\n[project]\nname = 'kit'\ndependencies = ['httpx']\n"
TOOLS = "from fastmcp import FastMCP\nmcp = FastMCP('x')\n\n\ndef main():\n    mcp.run(%s)\n"
ROUTES = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.get('%s')\nasync def go() -> str: ...\n"
LIBRARY = {"pyproject.toml": PACKAGED, "kit/core.py": "import httpx\n\n\ndef go(url):\n    return httpx.get(url)\n"}
ASKED = ("SE01", "SE03", "OB02")
MODEL = ("AR02", "AR03", "AR04", "AG01", "AG02", "AG03")

Files = dict[str, str]
# Trees, and what is said of some items in each.
CASES: dict[str, tuple[Files, dict[str, tuple[str, ...]]]] = {
    "pages are served to whoever opens them": ({"app.py": "import streamlit as st\nst.title('x')\n"}, {"unknown": ASKED}),
    "Django without what serves it": (
        {"urls.py": "from django.urls import path\n\n\ndef see(request): ...\n\n\nurlpatterns = [path('a/', see)]\n"}, {"unknown": ASKED},
    ),
    "a server by its interface alone": ({"a.py": "async def app(scope, receive, send): ...\n"}, {"unknown": ASKED}),
    "middleware that a library offers": (
        {**LIBRARY, "kit/middleware.py": "class Middle:\n    async def __call__(self, scope, receive, send): ...\n"}, {"n/a": (*ASKED, "OB04")},
    ),
    "tools over HTTP by the command of an image": (
        {"server.py": TOOLS % "", "Dockerfile": 'FROM python:3.12\nCMD ["fastmcp", "run", "server.py", "--transport", "http"]\n'}, {"unknown": ASKED},
    ),
    "the version of a server that is installed starts none": (
        {"a.py": "x = 1\n", "start.sh": "pip install uvicorn==0.30\npython a.py\n"}, {"n/a": ASKED},
    ),
    "a worker that nobody asks": (
        {"a.py": "from celery import Celery\napp = Celery('x')\n"}, {"n/a": ("SE01", "SE03"), "unknown": ("OB02",)},
    ),
    "pages that ask who somebody is": (
        {"app.py": "import gradio as gr\n\n\ndef go(users):\n    gr.Blocks().launch(auth=users)\n"}, {"warn": ("SE03",)},
    ),
    "pages that a probe asks": (
        {"app.py": "import streamlit as st\nst.title('x')\n", "Dockerfile": "FROM python:3.12\nHEALTHCHECK CMD curl localhost/_stcore/health\nCMD streamlit run app.py\n"},
        {"warn": ("OB02",)},
    ),
    "whoever writes to a bot is a client": (
        {"bot.py": "import discord\nclient = discord.Client()\nclient.run('x')\n"}, {"unknown": ASKED},
    ),
    "an image that starts a server": (
        {"a.py": "x = 1\n", "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "a:app"]\n'}, {"unknown": ASKED},
    ),
    "a service with an open port": (
        {"a.py": "x = 1\n", "compose.yaml": "services:\n  a:\n    build: .\n    ports: ['80:80']\n"}, {"unknown": ASKED},
    ),
    "a store beside it with an open port": (
        {"a.py": "x = 1\n", "compose.yaml": "services:\n  a:\n    image: redis\n    ports: ['6379:6379']\n"}, {"n/a": ASKED},
    ),
    "a server in another language": (
        {**LIBRARY, "web/package.json": '{"dependencies": {"express": "5"}}'}, {"unknown": ASKED},
    ),
    "a socket that listens": (
        {"a.py": "import socket\n\n\ndef go():\n    door = socket.socket()\n    door.listen(1)\n"}, {"unknown": ASKED},
    ),
    "a function that a cloud calls": ({"a.py": "def lambda_handler(event, context): ...\n"}, {"unknown": ASKED}),
    "a server that a package leaves to its users": (
        {"pyproject.toml": PACKAGED + "[project.optional-dependencies]\nui = ['streamlit']\n", "kit/ui.py": "import streamlit\n"},
        {"n/a": ASKED},
    ),
    "tools on standard input": (
        {"server.py": TOOLS % "transport='stdio'"}, {"n/a": ASKED, "pass": ("DV02",), "unknown": ("AG02",)},
    ),
    "tools over HTTP, named by position": ({"server.py": TOOLS % "'sse'"}, {"unknown": ("SE01", "SE03", "OB02")}),
    "tools over HTTP by a method of its own": (
        {"server.py": TOOLS.replace("mcp.run(%s)", "mcp.run_sse_async()")}, {"unknown": ("SE01", "SE03", "OB02")},
    ),
    "what a client of tools calls is no server": (
        {"pyproject.toml": PACKAGED, "kit/call.py": "from fastmcp.client import Client\n\n\ndef go(url):\n    return Client(url)\n"},
        {"n/a": ASKED},
    ),
    "an agent of a platform": (
        {"langgraph.json": '{"graphs": {}}', "agent.py": "import langgraph\n"}, {"n/a": ("SE01", "OB02", "DP02"), "unknown": ("SE03",)},
    ),
    "what only reads may reveal": ({"app.py": ROUTES % "/users"}, {"unknown": ("SE03",)}),
    "a bot beside a route for probes is asked": (
        {"app.py": ROUTES % "/health", "bot.py": "import discord\nclient = discord.Client()\nclient.run('x')\n"}, {"unknown": ("SE03",)},
    ),
    "what only tells how it is reveals nothing": ({"app.py": ROUTES % "/health"}, {"n/a": ("SE03",)}),
    "a library": (LIBRARY, {"n/a": (*ASKED, "SE05", "OB04", "DP02", "DP03", "DP07", "OP01", *MODEL)}),
    "a package with a module to be run": (
        {**LIBRARY, "kit/agent/__main__.py": "from kit.core import go\ngo('x')\n"}, {"unknown": ("DP03", "OB04"), "manual": ("OP01",)},
    ),
    "a package with settings of its own": ({**LIBRARY, ".env.example": "KEY=\n"}, {"unknown": ("DP03", "OB04"), "manual": ("OP01",)}),
    "no model anywhere": ({"a.py": "def go(): ...\n"}, {"n/a": MODEL}),
    "a model that is only declared": ({"a.py": "def go(): ...\n", "requirements.txt": "openai==1.0\n"}, {"unknown": MODEL}),
    "a model by its address": (
        {"a.py": "import httpx\nURL = 'https://api.anthropic.com/v1/messages'\n"}, {"unknown": MODEL},
    ),
    "a model that the examples run": (
        {"a.py": "def go(): ...\n", "examples/one.py": "import openai\nopenai.OpenAI()\n"}, {"unknown": MODEL},
    ),
    "a model in a notebook": (
        {"a.py": "def go(): ...\n", "b.py": "x = 1\n", "c.ipynb": '{"cells": ["import anthropic\\n"]}'}, {"unknown": MODEL},
    ),
    "a library of which nothing is known": ({"a.py": "import acumen\nacumen.go('x')\n"}, {"unknown": MODEL}),
    "ordinary libraries run no model": ({"a.py": "import httpx\nimport yaml\n"}, {"n/a": MODEL}),
    "an option for the port that it listens on": (
        {"a.py": "import argparse\n\n\ndef go():\n    argparse.ArgumentParser().add_argument('--port', type=int)\n"}, {"unknown": ASKED},
    ),
    "types of a server of tools make none": (
        {"pyproject.toml": PACKAGED, "kit/turn.py": "from mcp.server.fastmcp import Context\n\n\ndef go(context: Context): ...\n"}, {"n/a": ("DP02", "OB04")},
    ),
    "a workflow that deploys the documentation": (
        {**LIBRARY, ".github/workflows/deploy_docs.yml": "on: push\njobs: {}\n"}, {"n/a": ("DP02", "OB04")},
    ),
    "an agent by its name alone": ({"a.py": "class ShopAgent:\n    def go(self): ...\n"}, {"unknown": ("AG01", "AG02")}),
    "the name of a browser is no agent": ({"a.py": "def user_agent(): ...\n\n\nclass UserAgent: ...\n"}, {"n/a": ("AG01", "AG02")}),
    "notebooks are not read": (
        {"a.ipynb": "{}", "b.ipynb": "{}", "c.ipynb": "{}", "d.ipynb": "{}", "a.py": "x = 1\n"}, {"unknown": ("SE01", "AG01", "CQ01", "CF05")},
    ),
    "examples are what the repository is for": (
        {"examples/one.py": "import openai\n\n\ndef go(x):\n    openai.OpenAI()\n"}, {"fail": ("CQ01", "PF05"), "unknown": ("AG01",)},
    ),
    "a project that is called demo": (
        {"pyproject.toml": "[build-system]\nrequires = []\n[project]\nname = 'demo'\n", "main.py": "x = 1\n",
         "demo/app.py": ROUTES % "/ask", "docs/conf.py": "x = 1\n"},
        {"unknown": ("SE01", "SE03"), "fail": ("OB02",)},
    ),
    "most of it does not parse": ({"a.py": "x = 1\n", "b.py": "def (:\n"}, {"unknown": ("SE01", "AG01", "PF05", "SE08")}),
    "a user is somebody": ({"a.py": "def go(user_id): ...\n"}, {"unknown": ("SE08",)}),
    "what is imported and declared nowhere": ({"a.py": "import httpx\n"}, {"fail": ("SE05",)}),
    "what is imported from where it is run is its own": (
        {"back/src/shop/a.py": "from shop.core import go\n", "back/src/shop/core.py": "def go(): ...\n", "front/b.py": "import shop\n"},
        {"n/a": ("SE05", "AG01")},
    ),
    "steps of its own change what it keeps": ({"a.py": "def migrate_sessions(folder): ...\n"}, {"unknown": ("DV03",)}),
    "what another manifest declares": ({"a.py": "import httpx\n", "environment.yml": "name: x\n"}, {"unknown": ("SE05",)}),
    "the standard library needs no lock": ({"a.py": "import json\n"}, {"n/a": ("SE05",)}),
    "child processes may hang": (
        {"a.py": "import subprocess\n\n\ndef go():\n    subprocess.run(['git', 'pull'])\n"}, {"unknown": ("PF05",), "n/a": ("RL01", "PF02")},
    ),
    "child processes that are stopped": (
        {"a.py": "import subprocess\n\n\ndef go():\n    subprocess.run(['git', 'pull'], timeout=9)\n"}, {"n/a": ("PF05",)},
    ),
    "agents that no schema governs are configured": (
        {"a.py": "import crewai\n", "config/agents.yaml": "writer:\n  role: x\n  goal: y\n"}, {"unknown": ("CF01", "CF02", "CF03", "CF04")},
    ),
    "a prompt and a model in a file configure an agent": (
        {"a.py": "x = 1\n", "bot.toml": "model = 'x'\ntemperature = 0.1\nsystem_prompt = 'y'\n"}, {"unknown": ("CF01", "CF02")},
    ),
    "a model in a file is a word": ({"a.py": "x = 1\n", "car.toml": "model = 'x'\n"}, {"n/a": ("CF01", "CF02", "CF03")}),
    "settings in a table change at run time": (
        {"models.py": "from django.db import models\n\n\nclass Setting(models.Model):\n    name = models.TextField()\n"}, {"warn": ("CF05",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_what_applies(project, case: str) -> None:
    files, said = CASES[case]
    for name, text in files.items():
        project.write(name, text)
    wanted = {item: verdict for verdict, items in said.items() for item in items}
    found = {r.id: r.verdict.value for r in project.report(only=list(wanted)).results}
    assert found == wanted


def test_leaving_out_what_applies_makes_nothing_inapplicable(project) -> None:
    project.write("app.py", ROUTES % "/ask")
    project.write("other.py", "import openai\n")
    project.write("pyproject.toml", "[tool.agentctl.checklist]\nexclude = ['app.py', 'other.py']\n")
    project.write("core.py", "def go(): ...\n")
    findings = {r.id: r for r in project.report(only=[*ASKED, *MODEL, "SE05", "SE08", "PF05"]).results}
    assert {finding.verdict.value for finding in findings.values()} == {"unknown"}
    assert "leave out shipped Python (2 files)" in findings["SE01"].message


def test_a_shallow_clone_does_not_say_that_nothing_was_released(tmp_path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C"]
    subprocess.run([*git, source, "init", "--quiet"], check=True)
    for words in ("one", "two"):
        subprocess.run([*git, source, "commit", "--quiet", "--allow-empty", "-m", words], check=True)
    subprocess.run([*git, source, "clone", "--quiet", "--depth", "1", source.as_uri(), tmp_path / "clone"], check=True)
    said = Report(
        command="validate", verdict=Verdict.PASS, exit_code=0, summary="x", figures=(Figure(name="files", value=1),)
    )
    told = with_changes(tmp_path / "clone", said)
    assert told is not None
    assert [part.verdict for part in told.projects] == [Verdict.INVALID]
    assert "shallow" in (told.projects[0].summary or "")
    assert with_changes(source, said) == said


@pytest.mark.parametrize("item", ["SE01", "OB02", "DP02", "DP03", "AG01", "SE05", "SE08"])
def test_an_item_that_cannot_apply_tells_why(project, item: str) -> None:
    for name, text in LIBRARY.items():
        project.write(name, text)
    finding = project.report(only=[item]).results[0]
    assert finding.verdict == "n/a"
    assert any(word in finding.message for word in ("library", "declares no command", "no agent library"))
