"""What was misread of code in repositories that nobody here had seen: each case is a small tree of its own."""

from __future__ import annotations

import pytest

SERVICE = "from fastapi import Depends, FastAPI, HTTPException\n\napp = FastAPI()\n"
CI = "on: push\njobs:\n  a:\n    steps:\n"
LOCK = '[[package]]\nname = "httpx"\nversion = "1.0"\n'
PROJECT = "[project]\nname = 'shop'\ndependencies = ['httpx']\n"

MADE = "from pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    number: int\n" + "".join(
    f"\n\ndef take{n}(given: dict) -> None:\n    print(Order({{0}}))\n" for n in range(5)
)

WRITER = "import json\n{}\n\nclass Writer{}:\n    def emit(self, record):\n        print(json.dumps(record.body))\n"
CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "a client of a hook that runs once at the start is kept": ("PF02", "pass", {
        "chat.py": "import httpx\nfrom quart import Blueprint\n\nbp = Blueprint('chat', __name__)\n\n\n@bp.before_app_serving\nasync def connect():\n    bp.client = httpx.AsyncClient(timeout=3)\n",
    }),
    "a client of a hook that runs before each request is not": ("PF02", "warn", {
        "chat.py": "import httpx\nfrom quart import Blueprint\n\nbp = Blueprint('chat', __name__)\n\n\n@bp.before_app_request\nasync def connect():\n    bp.client = httpx.AsyncClient(timeout=3)\n",
    }),
    "a client of a function that is handed over for the start is kept": ("PF02", "pass", {
        "app.py": "import httpx\nfrom fastapi import FastAPI\n\n\ndef connect():\n    app.state.client = httpx.Client(timeout=3)\n\n\napp = FastAPI(on_startup=[connect])\n",
    }),
    "a call whose answer is cached does not connect for each request": ("PF02", "pass", {
        "keys.py": "from functools import lru_cache\nimport httpx\n\nclient = httpx.Client()\n\n\n@lru_cache\ndef keys(issuer):\n    return httpx.get(issuer).json()\n",
    }),
    "a server of tools validates their arguments by types": ("CQ03", "pass", {
        "server.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n\n\n@mcp.tool(description='Look.')\ndef look(number: int) -> str: ...\n",
    }),
    "models that are made of what is handed over validate it": ("CQ03", "pass", {
        "a.py": MADE.format("**given"),
    }),
    "models that are made of the code's own values validate nothing that comes in": ("CQ03", "warn", {
        "a.py": MADE.format("number=1"),
    }),
    "a tool without types is validated by nothing": ("CQ03", "warn", {
        "server.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n\n\n@mcp.tool(description='Look.')\ndef look(number) -> str: ...\n",
    }),
    "a tool may be described where it is registered": ("AR04", "pass", {
        "server.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n\n\n@mcp.tool(description='Look.')\ndef look(number: int) -> str: ...\n",
    }),
    "tools that are methods of an agent are offered by its library": ("AR04", "pass", {
        "agent.py": "from livekit.agents import Agent, function_tool\n\n\nclass Caller(Agent):\n    @function_tool()\n    async def end(self, reason: str):\n        'End the call.'\n",
    }),
    "a class of its own in a package called agents offers nothing by itself": ("AR04", "warn", {
        "agents/__init__.py": "", "agents/base.py": "class Agent: ...\n",
        "agents/caller.py": "from smolagents import tool\nfrom agents.base import Agent\n\n\nclass Caller(Agent):\n    @tool\n    def end(self, reason: str):\n        'End.'\n",
    }),
    "tools of a type of its own, gathered and with types, are declared": ("AR04", "pass", {
        "tools.py": "import openai\nfrom pydantic import BaseModel\n\n\nclass Arguments(BaseModel):\n    text: str\n\n\nclass BaseTool: ...\n\n\n"
        + "".join(f"class {name}(BaseTool):\n    args_schema: type = Arguments\n\n\n" for name in ("Search", "Read", "Write")) + "def get_tools():\n    return [Search(), Read(), Write()]\n",
    }),
    "classes that only derive from one are not": ("AR04", "unknown", {
        "tools.py": "import openai\n\n\nclass BaseTool: ...\n\n\nclass Search(BaseTool): ...\n\n\nclass Read(BaseTool): ...\n\n\nclass Write(BaseTool): ...\n\n\ndef get_tools():\n    return []\n",
    }),
    "a bound among the options of a run is a cap": ("AG01", "pass", {
        "agent.py": "from langgraph.prebuilt import create_react_agent\n\nagent = create_react_agent('m', []).with_config({'recursion_limit': 9})\n",
    }),
    "a dataclass is a type of state": ("AR02", "pass", {
        "agent.py": "from dataclasses import dataclass\nfrom typing import Annotated\nfrom langgraph.graph import StateGraph, add_messages\n\n\n@dataclass\nclass State:\n    messages: Annotated[list, add_messages]\n\n\ngraph = StateGraph(State)\n",
    }),
    "functions of its own around a store keep what was said": ("AR03", "warn", {
        "store.py": "import openai\nimport pymongo\n\nclient = pymongo.MongoClient('x')\n\n\ndef get_dialog_messages(user_id: int):\n    return client.db.find({'user': user_id})\n",
    }),
    "a history that is compared with its bound is bounded": ("AR03", "warn", {
        "talk.py": "import openai\n\n\ndef add(chat_id, history, config):\n    return history[1:] if len(history) > config['max_history_size'] else history\n",
    }),
    "a delay that an own function computes grows, whatever it says of its type": ("RL01", "pass", {
        "a.py": "import asyncio\nimport httpx\n\n\ndef longer(attempt: int) -> float:\n    return 2.0**attempt\n\n\nasync def go(client: httpx.AsyncClient):\n    for attempt in range(4):\n        answer = await client.get('/')\n        if answer.status_code != 429:\n            return answer\n        wait = longer(attempt)\n        await asyncio.sleep(wait)\n",
    }),
    "a loop that paces what it plays retries nothing": ("RL01", "unknown", {
        "play.py": "import asyncio\nimport websockets\n\n\nasync def play(queue, rate):\n    while True:\n        try:\n            chunk = await queue.get()\n        except asyncio.CancelledError:\n            return\n        delay = len(chunk) / rate\n        await asyncio.sleep(delay)\n",
    }),
    "attempts that are counted, without a delay, are half a retry": ("RL01", "warn", {
        "a.py": "import httpx\n\nclient = httpx.Client()\n\n\nclass Reader:\n    max_retries = 3\n\n    def send(self, body):\n        tried = 0\n        while tried < self.max_retries:\n            try:\n                return client.post('/', content=body)\n            except httpx.HTTPError:\n                tried += 1\n",
    }),
    "what hands a scan's findings in scans nothing": ("SE04", "fail", {
        ".github/workflows/ci.yml": CI + "      - uses: github/codeql-action/upload-sarif@v3\n",
    }),
    "what analyses with CodeQL does": ("SE04", "pass", {
        ".github/workflows/ci.yml": CI + "      - uses: github/codeql-action/analyze@v3\n",
    }),
    "a guard behind an interface stands before the route": ("SE03", "pass", {
        "app.py": SERVICE + "\n\nclass Handler:\n    def __call__(self, request): ...\n\n\nclass Strict(Handler):\n    def __call__(self, request):\n        raise HTTPException(status_code=401)\n\n\ndef handler() -> Handler:\n    return Strict()\n\n\n"
        "async def user(request, check: Handler = Depends(handler)):\n    return check(request)\n\n\n@app.post('/ask')\nasync def ask(who=Depends(user)): ...\n",
    }),
    "an interface behind which nothing refuses guards nothing": ("SE03", "unknown", {
        "app.py": SERVICE + "\n\nclass Handler:\n    def __call__(self, request): ...\n\n\nclass Kind(Handler):\n    def __call__(self, request):\n        return 'anybody'\n\n\ndef handler() -> Handler:\n    return Kind()\n\n\n"
        "async def user(request, check: Handler = Depends(handler)):\n    return check(request)\n\n\n@app.post('/ask')\nasync def ask(who=Depends(user)): ...\n",
    }),
    "a guard that is named before it is depended on counts": ("SE03", "pass", {
        "app.py": SERVICE + "\n\ndef check(token: str):\n    raise HTTPException(status_code=401)\n\n\nguard = Depends(check) if token else None\n\n\n@app.post('/ask')\nasync def ask(_=guard): ...\n",
    }),
    "a folder that is a workspace is no tenant": ("SE08", "n/a", {
        "a.py": "class Session:\n    workspace: str\n\n\ndef make(workspace): ...\n\n\ndef clean(workspace): ...\n",
    }),
    "an organisation beside a key is the provider's": ("SE08", "n/a", {
        "a.py": "class Client:\n    api_key: str\n    organization: str\n\n\ndef make(api_key, organization): ...\n\n\ndef again(api_key, organization): ...\n",
    }),
    "logging settings with a JSON formatter that an image names are wired": ("CQ04", "pass", {
        "a.py": "import logging\nlogging.getLogger().info('x')\n", "Dockerfile": "FROM python:3.12\nCMD uvicorn a:app --log-config log_config.json\n",
        "log_config.json": '{"formatters": {"json": {"()": "pythonjsonlogger.jsonlogger.JsonFormatter"}}}',
    }),
    "records that only OpenTelemetry exports are half": ("CQ04", "warn", {
        "a.py": "import logging\nfrom opentelemetry.sdk._logs import LoggingHandler\n\nlogging.getLogger().addHandler(LoggingHandler())\nlogging.getLogger().info('x')\n",
    }),
    "logging settings that nothing names are not": ("CQ04", "unknown", {
        "a.py": "import logging\nlogging.getLogger().info('x')\n",
        "log_config.json": '{"formatters": {"json": {"()": "pythonjsonlogger.jsonlogger.JsonFormatter"}}}',
    }),
    "memory in Bicep is a bound": ("PF04", "warn", {
        "a.py": "x = 1\n", "infra/app.bicep": "resource app 'x' = {\n  resources: {\n    cpu: json('0.5')\n    memory: '1Gi'\n  }\n}\n",
    }),
    "an install that goes without the lock ignores it": ("SE05", "warn", {
        "main.py": SERVICE, "pyproject.toml": PROJECT, "poetry.lock": LOCK, "README.md": "Run `pip install -e .` first.\n",
    }),
    "an install of another package says nothing of the lock": ("SE05", "pass", {
        "main.py": SERVICE, "pyproject.toml": PROJECT, "poetry.lock": LOCK, "README.md": "Run `pip install -U poetry` first.\n",
    }),
    "an install from the lock beside one without it is documented": ("SE05", "pass", {
        "main.py": SERVICE, "pyproject.toml": PROJECT, "poetry.lock": LOCK, "README.md": "Run `poetry install`, or `pip install .`\n",
    }),
    "a library in a folder of its own is one": ("SE05", "n/a", {
        "core/pyproject.toml": "[build-system]\nrequires = []\n" + PROJECT, "core/shop/__init__.py": "def go(): ...\n",
    }),
    "evaluations beside the code are no part of it": ("SE07", "pass", {
        "agent.py": "import openai\n\n\ndef go(): ...\n", "auto_eval/run.py": "import os\n\n\ndef go(x):\n    os.system(x)\n",
    }),
    "a test that evaluates answers is an evaluation": ("AG03", "warn", {
        "agent.py": "import openai\n", "tests/test_evaluation.py": "def test_answers():\n    assert score() > 0.8\n",
    }),
    "a loop's own bound by another word is a cap": ("AG01", "pass", {
        "agent.py": "import openai\n\n\ndef go(state, settings):\n    return 'on' if state.loop_step < settings.max_loops else 'end'\n",
    }),
    "a bound on folders beside a server of tools is none": ("AG01", "n/a", {
        "server.py": "from mcp.server import FastMCP\n\nmcp = FastMCP('x')\n\n\ndef walk(level, max_depth):\n    return level > max_depth\n",
    }),
    "a server of tools of its own kind declares them": ("AR04", "pass", {
        "server.py": "from mcp.server import FastMCP\n\n\nclass Server(FastMCP): ...\n\n\nmcp = Server('x')\n\n\n@mcp.tool()\ndef look(number: int) -> str:\n    'Look.'\n",
    }),
    "a JSON logger of one module says nothing of the others": ("CQ04", "warn", {
        "hook.py": "from aws_lambda_powertools import Logger\n\nlogger = Logger()\nlogger.info('x')\n",
        "app.py": "import logging\n\nlogger = logging.getLogger()\nlogger.info('a')\nlogger.info('b')\nlogger.info('c')\n",
    }),
    "an image of which every stage is for developers deploys nothing": ("DP03", "n/a", {
        "pyproject.toml": "[build-system]\nrequires = []\n" + PROJECT, "shop/__init__.py": "def go(): ...\n", "Dockerfile": "FROM python:3.12 AS dev\nRUN pip install -e .\n",
        "compose.yaml": "services:\n  devcontainer:\n    build:\n      target: dev\n",
    }),
    "an image with one more stage for those who run it is shipped": ("DP03", "warn", {
        "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n", "Dockerfile": "FROM python:3.12 AS dev\nRUN pip install -e .\nFROM dev AS app\nCMD python main.py\n",
    }),
    "an image for tests deploys nothing": ("SE05", "n/a", {
        "core/pyproject.toml": "[build-system]\nrequires = []\n" + PROJECT, "core/shop/__init__.py": "def go(): ...\n", "core/Dockerfile.test": "FROM python:3.12\nRUN pip install .\n",
    }),
    "a library's client in a cached function is kept": ("PF02", "pass", {
        "a.py": "from functools import lru_cache\nimport httpx\nimport qdrant_client\n\nclient = httpx.Client()\n\n\n@lru_cache\ndef store():\n    return qdrant_client.QdrantClient('x')\n",
    }),
    "who imports a store keeps what was said there": ("AR03", "warn", {
        "common.py": "import boto3\n\ntable = boto3.resource('dynamodb').Table('x')\n", "talks.py": "import openai\nfrom common import table\n\n\ndef find_conversation(user_id: str):\n    return table.get_item(Key={'id': user_id})\n",
    }),
    "a bound above what asks a model, through other modules, is a cap": ("AG01", "pass", {
        "shop/model.py": "import openai\n", "shop/planner.py": "from shop import model\n", "shop/role.py": "from shop import planner\n",
        "shop/session.py": "from shop import role\n\n\nclass Session:\n    def go(self):\n        return self.rounds > self.max_chat_round_num\n",
    }),
    "a bound that is only asked whether it is there caps nothing": ("AG01", "unknown", {
        "agent.py": "import openai\n\n\ndef go(max_turns=None):\n    return {} if max_turns is None else {'turns': max_turns}\n",
    }),
    "a bound on what a card holds is none on a run": ("AG01", "unknown", {
        "agent.py": "import openai\n\n\ndef go(depth):\n    return depth > MAX_ELEMENT_TREE_DEPTH\n",
    }),
    "scripts beside a project in a folder are not shipped": ("SE07", "pass", {
        "python/pyproject.toml": PROJECT, "python/shop/__init__.py": "def go(): ...\n", "python/scripts/release.py": "import os\n\n\ndef go(x):\n    os.system(x)\n",
    }),
    "a lock of another language locks what it ships": ("SE05", "pass", {
        "src/server.ts": "export const app = 1\n" * 20, "package.json": "{}", "package-lock.json": "{}",
    }),
    "a manifest of another language without a lock may be locked elsewhere": ("SE05", "unknown", {
        "src/server.ts": "export const app = 1\n" * 20, "package.json": "{}",
    }),
    "packages that setuptools is told of are built": ("SE05", "n/a", {
        "pyproject.toml": f"{PROJECT}[tool.setuptools.packages.find]\nwhere = ['src']\n", "src/shop/__init__.py": "def go(): ...\n",
    }),
    "a package that users fetch by its name leaves versions to pip": ("SE05", "warn", {
        "pyproject.toml": f"[build-system]\nrequires = []\n{PROJECT}", "README.md": "```bash\npip install shop\n```\n", "src/shop/__main__.py": "import httpx\n",
    }),
    "a program that is installed from its tree needs a lock": ("SE05", "fail", {
        "pyproject.toml": f"[build-system]\nrequires = []\n{PROJECT}", "README.md": "```bash\npip install .\n```\n", "src/shop/__main__.py": "import httpx\n",
    }),
    "one range among twenty exact versions is borne": ("SE05", "pass", {
        "requirements.txt": "".join(f"p{n}==1.{n}\n" for n in range(20)) + "q>=1\n", "main.py": "import p1\n",
    }),
    "one range among ten exact versions is not": ("SE05", "warn", {
        "requirements.txt": "".join(f"p{n}==1.{n}\n" for n in range(10)) + "q>=1\n", "main.py": "import p1\n",
    }),
    "what CI needs beside it pins nothing that is shipped": ("SE05", "fail", {
        "requirements.txt": "p>=1\n", "requirements-ci.txt": "-r requirements.txt\ncoverage==7.1\n", "main.py": "import p\n",
    }),
    "a project that nobody builds is no library": ("SE05", "fail", {
        "pyproject.toml": f"{PROJECT}[tool.ruff]\nline-length = 100\n", "src/shop/__init__.py": "def go(): ...\n",
    }),
    "examples of a project that is named for them are what it ships": ("SE03", "unknown", {
        "pyproject.toml": "[project]\nname = 'stack-demo'\n", "tool/main.py": "print(1)\n",
        "web-example/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/x')\ndef x(): ...\n",
    }),
    "an example beside another project is no service": ("SE03", "n/a", {
        "pyproject.toml": "[project]\nname = 'stack'\n", "tool/main.py": "print(1)\n",
        "web-example/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/x')\ndef x(): ...\n",
    }),
    "a writer of logs that dumps each record": ("CQ04", "pass", {
        "shop/logging.py": WRITER.format("", ""), "shop/run.py": "import logging\nfrom shop.logging import Writer\n\nlogging.getLogger().addHandler(Writer())\nlogging.info('a')\n",
    }),
    "a handler for a console that dumps what some records hold": ("CQ04", "unknown", {
        "shop/logging.py": WRITER.format("import logging\n", "(logging.StreamHandler)"), "shop/run.py": "import logging\nfrom shop.logging import Writer\n\nlogging.getLogger().addHandler(Writer())\nlogging.info('a')\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_misread(project, case: str) -> None:
    item, verdict, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
