"""What is there in part and was not seen at all: each case is a small tree, a trap beside it, and what a person is told."""

from __future__ import annotations

import pytest

ASKING = "import openai\n\n\n"
HELD = "resources:\n  limits:\n    cpu: 1\n    memory: 1Gi\n"
MADE = "import openai\n\n\ndef make():\n    return openai.OpenAI()\n"
SERVED = "import httpx\nfrom fastapi import FastAPI\n\nclient = httpx.Client()\napp = FastAPI()\n\n\n@app.get('/ask')\ndef ask() -> str: ...\n"
PAGE = "\n\ndef more():\n    return requests.get('http://localhost:8000/more')\n"
TYPES = "from pydantic import BaseModel\n\n\n"
HANDING_UP = (
    "class Tool:\n    def __init__(self, description, parameters=None): ...\n\n    def run(self): ...\n\n\n"
    + "".join(
        f"class {name}(Tool):\n    def __init__(self):\n        super().__init__({{0}})\n\n\n"
        for name in ("Search", "Read", "Write")
    )
    + "def get_tools():\n    return [Search(), Read(), Write()]\n"
)

CASES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    # ---------------------------------------------------------------- memory
    "messages in an attribute are a history": ("AR03", "warn", "kept in memory (chat.py:9); no bound, no store of its own and no key", {
        "chat.py": ASKING + "class Talk:\n    def __init__(self):\n        self.said = []\n\n    def ask(self, text):\n        self.said.append({'role': 'user', 'content': text})\n",
    }),
    "messages of one call are none": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "def ask(client, text):\n    said = []\n    said.append({'role': 'user', 'content': text})\n    return client.ask(said)\n",
    }),
    "messages of a module under a key are a history with a key": ("AR03", "warn", "no bound and no store of its own was found", {
        "chat.py": ASKING + "said = {}\n\n\ndef ask(user_id, message):\n    said[user_id].append({'role': 'user', 'content': message})\n",
    }),
    "what a variable takes out of them is the same": ("AR03", "warn", "kept in memory (chat.py:7)", {
        "chat.py": ASKING + "class Talk:\n    def ask(self, key, text):\n        mine = self.said.setdefault(key, [])\n        mine.append({'role': 'user', 'content': text})\n",
    }),
    "the session of a page keeps one": ("AR03", "warn", "kept in memory", {
        "page.py": "import openai\nimport streamlit as st\n\nst.session_state.messages.append({'role': 'user', 'content': 'x'})\n",
    }),
    "types of a library say what a message is": ("AR03", "warn", "kept in memory", {
        "chat.py": "from langchain_core.messages import HumanMessage\n\n\nclass Talk:\n    def ask(self, text):\n        self.said.append(HumanMessage(content=text))\n",
    }),
    "rows of anything else are no messages": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "class Stock:\n    def add(self, text):\n        self.rows.append({'name': text, 'content': 1})\n",
    }),
    "conversations that an object keeps under a key are a history": ("AR03", "warn", "kept in memory", {
        "chat.py": ASKING + "class Conversation: ...\n\n\nclass Talks:\n    def start(self, name):\n        self.talks[name] = Conversation()\n",
    }),
    "orders under a key are none": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "class Order: ...\n\n\nclass Orders:\n    def start(self, name):\n        self.orders[name] = Order()\n",
    }),
    "a history that the caller hands in is a half": ("AR03", "warn", "handed in (chat.py:4)", {
        "chat.py": ASKING + "def ask(client, chat_history): ...\n",
    }),
    "a search history is no conversation": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "def ask(client, search_history): ...\n",
    }),
    "messages gather in the state of a graph": ("AR03", "warn", "gather in the state of a graph", {
        "graph.py": "from typing import Annotated, TypedDict\n\nfrom langgraph.graph import add_messages\n\n\nclass State(TypedDict):\n    messages: Annotated[list, add_messages]\n",
    }),
    "a function that clips messages bounds what goes to the model": ("AR03", "warn", "bounded (chat.py:4); no store of its own and no key", {
        "chat.py": ASKING + "def clip(messages, most):\n    return messages[-most:]\n\n\ndef ask(client, given):\n    return client.ask(clip(given, 9))\n",
    }),
    "a function that clips pictures does not": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "def clip(pixels, most):\n    return pixels[-most:]\n\n\ndef ask(client, given):\n    return client.ask(clip(given, 9))\n",
    }),
    "a library's history in memory outlives nothing": ("AR03", "warn", "there is a memory (chat.py:3); no bound and no store", {
        "chat.py": "from langchain_community.chat_message_histories import ChatMessageHistory\n\nkept = ChatMessageHistory()\n\n\ndef of(session_id): ...\n",
    }),
    "a library's history in Redis does": ("AR03", "warn", "stored (chat.py:3); no bound was found", {
        "chat.py": "from langchain_community.chat_message_histories import RedisChatMessageHistory\n\nkept = RedisChatMessageHistory('a')\n\n\ndef of(session_id): ...\n",
    }),
    "messages that are summed up are a history": ("AR03", "warn", "kept in memory (chat.py:6)", {
        "chat.py": ASKING + "class Talk:\n    def ask(self, text):\n        self.messages = self.messages + [text]\n",
    }),
    "a count that is summed up is none": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "class Talk:\n    def ask(self, text):\n        self.asked += 1\n        self.total = self.total + 1\n",
    }),
    "a request with all that was said hands it in": ("AR03", "warn", "handed in (api.py:7)", {
        "api.py": ASKING + TYPES + "class ChatRequest(BaseModel):\n    messages: list[dict]\n",
    }),
    "a request with news does not": ("AR03", "unknown", "no memory", {
        "api.py": ASKING + TYPES + "class NewsRequest(BaseModel):\n    messages: list[dict]\n",
    }),
    "a messenger keeps what was said": ("AR03", "warn", "keeps what was said (bot.py:5); no store of its own", {
        "bot.py": ASKING + "def look(client, where):\n    return client.conversations_history(channel=where, limit=10)\n",
    }),
    "a channel keeps what was said": ("AR03", "warn", "keeps what was said (bot.py:6)", {
        "bot.py": "import discord\n" + ASKING + "def look(channel):\n    return channel.history(limit=10)\n",
    }),
    "a history of prices is none": ("AR03", "unknown", "no memory", {
        "bot.py": ASKING + "def look(ticker):\n    return ticker.history(limit=10)\n",
    }),
    "a thread at the provider keeps what was said": ("AR03", "warn", "keeps what was said (chat.py:5)", {
        "chat.py": ASKING + "def start(client):\n    return client.beta.threads.create()\n",
    }),
    "a client of a model that is named for chats holds no conversation": ("AR03", "unknown", "no memory", {
        "chat.py": ASKING + "class OpenAIChat:\n    def ask(self): ...\n\n\nclass Pool:\n    def of(self, name):\n        self.models[name] = OpenAIChat()\n",
    }),
    # ---------------------------------------------------------------- state
    "objects that hold a conversation are a state": ("AR02", "warn", "objects of its own (chat.Conversation)", {
        "chat.py": ASKING + "class Conversation:\n    def add(self, text):\n        self.last = text\n\n\ntalk = Conversation()\n",
    }),
    "clients that are named for chats are none": ("AR02", "unknown", "no explicit state type", {
        "chat.py": ASKING + "class OpenAIChat:\n    def ask(self): ...\n\n\nmodel = OpenAIChat()\n",
    }),
    "objects of anything else are none": ("AR02", "unknown", "no explicit state type", {
        "chat.py": ASKING + "class Order:\n    def add(self, text):\n        self.last = text\n\n\norder = Order()\n",
    }),
    "a thread of the machine is no conversation": ("AR02", "unknown", "no explicit state type", {
        "chat.py": "import threading\n\nimport openai\n\n\nclass LoaderThread(threading.Thread):\n    def run(self): ...\n\n\nloader = LoaderThread()\n",
    }),
    "a history in an attribute is a state without a type": ("AR02", "warn", "in attributes and variables (chat.Talk().said)", {
        "chat.py": ASKING + "class Talk:\n    def ask(self, text):\n        self.said.append({'role': 'user', 'content': text})\n",
    }),
    "a durable workflow changes its state by events": ("AR02", "pass", "events change the state", {
        "flow.py": "import openai\nfrom dapr.ext.workflow import WorkflowRuntime\n\nruntime = WorkflowRuntime()\n",
    }),
    "a library's context carries a state": ("AR02", "warn", "travels in a library's context", {
        "tools.py": "from google.adk.tools import ToolContext\n\n\ndef look(context: ToolContext) -> str:\n    context.state['x'] = 1\n",
    }),
    # ---------------------------------------------------------------- tools
    "a server's tools that become models are declared": ("AR04", "pass", "made at run time", {
        "proxy.py": "from mcp import ClientSession\nfrom shapes import model\n\n\nasync def offer(session: ClientSession):\n    return [model(one) for one in (await session.list_tools()).tools]\n",
        "shapes.py": "from pydantic import create_model\n\n\ndef model(tool):\n    return create_model(tool.name, **tool.inputSchema)\n",
    }),
    "models of something else check no tool": ("AR04", "warn", "come from a server's list", {
        "proxy.py": "from mcp import ClientSession\n\n\nasync def offer(session: ClientSession):\n    return (await session.list_tools()).tools\n",
        "shapes.py": "from pydantic import create_model\n\n\ndef model(row):\n    return create_model(row.name)\n",
    }),
    "what a server says of its own tools is no list that is asked for": ("AR04", "unknown", "no tool", {
        "proxy.py": "import mcp\n\n\ndef list_tools():\n    return []\n\n\nlist_tools()\n",
    }),
    "tools of an OpenAPI document are declared": ("AR04", "pass", "made at run time", {
        "server.py": "from fastmcp import FastMCP\n\nmcp = FastMCP.from_openapi(openapi_spec={}, client=None)\n",
    }),
    "functions that a decorator of its own declares are tools": ("AR04", "pass", "1 tool declared with types", {
        "tools.py": ASKING + "def tool(function):\n    return function\n\n\n@tool\ndef look(number: int) -> str:\n    'Look.'\n",
    }),
    "tools of a server that a module gives away with all its names are declared": ("AR04", "pass", "1 tool declared", {
        "shop/base.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n",
        "shop/tools.py": "from shop.base import *\n\n\n@mcp.tool()\ndef look(number: int) -> str:\n    'Look.'\n",
    }),
    "of two modules that give away all their names nobody knows which it is": ("AR04", "unknown", "no tool", {
        "shop/base.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n",
        "shop/more.py": "mcp = None\n",
        "shop/tools.py": "from shop.base import *\nfrom shop.more import *\n\n\n@mcp.tool()\ndef look(number: int) -> str:\n    'Look.'\n",
    }),
    "typed functions that a model is bound to are declared": ("AR04", "pass", "1 tool declared", {
        "tools.py": "import langchain\n\n\ndef look(number: int) -> str:\n    'Look.'\n\n\ndef go(llm):\n    return llm.bind_tools([look])\n",
    }),
    "a server that looks into its own list asks nobody": ("AR04", "unknown", "no tool", {
        "server.py": "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\n\n\ndef names():\n    return mcp._tool_manager.list_tools()\n",
    }),
    "a decorator that times is none": ("AR04", "unknown", "no tool", {
        "tools.py": ASKING + "def timed(function):\n    return function\n\n\n@timed\ndef look(number: int) -> str:\n    'Look.'\n",
    }),
    "a type of its own that runs what it describes is half a tool": ("AR04", "warn", "of a type of its own", {
        "tools.py": ASKING + "class Tool:\n    def __init__(self, name, description):\n        self.name = name\n\n    def run(self): ...\n",
    }),
    "tools that hand what they take to a type of its own are declared": ("AR04", "pass", "3 tools of a type of its own", {
        "tools.py": ASKING + HANDING_UP.format("description='Look.', parameters={'number': int}"),
    }),
    "tools that hand up only what they are for are not": ("AR04", "warn", "of a type of its own, and nothing shows", {
        "tools.py": ASKING + HANDING_UP.format("description='Look.'"),
    }),
    "a row of an interface that describes a function is none": ("AR04", "unknown", "no tool", {
        "schema.py": ASKING + TYPES + "class Function(BaseModel):\n    description: str\n    parameters: dict\n",
    }),
    "functions that AG2 is told to offer are declared": ("AR04", "pass", "declared with types", {
        "tools.py": "from autogen import ConversableAgent\n\n\ndef offer(agent: ConversableAgent, function):\n    agent.register_for_llm(name='x', description='Look.')(function)\n",
    }),
    # ---------------------------------------------------------------- clients
    "a library that keeps its connections keeps them": ("PF02", "pass", "kept", {
        "a.py": "import litellm\n\n\ndef ask(text):\n    return litellm.completion(model='m', messages=text)\n",
    }),
    "a session in an object's own stack is kept": ("PF02", "pass", "1 known client made once", {
        "a.py": "from contextlib import AsyncExitStack\n\nfrom mcp import ClientSession\n\n\nclass Proxy:\n    def __init__(self):\n        self.stack = AsyncExitStack()\n\n    async def join(self, ends):\n        return await self.stack.enter_async_context(ClientSession(*ends))\n",
    }),
    "a session in a stack of one call is not": ("PF02", "warn", "0 of 1 clients", {
        "a.py": "from contextlib import AsyncExitStack\n\nfrom mcp import ClientSession\n\n\nclass Proxy:\n    async def join(self, ends):\n        async with AsyncExitStack() as stack:\n            return await stack.enter_async_context(ClientSession(*ends))\n",
    }),
    "a client that is opened anew takes the place of the first": ("PF02", "pass", "1 known client made once", {
        "a.py": "import weaviate\n\n\nclass Store:\n    def __init__(self):\n        self.client = self.make()\n\n    def make(self):\n        return weaviate.connect_to_local()\n\n    def restart(self):\n        self.client = self.make()\n",
    }),
    "a client that is made for a search is not kept": ("PF02", "warn", "0 of 1 clients", {
        "a.py": "import weaviate\n\n\nclass Store:\n    def __init__(self):\n        self.client = self.make()\n\n    def make(self):\n        return weaviate.connect_to_local()\n\n    def search(self):\n        return self.make()\n",
    }),
    "what a loop of the start asks anew is not kept": ("PF02", "warn", "0 of 1 clients", {
        "a.py": "import openai\n\n\ndef make():\n    return openai.OpenAI()\n\n\ndef ask(text):\n    return make().responses.create(input=text)\n\n\ndef start_talk(texts):\n    for text in texts:\n        ask(text)\n",
    }),
    "a client that goes into an object which is kept is kept": ("PF02", "pass", "1 known client made once", {
        "a.py": "import openai\n\nfrom shop import Agent\n\n\nclass Desk:\n    def set_agent(self):\n        client = openai.OpenAI()\n        self.agent = Agent(client)\n",
    }),
    "a client of which only the answer is kept is not": ("PF02", "warn", "0 of 1 clients", {
        "a.py": "import openai\n\nfrom shop import summarised\n\n\nclass Desk:\n    def set_answer(self):\n        client = openai.OpenAI()\n        self.answer = summarised(client)\n",
    }),
    "a factory of which most keep what it makes keeps it": ("PF02", "pass", "b.look gets one for itself", {
        "a.py": MADE + "".join(f"\n\nclass Desk{n}:\n    def __init__(self):\n        self.client = make()\n" for n in range(3)),
        "b.py": "from a import make\n\n\ndef look(text):\n    return make().responses.create(input=text)\n",
    }),
    "a factory of which a half keep what it makes does not": ("PF02", "warn", "0 of 1 clients", {
        "a.py": MADE + "\n\nclass Desk:\n    def __init__(self):\n        self.client = make()\n",
        "b.py": "from a import make\n\n\ndef look(text):\n    return make().responses.create(input=text)\n",
    }),
    "what a page beside a service asks is left aside": ("PF02", "pass", "1 known client made once", {
        "a.py": SERVED, "page.py": "import requests\nimport streamlit as st\n\nif st.button('Ask'):\n    st.json(requests.get('http://localhost:8000/ask').json())\n" + PAGE,
    }),
    "what a service itself asks is not": ("PF02", "warn", "1 of 2 clients", {"a.py": SERVED, "page.py": "import requests\n" + PAGE}),
    # ---------------------------------------------------------------- caps
    "a range of turns around the calls caps them": ("AG01", "pass", "steps of a run are capped", {
        "agent.py": ASKING + "def go(client):\n    for turn in range(9):\n        client.chat.completions.create(messages=[])\n",
    }),
    "a range of turns around nothing that is asked does not": ("AG01", "unknown", "no cap", {
        "agent.py": ASKING + "def show(screen):\n    for turn in range(9):\n        screen.draw(turn)\n",
    }),
    "a range up to a maximum caps them by its name": ("AG01", "pass", "steps of a run are capped", {
        "agent.py": ASKING + "def go(client, max_turns):\n    for _ in range(max_turns):\n        client.chat.completions.create(messages=[])\n",
    }),
    "batches that are asked for one after another are no turns": ("AG01", "unknown", "no cap", {
        "agent.py": ASKING + "def embed(client, rows, batch_size):\n    for start in range(0, len(rows), batch_size):\n        client.embeddings.create(input=rows[start : start + batch_size])\n",
    }),
    "turns that a graph counts are capped": ("AG01", "pass", "steps of a run are capped", {
        "graph.py": "from langgraph.graph import StateGraph\n\n\ndef again(state):\n    return 'ask' if state['loop_count'] < 3 else 'end'\n",
    }),
    "turns that are only compared to say which is the first are not": ("AG01", "unknown", "no cap", {
        "graph.py": "from langgraph.graph import StateGraph\n\n\ndef again(state):\n    return 'hello' if state['loop_count'] == 0 else 'again'\n",
    }),
    "a time limit while it stops caps no run": ("AG01", "warn", "tokens are capped, steps are not", {
        "agent.py": "import asyncio\n\nimport openai\n\n\ndef go(client):\n    return client.chat.create(max_tokens=9)\n\n\nasync def stop(task):\n    await asyncio.wait_for(task, 3)\n",
    }),
    "the time of a model's client is a half": ("AG01", "warn", "the time or a quota is capped", {
        "agent.py": "import openai\n\nclient = openai.OpenAI(timeout=9)\n",
    }),
    "who may call an interface is no approval of a step": ("AG02", "unknown", "no guard", {
        "a.py": ASKING + "def require_permission(user): ...\n\n\ndef look(user):\n    return require_permission(user)\n",
    }),
    # ---------------------------------------------------------------- side by side, in time, kept
    "a range that goes in batches makes batches": ("PF03", "warn", "only batches are made", {
        "a.py": "def put(rows, client, batch_size):\n    for start in range(0, len(rows), batch_size):\n        client.insert(rows[start : start + batch_size])\n",
    }),
    "a range that goes one by one does not": ("PF03", "unknown", "nothing runs side by side", {
        "a.py": "def put(rows, client, step):\n    for start in range(0, len(rows), step):\n        client.insert(rows[start])\n",
    }),
    "so many workers bound the work": ("PF03", "pass", "under a bound", {
        "a.py": "import asyncio\n\n\nasync def go(work, num_workers):\n    await asyncio.gather(*[work() for _ in range(num_workers)])\n",
    }),
    "so many texts do not": ("PF03", "warn", "nothing bounds how much", {
        "a.py": "import asyncio\n\n\nasync def go(work, num_texts):\n    await asyncio.gather(*[work() for _ in range(num_texts)])\n",
    }),
    "what is gathered in so many batches is bounded": ("PF03", "pass", "under a bound", {
        "a.py": "import asyncio\n\n\nasync def go(ask, texts, num_batches):\n    for i in range(num_batches):\n        await asyncio.gather(*map(ask, texts[i * 9 : (i + 1) * 9]))\n",
    }),
    "what is gathered fifty at a time is bounded": ("PF03", "pass", "under a bound", {
        "a.py": "import asyncio\n\n\nasync def go(ask, texts):\n    for i in range(0, len(texts), 50):\n        await asyncio.gather(*map(ask, texts[i : i + 50]))\n",
    }),
    "what is gathered again and again is not": ("PF03", "warn", "nothing bounds how much", {
        "a.py": "import asyncio\n\n\nasync def go(ask, texts):\n    for _ in range(0, 100, 50):\n        await asyncio.gather(*map(ask, texts))\n",
    }),
    "workers that a command numbers bound what they run": ("PF03", "pass", "left to workers", {
        "a.py": "import asyncio\n\n\nasync def go(asked):\n    await asyncio.gather(*asked)\n",
        "supervisord.conf": "[program:worker]\ncommand=shop-worker --max-tasks ${SHOP_TASKS:-5}\n",
    }),
    "workers of a web server do not": ("PF03", "warn", "nothing bounds how much", {
        "a.py": "import asyncio\n\n\nasync def go(asked):\n    await asyncio.gather(*asked)\n",
        "supervisord.conf": "[program:web]\ncommand=gunicorn -k uvicorn.workers.UvicornWorker --workers 4 a:app\n",
    }),
    "a function of its own for a batch that nothing calls makes none": ("PF03", "unknown", "nothing runs side by side", {
        "a.py": "def embed_batch(rows): ...\n",
    }),
    "bodies that a gateway bounds are a size": ("PF04", "pass", "what they take in are bounded", {
        "a.py": "go = 1\n", "deploy/values.yaml": HELD + "ingress:\n  nginx.ingress.kubernetes.io/proxy-body-size: 10m\n",
    }),
    "bodies of any size are none": ("PF04", "warn", "containers are bounded", {
        "a.py": "go = 1\n", "deploy/values.yaml": HELD + 'ingress:\n  nginx.ingress.kubernetes.io/proxy-body-size: "0"\n',
    }),
    "limits in a manifest that is a template are limits": ("PF04", "warn", "containers are bounded", {
        "a.py": "go = 1\n", "deploy/web.tmpl.yaml": "apiVersion: apps/v1\nkind: Deployment\nimage: {{ .Env.IMAGE }}\n" + HELD,
    }),
    "requests in one are not": ("PF04", "unknown", "no bound", {
        "a.py": "go = 1\n", "deploy/web.tmpl.yaml": "apiVersion: apps/v1\nkind: Deployment\nimage: {{ .Env.IMAGE }}\n" + HELD.replace("limits", "requests"),
    }),
    "a session with a server may have a timeout": ("PF05", "warn", "a timeout is set", {
        "a.py": "from mcp.client.sse import sse_client\nfrom mcp.client.stdio import stdio_client\n\n\ndef join(kind, where):\n    return stdio_client(where) if kind else sse_client(where, sse_read_timeout=9)\n",
    }),
    "a timeout among options that are spread is one": ("PF05", "pass", "every outgoing call that is known", {
        "a.py": "import openai\n\n\ndef make(key):\n    options = {'api_key': key, 'timeout': 30}\n    return openai.OpenAI(**options)\n",
    }),
    "one that an own function puts among them is one": ("PF05", "pass", "every client that is made", {
        "a.py": "import clickhouse_connect\n\n\ndef options():\n    return {'host': 'shop', 'connect_timeout': 30}\n\n\ndef make():\n    given = options()\n    return clickhouse_connect.get_client(**given)\n",
    }),
    "one among the options of something else is none": ("PF05", "warn", "one is named elsewhere", {
        "a.py": "import openai\n\nSTYLE = {'timeout': 30}\n\n\ndef make(**options):\n    return openai.OpenAI(**options)\n",
    }),
    "what a module asks while it is imported is left aside": ("PF05", "pass", "but for boto3.client while it starts", {
        "a.py": "import boto3\nimport httpx\n\nkey = boto3.client('ssm').get_parameter(Name='key')\nclient = httpx.Client(timeout=3)\n",
    }),
    "what functions ask later with its client is not": ("PF05", "warn", "1 of 2 known clients", {
        "a.py": "import boto3\nimport httpx\n\nssm = boto3.client('ssm')\nclient = httpx.Client(timeout=3)\n\n\ndef key():\n    return ssm.get_parameter(Name='key')\n",
    }),
    "some starts of child processes with a timeout are a half": ("PF05", "warn", "1 of 2 starts of child processes", {
        "a.py": "import subprocess\n\n\ndef go():\n    subprocess.run(['ls'], timeout=9)\n    subprocess.run(['ls'])\n",
    }),
    "a tool that sets what it is told keeps no result": ("PF01", "unknown", "no cache", {
        "a.py": "import redis\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('x')\nstore = redis.Redis()\n\n\n@mcp.tool()\ndef keep(key: str, value: str) -> None:\n    store.setex(key, 9, value)\n",
    }),
    "a function that sets what it found does": ("PF01", "pass", "cached", {
        "a.py": "import redis\n\nstore = redis.Redis()\n\n\ndef keep(key: str, value: str) -> None:\n    store.setex(key, 9, value)\n",
    }),
    # ---------------------------------------------------------------- what text can do
    "SQL of a model that is looked at is half a guard": ("AG02", "warn", "looked at before it is used", {
        "a.py": ASKING + "def is_sql_query_safe(text): ...\n\n\ndef run(text):\n    return is_sql_query_safe(text)\n",
    }),
    "a filter of a search looks at nothing": ("AG02", "unknown", "no guard", {
        "a.py": ASKING + "def make_query_filter(text): ...\n\n\ndef run(text):\n    return make_query_filter(text)\n",
    }),
    "a check that nothing calls is none": ("AG02", "unknown", "no guard", {
        "a.py": ASKING + "def is_sql_query_safe(text): ...\n",
    }),
    "a list of the tools that may be called is half a guard": ("AG02", "warn", "what it may do is limited", {
        "a.py": ASKING + "def make(agent):\n    return agent(allowed_tools=['look'])\n",
    }),
    "a list that nobody fills is none": ("AG02", "unknown", "no guard", {
        "a.py": ASKING + "def make(agent):\n    return agent(allowed_tools=None)\n",
    }),
    "an approval that is asked for asks a person": ("AG02", "warn", "only a person is asked", {
        "a.py": ASKING + "class Agent:\n    def request_approval(self, call): ...\n\n    def run(self, call):\n        return self.request_approval(call)\n",
    }),
    # ---------------------------------------------------------------- attempts
    "attempts that are counted have no delay": ("RL01", "warn", "without a bound or a growing delay", {
        "a.py": "import openai\n\nclient = openai.OpenAI()\n\n\ndef ask():\n    for attempt in range(3):\n        try:\n            return client.chat.create(messages=[])\n        except ValueError:\n            continue\n",
    }),
    "what is wrong with the answer is tried again, too": ("RL01", "warn", "without a bound or a growing delay", {
        "a.py": "import json\nimport openai\n\nclient = openai.OpenAI()\n\n\ndef ask(most):\n    tries = 0\n    while True:\n        said = client.chat.create(messages=[])\n        try:\n            return json.loads(said)\n        except ValueError:\n            tries += 1\n            if tries > most:\n                raise\n",
    }),
    "attempts that are held to a number in whatever way have no delay": ("RL01", "warn", "without a bound or a growing", {
        "a.py": ASKING + "class Writer:\n    def again(self):\n        return self.retry_count < self.config.max_retry_count\n",
    }),
    "attempts to log in are no retries": ("RL01", "unknown", "no retry", {
        "a.py": ASKING + "class Door:\n    def is_shut(self):\n        return self.login_attempts > self.config.max_login_attempts\n",
    }),
    "pages that are counted are no attempts": ("RL01", "fail", "no outgoing call that is known is retried", {
        "a.py": "import json\nimport openai\n\nclient = openai.OpenAI()\n\n\ndef ask(most):\n    for page in range(3):\n        said = client.chat.create(messages=[])\n    try:\n        return json.loads(said)\n    except ValueError:\n        return None\n",
    }),
    "one more attempt in the handler is one": ("RL01", "warn", "without a bound or a growing delay", {
        "a.py": "import openai\n\nclient = openai.OpenAI()\n\n\ndef ask(said):\n    try:\n        return client.chat.create(messages=said)\n    except ConnectionError:\n        return client.chat.create(messages=said)\n",
    }),
    "another question in the handler is none": ("RL01", "fail", "no outgoing call that is known is retried", {
        "a.py": "import openai\n\nclient = openai.OpenAI()\n\n\ndef ask(said, other):\n    try:\n        return client.chat.create(messages=said)\n    except ConnectionError:\n        return client.chat.create(messages=other)\n",
    }),
    "a sum of a constant and of chance does not grow": ("RL01", "warn", "without a bound or a growing delay", {
        "a.py": "import random\nimport time\n\nimport httpx\n\nclient = httpx.Client()\n\n\ndef ask():\n    while True:\n        try:\n            return client.get('/')\n        except httpx.HTTPError:\n            time.sleep(2 + random.randint(0, 1000) / 1000)\n",
    }),
    "a power does": ("RL01", "pass", "bound and a delay", {
        "a.py": "import random\nimport time\n\nimport httpx\n\nclient = httpx.Client()\n\n\ndef ask():\n    for attempt in range(3):\n        try:\n            return client.get('/')\n        except httpx.HTTPError:\n            time.sleep(2 ** attempt + random.random())\n",
    }),
    # ---------------------------------------------------------------- another way
    "a reply that stands in the code is half a fallback": ("RL03", "warn", "a reply that stands in the code", {
        "a.py": "def ask(client):\n    try:\n        said = client.invoke('x')\n    except OSError:\n        said = {'text': 'Nobody is here now.', 'late': True}\n    return said\n",
    }),
    "an account of what failed is none": ("RL03", "unknown", "no fallback", {
        "a.py": "def ask(client):\n    try:\n        said = client.invoke('x')\n    except OSError as error:\n        said = {'text': 'It failed.', 'why': error}\n    return said\n",
    }),
    "lists that hold nothing are nothing": ("RL03", "warn", "or with nothing", {
        "a.py": "def look(client):\n    try:\n        return client.invoke('x')\n    except OSError:\n        return {'found': [], 'more': {}}\n",
    }),
    "what a library's call would have given may be left out": ("RL03", "warn", "or with nothing", {
        "a.py": "from langchain_mcp_adapters.client import MultiServerMCPClient\n\nclient = MultiServerMCPClient({})\n\n\nasync def tools():\n    try:\n        return await client.get_tools()\n    except OSError:\n        return []\n",
    }),
    "own code that asks a model may fail, too": ("RL03", "warn", "or with nothing", {
        "a.py": "def told(client):\n    return client.invoke('x')\n\n\ndef look(client):\n    try:\n        return told(client)\n    except ValueError:\n        return {}\n",
    }),
    "own code that reads a file leaves nothing": ("RL03", "unknown", "no fallback", {
        "a.py": "import json\n\n\ndef told(path):\n    return json.load(open(path))\n\n\ndef look(path):\n    try:\n        return told(path)\n    except ValueError:\n        return {}\n",
    }),
    "another own function that asks elsewhere is a second way": ("RL03", "pass", "answers in another way", {
        "a.py": "def queue(client):\n    return client.fetch('x')\n\n\ndef table(client):\n    return client.query('x')\n\n\ndef take(client):\n    try:\n        return queue(client)\n    except ConnectionError:\n        return table(client)\n",
    }),
    "the same function asked again is none": ("RL03", "unknown", "no fallback", {
        "a.py": "def queue(client):\n    return client.fetch('x')\n\n\ndef take(client):\n    try:\n        return queue(client)\n    except ConnectionError:\n        return queue(client)\n",
    }),
    "a function that tells of the failure is none": ("RL03", "unknown", "no fallback", {
        "a.py": "def queue(client):\n    return client.fetch('x')\n\n\ndef report_late(client):\n    return client.post('x')\n\n\ndef take(client):\n    try:\n        return queue(client)\n    except ConnectionError:\n        return report_late(client)\n",
    }),
    "what is made because it was not there is none": ("RL03", "unknown", "no fallback", {
        "a.py": "from shop import NotFound\n\n\ndef find(client):\n    return client.fetch('x')\n\n\ndef make(client):\n    return client.post('x')\n\n\ndef take(client):\n    try:\n        return find(client)\n    except NotFound:\n        return make(client)\n",
    }),
    "a failure that is named and borne is half a fallback": ("RL03", "warn", "is borne", {
        "a.py": "import logging\n\nimport httpx\n\n\ndef look(page):\n    try:\n        page.more()\n    except httpx.RequestError:\n        logging.warning('no more')\n",
    }),
    "one that is told on is none": ("RL03", "unknown", "no fallback", {
        "a.py": "import httpx\n\n\ndef look(page):\n    try:\n        page.more()\n    except httpx.RequestError as error:\n        page.why = str(error)\n",
    }),
    "any failure that is logged is none": ("RL03", "unknown", "no fallback", {
        "a.py": "import logging\n\nimport httpx\n\n\ndef look(page):\n    try:\n        page.more()\n    except Exception:\n        logging.warning('no more')\n",
    }),
    "a fallback behind a handler that goes on is one": ("RL03", "pass", "a fallback of its own is called", {
        "a.py": "def designed(client, text):\n    return client.fetch(text)\n\n\ndef fallback_plan(text):\n    return [text]\n\n\ndef plan(client, text):\n    try:\n        made = designed(client, text)\n    except Exception:\n        made = None\n    return made or fallback_plan(text)\n",
    }),
    "behind one that gives up it is none": ("RL03", "warn", "nothing shows that a failed call leads to them", {
        "a.py": "def designed(client, text):\n    return client.fetch(text)\n\n\ndef fallback_plan(text):\n    return [text]\n\n\ndef plan(client, text):\n    try:\n        made = designed(client, text)\n    except Exception as error:\n        raise SystemExit(1) from error\n    return made or fallback_plan(text)\n",
    }),
    "the same that is asked of a backup model is a second way": ("RL03", "pass", "answers in another way", {
        "a.py": "import config\n\n\ndef solve(client, model):\n    return client.do(model)\n\n\ndef work(client):\n    try:\n        done = solve(client, config.model)\n    except ConnectionError:\n        done = solve(client, config.backup_model)\n    return done\n",
    }),
    "what is told of a backup model is none": ("RL03", "unknown", "no fallback", {
        "a.py": "import config\nfrom shop import note\n\n\ndef solve(client, model):\n    return client.do(model)\n\n\ndef work(client):\n    done = None\n    try:\n        done = solve(client, config.model)\n    except ConnectionError:\n        note(config.backup_model)\n    return done\n",
    }),
    "the next client where one fails is a second way": ("RL03", "pass", "answers in another way", {
        "a.py": "def ask(clients, text):\n    for client in clients:\n        try:\n            said = client.chat(text)\n            if said:\n                return said\n        except ConnectionError:\n            continue\n    return None\n",
    }),
    "asking every client is none": ("RL03", "unknown", "no fallback", {
        "a.py": "def ask(clients, text):\n    said = []\n    for client in clients:\n        try:\n            said.append(client.chat(text))\n        except ConnectionError:\n            continue\n    return said\n",
    }),
    "asking the same model again is none": ("RL03", "unknown", "no fallback", {
        "a.py": "def ask(client, model, text):\n    for _ in range(3):\n        try:\n            return client.chat(text, model=model)\n        except ConnectionError:\n            continue\n    return None\n",
    }),
    "another way to read a version is none": ("RL03", "unknown", "no fallback", {
        "a.py": "from packaging import version\n\n\ndef simple_parts(text):\n    return text.split('.')\n\n\ndef parts(text):\n    try:\n        return version.parse(text)\n    except Exception:\n        return simple_parts(text)\n",
    }),
    "what fails among several is left out": ("RL03", "warn", "left out", {
        "a.py": "import asyncio\n\n\nasync def look(asked):\n    return await asyncio.gather(*asked, return_exceptions=True)\n",
    }),
    "stopping them all leaves nothing out": ("RL03", "unknown", "no fallback", {
        "a.py": "import asyncio\n\n\nasync def stop(tasks):\n    return await asyncio.gather(*tasks, return_exceptions=True)\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_partial(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
