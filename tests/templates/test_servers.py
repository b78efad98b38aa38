"""A project with the options postgres and redis in earnest: production, over TLS, with servers that fail and come back."""

from __future__ import annotations

import filecmp
import http.client
import json
import os
import shutil
import subprocess
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.templates.projects import made
from tests.templates.replicas import DATA_KEY, KEY, NAME, PACKAGE, PREFIX, clean
from tests.templates.servers import PATIENCE, free_port, home, postgresql, redis_server, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.index,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.timeout(900),
]

LIMIT = 30
LOCK = "requirements-dev.lock"
OWN_TESTS = (
    "unit/test_store.py",
    "unit/test_schema.py",
    "unit/test_sessions.py",
    "unit/test_caching.py",
    "unit/test_retrieval.py::test_another_replica_may_have_been_quicker",
    "unit/test_retrieval.py::test_vectors_are_made_once_for_each_content_and_embedder",
    "unit/test_memories.py::test_what_is_known_is_kept_once_and_the_oldest_go_first",
    "integration/test_sessions.py",
    "integration/test_commands.py",
    "integration/test_postgres.py",
    "integration/test_redis.py",
    "integration/test_scripts.py",
)


@pytest.fixture(scope="module")
def project(installed, tmp_path_factory):
    """It has the lock of its kind, so it runs in the same environment: what lies where it is started comes first."""
    project = made(tmp_path_factory.mktemp("servers"), "llm", NAME, store="postgres", cache="redis")
    assert filecmp.cmp(project / LOCK, installed("llm") / LOCK, shallow=False)
    (project / ".venv").symlink_to(installed("llm") / ".venv", target_is_directory=True)
    return project


def certified(folder):
    """Make a certificate for this machine's own name."""
    files = ["-keyout", folder / "tls.key", "-out", folder / "tls.crt"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *name]
    subprocess.run(make, check=True, capture_output=True)
    if os.geteuid() == 0:
        shutil.chown(folder / "tls.key", "nobody")
    (folder / "tls.key").chmod(0o600)


@dataclass
class Database:
    """PostgreSQL that takes the service's role only over TLS and with a password; it can be stopped and run again."""

    folder: Path
    port: int
    running: ExitStack

    def start(self):
        tls = [
            "-c",
            "ssl=on",
            "-c",
            f"ssl_cert_file={home(self.folder)}/tls.crt",
            "-c",
            f"ssl_key_file={home(self.folder)}/tls.key",
        ]
        self.running.enter_context(postgresql(self.folder, *tls, port=self.port))

    def sql(self, statement, database="postgres"):
        psql = [shutil.which("psql"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "agent", database]
        done = subprocess.run([*psql, "-Atc", statement], check=True, capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout.strip()

    def url(self, password):
        return f"postgresql://app:{password}@localhost:{self.port}/app"


@pytest.fixture
def database(tmp_path):
    folder = tmp_path / "postgres"
    folder.mkdir()
    with postgresql(folder):
        pass  # makes the cluster
    certified(home(folder))
    rules = "host all agent 127.0.0.1/32 trust\nhostssl all app 127.0.0.1/32 scram-sha-256\n"
    (home(folder) / "data" / "pg_hba.conf").write_text(rules)
    with ExitStack() as running:
        database = Database(folder, free_port(), running)
        database.start()
        database.sql("CREATE ROLE app LOGIN PASSWORD 'first'")
        database.sql("CREATE DATABASE app OWNER app")
        yield database


@contextmanager
def cache(folder):
    """Run Redis that takes only TLS and a password, and yield its URL."""
    folder.mkdir(exist_ok=True)
    certified(folder)
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", f"{folder}/tls.crt", "--tls-key-file", f"{folder}/tls.key"]
    with redis_server(folder, *tls, "--tls-auth-clients", "no", "--requirepass", "secret"):
        yield f"rediss://:secret@localhost:{port}/0"


@dataclass
class Replica:
    """A process of the service."""

    process: subprocess.Popen
    port: int

    def call(self, token, method, path, body=None):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        return answer.status, json.loads(text) if text.startswith("{") else text

    def ask(self, token, question, session=None):
        return self.call(token, "POST", "/v1/answers", {"question": question, "session_id": session})

    def turns(self, token, session):
        status, body = self.call(token, "GET", f"/v1/sessions/{session}")
        return [turn["question"] for turn in body["turns"]] if status == 200 else status

    def ready(self):
        try:
            return self.call("", "GET", "/health/ready")[0]
        except OSError:
            return None

    def metric(self, name):
        lines = self.call("", "GET", "/metrics")[1].splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))


@dataclass
class Place:
    """Where a project runs, and what it is told."""

    project: Path
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments, **more):
        command = [self.project / ".venv/bin/python", "-m", *arguments]
        environment = clean() | self.environment | {f"{PREFIX}{name}": value for name, value in more.items()}
        return subprocess.run(
            command, cwd=self.project, env=environment, capture_output=True, text=True, check=False, timeout=600
        )

    def tokens(self, count):
        done = self.run(f"{PACKAGE}.utils.load_identities", "client", str(count), ENVIRONMENT="load")
        return done.stdout.split()

    @contextmanager
    def replica(self, name):
        port, state = free_port(), self.folder / name
        command = [self.project / ".venv/bin/python", "-m", "uvicorn", f"{PACKAGE}.main:app", "--port", str(port)]
        environment = clean() | self.environment | {f"{PREFIX}STATE_DIR": str(state)}
        state.mkdir()
        with (state / "records.log").open("w") as output:
            process = subprocess.Popen(
                command, cwd=self.project, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            replica = Replica(process, port)
            wait_until(lambda: replica.ready() is not None or process.poll() is not None)
            assert process.poll() is None, (state / "records.log").read_text()
            yield replica
        finally:
            process.kill()
            process.wait()


def told(project, folder, database, redis_url):
    """Return a production's settings, with its URLs in files."""
    (folder / "store_url").write_text(database.url("first"))
    (folder / "cache_url").write_text(redis_url)
    settings = {
        "ENVIRONMENT": "production",
        "STATE_DIR": str(folder / "state"),
        "JWT_SECRET": KEY,
        "ENCRYPTION_KEYS": DATA_KEY,
        "STORE__URL_FILE": str(folder / "store_url"),
        "STORE__TLS_CA": str(home(database.folder) / "tls.crt"),
        "CACHE__URL_FILE": str(folder / "cache_url"),
        "CACHE__TLS_CA": str(folder / "redis" / "tls.crt"),
        "CACHE__TIMEOUT": "5",  # the machine may be busy
        f"AGENTS__{PREFIX}_RATE_LIMIT": str(LIMIT),
    }
    return Place(project, folder, {f"{PREFIX}{name}": value for name, value in settings.items()})


def test_replicas_share_what_they_should_and_live_through_what_fails(project, tmp_path, database):
    servers = ExitStack()
    redis_url = servers.enter_context(cache(tmp_path / "redis"))
    place = told(project, tmp_path, database, redis_url)
    ann, bob, cid = place.tokens(3)
    with servers, place.replica("one") as one, place.replica("two") as two:
        # nobody takes work before the tables are there, and then without a restart
        assert (one.ready(), two.ready()) == (503, 503)
        assert one.call("", "GET", "/health/live")[0] == 200
        migrated = place.run(PACKAGE, "migrate")
        assert migrated.returncode == 0, migrated.stderr
        assert place.run(PACKAGE, "migrate", "--check").stdout == "up to date\n"
        wait_until(lambda: (one.ready(), two.ready()) == (200, 200))

        # a session, an answer and a limit are the same for both
        assert one.ask(ann, "How long may I return an item?", "s")[1]["cached"] is False
        assert two.ask(ann, "How long may I return an item?")[1]["cached"] is True
        assert two.turns(ann, "s") == ["How long may I return an item?"]
        assert two.turns(bob, "s") == []
        statuses = [(one, two)[number % 2].ask(cid, "Why?")[0] for number in range(LIMIT + 10)]
        assert LIMIT <= statuses.count(200) <= LIMIT + 2  # the window may slide on meanwhile
        assert set(statuses[-5:]) == {429}
        assert (
            database.sql(
                "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app' AND NOT ssl"
            )
            == "0"
        )

        # a changed password needs no restart
        database.sql("ALTER ROLE app PASSWORD 'second'")
        (tmp_path / "store_url").write_text(database.url("second"))
        database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
        wait_until(lambda: one.turns(ann, "s") == ["How long may I return an item?"])

        # without Redis each replica goes on for itself
        servers.close()
        assert one.ask(bob, "What does shipping cost?")[0] == 200
        assert one.ready() == 200
        assert one.metric("agent_limiter_failures_total") > 0
        assert one.metric("agent_cache_failures_total") > 0

        # without PostgreSQL only what needs it is refused
        database.running.close()
        wait_until(lambda: one.ready() == 503)
        assert one.ask(bob, "What does shipping cost?")[0] == 200
        assert one.ask(bob, "What does shipping cost?", "s")[0] == 503
        database.start()
        wait_until(lambda: one.ready() == 200)
        assert one.turns(ann, "s") == ["How long may I return an item?"]
        one.process.terminate()
        one.process.wait(PATIENCE)


def test_a_certificate_of_somebody_else_is_not_taken(project, tmp_path, database):
    with cache(tmp_path / "redis") as redis_url:
        place = told(project, tmp_path, database, redis_url)
        done = place.run(PACKAGE, "migrate", STORE__TLS_CA=str(tmp_path / "redis" / "tls.crt"))
        assert done.returncode == 1
        assert "certificate verify failed" in done.stderr
        assert "first" not in done.stderr


@pytest.mark.matrix
def test_its_own_tests_hold_on_both_servers(project, tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "redis").mkdir()
    with postgresql(tmp_path / "postgres") as store, redis_server(tmp_path / "redis") as redis_url:
        variables = {f"{PREFIX}TEST_STORE_URL": store, f"{PREFIX}TEST_REDIS_URL": redis_url}
        tests = [project / PACKAGE / "tests" / name for name in OWN_TESTS]
        done = Place(project, tmp_path, variables).run("pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "names no server" not in done.stdout


def test_the_tool_that_writes_migrations_finds_the_store(project, tmp_path):
    (tmp_path / "postgres").mkdir()
    with postgresql(tmp_path / "postgres") as store:
        variables = {f"{PREFIX}STORE__URL": store, f"{PREFIX}STORE__TLS": "disable"}
        place = Place(project, tmp_path, {**variables, f"{PREFIX}STATE_DIR": str(tmp_path / "state")})
        assert place.run(PACKAGE, "migrate").returncode == 0
        check = place.run("alembic", "check")
        assert check.returncode == 0, check.stdout + check.stderr
        assert "No new upgrade operations detected" in check.stdout + check.stderr
