"""What is there in part, or in a form that was not known: each case is a small tree of its own, with what is told."""

from __future__ import annotations

import pytest

SERVICE = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
LOGGER = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
CONTEXT = (
    "from contextvars import ContextVar\n\nasked = ContextVar('asked')\n\n\ndef current():\n    return asked.get()\n"
)
FILTER = (
    LOGGER
    + "from shop.context import current\n\n\nclass Ids(logging.Filter):\n    def filter(self, record):\n        record.asked = current()\n        return True\n\n\nlogger.addFilter(Ids())\n"
)
READS = "import os\n\na = os.getenv('{0}')\nb = os.environ['{1}']\n"
CI = "on: pull_request\njobs:\n  a:\n    steps:\n"
JOURNEY = "import shop\n\n\ndef test_journey():\n    assert shop.go() is None\n"
SKIP = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef asked():\n    pytest.skip('by hand')\n"
OUTAGE = "import subprocess\nimport shop\n\n\ndef test_worker_crash_recovery():\n    subprocess.run(['docker', 'compose', '-f', 'a.yml', 'kill', 'b'])\n    assert shop.go() is None\n"

FORMATTER = (
    LOGGER
    + "from pythonjsonlogger import jsonlogger\nfrom shop.context import asked, current\n\n\nclass Rows(jsonlogger.JsonFormatter):\n    def add_fields(self, row, record, given):\n        row['asked'] = current()\n\n\nhandler = logging.StreamHandler()\nhandler.setFormatter(Rows())\n"
)
MERGED = "import structlog\n\nstructlog.configure(processors=[structlog.stdlib.merge_contextvars])\n\n\n@app.middleware('http')\nasync def ids(request, call_next):\n    structlog.contextvars.bind_contextvars(request_id='x')\n    return await call_next(request)\n"
OBSERVED = "from opentelemetry import metrics\nfrom opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader\n\nreader = PeriodicExportingMetricReader(None)\n\n\ndef read(options): ...\n\n\nmetrics.get_meter('shop').create_observable_gauge('shop_open', callbacks=[read])\n"
FORM = "from fastapi import FastAPI, Request\nfrom pydantic import BaseModel\n\napp = FastAPI()\n\n\nclass Title(BaseModel):\n    text: str\n\n\n@app.post('/a')\nasync def a(request: Request, title: Title) -> str:\n    return keep(await request.form())\n"
LOADED = "import yaml\nfrom pydantic import BaseModel\n\n\nclass ShopConfig(BaseModel):\n    url: str\n\n\nCONFIG = ShopConfig(**yaml.safe_load(open('config/defaults.yaml')))\n"
TOLD = "```\nuv sync\nuv run a.py\npytest\n```\n"
ALIASED = "from pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    location: str = Field(default='', validation_alias='SHOP_URL')\n"
FIELDS = "from shop.base import Base, ConfigField\n\n\nclass Config(Base):\n    url: str = ConfigField(default='', env='SHOP_URL')\n"
STATES = "from prometheus_client import Enum, start_http_server\n\nnow = Enum('shop_now', 'Whether it is open', states=['open', 'shut'])\nnow.state('open')\nstart_http_server(9000)\n"
HOOKS = (
    "repos:\n  - repo: local\n    hooks:\n      - id: tests\n        entry: uv run pytest\n        language: system\n"
)
READY = "from fastapi import FastAPI, HTTPException\nimport redis\n\napp = FastAPI()\nkept = redis.Redis()\n\n\n@app.get('/ready')\nasync def ready() -> str:\n    if not kept.ping():\n        raise HTTPException(503)\n    return 'ok'\n"
FACTORY = (
    "from fastapi import Depends, FastAPI, HTTPException\nfrom fastapi.security import HTTPBearer\n\n\ndef made(key):\n    async def off() -> bool:\n        return True\n\n"
    "    if not key:\n        return off\n\n    async def on(given=Depends(HTTPBearer())) -> bool:\n        if given.credentials != key:\n            raise HTTPException(401)\n        return True\n\n    return on\n\n\n"
    "app = FastAPI()\n\n\ndef add(key):\n    guard = made(key)\n\n    @app.post('/ask')\n    async def ask(_: bool = Depends(guard)) -> str: ...\n"
)
STAGED = "from unittest.mock import AsyncMock\n\nimport shop\n\n\ndef test_journey():\n    assert shop.go(AsyncMock()) is None\n"
PROBED = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - readinessProbe:\n            httpGet:\n              path: /ready\n"

CASES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "tools of a server of its own kind": ("CQ03", "pass", "1 tool of a server", {
        "server.py": "from fastmcp import FastMCP\n\n\nclass Server(FastMCP):\n    def tool(self, *given):\n        return super().tool(*given)\n\n\nmcp = Server('x')\n\n\n@mcp.tool()\ndef look(number: int) -> str: ...\n",
    }),
    "tools of something else that is called tool": ("CQ03", "unknown", "no boundary", {
        "server.py": "class Server: ...\n\n\nmcp = Server('x')\n\n\n@mcp.tool()\ndef look(number: int) -> str: ...\n",
    }),
    "serializers that are asked": ("CQ03", "pass", "serializers or forms validate", {
        "views.py": "from rest_framework import serializers\n\n\nclass Question(serializers.Serializer): ...\n\n\ndef post(request):\n    asked = Question(data=request.data)\n    asked.is_valid(raise_exception=True)\n",
    }),
    "serializers beside a body that is parsed by hand": ("CQ03", "warn", "1 function take what comes in", {
        "views.py": "import json\nfrom rest_framework import serializers\n\n\nclass Question(serializers.Serializer): ...\n\n\ndef post(request):\n    asked = Question(data=request.data)\n    asked.is_valid(raise_exception=True)\n\n\ndef put(request):\n    return json.loads(request.body)\n",
    }),
    "a router that is not known with a model": ("CQ03", "pass", "a library's router", {
        "api.py": "from ninja import Schema\nfrom shop.given import made\n\napi = made()\n\n\nclass Question(Schema):\n    text: str\n\n\n@api.post('/ask')\ndef ask(request, payload: Question): ...\n",
        "shop/__init__.py": "", "shop/given.py": "def made(): ...\n",
    }),
    "strict models that are validated by": ("CQ03", "pass", "strict models", {
        "a.py": "from pydantic import BaseModel, ConfigDict, Field\n\n\nclass Plan(BaseModel):\n    model_config = ConfigDict(extra='forbid')\n    steps: int = Field(ge=1)\n    name: str = Field(max_length=9)\n\n\ndef go(x):\n    return Plan.model_validate(x), Plan.model_validate_json(x)\n",
    }),
    "models without bounds": ("CQ03", "warn", "no boundary was found", {
        "a.py": "from pydantic import BaseModel\n\n\nclass Plan(BaseModel):\n    steps: int\n\n\ndef go(x):\n    return Plan.model_validate(x), Plan.model_validate_json(x)\n",
    }),
    "log calls with keys": ("CQ04", "warn", "3 of 3 log calls give keys", {
        "a.py": LOGGER + "def go(user):\n    logger.info('asked', extra={'user': user})\n    logger.info('asked user=%s', user)\n    logger.info('asked', user=user)\n",
    }),
    "log calls with what the library takes": ("CQ04", "unknown", "no JSON", {
        "a.py": LOGGER + "def go(user):\n    logger.info('asked %s', user)\n    logger.error('a', exc_info=True)\n    logger.error('b', stack_info=True)\n",
    }),
    "ids within the text of records": ("CQ06", "warn", "handed to 3 log calls", {
        "a.py": LOGGER + "def go(session_id):\n    logger.info(f'{session_id}: a')\n    logger.info('b %s', session_id)\n    logger.info('c', extra={}, session_id=session_id)\n",
    }),
    "values within the text of records": ("CQ06", "unknown", "no correlation id", {
        "a.py": LOGGER + "def go(name):\n    logger.info(f'{name}: a')\n    logger.info(f'{name}: b')\n    logger.info(f'{name}: c')\n",
    }),
    "an id for Sentry's events": ("CQ06", "warn", "to no log record", {
        "a.py": "import sentry_sdk\n\n\ndef go(x):\n    sentry_sdk.set_tag('run_id', x)\n",
    }),
    "a filter that reads the context by a function, set in a middleware": ("CQ06", "pass", "bound in one place", {
        "shop/__init__.py": "", "shop/context.py": CONTEXT, "shop/logs.py": FILTER,
        "shop/app.py": "from fastapi import FastAPI\nfrom shop.context import asked\n\napp = FastAPI()\n\n\n@app.middleware('http')\nasync def name(request, call_next):\n    asked.set(request.headers['X-Id'])\n    return await call_next(request)\n",
    }),
    "a filter that reads the context, set in a single route": ("CQ06", "warn", "single places", {
        "shop/__init__.py": "", "shop/context.py": CONTEXT, "shop/logs.py": FILTER,
        "shop/app.py": "from fastapi import FastAPI\nfrom shop.context import asked\n\napp = FastAPI()\n\n\n@app.get('/a')\nasync def ask(request):\n    asked.set(1)\n",
    }),
    "functions that are told whose data it is": ("SE08", "warn", "3 functions are told whose data", {
        "a.py": SERVICE + "\n\ndef save_chat(user_id, text): ...\n\n\ndef load_chats(user_id): ...\n\n\ndef delete_chat(user_id): ...\n",
    }),
    "tools that are told of somebody": ("SE08", "unknown", "no isolation", {
        "a.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n\n\n"
        + "".join(f"@mcp.tool()\ndef {name}(user_id: int): ...\n\n\n" for name in ("get_user", "add_user", "remove_user")),
    }),
    "calls of tools in the ordinary log": ("SE06", "warn", "only stand in the ordinary log", {
        "a.py": LOGGER + "def go(name):\n    logger.info(f'Executing tool {name}')\n",
    }),
    "an error of a tool in the log": ("SE06", "unknown", "no audit trail", {
        "a.py": LOGGER + "def go(name):\n    logger.error(f'Error executing tool {name}')\n    logger.info('Clamped, since it is inside one tool call')\n",
    }),
    "workflows that keep their history": ("SE06", "warn", "durable workflows", {
        "a.py": "from temporalio import workflow\n\n\n@workflow.defn\nclass Run: ...\n",
    }),
    "what was said in a video": ("SE06", "unknown", "no audit trail", {
        "tools/video.py": "def youtube_transcript(url): ...\n\n\nyoutube_transcript('x')\n",
    }),
    "modules of configuration that read two in five of the variables": ("DP01", "pass", "1 other file", {
        "shop/config.py": READS.format("A", "B"), "shop/agent.py": READS.format("C", "D"), "shop/tools.py": "", "shop/state.py": "", ".env.example": "A=\n",
    }),
    "some of the code reads documented variables": ("DP01", "pass", "4 files of 12", {
        ".env.example": "A=1\nB=1\n", **{f"src/m{n}.py": f"import os\n\nX = os.getenv('V{n}')\nY = os.getenv('W{n}')\n" for n in range(4)},
        **{f"src/n{n}.py": "def go(): ...\n" for n in range(8)},
    }),
    "some of the code reads variables that nothing documents": ("DP01", "warn", "4 files read", {
        **{f"src/m{n}.py": f"import os\n\nX = os.getenv('V{n}')\nY = os.getenv('W{n}')\n" for n in range(4)},
        **{f"src/n{n}.py": "def go(): ...\n" for n in range(8)},
    }),
    "what only clients read is in no place, though an example says what": ("DP01", "warn", "clients take what they need", {
        "a.py": "import openai\nclient = openai.OpenAI()\n", ".env.example": "OPENAI_API_KEY=\n",
    }),
    "the environment read all over the code": ("DP01", "warn", "4 files read", {
        "shop/config.py": READS.format("A", "B"), ".env.example": "A=\n", **{f"shop/{name}.py": READS.format(name, "A") for name in ("tools", "state", "agent")},
    }),
    "a typed model of a settings file that is loaded": ("DP01", "pass", "stands in the tree", {
        "shop/settings.py": "import yaml\nfrom pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n    url: str\n\n\nSETTINGS = yaml.safe_load(open('settings.yaml'))\n", "settings.yaml": "url: x\n",
    }),
    "a settings file that nothing loads": ("DP01", "unknown", "no configuration", {
        "shop/settings.py": "from pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n    url: str\n", "settings.yaml": "url: x\n",
    }),
    "runs that are named for a tracer": ("OB03", "warn", "named or given metadata", {
        "a.py": "from langchain_core.runnables import Runnable\n\n\ndef go(chain: Runnable, who):\n    return chain.invoke('a', {'metadata': {'user': who}})\n",
    }),
    "a chain that is only run": ("OB03", "unknown", "no tracing", {
        "a.py": "from langchain_core.runnables import Runnable\n\n\ndef go(chain: Runnable):\n    return chain.invoke('a', {'recursion_limit': 9})\n",
    }),
    "a state machine with X-Ray": ("OB03", "warn", "the infrastructure traces", {
        "a.py": "x = 1\n", "template.yaml": "Resources:\n  A:\n    Properties:\n      Tracing:\n        Enabled: true\n",
    }),
    "a suite whose part by hand is skipped": ("TS04", "pass", "run by CI on changes", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest tests/e2e --ignore=tests/e2e/by_hand\n",
        **{f"tests/e2e/test_{name}.py": JOURNEY for name in "abc"}, "tests/e2e/by_hand/test_d.py": JOURNEY, "tests/e2e/by_hand/conftest.py": SKIP,
    }),
    "a suite that is skipped as a whole": ("TS04", "warn", "skipped unless asked for", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest tests/e2e\n",
        **{f"tests/e2e/test_{name}.py": JOURNEY for name in "abc"}, "tests/e2e/conftest.py": SKIP,
    }),
    "an integration suite that starts the program": ("TS04", "pass", "1 test of an integration suite starts it", {
        "shop.py": "def go(): ...\n", "tests/__init__.py": "", ".github/workflows/ci.yml": CI + "      - run: pytest -m integration tests/integration\n",
        "tests/integration/conftest.py": "import subprocess\n\n\ndef started(command):\n    return subprocess.run(command, timeout=9)\n",
        "tests/integration/test_a.py": "from tests.integration.conftest import started\n\n\ndef test_a():\n    assert started(['shop']).returncode == 0\n",
    }),
    "tests that start the program, which CI does not name": ("TS04", "warn", "1 test starts it", {
        "shop.py": "def go(): ...\n", "tests/test_a.py": "import subprocess\nimport sys\n\n\ndef test_a():\n    assert subprocess.run([sys.executable, '-m', 'shop']).returncode == 0\n",
    }),
    "tests that start another program": ("TS04", "unknown", "no end-to-end test", {
        "shop.py": "def go(): ...\n", "tests/test_a.py": "import subprocess\nimport sys\n\n\ndef test_a():\n    assert subprocess.run(['git', 'status']).returncode == 0\n"
        "\n\ndef test_b():\n    assert subprocess.run([sys.executable, '-c', 'import shop']).returncode == 0\n",
    }),
    "a session through the command line": ("TS04", "warn", "through the command line", {
        "shop.py": "def cli(): ...\n", "tests/test_a.py": "from typer.testing import CliRunner\nfrom shop import cli\n\n\ndef test_a():\n    assert CliRunner().invoke(cli, ['chat'], input='a').stdout\n",
    }),
    "the help of a command line": ("TS04", "unknown", "no end-to-end test", {
        "shop.py": "def cli(): ...\n", "tests/test_a.py": "from typer.testing import CliRunner\nfrom shop import cli\n\n\ndef test_a():\n    assert CliRunner().invoke(cli, ['--help']).stdout\n",
    }),
    "steps of an integration suite": ("TS04", "warn", "by steps of an integration suite", {
        "shop.py": "def go(x): ...\n", "tests/integration/test_a.py": "from shop import go\n\n\ndef test_a():\n    go(1)\n    go(2)\n    assert go(3)\n",
    }),
    "features in JavaScript": ("TS04", "warn", "which CI does not run", {
        "shop.py": "def go(x): ...\n", "web/cypress/e2e/chat/ask.feature": "Feature: ask\n",
    }),
    "a lifespan that shuts down by a function of its own": ("DP02", "warn", "closes what it opened", {
        "a.py": "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\n\nplugged = []\n\n\nasync def on_end():\n    for one in plugged:\n        await one.on_shutdown()\n\n\n"
        "@asynccontextmanager\nasync def lifespan(app):\n    yield\n    await on_end()\n\n\napp = FastAPI(lifespan=lifespan)\n",
    }),
    "what is closed at a normal end": ("DP02", "warn", "where it ends by itself", {
        "a.py": "import click\n\n\nclass Client:\n    def cleanup(self):\n        self.session.close()\n\n\n@click.command()\ndef main():\n    client = Client()\n    try:\n        client.chat()\n    finally:\n        client.cleanup()\n\n\nif __name__ == '__main__':\n    main()\n",
    }),
    "what is closed after each call": ("DP02", "unknown", "nothing that runs at shutdown", {
        "a.py": "import click\n\n\nclass Client:\n    def cleanup(self):\n        self.session.close()\n\n\ndef ask(text):\n    client = Client()\n    client.cleanup()\n\n\n@click.command()\ndef main():\n    ask('a')\n\n\nif __name__ == '__main__':\n    main()\n",
    }),
    "a bot's builder that is told what to close": ("DP02", "warn", "closes what it opened", {
        "bot.py": "from telegram.ext import ApplicationBuilder\n\n\nasync def close(app): ...\n\n\napp = ApplicationBuilder().token('x').post_shutdown(close).build()\n",
    }),
    "an integration suite that starts the program joins its parts": ("TS03", "pass", "start it as a process", {
        "shop.py": "def go(): ...\n", "tests/integration/test_a.py": "import subprocess\nimport sys\n\n\ndef test_a():\n    assert subprocess.run([sys.executable, 'shop.py']).returncode == 0\n",
    }),
    "a gateway that asks who calls": ("SE03", "warn", "a gateway or identity provider is described", {
        "a.py": SERVICE, "template.yaml": "Resources:\n  Pool:\n    Type: AWS::Cognito::UserPool\n",
    }),
    "a gateway that asks nobody": ("SE03", "unknown", "no authentication", {"a.py": SERVICE, "template.yaml": "Resources:\n  A:\n    AuthType: NONE\n"}),
    "a page that signs people in": ("SE03", "warn", "the page beside it signs people in", {
        "a.py": SERVICE, "web/package.json": '{"dependencies": {"next-auth": "4.24.5"}}',
    }),
    "a list of those who are allowed": ("SE03", "warn", "a setting lists who is allowed", {
        "bot.py": "import os\nfrom telegram.ext import ApplicationBuilder\n\napp = ApplicationBuilder().token('x').build()\nALLOWED = os.getenv('ALLOWED_USER_IDS')\n",
    }),
    "a word about keys asks nobody": ("SE03", "unknown", "no authentication", {
        "a.py": SERVICE + "\n\ndef is_api_key(name): ...\n\n\nis_api_key('x')\n",
    }),
    "a command of the operator's without a timeout": ("SE07", "pass", "no shell", {
        "shop/cli.py": "import subprocess\n\n\ndef up(command):\n    subprocess.run(command)\n",
    }),
    "a command of a tool's without a timeout": ("SE07", "warn", "a process without a timeout", {
        "shop/tools.py": "import subprocess\n\n\ndef up(command):\n    subprocess.run(command)\n",
    }),
    "a shell of the operator's": ("SE07", "fail", "goes to a shell", {
        "shop/cli.py": "import subprocess\n\n\ndef up(command):\n    subprocess.run(command, shell=True)\n",
    }),
    "a locustfile with tasks": ("TS08", "warn", "a load test is defined", {
        "a.py": SERVICE, "locustfile.py": "from locust import HttpUser, task\n\n\nclass User(HttpUser):\n    @task\n    def ask(self): ...\n",
    }),
    "a script that puts load on it": ("TS08", "warn", "a script puts load on it", {
        "a.py": SERVICE, "scripts/stress_test.py": "import asyncio\n\n\nasync def go(ask):\n    await asyncio.gather(*(ask() for _ in range(99)))\n",
    }),
    "a script that loads something": ("TS08", "unknown", "there is no load test", {
        "a.py": SERVICE, "scripts/load.py": "import asyncio\n\n\nasync def go(ask):\n    await asyncio.gather(*(ask() for _ in range(99)))\n",
    }),
    "benchmarks that take the time": ("TS09", "warn", "no baseline is kept", {
        "a.py": SERVICE, "benchmarks/run.py": "import time\n\n\ndef measure():\n    return time.perf_counter()\n",
    }),
    "tests that are named for a defence": ("TS10", "warn", "2 tests named for security", {
        "shop.py": "def go(x): ...\n", "tests/test_sandbox.py": "from shop import go\n\n\ndef test_a():\n    assert go(1) is None\n\n\ndef test_b():\n    assert go(2) is None\n",
    }),
    "tests of injected dependencies": ("TS10", "unknown", "no test of injection", {
        "shop.py": "def go(x): ...\n", "tests/test_dependency_injection.py": "from shop import go\n\n\ndef test_a():\n    assert go(1) is None\n\n\ndef test_b():\n    assert go(2) is None\n",
    }),
    "changes of the database by Liquibase": ("DP05", "warn", "Liquibase", {"a.py": SERVICE, "db/changelog.json": '{"databaseChangeLog": []}'}),
    "a file of a platform for graphs": ("DP04", "warn", "a hosting platform's file", {
        "graph.py": "x = 1\n", "langgraph.json": '{"graphs": {"a": "./graph.py:x"}}',
    }),
    "a runtime of workflows": ("DP06", "warn", "a runtime of workflows", {
        "a.py": SERVICE, "shop/flow.py": "from dapr.ext.workflow import WorkflowRuntime\n\nruntime = WorkflowRuntime()\n",
    }),
    "an image of a demo does not make a package an application": ("SE05", "warn", "exact version", {
        "pyproject.toml": "[project]\nname = 'shop'\nversion = '1.0'\ndependencies = ['httpx', 'starlette']\n[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n",
        "shop/__init__.py": "", "shop/serving.py": "from starlette.applications import Starlette\n\n\ndef served(agent):\n    return Starlette()\n", "demo/Dockerfile": "FROM python:3.11\nRUN pip install .\n",
    }),
    "a claim tells accounts apart": ("SE08", "unknown", "no isolation", {
        "a.py": SERVICE + "\n\ndef rows(claims, table):\n    return table[claims.get('custom:account_id')]\n",
    }),
    "a linter's security rules in CI": ("SE04", "warn", "a linter's security rules", {
        "shop.py": "def go(x): ...\n", "pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "S"]\n', ".github/workflows/ci.yml": CI + "      - run: ruff check .\n",
    }),
    "a linter without them": ("SE04", "fail", "runs no security scan", {
        "shop.py": "def go(x): ...\n", "pyproject.toml": '[tool.ruff.lint]\nselect = ["E"]\n', ".github/workflows/ci.yml": CI + "      - run: ruff check .\n",
    }),
    "security rules that CI does not run": ("SE04", "fail", "runs no security scan", {
        "shop.py": "def go(x): ...\n", "pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "S"]\n', ".github/workflows/ci.yml": CI + "      - run: pytest\n",
    }),
    "an outage that CI leaves out": ("TS11", "warn", "scripts stop what it needs", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest tests --ignore=tests/several\n", "tests/several/test_a.py": OUTAGE,
    }),
    "an outage in a test": ("TS11", "pass", "faults are injected", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest tests\n", "tests/several/test_a.py": OUTAGE,
    }),
    "what is taken down after a test": ("TS11", "unknown", "no fault-injection", {
        "shop.py": "def go(): ...\n", "tests/conftest.py": "import subprocess\n\n\ndef stack():\n    subprocess.run(['docker', 'compose', '-f', 'a.yml', 'stop'])\n",
    }),
    "networks that are let in": ("SE11", "pass", "what can reach it is limited", {
        "a.py": SERVICE + "import ipaddress\n\n\ndef allowed(settings):\n    return [ipaddress.ip_network(one) for one in settings.networks]\n",
    }),
    "proxies that are trusted let nobody in": ("SE11", "unknown", "no limit", {
        "a.py": SERVICE + "import ipaddress\n\n\ndef trusted_proxies(settings):\n    return [ipaddress.ip_network(one) for one in settings.proxies]\n",
    }),
    "networks that are not to be asked": ("SE11", "unknown", "no limit", {"a.py": SERVICE + "import ipaddress\n\nINSIDE = ipaddress.ip_network('10.0.0.0/8')\n"}),
    "evaluations of the whole of it": ("TS04", "warn", "evaluations run it on whole tasks", {
        "shop.py": "def go(x): ...\n", "tests/run_evaluate.py": "from langsmith import Client\nfrom shop import go\n\n\ndef main():\n    Client().evaluate(go, data='a')\n",
    }),
    "evaluations of something else": ("TS04", "unknown", "no end-to-end test", {
        "shop.py": "def go(x): ...\n", "tests/compare.py": "from langsmith import Client\n\n\ndef main():\n    Client().evaluate('a', data='b')\n",
    }),
    "a formatter of JSON that reads the context, set in a middleware": ("CQ06", "pass", "bound in one place", {
        "shop/context.py": CONTEXT, "a.py": SERVICE + FORMATTER + "\n\n@app.middleware('http')\nasync def ids(request, call_next):\n    asked.set('x')\n    return await call_next(request)\n",
    }),
    "a formatter of JSON that reads no context": ("CQ06", "unknown", "no correlation id", {
        "shop/context.py": CONTEXT, "a.py": SERVICE + FORMATTER.replace("current()", "'x'"),
    }),
    "a context that structlog's own module merges": ("CQ06", "pass", "bound in one place", {"a.py": SERVICE + MERGED}),
    "a context that nothing merges": ("CQ06", "warn", "no processor merges", {"a.py": SERVICE + MERGED.replace("structlog.configure(processors=[structlog.stdlib.merge_contextvars])\n", "")}),
    "an instrument that a callback observes": ("OB01", "pass", "recorded and exposed", {"a.py": SERVICE + OBSERVED}),
    "an instrument that nothing observes": ("OB01", "warn", "nothing is recorded", {"a.py": SERVICE + OBSERVED.replace(", callbacks=[read]", "")}),
    "a base that is made of another argument": ("DP03", "pass", "a pinned base", {
        "a.py": SERVICE, "Dockerfile": "ARG BASE=python:3.12.4\nARG OF=${BASE}\nFROM ${OF}\nARG BASE\nUSER app\n",
    }),
    "a base that is made of an argument without a version": ("DP03", "warn", "not pinned", {
        "a.py": SERVICE, "Dockerfile": "ARG BASE=python:latest\nARG OF=${BASE}\nFROM ${OF}\nUSER app\n",
    }),
    "a base with nothing in it that has a version": ("DP03", "pass", "a pinned base", {
        "a.py": SERVICE, "Dockerfile": "FROM golang:1.24 AS b\nFROM gcr.io/distroless/static:nonroot\nUSER 65532\n",
    }),
    "a base without a version that holds an interpreter": ("DP03", "warn", "not pinned", {
        "a.py": SERVICE, "Dockerfile": "FROM gcr.io/distroless/python3:nonroot\nUSER 65532\n",
    }),
    "an image of what stands beside it": ("DP03", "pass", "beside it, infra/nginx/Dockerfile runs as root", {
        "a.py": SERVICE, "Dockerfile": "FROM python:3.12\nUSER app\n", "infra/nginx/Dockerfile": "FROM nginx:1.27\n",
    }),
    "an image of another part of it": ("DP03", "warn", "worker/Dockerfile runs as root", {
        "a.py": SERVICE, "Dockerfile": "FROM python:3.12\nUSER app\n", "worker/Dockerfile": "FROM python:3.12\n",
    }),
    "a form beside the fields that a route declares": ("CQ03", "pass", "takes a declared model", {"a.py": FORM}),
    "a form of which a route declares nothing": ("CQ03", "warn", "a raw body is read in 1 place", {"a.py": FORM.replace(", title: Title", "")}),
    "typed models of files that stand in the tree": ("DP01", "pass", "files that stand in the tree, and 1 file reads", {
        "shop/config.py": LOADED, "shop/a.py": READS.format("A", "B"), "shop/b.py": "", "shop/c.py": "", "config/defaults.yaml": "url: x\n",
    }),
    "typed models of files that nothing names": ("DP01", "warn", "documented nowhere", {
        "shop/config.py": LOADED, "shop/a.py": READS.format("A", "B"), "shop/b.py": "", "shop/c.py": "", "config/others.yaml": "url: x\n",
    }),
    "variables that are the aliases of fields": ("DP01", "pass", "the variables are documented", {"shop/config.py": ALIASED, "README.md": "| `SHOP_URL` | where |\n"}),
    "aliases that nothing tells": ("DP01", "warn", "documented nowhere", {"shop/config.py": ALIASED, "README.md": "| `location` | where |\n"}),
    "fields that are told their variable": ("DP01", "pass", "the variables are documented", {"shop/config.py": FIELDS, "README.md": "`SHOP_URL`\n"}),
    "a field of an environment that is no variable": ("DP01", "unknown", "no configuration", {"shop/config.py": FIELDS.replace("SHOP_URL", "staging"), "README.md": "`SHOP_URL`\n"}),
    "a metric of states": ("OB01", "pass", "recorded and exposed", {"a.py": SERVICE + STATES}),
    "a metric of states that nobody sets": ("OB01", "warn", "exposed but nothing is recorded", {"a.py": SERVICE + STATES.replace("now.state('open')", "now.other('open')")}),
    "variables that several documents tell": ("DP01", "pass", "the variables are documented", {
        "shop/config.py": READS.format("A_A", "B_B"), "docs/search.md": "`A_A` is the key.\n",
    }),
    "variables that a changelog tells": ("DP01", "warn", "documented nowhere", {
        "shop/config.py": READS.format("A_A", "B_B"), "docs/changelog.md": "`A_A` is the key.\n",
    }),
    "what the site of the documents tells": ("CQ05", "pass", "the README, with the documents beside it, has install, run and test", {
        "a.py": "x = 1\n", "README.md": "See [the documentation](https://shop.readthedocs.io).\n", "mkdocs.yml": "site_name: a\n", "docs/guide/install.md": TOLD,
    }),
    "documents that are no site": ("CQ05", "warn", "no working install, run and test", {
        "a.py": "x = 1\n", "README.md": "See [the documentation](https://shop.readthedocs.io).\n", "docs/guide/install.md": TOLD,
    }),
    "a site that the README does not lead to": ("CQ05", "warn", "no working install, run and test", {
        "a.py": "x = 1\n", "README.md": "Hello.\n", "mkdocs.yml": "site_name: a\n", "docs/guide/install.md": TOLD,
    }),
    "hooks that a document tells to run": ("CQ05", "pass", "install, run and test", {
        "a.py": "x = 1\n", "README.md": TOLD.replace("pytest", "ls"), "CONTRIBUTING.md": "```\nuv run pre-commit run --all-files\n```\n", ".pre-commit-config.yaml": HOOKS,
    }),
    "hooks that test nothing": ("CQ05", "warn", "no working test", {
        "a.py": "x = 1\n", "README.md": TOLD.replace("pytest", "ls"), "CONTRIBUTING.md": "```\nuv run pre-commit run --all-files\n```\n", ".pre-commit-config.yaml": HOOKS.replace("pytest", "mypy"),
    }),
    "a probe in a manifest that shows how it is deployed": ("OB02", "pass", "a probe asks for it", {
        "a.py": READY, "docs/deploy-examples/all.yaml": PROBED,
    }),
    "a probe of something else in such a manifest": ("OB02", "warn", "that it does not serve", {
        "a.py": READY, "docs/deploy-examples/all.yaml": PROBED.replace("/ready", "/other"),
    }),
    "manifests that show how it is deployed": ("DP04", "warn", "only examples of manifests", {"a.py": SERVICE, "docs/deploy-examples/all.yaml": PROBED}),
    "manifests that show something else": ("DP04", "unknown", "no infrastructure", {"a.py": SERVICE, "docs/tutorial/all.yaml": PROBED}),
    "a CI of which nothing is read beside one that is": ("DP08", "warn", "as far as its commands can be followed", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pip install -e .\n", ".cloudbuild/ci/lint.yaml": "steps: []\n",
    }),
    "a deployment by Cloud Build is no other CI": ("DP08", "fail", "does not lint or test", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pip install -e .\n", "cloudbuild.yaml": "steps: []\n",
    }),
    "a CI that only tests nothing": ("DP08", "fail", "does not lint or test", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pip install -e .\n",
    }),
    "a contract in a folder of its own that CI compares": ("DV02", "pass", "a test or CI compares it", {
        "a.py": SERVICE, "tools/openapi-schema/shop.yaml": "openapi: 3.1.0\npaths: {}\n", ".github/workflows/ci.yml": CI + "      - run: git diff --exit-code -- tools/openapi-schema/shop.yaml\n",
    }),
    "a contract in a folder of its own that nothing compares": ("DV02", "warn", "no test compares it", {
        "a.py": SERVICE, "tools/openapi-schema/shop.yaml": "openapi: 3.1.0\npaths: {}\n", ".github/workflows/ci.yml": CI + "      - run: git diff --exit-code -- a.py\n",
    }),
    "a file that is named end-to-end and stands in for parts": ("TS04", "warn", "with stand-ins for parts", {
        "shop.py": "def go(x): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest\n", "tests/test_shop_e2e.py": STAGED,
    }),
    "such a file that comes in from outside": ("TS04", "pass", "1 end-to-end test", {
        "shop.py": "def go(x): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest\n", "tests/test_shop_e2e.py": STAGED.replace("test_journey()", "test_journey(client)"),
    }),
    "stand-ins in a suite of journeys": ("TS04", "pass", "1 end-to-end test", {
        "shop.py": "def go(x): ...\n", ".github/workflows/ci.yml": CI + "      - run: pytest\n", "tests/e2e/test_shop.py": STAGED,
    }),
    "a file of the variables' defaults": ("DP01", "pass", "the variables are documented", {
        "shop/config.py": READS.format("A_A", "B_B"), ".default.conf": "# where\nA_A=1\nB_B=2\n",
    }),
    "a file of other variables' defaults": ("DP01", "warn", "documented nowhere", {
        "shop/config.py": READS.format("A_A", "B_B"), ".default.conf": "# where\nC_C=1\nD_D=2\n",
    }),
    "a .env of the variables": ("DP01", "warn", "documented nowhere", {"shop/config.py": READS.format("A_A", "B_B"), ".env": "A_A=1\nB_B=2\n"}),
    "what every process is told beside typed models of files": ("DP01", "pass", "files that stand in the tree", {
        "shop/config.py": LOADED, "config/defaults.yaml": "url: x\n", **{f"shop/{name}.py": "import os\n\na = os.getenv('XDG_DATA_HOME')\n" for name in "abcd"},
    }),
    "only what every process is told": ("DP01", "unknown", "no configuration", {"shop/a.py": "import os\n\na = os.environ.get('NO_COLOR')\n"}),
    "a .env that nothing takes": ("SE02", "pass", "no credential", {"a.py": READS.format("A", "B")}),
    "a .env that a document speaks of": ("SE02", "warn", "does not ignore .env", {"a.py": READS.format("A", "B"), "README.md": "Copy it to `.env` first.\n"}),
    "a .env that code loads": ("SE02", "warn", "does not ignore .env", {"a.py": "import os\nfrom dotenv import load_dotenv\n\nload_dotenv()\nA = os.getenv('A')\n"}),
    "a guard that a factory makes": ("SE03", "pass", "stands before", {"a.py": FACTORY}),
    "a factory of what lets everybody in": ("SE03", "unknown", "no authentication was found", {"a.py": FACTORY.replace("return on\n", "return off\n")}),
    "a daemon that is asked over a bus": ("SE03", "unknown", "no authentication was found before dasbus", {
        "pyproject.toml": "[project]\nname = 'a'\nversion = '1'\n[project.scripts]\na = 'a:go'\n", "a.py": "from dasbus.server.interface import dbus_interface\n\n\n@dbus_interface('org.a')\nclass Asked:\n    def Ask(self): ...\n",
    }),
    "a client of a bus": ("SE03", "n/a", "nothing of its own lets requests in", {
        "pyproject.toml": "[project]\nname = 'a'\nversion = '1'\n[project.scripts]\na = 'a:go'\n", "a.py": "from dasbus.connection import SessionMessageBus\n\n\ndef go():\n    return SessionMessageBus().get_proxy('a', '/a')\n",
    }),
    "a state in rows of a table": ("AR02", "pass", "a row of a table of its own", {
        "a.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass ProjectState(Base):\n    id: int\n",
    }),
    "a state of a login in rows of a table": ("AR02", "warn", "nothing shows that it changes in one way", {
        "a.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass OAuthState(Base):\n    id: int\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_halves(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
