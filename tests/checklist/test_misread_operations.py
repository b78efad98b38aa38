"""What the checks of deployment, monitoring, stores and operations misread elsewhere, each in a few lines of our own."""

from __future__ import annotations

import pytest

from agentctl.checklist import tree
from agentctl.checklist.facts import index

SERVICE = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
READS = "import os\nURL = os.getenv('SHOP_URL')\nKEY = os.environ.get('SHOP_KEY')\n"

CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "a README that names the variables documents them": ("DP01", "pass", {
        "a.py": READS, "README.md": "# Shop\n\n| `SHOP_URL` | where it is |\n",
    }),
    "a README that names other variables does not": ("DP01", "warn", {"a.py": READS, "README.md": "# Shop\n\nSet `OTHER_KEY`.\n"}),
    "an example of the settings file documents them": ("DP01", "pass", {"a.py": READS, "config/shop.settings.example.yaml": "url: x\n"}),
    "keys that clients take by themselves are partial": ("DP01", "warn", {"a.py": "import openai\nclient = openai.OpenAI()\n"}),
    "what a function holds while the server runs closes with it": ("DP02", "warn", {
        "a.py": SERVICE + "import uvicorn\n\n\nasync def main(pool):\n    async with pool.opened():\n        await uvicorn.Server(uvicorn.Config(app)).serve()\n",
    }),
    "what it held before is none of the server's": ("DP02", "unknown", {
        "a.py": SERVICE + "import uvicorn\n\n\ndef main():\n    uvicorn.run(app)\n\n\ndef load(pool):\n    with pool.opened():\n        ...\n",
    }),
    "a platform's own file describes half of it": ("DP04", "warn", {"a.py": SERVICE, "fly.toml": "app = 'shop'\n"}),
    "a command that deploys describes half of it": ("DP04", "warn", {"a.py": SERVICE, "deploy.sh": "gcloud run deploy shop --source .\n"}),
    "Bicep with several instances scales": ("DP06", "pass", {"a.py": SERVICE, "infra/main.bicep": "properties: {\n  maxReplicas: 5\n}\n"}),
    "Bicep with one instance does not": ("DP06", "unknown", {"a.py": SERVICE, "infra/main.bicep": "properties: {\n  maxReplicas: 1\n}\n"}),
    "workers in a command of infrastructure are partial": ("DP06", "warn", {
        "a.py": SERVICE, "place/prod.py": "def service(command): ...\n\n\nservice(command='uvicorn a:app --workers 2')\n",
    }),
    "backups that the cloud takes are half of it": ("DP07", "warn", {"a.py": SERVICE, "infra/main.bicep": "backupPolicy: {\n  type: 'Continuous'\n}\n"}),
    "a migration that restores a column restores no backup": ("DP07", "unknown", {
        "a.py": SERVICE, "alembic/versions/0007_restore_names.py": "def upgrade(): ...\n",
    }),
    "a vendor's telemetry alone is half of metrics": ("OB01", "warn", {"a.py": SERVICE + "from azure.monitor.opentelemetry import configure_azure_monitor\nconfigure_azure_monitor()\n"}),
    "what is pushed needs no endpoint": ("OB01", "pass", {"a.py": SERVICE + "import statsd\nstatsd.StatsClient().incr('asked')\n"}),
    "a vendor's distribution exports traces": ("OB03", "pass", {"a.py": SERVICE + "from azure.monitor.opentelemetry import configure_azure_monitor\nconfigure_azure_monitor()\n"}),
    "spans for whoever embeds it are partial": ("OB03", "warn", {"a.py": "from opentelemetry.trace import Span\n\n\ndef go(span: Span) -> None:\n    span.set_attribute('a', 1)\n"}),
    "alerts of a cloud in Bicep count": ("OB04", "pass", {"a.py": SERVICE, "infra/main.bicep": "resource a 'Microsoft.Insights/metricAlerts@2018-03-01' = {}\n"}),
    "a dashboard of a cloud's figures is partial": ("OB05", "warn", {"a.py": SERVICE, "infra/main.bicep": "resource a 'Microsoft.Insights/workbooks@2023-06-01' = {}\n"}),
    "tables that SQL creates are tables": ("DV03", "unknown", {
        "a.py": "import sqlite3\n\n\ndef go(path):\n    sqlite3.connect(path).execute('CREATE TABLE orders (id TEXT)')\n",
    }),
    "tables that an SQL file creates are tables": ("DV03", "unknown", {"a.py": "x = 1\n", "db/init.sql": "create table orders (id text);\n"}),
    "a database that is opened has tables of somebody": ("DV03", "unknown", {"a.py": "import sqlalchemy\nengine = sqlalchemy.create_engine('x')\n"}),
    "no database has no migrations": ("DV03", "n/a", {"a.py": "class Base: ...\n"}),
    "a base of tables is no table": ("DV03", "n/a", {"a.py": "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n"}),
    "analytics are no feature flags": ("CF05", "n/a", {"a.py": "import posthog\nposthog.capture('asked', {})\n"}),
    "a flag that analytics decide is one": ("CF05", "pass", {"a.py": "import posthog\nON = posthog.feature_enabled('new', 'ann')\n"}),
    "a route that changes the configuration is half of control": ("CF05", "warn", {"a.py": SERVICE + "\n\n@app.put('/admin/config')\nasync def change(body: dict): ...\n"}),
    "a user's own settings are no configuration": ("CF05", "n/a", {"a.py": "def save_user_settings(x): ...\n\n\nsave_user_settings(1)\n"}),
    "an experiment of a script is no assignment": ("CF05", "n/a", {"a.py": "def run_experiment(data): ...\n\n\nrun_experiment([])\n"}),
    "an assignment by a digest is": ("CF05", "pass", {"a.py": "import hashlib\n\n\ndef variant_for(key):\n    return hashlib.blake2b(key).digest()[0] % 2\n\n\nvariant_for(b'x')\n"}),
    "Sentry with a share of traces traces": ("OB03", "pass", {"a.py": "import sentry_sdk\nsentry_sdk.init(traces_sample_rate=0.1)\n"}),
    "Sentry without traces does not": ("OB03", "unknown", {"a.py": "import sentry_sdk\nsentry_sdk.init(dsn='x', traces_sample_rate=0.0)\n"}),
    "a mode of botocore with a number of attempts retries": ("RL01", "pass", {
        "a.py": "import boto3\nfrom botocore.config import Config\nCONFIG = Config(retries={'max_attempts': 8, 'mode': 'adaptive'})\nclient = boto3.client('s3', config=CONFIG)\n",
    }),
    "a number of attempts alone does not": ("RL01", "warn", {
        "a.py": "import boto3\nfrom botocore.config import Config\nclient = boto3.client('s3', config=Config(retries={'max_attempts': 8}))\n",
    }),
    "a template of CloudFormation by any name is infrastructure": ("DP04", "pass", {"a.py": "x = 1\n", "deploy/a.template": '{"AWSTemplateFormatVersion": "2010-09-09"}'}),
    "the flag and the words of an error that a test asserts": ("TS05", "pass", {
        "a.py": "def go(x): ...\n",
        "tests/test_a.py": "from a import go\n\n\ndef test_one():\n    assert go(1).isError is True\n\n\ndef test_two():\n    assert 'denied' in go(2).text\n",
    }),
    "a flag that says that nothing failed is no failure": ("TS05", "fail", {
        "a.py": "def go(x): ...\n", "tests/test_a.py": "from a import go\n\n\ndef test_one():\n    assert go(1).isError is False\n",
    }),
    "a system card with limitations says what it does not do": ("DV01", "pass", {"a.py": "x = 1\n", "docs/system-card.md": "It answers questions; its limitations are these.\n" * 9}),
    "a contract with the product's name before it is one": ("DV02", "warn", {
        "a.py": SERVICE, "docs/shop_openapi.json": '{"openapi": "3.1.0", "paths": {"/ask": {}}}',
    }),
    "an application that is built from its contract is in step": ("DV02", "pass", {
        "a.py": SERVICE + "import connexion\nconnexion.AioHttpApp('shop').add_api('openapi.json')\n", "openapi.json": '{"openapi": "3.1.0", "paths": {"/ask": {}}}',
    }),
    "a contract among the data of tests is none": ("DV02", "warn", {
        "a.py": SERVICE, "tests/data/openapi.json": '{"openapi": "3.1.0", "paths": {"/ask": {}}}',
        "tests/test_a.py": "def test_a(client):\n    assert client.get('/openapi.json')\n",
    }),
    "files of SQL in pairs go both ways": ("DV03", "pass", {
        "a.py": "x = 1\n", "migrations/1_a.up.sql": "CREATE TABLE a (b TEXT);\n", "migrations/1_a.down.sql": "DROP TABLE a;\n",
    }),
    "a file of SQL with a part that goes back is whole": ("DV03", "pass", {
        "a.py": "x = 1\n", "db/migrations/1_a.sql": "-- migrate:up\nCREATE TABLE a (b TEXT);\n-- migrate:down\nDROP TABLE a;\n",
    }),
    "SQL that only goes forward is partial": ("DV03", "warn", {"a.py": "x = 1\n", "supabase/migrations/1_a.sql": "CREATE TABLE a (b TEXT);\n"}),
    "a typed model and an example of its file are configuration": ("DP01", "pass", {
        "shop/config.py": "from pydantic import BaseModel\n\n\nclass Config(BaseModel):\n    url: str\n", "config/shop.config.example.yaml": "url: x\n",
    }),
    "a typed model of something else is none": ("DP01", "unknown", {
        "shop/model.py": "from pydantic import BaseModel\n\n\nclass ModelConfig(BaseModel):\n    url: str\n", "config/shop.config.example.yaml": "url: x\n",
    }),
    "a test client of a fixture drives the application": ("TS03", "pass", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n",
        "tests/conftest.py": "from fastapi.testclient import TestClient\nfrom shop.core import go\nimport pytest\n\n\n@pytest.fixture\ndef caller():\n    return TestClient(go)\n",
        "tests/test_core.py": "def test_go(caller):\n    assert caller.get('/')\n",
    }),
    "a test client of a helper drives the application": ("TS03", "pass", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n", "tests/__init__.py": "",
        "tests/helpers.py": "from httpx import AsyncClient\nfrom shop.core import go\n\n\ndef made():\n    return AsyncClient(app=go)\n",
        "tests/test_core.py": "from shop.core import go\nfrom tests.helpers import made\n\n\ndef test_go():\n    assert made().get('/') != go\n",
    }),
    "a fixture of another file with the same name drives none": ("TS03", "warn", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n", "src/shop/store.py": "def held(): ...\n",
        "tests/api/conftest.py": "from fastapi.testclient import TestClient\nfrom shop.core import go\nimport pytest\n\n\n@pytest.fixture\ndef client():\n    return TestClient(go)\n",
        "tests/store/test_held.py": "import pytest\nfrom shop.core import go\nfrom shop.store import held\n\n\n@pytest.fixture\ndef client():\n    return go\n\n\ndef test_held(client):\n    assert held() is client\n",
    }),
    "a client without an application drives none": ("TS03", "unknown", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n",
        "tests/test_core.py": "import httpx\nfrom shop.core import go\n\n\ndef test_go():\n    assert go(httpx.AsyncClient(timeout=3)) is None\n",
    }),
    "tests that CI leaves out are partial": ("TS03", "warn", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: npm test\n",
        "tests/test_core.py": "from fastapi.testclient import TestClient\nfrom shop.core import go\n\n\ndef test_go():\n    assert TestClient(go).get('/')\n",
    }),
    "journeys in JavaScript that CI runs count": ("TS04", "pass", {
        "a.py": SERVICE, "page/tests/ask.spec.ts": "import { test } from '@playwright/test'\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: npx playwright test\n",
    }),
    "journeys in JavaScript that nothing runs are partial": ("TS04", "warn", {"a.py": SERVICE, "e2e/ask.cy.ts": "cy.visit('/')\n"}),
    "units in JavaScript are no journeys": ("TS04", "unknown", {"a.py": SERVICE, "page/tests/ask.spec.ts": "import { test } from 'vitest'\n"}),
    "a status among the data of tests is expected by none": ("TS10", "unknown", {"a.py": SERVICE, "tests/data/code.py": "def test_a(x):\n    assert x.status_code == 400\n"}),
    "Bicep without a resource describes nothing": ("DP04", "unknown", {"a.py": SERVICE, "infra/main.bicep": "targetScope = 'resourceGroup'\n"}),
    "Bicep with a resource describes something": ("DP04", "pass", {"a.py": SERVICE, "infra/main.bicep": "resource shop 'Microsoft.Web/sites@2023-12-01' = {}\n"}),
    "a path of two words is for health, too": ("OB02", "warn", {
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/health-check')\nasync def tell() -> str:\n    return 'ok'\n",
    }),
    "processes that are numbered are bounded": ("PF03", "pass", {
        "app.py": SERVICE, "many.py": "import multiprocessing\n\n\ndef go(rows):\n    with multiprocessing.Pool(processes=4) as pool:\n        return pool.map(len, rows)\n",
    }),
    "alarms of a stack in TypeScript are alerts": ("OB04", "pass", {
        "app.py": SERVICE, "lib/stack.ts": "import * as cw from 'aws-cdk-lib/aws-cloudwatch';\nnew cw.Alarm(this, 'Errors', {});\n",
    }),
    "an alarm of something else in TypeScript is none": ("OB04", "unknown", {
        "app.py": SERVICE, "web/clock.ts": "import { Alarm } from './clock';\nnew Alarm('7:00');\n",
    }),
    "a cloud asks its functions otherwise": ("OB02", "unknown", {
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(): ...\n", "template.yaml": "Resources:\n  Ask:\n    Type: AWS::Serverless::Function\n",
    }),
    "an agent platform asks the application that it is given otherwise": ("OB02", "unknown", {
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(): ...\n", "backend/langgraph.json": '{"graphs": {}, "http": {"app": "./app.py:app"}}',
    }),
    "who serves itself has to tell": ("OB02", "fail", {"app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(): ...\n"}),
    "where all is an example, its templates describe it": ("DP04", "pass", {
        "examples/shop/app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(): ...\n", "examples/shop/template.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Ask:\n    Type: AWS::Serverless::Function\n",
    }),
    "templates of an example beside what ships do not": ("DP04", "unknown", {
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(): ...\n", "examples/shop/template.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Ask:\n    Type: AWS::Serverless::Function\n",
    }),
    "where all is an example, what one asks for is asked for": ("SE05", "unknown", {
        "examples/shop/app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask(): ...\n", "examples/shop/requirements.txt": "fastapi>=0.1\n",
    }),
    "what hides personal data keeps no text from steering": ("AG02", "unknown", {
        "a.py": "import openai\nfrom presidio_analyzer import AnalyzerEngine\n\nengine = AnalyzerEngine()\nopenai.OpenAI().responses.create(model='m', input='x')\n",
    }),
    "what uv runs was installed before": ("DP08", "pass", {
        "pyproject.toml": "[build-system]\nrequires = []\n[project]\nname = 'a'\n", "a.py": "x = 1\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: uv run ruff check\n    - run: uv run pytest\n",
    }),
    "a project is installed, however its name is quoted": ("DP08", "pass", {
        "pyproject.toml": "[build-system]\nrequires = []\n[project]\nname = 'a'\n", "a.py": "x = 1\n", ".github/workflows/ci.yml": 'on: push\njobs:\n  a:\n    steps:\n    - run: pip install ".[dev]"\n    - run: ruff check\n    - run: pytest\n',
    }),
    "tools alone build nothing": ("DP08", "warn", {
        "pyproject.toml": "[build-system]\nrequires = []\n[project]\nname = 'a'\n", "a.py": "x = 1\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pip install ruff pytest\n    - run: ruff check\n    - run: pytest\n",
    }),
    "installing what an application asks for builds it": ("DP08", "pass", {
        "a.py": SERVICE, ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: pip install -r requirements.txt\n      - run: ruff check\n      - run: pytest\n",
    }),
    "instruments of a meter that is handed over are recorded into": ("OB01", "pass", {
        "a.py": SERVICE + "from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader\nreader = PeriodicExportingMetricReader(None)\n",
        "m.py": "import opentelemetry\n\n\ndef made(meter):\n    return {'asked': meter.create_counter('asked')}\n\n\ndef count(instruments):\n    instruments['asked'].add(1)\n",
    }),
    "a set beside a meter is no instrument": ("OB01", "warn", {
        "a.py": SERVICE + "from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader\nreader = PeriodicExportingMetricReader(None)\n",
        "m.py": "import opentelemetry\n\n\ndef made(meter, seen):\n    seen.add(1)\n    return meter.create_counter('asked')\n",
    }),
    "a dashboard of what an instrumentor measures is its own": ("OB05", "pass", {
        "a.py": SERVICE + "from prometheus_fastapi_instrumentator import Instrumentator\nInstrumentator().instrument(app).expose(app)\n",
        "infra/board.json": '{"panels": [{"targets": [{"expr": "sum(rate(http_requests_total[1m]))"}]}]}',
    }),
    "an exporter that may not be installed is imported by its name": ("OB03", "pass", {
        "t.py": "from importlib import import_module\nfrom opentelemetry import trace\nfrom opentelemetry.sdk.trace import TracerProvider\n\n\ndef go():\n    import_module('opentelemetry.exporter.otlp.proto')\n    trace.get_tracer('a')\n    return TracerProvider()\n",
    }),
    "one skipped journey does not skip the suite": ("TS04", "pass", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: pytest\n",
        "tests/e2e/test_go.py": "import pytest\nfrom shop.core import go\n\n\n@pytest.mark.skip(reason='x')\ndef test_a():\n    assert go()\n\n\ndef test_b():\n    assert go()\n\n\ndef test_c():\n    assert go()\n",
    }),
    "a mark over a file of journeys skips it": ("TS04", "warn", {
        "src/shop/__init__.py": "", "src/shop/core.py": "def go(): ...\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: pytest\n",
        "tests/e2e/test_go.py": "import pytest\nfrom shop.core import go\n\npytestmark = pytest.mark.skipif(True, reason='x')\n\n\ndef test_a():\n    assert go()\n\n\ndef test_b():\n    assert go()\n\n\ndef test_c():\n    assert go()\n",
    }),
    "a table that a cloud can put back is half a backup": ("DP07", "warn", {"a.py": SERVICE, "cdk/lib/shop-stack.ts": "new Table(this, 'a', { pointInTimeRecovery: true })\n"}),
    "tests that a project manager runs are run": ("DP08", "pass", {
        "a.py": SERVICE, ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: rye sync\n      - run: rye lint\n      - run: rye test -p shop\n",
    }),
    "a script of the tree that lints does": ("DP08", "pass", {
        "a.py": SERVICE, "scripts/lint.py": "import subprocess\nsubprocess.run(['ruff', 'check'], check=True)\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: uv run scripts/lint.py\n      - run: pytest\n",
    }),
    "a script of the tree that is only named for it does not": ("DP08", "fail", {
        "a.py": SERVICE, "scripts/lint.py": "print('clean')\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: python scripts/lint.py\n      - run: pytest\n",
    }),
    "kept results of evaluations are half of a baseline": ("TS09", "warn", {"a.py": "x = 1\n", "evaluation/results/first.md": "0.9\n"}),
    "results of something else are none": ("TS09", "unknown", {"a.py": "x = 1\n", "data/results/first.md": "0.9\n"}),
    "a test that asks a server that runs is one of integration": ("TS03", "pass", {
        "src/shop/__init__.py": "", "src/shop/server.py": "def made(): ...\n",
        "tests/test_server.py": "import uvicorn\nfrom shop.server import made\n\n\ndef test_served():\n    server = uvicorn.Server(uvicorn.Config(made()))\n    assert server.run() is None\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_misread(project, case: str) -> None:
    item, verdict, files = CASES[case]
    answer = project.answered(item, files)
    assert answer.verdict == verdict, answer.message


def test_targets_that_run_each_other_are_unfolded_once(project) -> None:
    names = [f"t{number}" for number in range(30)]
    rule = "".join(f"{name}:\n" + "".join(f"\tmake {other}\n" for other in names) for name in names)
    project.write("Makefile", rule + "last:\n\tpytest\n")
    project.write(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    steps:\n      - run: make t1 t2\n      - run: make last\n",
    )
    texts = [step.text for step in index.gather(tree.read(project.root)).ci]
    assert "pytest" in texts
    assert len(texts) == len(set(texts)) <= len(names) + 3
