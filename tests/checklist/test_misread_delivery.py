"""What is shipped and what stands beside it: packages, their locks, their helpers, and CI that judges at its end."""

from __future__ import annotations

import pytest

PACKAGE = "[build-system]\nrequires = ['hatchling']\n[project]\nname = 'shop-kit'\nversion = '1'\ndependencies = ['httpx>=0.27']\n"
COMMAND = PACKAGE + "[project.scripts]\nshop = 'shop_kit.cli:main'\n"
LOCK = '[[package]]\nname = "httpx"\nversion = "0.27.0"\n\n[[package]]\nname = "shop-kit"\nversion = "1"\n'
KIT = "import httpx\n\n\ndef main():\n    httpx.get('https://shop.example')\n"
SERVER = "import uvicorn\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/ask')\nasync def ask() -> str: ...\n\n\nif __name__ == '__main__':\n    uvicorn.run(app)\n"
IMAGE = 'FROM python:3.12-slim\nCOPY . /app\nRUN uv sync --frozen\nUSER app\nCMD ["python"]\n'
FETCHED = {"pyproject.toml": COMMAND, "uv.lock": LOCK, "src/shop_kit/cli.py": KIT, "README.md": "```\npip install shop-kit\n```\n"}
LINTED = "      - id: style\n        run: ruff check .\n        continue-on-error: true\n"
CI = "on: pull_request\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: pytest\n" + LINTED
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
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_delivery(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
