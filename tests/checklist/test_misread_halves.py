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
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_halves(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
