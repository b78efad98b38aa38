"""What the checks of performance, monitoring and deployment misread elsewhere, each in a few lines of our own."""

from __future__ import annotations

import pytest

SERVICE = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
FOUR = "import httpx\nA = httpx.Client()\nB = httpx.Client()\nC = httpx.Client()\n"

READS = "import os\nURL = os.getenv('SHOP_URL')\nKEY = os.environ.get('SHOP_KEY')\n"

CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "Streamlit's cache with a ttl grows old": ("PF01", "pass", {"a.py": "import streamlit as st\n\n\n@st.cache_data(ttl=60)\ndef go(x): ...\n"}),
    "Streamlit's cache without one is partial": ("PF01", "warn", {"a.py": "import streamlit as st\n\n\n@st.cache_data\ndef go(x): ...\n"}),
    "what a function answers to its arguments is a result": ("PF01", "warn", {
        "a.py": "from functools import lru_cache\n\n\n@lru_cache(maxsize=9)\ndef summary(text): ...\n",
    }),
    "a client that is kept by its arguments is no result": ("PF01", "unknown", {
        "a.py": "from functools import lru_cache\n\n\n@lru_cache\ndef get_client(name): ...\n\n\n@lru_cache\ndef answers(): ...\n",
    }),
    "a class of its own that is named for a cache and made is one": ("PF01", "warn", {
        "a.py": "class Cache:\n    def get(self, key): ...\n\n\nKEPT = Cache()\n",
    }),
    "a class of that name that nothing makes is none": ("PF01", "unknown", {"a.py": "class Cache:\n    def get(self, key): ...\n"}),
    "a cache of its own whose entries grow old": ("PF01", "pass", {
        "a.py": "import time\n_CACHE_TTL = 60\n\n\ndef prices(kept, at):\n    if time.time() - at < _CACHE_TTL:\n        return kept\n",
    }),
    "the age of a token is none of results": ("PF01", "warn", {
        "a.py": "import time\n_TOKEN_CACHE_TTL = 60\n\n\ndef token(kept, at):\n    if time.time() - at < _TOKEN_CACHE_TTL:\n        return kept\n",
    }),
    "prompts that the provider keeps are partial": ("PF01", "warn", {"a.py": "BLOCK = {'type': 'text', 'cache_control': {'type': 'ephemeral'}}\n"}),
    "a client that an object makes once it is asked for is kept": ("PF02", "pass", {
        "a.py": SERVICE + "import httpx\n\n\nclass Shop:\n    _client: httpx.Client | None = None\n\n    def client(self):\n        if self._client is None:\n            self._client = httpx.Client()\n        return self._client\n",
    }),
    "a client that an object makes at every call is not": ("PF02", "warn", {
        "a.py": SERVICE + "import httpx\n\n\nclass Shop:\n    def answer(self):\n        self.client = httpx.Client()\n        return self.client.get('/')\n",
    }),
    "a client that the module makes once it is asked for is kept": ("PF02", "pass", {
        "a.py": SERVICE + "import httpx\n_client = None\n\n\ndef client():\n    global _client\n    if _client is not None:\n        return _client\n    _client = httpx.Client()\n    return _client\n",
    }),
    "a client under a key is kept": ("PF02", "pass", {
        "a.py": SERVICE + "import httpx\n_clients: dict = {}\n\n\ndef client(key):\n    if key not in _clients:\n        made = httpx.Client()\n        _clients[key] = made\n    return _clients[key]\n",
    }),
    "a client under a key of what the function makes is not": ("PF02", "warn", {
        "a.py": SERVICE + "import httpx\n\n\ndef answer(key):\n    clients = {}\n    clients[key] = httpx.Client()\n    return clients[key].get('/')\n",
    }),
    "a client that opens with its owner is kept": ("PF02", "pass", {
        "a.py": SERVICE + "import asyncpg\n\n\nclass Store:\n    async def connect(self):\n        self.pool = await asyncpg.create_pool()\n",
    }),
    "three clients of four are most of them": ("PF02", "pass", {"a.py": FOUR + "\n\ndef go():\n    return httpx.Client().get('/')\n"}),
    "three clients of five are not": ("PF02", "warn", {
        "a.py": FOUR + "\n\ndef go():\n    return httpx.Client().get('/')\n\n\ndef more():\n    return httpx.get('/')\n",
    }),
    "a driver that a constructor makes is kept": ("PF02", "pass", {
        "a.py": "from neo4j import GraphDatabase\n\n\nclass Store:\n    def __init__(self, url):\n        self.driver = GraphDatabase.driver(url)\n",
    }),
    "a connection for every call is not": ("PF02", "warn", {
        "a.py": "import mysql.connector\n\n\ndef rows(sql):\n    with mysql.connector.connect() as one:\n        return one.cursor().execute(sql)\n",
    }),
    "a timeout among what is handed over is one": ("PF05", "pass", {
        "a.py": "import openai\nLIMITS = {'timeout': 9}\nclient = openai.OpenAI(**LIMITS)\n",
    }),
    "a timeout of a child process is none of a client": ("PF05", "fail", {
        "a.py": "import subprocess\nimport openai\nclient = openai.OpenAI()\nsubprocess.run(['ls'], timeout=3)\n",
    }),
    "nine of ten calls with a timeout are most of them": ("PF05", "pass", {
        "a.py": "import httpx\n" + "httpx.get('/', timeout=3)\n" * 9 + "httpx.get('/')\n",
    }),
    "eight of ten are partial": ("PF05", "warn", {"a.py": "import httpx\n" + "httpx.get('/', timeout=3)\n" * 8 + "httpx.get('/')\n" * 2}),
    "a timeout for the driver of a database counts": ("PF05", "pass", {
        "a.py": "import pymysql\nkept = pymysql.connect(connect_timeout=3)\n",
    }),
    "a timeout by configuration is partial": ("PF05", "warn", {
        "a.py": "import mysql.connector\nCONFIG = {'connect_timeout': 9}\n\n\ndef rows():\n    return mysql.connector.connect(**CONFIG)\n",
    }),
    "a bound that is handed over beside gather bounds it": ("PF03", "pass", {
        "a.py": "import asyncio\n\n\nasync def go(split, settings):\n    return await asyncio.gather(*split(limit=settings.max_parallel_calls))\n",
    }),
    "a bound in another file does not": ("PF03", "warn", {
        "a.py": "import asyncio\n\n\nasync def go(parts):\n    return await asyncio.gather(*parts)\n",
        "b.py": "def cut(split, settings):\n    return split(limit=settings.max_parallel_calls)\n",
    }),
    "blocking calls in threads are partial": ("PF03", "warn", {"a.py": "import asyncio\n\n\nasync def go(read):\n    return await asyncio.to_thread(read)\n"}),
    "tasks that a queue takes are partial": ("PF03", "warn", {"a.py": "from celery import shared_task\n\n\n@shared_task\ndef go(): ...\n"}),
    "a queue whose workers are counted is whole": ("PF03", "pass", {
        "a.py": "from temporalio.worker import Worker\n\n\ndef made(client):\n    return Worker(client, task_queue='a', max_concurrent_activities=9)\n",
    }),
    "one statement for many rows is a batch": ("PF03", "warn", {
        "a.py": "def go(session, rows):\n    session.run('UNWIND $rows AS row MERGE (a {id: row.id})', rows=rows)\n",
    }),
    "a task in a loop runs beside others": ("PF03", "warn", {
        "a.py": "import asyncio\n\n\nasync def go(parts):\n    for part in parts:\n        asyncio.create_task(part())\n",
    }),
    "one task runs beside nothing": ("PF03", "unknown", {"a.py": "import asyncio\n\n\nasync def go(part):\n    asyncio.create_task(part())\n"}),
    "a text that is cut is bounded": ("PF04", "warn", {"a.py": "def page(text):\n    return text[:40_000]\n"}),
    "a text that is cut at a limit is bounded": ("PF04", "warn", {"a.py": "def page(text, settings):\n    return text[:settings.max_content_length]\n"}),
    "a few letters for a log are not": ("PF04", "unknown", {"a.py": "def told(text):\n    return text[:200]\n"}),
    "rows that SQL limits are partial": ("PF04", "warn", {"a.py": "def rows(cursor, table):\n    cursor.execute(f'SELECT * FROM {table} LIMIT 100')\n"}),
    "rows that a query limits by a parameter are partial": ("PF04", "warn", {"a.py": "def rows(cursor, most):\n    cursor.execute('SELECT * FROM a LIMIT %s', (most,))\n"}),
    "one row is asked for by itself": ("PF04", "unknown", {"a.py": "def row(cursor):\n    cursor.execute('SELECT a FROM b LIMIT 1')\n"}),
    "a chart's limits bound its containers": ("PF04", "pass", {
        "a.py": "from pydantic import BaseModel, Field\n\n\nclass Ask(BaseModel):\n    text: str = Field(max_length=9)\n",
        "helm/values.yaml": "resources:\n  limits:\n    # one core\n    cpu: 1\n    memory: 1Gi\n",
    }),
    "a chart's requests do not": ("PF04", "warn", {
        "a.py": "from pydantic import BaseModel, Field\n\n\nclass Ask(BaseModel):\n    text: str = Field(max_length=9)\n",
        "helm/values.yaml": "resources:\n  limits: {}\n  requests:\n    memory: 1Gi\n",
    }),
    "the memory of a function in a template is given": ("PF04", "warn", {
        "a.py": "x = 1\n", "deploy/shop.template": "Resources:\n  Shop:\n    Type: AWS::Lambda::Function\n    Properties:\n      MemorySize: 512\n",
    }),
    "a cache's size bounds no payload": ("PF04", "unknown", {"a.py": "from functools import lru_cache\n\n\n@lru_cache(maxsize=9)\ndef go(x): ...\n"}),
    "metrics of one's own type are recorded": ("OB01", "pass", {
        "a.py": SERVICE + "import prometheus_client\n\n\nclass Named(prometheus_client.Counter):\n    def labels(self, **kwargs):\n        return super().labels(**kwargs)\n\n\nASKED = Named('asked', 'x')\n\n\n@app.get('/metrics')\ndef metrics():\n    ASKED.labels(a=1).inc()\n    return prometheus_client.generate_latest()\n",
    }),
    "a class of one's own that counts is no metric": ("OB01", "warn", {
        "a.py": SERVICE + "from prometheus_client import generate_latest\n\n\nclass Named:\n    def inc(self): ...\n\n\n@app.get('/metrics')\ndef metrics():\n    Named().inc()\n    return generate_latest()\n",
    }),
    "a view that asks its database is readiness": ("OB02", "warn", {
        "a.py": "from django.core.wsgi import get_wsgi_application\nfrom django.urls import path\nfrom b import Ready\napplication = get_wsgi_application()\nurlpatterns = [path('health/ready', Ready.as_view())]\n",
        "b.py": "from django.db import connection\nfrom django.http import JsonResponse\n\n\nclass Ready:\n    def get(self, request):\n        connection.ensure_connection()\n        return JsonResponse({}, status=503)\n",
    }),
    "a route whose path only the program knows may be for health": ("OB02", "unknown", {
        "a.py": "from flask import Flask\napp = Flask(__name__)\n\n\n@app.get('/')\ndef page(): ...\n\n\ndef added(app, handlers):\n    for name, handler in handlers.items():\n        app.add_url_rule(f'/{name}', name, handler)\n",
    }),
    "a router that only the program knows may be for health": ("OB02", "unknown", {
        "a.py": SERVICE + "\n\ndef added(routers):\n    for one in routers:\n        app.include_router(one)\n",
    }),
    "routes that are all known answer for nothing's health": ("OB02", "fail", {
        "a.py": SERVICE + "from b import router\napp.include_router(router)\n", "b.py": "from fastapi import APIRouter\nrouter = APIRouter()\n\n\n@router.get('/x')\ndef x(): ...\n",
    }),
    "a name that only speaks of metrics is no instrument": ("OB01", "unknown", {
        "metrics.py": SERVICE + "import opentelemetry\n\n\ndef made(meter, session):\n    session.add(1)\n    return meter.create_counter('asked')\n",
    }),
    "a timeout under a key of what is handed over is one": ("PF05", "pass", {
        "a.py": "import httpx\n\n\ndef client(options):\n    options['timeout'] = 30\n    return httpx.Client(**options)\n",
    }),
    "a bound of what is in flight drains nothing": ("DP02", "warn", {
        "a.py": "from quart import Quart\napp = Quart(__name__)\n\n\n@app.after_serving\nasync def closed():\n    await app.client.close()\n\n\ndef max_inflight(): ...\n\n\nMOST = max_inflight()\n",
    }),
    "a platform's project in an example of the environment is partial": ("OB03", "warn", {"a.py": SERVICE, ".env.example": "LANGSMITH_PROJECT=shop\n"}),
    "a platform's switch in a guide is partial": ("OB03", "warn", {"a.py": SERVICE, "README.md": "# Shop\n\n```\nexport LANGCHAIN_TRACING_V2=true\n```\n"}),
    "a platform's name in a guide is none": ("OB03", "unknown", {"a.py": SERVICE, "README.md": "# Shop\n\nSee LangSmith for LANGCHAIN_TRACING_V2.\n"}),
    "what stands beside the application is traced, not the application": ("OB03", "warn", {
        "backend/app/main.py": SERVICE, "backend/hooks/confirm/confirm.py": "from aws_lambda_powertools import Tracer\ntracer = Tracer()\n",
    }),
    "what the application imports is traced": ("OB03", "pass", {
        "backend/app/main.py": "from backend.told.traces import tracer\n" + SERVICE, "backend/told/__init__.py": "", "backend/__init__.py": "",
        "backend/told/traces.py": "from aws_lambda_powertools import Tracer\ntracer = Tracer()\n",
    }),
    "one variable that is read and explained is read in one place": ("DP01", "pass", {
        "a.py": "import os\n\nHOST = os.getenv('SHOP_HOST')\n", "README.md": "Set `SHOP_HOST` to where it listens.\n",
    }),
    "a dataclass of settings beside documented keys is configuration": ("DP01", "pass", {
        "shop/configuration.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Configuration:\n    model: str = 'm'\n", ".env.example": "OPENAI_API_KEY=\n",
    }),
    "a dataclass of settings beside keys that nothing tells is not": ("DP01", "warn", {
        "shop/configuration.py": "from dataclasses import dataclass\nimport openai\n\n\n@dataclass\nclass Configuration:\n    model: str = 'm'\n\n\nclient = openai.OpenAI()\n",
    }),
    "one file of each project reads its variables": ("DP01", "pass", {
        "servers/a/pyproject.toml": "[project]\nname = 'a'\n", "servers/a/env.py": READS, "servers/b/pyproject.toml": "[project]\nname = 'b'\n",
        "servers/b/env.py": READS, "servers/a/README.md": "SHOP_URL\n", "servers/b/README.md": "SHOP_KEY\n",
    }),
    "files of one project that each read some are many": ("DP01", "warn", {"a.py": READS, "b.py": READS, "README.md": "SHOP_URL and SHOP_KEY\n"}),
    "tasks that a lifespan awaits after its yield are drained": ("DP02", "pass", {
        "a.py": "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\nimport asyncio\nTASKS: list = []\n\n\n@asynccontextmanager\nasync def lifespan(app):\n    yield\n    await ended()\n    await app.pool.close()\n\n\nasync def ended():\n    await asyncio.gather(*TASKS)\n\n\napp = FastAPI(lifespan=lifespan)\n",
    }),
    "tasks that it awaits before are not": ("DP02", "warn", {
        "a.py": "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\nimport asyncio\nTASKS: list = []\n\n\n@asynccontextmanager\nasync def lifespan(app):\n    await asyncio.gather(*TASKS)\n    yield\n    await app.pool.close()\n\n\napp = FastAPI(lifespan=lifespan)\n",
    }),
    "a pod's time to end is a drain": ("DP02", "pass", {
        "a.py": "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\nimport asyncio\nTASKS: list = []\n\n\n@asynccontextmanager\nasync def lifespan(app):\n    yield\n    await app.pool.close()\n\n\napp = FastAPI(lifespan=lifespan)\n",
        "deploy/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      terminationGracePeriodSeconds: 60\n",
    }),
    "what Quart calls after it served closes": ("DP02", "warn", {
        "a.py": "from quart import Quart\napp = Quart(__name__)\n\n\n@app.after_serving\nasync def closed():\n    await app.client.close()\n",
    }),
    "signals of a loop are handled": ("DP02", "warn", {
        "a.py": SERVICE + "import asyncio\nimport signal\n\n\ndef main(loop, stop):\n    for one in (signal.SIGTERM, signal.SIGINT):\n        loop.add_signal_handler(one, stop)\n",
    }),
    "resources of CloudFormation without its version are infrastructure": ("DP04", "pass", {
        "a.py": "x = 1\n", "deploy/shop.template": "Resources:\n  Shop:\n    Type: AWS::ECS::Service\n",
    }),
    "a type of something else is none": ("DP04", "unknown", {"a.py": "x = 1\n", "deploy/shop.yaml": "Shop:\n  Type: Service\n"}),
    "functions that are described as code scale": ("DP06", "pass", {
        "a.py": SERVICE, "template.yaml": "Resources:\n  Shop:\n    Type: AWS::Serverless::Function\n",
    }),
    "an entry point for functions that nothing describes is partial": ("DP06", "warn", {"a.py": SERVICE + "from mangum import Mangum\nhandler = Mangum(app)\n"}),
    "a function of JavaScript is none": ("DP06", "unknown", {"a.py": SERVICE, "page/app.ts": "const go = new Function('return 1')\n"}),
    "instances that Terraform may reach scale": ("DP06", "pass", {"a.py": SERVICE, "infra/main.tf": 'module "web" {\n  autoscaling_maximum_target = 10\n}\n'}),
    "a pool of connections scales nothing": ("DP06", "unknown", {"a.py": SERVICE, "config.toml": "[pool]\nmax_size = 10\n"}),
    "machines that always run are replicas": ("DP06", "pass", {"a.py": SERVICE, "fly.toml": "[http_service]\n  min_machines_running = 3\n"}),
    "one machine that always runs is none": ("DP06", "unknown", {"a.py": SERVICE, "fly.toml": "[http_service]\n  min_machines_running = 1\n"}),
    "workers of a queue are partial": ("DP06", "warn", {"a.py": SERVICE + "from celery import Celery\nqueue = Celery('shop')\n"}),
    "a schedule in the process is no queue": ("DP06", "unknown", {
        "a.py": SERVICE + "from apscheduler.schedulers.background import BackgroundScheduler\nBackgroundScheduler().start()\n",
    }),
    "a server that keeps no session is partial": ("DP06", "warn", {"a.py": "from fastmcp import FastMCP\nmcp = FastMCP('shop')\nmcp.run(transport='http', stateless_http=True)\n"}),
    "a server that keeps sessions is not": ("DP06", "unknown", {"a.py": "from fastmcp import FastMCP\nmcp = FastMCP('shop')\nmcp.run(transport='http', stateless_http=False)\n"}),
    "a dump in the guide for whoever hosts it is half a backup": ("DP07", "warn", {"a.py": SERVICE, "docs/self-hosting.mdx": "pg_dump shop > shop.sql\n"}),
    "a dump in a story is none": ("DP07", "unknown", {"a.py": SERVICE, "docs/story.mdx": "pg_dump shop > shop.sql\n"}),
    "code that restores an input restores no backup": ("DP07", "unknown", {"shop/restore_stateless_input.py": "x = 1\n", "a.py": SERVICE}),
    "a guide to trouble with commands is half a runbook": ("OP04", "warn", {"a.py": SERVICE, "docs/troubleshooting.md": "# It is slow\n\n```\nkubectl top pods\n```\n" * 4}),
    "a guide to trouble without commands is none": ("OP04", "manual", {"a.py": SERVICE, "docs/troubleshooting.md": "# It is slow\n\nAsk somebody.\n" * 9}),
    "a README that says what it cannot do is part of the scope": ("DV01", "warn", {"a.py": SERVICE, "README.md": "# Shop\n\n## Limitations\n\nIt reads no pictures.\n"}),
    "a README that lists features is not": ("DV01", "manual", {"a.py": SERVICE, "README.md": "# Shop\n\n## Features\n\nWithout limitations.\n"}),
    "a drawing of the architecture is part of the map": ("DV04", "warn", {"a.py": SERVICE, "README.md": "# Shop\n\n## Architecture\n\n![parts](parts.png)\n"}),
    "a drawing of another section is not": ("DV04", "manual", {"a.py": SERVICE, "README.md": "# Shop\n\n## Architecture\n\nSimple.\n\n## Pictures\n\n![cat](cat.png)\n"}),
    "a library that documents what it offers and ships its types has a contract": ("DV02", "pass", {
        "pyproject.toml": "[project]\nname = 'shop'\n[build-system]\nrequires = []\n", "shop/__init__.py": 'def go() -> None:\n    """Go."""\n', "shop/py.typed": "",
    }),
    "a library that documents nothing and ships no types has none": ("DV02", "unknown", {
        "pyproject.toml": "[project]\nname = 'shop'\n[build-system]\nrequires = []\n", "shop/__init__.py": "def go() -> None: ...\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_misread(project, case: str) -> None:
    item, verdict, files = CASES[case]
    answer = project.answered(item, files)
    assert answer.verdict == verdict, answer.message
