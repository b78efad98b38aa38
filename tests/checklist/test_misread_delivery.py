"""What is shipped and what stands beside it: packages, their locks, their helpers, and CI that judges at its end."""

from __future__ import annotations

import pytest

PACKAGE = "[build-system]\nrequires = ['hatchling']\n[project]\nname = 'shop-kit'\nversion = '1'\ndependencies = ['httpx>=0.27']\n"
COMMAND = PACKAGE + "[project.scripts]\nshop = 'shop_kit.cli:main'\n"
LOCK = '[[package]]\nname = "httpx"\nversion = "0.27.0"\n\n[[package]]\nname = "shop-kit"\nversion = "1"\n'
KIT = "import httpx\n\n\ndef main():\n    httpx.get('https://shop.example')\n"
SERVER = "import uvicorn\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n\n\nif __name__ == '__main__':\n    uvicorn.run(app)\n"
IMAGE = 'FROM python:3.12-slim\nCOPY . /app\nRUN uv sync --frozen\nUSER app\nCMD ["python"]\n'
FETCHED = {
    "pyproject.toml": COMMAND,
    "uv.lock": LOCK,
    "src/shop_kit/cli.py": KIT,
    "README.md": "```\npip install shop-kit\n```\n",
}
LINTED = "      - id: style\n        run: ruff check .\n        continue-on-error: true\n"
CI = "on: pull_request\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: pytest\n" + LINTED
SERVICE = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n"
MIGRATION = "from alembic import op\n\n\ndef upgrade():\n    op.drop_table('a')\n\n\ndef downgrade():\n    op.create_table('a')\n"
BACK = "# Upgrading\n\n## Rollback\n\nSet the tag to the previous release and `up -d` again.\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{.Env.NAME}}\nspec:\n  replicas: 2\n  template: {}\n"
)
QUEUE = "from celery import Celery\n\ntasks = Celery('shop')\n"
WORKING = 'FROM python:3.12-slim\nUSER app\nCMD ["uvicorn", "a:app", "--workers", "4"]\n'
SPANS = {
    "src/shop_kit/spans.py": "from opentelemetry import trace\n\ntracer = trace.get_tracer('shop')\n",
    **{f"src/shop_kit/part{n}.py": "from shop_kit.spans import tracer\n\n\ndef go():\n    with tracer.start_as_current_span('go'):\n        return 1\n" for n in range(3)},
}  # fmt: skip
SENTRY = (
    SERVICE + "import sentry_sdk\n\noptions = {'traces_sample_rate': 1.0}\nsentry_sdk.init('https://x', **options)\n"
)
BROWSER = (
    "import pytest\nfrom selenium import webdriver\n\n\n@pytest.fixture\ndef driver():\n    return webdriver.Chrome()\n"
)
SEEN = "def test_shop(driver):\n    driver.get('http://x')\n    assert driver.title == 'Shop'\n"
FAKED = "import pytest\nimport shop\n\n\n@pytest.fixture\ndef fake_shop():\n    return shop\n\n\ndef test_main(fake_shop):\n    assert fake_shop.main() is None\n"
JUDGED = "      - if: always()\n        env:\n          STYLE: ${{ steps.style.outcome }}\n        run: |\n          if [[ $STYLE == failure ]]; then exit 1; fi\n"

CASES = {
    "a lock of what users fetch by its name": ("SE05", "warn", "for development only", FETCHED),
    "such a lock that an image uses": ("SE05", "pass", "locks every direct dependency", {**FETCHED, "Dockerfile": IMAGE}),
    "such a lock beside an image that holds something else": ("SE05", "warn", "for development only", {
        **FETCHED, "src/shop_kit/box/Dockerfile": "FROM python:3.12-slim\nCOPY src/shop_kit/box/run.sh /\nUSER app\n",
    }),
    "a lock of a command that fetches others by their names": ("SE05", "pass", "locks every direct dependency", {
        **FETCHED, "README.md": "```\npip install shop-kitchen uv\nuv sync\n```\n",
    }),
    "pins of what users fetch by a tool of theirs": ("SE05", "warn", "for development only", {
        "setup.cfg": "[metadata]\nname = shop\n[options]\ninstall_requires =\n  httpx~=0.27\n[options.entry_points]\nconsole_scripts =\n  shop = shop.cli:main\n",
        "requirements.txt": "httpx==0.27.0\n", "shop/cli.py": KIT, "README.md": "`uvx shop`\n",
    }),
    "an image to develop a package in": ("SE05", "warn", "there is no lock", {
        "pyproject.toml": COMMAND, "src/shop_kit/cli.py": KIT, "Dockerfile": "FROM python:3.12-slim\nCOPY . /a\nRUN pip install -e /a\n",
    }),
    "an image that installs a package": ("SE05", "fail", "there is no lock", {
        "pyproject.toml": COMMAND, "src/shop_kit/cli.py": KIT, "Dockerfile": "FROM python:3.12-slim\nCOPY . /a\nRUN pip install /a\n",
    }),
    "a library that measures nothing": ("OB01", "unknown", "no metrics", {"pyproject.toml": PACKAGE, "src/shop_kit/core.py": KIT}),
    "an agent that CI tests a package by": ("OB02", "n/a", "no server of its own", {
        "pyproject.toml": COMMAND, "src/shop_kit/cli.py": KIT, "interop/main.py": SERVER, ".github/workflows/ci.yml": CI + "      - run: python interop/main.py\n",
    }),
    "an application beside a package that a README starts": ("OB02", "fail", "no route of the service", {
        "pyproject.toml": COMMAND, "src/shop_kit/cli.py": KIT, "server/main.py": SERVER, "README.md": "`python server/main.py`\n",
    }),
    "an application beside a package that an image starts": ("OB02", "fail", "no route of the service", {
        "pyproject.toml": COMMAND, "src/shop_kit/cli.py": KIT, "server/main.py": SERVER, "Dockerfile": IMAGE,
    }),
    "a helper in a package with commands": ("OB02", "n/a", "no server of its own", {
        "pyproject.toml": COMMAND, "shop_kit/cli.py": KIT, "shop_kit/old/reader.py": SERVER,
    }),
    "a server that a command of the package starts": ("OB02", "fail", "no route of the service", {
        "pyproject.toml": COMMAND, "shop_kit/cli.py": "from shop_kit.old import reader\n\n\ndef main():\n    reader.go()\n", "shop_kit/old/reader.py": SERVER,
    }),
    "a server that a command of the package names": ("OB02", "fail", "no route of the service", {
        "pyproject.toml": COMMAND, "shop_kit/cli.py": "import uvicorn\n\n\ndef main():\n    uvicorn.run('shop_kit.old.reader:app')\n", "shop_kit/old/reader.py": SERVER,
    }),
    "a step that CI judges at its end": ("DP08", "pass", "builds, lints and tests", {"shop.py": KIT, ".github/workflows/ci.yml": CI + JUDGED}),
    "a step that CI only tells of at its end": ("DP08", "fail", "does not lint", {"shop.py": KIT, ".github/workflows/ci.yml": CI + JUDGED.replace("exit 1", "echo no")}),
    "a step beside one that CI judges": ("DP08", "fail", "does not lint", {"shop.py": KIT, ".github/workflows/ci.yml": CI + JUDGED.replace("steps.style", "steps.other")}),
    "CI whose lines end in tabs": ("DP08", "fail", "does not lint or test", {
        "shop.py": KIT, ".github/workflows/ci.yml": "on:\t\n  push:\t\n    branches: [main]\t\njobs:\n  a:\n    steps:\n      - run: uv build\n",
    }),
    "a part of a guide that tells how the release before comes back": ("DP05", "pass", "there is a way back", {"a.py": SERVICE, "docs/upgrading.md": BACK}),
    "a part of another name that speaks of the release before": ("DP05", "unknown", "no way back", {"a.py": SERVICE, "docs/upgrading.md": BACK.replace("Rollback", "News")}),
    "a part of a guide that says that there is none": ("DP05", "unknown", "no way back", {"a.py": SERVICE, "docs/upgrading.md": "## Rollback\n\nThis cannot be undone.\n\n## Next\n\nThe previous release.\n"}),
    "an own command that takes migrations back": ("DP05", "pass", "there is a way back", {
        "pyproject.toml": COMMAND, "src/shop_kit/migrations/versions/a.py": MIGRATION, "src/shop_kit/cli.py": "from alembic import command\n\n\ndef main(to):\n    command.downgrade(None, to)\n",
    }),
    "such a command of what an image runs": ("DP05", "warn", "a deployment cannot", {
        "pyproject.toml": COMMAND, "src/shop_kit/migrations/versions/a.py": MIGRATION, "src/shop_kit/cli.py": "from alembic import command\n\n\ndef main(to):\n    command.downgrade(None, to)\n", "Dockerfile": IMAGE,
    }),
    "an own command that only applies them": ("DP05", "warn", "a deployment cannot", {
        "pyproject.toml": COMMAND, "src/shop_kit/migrations/versions/a.py": MIGRATION, "src/shop_kit/cli.py": "from alembic import command\n\n\ndef main(to):\n    command.upgrade(None, to)\n",
    }),
    "replicas of a manifest that is filled in": ("DP06", "pass", "scales out", {"a.py": SERVICE, "infra/api.tmpl.yaml": DEPLOYMENT}),
    "one replica of such a manifest": ("DP06", "unknown", "no scaling", {"a.py": SERVICE, "infra/api.tmpl.yaml": DEPLOYMENT.replace("2", "1")}),
    "replicas of an example of one": ("DP06", "unknown", "no scaling", {"a.py": SERVICE, "docs/api.tmpl.yaml": DEPLOYMENT}),
    "replicas that a chart leaves open": ("DP06", "warn", "a value of a chart", {"a.py": SERVICE, "chart/templates/api.yaml": DEPLOYMENT.replace("2", "{{ .Values.replicas }}")}),
    "workers beside a queue": ("DP06", "pass", "from a queue", {"a.py": SERVICE, "work.py": QUEUE, "Dockerfile": WORKING}),
    "workers beside a queue, and sessions in the process": ("DP06", "warn", "sessions in the process", {
        "a.py": SERVICE + "from langgraph.checkpoint.memory import MemorySaver\n\nsaver = MemorySaver()\n", "work.py": QUEUE, "Dockerfile": WORKING,
    }),
    "a queue of a library that an own module is named like": ("DP06", "warn", "tasks are taken from a queue", {
        "a.py": "from config.config import X\nfrom config.celery import X\n" + SERVICE, "config/celery.py": "X = 1\n", "config/config.py": "X = 1\n", "config/logging.py": "X = 1\n",
        "work.py": "import logging\nfrom config.celery import X\n" + QUEUE,
    }),
    "an archive of the data in a guide": ("DP07", "warn", "no restore", {"a.py": SERVICE, "docs/deployment.md": "```\ntar czf backups/data.tar.gz data/\n```\n"}),
    "an archive of something else in a guide": ("DP07", "unknown", "no backup", {"a.py": SERVICE, "docs/deployment.md": "```\ntar czf release.tar.gz data/\n```\n"}),
    "units of systemd": ("DP04", "warn", "units of systemd", {"a.py": SERVICE, "data/shop.service": "[Unit]\n[Service]\nExecStart=/usr/bin/shop\n"}),
    "a file that only bears the name of a unit": ("DP04", "unknown", "no infrastructure", {"a.py": SERVICE, "data/shop.service": "how we serve\n"}),
    "a compose file that a launcher fills in": ("DP04", "warn", "only compose", {"a.py": SERVICE, "docker/templates/compose.yaml": "services:\n  a:\n    build: .\n"}),
    "a compose file of an editor": ("DP04", "unknown", "no infrastructure", {"a.py": SERVICE, ".devcontainer/compose.yaml": "services:\n  a:\n    build: {target: dev}\n"}),
    "spans of a package whose user exports them": ("OB03", "pass", "the application that uses it exports", {"pyproject.toml": PACKAGE, **SPANS}),
    "spans of what an image runs": ("OB03", "warn", "no exporter", {"pyproject.toml": PACKAGE, **SPANS, "Dockerfile": IMAGE}),
    "spans of one part of a package": ("OB03", "warn", "no exporter", {"pyproject.toml": PACKAGE, "src/shop_kit/spans.py": SPANS["src/shop_kit/spans.py"]}),
    "a share of traces among options": ("OB03", "pass", "traced and exported", {"a.py": SENTRY}),
    "no share of traces among options": ("OB03", "unknown", "no tracing", {"a.py": SENTRY.replace("1.0", "0.0")}),
    "steps of an engine of workflows": ("OB03", "warn", "records its steps", {"a.py": "from prefect import task\n\n\n@task\ndef go(): ...\n"}),
    "a switch for tracing in a guide": ("OB03", "warn", "left to a setting", {"a.py": SERVICE, "docs/observability.md": "```\nOTEL_EXPORTER_OTLP_ENDPOINT=http://x\n```\n"}),
    "a guide that names a variable": ("OB03", "unknown", "no tracing", {"a.py": SERVICE, "docs/observability.md": "There is no OTEL_EXPORTER_OTLP_ENDPOINT.\n"}),
    "tests that are given a browser": ("TS04", "pass", "1 end-to-end test", {
        "shop.py": KIT, "tests/conftest.py": BROWSER, "tests/test_shop.py": SEEN, ".github/workflows/ci.yml": CI,
    }),
    "tests that are given something else": ("TS04", "unknown", "no end-to-end", {
        "shop.py": KIT, "tests/conftest.py": BROWSER.replace("webdriver.Chrome", "dict").replace("from selenium import webdriver\n", ""), "tests/test_shop.py": SEEN, ".github/workflows/ci.yml": CI,
    }),
    "such tests in a folder that CI does not name": ("TS04", "warn", "does not run", {
        "shop.py": KIT, "integtests/conftest.py": BROWSER, "integtests/test_shop.py": SEEN, ".github/workflows/ci.yml": CI.replace("pytest\n", "pytest tests/\n"),
    }),
    "a script that asks by hand": ("TS04", "warn", "by hand", {"shop.py": SERVICE, "scripts/test_api.sh": "curl -s http://localhost:8000/ask\n"}),
    "a script of that name that fetches something": ("TS04", "unknown", "no end-to-end", {"shop.py": SERVICE, "scripts/test_api.sh": "curl -LO https://get.example/tool\n"}),
    "a fixture that is named for a fake": ("TS06", "pass", "fakes in 1 file", {"shop.py": KIT, "tests/test_shop.py": FAKED}),
    "a fixture of such a name that no test takes": ("TS06", "unknown", "no fake", {"shop.py": KIT, "tests/test_shop.py": FAKED.replace("(fake_shop)", "()").replace("fake_shop.", "shop.")}),
    "a suite of security that asks from outside": ("TS10", "pass", "a security suite", {
        "shop.py": KIT, "integtests/security/test_roles.py": "import pytest\n\n\ndef test_role(client_user):\n    with pytest.raises(ValueError):\n        client_user.sell()\n",
    }),
    "a suite of security that asks nothing": ("TS10", "unknown", "no test of injection", {
        "shop.py": KIT, "integtests/security/test_roles.py": "def test_role():\n    assert 1\n",
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_delivery(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
