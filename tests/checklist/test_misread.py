"""What the checks misread in repositories that nobody had tuned them on, each in a few lines of our own."""

from __future__ import annotations

from textwrap import dedent

import pytest

from agentctl.checklist.facts import roles

CI = "on: push\njobs:\n  a:\n    steps:\n      - run: pytest\n"
PYTEST = "from shop.core import go\n\n\ndef test_go():\n    assert go() is None\n"
SERVICE = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
RESOLVER = "from aws_lambda_powertools.event_handler import AppSyncResolver\n\napp = AppSyncResolver()\n\n\n@app.resolver(field_name='ask')\ndef ask(text): ...\n\n\ndef lambda_handler(event, context):\n    return app.resolve(event, context)\n"
GRAPHQL = "new appsync.GraphqlApi(this, 'Api', {{ authorizationConfig: {{ defaultAuthorization: {{ authorizationType: appsync.AuthorizationType.{} }} }} }});\n"
DJANGO = {
    "asgi.py": "from django.core.asgi import get_asgi_application\n\napplication = get_asgi_application()\n",
    "urls.py": "from django.urls import path\nfrom views import See\n\nurlpatterns = [path('a/', See.as_view())]\n",
    "shop/settings.py": "REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated']}\n",
}

CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "relative imports within src do not hide that src is where own code is imported from": ("TS01", "pass", {
        "src/shop/__init__.py": "from .core import go\nfrom . import core\n", "src/shop/core.py": "from .other import x\n\n\ndef go(): ...\n",
        "src/shop/other.py": "x = 1\n", "tests/test_core.py": PYTEST, ".github/workflows/ci.yml": CI,
    }),
    "an own package named like a library is not the library": ("AG02", "unknown", {
        "agents/__init__.py": "class InputGuardrail: ...\n", "main.py": "import openai\nfrom agents import InputGuardrail\nguard = InputGuardrail()\n",
    }),
    "a limit that only ends like one of steps is no cap": ("AG01", "unknown", {
        "agent.py": "import openai\n\n\ndef go(return_limit, found):\n    return found[:9] if len(found) > return_limit else found\n",
    }),
    "a limit of something else than a run is no cap": ("AG01", "unknown", {
        "agent.py": "import openai\n", "backup.py": "def preview(level, max_depth):\n    return level > max_depth\n",
    }),
    "a limit of the state that a step compares is one": ("AG01", "pass", {
        "agent.py": "import openai\n\n\ndef go(state):\n    return 'stop' if state['remaining_steps'] < 2 else 'on'\n",
    }),
    "a server of tools runs no model": ("AG01", "n/a", {"server.py": "from fastmcp import FastMCP\nmcp = FastMCP('x')\n"}),
    "a server of tools registers them as it declares them": ("AR04", "pass", {
        "server.py": "from fastmcp import FastMCP\nmcp = FastMCP('x')\n\n\n@mcp.tool()\ndef look(number: str) -> str:\n    'Look.'\n    return number\n",
    }),
    "a method that a class has from a library's class is the library's": ("AR04", "pass", {
        "server.py": "from fastmcp import FastMCP\n\n\nclass Server(FastMCP):\n    def setup(self):\n        self.tool(self.look, name='look')\n\n    def look(self, number: str) -> str:\n        'Look.'\n        return number\n",
    }),
    "a server of tools over HTTP has endpoints": ("SE03", "unknown", {
        "server.py": "import sys\nfrom fastmcp import FastMCP\nmcp = FastMCP('x')\nmcp.run(transport=sys.argv[1])\n",
    }),
    "a server of tools on standard input has none": ("SE03", "n/a", {
        "server.py": "from fastmcp import FastMCP\nmcp = FastMCP('x')\nmcp.run(transport='stdio')\n",
    }),
    "a guard that is made by a function which promises anything callable is one": ("SE03", "pass", {
        "app.py": "from collections.abc import Callable\nfrom fastapi import Depends, FastAPI, HTTPException\n\napp = FastAPI()\n\n\ndef require(role: str) -> Callable:\n    def guard(token: str) -> None:\n        if token != role:\n            raise HTTPException(401)\n\n    return guard\n\n\ncheck = require('x')\n\n\n@app.post('/a')\ndef go(body: str, _=Depends(check)) -> str:\n    return body\n",
    }),
    "what is made by a function which promises anything callable may be no guard": ("SE03", "unknown", {
        "app.py": "from collections.abc import Callable\nfrom fastapi import Depends, FastAPI\n\napp = FastAPI()\n\n\ndef require(role: str) -> Callable:\n    def tell(token: str) -> None:\n        print(role)\n\n    return tell\n\n\ncheck = require('x')\n\n\n@app.post('/a')\ndef go(body: str, _=Depends(check)) -> str:\n    return body\n",
    }),
    "a server of tools that is given authentication has it": ("SE03", "pass", {
        "server.py": "import sys\nfrom fastmcp import FastMCP\nmcp = FastMCP('x', auth=sys.argv[2])\nmcp.run(transport=sys.argv[1])\n",
    }),
    "a library that no table knows and that speaks of agents is one of agents": ("AG01", "unknown", {
        "agent.py": "from newkit.agent import Worker\nworker = Worker()\n",
    }),
    "an agent that watches a service is no agent of its own": ("AG01", "n/a", {
        "app.py": "import newrelic.agent\nnewrelic.agent.initialize()\n",
    }),
    "an engine is an engine by whichever name it is imported": ("PF02", "pass", {
        "db.py": "from sqlalchemy.engine import create_engine\nengine = create_engine('sqlite://')\n",
    }),
    "a delay that never grows is half a retry": ("RL01", "warn", {
        "a.py": "from tenacity import retry, stop_after_attempt, wait_fixed\n\n\n@retry(stop=stop_after_attempt(3), wait=wait_fixed(20))\ndef go(): ...\n",
    }),
    "a delay that grows is a whole one": ("RL01", "pass", {
        "a.py": "from tenacity import retry, stop_after_attempt, wait_exponential\n\n\n@retry(stop=stop_after_attempt(3), wait=wait_exponential())\ndef go(): ...\n",
    }),
    "a loop that waits longer while the server is too busy retries": ("RL01", "pass", {
        "a.py": "import time\n\nimport httpx\n\n\ndef longer(n):\n    return 2**n\n\n\ndef go(client: httpx.Client):\n    for n in range(4):\n        answer = client.get('/')\n        if answer.status_code != 429:\n            return answer\n        wait = longer(n)\n        time.sleep(wait)\n",
    }),
    "a loop that answers busy itself retries nothing": ("RL01", "unknown", {
        "a.py": "import boto3\nimport time\n\n\ndef go(rows):\n    for row in rows:\n        if row.status_code == 404:\n            continue\n        wait = row.wait()\n        time.sleep(wait)\n",
    }),
    "a delay that is multiplied in the loop grows": ("RL01", "pass", {
        "a.py": "import time\n\n\nclass Again:\n    first = 1.0\n\n    def go(self, ask):\n        seconds = self.first\n        for _ in range(3):\n            try:\n                return ask()\n            except OSError:\n                seconds *= 2\n                time.sleep(seconds)\n",
    }),
    "tools that a server lists one by one are in one list": ("AR04", "pass", {
        "server.py": "from mcp.server import Server\nfrom mcp.types import Tool\n\nserver = Server('x')\n\n\n@server.list_tools()\nasync def tools() -> list[Tool]:\n    return [Tool(name='look', description='Look.', inputSchema={'type': 'object'})]\n",
    }),
    "what is mounted to serve tools is an endpoint": ("SE03", "unknown", {
        "server.py": "from mcp.server import Server\nfrom mcp.server.streamable_http_manager import StreamableHTTPSessionManager\nfrom starlette.applications import Starlette\nfrom starlette.routing import Mount, Route\n\n\ndef up(request): ...\n\n\nmanager = StreamableHTTPSessionManager(app=Server('x'))\napp = Starlette(routes=[Route('/up', up), Mount('/mcp', app=manager.handle_request)])\n",
    }),
    "a surface that a package leaves to its users is not what it ships": ("SE05", "n/a", {
        "pyproject.toml": "[build-system]\nrequires=[]\n[project]\nname='kit'\ndependencies=['httpx']\n[project.optional-dependencies]\nui=['gradio>=4']\n",
        "kit/ui.py": "import gradio\n\n\ndef show():\n    return gradio.Blocks()\n",
    }),
    "a surface that it asks for is": ("SE05", "fail", {
        "pyproject.toml": "[build-system]\nrequires=[]\n[project]\nname='kit'\ndependencies=['gradio>=4']\n",
        "kit/ui.py": "import gradio\n\n\ndef show():\n    return gradio.Blocks()\n",
    }),
    "code that is not read has no verdict": ("SE03", "unknown", {
        "package.json": "{}", "src/server.ts": "export const app = 1\n" * 20, "scripts/release.py": "x = 1\n",
    }),
    "code that is not read may have tests": ("TS01", "unknown", {
        "src/server.ts": "export const app = 1\n" * 20, "src/server.test.ts": "test('x')\n", ".github/workflows/ci.yml": CI,
    }),
    "a scan in CI is one for code that is not read": ("SE04", "pass", {
        "src/server.ts": "export const app = 1\n" * 20,
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: gitleaks detect\n",
    }),
    "a page beside a service hides nothing of it": ("SE03", "unknown", {
        "app.py": SERVICE, "web/src/page.ts": "export const page = 1\n" * 500,
    }),
    "options that are handed on may hold a timeout": ("PF05", "warn", {
        "a.py": "import openai\n\nOPTIONS = {'timeout': 60.0}\nclient = openai.OpenAI()\n\n\ndef go(text):\n    return client.responses.create(input=text, **OPTIONS)\n",
    }),
    "options that are handed on and hold none are none": ("PF05", "fail", {
        "a.py": "import openai\n\nOPTIONS = {'temperature': 0}\nclient = openai.OpenAI()\n\n\ndef go(text):\n    return client.responses.create(input=text, **OPTIONS)\n",
    }),
    "a cap of one run that answers 429 limits no client": ("SE01", "warn", {
        "app.py": "from fastapi import Depends, FastAPI, HTTPException\n\napp = FastAPI()\n\n\ndef counted(run_id: str, store: dict):\n    if len(store[run_id]) > 9:\n        raise HTTPException(429, 'this run took too many steps')\n\n\n@app.post('/step')\nasync def step(_=Depends(counted)): ...\n",
    }),
    "a window of time that answers 429 does": ("SE01", "pass", {
        "app.py": "import time\n\nfrom fastapi import Depends, FastAPI, HTTPException\n\napp = FastAPI()\nSEEN = []\n\n\ndef counted():\n    SEEN.append(time.monotonic())\n    if len([one for one in SEEN if one > SEEN[-1] - 60]) > 9:\n        raise HTTPException(429)\n\n\n@app.post('/step')\nasync def step(_=Depends(counted)): ...\n",
    }),
    "a model that is asked without a library of it is a model": ("AR03", "unknown", {
        "agent.py": "import os\nimport aiohttp\nURL = os.environ.get('AZURE_OPENAI_ENDPOINT')\n",
    }),
    "Django's views may change something": ("SE03", "unknown", {
        "asgi.py": "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n",
        "urls.py": "from django.urls import path\n\n\ndef see(request): ...\n\n\nurlpatterns = [path('a/', see)]\n",
    }),
    "Django's permissions are told, not followed": ("SE03", "warn", {
        "asgi.py": "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n",
        "urls.py": "from django.urls import path\nfrom rest_framework.permissions import IsAuthenticated\n\n\nclass See:\n    permission_classes = [IsAuthenticated]\n\n\nurlpatterns = [path('a/', See)]\n",
    }),
    "Django's framework that asks for every view guards them": ("SE03", "pass", {
        **DJANGO, "views.py": "from rest_framework.views import APIView\n\n\nclass See(APIView):\n    def post(self, request): ...\n",
    }),
    "views that open themselves are not guarded": ("SE03", "warn", {
        **DJANGO, "views.py": "from rest_framework.permissions import AllowAny\nfrom rest_framework.views import APIView\n\n\nclass See(APIView):\n    permission_classes = [AllowAny]\n\n    def post(self, request): ...\n",
    }),
    "views that are not the framework's are not guarded": ("SE03", "warn", {
        **DJANGO, "views.py": "from django.views import View\n\n\nclass See(View):\n    def post(self, request): ...\n",
    }),
    "an API of Django that is given its authentication guards all of it": ("SE03", "pass", {
        "asgi.py": DJANGO["asgi.py"], "urls.py": "from django.urls import path\nfrom ninja import NinjaAPI\nfrom ninja.security import django_auth\n\napi = NinjaAPI(auth=django_auth)\n\n\n@api.post('/ask')\ndef ask(request): ...\n",
    }),
    "one of whose operations is given none does not": ("SE03", "warn", {
        "asgi.py": DJANGO["asgi.py"], "urls.py": "from django.urls import path\nfrom ninja import NinjaAPI\nfrom ninja.security import django_auth\n\napi = NinjaAPI(auth=django_auth)\n\n\n@api.post('/ask', auth=None)\ndef ask(request): ...\n",
    }),
    "an API before it that asks by default guards its resolvers": ("SE03", "pass", {"api.py": RESOLVER, "lib/api.ts": GRAPHQL.format("USER_POOL")}),
    "one that asks for a key that everybody has does not": ("SE03", "unknown", {"api.py": RESOLVER, "lib/api.ts": GRAPHQL.format("API_KEY")}),
    "one API of two that asks does not": ("SE03", "unknown", {
        "api.py": RESOLVER, "lib/api.ts": GRAPHQL.format("USER_POOL"), "lib/more.ts": "new appsync.GraphqlApi(this, 'More', {});\n",
    }),
    "an API before something else that is served does not": ("SE03", "unknown", {
        "api.py": RESOLVER.replace("AppSyncResolver", "LambdaFunctionUrlResolver"), "lib/api.ts": GRAPHQL.format("USER_POOL"),
    }),
    "routes that are not constant may be for health": ("OB02", "unknown", {
        "app.py": "from flask import Flask\napp = Flask(__name__)\n\n\ndef add(name, handler):\n    app.add_url_rule(f'/{name}', view_func=handler)\n",
    }),
    "the heartbeat that others send is no health of its own": ("OB02", "fail", {
        "app.py": "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/agents/{number}/heartbeat')\nasync def beat(number: str): ...\n",
    }),
    "a package that waits for one call back is no service": ("SE01", "n/a", {
        "pyproject.toml": "[build-system]\nrequires=[]\n", "lib/login.py": "from http.server import HTTPServer\n\n\ndef wait(handler):\n    HTTPServer(('', 0), handler).handle_request()\n",
    }),
    "requirements of examples alone need no lock": ("SE05", "n/a", {"a.py": "x = 1\n", "examples/one/requirements.txt": "httpx\n"}),
    "a Containerfile with a name before it is an image": ("DP03", "warn", {
        "a.py": "x = 1\n", "compose.yaml": "services:\n  a:\n    build: .\n", "shop.Containerfile": "FROM python:latest\nCMD x\n",
    }),
    "a test of another kind of restoring tries no backup": ("DP07", "warn", {
        "shop.py": "def restore_indentation(): ...\n", "scripts/backup.sh": "pg_dump x > y\n", "scripts/restore.sh": "pg_restore y\n",
        "tests/test_a.py": "from shop import restore_indentation\n\n\ndef test_restore_indentation():\n    assert restore_indentation() is None\n",
    }),
    "a specification of a part sets no scope": ("DV01", "manual", {
        "a.py": "x = 1\n", "docs/designs/backup-specification.md": "It does not keep passwords.\n" * 9,
    }),
    "a document about a feature is none about operations": ("OP07", "manual", {
        "a.py": "x = 1\n", "docs/usage-cost-tracking-widget.md": "Each answer costs $ 0.01.\n" * 9,
    }),
    "an end-to-end suite that skips itself does not run": ("TS04", "warn", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n", "tests/e2e/test_go.py": PYTEST, ".github/workflows/ci.yml": CI,
        "tests/e2e/conftest.py": "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef live(request):\n    if not request.config.getoption('--live'):\n        pytest.skip('needs --live')\n",
    }),
    "a loop that polls at an interval retries nothing": ("RL01", "unknown", {
        "job.py": "import asyncio\nimport openai\nSLEEP_TIME = 60\n\n\nasync def loop(tick):\n    while True:\n        try:\n            tick()\n        except Exception as error:\n            print(error)\n        await asyncio.sleep(SLEEP_TIME)\n",
    }),
    "a retry that always waits the same time is partial": ("RL01", "warn", {
        "a.py": "import time\n\n\ndef go(client, interval):\n    for _ in range(3):\n        try:\n            return client.fetch('x')\n        except OSError:\n            time.sleep(interval)\n",
    }),
    "a function named for a fallback that no failure leads to is partial": ("RL03", "warn", {
        "image.py": "def fallback_icon(): ...\n\n\ndef send(path):\n    if not path:\n        return fallback_icon()\n    return path\n",
    }),
    "a fallback in the handler of a failed call is one": ("RL03", "pass", {
        "a.py": "def fallback_answer(): ...\n\n\ndef go(model):\n    try:\n        return model.invoke('x')\n    except OSError:\n        return fallback_answer()\n",
    }),
    "going on with what was there when a call fails is partial": ("RL03", "warn", {
        "a.py": "def go(model, page):\n    try:\n        return model.invoke(page)\n    except OSError:\n        return page\n",
    }),
    "telling what went wrong is no fallback": ("RL03", "unknown", {
        "a.py": "def go(model, page):\n    try:\n        return model.invoke(page)\n    except OSError as error:\n        return {'error': str(error)}\n",
    }),
    "one client with a timeout says nothing of another library": ("PF05", "warn", {
        "a.py": "import httpx\nimport qdrant_client\nclient = httpx.Client(timeout=3)\nstore = qdrant_client.QdrantClient('x')\n",
    }),
    "a client that a factory makes once is kept": ("PF02", "pass", {
        "a.py": "from functools import lru_cache\nimport httpx\n\n\n@lru_cache\ndef client():\n    return httpx.Client(timeout=3)\n\n\ndef go():\n    return client().get('/')\n",
    }),
    "a client that a factory makes for each call is not": ("PF02", "warn", {
        "a.py": "import httpx\n\n\ndef client():\n    return httpx.Client(timeout=3)\n\n\ndef go():\n    return client().get('/')\n",
    }),
    "a factory leads to the library of what it returns": ("CQ06", "warn", {
        "log.py": "from loguru import logger\n\n\ndef get_logger(*args):\n    return logger\n", "app.py": SERVICE + "from log import get_logger\n\n\ndef go(number):\n    with get_logger().contextualize(request_id=number):\n        ...\n",
    }),
    "an id that is handed to each record by hand is partial": ("CQ06", "warn", {
        "a.py": "import structlog\nlog = structlog.get_logger()\n\n\ndef go(number):\n    log.info('a', session_id=number)\n    log.info('b', session_id=number)\n    log.info('c', session_id=number)\n",
    }),
    "what a project in a folder asks for counts": ("SE05", "fail", {
        "main.py": SERVICE, "backend/pyproject.toml": "[project]\nname = 'b'\ndependencies = ['httpx>=0.2', 'fastapi']\n",
    }),
    "requirements that Windows saved are read": ("SE05", "fail", {"main.py": SERVICE, "requirements.txt": "httpx>=0.2\nfastapi\n"}),
    "a demo beside a library does not make it an application": ("SE01", "n/a", {
        "pyproject.toml": "[build-system]\nrequires=[]\n", "lib/core.py": "def go(): ...\n", "frontend/demo_light/ui.py": "import streamlit\n" + SERVICE,
    }),
    "what CI deploys is no library": ("OB04", "unknown", {
        "pyproject.toml": "[build-system]\nrequires=[]\n", "agent.py": "import langgraph\n", ".github/workflows/deploy-production.yml": "on: push\njobs: {}\n",
    }),
    "tags around what is put into a prompt are partial": ("AG02", "warn", {"a.py": "import openai\nPROMPT = 'Sum it up:\\n<page>\\n{page}\\n</page>'\n"}),
    "tags of a page are no fence": ("AG02", "unknown", {"a.py": "import openai\n\n\ndef page(text):\n    return f'<div>{text}</div>'\n"}),
    "a cache of its own without a bound is partial": ("PF01", "warn", {
        "a.py": "class Search:\n    def __init__(self):\n        self._cache = {}\n\n    def go(self, text):\n        if text in self._cache:\n            return self._cache[text]\n",
    }),
    "a size that is compared bounds what comes in": ("PF04", "warn", {"a.py": "MAX_UPLOAD_BYTES = 10\n\n\ndef go(body):\n    return len(body) > MAX_UPLOAD_BYTES\n"}),
    "a workflow that deploys a version by name is half a way back": ("DP05", "warn", {
        "a.py": "x = 1\n", ".github/workflows/deploy.yml": "on:\n  workflow_dispatch:\n    inputs:\n      image_tag:\n        type: string\njobs:\n  a:\n    steps:\n      - run: terraform apply\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_misread(project, case: str) -> None:
    item, verdict, files = CASES[case]
    for name, text in files.items():
        project.write(name, text.encode("utf-16") if "Windows" in case and name.endswith(".txt") else text)
    finding = {r.id: r for r in project.report(only=[item]).results}[item]
    assert finding.verdict == verdict, finding.message


NEWER = {
    "a type statement": "type Name = str\n",
    "parameters of a function": "def first[T](items: list[T]) -> T: ...\n",
    "parameters of a class": "class Box[T: (int, str)](list[T]):\n    pass\n",
    "quotes in an f-string": 'name = {\'a\': 1}\ntext = f"{name["a"]} and {name["a"]!r}"\n',
    "exceptions without parentheses": "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
    "a template string": "name = 'x'\ntext = t'{name}'\n",
}


@pytest.mark.parametrize("kind", sorted(NEWER))
def test_python_that_is_newer_than_the_interpreter_is_read(project, kind: str) -> None:
    project.write("agent.py", NEWER[kind] + "\nimport os\n\n\ndef go(x):\n    os.system(x)\n")
    report = project.report(only=["SE07"])
    assert {r.id: r.verdict for r in report.results} == {"SE07": "fail"}
    assert not [note for note in report.notes if "not looked at" in note]


def test_python_2_is_told_not_guessed(project) -> None:
    project.write("old.py", dedent("""\
        import os
        try:
            os.getcwd()
        except OSError, error:
            print error
    """))  # fmt: skip
    project.write("new.py", "x = 1\n")
    assert any("old.py" in note for note in project.report().notes)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("demo_agent/main.py", "shipped"),
        ("sample_service/app.py", "shipped"),
        ("demo-agent/main.py", "example"),
        ("src/shop/demo_orders/main.py", "example"),
        ("demo/main.py", "example"),
    ],
)
def test_a_package_at_the_top_is_the_project_whatever_it_is_called(path, role) -> None:
    assert roles.role(path) == role
