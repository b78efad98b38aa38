"""What tests, CI, logs and documents do in forms that repositories beside those of the labels use: each a small tree."""

from __future__ import annotations

import pytest

CI = "on: pull_request\njobs:\n  a:\n    steps:\n"
RUN = {".github/workflows/ci.yml": CI + "      - run: pytest\n"}
LOGGER = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef go():\n    logger.info('gone')\n"
SINK = "import json\nfrom loguru import logger\n\n\ndef sink(message):\n    print(json.dumps(message.record))\n\n\nlogger.add({0})\nlogger.info('gone')\n"
WRITER = "import json\n\n\nclass Rows:\n    def {0}(self, event):\n        self.file.write(json.dumps(event))\n\n\nrows = Rows()\n"
MANIFEST = "[project]\nname = 'shop'\nversion = '1'\n[project.scripts]\nshop = 'shop.main:main'\n[build-system]\nrequires = []\n"
MAIN = "def main(task):\n    return task\n"
TOLD = "```\nuv sync\npytest\n```\n"
READS = "import os\n\n\ndef main():\n    '''Do it.'''\n    return {0}\n"
PROTO = "syntax = 'proto3';\nservice Shop {\n  rpc Ask (Question) returns (Answer);\n}\n"
SERVED = "from fastapi import FastAPI\n{0}\napp = FastAPI()\n\n\n@app.post('/ask')\ndef ask() -> str: ...\n"
NAMED = "from shop.main import main\n\n\ndef test_{0}():\n    assert main('a') == 'a'\n"
PACKAGED = {"pyproject.toml": MANIFEST, "shop/__init__.py": "", "shop/main.py": READS.format("None")}
TESTED = {"pyproject.toml": MANIFEST, "shop/__init__.py": "", "shop/main.py": MAIN}
MATRIX = "on: pull_request\njobs:\n  a:\n    strategy:\n      matrix:\n        {0}:\n          - command: ruff check\n    steps:\n      - run: uv sync\n      - run: pytest\n      - run: ${{{{ matrix.command }}}}\n"
SHARES = (
    "from fastapi import Depends, FastAPI, HTTPException, Request\nfrom limits import parse\nfrom limits.strategies import FixedWindowRateLimiter\n\n\n"
    "class Shares:\n    def __init__(self, kept):\n        self.counts = FixedWindowRateLimiter(kept)\n\n    def take(self, client):\n"
    "        if not self.counts.hit(parse('1/minute'), client):\n            raise HTTPException(429)\n\n\n"
    "def shares(){0}:\n    made = app.state.shares\n    return made\n\n\nasync def asked(request: Request):\n    shares().take(request.client.host)\n\n\n"
    "app = FastAPI(dependencies=[Depends(asked)])\n\n\n@app.post('/ask')\ndef ask() -> str: ...\n"
)
SECURED = "import pytest\nimport shop\n\n\nclass {0}:\n    def test_rows(self):\n        with {1}:\n            assert shop.go(1)\n\n    def test_keys(self):\n        with {1}:\n            assert shop.go(2)\n"
FAILING = "import pytest\nimport shop\n\n\ndef test_a():\n    with pytest.raises(ValueError):\n        shop.go(0)\n\n\n"
TESTS = "".join(f"def test_{name}():\n    assert shop.go(1) is None\n\n\n" for name in "bcdefghijklmnop")
SURVIVED = "def test_{0}_a_dead_socket():\n    assert shop.go(2) is None\n\n\ndef test_{0}_garbage():\n    assert shop.go(3) is None\n"


def _ci(*commands: str) -> dict[str, str]:
    return {".github/workflows/ci.yml": CI + "".join(f"      - run: {command}\n" for command in commands)}


CASES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "a test named for the whole way through main": ("TS04", "pass", "1 end-to-end test", {
        **TESTED, **RUN, "tests/test_run.py": NAMED.format("local_end_to_end"),
    }),
    "a test marked for the whole way that asks": ("TS04", "pass", "1 end-to-end test", {
        **TESTED, **RUN, "tests/test_run.py": "import pytest\nfrom shop.main import main\n\n\n@pytest.mark.e2e\ndef test_it(client):\n    assert client.post('/ask') == main('a')\n",
    }),
    "a test of main that is named for something else": ("TS04", "unknown", "no end-to-end test", {
        **TESTED, **RUN, "tests/test_run.py": NAMED.format("the_legend_2end"),
    }),
    "a test named for the whole way of one helper": ("TS04", "unknown", "no end-to-end test", {
        **TESTED, **RUN, "shop/a.py": "def part(x):\n    return x\n",
        "tests/test_run.py": NAMED.format("part_end_to_end").replace("shop.main import main", "shop.a import part").replace("main(", "part("),
    }),
    "a sink that writes JSON": ("CQ04", "pass", "rendered as JSON", {"a.py": SINK.format("sink")}),
    "a sink that writes text": ("CQ04", "unknown", "no JSON", {"a.py": SINK.format("print")}),
    "a writer of a logging module": ("CQ04", "pass", "rendered as JSON", {"shop/logging/rows.py": WRITER.format("send_event"), "shop/a.py": LOGGER}),
    "a writer of another module": ("CQ04", "unknown", "no JSON", {"shop/catalogue/rows.py": WRITER.format("send_event"), "shop/a.py": LOGGER}),
    "a writer of a module of dialogs": ("CQ04", "unknown", "no JSON", {"shop/dialog.py": WRITER.format("send_event"), "shop/a.py": LOGGER}),
    "a logger that prints what it is given neatly": ("CQ04", "unknown", "no JSON", {"shop/log.py": WRITER.format("log"), "shop/a.py": LOGGER}),
    "a format that is an object": ("CQ04", "pass", "rendered as JSON", {
        "a.py": LOGGER + "\n\nlogging.basicConfig(format='{\"at\": \"%(asctime)s\", \"told\": \"%(message)s\"}')\n",
    }),
    "a format that is text": ("CQ04", "unknown", "no JSON", {"a.py": LOGGER + "\n\nlogging.basicConfig(format='%(asctime)s {%(message)s}')\n"}),
    "a command line that answers beside JSON logging": ("CQ04", "pass", "rendered as JSON", {
        "shop/logging/rows.py": WRITER.format("emit"), "shop/a.py": LOGGER, "shop/cli/list.py": "def rows():\n    print(1)\n    print(2)\n",
    }),
    "a service that prints beside JSON logging": ("CQ04", "warn", "2 prints stand beside 1 log calls", {
        "shop/logging/rows.py": WRITER.format("emit"), "shop/a.py": LOGGER, "shop/client/list.py": "def rows():\n    print(1)\n    print(2)\n",
    }),
    "a package that CI runs where it stands": ("DP08", "pass", "builds, lints and tests", {**TESTED, **_ci("pip install -r requirements.txt", "ruff check", "pytest")}),
    "a package of which CI installs only a linter": ("DP08", "warn", "does not build", {**TESTED, **_ci("pip install ruff", "ruff check", "pytest")}),
    "a formatter that is asked whether it would change anything": ("DP08", "pass", "builds, lints and tests", {**TESTED, **_ci("uv sync", "black shop --check", "pytest")}),
    "a formatter that changes the code": ("DP08", "fail", "does not lint", {**TESTED, **_ci("uv sync", "black shop", "pytest")}),
    "unittest behind coverage": ("TS01", "pass", "run by CI", {
        **TESTED, **_ci("coverage run -m unittest"), "tests/test_run.py": NAMED.format("it"),
    }),
    "a module named unittest that is installed": ("TS01", "warn", "does not run them", {
        **TESTED, **_ci("pip install unittest2"), "tests/test_run.py": NAMED.format("it"),
    }),
    "a hosted analysis": ("SE04", "warn", "set elsewhere", {".github/workflows/ci.yml": CI + "      - uses: SonarSource/sonarqube-scan-action@v5\n"}),
    "a person's name of the sea": ("SE04", "fail", "no security scan", {".github/workflows/ci.yml": CI + "      - run: echo sonar\n"}),
    "a secret scanner by its client": ("SE04", "pass", "can fail the build", _ci("ggshield secret scan ci")),
    "a contract that the server is generated from": ("DV02", "pass", "is built from it", {
        "proto/shop.proto": PROTO, "app.py": SERVED.format("from shop_pb2_grpc import add_ShopServicer_to_server\n"),
    }),
    "a contract that nothing is generated from": ("DV02", "warn", "only the running application", {"proto/shop.proto": PROTO, "app.py": SERVED.format("")}),
    "messages without a service": ("DV02", "warn", "only the running application", {
        "proto/shop.proto": PROTO.replace("service", "message"), "app.py": SERVED.format("from shop_pb2_grpc import Row\n"),
    }),
    "its own command": ("CQ05", "pass", "has install, run and test", {**PACKAGED, "README.md": TOLD + "```\n$ shop --all\n```\n"}),
    "its own command for a client": ("CQ05", "pass", "has install, run and test", {**PACKAGED, "README.md": TOLD + '```json\n{"command": "shop"}\n```\n'}),
    "a word that is its command's": ("CQ05", "warn", "no working run", {**PACKAGED, "README.md": TOLD + "```\n# open the shop\n```\nOpen the `coffee shop` first.\n"}),
    "commands of an indented block": ("CQ05", "pass", "has install, run and test", {
        **PACKAGED, "README.md": "Install:\n\n    $ pip install shop\n\nand:\n\n```\nshop\npytest\n```\n",
    }),
    "a list that speaks of commands": ("CQ05", "warn", "no working install", {
        **PACKAGED, "README.md": "1. Install:\n\n    You can pip install shop\n\nand:\n\n```\nshop\npytest\n```\n",
    }),
    "a folder by its address": ("CQ05", "pass", "documents beside it", {
        **PACKAGED, "README.md": "```\nuv sync\nshop\n```\n[more](https://github.com/a/shop/tree/main/docs)\n", "docs/README.md": TOLD,
    }),
    "a folder of another repository": ("CQ05", "warn", "no working test", {
        **PACKAGED, "README.md": "```\nuv sync\nshop\n```\n[more](https://example.com/a/docs)\n", "docs/README.md": TOLD,
    }),
    "a variable with a value of its own": ("CQ05", "pass", "has install, run and test", {
        **PACKAGED, "shop/main.py": READS.format("os.getenv('SHOP_PORT', '80')"), "README.md": TOLD + "```\nshop\n```\n",
    }),
    "a key that nobody is told of": ("CQ05", "warn", "no working configuration", {
        **PACKAGED, "shop/main.py": READS.format("os.getenv('SHOP_API_KEY')"), "README.md": TOLD + "```\nshop\n```\n",
    }),
    "a key whose absence raises": ("CQ05", "warn", "no working configuration", {
        **PACKAGED, "shop/main.py": READS.format("os.environ['SHOP_TOKEN']"), "README.md": TOLD + "```\nshop\n```\n",
    }),
    "tests of what it survives": ("TS05", "pass", "1 of 18 tests assert a failure", {"shop.py": "def go(x): ...\n", "tests/test_a.py": FAILING + TESTS + SURVIVED.format("survives")}),
    "tests of what it ignores": ("TS05", "warn", "1 of 18 tests assert a failure", {"shop.py": "def go(x): ...\n", "tests/test_a.py": FAILING + TESTS + SURVIVED.format("ignores")}),
    "a class of tests for security that refuses": ("TS10", "pass", "there are tests of attacks", {
        "shop.py": "def go(x): ...\n", "tests/test_a.py": SECURED.format("TestRowsSecurity", "pytest.raises(ValueError)"),
    }),
    "a class of tests for security that refuses nothing": ("TS10", "warn", "2 tests named for security", {
        "shop.py": "def go(x): ...\n", "tests/test_a.py": SECURED.format("TestRowsSecurity", "open('a')"),
    }),
    "a class of tests for other levels that refuses": ("TS10", "warn", "2 tests named for security", {
        "shop.py": "def go(x): ...\n", "tests/test_a.py": SECURED.format("TestInsecurityLevels", "pytest.raises(ValueError)"),
    }),
    "tests of what may not be imported": ("TS10", "warn", "2 tests named for security", {
        "shop.py": "def go(x): ...\n", "tests/test_a.py": "import shop\n\n\ndef test_import_blocked():\n    assert shop.go(1)\n\n\ndef test_block_function():\n    assert shop.go(2)\n",
    }),
    "nearly the share of failures, and their names": ("TS05", "pass", "1 of 12 tests assert a failure", {
        "shop.py": "def go(x): ...\n", "tests/test_a.py": FAILING + TESTS[: TESTS.index("def test_l")] + SURVIVED.format("survives").partition("def test_survives_garbage")[0],
    }),
    "nearly the share of failures alone": ("TS05", "warn", "1 of 12 tests assert a failure", {
        "shop.py": "def go(x): ...\n", "tests/test_a.py": FAILING + TESTS[: TESTS.index("def test_m")],
    }),
    "the tests of an application's own manager": ("DP08", "pass", "builds, lints and tests", {**TESTED, **_ci("uv sync", "ruff check", "coverage run -m shop.manage test shop")}),
    "arguments that configure": ("CQ05", "pass", "has install, run, test and configuration", {
        **PACKAGED, "shop/main.py": READS.format("os.getenv('SHOP_API_KEY')"), "README.md": TOLD + "```python\nfrom shop import Model\n\nModel(api_key='a')\n```\n",
    }),
    "linters that a matrix includes": ("DP08", "pass", "builds, lints and tests", {**TESTED, ".github/workflows/ci.yml": MATRIX.format("include")}),
    "linters that a matrix leaves out": ("DP08", "fail", "does not lint", {**TESTED, ".github/workflows/ci.yml": MATRIX.format("exclude")}),
    "tests by an action that tries again": ("DP08", "pass", "builds, lints and tests", {
        **TESTED, ".github/workflows/ci.yml": CI + "      - run: tox\n      - run: ruff check\n      - uses: nick-fields/retry@v3\n        with:\n          command: pytest tests\n",
    }),
    "journeys through the page by a script of the manifest": ("TS04", "pass", "1 end-to-end test file, run by CI", {
        **_ci("pnpm run test:e2e"), "package.json": '{"scripts": {"test:e2e": "cypress run"}}\n', "cypress/a.cy.ts": "cy.visit('/')\n", "a.py": READS.format("None") + "\n\n" + READS.format("1"),
    }),
    "journeys beside another script of the manifest": ("TS04", "warn", "which CI does not run", {
        **_ci("pnpm run test"), "package.json": '{"scripts": {"test": "jest", "test:e2e": "cypress run"}}\n', "cypress/a.cy.ts": "cy.visit('/')\n", "a.py": READS.format("None") + "\n\n" + READS.format("1"),
    }),
    "a client that starts it": ("CQ05", "pass", "has install, run and test", {
        **PACKAGED, "README.md": '```json\n{"command": "uv", "args": ["run", "--with", "it"]}\n```\n```\npytest\n```\n',
    }),
    "a limiter by a function that says what it gives": ("SE01", "pass", "requests hit a limiter", {"a.py": SHARES.format(" -> Shares")}),
    "a limiter by a function that does not say what it gives": ("SE01", "unknown", "no limiter", {"a.py": SHARES.format("")}),
    "a share that is told as ninety of a hundred": ("CQ01", "pass", "(90%)", {
        "a.py": "".join(f"def f{n}(x: int) -> int: ...\n" for n in range(95)) + "".join(f"def g{n}(x): ...\n" for n in range(11)),
    }),
    "a share that is told as less": ("CQ01", "warn", "(89%)", {
        "a.py": "".join(f"def f{n}(x: int) -> int: ...\n" for n in range(95)) + "".join(f"def g{n}(x): ...\n" for n in range(12)),
    }),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_unseen_tests(project, case: str) -> None:
    item, verdict, told, files = CASES[case]
    finding = project.judged(item, files)
    assert finding.verdict == verdict, finding.message
    assert told in finding.message
