"""What the checks of performance, monitoring and deployment misread elsewhere, each in a few lines of our own."""

from __future__ import annotations

import pytest

from agentctl.checklist import checks, ships, tree
from agentctl.checklist.facts import index

SERVICE = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
FOUR = "import httpx\nA = httpx.Client()\nB = httpx.Client()\nC = httpx.Client()\n"

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
    "a timeout among what is handed over is partial": ("PF05", "warn", {
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
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_misread(project, case: str) -> None:
    item, verdict, files = CASES[case]
    for name, text in files.items():
        project.write(name, text)
    facts = index.gather(tree.read(project.root))
    answer = checks.all_checks()[item](facts, ships.decide(facts))
    assert answer.verdict == verdict, answer.message
