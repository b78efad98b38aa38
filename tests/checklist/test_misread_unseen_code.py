"""What code of unknown repositories looks like: each case is a small tree of its own, with what is told."""

from __future__ import annotations

import pytest

APP = "from fastapi import FastAPI, Request\nfrom pydantic import BaseModel\n\napp = FastAPI()\n\n\nclass Order(BaseModel):\n    text: str\n\n\n"
TAKES = "@app.post('/{0}')\nasync def take_{0}(order: Order) -> str: ...\n\n\n"
RAW = "@app.post('/raw')\nasync def raw(request: Request) -> str:\n    return keep(await request.json())\n"
STARRED = {
    "shop/models/__init__.py": "from shop.models.orders import *\n",
    "shop/models/orders.py": "from pydantic import BaseModel\n\n\nclass Item(BaseModel):\n    text: str\n\n\nclass Order({0}):\n    text: str\n",
    "shop/a.py": "from fastapi import FastAPI\nfrom shop.models import Order\n\napp = FastAPI()\n\n\n@app.post('/a')\nasync def a(order: Order) -> str: ...\n",
}
ADDED = "from fastmcp import FastMCP\nfrom pydantic import BaseModel\n\n\nclass Entry(BaseModel):\n    text: str\n\n\ndef find(query{0}) -> str:\n    '''Find it.'''\n\n\nclass Tools(FastMCP):\n    def offer(self):\n        self.tool(find, name='find')\n\n\nTools().run(transport='http')\n"
BRANCHES = "import httpx\nimport openai\n\n\nclass Shop:\n    def __init__(self):\n        self._client = None\n\n    def client(self):\n        if self._client is not None:\n            return self._client\n        if self.azure:\n            made = openai.AzureOpenAI()\n        else:\n            made = {0}\n        self._client = made\n        return made\n"
GLOBAL = "import openai\n\nkept: openai.OpenAI | None = None\n\n\ndef _init_model(key: str) -> None:\n    {0}\n    kept = openai.OpenAI(api_key=key)\n\n\nkeys = openai.OpenAI()\n"
ABOVE = "import openai\n\n\nclass Model:\n    def __init__(self):\n        self.client = {0}\n\n    def ask(self, text):\n        return {1}.responses.create(input=text)\n\n    def make(self): ...\n\n\nclass OpenModel(Model):\n    def make(self):\n        return openai.OpenAI()\n"
COMMAND = "import httpx\n{0}\nkept = httpx.Client()\n\n\n{1}\ndef stop():\n    httpx.delete('http://x')\n"
HANDED = "import requests\nfrom atlassian import Jira\n\n\nclass Shop:\n    def __init__(self):\n        session = requests.Session()\n        self.jira = Jira(url='x', session=session{0})\n"
SENDING = (
    "import httpx\nimport openai\n\nsent = httpx.AsyncClient({0})\nclient = openai.AsyncOpenAI(http_client=sent)\n"
)
TOOLS = "from abc import ABC\nimport openai\n\n\nclass BaseTool(ABC):\n    name: str\n    description: str\n    parameters: dict\n\n    def {0}(self, given): ...\n\n\nclass A(BaseTool):\n    name = 'a'\n\n\nclass B(BaseTool):\n    name = 'b'\n\n\nclass C(BaseTool):\n    name = 'c'\n\n\ndef get_tools():\n    return [A(), B(), C()]\n\n\nopenai.OpenAI()\n"
AGENT = "from pydantic_ai import Agent\n\nagent = Agent('openai:x')\n\n\n@agent.tool_plain\ndef find(query{0}) -> str:\n    '''Find it.'''\n"
AVIARY = "from aviary.core import Tool\nimport openai\n\n\ndef find(query: str) -> str:\n    '''Find it.'''\n\n\nmade = {0}\nopenai.OpenAI().responses.create(tools=[made])\n"
READ = "import json\nfrom pydantic import BaseModel\n\n\nclass Row(BaseModel):\n    text: str\n\n\ndef read(path, model):\n    return [model(**json.loads(line)) for line in open(path)]\n\n\nrows = [{0}]\n"
SERVED = "from fastmcp import FastMCP\n\n\ndef find(query{0}) -> str:\n    '''Find it.'''\n\n\nserver = FastMCP('shop', tools=[find])\n"
GATHERED = "import asyncio\n\n\nasync def main(rows, batch_size=10):\n    for start in {0}:\n        await asyncio.gather(*(go(row) for row in rows[start:]))\n"
POOLED = "from {0} import {1}\n\n\ndef main(rows):\n    return {1}(go, rows{2})\n"
ASKED = "from langchain_openai import ChatOpenAI\n\nmodel = ChatOpenAI()\n\n\ndef main(rows):\n    return model.batch(rows, config={{{0}}})\n"
QUEUED = {"a.py": "from celery import Celery\n\napp = Celery('x')\n\n\n@app.task\ndef go(): ...\n"}
SECOND = "import openai\n\nclient = openai.OpenAI()\n\n\ndef ask(text):\n    try:\n        return client.chat.completions.create(model='a', messages=text)\n    except {0}:\n        return client.chat.completions.create(model='{1}', messages=text)\n"
INSTEAD = "import httpx\n\nkept = {{}}\ncache = {{}}\n\n\ndef ask(text):\n    try:\n        return httpx.get(text).json()\n    except httpx.HTTPError:\n        return {0}\n\n\ndef keyword_search(text):\n    return sorted(text)\n\n\ndef told(text):\n    return sorted(text)\n"
CHAIN = "import litellm\n\n\ndef ask(text, found):\n    for {0} in found:\n        try:\n            return litellm.completion({1}, messages={2})\n        except Exception as error:\n            print(error)\n"
LAZY = "import openai\n\n\nclass Shop:\n    @property\n    def client(self):\n        if not hasattr(self, '_client'):\n            self._client = openai.OpenAI()\n        return self._client{0}\n"
MISSING = "import openai\n\n\nclass Shop:\n    def client(self, key):\n        try:\n            return self._client.of(key)\n        except {0}:\n            self._client = openai.OpenAI()\n            return self._client.of(key)\n"
CHECKED = "import openai\nfrom pydantic import BaseModel, {0}\n\n\nclass Shop(BaseModel):\n    client: object = None\n\n    @{0}(mode='after')\n    def checked(self):\n        self.client = openai.OpenAI()\n        return None\n"
BOTH = "import openai\nimport redis\n\nmodel = store = None\n\n\ndef clients():\n    global model{0}\n    if model is None:\n        model = openai.OpenAI()\n        store = redis.Redis()\n    return model, store\n"
FACTORY = "import openai\nfrom flask import Flask\n\n\ndef {0}():\n    app = Flask(__name__)\n    app.client = openai.OpenAI()\n    return app\n"
TRIED = "import openai\n\nclient = openai.OpenAI()\nMAX_ATTEMPTS = 5\n\n\ndef run(text):\n    attempt = 0\n    while attempt < MAX_ATTEMPTS:\n        attempt += 1\n        {0}\n"
SPENT = "import openai\n\nclient = openai.OpenAI()\n\n\ndef run(self, text):\n    while True:\n        if self.cost > self.{0}:\n            raise RuntimeError\n        client.responses.create(input=text)\n"
ALIAS = (
    APP
    + "from typing import Annotated\nfrom fastapi import Body\n\nAsked = Annotated[{0}, Body()]\n\n\n@app.post('/a')\nasync def a(order: Asked) -> str: ...\n"
)
BOUND = "from fastapi import APIRouter\nfrom pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    text: str\n\n\nclass Shop:\n    def __init__(self):\n        self.router = APIRouter()\n        self.router.add_api_route('/a', self.take, methods=['POST'])\n\n    async def take(self, order: {0}) -> str: ...\n\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n"
FLASK = "from flask import Flask, request\nfrom pydantic import BaseModel\n\napp = Flask(__name__)\n\n\nclass Order(BaseModel):\n    text: str\n\n\n@app.post('/a')\ndef a():\n    return Order.model_validate({0}).text\n"
PARSED = "from aws_lambda_powertools.utilities.parser import event_parser\nfrom pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    text: str\n\n\n@event_parser(model={0})\ndef handler(event, context): ...\n"
LAMBDA = "import json\nfrom pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    text: str\n\n\ndef handler({0}):\n    return Order(**json.loads(event['body'])).text\n"
WAITED = "import asyncio\nimport openai\n\nclient = openai.AsyncOpenAI()\n\n\nasync def ask(text):\n    return await asyncio.{0}(client.responses.create(input=text), 30)\n"
STORED = (
    "import httpx\nimport sqlalchemy\n\nengine = sqlalchemy.create_engine('{0}')\nclient = httpx.Client(timeout=3)\n"
)
FROM_FUNCTION = "from fastmcp import FastMCP\nfrom fastmcp.tools import Tool\n\nserver = FastMCP('shop')\n\n\ndef find(query{0}) -> str:\n    '''Find it.'''\n\n\nserver.add_tool({1})\n"
MADE = "import json\nfrom pydantic import BaseModel\n\n\nclass A(BaseModel):\n    def __init__(self, path):\n        super().__init__(**json.load(path))\n\n\nclass B(BaseModel):\n    def __init__(self, path):\n        super().__init__(**json.load(path))\n\n\nclass C(BaseModel):\n    text: str\n\n\nrows = [{0}]\n"
BUILT = "from pydantic import BaseModel, create_model\n\n\nclass Old(BaseModel):\n    text: str\n\n\ndef handler(fields):\n    Asked = create_model('Asked', **fields)\n\n    def tool(given: {0}): ...\n\n    return tool\n"
HANDED_ON = "from fastapi import FastAPI\nfrom pydantic import BaseModel\n\n\nclass Order(BaseModel):\n    text: str\n\n\ndef main(app: FastAPI):\n    @app.post('/a')\n    async def a(order: Order) -> str: ...\n\n    @app.post('/b')\n    async def b(text: {0}) -> str: ...\n"
PLUGIN = "[project]\nname = 'shop'\nversion = '1'\n[project.scripts]\nshop = 'shop.a:main'\n"
VETTED = (
    APP.replace("FastAPI, Request", "Depends, FastAPI, HTTPException, Request")
    + "async def vetted(request: Request):\n    if not (await request.json()).get('text'):\n        raise HTTPException({1})\n\n\n@app.post('/a'{0})\nasync def a(order: Order) -> str: ...\n"
)
ADMIN = "from fastapi import Depends, FastAPI, Header, HTTPException\n\napp = FastAPI()\n\n\ndef checked(key: str = Header()):\n    {0}\n\n\nAdmin = Depends(checked)\n\n\n@app.post('/a')\nasync def a(text: str, who: str = Admin) -> str: ...\n"
OPTIONS = "from fastmcp import FastMCP\nfrom fastmcp.server.auth.providers.jwt import StaticTokenVerifier\n\n\ndef options():\n    return {{'auth': StaticTokenVerifier(tokens={{}})}}\n\n\ndef others():\n    return {{}}\n\n\nserver = FastMCP('shop', **{0}())\nserver.run(transport='http')\n"
AGAIN = "import openai\n\nclient = openai.OpenAI()\n\n\ndef write(text):\n    return client.responses.create(input=text)\n\n\ndef go(text):\n    {0} = 0\n    while True:\n        {1}\n        {0} += 1\n        if {0} >= 2:\n            break\n"
BEDROCK = "import boto3\n\n\ndef ask(client, text):\n    return client.{0}(modelId='x', body=text)\n\n\ndef main(client, text, max_turns):\n    turns = 0\n    while turns < max_turns:\n        ask(client, text)\n"
WORKFLOW = "import openai\nfrom llama_index.core.workflow import Workflow\n\n\nclass Shop({0}):\n    def go(self): ...\n\n\nshop = Shop(timeout=600)\n"
PLAN = "import openai\nfrom pydantic import BaseModel, Field\n\n\nclass {0}(BaseModel):\n    steps: list[str] = Field(max_length=4)\n"
KEPT_BY = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\ndef find({0}): ...\n\n\ndef close({0}): ...\n\n\ndef tell({0}): ...\n"
KEPT_STEPS = "import openai\n\n\ndef {0}(path): ...\n\n\n{0}('x')\n"
USERS = "import structlog\n\nlog = structlog.get_logger()\n\n\ndef go(user):\n    log.info('{0}', user_id=user)\n    log.info('order_deleted', user_id=user)\n    log.info('user_logged_in', user_id=user)\n"
TOLD_TOOLS = "from fastmcp import FastMCP\n\nTOOLS = {{}}\n\n\ndef {1}(tool):\n    TOOLS[tool.__name__] = tool\n    return tool\n\n\ndef find(query{0}) -> str:\n    '''Find it.'''\n\n\n{1}(find)\nserver = FastMCP('shop', tools=TOOLS)\n"
LOOPED = "from fastmcp import FastMCP\nfrom shop.finding import find\n\nTOOLS = [find]\nserver = FastMCP('shop')\nfor tool in TOOLS:\n    {0}(tool)\n"
FINDING = "def find(query: str) -> str:\n    '''Find it.'''\n"
WRAPPED = "import openai\n\n\ndef {0}(kind=None):\n    return lambda function: function\n\n\n@{0}()\ndef find(query: str) -> str:\n    '''Find it.'''\n"
APPROVED = "import openai\n\n\ndef {0}(name): ...\n\n\n{0}('x')\n"
TRIES = "def test_{0}_is_refused():\n    assert True\n"
LOOKED_AT = "import openai\n\n\ndef {0}(text): ...\n\n\n{0}('x')\n"
WRITABLE = "import os\nfrom fastmcp import FastMCP\n\nserver = FastMCP('shop')\nSET = os.getenv('{0}', '')\n"
JUDGED = "from shop.a import ask\n\n\nclass {0}:\n    def go(self): ...\n"
MANY = "from fastmcp import FastMCP\n\nserver = FastMCP('shop')\n\n\n" + "".join(
    f"@server.tool\ndef find_{number}(query: str) -> str:\n    '''Find it.'''\n\n\n" for number in range(19)
)
LOOSE = "@server.tool\ndef lose_{0}(query) -> str:\n    '''Lose it.'''\n\n\n"
ROWS = "from sqlalchemy import create_engine, text\n\ndb = create_engine('x')\nTABLE = 'orders'\n\n\ndef go(role):\n    db.execute(text(f'{0}'))\n"
TYPED_TOOLS = (
    "from langchain_core.tools import tool\nfrom pydantic import BaseModel, Field\n\n\nclass Plan(BaseModel):\n    a: str = Field(max_length=9)\n    b: int = Field(ge=1)\n    c: int = Field({0})\n\n\n"
    + "".join(
        f"@tool\ndef find_{number}(query: str) -> str:\n    '''Find it.'''\n    if not query:\n        raise ValueError\n\n\n"
        for number in range(3)
    )
)
PICKLED = "import pickle\n\n\ndef old(path):\n    return pickle.load(open(path, 'rb'))\n\n\ndef {0}(path):\n    keep(old(path))\n"
PAGE = "import {0}\nfrom sqlalchemy import text\n\n\ndef show(engine, {1}):\n    return engine.run(text({1}))\n"


def _long(lines: int, others: int) -> dict[str, str]:
    """Return a module of some lines beside as many as others of 500."""
    rest = {f"shop/part_{n}.py": "def go(): ...\n" + "x = 1\n" * 499 for n in range(others)}
    return {"shop/long.py": "def go(): ...\n" + "x = 1\n" * (lines - 1), **rest}


CASES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "one raw body beside a model and many that are made": ("CQ03", "pass", "in 10 places", {
        "a.py": APP + TAKES.format("a") + RAW + "\n\nrows = [" + ", ".join(["Order.model_validate(row)"] * 10) + "]\n",
    }),
    "one raw body beside three models and many that are made": ("CQ03", "warn", "a raw body is read in 1 place", {
        "a.py": APP + "".join(TAKES.format(n) for n in "abc") + RAW + "\n\nrows = [" + ", ".join(["Order.model_validate(row)"] * 10) + "]\n",
    }),
    "a model that a package brings by a star": ("CQ03", "pass", "1 route takes a declared model", {
        name: text.replace("{0}", "BaseModel") for name, text in STARRED.items()
    }),
    "what is no model that a package brings by a star": ("CQ03", "warn", "no boundary was found", {
        name: text.replace("{0}", "object") for name, text in STARRED.items()
    }),
    "tools that are added to a server": ("CQ03", "pass", "1 tool of a server", {"a.py": ADDED.format(": str")}),
    "tools that a server's decorator is called with": ("CQ03", "pass", "1 tool of a server", {
        "a.py": ADDED.format(": str").replace("self.tool(find, name='find')", "self.tool(name='find')(find)"),
    }),
    "tools without types that are added to a server": ("CQ03", "warn", "1 tool of 1 without types", {"a.py": ADDED.format("")}),
    "a client of which each branch makes its own": ("PF02", "pass", "2 known clients", {"a.py": BRANCHES.format("openai.OpenAI()")}),
    "a client of another library beside what is kept": ("PF02", "warn", "1 of 2 clients", {
        "a.py": BRANCHES.format("openai.OpenAI()").replace("openai.AzureOpenAI()", "httpx.Client().get('x')"),
    }),
    "a client in a variable of the module": ("PF02", "pass", "2 known clients", {"a.py": GLOBAL.format("global kept")}),
    "a client in a variable of a function": ("PF02", "warn", "1 of 2 clients", {"a.py": GLOBAL.format("...")}),
    "a factory that a class beneath brings": ("PF02", "pass", "1 known client", {"a.py": ABOVE.format("self.make()", "self.client")}),
    "such a factory that is asked for each call": ("PF02", "warn", "0 of 1 clients", {"a.py": ABOVE.format("None", "self.make()")}),
    "a command that asks once": ("PF02", "pass", "1 known client", {
        "a.py": COMMAND.format("import typer\n\napp = typer.Typer()", "@app.command()"),
    }),
    "a command that is handed over": ("PF02", "pass", "1 known client", {
        "a.py": COMMAND.format("import typer\n\napp = typer.Typer()", "") + "\n\napp.command('stop')(stop)\n",
    }),
    "only commands that ask": ("PF02", "warn", "0 of 1 clients", {
        "a.py": COMMAND.format("import typer\n\napp = typer.Typer()", "@app.command()").replace("kept = httpx.Client()", ""),
    }),
    "a route that asks anew": ("PF02", "warn", "1 of 2 clients", {
        "a.py": COMMAND.format("from fastapi import FastAPI\n\napp = FastAPI()", "@app.delete('/stop')"),
    }),
    "a session that a client with a timeout is handed": ("PF05", "pass", "every outgoing call", {"a.py": HANDED.format(", timeout=75")}),
    "a session that a client without one is handed": ("PF05", "fail", "sets a timeout (1)", {"a.py": HANDED.format("")}),
    "a client that sends through one with a timeout": ("PF05", "pass", "every outgoing call", {"a.py": SENDING.format("timeout=5")}),
    "a client that sends through one without": ("PF05", "warn", "1 of 2 known clients", {"a.py": SENDING.format("")}),
    "a long module that holds a third": ("AR01", "pass", "1 over 800 lines", _long(1100, 5)),
    "a longer module that holds a third": ("AR01", "warn", "1 module over 800 lines", _long(1300, 6)),
    "a type of tools that checks what they are given": ("AR04", "pass", "3 tools of a type of its own", {"a.py": TOOLS.format("verify")}),
    "a type of tools that checks nothing": ("AR04", "unknown", "no tool was found", {"a.py": TOOLS.format("explain")}),
    "plain tools of an agent": ("AR04", "pass", "1 tool declared", {"a.py": AGENT.format(": str")}),
    "plain tools without types": ("AR04", "warn", "without types", {"a.py": AGENT.format("")}),
    "a tool that a library makes of a function": ("AR04", "pass", "1 tool declared", {"a.py": AVIARY.format("Tool.from_function(find)")}),
    "a tool that is a mapping": ("AR04", "warn", "not declared in one typed list", {"a.py": AVIARY.format("{'name': 'find'}")}),
    "models that a function of its own is handed": ("CQ03", "pass", "in 5 places", {"a.py": READ.format(", ".join(["read('x', Row)"] * 5))}),
    "what a function is handed that is no model": ("CQ03", "warn", "no boundary was found", {"a.py": READ.format(", ".join(["read('x', dict)"] * 5))}),
    "tools that a server is made with": ("CQ03", "pass", "1 tool of a server", {"a.py": SERVED.format(": str")}),
    "a list of tools that a server is made with": ("AR04", "pass", "1 tool declared", {"a.py": SERVED.format(": str")}),
    "a list of bare tools that a server is made with": ("AR04", "warn", "without types", {"a.py": SERVED.format("")}),
    "what is gathered batch by batch": ("PF03", "pass", "under a bound", {"a.py": GATHERED.format("range(0, len(rows), batch_size)")}),
    "what is gathered from what is cut": ("PF03", "pass", "under a bound", {"a.py": GATHERED.format("chunks(rows)")}),
    "what is gathered again and again": ("PF03", "warn", "nothing bounds how much", {"a.py": GATHERED.format("rows")}),
    "a number of threads of a library": ("PF03", "pass", "under a bound", {"a.py": POOLED.format("tqdm.contrib.concurrent", "thread_map", ", max_workers=4")}),
    "threads of a library without a number": ("PF03", "warn", "nothing bounds how much", {"a.py": POOLED.format("tqdm.contrib.concurrent", "thread_map", "")}),
    "a library's batches of which few run at once": ("PF03", "pass", "under a bound", {"a.py": ASKED.format("'max_concurrency': 5")}),
    "a library's batches": ("PF03", "warn", "only batches are made", {"a.py": ASKED.format("'tags': 5")}),
    "workers that a command starts with a number": ("PF03", "pass", "left to workers", QUEUED | {"compose.yaml": "services:\n  a:\n    command: celery -A a worker --concurrency=4\n"}),
    "workers that a command starts": ("PF03", "warn", "nothing says how many", QUEUED | {"compose.yaml": "services:\n  a:\n    command: celery -A a worker --loglevel=4\n"}),
    "a second model in a handler": ("RL03", "pass", "in another way", {"a.py": SECOND.format("openai.APIError", "b")}),
    "the same model once more": ("RL03", "unknown", "no fallback", {"a.py": SECOND.format("openai.APIError", "a")}),
    "an embed that own code makes once more": ("RL03", "unknown", "no fallback", {
        "a.py": "def generate_embed(text):\n    return {'text': text}\n\n\ndef tell(target, text):\n    try:\n        target.show(generate_embed(text))\n    except RuntimeError:\n        target.show(generate_embed(text[:9]))\n",
    }),
    "a second question after an answer that is no JSON": ("RL03", "unknown", "no fallback", {"a.py": SECOND.format("ValueError", "b")}),
    "an answer from a cache": ("RL03", "pass", "in another way", {"a.py": INSTEAD.format("cache.get(text)")}),
    "an answer from something else": ("RL03", "unknown", "no fallback", {"a.py": INSTEAD.format("kept.get(text)")}),
    "what a cache no longer holds": ("RL03", "unknown", "no fallback", {"a.py": INSTEAD.format("cache.pop(text)")}),
    "a plainer way of its own": ("RL03", "pass", "in another way", {"a.py": INSTEAD.format("keyword_search(text)")}),
    "a function of its own that tells": ("RL03", "unknown", "no fallback", {"a.py": INSTEAD.format("told(text)")}),
    "the first of several models that answers": ("RL03", "pass", "in another way", {"a.py": CHAIN.format("model", "model=model", "text")}),
    "the first of several texts that is answered": ("RL03", "unknown", "no fallback", {"a.py": CHAIN.format("one", "model='a'", "one")}),
    "a client that an object makes when it is asked": ("PF02", "pass", "1 known client", {"a.py": LAZY.format("")}),
    "a client that is set anew to ask with": ("PF02", "warn", "0 of 1 clients", {"a.py": LAZY.format(".models")}),
    "a client that an object was found to lack": ("PF02", "pass", "1 known client", {"a.py": MISSING.format("AttributeError")}),
    "a client that is made after a failure": ("PF02", "warn", "0 of 1 clients", {"a.py": MISSING.format("openai.APIError")}),
    "a client of a validator": ("PF02", "pass", "1 known client", {"a.py": CHECKED.format("model_validator")}),
    "a client of a serializer": ("PF02", "warn", "0 of 1 clients", {"a.py": CHECKED.format("model_serializer")}),
    "two clients that the module keeps": ("PF02", "pass", "2 known clients", {"a.py": BOTH.format(", store")}),
    "a client beside one that the module keeps": ("PF02", "warn", "1 of 2 clients", {"a.py": BOTH.format("")}),
    "a client of what makes the application": ("PF02", "pass", "1 known client", {"a.py": FACTORY.format("create_app")}),
    "a client of what makes something else": ("PF02", "warn", "0 of 1 clients", {"a.py": FACTORY.format("create_order")}),
    "attempts of a model that are counted": ("AG01", "pass", "are capped", {"a.py": TRIED.format("client.responses.create(input=text)")}),
    "attempts that are retries": ("AG01", "unknown", "no cap", {
        "a.py": TRIED.format("try:\n            return client.responses.create(input=text)\n        except openai.APIError:\n            continue"),
    }),
    "a cost that a run may not pass": ("AG01", "pass", "are capped", {"a.py": SPENT.format("max_cost_usd")}),
    "a cost that is compared with that of before": ("AG01", "unknown", "no cap", {"a.py": SPENT.format("last_cost")}),
    "a model of another folder that a process starts in": ("CQ03", "pass", "1 route takes", {
        "backend/api/a.py": STARRED["shop/a.py"].replace("shop.models", "shared.orders"), "backend/shared/orders.py": STARRED["shop/models/orders.py"].replace("{0}", "BaseModel"),
        "backend/mcp/b.py": "from mcp.server import Server\n\nserver = Server('x')\n", "deploy/backend/c.py": "import mcp\n",
    }),
    "what is no model of another folder": ("CQ03", "warn", "no boundary was found", {
        "backend/api/a.py": STARRED["shop/a.py"].replace("shop.models", "shared.orders"), "backend/shared/orders.py": STARRED["shop/models/orders.py"].replace("{0}", "object"),
    }),
    "a model behind a name for its annotation": ("CQ03", "pass", "1 route takes", {"a.py": ALIAS.format("Order")}),
    "a text behind a name for its annotation": ("CQ03", "warn", "no boundary was found", {"a.py": ALIAS.format("str")}),
    "a model of a route that is a method": ("CQ03", "pass", "1 route takes", {"a.py": BOUND.format("Order")}),
    "a text of a route that is a method": ("CQ03", "warn", "no boundary was found", {"a.py": BOUND.format("str")}),
    "a body that a model validates": ("CQ03", "pass", "validated where it is read", {"a.py": FLASK.format("request.json")}),
    "something else that a model validates": ("CQ03", "warn", "no boundary was found", {"a.py": FLASK.format("{'text': 'x'}")}),
    "a body that a model validates beside a raw one": ("CQ03", "warn", "no boundary was found", {
        "a.py": FLASK.format("request.json") + "\n\n@app.post('/b')\ndef b():\n    return request.json.get('text')\n",
    }),
    "a model that a decorator is given": ("CQ03", "pass", "1 handler", {"a.py": PARSED.format("Order")}),
    "a decorator that is given something else": ("CQ03", "warn", "no boundary was found", {"a.py": PARSED.format("dict")}),
    "a model of what a platform hands over": ("CQ03", "pass", "in 1 handler", {"a.py": LAMBDA.format("event, context")}),
    "a model of what own code hands over": ("CQ03", "warn", "no boundary was found", {"a.py": LAMBDA.format("event")}),
    "one platform's handler of three": ("CQ03", "warn", "no boundary was found", {
        "a.py": LAMBDA.format("event, context") + "\n\ndef one(event, context): ...\n\n\ndef two(event, context): ...\n",
    }),
    "tools that are made of functions and added": ("CQ03", "pass", "1 tool of a server", {"a.py": FROM_FUNCTION.format(": str", "Tool.from_function(find)")}),
    "tools that are made of functions without types": ("CQ03", "warn", "1 tool of 1 without types", {"a.py": FROM_FUNCTION.format("", "Tool.from_function(find)")}),
    "tools that are made of something else": ("CQ03", "unknown", "no boundary", {"a.py": FROM_FUNCTION.format(": str", "shop.from_function(find)")}),
    "models that read their own fields": ("CQ03", "pass", "in 3 places", {"a.py": MADE.format("C(**row)")}),
    "models of which one reads its own fields": ("CQ03", "warn", "no boundary was found", {"a.py": MADE.format("C(text='x')")}),
    "a model that is made at run time": ("CQ03", "pass", "at run time", {"a.py": BUILT.format("Asked")}),
    "a mapping where a model is made at run time": ("CQ03", "warn", "no boundary was found", {"a.py": BUILT.format("dict")}),
    "routes of what is handed over that take what has types": ("CQ03", "pass", "none reads a raw body", {"shop/a.py": HANDED_ON.format("str"), "pyproject.toml": PLUGIN}),
    "routes of what is handed over of which one takes a mapping": ("CQ03", "warn", "is taken by 1 route", {"shop/a.py": HANDED_ON.format("dict"), "pyproject.toml": PLUGIN}),
    "a body that a dependency refuses": ("CQ03", "pass", "none reads a raw body", {"a.py": VETTED.format(", dependencies=[Depends(vetted)]", "400")}),
    "a body that nothing depends on refuses": ("CQ03", "warn", "a raw body is read in 1 place", {"a.py": VETTED.format("", "400")}),
    "a body that a dependency breaks on": ("CQ03", "warn", "a raw body is read in 1 place", {"a.py": VETTED.format(", dependencies=[Depends(vetted)]", "500")}),
    "a guard that a default names": ("SE03", "pass", "stands before the changing route", {"a.py": ADMIN.format("raise HTTPException(401)")}),
    "a default that lets everybody in": ("SE03", "unknown", "no authentication was found", {"a.py": ADMIN.format("return key")}),
    "a server of tools with what a function gives": ("SE03", "pass", "given its authentication", {"a.py": OPTIONS.format("options")}),
    "a server of tools with what another gives": ("SE03", "warn", "cannot be followed", {"a.py": OPTIONS.format("others")}),
    "an invitation beside a guarded route": ("SE03", "pass", "stands before the changing route", {
        "a.py": ADMIN.format("raise HTTPException(401)") + "\n\n@app.post('/invites/accept')\nasync def accept(text: str) -> str: ...\n",
    }),
    "an order beside a guarded route": ("SE03", "warn", "1 of 2 changing routes", {
        "a.py": ADMIN.format("raise HTTPException(401)") + "\n\n@app.post('/orders/accept')\nasync def accept(text: str) -> str: ...\n",
    }),
    "a gateway that asks for a subscription": ("SE03", "warn", "a gateway or identity provider", {"a.py": APP + TAKES.format("a"), "infra/api.bicep": "resource api 'x' = {\n  properties: {\n    subscriptionRequired: true\n  }\n}\n"}),
    "a gateway that asks for none": ("SE03", "unknown", "no authentication", {"a.py": APP + TAKES.format("a"), "infra/api.bicep": "resource api 'x' = {\n  properties: {\n    subscriptionRequired: false\n  }\n}\n"}),
    "feedback that starts a model again so often": ("AG01", "pass", "are capped", {"a.py": AGAIN.format("retry_count", "write(text)")}),
    "a count of something else around a model": ("AG01", "unknown", "no cap", {"a.py": AGAIN.format("letters", "write(text)")}),
    "a count of attempts around no model": ("AG01", "unknown", "no cap", {"a.py": AGAIN.format("retry_count", "print(text)")}),
    "turns around a model of Bedrock": ("AG01", "pass", "are capped", {"a.py": BEDROCK.format("invoke_model")}),
    "turns around another service of Amazon's": ("AG01", "n/a", "no agent library", {"a.py": BEDROCK.format("put_object")}),
    "a workflow that may take so long": ("AG01", "warn", "the time", {"a.py": WORKFLOW.format("Workflow")}),
    "something else that may take so long": ("AG01", "unknown", "no cap", {"a.py": WORKFLOW.format("dict")}),
    "a plan of so many steps": ("AG01", "warn", "what goes in", {"a.py": PLAN.format("QueryPlan")}),
    "an order of so many steps": ("AG01", "unknown", "no cap", {"a.py": PLAN.format("Order")}),
    "tokens that a configuration caps": ("AG01", "warn", "tokens are capped", {"a.py": "import openai\n", "config.yml": "llm:\n  max_tokens: 500\n"}),
    "tokens that a configuration leaves open": ("AG01", "unknown", "no cap", {"a.py": "import openai\n", "config.yml": "llm:\n  max_tokens: null\n"}),
    "tool calls that are kept in a file": ("SE06", "warn", "transcripts or events", {"a.py": KEPT_STEPS.format("save_tool_calls")}),
    "tools that are kept in a file": ("SE06", "unknown", "no audit trail", {"a.py": KEPT_STEPS.format("save_tools")}),
    "what users did in the log": ("SE06", "warn", "what users did", {"a.py": USERS.format("account_created")}),
    "what users saw in the log": ("SE06", "unknown", "no audit trail", {"a.py": USERS.format("page_view")}),
    "requests in the log": ("SE06", "warn", "requests only stand", {"a.py": "from aws_lambda_powertools import Logger\n\nlog = Logger()\n\n\n@log.inject_lambda_context(log_event=True)\ndef handler(event, context): ...\n"}),
    "requests that the log leaves out": ("SE06", "unknown", "no audit trail", {"a.py": "from aws_lambda_powertools import Logger\n\nlog = Logger()\n\n\n@log.inject_lambda_context(log_event=False)\ndef handler(event, context): ...\n"}),
    "functions that are told which installation asks": ("SE08", "warn", "which installation", {"a.py": KEPT_BY.format("installation_id")}),
    "functions that are told which order asks": ("SE08", "n/a", "nothing bears a tenant", {"a.py": KEPT_BY.format("order_id")}),
    "tools of a list that a function is told of": ("CQ03", "pass", "1 tool of a server", {"a.py": TOLD_TOOLS.format(": str", "register_tool")}),
    "tools of a list that a function is told of, without types": ("CQ03", "warn", "1 tool of 1 without", {"a.py": TOLD_TOOLS.format("", "register_tool")}),
    "pages that a function is told of": ("CQ03", "unknown", "no boundary", {"a.py": TOLD_TOOLS.format(": str", "register_page")}),
    "tools of a list that a loop adds": ("CQ03", "pass", "1 tool of a server", {"shop/a.py": LOOPED.format("server.add_tool"), "shop/finding.py": FINDING}),
    "what another loop goes through": ("CQ03", "unknown", "no boundary", {"shop/a.py": LOOPED.format("print"), "shop/finding.py": FINDING}),
    "tools of a list that an agent is given by a server": ("AR04", "pass", "1 tool declared", {"a.py": TOLD_TOOLS.format(": str", "register_tool")}),
    "tools of a list without types": ("AR04", "warn", "1 tool of 1 without", {"a.py": TOLD_TOOLS.format("", "register_tool")}),
    "functions that are wrapped as tools": ("AR04", "pass", "1 tool declared", {"a.py": WRAPPED.format("toolwrapper")}),
    "functions that are wrapped as something else": ("AR04", "unknown", "no tool", {"a.py": WRAPPED.format("wrapper")}),
    "tools that the caller hands in": ("AR04", "warn", "the caller hands in", {"a.py": "from langchain_core.tools import StructuredTool\n\n\ndef make(model, tools: list[StructuredTool]): ...\n"}),
    "texts that the caller hands in": ("AR04", "unknown", "no tool", {"a.py": "from langchain_core.tools import StructuredTool\n\n\ndef make(model, tools: list[str]): ...\n"}),
    "functions in JSON": ("AR04", "warn", "stand in JSON", {"a.py": "import openai\n", "shop.json": '[{"type": "function", "function": {"name": "find"}}]\n'}),
    "events in JSON": ("AR04", "unknown", "no tool", {"a.py": "import openai\n", "shop.json": '[{"type": "function", "event": {"name": "find"}}]\n'}),
    "routes with simple types only": ("CQ03", "warn", "simple types", {"a.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/a')\nasync def a(text: str) -> str: ...\n"}),
    "routes without types": ("CQ03", "unknown", "no boundary", {"a.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/a')\nasync def a(text) -> str: ...\n"}),
    "a person who is asked before a tool runs, which tests try": ("AG02", "pass", "tests try it", {"a.py": APPROVED.format("request_tool_approval"), "tests/test_a.py": TRIES.format("request_tool_approval")}),
    "a person who is asked, which no test tries": ("AG02", "warn", "only a person", {"a.py": APPROVED.format("request_tool_approval"), "tests/test_a.py": TRIES.format("order")}),
    "a person who is asked before a release, which tests try": ("AG02", "warn", "only a person", {"a.py": APPROVED.format("request_release_approval"), "tests/test_a.py": TRIES.format("request_release_approval")}),
    "a command that is looked at": ("AG02", "warn", "looked at", {"a.py": LOOKED_AT.format("command_is_safe")}),
    "an order that is looked at": ("AG02", "unknown", "no guard", {"a.py": LOOKED_AT.format("order_is_paid")}),
    "a server of tools that may be let write": ("AG02", "warn", "only read", {"a.py": WRITABLE.format("SHOP_ALLOW_WRITE_ACCESS")}),
    "a server of tools that may be let in": ("AG02", "unknown", "no guard", {"a.py": WRITABLE.format("SHOP_ALLOW_ORIGIN")}),
    "a judge among the tests": ("AG03", "warn", "there are evaluations", {"shop/a.py": "import openai\n\n\ndef ask(text): ...\n", "tests/test_a.py": JUDGED.format("AnswerJudge")}),
    "something else among the tests": ("AG03", "unknown", "no evaluation", {"shop/a.py": "import openai\n\n\ndef ask(text): ...\n", "tests/test_a.py": JUDGED.format("AnswerStore")}),
    "a benchmark that is known": ("AG03", "warn", "there are evaluations", {"shop/run/swebench.py": "import openai\n\n\ndef main(): ...\n"}),
    "a bench of the shop's": ("AG03", "unknown", "no evaluation", {"shop/run/parkbench.py": "import openai\n\n\ndef main(): ...\n"}),
    "tasks to evaluate by": ("AG03", "warn", "tasks to evaluate by", {"a.py": "import openai\n", "evaluation_sets/all.json": "[]\n"}),
    "data of the shop": ("AG03", "unknown", "no evaluation", {"a.py": "import openai\n", "datasets/all.json": "[]\n"}),
    "one tool of twenty without types": ("AR04", "pass", "20 tools declared", {"a.py": MANY + LOOSE.format(1)}),
    "two tools of twenty-one without types": ("AR04", "warn", "2 tools of 21", {"a.py": MANY + LOOSE.format(1) + LOOSE.format(2)}),
    "one tool of twenty that is not validated": ("CQ03", "pass", "20 tools of a server", {"a.py": MANY + LOOSE.format(1)}),
    "two tools of twenty-one that are not": ("CQ03", "warn", "2 tools of 21", {"a.py": MANY + LOOSE.format(1) + LOOSE.format(2)}),
    "answers that are kept in a store": ("SE06", "warn", "transcripts or events", {"a.py": KEPT_STEPS.format("log_to_db")}),
    "names in SQL that are quoted as such": ("SE07", "pass", "no shell", {"a.py": ROWS.format("GRANT SELECT ON {TABLE} TO {db.dialect.identifier_preparer.quote(role)}")}),
    "names in SQL that are put in capitals": ("SE07", "warn", "SQL built from text", {"a.py": ROWS.format("GRANT SELECT ON {TABLE} TO {role.upper()}")}),
    "a table of the code that is asked for its columns": ("SE07", "pass", "no shell", {"a.py": ROWS.format("PRAGMA table_info({TABLE})")}),
    "a table of somebody's that is": ("SE07", "warn", "SQL built from text", {"a.py": ROWS.format("PRAGMA table_info({role})")}),
    "tools with types beside strict models and refusals": ("CQ03", "pass", "tools whose library", {"a.py": TYPED_TOOLS.format("le=3")}),
    "tools with types beside a loose model": ("CQ03", "warn", "no boundary was found", {"a.py": TYPED_TOOLS.format("default=3")}),
    "what a migration alone unpickles": ("SE07", "pass", "no shell", {"a.py": PICKLED.format("migrate_rows")}),
    "what is unpickled for more": ("SE07", "warn", "unsafe loading", {"a.py": PICKLED.format("read_rows")}),
    "a statement that is typed into a page": ("SE07", "warn", "SQL built from text", {"a.py": PAGE.format("streamlit", "sql_query")}),
    "a text that is typed into a page": ("SE07", "pass", "no shell", {"a.py": PAGE.format("streamlit", "title")}),
    "a statement that own code hands on": ("SE07", "pass", "no shell", {"a.py": PAGE.format("json", "sql_query")}),
    "a question that is waited for so long": ("PF05", "pass", "every outgoing call", {"a.py": WAITED.format("wait_for")}),
    "a question that is shielded": ("PF05", "fail", "sets a timeout (1)", {"a.py": WAITED.format("shield")}),
    "a file of rows": ("PF05", "pass", "sets a timeout (1)", {"a.py": STORED.format("sqlite:///x.db")}),
    "a server of rows": ("PF05", "warn", "1 of 2 known clients", {"a.py": STORED.format("postgresql://x/y")}),
    "nothing but a file of rows": ("RL01", "unknown", "no retry", {"a.py": "import sqlalchemy\n\nengine = sqlalchemy.create_engine('sqlite:///x.db')\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_code_of_unknown_repositories(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
