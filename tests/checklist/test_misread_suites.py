"""What was misread of tests, suites and evaluations in repositories that nobody here had seen: each case is a tree."""

from __future__ import annotations

import pytest

OWN = {"src/shop/__init__.py": "", "src/shop/core.py": "def go(*given): ...\n\n\ndef check(*given): ...\n"}
CI = {".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: pytest\n"}
FROM = "import pytest\nfrom shop.core import check, go\n\n\n"
ONE = f"{FROM}def test_one():\n    assert go() is None\n"
HOOKED = "repos:\n- repo: local\n  hooks:\n  - id: tests\n    name: tests\n    language: system\n    entry: uv run pytest tests\n"
HOOKED += "  - id: lint\n    name: lint\n    language: system\n    entry: uv run ruff check\n"
READING = {"app.py": "import os\nfrom fastapi import FastAPI\n\napp = FastAPI()\nKEY = os.getenv('SHOP_KEY')\n"}
BROWSED = "from playwright.sync_api import Page, expect\nfrom shop.core import go\n\n\ndef test_go(page: Page):\n    page.goto('/')\n    expect(page.get_by_role('main')).to_be_visible()\n"
SERVED = (
    "import multiprocessing\n\nimport pytest\nimport uvicorn\nfrom shop.core import go\n\n\ndef serve():\n    uvicorn.run(go)\n\n\n"
    "@pytest.fixture\ndef server():\n    process = multiprocessing.Process(target=serve)\n    process.start()\n    yield 'http://x'\n    process.kill()\n\n\n"
)
ONCE = "import httpx\n\n\ndef test_go(server):\n    assert httpx.post(server).json()\n"
TWICE = "import httpx\n\n\ndef test_go(server):\n    httpx.post(server)\n    assert httpx.get(server).json()\n"
HELPED = "import subprocess\n\nimport pytest\n\n\ndef begin(command):\n    return subprocess.Popen(command)\n\n\n@pytest.fixture\ndef server():\n    yield begin(['python', '-m', '{}'])\n"
ASKED = "import httpx\n\nURL = 'http://localhost:5001/ask'\n\n\ndef test_go():\n    httpx.post(URL)\n    assert httpx.get(URL).json()\n"
JUDGED = "from shop.core import go\n\n\ndef test_{}():\n    valid = go('a')\n    assert valid is False\n"
GRAPH = {
    "src/shop/__init__.py": "",
    "src/shop/graph.py": "from langgraph.graph import StateGraph\n\n\ndef made():\n    return StateGraph(dict)\n",
}
STEPS = "from behave import given, then\n\n\n@given('the store is stopped')\ndef stopped(context):\n    context.store.stop()\n\n\n@then('it answers')\ndef answers(context):\n    assert context.answer\n"
SCENARIO = "Feature: ask\n\n  Scenario: one\n    Given the store is stopped\n    Then it answers\n"


def named(arguments: str, *before: str) -> dict[str, str]:
    """Return a workflow that runs pytest with some arguments, after other commands."""
    steps = "".join(f"      - run: {command}\n" for command in (*before, f"pytest {arguments}"))
    return {".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    steps:\n{steps}"}


def chain(length: int) -> dict[str, str]:
    """Return modules of which each calls the next, and others that nothing calls."""
    found = {"src/shop/__init__.py": ""}
    for number in range(length):
        body = f"    return step{number + 1}.go()\n" if number + 1 < length else "    return 1\n"
        head = f"from shop import step{number + 1}\n\n\n" if number + 1 < length else ""
        found[f"src/shop/step{number}.py"] = f"{head}def go():\n{body}"
    return found


CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    # ---------------------------------------------------------------- TS03
    "asking only whether it is up drives nothing": ("TS03", "unknown", {
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/health')\ndef health(): ...\n\n\n@app.post('/ask')\ndef ask(): ...\n", "tests/test_app.py": "from fastapi.testclient import TestClient\nfrom app import app\n\nclient = TestClient(app)\n\n\ndef test_it():\n    assert client.get('/health').status_code == 200\n",
    }),
    "asking for something else beside does": ("TS03", "pass", {
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/health')\ndef health(): ...\n\n\n@app.post('/ask')\ndef ask(): ...\n", "tests/test_app.py": "from fastapi.testclient import TestClient\nfrom app import app\n\nclient = TestClient(app)\n\n\ndef test_it():\n    assert client.get('/health').status_code == 200\n    assert client.post('/ask').status_code == 200\n",
    }),
    "a suite of integration may use one module, which joins the others": ("TS03", "pass", {
        **OWN, "tests/integration_tests/test_go.py": FROM + "def test_go():\n    assert go()\n",
    }),
    "a suite of units that uses one module joins nothing": ("TS03", "unknown", {
        **OWN, "tests/unit_tests/test_go.py": FROM + "def test_go():\n    assert go()\n",
    }),
    "a test that runs a whole graph of its own drives its parts": ("TS03", "pass", {
        **GRAPH, "tests/test_graph.py": "from shop.graph import made\n\n\ndef test_graph():\n    app = made().compile()\n    assert app.invoke({})\n",
    }),
    "a test that only makes a graph runs none": ("TS03", "unknown", {
        **GRAPH, "tests/test_graph.py": "from shop.graph import made\n\n\ndef test_graph():\n    app = made().compile()\n    assert app.nodes\n",
    }),
    "one call that runs through most modules joins them": ("TS03", "pass", {
        **chain(6), "tests/test_all.py": "from shop import step0\n\n\ndef test_all():\n    assert step0.go() == 1\n",
    }),
    "a call that runs through two modules of many joins few": ("TS03", "unknown", {
        **chain(6), "tests/test_few.py": "from shop import step4\n\n\ndef test_few():\n    assert step4.go() == 1\n",
    }),
    "a fixture that hands on a client drives the application": ("TS03", "pass", {
        **OWN,
        "tests/conftest.py": "import pytest\nfrom fastapi.testclient import TestClient\nfrom shop.core import go\n\n\n@pytest.fixture\ndef client():\n    return TestClient(go)\n\n\n@pytest.fixture\ndef known(client):\n    client.headers['x'] = 'y'\n    return client\n",
        "tests/test_go.py": "def test_go(known):\n    assert known.get('/')\n",
    }),
    "the client that Django's plugin hands in drives the application": ("TS03", "pass", {
        "shop/__init__.py": "", "shop/views.py": "from django.http import HttpResponse\n\n\ndef ask(request):\n    return HttpResponse()\n",
        "tests/test_views.py": "from shop import views\n\n\ndef test_ask(client):\n    assert client.get('/ask').content\n",
    }),
    "a fixture of that name of the project's own may be anything": ("TS03", "unknown", {
        "shop/__init__.py": "", "shop/views.py": "from django.http import HttpResponse\n\n\ndef ask(request):\n    return HttpResponse()\n",
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef client():\n    return object()\n",
        "tests/test_views.py": "from shop import views\n\n\ndef test_ask(client):\n    assert client != views\n",
    }),
    "one call whose parts are patched joins nothing": ("TS03", "unknown", {
        **chain(6), "tests/test_all.py": "from unittest import mock\nfrom shop import step0\n\n\n@mock.patch('shop.step1.go')\ndef test_all(made):\n    assert step0.go()\n",
    }),
    "one call that is refused joins nothing": ("TS03", "unknown", {
        **chain(6), "tests/test_all.py": "import pytest\nfrom shop import step0\n\n\ndef test_all():\n    with pytest.raises(ValueError):\n        step0.go(1)\n",
    }),
    # ---------------------------------------------------------------- TS01
    "tests that only ask from outside are half": ("TS01", "warn", {
        **OWN, **CI, "tests/test_api.py": "import requests\n\n\ndef test_ask():\n    assert requests.get('http://127.0.0.1:8000/').ok\n",
    }),
    "tests that a hook runs are run where CI runs the hooks": ("TS01", "pass", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": HOOKED,
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run --all-files\n",
    }),
    "options with values of their own name no hook": ("TS01", "pass", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": HOOKED,
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run --color always --from-ref a --to-ref b\n",
    }),
    "tests of a hook that waits for a push are run where CI asks for that stage": ("TS01", "pass", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": HOOKED.replace("language: system", "language: system\n    stages: [pre-push]"),
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run --all-files --hook-stage pre-push\n",
    }),
    "tests of a hook that waits for a push are not run where CI asks for another stage": ("TS01", "warn", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": HOOKED.replace("language: system", "language: system\n    stages: [pre-push]"),
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run --all-files --hook-stage manual\n",
    }),
    "tests of a hook are not run where CI runs another hook": ("TS01", "warn", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": HOOKED,
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run lint\n",
    }),
    "tests of a hook that waits for a push are not run with the others": ("TS01", "warn", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": HOOKED.replace("language: system", "language: system\n    stages: [pre-push]"),
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run --all-files\n",
    }),
    "a broken file of hooks runs nothing": ("TS01", "warn", {
        **OWN, "tests/test_one.py": ONE, ".pre-commit-config.yaml": "repos: 5\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - run: pre-commit run --all-files\n",
    }),
    "tests that ask nothing test nothing": ("TS01", "fail", {**OWN, **CI, "tests/test_one.py": "def test_one():\n    assert 1 + 1 == 2\n"}),
    "scripts without an ending that CI runs are followed": ("TS01", "pass", {
        **OWN, "tests/test_go.py": FROM + "def test_go():\n    assert go()\n",
        "script/test": "#!/usr/bin/env python3\nimport subprocess\nsubprocess.check_call([str(PYTHON), '-m', 'pytest'])\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: script/test\n",
    }),
    "what a script only speaks of is not run": ("TS01", "warn", {
        **OWN, "tests/test_go.py": FROM + "def test_go():\n    assert go()\n",
        "script/test": "#!/usr/bin/env python3\nprint('run pytest by hand')\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: script/test\n",
    }),
    # ---------------------------------------------------------------- TS05
    "one test in twelve that asserts a failure is too few, and not none": ("TS05", "warn", {
        **OWN, "tests/test_go.py": FROM + "def test_sure():\n    with pytest.raises(ValueError):\n        go()\n\n\n" + "".join(f"def test_{n}():\n    assert go({n})\n\n\n" for n in range(11)),
    }),
    "what unittest's methods assert of a failure counts": ("TS05", "pass", {
        **OWN, "tests/test_go.py": "import unittest\nfrom shop.core import go\n\n\nclass TestGo(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(go(1).status_code, 404)\n\n    def test_two(self):\n        self.assertFalse(go(2).success)\n",
    }),
    "what unittest's methods assert of a success does not": ("TS05", "fail", {
        **OWN, "tests/test_go.py": "import unittest\nfrom shop.core import go\n\n\nclass TestGo(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(go(1).status_code, 200)\n\n    def test_two(self):\n        self.assertTrue(go(2).success)\n",
    }),
    "exit codes, members and errors that are asserted are failures": ("TS05", "pass", {
        **OWN, "tests/test_go.py": FROM + "def test_one():\n    assert go(1).exit_code != 0\n",
    }),
    "an exit code of nought is none": ("TS05", "fail", {
        **OWN, "tests/test_go.py": FROM + "def test_one():\n    assert go(1).exit_code == 0\n    assert go(2).error is None\n",
    }),
    "a fake that answers with an error makes a dependency fail": ("TS05", "pass", {
        **OWN, "tests/test_go.py": "import httpx\nfrom shop.core import go\n\n\ndef test_one():\n    assert go(httpx.Response(503)) is None\n",
    }),
    "a number that is no answer of a fake is no error": ("TS05", "fail", {
        **OWN, "tests/test_go.py": FROM + "def test_one():\n    assert go(range(450)) is None\n",
    }),
    "half of a tenth, where the names of as many more say it, is enough": ("TS05", "pass", {
        **OWN, "tests/test_go.py": FROM + "def test_sure():\n    with pytest.raises(ValueError):\n        go()\n\n\n"
        + "".join(f"def test_malformed_{n}():\n    assert go({n}) == ''\n\n\n" for n in range(2)) + "".join(f"def test_{n}():\n    assert go({n})\n\n\n" for n in range(16)),
    }),
    "names alone are not": ("TS05", "warn", {
        **OWN, "tests/test_go.py": FROM + "".join(f"def test_malformed_{n}():\n    assert go({n}) == ''\n\n\n" for n in range(4)),
    }),
    # ---------------------------------------------------------------- TS10
    "hostile texts that have to be refused are attacks": ("TS10", "pass", {
        **OWN, "tests/test_names.py": FROM + "def test_one():\n    with pytest.raises(ValueError):\n        check('users; DROP TABLE users')\n\n\n@pytest.mark.parametrize('path', ['../../etc/passwd', 'b'])\ndef test_two(path):\n    with pytest.raises(ValueError):\n        check(path)\n",
    }),
    "hostile texts that nothing refuses test no attack": ("TS10", "unknown", {
        **OWN, "tests/test_names.py": FROM + "def test_one():\n    assert go('SELECT 1; SELECT 2')\n\n\ndef test_two():\n    assert go('../../src/shop')\n",
    }),
    "a name of an attack without a refusal is a word": ("TS10", "unknown", {
        **OWN, "tests/test_names.py": FROM + "def test_sql_injection():\n    assert go('a')\n\n\ndef test_dependency_injection_missing():\n    with pytest.raises(ValueError):\n        go('a')\n",
    }),
    "refused actions and a secret that stays one are two kinds": ("TS10", "pass", {
        **OWN, "tests/test_modes.py": FROM + "def test_read_only_refuses():\n    assert go('DROP x').isError is True\n\n\ndef test_token_not_in_answer():\n    assert 'sentinel' not in go('a').text\n",
    }),
    "refused callers alone are half": ("TS10", "warn", {
        **OWN, "tests/test_users.py": FROM + "def test_other_user_cannot_read():\n    assert go('a').status_code == 404\n",
    }),
    "a status that a fake answers with is expected by none": ("TS10", "unknown", {
        **OWN, "tests/test_go.py": "import httpx\nfrom shop.core import go\n\n\ndef test_one():\n    assert go(httpx.Response(401)) is None\n    assert go(httpx.Response(422)) is None\n",
    }),
    "what is refused, as the name of its test tells, is a failure": ("TS05", "pass", {**OWN, "tests/test_go.py": JUDGED.format("refuses_a_long_text")}),
    "a verdict about a text is none": ("TS05", "fail", {**OWN, "tests/test_go.py": JUDGED.format("scan")}),
    "a package without an __init__ under src is its own": ("TS01", "pass", {
        **CI, "src/shop/parts/core.py": "def check(): ...\n\n\ndef go(): ...\n", "tests/test_go.py": ONE.replace("shop.core", "shop.parts.core"),
    }),
    "Django's own command runs the tests": ("TS01", "pass", {
        **OWN, "tests/test_go.py": ONE, ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: coverage run -m shop.manage test shop\n",
    }),
    # ---------------------------------------------------------------- TS04, TS11
    "features whose steps assert are journeys": ("TS04", "pass", {
        **OWN, "tests/e2e/features/ask.feature": SCENARIO, "tests/e2e/features/steps/ask.py": STEPS,
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv run behave --tags=-skip tests/e2e/features\n",
    }),
    "features that CI does not run are half": ("TS04", "warn", {**OWN, **CI, "features/ask.feature": SCENARIO, "features/steps/ask.py": STEPS}),
    "features without steps are words": ("TS04", "unknown", {**OWN, **CI, "features/ask.feature": SCENARIO}),
    "a file of journeys that CI names is collected": ("TS04", "pass", {**OWN, "tests/e2e.py": BROWSED, **named("tests/e2e.py")}),
    "one that nothing names is not": ("TS04", "warn", {**OWN, **CI, "tests/e2e.py": BROWSED}),
    "a marked suite that CI asks for runs": ("TS04", "pass", {**OWN, "tests/e2e/test_go.py": ONE, **named("-m e2e")}),
    "a marked suite that CI leaves out does not": ("TS04", "warn", {**OWN, "tests/e2e/test_go.py": ONE, **named("-m 'not e2e'")}),
    "requests to a server in a process of its own are a journey": ("TS04", "pass", {**OWN, **CI, "tests/test_go.py": SERVED + TWICE}),
    "a server in a process that CI does not run": ("TS04", "unknown", {**OWN, "tests/test_go.py": SERVED + TWICE}),
    "a server of nothing of its own": ("TS04", "unknown", {**OWN, **CI, "tests/test_go.py": SERVED.replace("(go)", "(str)") + TWICE}),
    "a journey that is skipped goes nowhere": ("TS04", "unknown", {**OWN, **CI, "tests/test_go.py": SERVED + TWICE.replace("def ", "@pytest.mark.skip\ndef ")}),
    "one request to it is no journey": ("TS04", "unknown", {**OWN, **CI, "tests/test_go.py": SERVED + ONCE}),
    "a server that a helper starts by a command of its own": ("TS04", "pass", {
        **OWN, **CI, "tests/conftest.py": HELPED.format("shop"), "tests/test_go.py": TWICE,
    }),
    "a server of somebody else's": ("TS04", "unknown", {
        **OWN, **CI, "tests/conftest.py": HELPED.format("redis"), "tests/test_go.py": TWICE,
    }),
    "requests to a container that CI starts are a journey": ("TS04", "pass", {
        **OWN, "tests/test_go.py": ASKED, **named("tests/test_go.py", "docker run -d -p 5001:5001 shop"),
    }),
    "a container on another port is asked nothing": ("TS04", "unknown", {
        **OWN, "tests/test_go.py": ASKED, **named("tests/test_go.py", "docker run -d -p 5432:5432 postgres"),
    }),
    "a test that CI leaves out by its name goes nowhere": ("TS04", "unknown", {
        **OWN, "tests/test_go.py": ASKED, **named("-k other tests/test_go.py", "docker run -d -p 5001:5001 shop"),
    }),
    "several requests in one test are a journey within the process": ("TS04", "warn", {
        **OWN, "tests/test_go.py": "from fastapi.testclient import TestClient\nfrom shop.core import go\n\n\ndef test_go():\n    client = TestClient(go)\n    client.post('/ask')\n    assert client.get('/ask').json()\n",
    }),
    "one request is none": ("TS04", "unknown", {
        **OWN, "tests/test_go.py": "from fastapi.testclient import TestClient\nfrom shop.core import go\n\n\ndef test_go():\n    client = TestClient(go)\n    assert client.get('/ask').json().get('a')\n",
    }),
    "a fixture that skips who asks for it skips no suite": ("TS04", "pass", {
        **OWN, **CI, "tests/e2e/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef token():\n    pytest.skip('no token')\n",
        "tests/e2e/test_go.py": FROM + "".join(f"def test_{n}():\n    assert go({n})\n\n\n" for n in range(3)) + "def test_token(token):\n    assert go(token)\n",
    }),
    "a fixture that every test has skips all": ("TS04", "warn", {
        **OWN, **CI, "tests/e2e/conftest.py": "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef token():\n    pytest.skip('no token')\n",
        "tests/e2e/test_go.py": FROM + "def test_go():\n    assert go(1)\n",
    }),
    "a step that stops the store is an injected fault": ("TS11", "pass", {
        **OWN, "features/ask.feature": SCENARIO,
        "features/steps/ask.py": "import subprocess\nfrom behave import given\n\n\n@given('the store is stopped')\ndef stopped(context):\n    subprocess.run(['docker', 'stop', 'store'], check=True)\n",
    }),
    "what is stopped when a test is over is none": ("TS11", "unknown", {
        **OWN, "tests/test_go.py": "import subprocess\nfrom shop.core import go\n\n\ndef test_go():\n    server = subprocess.Popen(['shop'])\n    assert go()\n    server.kill()\n\n\ndef test_kill_job():\n    assert go().kill()\n",
    }),
    "a test that kills the worker and asks what is left is one": ("TS11", "pass", {
        **OWN, "tests/test_go.py": "import subprocess\nfrom shop.core import go\n\n\ndef test_recovers_after_crash():\n    worker = subprocess.Popen(['shop'])\n    worker.kill()\n    assert go()\n",
    }),
    # ---------------------------------------------------------------- TS06, TS09, AG03
    "fakes in one file of many are half": ("TS06", "warn", {
        **OWN, "tests/test_fake.py": "from unittest import mock\nfrom shop.core import go\n\n\ndef test_go():\n    assert go(mock.Mock())\n",
        **{f"tests/test_{n}.py": FROM + "def test_go():\n    assert go()\n" for n in range(10)},
    }),
    "a store in memory is half a fake": ("TS06", "warn", {
        **OWN, "tests/test_go.py": "import sqlite3\nfrom shop.core import go\n\n\ndef test_go():\n    assert go(sqlite3.connect(':memory:'))\n",
    }),
    "a store in a file is none": ("TS06", "unknown", {
        **OWN, "tests/test_go.py": "import sqlite3\nfrom shop.core import go\n\n\ndef test_go():\n    assert go(sqlite3.connect('shop.db'))\n",
    }),
    "benchmarks that CI runs by the clock are half": ("TS09", "warn", {
        **OWN, "benchmarks/run.py": "def measure(): ...\n",
        ".github/workflows/b.yml": "on: schedule\njobs:\n  a:\n    steps:\n      - run: python benchmarks/run.py\n",
    }),
    "benchmarks that nothing runs are not": ("TS09", "unknown", {**OWN, **CI, "benchmarks/run.py": "def measure(): ...\n"}),
    "benchmarks that grade what a model answers are evaluations": ("AG03", "warn", {
        "src/shop/__init__.py": "", "src/shop/core.py": "import openai\n\n\ndef go(): ...\n",
        "benchmarks/run.py": "from shop.core import go\n\n\ndef grade(answer): ...\n",
    }),
    "benchmarks that measure time are none": ("AG03", "unknown", {
        "src/shop/__init__.py": "", "src/shop/core.py": "import openai\n\n\ndef go(): ...\n",
        "benchmarks/run.py": "from shop.core import go\n\n\ndef measure(): ...\n",
    }),
    "an evaluation of another project that CI runs is half": ("AG03", "warn", {
        "a.py": "import openai\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: cd ../shop-evaluation && make all\n",
    }),
    "the shell's eval evaluates no answers": ("AG03", "unknown", {
        "a.py": "import openai\n", ".github/workflows/ci.yml": 'on: push\njobs:\n  a:\n    steps:\n      - run: eval "$(ssh-agent -s)"\n',
    }),
    # ---------------------------------------------------------------- CQ02, CQ03, DP08
    "one silent handler of twenty is borne": ("CQ02", "pass", {
        "a.py": "import logging\n\n\nclass ShopError(Exception): ...\n\n\ndef go():\n    raise ShopError\n\n\n"
        + "".join(f"def f{n}():\n    try:\n        go()\n    except Exception:\n        {'pass' if n == 0 else 'logging.exception(1)'}\n\n\n" for n in range(20)) + "x = 1\n" * 600,
    }),
    "one of ten is not": ("CQ02", "warn", {
        "a.py": "import logging\n\n\nclass ShopError(Exception): ...\n\n\ndef go():\n    raise ShopError\n\n\n"
        + "".join(f"def f{n}():\n    try:\n        go()\n    except Exception:\n        {'pass' if n == 0 else 'logging.exception(1)'}\n\n\n" for n in range(10)) + "x = 1\n" * 600,
    }),
    "an error that is made and handed on is used": ("CQ02", "pass", {
        "a.py": "class ShopError(Exception): ...\n\n\ndef told(event):\n    event['error'] = ShopError('x')\n    return event\n",
    }),
    "an error that is only caught is not": ("CQ02", "warn", {
        "a.py": "class ShopError(Exception): ...\n\n\ndef go():\n    try:\n        return open('x')\n    except ShopError as error:\n        return str(error)\n",
    }),
    "a body that becomes a model where it is read is validated": ("CQ03", "pass", {
        "a.py": "from fastapi import APIRouter, Request\nfrom pydantic import BaseModel\n\nrouter = APIRouter()\n\n\nclass Order(BaseModel):\n    name: str\n\n\nasync def order(request: Request):\n    body = await request.json()\n    return Order(**body)\n",
    }),
    "a body that goes on as it comes is not": ("CQ03", "warn", {
        "a.py": "from fastapi import APIRouter, Request\nfrom pydantic import BaseModel\n\nrouter = APIRouter()\n\n\nclass Order(BaseModel):\n    name: str\n\n\nasync def order(request: Request):\n    body = await request.json()\n    return dict(**body)\n",
    }),
    "schemas of tools are half": ("CQ03", "warn", {
        "a.py": "from mcp import types\n\n\ndef listed():\n    return [types.Tool(name='a', inputSchema={'type': 'object'})]\n",
    }),
    "arguments that functions refuse are half": ("CQ03", "warn", {
        "a.py": "".join(f"def f{n}(mode):\n    if mode not in {{'a'}}:\n        raise ValueError(mode)\n\n\n" for n in range(3)),
    }),
    "an environment that is not complete is no argument": ("CQ03", "unknown", {
        "a.py": "import os\n\n\n" + "".join(f"def f{n}():\n    if not os.getenv('A'):\n        raise ValueError('A')\n\n\n" for n in range(3)),
    }),
    "tasks that CI runs are followed": ("DP08", "pass", {
        "a.py": "def go(): ...\n", "pyproject.toml": "[tool.poe.tasks]\nlint = 'ruff check'\nall = ['lint', {cmd = 'pytest'}]\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: uv run poe all\n",
    }),
    "tasks of mise, by a pattern and in a file of their own": ("DP08", "pass", {
        "a.py": "def go(): ...\n", "mise.toml": "[tasks.check]\ndepends = ['py:*']\n", "py/tasks.toml": "['py:lint']\nrun = 'ruff check'\n\n['py:test']\nrun = 'pytest'\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: mise run check\n",
    }),
    "a task that is named for it and runs something else does not lint": ("DP08", "fail", {
        "a.py": "def go(): ...\n", "justfile": "lint:\n    echo clean\n\ntest:\n    pytest\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: just lint\n      - run: just test\n",
    }),
    "tests beside what cannot be followed are half": ("DP08", "warn", {
        "a.py": "def go(): ...\n", ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: uv sync\n      - run: just lint\n      - run: pytest\n",
    }),
    # ---------------------------------------------------------------- CQ05
    "what README links to explains, and CONTRIBUTING tests": ("CQ05", "pass", {
        **READING, "docs/settings.md": "Set `SHOP_KEY`.\n", "readme/CONTRIBUTING.md": "Run `uv run pytest`.\n",
        "README.md": "```\nuv sync\nuv run shop\n```\n\nSee [settings](docs/settings.md).\n",
    }),
    "what README does not link to is not found by a newcomer": ("CQ05", "warn", {
        **READING, "docs/settings.md": "Set `SHOP_KEY`.\n", "README.md": "```\nuv sync\nuv run shop\npytest\n```\n",
    }),
    "a part headed for configuration that shows some explains it": ("CQ05", "pass", {
        **READING, "README.md": "```\nuv sync\nuv run shop\npytest\n```\n\n## Configuration\n\n```yaml\nmodel: a\n```\n",
    }),
    "one that only speaks of it does not": ("CQ05", "warn", {
        **READING, "README.md": "```\nuv sync\nuv run shop\npytest\n```\n\n## Configuration\n\nIt is easy to configure.\n\n## More\n\n```yaml\nmodel: a\n```\n",
    }),
    "a test that raises by itself asserts no failure": ("TS05", "fail", {
        "a.py": "def go(): ...\n", "tests/test_a.py": "from a import go\n\n\ndef test_a():\n    if go() is None:\n        raise ValueError('x')\n    assert go() == 1\n",
    }),
    "a fake in a test that raises fails on purpose": ("TS05", "pass", {
        "a.py": "def go(ask): ...\n", "tests/test_a.py": "from a import go\n\n\ndef test_a():\n    def ask():\n        raise ValueError('x')\n\n    assert go(ask) == 1\n",
    }),
    "a variable that is exported in its code configures": ("CQ05", "pass", {
        "a.py": "import os\n\nKEY = os.getenv('OTHER_KEY')\n", "README.md": "```\nuv sync\nexport SHOP_KEY=mine\nuv run a.py\nuv run pytest\n```\n",
    }),
    "an object that configures does": ("CQ05", "pass", {
        "a.py": "import os\n\nKEY = os.getenv('OTHER_KEY')\n", "README.md": "```\nuv sync\nuv run a.py\nuv run pytest\n```\n```python\nfrom a import ShopConfig\nShopConfig(limit=1)\n```\n",
    }),
    "an assignment that is no variable of the environment does not": ("CQ05", "warn", {
        "a.py": "import os\n\nKEY = os.getenv('OTHER_KEY')\n", "README.md": "```\nuv sync\nuv run a.py x=1\nuv run pytest\n```\n",
    }),
    "commands within a line are commands": ("CQ05", "pass", {"a.py": "x = 1\n", "README.md": "Run `uv sync`, then `uv run a.py`, and `pytest` for the tests.\n"}),
    "words are not": ("CQ05", "warn", {"a.py": "x = 1\n", "README.md": "Run uv sync, then uv run a.py, and pytest for the tests.\n"}),
    "a script of tests that is not there tests nothing": ("CQ05", "warn", {"a.py": "x = 1\n", "README.md": "```\nuv sync\nuv run a.py\n./scripts/tests.sh\n```\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_misread(project, case: str) -> None:
    item, verdict, files = CASES[case]
    answer = project.answered(item, files)
    assert answer.verdict == verdict, answer.message
