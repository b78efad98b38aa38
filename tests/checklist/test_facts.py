"""What one pass over a file sees, and what names stand for across files."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from agentctl.checklist import ships, tree
from agentctl.checklist.facts import index


def facts_of(project, files: dict[str, str]) -> index.Facts:
    for name, text in files.items():
        project.write(name, text)
    root: Path = project.root
    return index.gather(tree.read(root))


def names(facts: index.Facts) -> set[str]:
    return {str(call.name) for call in facts.calls}


def test_facts_are_freed_without_a_search_for_rings(project) -> None:
    """They are most of what a run holds; the collector would go through all of it."""
    facts = facts_of(project, {"agent.py": "import httpx\nclient = httpx.Client()\n\ndef go(): client.get('/')\n"})
    assert ships.decide(facts)
    held = weakref.ref(facts.symbols)
    gc.disable()
    try:
        del facts
        assert held() is None
    finally:
        gc.enable()


def test_names_are_followed_through_imports_variables_and_re_exports(project) -> None:
    facts = facts_of(project, {
        "src/core/__init__.py": "from core.limits import limiter as shared\n",
        "src/core/limits.py": "import slowapi as s\nlimiter = s.Limiter(key_func=None)\n",
        "src/app.py": "from core import shared\n\n@shared.limit('1/minute')\ndef ask(): ...\n",
    })  # fmt: skip
    assert "slowapi.Limiter().limit" in names(facts)


def test_relative_imports_are_followed(project) -> None:
    facts = facts_of(project, {
        "agent/__init__.py": "",
        "agent/a/__init__.py": "",
        "agent/a/one.py": "from ..clients import client\n\ndef go(): client.get('/')\n",
        "agent/clients.py": "import httpx\nclient = httpx.Client(timeout=1)\n",
    })  # fmt: skip
    assert "httpx.Client().get" in names(facts)


def test_attributes_parameters_fields_and_results_have_their_types(project) -> None:
    facts = facts_of(project, {"agent.py": """
import httpx
from dataclasses import dataclass

class Agent:
    def __init__(self) -> None:
        self.client = httpx.AsyncClient()
    async def go(self) -> None:
        await self.client.get("/a")

@dataclass
class Parts:
    agent: Agent

def make() -> httpx.Client: ...
def use(client: httpx.AsyncClient | None, parts: Parts) -> None:
    client.put("/b")
    make().delete("/c")
    parts.agent.go()
"""})  # fmt: skip
    assert {"httpx.AsyncClient().get", "httpx.AsyncClient().put", "httpx.Client().delete", "agent.Agent().go"} <= names(
        facts
    )


def test_a_local_variable_named_like_a_package_is_not_the_package(project) -> None:
    facts = facts_of(
        project,
        {"agent.py": "def go(tenacity):\n    redis = tenacity\n    tenacity.retry()\n    redis.from_url('x')\n"},
    )
    assert not {name for name in names(facts) if name.startswith(("tenacity.", "redis."))}


def test_an_own_module_named_like_a_package_is_not_the_package(project) -> None:
    facts = facts_of(project, {
        "redis.py": "def from_url(url): return url\n",
        "agent.py": "import redis\n\ndef go(): return redis.from_url('x')\n",
    })  # fmt: skip
    assert "redis" not in facts.external


def test_routes_join_the_prefixes_of_their_routers(project) -> None:
    facts = facts_of(project, {
        "api.py": """
from fastapi import APIRouter, Depends
def guard(): ...
outer = APIRouter(prefix="/api", dependencies=[Depends(guard)])
inner = APIRouter(prefix="/chat")
other = APIRouter(prefix="/other")
@inner.post("/{id}")
async def ask(): ...
@other.get("/")
async def see(): ...
outer.include_router(inner, prefix="/v1")
""",
        "main.py": "from fastapi import FastAPI\nfrom api import outer\napp = FastAPI()\napp.include_router(outer)\n",
    })  # fmt: skip
    found = {(route.path, route.methods, route.depends) for route in facts.routes}
    assert found == {("/api/v1/chat/{id}", ("post",), ("api.guard",)), ("/other", ("get",), ())}


def test_routes_of_other_frameworks(project) -> None:
    facts = facts_of(project, {"app.py": """
from flask import Flask, Blueprint
from aiohttp import web
from starlette.routing import Route
from django.urls import path
app = Flask(__name__)
part = Blueprint("part", __name__, url_prefix="/part")
@app.route("/flask", methods=["POST", "GET"])
def flask_view(): ...
@part.delete("/x")
def removed(): ...
app.register_blueprint(part)
async def handle(request): ...
web_app = web.Application()
web_app.router.add_post("/aio", handle)
routes = [Route("/star", handle)]
urlpatterns = [path("django/", handle)]
"""})  # fmt: skip
    assert {route.path for route in facts.routes} == {"/flask", "/part/x", "/aio", "/star", "/django"}
    assert {route.path for route in facts.routes if route.changing} == {"/flask", "/part/x", "/aio"}


def test_annotations_handlers_and_statuses_are_seen(project) -> None:
    facts = facts_of(project, {"agent.py": """
from http import HTTPStatus
from starlette import status
class Agent:
    def __init__(self, a: int): ...
    @staticmethod
    def bare(a): ...
    def full(self, *args: int, **rest: str) -> None:
        try:
            self.full()
        except Exception:
            pass
        except (ValueError, KeyError) as error:
            raise RuntimeError from error
def refuse(code: int) -> int:
    if code == 404:
        return answer(status_code=status.HTTP_429_TOO_MANY_REQUESTS)
    return answer(HTTPStatus.FORBIDDEN)
"""})  # fmt: skip
    assert {f.short: f.fully_annotated for f in facts.functions} == {
        "__init__": True,
        "bare": False,
        "full": True,
        "refuse": True,
    }
    silent, raising = sorted(facts.shipped[0].handlers, key=lambda handler: handler.line)
    assert (silent.silent, raising.silent, raising.raises) == (True, False, True)
    assert {(s.code, s.use) for s in facts.shipped[0].statuses} == {(404, "compare"), (429, "call"), (403, "call")}


def test_reach_follows_calls_dependencies_and_closures(project) -> None:
    facts = facts_of(project, {"agent.py": """
from typing import Annotated
from fastapi import Depends, FastAPI
app = FastAPI()
def low(): ...
def require(role):
    def permitted():
        low()
    return permitted
User = Annotated[str, Depends(require("x"))]
@app.post("/a")
async def ask(user: User): ...
"""})  # fmt: skip
    assert "agent.low" in facts.reach("agent.ask")


def test_what_is_shipped_is_decided_first(project) -> None:
    service = facts_of(project, {"app.py": "from fastapi import FastAPI\napp = FastAPI()\n"})
    assert ships.decide(service).kind == ships.SERVICE
    project.remove("app.py")
    hosted = facts_of(project, {"langgraph.json": "{}", "graph.py": "x = 1\n"})
    assert ships.decide(hosted).kind == ships.HOSTED
    project.remove("langgraph.json")
    app = facts_of(project, {"ui.py": "import streamlit\n"})
    assert ships.decide(app).kind == ships.APP
    project.remove("ui.py")
    library = facts_of(project, {"pyproject.toml": "[build-system]\nrequires = []\n"})
    assert ships.decide(library).kind == ships.LIBRARY
    project.remove("pyproject.toml")
    assert ships.decide(facts_of(project, {"x.py": "x = 1\n"})).kind == ships.SCRIPTS
    command = {"cli.py": "import argparse\nif __name__ == '__main__':\n    argparse.ArgumentParser()\n"}
    assert ships.decide(facts_of(project, command)).kind == ships.CLI
