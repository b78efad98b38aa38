"""What was misread of how agents are run, guarded and remembered: each case is a small tree, traps beside it."""

from __future__ import annotations

import pytest

SERVICE = "from fastapi import Depends, FastAPI, HTTPException\n\napp = FastAPI()\n"
TYPES = "from pydantic import BaseModel\n\n\n"
FLASK = "from flask import Flask, jsonify, request\n\napp = Flask('x')\n"
RULED = "const rule = { statement: { rateBasedStatement: { limit: 400, aggregateKeyType: 'IP' } } };\n"
SAVING = """import os
from fastapi import FastAPI, UploadFile

app = FastAPI()


class Files:
    def keep(self, name: str, content: bytes) -> None:
        with open(os.path.join("files", {}), "wb") as file:
            file.write(content)


@app.post("/files")
async def take(file: UploadFile) -> None:
    files = Files()
    files.keep(file.filename, await file.read())
"""
MCP = "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n\n\n"
GRAPH = "from typing import TypedDict\nfrom langgraph.graph import StateGraph\n\n\n"
WATCHED = (
    "import openai\nfrom opentelemetry.instrumentation.instrumentor import BaseInstrumentor\n\n\n"
    "class Watch(BaseInstrumentor):\n    def _instrument(self, **kwargs):\n"
    "        return {'max_tokens': kwargs['llm'].max_tokens}\n"
)
WAITED = "import asyncio\n\n\nasync def write(task):\n    await asyncio.wait_for(task, timeout=5)\n"
KEPT_OF_OTHERS = (
    "import redis\n\nclient = redis.Redis()\n\n\n"
    "def write_session(session_id, row):\n    client.set(session_id, row)\n\n\ndef trim_history(rows):\n    return rows[:9]\n\n\n"
    "trim_history([])\n"
)
BY_SIGNATURE = (
    "from flask import request\nfrom mcp.server.fastmcp.utilities.func_metadata import func_metadata\n\n\n"
    "class Tool:\n    @classmethod\n    def arguments(cls):\n        return func_metadata(cls.apply)\n\n\n"
    "class ToolRegistry: ...\n\n\nregistry = ToolRegistry()\n"
) + "".join(f"\n\nclass T{n}(Tool):\n    def apply(self, name: str) -> str:\n        'Find it.'\n" for n in range(10))
READ_RAW = "\n\ndef save():\n    return request.get_json()\n"
LOCAL = (
    "import logging\nimport threading\nfrom flask import Flask, g, request\n\nlocal = threading.local()\napp = Flask('x')\n\n\n"
    "class Marked(logging.Formatter):\n    def format(self, record):\n"
    "        record.request_id = getattr(local, 'request_id', '-')\n        return super().format(record)\n\n\n"
    "logging.StreamHandler().setFormatter(Marked('%(request_id)s'))\n\n\n"
    "@app.before_request\ndef mark():\n    local.request_id = request.headers.get('X-Request-ID')\n\n\n"
    "@app.post('/x')\ndef go(): ...\n"
)
ROWS = (
    "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\n"
    "class Block(Base):\n    text: str\n\n\ndef said(session_id, history_len, page_size):\n"
    "    return Block.query.filter(Block.id == session_id).limit(history_len).all()\n"
)
MODELS_MADE = "import json\nfrom pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    name: str\n\n\n" + "".join(
    f"def read{n}(given):\n    return Order(**given)\n\n\n" for n in range(4)
)
GUARD = "\n\ndef check(token: str):\n    raise HTTPException(status_code=401)\n"

CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    # ---------------------------------------------------------------- caps
    "a cap by a service's own name is one": ("AG01", "pass", {
        "agent.py": "import openai\n\n\ndef go(client, settings):\n    return client.create(max_infer_iters=settings.rounds)\n",
    }),
    "a cap that is given as none is none": ("AG01", "unknown", {
        "agent.py": "import openai\n\n\ndef go(client):\n    return client.create(max_infer_iters=None, max_turns=None)\n",
    }),
    "a quota that is checked is half a cap": ("AG01", "warn", {
        "agent.py": "import openai\n\n\ndef check_token_quota(user): ...\n\n\ndef go(user):\n    check_token_quota(user)\n",
    }),
    "what goes in may be held to the window of the model": ("AG01", "warn", {
        "agent.py": "import openai\n\n\ndef go(tokens, backend):\n    return tokens > backend.context_window_size\n",
    }),
    "a bound of what is trained is no cap": ("AG01", "unknown", {
        "train.py": "import openai\nfrom sklearn.linear_model import LogisticRegression\n\nmodel = LogisticRegression(max_iter=500)\n",
    }),
    "how deep pages are read is no cap of a run": ("AG01", "unknown", {
        "reader.py": "import openai\n\n\ndef walk(level, max_depth):\n    return level > max_depth\n",
    }),
    "the agents of others that are watched have no cap here": ("AG01", "unknown", {
        "watch.py": WATCHED, "export.py": WAITED,
    }),
    "who watches others and asks a model is asked for the cap of it": ("AG01", "pass", {
        "watch.py": WATCHED, "export.py": WAITED, "sum.py": "import openai\n\nopenai.OpenAI().responses.create(max_tokens=9)\n",
    }),
    "what the agents of others did is no memory": ("AR03", "unknown", {"watch.py": WATCHED, "store.py": KEPT_OF_OTHERS}),
    "what one's own agent did is": ("AR03", "pass", {
        "store.py": KEPT_OF_OTHERS, "agent.py": "import openai\n\nopenai.OpenAI().responses.create()\n",
    }),
    # ---------------------------------------------------------------- what it is, and what it may call
    "functions that take a state and an event, and give the state, reduce": ("AR02", "pass", {
        "run.py": "import openai\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass RunState:\n    turn: int\n\n\ndef advance(state: RunState, event: dict) -> RunState:\n    return state\n\n\nadvance(RunState(1), {})\n",
    }),
    "functions that take a state and something else change it as they like": ("AR02", "warn", {
        "run.py": "import openai\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass RunState:\n    turn: int\n\n\ndef advance(state: RunState, by: int) -> RunState:\n    return state\n\n\nadvance(RunState(1), 2)\n",
    }),
    "a graph over the caller's state with a field more is typed": ("AR02", "pass", {
        "graph.py": "from langgraph.graph import StateGraph\n\n\ndef build(graph, state_schema=None):\n    _schema = state_schema or graph.schema\n\n    class More(_schema):\n        steps: int\n\n    return StateGraph(More)\n",
    }),
    "a graph over a type without a base or fields is not": ("AR02", "unknown", {
        "graph.py": "from langgraph.graph import StateGraph\n\n\ndef build(graph):\n    class More: ...\n\n    return StateGraph(More)\n",
    }),
    "classes of whose signatures a library makes models are tools": ("AR04", "pass", {"tools.py": BY_SIGNATURE}),
    "without types these say little": ("AR04", "warn", {"tools.py": BY_SIGNATURE.replace("name: str", "name")}),
    "models of signatures validate, and one raw body beside ten is borne": ("CQ03", "pass", {
        "tools.py": "from pydantic import BaseModel\n" + BY_SIGNATURE + READ_RAW + "\n\nclass Order(BaseModel):\n    name: str\n",
    }),
    "a model of a tool that is made of what a model wrote is a place of five": ("CQ03", "pass", {
        "tools.py": MODELS_MADE + "def call(tool, text):\n    input_model = tool['input_model']\n    return input_model(**json.loads(text))\n",
    }),
    "a model that is asked with what was prepared validates nothing": ("CQ03", "warn", {
        "tools.py": MODELS_MADE + "def call(model, tokens):\n    return model(**tokens)\n",
    }),
    "of two raw bodies beside ten one is too much": ("CQ03", "warn", {
        "tools.py": "from pydantic import BaseModel\n" + BY_SIGNATURE + READ_RAW + READ_RAW.replace("save", "move")
        + "\n\nclass Order(BaseModel):\n    name: str\n",
    }),
    "rows that the length of a history bounds are a memory": ("AR03", "pass", {"agent.py": ROWS}),
    "a page of rows is none": ("AR03", "unknown", {"agent.py": ROWS.replace("limit(history_len)", "limit(page_size)")}),
    "a formatter that reads the id that a thread holds puts it into all records": ("CQ06", "pass", {"app.py": LOCAL}),
    "and so does one that reads what the request holds": ("CQ06", "pass", {
        "app.py": LOCAL.replace("local.request_id =", "g.request_id =").replace("getattr(local", "getattr(g"),
    }),
    "an id that only one route puts there is not in all": ("CQ06", "warn", {
        "app.py": LOCAL.replace("@app.before_request", "@app.post('/y')"),
    }),
    "a formatter that reads the name of the thread's own says no id": ("CQ06", "warn", {
        "app.py": LOCAL.replace("record.request_id =", "record.shop ="),
    }),
    # ---------------------------------------------------------------- what text can do
    "a question before a command is half a guard": ("AG02", "warn", {
        "agent.py": "import subprocess\nimport click\nimport openai\n\n\ndef run(command):\n    if click.confirm('Run?'):\n        subprocess.run(command, timeout=9)\n",
    }),
    "a question before nothing that runs is none": ("AG02", "unknown", {
        "agent.py": "import click\nimport openai\n\n\ndef greet():\n    return click.prompt('Name?')\n",
    }),
    "tools that a library asks about are approved": ("AG02", "pass", {
        "agent.py": "from agents import function_tool\n\n\n@function_tool(needs_approval=True)\ndef pay(amount: int) -> str: ...\n",
    }),
    "tools that are never asked about are not": ("AG02", "unknown", {
        "agent.py": "from agents import HostedMCPTool\n\ntool = HostedMCPTool(require_approval='never')\n",
    }),
    "tools that say that they destroy leave it to the client": ("AG02", "warn", {
        "server.py": MCP + "@mcp.tool(annotations={'destructiveHint': True})\ndef drop(name: str) -> str:\n    'Drop.'\n",
    }),
    "a title of a tool says nothing of the kind": ("AG02", "unknown", {
        "server.py": MCP + "@mcp.tool(annotations={'title': 'Drop'})\ndef drop(name: str) -> str:\n    'Drop.'\n",
    }),
    "a guard of who may deploy guards no prompt": ("AG02", "unknown", {
        "boot.py": "import openai\n\n\nclass DeploymentAdmissionGuard:\n    def admit(self): ...\n\n\nDeploymentAdmissionGuard().admit()\n",
        "tests/test_boot.py": "from boot import DeploymentAdmissionGuard\n\n\ndef test_injection():\n    assert DeploymentAdmissionGuard()\n",
    }),
    "a guard of what goes in, attacked by a test, guards": ("AG02", "pass", {
        "boot.py": "import openai\n\n\nclass InputGuard:\n    def admit(self): ...\n\n\nInputGuard().admit()\n",
        "tests/test_boot.py": "from boot import InputGuard\n\n\ndef test_injection():\n    assert InputGuard()\n",
    }),
    "a test of injected dependencies attacks no guard": ("AG02", "warn", {
        "boot.py": "import openai\n\n\nclass InputFilter:\n    def moderate(self): ...\n\n\nInputFilter().moderate()\n",
        "tests/test_boot.py": "def test_dependency_injection():\n    assert True\n",
    }),
    "colours of a log fence no prompt": ("AG02", "unknown", {
        "log.py": "import openai\n\nFORMAT = '<green>{time}</green> <level>{level}</level>'\n",
    }),
    # ---------------------------------------------------------------- state
    "what the nodes of a typed graph return changes its state": ("AR02", "pass", {
        "agent.py": GRAPH + "class State(TypedDict):\n    topic: str\n\n\ngraph = StateGraph(State)\n",
    }),
    "a graph over a dictionary has no type": ("AR02", "unknown", {
        "agent.py": "from langgraph.graph import StateGraph\n\ngraph = StateGraph(dict)\n",
    }),
    "a model named for a state that copies replace is changed in one way": ("AR02", "pass", {
        "agent.py": "import openai\n" + TYPES + "class RunState(BaseModel):\n    step: int\n\n\ndef go(state: RunState) -> RunState:\n    return state.model_copy(update={'step': 1})\n",
    }),
    "a copy of any model is no state": ("AR02", "unknown", {
        "agent.py": "import openai\n" + TYPES + "class Price(BaseModel):\n    step: int\n\n\ndef go(price: Price) -> Price:\n    return price.model_copy(update={'step': 1})\n",
    }),
    "an agent that takes a typed task and gives a typed result passes state on": ("AR02", "pass", {
        "agent.py": "import openai\n" + TYPES + "class Task(BaseModel):\n    text: str\n\n\nclass Result(BaseModel):\n    text: str\n\n\nclass Agent:\n    async def run(self, task: Task) -> Result: ...\n",
    }),
    "an agent that takes a text does not": ("AR02", "warn", {
        "agent.py": "import openai\n" + TYPES + "class Result(BaseModel):\n    text: str\n\n\nclass Agent:\n    async def run(self, task: str) -> Result: ...\n",
    }),
    "conversations in tables are kept turn by turn": ("AR02", "pass", {
        "models.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass UserConversation(Base):\n    id: int\n",
    }),
    "tables of anything else are no state": ("AR02", "unknown", {
        "models.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass Invoice(Base):\n    id: int\n",
    }),
    # ---------------------------------------------------------------- memory
    "a file for each chat is durable": ("AR03", "warn", {
        "chat.py": "import json\nimport openai\n\n\nclass ChatSession:\n    def write(self, messages, chat_id):\n        json.dump(messages, open(chat_id, 'w'))\n",
    }),
    "a file that is only read is not": ("AR03", "unknown", {
        "chat.py": "import json\nimport openai\n\n\nclass ChatSession:\n    def read(self, chat_id):\n        return json.load(open(chat_id))\n",
    }),
    "rows that expire are bounded": ("AR03", "pass", {
        "models.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass ChatMessage(Base):\n    id: int\n\n\ndef of(chat_id: str): ...\n",
        "jobs.py": "from models import ChatMessage\n\n\ndef delete_expired_rows(): ...\n",
    }),
    "an expiry of something else bounds no memory": ("AR03", "warn", {
        "models.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass ChatMessage(Base):\n    id: int\n\n\ndef of(chat_id: str): ...\n",
        "cache.py": "def delete_expired_entries(): ...\n",
    }),
    "files that are old are no memory": ("AR03", "warn", {
        "models.py": "import openai\nfrom sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n\n\nclass ChatMessage(Base):\n    id: int\n\n\ndef of(chat_id: str): ...\n",
        "jobs.py": "def delete_oldest_files(): ...\n",
    }),
    "a store of vectors remembers no conversation": ("AR03", "unknown", {
        "store.py": "import openai\nfrom langchain_mongodb import MongoDBAtlasVectorSearch\n\nstore = MongoDBAtlasVectorSearch()\n\n\ndef search(user_id: str): ...\n",
    }),
    # ---------------------------------------------------------------- tools
    "typed functions that an agent's library is handed are declared": ("AR04", "pass", {
        "agent.py": "from google.adk.agents import Agent\n\n\ndef weather(city: str) -> str:\n    'Tell the weather.'\n\n\nagent = Agent(tools=[weather])\n",
    }),
    "functions without types are not": ("AR04", "warn", {
        "agent.py": "from google.adk.agents import Agent\n\n\ndef weather(city):\n    'Tell the weather.'\n\n\nagent = Agent(tools=[weather])\n",
    }),
    "tools of a described type are a registry": ("AR04", "pass", {
        "tools.py": "import openai\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass ToolDefinition:\n    name: str\n    description: str\n    arguments: list\n\n\n"
        + "".join(f"{name} = ToolDefinition('{name}', 'x', [])\n" for name in "abc") + "\n\ndef get_tools():\n    return [a, b, c]\n",
    }),
    "descriptions that are only handed on declare nothing": ("AR04", "unknown", {
        "tools.py": "import openai\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass ToolDefinition:\n    name: str\n    description: str\n    arguments: list\n\n\n"
        + "".join(f"def {name}(x):\n    return ToolDefinition(x.name, x.text, [])\n\n\n" for name in "abc") + "def get_tools():\n    return [a, b, c]\n",
    }),
    "functions turned into schemas by own code are half declared": ("AR04", "warn", {
        "tools.py": "import inspect\nimport openai\n\n\ndef function_to_json(function):\n    return inspect.signature(function)\n\n\nfunction_to_json(print)\n",
    }),
    "a server of its own type that adds to tool() declares tools": ("AR04", "pass", {
        "base.py": "from fastmcp import FastMCP\n\n\nclass Server(FastMCP):\n    def tool(self, *given): ...\n",
        "server.py": "from base import Server\n\nmcp = Server('x')\n\n\n@mcp.tool()\ndef look(number: int) -> str:\n    'Look.'\n",
    }),
}  # fmt: skip

SECURITY: dict[str, tuple[str, str, dict[str, str]]] = {
    # ---------------------------------------------------------------- limits
    "a limit in the proxy before it is one": ("SE01", "pass", {
        "app.py": SERVICE, "deploy/nginx.conf": "server {\n  location / {\n    limit_req zone=one burst=5;\n  }\n}\n",
    }),
    "a limit that is commented out is none": ("SE01", "unknown", {
        "app.py": SERVICE, "deploy/nginx.conf": "server {\n  location / {\n    # limit_req zone=one burst=5;\n  }\n}\n",
    }),
    "a firewall of the CDK that counts by address limits what it is put before": ("SE01", "pass", {
        "app.py": SERVICE, "lib/api.ts": RULED + "new wafv2.CfnWebACLAssociation(this, 'A', { webAclArn: acl.attrArn, resourceArn: api.arn });\n",
    }),
    "one that is put before nothing does not": ("SE01", "unknown", {"app.py": SERVICE, "lib/api.ts": RULED}),
    "one that only blocks addresses does not": ("SE01", "unknown", {
        "app.py": SERVICE, "lib/api.ts": "const rule = { statement: { ipSetReferenceStatement: { arn } } };\nnew wafv2.CfnWebACLAssociation(this, 'A', {});\n",
    }),
    "what a migration reads back is its own": ("SE07", "pass", {"tools/migrate_data.py": "import pickle\n\n\ndef move(store):\n    return pickle.loads(store.get('a'))\n"}),
    "what anything else unpickles is not": ("SE07", "warn", {"tools/read_data.py": "import pickle\n\n\ndef move(store):\n    return pickle.loads(store.get('a'))\n"}),
    "what yaml loads without running it is data": ("SE07", "pass", {"a.py": "import yaml\n\n\ndef read(file):\n    return yaml.load(file, Loader=yaml.FullLoader)\n"}),
    "what its unsafe loader loads is not": ("SE07", "warn", {"a.py": "import yaml\n\n\ndef read(file):\n    return yaml.load(file, Loader=yaml.UnsafeLoader)\n"}),
    "what runs the tests is not shipped": ("SE07", "pass", {
        "a.py": "def go(): ...\n", "run_tests.py": "import subprocess\n\n\ndef run(command):\n    subprocess.run(command, shell=True)\n",
    }),
    "what runs the tools is": ("SE07", "fail", {
        "a.py": "def go(): ...\n", "run_tools.py": "import subprocess\n\n\ndef run(command):\n    subprocess.run(command, shell=True)\n",
    }),
    "a usage plan is half a limit": ("SE01", "warn", {
        "app.py": SERVICE, "main.tf": 'resource "aws_api_gateway_usage_plan" "plan" {}\n',
    }),
    "a limiter of Flask that answers 429 beside a body counts": ("SE01", "pass", {
        "app.py": FLASK + "import time\n\n\n@app.before_request\ndef limit():\n    if seen(request.remote_addr, time.monotonic()):\n        return jsonify({}), 429\n\n\n@app.post('/ask')\ndef ask(): ...\n",
    }),
    "a refusal of others that is told on limits nothing": ("SE01", "unknown", {
        "app.py": FLASK + "import time\n\n\n@app.before_request\ndef ask_first():\n    try:\n        ask(request.remote_addr, time.monotonic())\n    except OSError:\n        return jsonify({}), 429\n\n\n@app.post('/ask')\ndef ask(): ...\n",
    }),
    # ---------------------------------------------------------------- secrets
    "a default that says that it is for development is no weak spot": ("SE02", "pass", {
        ".gitignore": ".env\n", "compose.yaml": "services:\n  a:\n    environment:\n      - HASH_SECRET=${HASH_SECRET:-shop-hash-dev-default}\n",
    }),
    "a private key of a test is the test's own": ("SE02", "pass", {
        ".gitignore": ".env\n", "tests/server.key": "-----BEGIN " + "PRIVATE KEY-----\n" + "Q7vR2mX9kLpW4sT8yB3n" * 6 + "\n",
    }),
    "a private key elsewhere is a credential": ("SE02", "fail", {
        ".gitignore": ".env\n", "certs/server.key": "-----BEGIN " + "PRIVATE KEY-----\n" + "Q7vR2mX9kLpW4sT8yB3n" * 6 + "\n",
    }),
    # ---------------------------------------------------------------- who calls
    "a guard that a call makes stands before the route": ("SE03", "pass", {
        "app.py": SERVICE + GUARD + "\n\ndef user():\n    return Depends(check)\n\n\n@app.post('/ask')\nasync def ask(who=user()): ...\n",
    }),
    "a call that makes something else is no guard": ("SE03", "unknown", {
        "app.py": SERVICE + GUARD + "\n\ndef user():\n    return Depends(dict)\n\n\n@app.post('/ask')\nasync def ask(who=user()): ...\n",
    }),
    "an answer of 401 beside a body refuses": ("SE03", "pass", {
        "app.py": FLASK + "\n\n@app.before_request\ndef check():\n    if 'key' not in request.headers:\n        return jsonify({}), 401\n\n\n@app.post('/ask')\ndef ask(): ...\n",
    }),
    "a middleware that refuses hosts authenticates nobody": ("SE03", "unknown", {
        "app.py": FLASK + "\n\n@app.before_request\ndef check():\n    if request.host != 'x':\n        return jsonify({}), 403\n\n\n@app.post('/ask')\ndef ask(): ...\n",
    }),
    "middleware that an application is given when it is made counts": ("SE03", "pass", {
        "app.py": "from aiohttp import web\n\n\n@web.middleware\nasync def check(request, handler):\n    raise web.HTTPUnauthorized() if 'key' not in request.headers else web.Response(status=401)\n\n\n"
        "async def ask(request): ...\n\n\napp = web.Application(middlewares=[check])\napp.router.add_post('/ask', ask)\n",
    }),
    "middleware that is handed over as a function counts": ("SE03", "pass", {
        "app.py": SERVICE + "from starlette.middleware.base import BaseHTTPMiddleware\n\n\nasync def check(request, call_next):\n    raise HTTPException(status_code=401)\n\n\napp.add_middleware(BaseHTTPMiddleware, dispatch=check)\n\n\n@app.post('/ask')\nasync def ask(): ...\n",
    }),
    "middleware that only times is no guard": ("SE03", "unknown", {
        "app.py": SERVICE + "from starlette.middleware.base import BaseHTTPMiddleware\n\n\nasync def check(request, call_next):\n    return await call_next(request)\n\n\napp.add_middleware(BaseHTTPMiddleware, dispatch=check)\n\n\n@app.post('/ask')\nasync def ask(): ...\n",
    }),
    "what an application depends on stands before each route": ("SE03", "pass", {
        "app.py": "from fastapi import Depends, FastAPI, HTTPException\n\n\ndef check(token: str):\n    raise HTTPException(status_code=401)\n\n\napp = FastAPI(dependencies=[Depends(check)])\n\n\n@app.post('/ask')\nasync def ask(): ...\n",
    }),
    "a decorator of its own that refuses is a guard": ("SE03", "pass", {
        "app.py": FLASK + "from functools import wraps\n\n\ndef login_needed(view):\n    @wraps(view)\n    def inner(*given):\n        if 'key' not in request.headers:\n            return jsonify({}), 401\n        return view(*given)\n    return inner\n\n\n@app.post('/ask')\n@login_needed\ndef ask(): ...\n",
    }),
    "who logs out needs no guard, by whatever path": ("SE03", "pass", {
        "app.py": SERVICE + GUARD + "\n\n@app.post('/ask')\nasync def ask(who=Depends(check)): ...\n\n\n@app.delete('/cookie')\nasync def clear_auth_cookie(): ...\n",
    }),
    "who clears a conversation does": ("SE03", "warn", {
        "app.py": SERVICE + GUARD + "\n\n@app.post('/ask')\nasync def ask(who=Depends(check)): ...\n\n\n@app.delete('/cookie')\nasync def clear_conversation(): ...\n",
    }),
    "a server for one's own machine is not asked": ("SE03", "pass", {
        "server/main.py": SERVICE + GUARD + "\n\n@app.post('/ask')\nasync def ask(who=Depends(check)): ...\n",
        "local_server/main.py": SERVICE + "\n\n@app.post('/ask')\nasync def ask(): ...\n",
    }),
    "a bot that looks whether somebody is allowed asks who it is": ("SE03", "warn", {
        "bot.py": "import telebot\n\nbot = telebot.TeleBot('x')\n\n\ndef is_allowed(user): ...\n\n\n@bot.message_handler()\ndef answer(message):\n    if is_allowed(message.chat.id): ...\n",
    }),
    "a bot that answers chosen users only asks who it is": ("SE03", "warn", {
        "bot.py": "from telegram.ext import ApplicationBuilder, filters\n\napp = ApplicationBuilder().build()\nchosen = filters.User(username=['x'])\n",
    }),
    "routes that a library brings may do anything": ("SE03", "unknown", {
        "app.py": SERVICE + "from phi.playground import Playground\n\napp.include_router(Playground().get_router())\n\n\n@app.get('/health')\ndef health(): ...\n",
    }),
    "a folder of pages that is mounted changes nothing": ("SE03", "n/a", {
        "app.py": SERVICE + "from fastapi.staticfiles import StaticFiles\n\napp.mount('/pages', StaticFiles(directory='x'))\n\n\n@app.get('/health')\ndef health(): ...\n",
    }),
    "a service that is run from within its package is resolved": ("SE03", "pass", {
        "services/shop/__init__.py": "", "services/shop/app.py": "from fastapi import FastAPI\nfrom utils.auth import check\nfrom modules.ask import router\nfrom modules.tell import go\n\napp = FastAPI()\napp.include_router(router)\n",
        "services/shop/utils/__init__.py": "", "services/shop/utils/auth.py": "from fastapi import HTTPException\n\n\ndef check(token: str):\n    raise HTTPException(status_code=401)\n",
        "services/shop/modules/__init__.py": "", "services/shop/modules/tell.py": "def go(): ...\n",
        "services/shop/modules/ask.py": "from fastapi import APIRouter, Depends\nfrom utils.auth import check\n\nrouter = APIRouter()\n\n\n@router.post('/ask')\nasync def ask(who=Depends(check)): ...\n",
    }),
    # ---------------------------------------------------------------- what is executed
    "SQL with a name of its own settings is no doubt": ("SE07", "pass", {
        "a.py": "from conf import settings\n\n\ndef clear(db, key):\n    for table in settings.TABLES:\n        db.execute(f'DELETE FROM {table} WHERE id = %s', (key,))\n",
        "conf.py": "class Settings:\n    TABLES = ['a']\n\n\nsettings = Settings()\n",
    }),
    "SQL with a name that is handed in is one": ("SE07", "warn", {
        "a.py": "from sqlalchemy import create_engine\n\ndb = create_engine('x')\n\n\ndef clear(table):\n    db.execute(f'DELETE FROM {table}')\n",
    }),
    "SQL with a value of its own settings is one": ("SE07", "warn", {
        "a.py": "from sqlalchemy import create_engine\nfrom conf import settings\n\ndb = create_engine('x')\n\n\ndef clear():\n    db.execute(f'DELETE FROM a WHERE id = {settings.key}')\n",
        "conf.py": "class Settings: ...\n\n\nsettings = Settings()\n",
    }),
    "SQL of texts that stand in the function is no doubt": ("SE07", "pass", {
        "a.py": "from sqlalchemy import create_engine\n\ndb = create_engine('x')\n\n\ndef index():\n    table = 'a'\n    name = f'idx_{table}'\n    db.execute(f'CREATE INDEX {name} ON {table} (id)')\n",
    }),
    "SQL with names that a loop takes from the code is no doubt": ("SE07", "pass", {
        "a.py": "from sqlalchemy import create_engine\n\ndb = create_engine('x')\n\n\ndef clear(key):\n    for table in ('a', 'b'):\n        db.execute(f'DELETE FROM {table} WHERE id = ?', (key,))\n",
    }),
    "SQL with names that a loop takes from what is handed in is one": ("SE07", "warn", {
        "a.py": "from sqlalchemy import create_engine\n\ndb = create_engine('x')\n\n\ndef clear(key, tables):\n    for table in tables:\n        db.execute(f'DELETE FROM {table} WHERE id = ?', (key,))\n",
    }),
    "a name that is a text in another function is one": ("SE07", "warn", {
        "a.py": "from sqlalchemy import create_engine\n\ndb = create_engine('x')\n\n\ndef tell():\n    table = 'a'\n    return table\n\n\ndef clear(table):\n    db.execute(f'DELETE FROM {table}')\n",
    }),
    "the name of an uploaded file that becomes a path is a doubt": ("SE07", "warn", {
        "app.py": SAVING.format("name"),
    }),
    "the last part of an uploaded file's name is none": ("SE07", "pass", {
        "app.py": SAVING.format("os.path.basename(name)"),
    }),
    "what a tool is asked to open is a doubt": ("SE07", "warn", {
        "server.py": MCP + "@mcp.tool()\ndef look(path: str) -> str:\n    return open(path).read()\n",
    }),
    "what a tool is asked to open and holds in a folder is none": ("SE07", "pass", {
        "server.py": MCP + "from pathlib import Path\n\n@mcp.tool()\ndef look(path: str) -> str:\n    whole = Path(path).resolve()\n    if not whole.is_relative_to(Path('data')):\n        raise ValueError(path)\n    return open(whole).read()\n",
    }),
    "a command that a variable holds, and the code says, is no doubt": ("SE07", "pass", {
        "a.py": "import subprocess\n\ncommand = 'tar -cf model.tar *'\nprint(command)\nsubprocess.run(command, shell=True, check=True, timeout=60)\n\n\ndef go(): ...\n",
    }),
    "a command that a variable holds, and somebody else says, fails": ("SE07", "fail", {
        "a.py": "import os\nimport subprocess\n\ncommand = os.environ['COMMAND']\nsubprocess.run(command, shell=True, check=True, timeout=60)\n\n\ndef go(): ...\n",
    }),
    "a question to a person is no SQL": ("SE07", "pass", {
        "a.py": "import questionary\n\n\ndef ask(example):\n    return questionary.text(f'Enter a symbol, as {example}').ask()\n",
    }),
    "a variable that is a text no more is one": ("SE07", "warn", {
        "a.py": "from sqlalchemy import create_engine\n\ndb = create_engine('x')\n\n\ndef index(given):\n    table = 'a'\n    table = given\n    db.execute(f'CREATE INDEX x ON {table} (id)')\n",
    }),
    "a statement that a tool runs as it comes is one": ("SE07", "warn", {
        "server.py": MCP + "@mcp.tool()\ndef look(sql: str) -> str:\n    return db.execute(sql)\n",
    }),
    "a command that stands in the code needs no patience": ("SE07", "pass", {
        "a.py": "import subprocess\n\n\ndef head():\n    return subprocess.run(['git', 'rev-parse', 'HEAD'])\n",
    }),
    "a command of either of two texts is constant": ("SE07", "pass", {
        "a.py": "import os\n\n\ndef clear():\n    os.system('cls' if os.name == 'nt' else 'clear')\n",
    }),
    "a command of a text or what is handed in is not": ("SE07", "fail", {
        "a.py": "import os\n\n\ndef clear(x):\n    os.system('cls' if os.name == 'nt' else x)\n",
    }),
    # ---------------------------------------------------------------- trails, owners, ways in
    "a transcript that is kept is half a trail": ("SE06", "warn", {
        "a.py": "def store_transcript(user_id, text): ...\n\n\nstore_transcript('a', 'b')\n",
    }),
    "a transcription is none": ("SE06", "unknown", {
        "a.py": "def get_transcription(audio): ...\n\n\nget_transcription('a')\n",
    }),
    "rows that are asked for by their owner are held to him": ("SE08", "warn", {
        "a.py": "def mine(db, user_id):\n    return db.fetch('SELECT * FROM thread WHERE user_id = $1', user_id)\n\n\ndef drop(db, user_id):\n    db.execute('DELETE FROM thread WHERE user_id = $1', user_id)\n",
    }),
    "a mode of TLS that somebody may set is half of it": ("SE09", "warn", {
        "a.py": "import os\n\nmode = os.getenv('MYSQL_SSL_MODE', 'DISABLED')\n",
    }),
    "listening to the own machine by default limits what reaches it": ("SE11", "warn", {
        "a.py": "import click\n\n\n@click.command()\n@click.option('--host', default='127.0.0.1')\ndef main(host): ...\n",
    }),
    "listening to everybody does not": ("SE11", "unknown", {
        "a.py": "import click\n\n\n@click.command()\n@click.option('--host', default='0.0.0.0')\ndef main(host): ...\n",
    }),
    # ---------------------------------------------------------------- failures
    "a client that is told how often to try waits by itself": ("RL01", "pass", {
        "a.py": "import openai\n\nclient = openai.OpenAI(max_retries=4)\n",
    }),
    "a function that waits longer and calls itself again retries": ("RL01", "pass", {
        "a.py": "import time\nimport httpx\n\nclient = httpx.Client()\n\n\ndef ask(attempt=0):\n    try:\n        return client.get('/')\n    except httpx.HTTPError:\n        time.sleep(2 ** attempt)\n        return ask(attempt + 1)\n",
    }),
    "one that calls another is none": ("RL01", "fail", {
        "a.py": "import time\nimport httpx\n\nclient = httpx.Client()\n\n\ndef other(): ...\n\n\ndef ask(attempt=0):\n    try:\n        return client.get('/')\n    except httpx.HTTPError:\n        time.sleep(2 ** attempt)\n        return other()\n",
    }),
    "a constant may stand for no retry": ("RL01", "warn", {
        "a.py": "import openai\n\nSDK_RETRIES = 0\nclient = openai.OpenAI(max_retries=SDK_RETRIES)\n",
    }),
    "one of two clients that is told is half of it": ("RL01", "warn", {
        "a.py": "import openai\n\nclient = openai.OpenAI(max_retries=4)\nother = openai.OpenAI()\n",
    }),
    "a library's retry without a growing delay is half of it": ("RL01", "warn", {
        "a.py": "from reretry import retry\n\n\n@retry(OSError, tries=3, delay=1)\ndef go(): ...\n",
    }),
    "the same with one is whole": ("RL01", "pass", {
        "a.py": "from reretry import retry\n\n\n@retry(OSError, tries=3, delay=1, backoff=2)\ndef go(): ...\n",
    }),
    "a loop that waits for something and gives up retries nothing": ("RL01", "unknown", {
        "a.py": "import asyncio\nimport websockets\n\n\nasync def wait(event, rest):\n    while True:\n        left = rest()\n        await asyncio.sleep(min(left, 3))\n        try:\n            await asyncio.wait_for(event.wait(), timeout=left)\n        except asyncio.TimeoutError:\n            return {'event': False}\n",
    }),
    "sleeping for what is left until a deadline retries nothing": ("RL01", "unknown", {
        "a.py": "import time\nimport websockets\n\n\ndef wait(look, end):\n    while time.monotonic() < end:\n        try:\n            found = look()\n        except OSError:\n            found = None\n        left = end - time.monotonic()\n        time.sleep(min(1, left))\n    return found\n",
    }),
    "going on without what a failed call would have given is half a fallback": ("RL03", "warn", {
        "a.py": "def tools(client):\n    try:\n        found = client.fetch()\n    except OSError:\n        found = []\n    return found\n",
    }),
    "another client where the first cannot be made is half a fallback": ("RL03", "warn", {
        "a.py": "import openai\n\n\ndef make():\n    try:\n        llm = openai.OpenAI()\n    except OSError:\n        llm = openai.AzureOpenAI()\n    return llm\n",
    }),
    "several texts handed back where a model fails are a fallback": ("RL03", "pass", {
        "a.py": "def go(model, page):\n    try:\n        return model.invoke(page)\n    except TimeoutError:\n        return page\n    except OSError:\n        return page\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES | SECURITY))
def test_misread(project, case: str) -> None:
    item, verdict, files = (CASES | SECURITY)[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
