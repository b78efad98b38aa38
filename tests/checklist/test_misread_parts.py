"""How parts, state, memory and configuration look in unknown repositories: each case is a small tree of its own."""

from __future__ import annotations

import pytest

SMALL = {f"shop/part_{n}.py": "def go(): ...\n" for n in range(4)}
MANY = {f"shop/part_{n}.py": "def go(): ...\n" for n in range(100)}
PAIR = {"shop/one.py": "import shop.two\n\n\ndef one(): ...\n", "shop/two.py": "import shop.one\n\n\ndef two(): ...\n"}
TOLD = 'def go_{0}():\n    """Say\n\n    what it\n    {1}does.\n    """\n    {2}\n\n\n'
QUEUE = "from celery import Celery\n\napp = Celery('shop')\n"
TASKS = "from shop.queue import app\n\n\n@app.task\ndef pay(): ...\n"
LOADING = {
    "shop/__init__.py": "",
    "shop/config.py": "import os\nfrom pydantic import BaseModel\n\n\nclass ShopConfig(BaseModel):\n    model: str = os.getenv('SHOP_MODEL', 'x')\n    theme: str\n    max_turns: int\n",
    "shop/main.py": "import tomllib\n{0}\n\n\ndef main(path):\n    return ShopConfig(**tomllib.loads(path.read_text()))\n",
}
USERS = "# Shop\n\n```toml\nmodel = 'x'\nmax-turns = 5\n```\n"
LIBRARY = "[build-system]\nrequires = []\n[project]\nname = 'shop'\nversion = '1'\n"
TRACED = "{0}Set SHOP_TRACING=false to turn it off.{0}\nimport os\n\nSWITCH = 'SHOP_TRACING'\n\n\ndef on():\n    return os.getenv(SWITCH)\n"
NAMED = "from langchain.chat_models import init_chat_model\n\n\ndef ask(model: str):\n    return {0}(model)\n"
TALK = "import openai\nfrom sqlmodel import Field, SQLModel\n\n\nclass Message(SQLModel, table=True):\n    session_id: str = Field(primary_key=True)\n\n\n{0}def ask(session_id: str, history: list, model: openai.OpenAI):\n    {1}\n    return model.responses.create(input=history)\n"
KEEPING = "import openai\n\n\nclass Talk:\n    def __init__(self):\n        self.messages = []\n\n    def ask(self, text):\n        self.{0}()\n        self.messages.append({{'role': 'user', 'content': text}})\n        return openai.responses.create(input=self.messages)\n\n    def maybe_compact(self): ...\n\n    def compile(self): ...\n"
FILED = "import openai\nimport yaml\n\n\ndef keep({0}, session):\n    with open(session, '{1}') as file:\n        yaml.dump({0}, file)\n\n\ndef ask(messages):\n    return openai.responses.create(input=messages)\n"
ROWS = "import openai\nfrom sqlmodel import SQLModel\n\n\nclass Project(SQLModel, table=True):\n    id: int\n    {0}: str\n\n\nopenai.responses.create(input='x')\n"
STORED = "import openai\n\n\ndef {0}(text): ...\n\n\n{0}(openai.responses.create(input='x'))\n"
SINKS = "import sys\nfrom loguru import logger\n\nlogger.configure(\n    handlers=[dict(sink=sys.stdout), {0}],\n)\nlogger.bind(user=1).info('x')\n"
BOUND = "from loguru import logger\n\n\ndef go({0}):\n    logger.bind({0}={0}).info('a')\n    logger.bind({0}={0}).info('b')\n    logger.bind({0}={0}).info('c')\n"
HEADED = "import logging\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.middleware('http')\nasync def told(request, call_next):\n    rid = request.headers.get('{0}')\n    logging.getLogger('x').info('%s', rid)\n    return await call_next(request)\n"
APART = "import logging\n\n\nclass Log:\n    def __init__(self, {0}, folder):\n        self.handler = logging.FileHandler(folder / {0})\n"
MANAGED = "import openai\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass Task:\n    text: str\n\n\n@dataclass\nclass {0}:\n    text: str\n\n\nclass TaskManager:\n    def process(self, event: {0}) -> {1}: ...\n\n\nmade = {2}\nopenai.responses.create(input='x')\n"
ENUMERATED = (
    "import enum\nimport openai\n\n\nclass {0}(enum.Enum):\n    A = 1\n\n\nopenai.responses.create(input='x')\n"
)
OF_TYPE = "from typing import NamedTuple\nimport openai\n\n\nclass {0}(NamedTuple):\n    role: str\n\n\nopenai.responses.create(input='x')\n"
HELD = "import openai\n\n\nclass Flow:\n    def {0}(self):\n        return self.kept\n\n\nopenai.responses.create(input='x')\n"
ROOT = "# Shop\n\n```bash\npip install shop\nuvicorn shop.main:app\npytest\n```\n"
KEYED = {
    "README.md": ROOT, "shop/__init__.py": "", "shop/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "shop/models/ask.py": "import os\n\nKEY = os.environ['SHOP_API_KEY']\nTHEN = os.getenv('SHOP_API_KEY')\n",
}  # fmt: skip


def _loading(readme: str, of: str = "from shop.config import ShopConfig") -> dict[str, str]:
    return {"README.md": readme} | {path: text.replace("{0}", of) for path, text in LOADING.items()}


CASES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "a long module of documentation": ("AR01", "pass", "1 over 800 lines", {
        "shop/long.py": "".join(TOLD.format(n, "", "return 1") for n in range(120)), **SMALL,
    }),
    "a long module of code beside its documentation": ("AR01", "warn", "1 module over 800 lines", {
        "shop/long.py": "".join(TOLD.format(n, "", "x = 1\n    x = 2\n    x = '''a'''\n    return x") for n in range(120)), **SMALL,
    }),
    "a long module of a text that is kept": ("AR01", "warn", "1 module over 800 lines", {
        "shop/long.py": "def go(): ...\n\n\nTEXT = '''\n" + "what is said\n" * 900 + "'''\n", **SMALL,
    }),
    "a long module of types": ("AR01", "pass", "1 over 800 lines", {
        "shop/types.py": "class Order:\n    text: str\n\n\n" * 500, **SMALL,
    }),
    "a long module of types that do something": ("AR01", "warn", "1 module over 800 lines", {
        "shop/types.py": "class Order:\n    text: str\n\n    def pay(self): ...\n\n\n" * 300, **SMALL,
    }),
    "a long module that is generated": ("AR01", "pass", "1 over 800 lines", {
        "shop/client.py": "# -*- coding: utf-8 -*-\n# Generated by the protocol compiler.  DO NOT EDIT!\ndef go(): ...\n" + "x = 1\n" * 2000, **SMALL,
    }),
    "a long module that generates": ("AR01", "warn", "1 module over 800 lines", {
        "shop/client.py": "def go(): ...\n# generated by go\n" + "x = 1\n" * 2000, **SMALL,
    }),
    "a registry that brings its tasks last": ("AR01", "pass", "no import cycle", {
        "shop/queue.py": QUEUE + "import shop.tasks\n", "shop/tasks.py": TASKS, **SMALL,
    }),
    "tasks that the queue takes first": ("AR01", "warn", "an import cycle (shop.queue and shop.tasks)", {
        "shop/queue.py": "import shop.tasks\n" + QUEUE, "shop/tasks.py": TASKS, **SMALL,
    }),
    "two of very many modules": ("AR01", "pass", "one import cycle of two (shop.one and shop.two)", PAIR | MANY),
    "two of a few modules": ("AR01", "warn", "an import cycle", PAIR | SMALL),
    "two of very many modules in folders apart": ("AR01", "warn", "an import cycle", MANY | {
        "shop/one.py": "import store.two\n\n\ndef one(): ...\n", "store/two.py": "import shop.one\n\n\ndef two(): ...\n",
    }),
    "a file of the user's that a document shows": ("DP01", "pass", "the user's file", _loading(USERS)),
    "a file of the user's that a document only mentions": ("DP01", "warn", "documented nowhere", _loading("# Shop\n\nSet model and max-turns in config.toml.\n")),
    "a file of something else that a document shows": ("DP01", "warn", "documented nowhere", _loading("# Shop\n\n```toml\nname = 'x'\nmodel = 5\n```\n".replace("model", "line"))),
    "a file that is loaded apart from the model": ("DP01", "warn", "documented nowhere", _loading(USERS, "ShopConfig = dict")),
    "a library that tells of its variable where it reads it": ("DP01", "pass", "are documented", {
        "pyproject.toml": LIBRARY, "shop/__init__.py": "", "shop/trace.py": TRACED.format("'" * 3),
    }),
    "a library that tells of its variable in a comment": ("DP01", "warn", "documented nowhere", {
        "pyproject.toml": LIBRARY, "shop/__init__.py": "", "shop/trace.py": "# " + TRACED.format(""),
    }),
    "an application that tells of its variable where it reads it": ("DP01", "warn", "documented nowhere", {
        "shop/__init__.py": "", "shop/trace.py": TRACED.format("'" * 3), "Dockerfile": "FROM python:3.12\nCOPY shop .\n",
    }),
    "what stands beside the sources of a package": ("DP01", "pass", "are documented", {
        "pyproject.toml": LIBRARY, "src/shop/__init__.py": "", "src/shop/trace.py": TRACED.format("'" * 3), "kit/run.py": "import os\n\n\ndef run():\n    return os.environ['KIT_PORT']\n",
    }),
    "a library that asks models of any name": ("DP01", "warn", "nothing says what", {"pyproject.toml": LIBRARY, "shop/__init__.py": NAMED.format("init_chat_model")}),
    "a library that is handed its model": ("DP01", "unknown", "no configuration", {"pyproject.toml": LIBRARY, "shop/__init__.py": NAMED.format("str")}),
    "a library that trims what goes to the model": ("AR03", "pass", "bounded", {
        "a.py": TALK.format("from litellm.utils import trim_messages\n\n\n", "history = trim_messages(history)"),
    }),
    "a library that counts what goes to the model": ("AR03", "warn", "no bound was found", {
        "a.py": TALK.format("from litellm.utils import get_token_count\n\n\n", "get_token_count(history)"),
    }),
    "the last few of what was said": ("AR03", "pass", "bounded", {"a.py": TALK.format("", "history = history[-20:]")}),
    "a number of what was said at last": ("AR03", "pass", "bounded", {"a.py": TALK.format("MOST = 9\n\n\n", "history = history[-MOST:]")}),
    "the last that was said": ("AR03", "warn", "no bound was found", {"a.py": TALK.format("", "print(history[-1:])")}),
    "the last few of something else": ("AR03", "warn", "no bound was found", {"a.py": TALK.format("", "prices = prices[-20:]")}),
    "a queue of what was said": ("AR03", "pass", "bounded", {"a.py": TALK.format("from collections import deque\n\n\n", "messages = deque(history, maxlen=20)")}),
    "a queue of something else": ("AR03", "warn", "no bound was found", {"a.py": TALK.format("from collections import deque\n\n\n", "prices = deque(history, maxlen=20)")}),
    "an object that shortens what it keeps": ("AR03", "warn", "no store of its own and no key per session was found", {"a.py": KEEPING.format("maybe_compact")}),
    "an object that does something else": ("AR03", "warn", "no bound, no store of its own and no key", {"a.py": KEEPING.format("compile")}),
    "an object that shortens what it is handed": ("AR03", "warn", "no bound, no store of its own and no key", {
        "a.py": KEEPING.format("maybe_compact").replace("maybe_compact(self)", "maybe_compact(self, text)"),
    }),
    "a file for each session by its name": ("AR03", "warn", "what was said is stored (a.py:5); no bound was found", {"a.py": FILED.format("messages", "w")}),
    "a file that is read": ("AR03", "unknown", "no memory", {"a.py": FILED.format("messages", "r").replace("yaml.dump", "print")}),
    "a file of something else": ("AR03", "unknown", "no memory", {"a.py": FILED.format("prices", "w")}),
    "a row with all of what was said": ("AR03", "warn", "what was said is stored (a.py:5); no bound and no key", {"a.py": ROWS.format("message_stack_json")}),
    "a row with a message": ("AR03", "unknown", "no memory", {"a.py": ROWS.format("message")}),
    "a function that stores what was said": ("AR03", "warn", "is handed to a store (a.py:4)", {"a.py": STORED.format("store_conversation")}),
    "a function that stores something else": ("AR03", "unknown", "no memory", {"a.py": STORED.format("store_price")}),
    "sinks of loguru that serialize": ("CQ04", "pass", "rendered as JSON", {"a.py": SINKS.format("dict(sink='x.log', serialize=True)")}),
    "a sink of loguru that serializes, as it is written": ("CQ04", "pass", "rendered as JSON", {"a.py": SINKS.format("{'sink': 'x.log', 'serialize': True}")}),
    "sinks of loguru that do not serialize": ("CQ04", "unknown", "no JSON", {"a.py": SINKS.format("dict(sink='x.log', serialize=False)")}),
    "a sink of loguru that somebody may let serialize": ("CQ04", "unknown", "no JSON", {"a.py": SINKS.format("dict(sink='x.log')  # or serialize=True")}),
    "an id that loguru binds by hand": ("CQ06", "warn", "one by one", {"a.py": BOUND.format("chat_id")}),
    "what loguru binds that is no id": ("CQ06", "unknown", "no correlation id", {"a.py": BOUND.format("colour")}),
    "an id that a request brings": ("CQ06", "warn", "an id is taken from the request", {"a.py": HEADED.format("X-Request-ID")}),
    "what a request brings that is no id": ("CQ06", "unknown", "no correlation id", {"a.py": HEADED.format("X-Forwarded-For")}),
    "a log file for each run": ("CQ06", "warn", "a run has a log file of its own", {"a.py": APART.format("task_id")}),
    "a log file for all runs": ("CQ06", "unknown", "no correlation id", {"a.py": APART.format("name")}),
    "a manager that changes a task by events": ("AR02", "pass", "by events", {"a.py": MANAGED.format("TaskEvent", "Task", "TaskManager()")}),
    "a manager that changes something else by events": ("AR02", "warn", "nothing shows that it changes in one way", {"a.py": MANAGED.format("TaskEvent", "str", "TaskManager()")}),
    "a manager that takes no events": ("AR02", "warn", "nothing shows that it changes in one way", {"a.py": MANAGED.format("Price", "Task", "TaskManager()")}),
    "a manager that nobody makes": ("AR02", "warn", "nothing shows that it changes in one way", {"a.py": MANAGED.format("TaskEvent", "Task", "None")}),
    "an enumeration of states": ("AR02", "warn", "states are enumerated (a.JobState)", {"a.py": ENUMERATED.format("JobState")}),
    "an enumeration of something else": ("AR02", "unknown", "no explicit state type", {"a.py": ENUMERATED.format("Colour")}),
    "messages of a type": ("AR02", "warn", "messages have a type (a.Message)", {"a.py": OF_TYPE.format("Message")}),
    "something else of a type": ("AR02", "unknown", "no explicit state type", {"a.py": OF_TYPE.format("Price")}),
    "an object that is asked for its state": ("AR02", "warn", "an object (a.Flow) is asked", {"a.py": HELD.format("state")}),
    "an object that is asked for something else": ("AR02", "unknown", "no explicit state type", {"a.py": HELD.format("price")}),
    "a key that the README of its folder names": ("CQ05", "pass", "and configuration", KEYED | {"shop/models/README.md": "Set `SHOP_API_KEY`.\n"}),
    "a key that the README of its folder does not name": ("CQ05", "warn", "no working configuration", KEYED | {"shop/models/README.md": "Set the key.\n"}),
    "a key that the README of another folder names": ("CQ05", "warn", "no working configuration", KEYED | {"shop/views/README.md": "Set `SHOP_API_KEY`.\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_parts_of_unknown_repositories(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    answer = project.answered(item, files)
    assert answer.verdict == verdict, answer.message
    assert told in answer.message
