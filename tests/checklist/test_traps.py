"""The traps that checks of this kind fall into: each file looks like the thing and is not, or the other way round."""

from __future__ import annotations

import pytest

SERVICE = {
    "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str:\n    return ''\n"
}
HEAD = "from fastapi import Depends, FastAPI, HTTPException, Request\nfrom contextlib import asynccontextmanager\nimport logging\n\n"

CASES = {
    "a limiter for outgoing calls is no incoming one": ("SE01", "unknown", {
        **SERVICE, "out.py": "from aiolimiter import AsyncLimiter\nlimiter = AsyncLimiter(5)\n\n\nasync def send(client):\n    async with limiter:\n        answer = await client.get('/')\n        if answer.status_code == 429:\n            raise RuntimeError\n",
    }),
    "a limiter as a dependency object counts": ("SE01", "pass", {
        "app.py": HEAD + "from fastapi_limiter.depends import RateLimiter\napp = FastAPI()\n\n\n@app.post('/a', dependencies=[Depends(RateLimiter(times=2, seconds=5))])\nasync def a(): ...\n",
    }),
    "a limiter of its own behind Depends counts": ("SE01", "pass", {
        "app.py": HEAD + "app = FastAPI()\nSEEN = {}\n\n\ndef limited(request: Request):\n    SEEN[request.client.host] = SEEN.get(request.client.host, 0) + 1\n    if SEEN[request.client.host] > 9:\n        raise HTTPException(status_code=429)\n\n\n@app.post('/a')\nasync def a(_=Depends(limited)): ...\n",
    }),
    "a limiter that nothing wires does not count": ("SE01", "unknown", {
        "app.py": HEAD + "app = FastAPI()\n\n\ndef limited(request: Request):\n    raise HTTPException(status_code=429)\n\n\n@app.post('/a')\nasync def a(): ...\n",
    }),
    "a lifespan whose end only logs is no shutdown": ("DP02", "unknown", {
        "app.py": HEAD + "log = logging.getLogger()\n\n\n@asynccontextmanager\nasync def lifespan(app):\n    yield\n    log.info('bye')\n\n\napp = FastAPI(lifespan=lifespan)\n",
    }),
    "shutdown through atexit alone is partial": ("DP02", "warn", {
        **SERVICE, "end.py": "import atexit\n\n\ndef close(): ...\n\n\natexit.register(close)\n",
    }),
    "a metrics route of business analytics is no metrics": ("OB01", "unknown", {
        "app.py": HEAD + "app = FastAPI()\n\n\n@app.get('/metrics')\nasync def metrics(): return {'sales': 3}\n",
    }),
    "metrics that nothing exposes are partial": ("OB01", "warn", {
        **SERVICE, "m.py": "from prometheus_client import Counter\nC = Counter('a', 'b')\n\n\ndef go():\n    C.inc()\n",
    }),
    "a JSON formatter named in dictConfig counts": ("CQ04", "pass", {
        "log.py": "import logging.config\nlogging.config.dictConfig({'formatters': {'j': {'()': 'pythonjsonlogger.jsonlogger.JsonFormatter'}}})\nlog = logging.getLogger()\nlog.info('x')\n",
    }),
    "a JSON formatter of its own counts when it is made": ("CQ04", "pass", {
        "log.py": "import json\nimport logging\n\n\nclass Lines(logging.Formatter):\n    def format(self, record):\n        return json.dumps(record.__dict__)\n\n\nhandler = logging.StreamHandler()\nhandler.setFormatter(Lines())\nlogging.getLogger().info('x')\n",
    }),
    "a JSON formatter that nothing makes does not count": ("CQ04", "unknown", {
        "log.py": "import json\nimport logging\n\n\nclass Lines(logging.Formatter):\n    def format(self, record):\n        return json.dumps(record.__dict__)\n\n\nlogging.getLogger().info('x')\n",
    }),
    "printing without any logger fails": ("CQ04", "fail", {"a.py": "def go():\n    print('x')\n"}),
    "a scan behind || true does not bind": ("SE04", "warn", {
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: bandit -r src || true\n",
    }),
    "a scan with continue-on-error does not bind": ("SE04", "warn", {
        ".github/workflows/ci.yml": "on: [push]\njobs:\n  a:\n    steps:\n      - run: pip-audit\n        continue-on-error: true\n",
    }),
    "a workflow by hand tests no change": ("DP08", "fail", {
        ".github/workflows/ci.yml": "on: workflow_dispatch\njobs:\n  a:\n    steps:\n      - run: pip install -e . && ruff check && pytest\n",
    }),
    "on as YAML 1.1 reads it is still on": ("DP08", "pass", {
        ".github/workflows/ci.yml": "on:\n  pull_request:\njobs:\n  a:\n    steps:\n      - run: pip install -e .\n      - run: ruff check\n      - run: pytest\n",
    }),
    "GitLab's scripts count": ("DP08", "pass", {
        ".gitlab-ci.yml": "test:\n  script:\n    - pip install -e .\n    - ruff check .\n    - pytest\n",
    }),
    "a health route that nobody probes is partial": ("OB02", "warn", {
        "app.py": HEAD + "from sqlalchemy import create_engine\nengine = create_engine('x')\napp = FastAPI()\n\n\n@app.get('/ready')\nasync def ready():\n    engine.connect()\n    raise HTTPException(status_code=503)\n",
    }),
    "a probe with a program that the image lacks is not wired": ("OB02", "warn", {
        "app.py": HEAD + "from sqlalchemy import create_engine\nengine = create_engine('x')\napp = FastAPI()\n\n\n@app.get('/ready')\nasync def ready():\n    engine.connect()\n    raise HTTPException(status_code=503)\n",
        "Dockerfile": "FROM python:3.12-slim\nUSER 1\nHEALTHCHECK CMD curl -f http://localhost/ready\n",
    }),
    "a service without any health route fails": ("OB02", "fail", SERVICE),
    "an image as root on a floating tag is partial": ("DP03", "warn", {"Dockerfile": "FROM python:latest\nCMD x\n"}),
    "compose that builds what is not there fails": ("DP03", "fail", {"compose.yaml": "services:\n  a:\n    build: .\n", "a.py": ""}),
    "a base from an own stage keeps that stage's user": ("DP03", "pass", {
        "Dockerfile": "ARG V=3.12\nFROM python:${V} AS base\nUSER app\nFROM base\nCMD x\n",
    }),
    "tenacity without a wait is partial": ("RL01", "warn", {
        "a.py": "from tenacity import retry, stop_after_attempt\n\n\n@retry(stop=stop_after_attempt(3))\ndef go(): ...\n",
    }),
    "a loop of its own with a growing delay counts": ("RL01", "pass", {
        "a.py": "import time\n\n\ndef go(call):\n    for attempt in range(3):\n        try:\n            return call()\n        except OSError:\n            time.sleep(2 ** attempt)\n",
    }),
    "a client that nothing retries fails": ("RL01", "fail", {"a.py": "import httpx\nclient = httpx.Client(timeout=1)\n\n\ndef go():\n    return client.get('/')\n"}),
    "a bare request without a timeout fails": ("PF05", "fail", {"a.py": "import requests\n\n\ndef go():\n    return requests.get('x')\n"}),
    "a timeout around the call is partial": ("PF05", "warn", {
        "a.py": "import asyncio\nimport httpx\nclient = httpx.AsyncClient()\n\n\nasync def go():\n    async with asyncio.timeout(3):\n        await client.get('/')\n",
    }),
    "nothing that leaves needs no timeout": ("PF05", "n/a", {"a.py": "import json\n\n\ndef go():\n    return json.dumps(1)\n"}),
    "lru_cache is no cache of results": ("PF01", "unknown", {"a.py": "from functools import lru_cache\n\n\n@lru_cache\ndef go(): ...\n"}),
    "a client per call is not pooled": ("PF02", "warn", {"a.py": "import httpx\n\n\ndef go():\n    return httpx.Client(timeout=1).get('/')\n"}),
    "guards on some routes only are partial": ("SE03", "warn", {
        "app.py": HEAD + "from fastapi.security import HTTPBearer\napp = FastAPI()\nbearer = HTTPBearer()\n\n\n@app.post('/a')\nasync def a(_=Depends(bearer)): ...\n\n\n@app.post('/b')\nasync def b(): ...\n",
    }),
    "a library has nothing to limit": ("SE01", "n/a", {"pyproject.toml": "[build-system]\nrequires=[]\n", "lib.py": "x = 1\n"}),
    "ranges are no lock": ("SE05", "fail", {"requirements.txt": "httpx>=0.2\nfastapi\n", "a.py": "x = 1\n"}),
    "a lock that disagrees with the manifest is partial": ("SE05", "warn", {
        "pyproject.toml": "[project]\nname = 'a'\ndependencies = ['httpx>=0.28']\n[project.scripts]\na = 'a:b'\n",
        "uv.lock": 'version = 1\n\n[[package]]\nname = "a"\nversion = "1"\nsource = { virtual = "." }\n\n[package.metadata]\nrequires-dist = [{ name = "httpx", specifier = ">=0.20" }]\n\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n',
    }),
    "a lock that the image ignores is partial": ("SE05", "warn", {
        "pyproject.toml": "[project]\nname = 'a'\ndependencies = ['httpx']\n[project.scripts]\na = 'a:b'\n",
        "uv.lock": 'version = 1\n\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n',
        "Dockerfile": "FROM python:3.12\nCOPY . .\nRUN pip install .\n",
    }),
    "a test without an assertion is no test": ("TS01", "fail", {"agent.py": "def go(): ...\n", "tests/test_a.py": "import agent\n\n\ndef test_a():\n    agent.go()\n"}),
    "a test of nothing of its own is no test": ("TS01", "fail", {"agent.py": "def go(): ...\n", "tests/test_a.py": "def test_a():\n    assert True\n"}),
    "tests that CI does not run are partial": ("TS01", "warn", {"agent.py": "def go(): ...\n", "tests/test_a.py": "from agent import go\n\n\ndef test_a():\n    assert go() is None\n"}),
    "generated SQL is told": ("SE07", "warn", {"a.py": "def go(db, name):\n    db.execute(f'select {name}')\n\n\nclass A:\n    def __init__(self, db: 'sqlite3.Connection'):\n        self.db = db\n    def go(self, name):\n        self.db.execute(f'select {name}')\n"}),
    "a model's text in eval fails": ("SE07", "fail", {"a.py": "def go(text):\n    return eval(text)\n"}),
    "many silent handlers fail": ("CQ02", "fail", {"a.py": "class Own(Exception): ...\n\n\ndef go():\n    try:\n        raise Own\n    except Exception:\n        pass\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_trap(project, case: str) -> None:
    item, verdict, files = CASES[case]
    for name, text in files.items():
        project.write(name, text)
    finding = {r.id: r for r in project.report(only=[item]).results}[item]
    assert finding.verdict == verdict, finding.message
