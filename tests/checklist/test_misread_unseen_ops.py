"""What repositories that nobody had tuned on hold: settings, guards, commands, images and what they run on."""

from __future__ import annotations

import pytest

DESCRIBED = "from pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    url: str = Field(default='', description='where it is')\n    key: str = ''\n"
LOADING = "import openai\nfrom dotenv import load_dotenv\n\nload_dotenv()\nclient = openai.OpenAI()\n"
SESSION = "from fastapi import FastAPI, HTTPException, Request\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(request: Request) -> str:\n    if request.session.get('who') is None:\n        raise HTTPException(401)\n    return 'x'\n\n\n@app.post('/vote')\nasync def vote() -> str: ...\n"
PASSED_ON = "from fastapi import FastAPI, HTTPException\nimport openai\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str:\n    try:\n        return openai.ask()\n    except openai.AuthenticationError:\n        raise HTTPException(401)\n"
SCRIPT = "import argparse\nimport subprocess\n{0}\n\n\ndef main():\n    parser = argparse.ArgumentParser()\n    parser.add_argument('path')\n    subprocess.run(['uv', 'lock', parser.parse_args().path])\n\n\nif __name__ == '__main__':\n    main()\n"
SUBSCRIPTS = "import os\n\nURL = os.environ['SHOP_URL']\nKEY = os.environ['SHOP_KEY']\n"
HELPER = "import os\n\n\ndef setting(name, default=None):\n    return os.getenv(name) or default\n\n\nURL = setting('SHOP_URL')\n"
CI = "on: pull_request\njobs:\n  a:\n    steps:\n"
TEST = "import shop\n\n\ndef test_a():\n    assert shop.go() is None\n"
TASKS = "version: '3'\ntasks:\n  test:unit:\n    cmds:\n      - uv run pytest tests\n"
GRACE = 'FROM python:3.12-slim\nCMD ["gunicorn", "--graceful-timeout", "30", "a:app"]\n'
ENDING = "\n\nfrom uvicorn.server import Server\n\n\nclass Own(Server):\n    async def shutdown(self, sockets=None) -> None: ...\n"
GUARDED = "from fastapi import Depends, FastAPI\nfrom fastapi.security import HTTPBearer\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(who=Depends(HTTPBearer())) -> str: ...\n"
SMALL = {
    "README.md": "`A_0`, `A_1` and `A_2`", **{f"read{n}.py": f"import os\n\nA = os.getenv('A_{n}')\n" for n in range(3)},
    **{f"part{n}.py": "def go(): ...\n" for n in range(3)},
}  # fmt: skip
FIELDS = "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    answers: int = 3\n    length: int = 9\n"
SPREAD = {
    "shop/config.py": "import yaml\n\n\ndef read():\n    return yaml.safe_load(open('config/shop.yaml'))\n",
    "README.md": " ".join(f"`KEY_{n}`" for n in range(16)), "config/shop.yaml": "length: 9\n",
    **{f"shop/model{n}.py": f"import os\n\nKEY = os.getenv('KEY_{n}')\n" for n in range(16)},
    **{f"shop/part{n}.py": "def go(): ...\n" for n in range(30)},
}  # fmt: skip
SERVICE = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
METERED = (
    SERVICE
    + "from opentelemetry import metrics\nfrom shop.names import LENGTH\n\nlength = metrics.get_meter('shop').create_histogram(LENGTH, unit='s')\n"
)
BOARD = '{"panels": [{"targets": [{"expr": "rate(shop_answer_length_seconds_sum[5m])"}]}]}'
NAMESPACED = (
    SERVICE
    + "from prometheus_client import Counter\n\nlength = Counter('length', 'how long', namespace='shop', subsystem='answer')\n"
)
BUILDS = "import subprocess\n\n\ndef build(folder):\n    subprocess.run(['pnpm', 'build', folder])\n"
PINNED = "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['fastapi==0.115.0', 'uvicorn==0.30.1']\n"
TRACED = "import agentops\n\nagentops.init()\n"
LOGIN = "resource auth 'Microsoft.App/containerApps/authConfigs@2023-05-01' = {{\n  properties: {{\n    platform: {{ enabled: true }}\n    globalValidation: {{\n      unauthenticatedClientAction: '{}'\n    }}\n  }}\n}}\n"
DEPLOYED = {
    "a.py": SERVICE, "infra/main.bicep": "module app 'app.bicep' = {\n}\n\nmodule auth 'auth.bicep' = {\n}\n",
    "infra/app.bicep": "resource app 'Microsoft.App/containerApps@2023-05-01' = {\n}\n", "infra/auth.bicep": LOGIN.format("RedirectToLoginPage"),
}  # fmt: skip
TERRAFORM = 'resource "azurerm_linux_web_app" "{}" {{\n  auth_settings_v2 {{\n    auth_enabled = true\n    require_authentication = {}\n    unauthenticated_action = "RedirectToLoginPage"\n  }}\n}}\n'
BELOW = 'from pydantic_settings import BaseSettings, SettingsConfigDict\n\n\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(use_attribute_docstrings=True)\n\n    url: str = \'\'\n    """Where it is."""\n\n    keys: list[str] = [\n        \'a\',\n    ]\n    """What opens it."""\n'
STORE = "from azure.search.documents import SearchClient\nfrom azure.search.documents.{0} import VectorSearch as Search, SearchClient as Other\n\nclient = SearchClient()\n\n\ndef create():\n    return Search(), Other()\n"
VERSION = "import httpx\nimport requests\n\nclient = httpx.Client()\n\n\nclass Shop:\n    def {0}(self):\n        return requests.get('https://x/version').json()\n"
ROUTE_CLASS = "from fastapi import APIRouter, FastAPI, HTTPException, Request\nfrom fastapi.routing import APIRoute\n\n\nclass Own(APIRoute):\n    def look(self, request):\n        if not request.cookies.get('who'):\n            {0}\n\n    def get_route_handler(self):\n        handler = super().get_route_handler()\n\n        async def asked(request: Request):\n            self.look(request)\n            return await handler(request)\n\n        return asked\n\n\nrouter = APIRouter({1})\n\n\n@router.post('/ask')\nasync def ask() -> str: ...\n\n\napp = FastAPI()\napp.include_router(router)\n"
CLONES = "import subprocess\n\nimport click\n{1}\n\ndef add_to(app):\n    @app.cli.group()\n    def plugin(): ...\n\n{0}    def add(url):\n        subprocess.run(['git', 'clone', url])\n"

CASES = {
    "settings whose fields are described": ("DP01", "pass", "the variables are documented", {"shop/settings.py": DESCRIBED}),
    "settings of which too few fields are": ("DP01", "warn", "documented nowhere", {"shop/settings.py": DESCRIBED + "    a: str = ''\n    b: str = ''\n"}),
    "descriptions of what is no setting": ("DP01", "warn", "documented nowhere", {
        "shop/settings.py": DESCRIBED.replace(", description='where it is'", ""), "shop/asked.py": DESCRIBED.replace("_settings import BaseSettings", " import BaseModel").replace("BaseSettings", "BaseModel"),
    }),
    "fields of settings that a document names as code": ("DP01", "pass", "the variables are documented", {"shop/settings.py": FIELDS, "README.md": "| `length` | how long |\n| `settings.answers` | how many |\n"}),
    "words of a document that are no code": ("DP01", "warn", "documented nowhere", {"shop/settings.py": FIELDS, "README.md": "The length of answers is limited: `limited`.\n"}),
    "a file that a module of configuration loads, and keys that each client reads": ("DP01", "pass", "a module of configuration takes the configuration", SPREAD),
    "such keys that no document tells": ("DP01", "warn", "16 files read", {**SPREAD, "README.md": "Hello.\n"}),
    "such keys beside a file that nothing names": ("DP01", "warn", "16 files read", {**SPREAD, "config/shop.yaml": "", "shop/config.py": "import yaml\n\n\ndef read(path):\n    return yaml.safe_load(open(path))\n"}),
    "variables that are taken by subscript": ("DP01", "pass", "the variables are documented", {"a.py": SUBSCRIPTS, "README.md": "Set `SHOP_URL` and `SHOP_KEY`.\n"}),
    "variables taken by subscript that no document names": ("DP01", "warn", "documented nowhere", {"a.py": SUBSCRIPTS, "README.md": "Set `TILL_URL` and `SHOP`.\n"}),
    "a variable of every process taken by subscript": ("DP01", "unknown", "no configuration", {"a.py": "import os\n\nHOME = os.environ['HOME']\n"}),
    "a variable that is given is not read": ("DP01", "unknown", "no configuration", {"a.py": "import os\n\n\ndef go():\n    os.environ['SHOP_URL'] = 'x'\n"}),
    "variables that a helper is asked for": ("DP01", "pass", "the variables are documented", {"a.py": HELPER, "README.md": "Set `SHOP_URL`.\n"}),
    "variables that a helper is asked for and no document names": ("DP01", "warn", "documented nowhere", {"a.py": HELPER, "README.md": "Set `TILL_URL`.\n"}),
    "what another function of the name is asked for": ("DP01", "warn", "documented nowhere", {"a.py": HELPER.replace("os.getenv(name)", "os.getenv(name.upper())"), "README.md": "Set `SHOP_URL`.\n"}),
    "three files of a small tree": ("DP01", "pass", "3 files of 6 read", SMALL),
    "three files of five": ("DP01", "warn", "3 files read", {name: text for name, text in SMALL.items() if name != "part2.py"}),
    "variables that one module loads and clients take": ("DP01", "pass", "one module loads the variables", {"a.py": LOADING, ".env.example": "OPENAI_API_KEY=\n"}),
    "variables that one module loads and nothing shows": ("DP01", "warn", "nothing says what", {"a.py": LOADING}),
    "an example in which no variable stands": ("DP01", "warn", "clients take what they need", {"a.py": LOADING, ".env.example": "# to be written\n"}),
    "variables that several modules load": ("DP01", "warn", "clients take what they need", {"a.py": LOADING, "b.py": LOADING, ".env.example": "OPENAI_API_KEY=\n"}),
    "a route that refuses strangers by itself": ("SE03", "warn", "1 of 2 changing routes answer 401 by themselves", {"a.py": SESSION}),
    "one route of many that does": ("SE03", "unknown", "no authentication was found", {
        "a.py": SESSION + "".join(f"\n\n@app.post('/{n}')\nasync def route{n}() -> str: ...\n" for n in range(4)),
    }),
    "a route that tells on what a provider refused": ("SE03", "unknown", "no authentication was found", {"a.py": PASSED_ON}),
    "a script that an operator starts": ("SE07", "pass", "but for what an operator starts by hand in 1 call", {"tools/lock_all.py": SCRIPT.format("")}),
    "a script of which others import something": ("SE07", "warn", "a process without a timeout", {"tools/lock_all.py": SCRIPT.format(""), "tools/b.py": "from tools.lock_all import main\n\nmain()\n"}),
    "a script that asks a model": ("SE07", "warn", "a process without a timeout", {"tools/lock_all.py": SCRIPT.format("import openai")}),
    "a script that serves": ("SE07", "warn", "a process without a timeout", {"tools/lock_all.py": SCRIPT.format("import uvicorn\n\nuvicorn.run(None)")}),
    "a module without a command line": ("SE07", "warn", "a process without a timeout", {"tools/lock_all.py": "import subprocess\n\n\ndef lock(path):\n    subprocess.run(['uv', 'lock', path])\n"}),
    "a file that a desktop opens": ("SE07", "pass", "no shell", {"shop/show.py": "import subprocess\n\n\ndef show(path):\n    subprocess.call(['xdg-open', path])\n"}),
    "a file that is run": ("SE07", "warn", "a process without a timeout", {"shop/show.py": "import subprocess\n\n\ndef show(path):\n    subprocess.call(['python', path])\n"}),
    "what builds the package": ("SE07", "pass", "but for what an operator starts by hand", {"shop/build.py": BUILDS}),
    "what builds while it serves": ("SE07", "warn", "a process without a timeout", {"shop/builder.py": BUILDS}),
    "versions of a manifest that are all exact": ("SE05", "pass", "2 of 2 direct dependencies have an exact version; what they need floats", {"a.py": SERVICE, "pyproject.toml": PINNED}),
    "versions of which one is not": ("SE05", "warn", "1 of 2 direct dependencies", {"a.py": SERVICE, "pyproject.toml": PINNED.replace("uvicorn==0.30.1", "uvicorn")}),
    "a base that has the release of Debian in its name": ("DP03", "pass", "a pinned base", {"a.py": SERVICE, "Dockerfile": "FROM gcr.io/distroless/cc-debian12:nonroot\nUSER nonroot\n"}),
    "a base of distroless without one": ("DP03", "warn", "not pinned", {"a.py": SERVICE, "Dockerfile": "FROM gcr.io/distroless/cc:nonroot\nUSER nonroot\n"}),
    "a base whose version is asked for": ("DP03", "pass", "a pinned base", {"a.py": SERVICE, "Dockerfile": "ARG SHOP_VERSION\nFROM shop/base:${SHOP_VERSION}\nUSER app\n"}),
    "a base whose version floats": ("DP03", "warn", "not pinned", {"a.py": SERVICE, "Dockerfile": "ARG SHOP_VERSION=latest\nFROM shop/base:${SHOP_VERSION}\nUSER app\n"}),
    "a base of anything that is asked for": ("DP03", "warn", "not pinned", {"a.py": SERVICE, "Dockerfile": "ARG TAG\nFROM shop/base:${TAG}\nUSER app\n"}),
    "a script that goes back": ("DP05", "pass", "there is a way back", {"a.py": SERVICE, "scripts/rollback.sh": "set -e\ndocker compose up -d shop:$1\n"}),
    "a script of the name that starts nothing": ("DP05", "unknown", "no way back", {"a.py": SERVICE, "scripts/rollback.sh": "echo ask somebody\n"}),
    "a target that goes back": ("DP05", "pass", "there is a way back", {"a.py": SERVICE, "Makefile": "up:\n\tls\n\nrollback-shop: ## back\n\techo back\n\tkubectl set image deployment/shop shop=$(OLD)\n"}),
    "a target of the name before one that deploys": ("DP05", "unknown", "no way back", {"a.py": SERVICE, "Makefile": "rollback:\n\techo ask somebody\n\nup:\n\tkubectl apply -f .\n"}),
    "a dashboard of a metric whose name is a constant": ("OB05", "pass", "1 dashboard of its own metrics", {
        "a.py": METERED, "shop/names.py": "LENGTH = 'shop.answer.length'\n", "board.json": BOARD,
    }),
    "a dashboard of another metric": ("OB05", "warn", "asks for no metric", {
        "a.py": METERED, "shop/names.py": "LENGTH = 'shop.other.length'\n", "board.json": BOARD,
    }),
    "a dashboard of a metric in a namespace": ("OB05", "pass", "1 dashboard of its own metrics", {"a.py": NAMESPACED, "board.json": BOARD}),
    "a dashboard of a metric in another namespace": ("OB05", "warn", "asks for no metric", {"a.py": NAMESPACED.replace("'shop'", "'till'"), "board.json": BOARD}),
    "what a use case of the community traces": ("OB03", "unknown", "no tracing", {"a.py": SERVICE, "community_usecase/stock/run.py": TRACED}),
    "what the use cases of its own trace": ("OB03", "pass", "traced and exported", {"a.py": SERVICE, "use_cases/stock.py": TRACED}),
    "a task with a colon in its name": ("TS01", "pass", "run by CI on changes", {
        "shop.py": "def go(): ...\n", "tests/test_a.py": TEST, "Taskfile.yml": TASKS, ".github/workflows/ci.yml": CI + "      - run: task test:unit\n",
    }),
    "a task that ends like another": ("TS01", "warn", "CI does not run them", {
        "shop.py": "def go(): ...\n", "tests/test_a.py": TEST, "Taskfile.yml": TASKS.replace("test:unit", "unit"), ".github/workflows/ci.yml": CI + "      - run: task docs:unit\n",
    }),
    "an installation that is told how": ("DP08", "pass", "builds, lints and tests", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pip install -q -U -e '.[dev]'\n      - run: ruff check .\n      - run: pytest\n",
    }),
    "an installation of something else that is told how": ("DP08", "warn", "does not build", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: pip install -q -U ruff pytest\n      - run: ruff check .\n      - run: pytest\n",
    }),
    "a module of Terraform that is named for alarms": ("OB04", "pass", "over what runs it", {"a.py": SERVICE, "infra/ecs.tf": 'module "backend-ecs-alarm" {\n  source = "git::x"\n}\n'}),
    "a module of Terraform that is named for something else": ("OB04", "unknown", "no alert rule", {"a.py": SERVICE, "infra/ecs.tf": 'module "backend-ecs" {\n  source = "git::x//alarms"\n}\n'}),
    "time to finish and nothing that is closed": ("DP02", "warn", "nothing that it closes was found", {"a.py": SERVICE, "Dockerfile": GRACE}),
    "time to finish and a server that does more at its end": ("DP02", "pass", "drains and closes", {"a.py": SERVICE + ENDING, "Dockerfile": GRACE}),
    "time to finish and a server that does more at its start": ("DP02", "warn", "nothing that it closes was found", {"a.py": SERVICE + ENDING.replace("shutdown", "startup"), "Dockerfile": GRACE}),
    "a service that stands in for another while one develops": ("SE03", "pass", "stands before", {"a.py": GUARDED, "mock_storage_service.py": SERVICE}),
    "a service beside it without a guard": ("SE03", "warn", "1 of 2 changing routes", {"a.py": GUARDED, "storage_service.py": SERVICE}),
    "a runner of tests that CI only fetches": ("DP08", "fail", "does not test", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: uv sync\n      - run: uv pip install --system pytest\n      - run: ruff check docs\n",
    }),
    "a runner of tests that CI fetches and runs": ("DP08", "pass", "builds, lints and tests", {
        "shop.py": "def go(): ...\n", ".github/workflows/ci.yml": CI + "      - run: uv sync\n      - run: pip install ruff pytest && pytest\n      - run: ruff check docs\n",
    }),
    "commands that setup.py declares": ("OB04", "unknown", "no alert rule", {
        "setup.py": "from setuptools import setup\n\nsetup(name='a', entry_points={'console_scripts': ['a=a:go']})\n", "a.py": "def go(): ...\n",
    }),
    "a setup.py without commands": ("OB04", "n/a", "a library", {
        "setup.py": "from setuptools import setup\n\nsetup(name='a')\n", "a.py": "def go(): ...\n",
    }),
    "a library's shell for the model": ("SE07", "warn", "strands_tools.shell", {"a.py": "from strands import Agent\nfrom strands_tools import shell\n\nagent = Agent(tools=[shell])\n"}),
    "a platform's login before all that is deployed": ("SE03", "pass", "the platform that it is deployed to", DEPLOYED),
    "a platform's login that lets strangers through": ("SE03", "warn", "a gateway or identity provider", {**DEPLOYED, "infra/auth.bicep": LOGIN.format("AllowAnonymous")}),
    "a platform's login that nothing deploys": ("SE03", "warn", "a gateway or identity provider", {**DEPLOYED, "infra/main.bicep": "module app 'app.bicep' = {\n}\n"}),
    "a platform's login under a condition": ("SE03", "warn", "a gateway or identity provider", {
        **DEPLOYED, "infra/main.bicep": DEPLOYED["infra/main.bicep"].replace("'auth.bicep' =", "'auth.bicep' = if (asked)"),
    }),
    "a platform's login before one of two": ("SE03", "warn", "a gateway or identity provider", {
        **DEPLOYED, "infra/main.bicep": DEPLOYED["infra/main.bicep"] + "module other 'app.bicep' = {\n}\n",
    }),
    "a login before each application of Terraform's": ("SE03", "pass", "the platform that it is deployed to", {"a.py": SERVICE, "infra/main.tf": TERRAFORM.format("a", "true"), "infra/names.tf": 'variable "a" {}\n'}),
    "a login that not every request needs": ("SE03", "warn", "a gateway or identity provider", {"a.py": SERVICE, "infra/main.tf": TERRAFORM.format("a", "true") + TERRAFORM.format("b", "false")}),
    "a router whose class of routes asks who calls": ("SE03", "pass", "stands before the changing route", {"a.py": ROUTE_CLASS.format("raise HTTPException(401)", "route_class=Own")}),
    "a router whose class of routes refuses nobody": ("SE03", "unknown", "no authentication", {"a.py": ROUTE_CLASS.format("print(request)", "route_class=Own")}),
    "a router without the class that asks": ("SE03", "unknown", "no authentication", {"a.py": ROUTE_CLASS.format("raise HTTPException(401)", "")}),
    "settings with texts below their fields": ("DP01", "pass", "the variables are documented", {"shop/settings.py": BELOW}),
    "such texts that pydantic is not told to take": ("DP01", "warn", "documented nowhere", {"shop/settings.py": BELOW.replace("docstrings=True", "docstrings=False")}),
    "fields with too few such texts": ("DP01", "warn", "documented nowhere", {"shop/settings.py": BELOW + "".join(f"    field_{n}: int = {n}\n" for n in range(9))}),
    "a process of a command's own function": ("SE07", "pass", "but for what an operator starts by hand", {"shop/plugins.py": CLONES.format("    @plugin.command()\n    @click.argument('url')\n", "")}),
    "a process of a function beside a command": ("SE07", "warn", "a process without a timeout", {"shop/plugins.py": CLONES.format("", "")}),
    "a process of a command that asks a model": ("SE07", "warn", "a process without a timeout", {
        "shop/plugins.py": CLONES.format("    @plugin.command()\n    @click.argument('url')\n", "import openai\n"),
    }),
    "a default that tells what a secret has to be": ("SE02", "pass", "no credential", {
        "a.py": SERVICE, ".gitignore": ".env\n", "compose.yaml": "services:\n  a:\n    environment:\n      JWT_SECRET: ${JWT:-super-secret-token-with-at-least-32-characters-long}\n",
    }),
    "a default that may be one": ("SE02", "warn", "default for a secret", {
        "a.py": SERVICE, ".gitignore": ".env\n", "compose.yaml": "services:\n  a:\n    environment:\n      JWT_SECRET: ${JWT:-super-secret-token-of-the-whole-shop}\n",
    }),
    "models of data that a client takes": ("PF02", "pass", "kept", {"a.py": STORE.format("models")}),
    "clients beside them": ("PF02", "warn", "for each call", {"a.py": STORE.format("aio")}),
    "what is asked once beside a client that is kept": ("PF02", "pass", "1 known client", {"a.py": VERSION.format("__init__")}),
    "what is asked at each call beside it": ("PF02", "warn", "1 of 2 clients", {"a.py": VERSION.format("answer")}),
    "another tool of that library": ("SE07", "pass", "no shell", {"a.py": "from strands import Agent\nfrom strands_tools import calculator\n\nagent = Agent(tools=[calculator])\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_unseen(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
