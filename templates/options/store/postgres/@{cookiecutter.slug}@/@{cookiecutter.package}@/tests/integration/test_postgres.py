"""What belongs to PostgreSQL alone; against the server that the environment names where it needs one."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...config.secrets import FixedSecret
from ...config.settings import PROJECT
from ...exceptions import ConfigurationError
from ...models.session import SessionTurn
from ...services.sessions import Sessions
from ...services.store import Store
from ...services.store_engine import build_engine
from ...utils.encryption import Cipher
from ..fixtures.service import DATA_KEY, make_settings
from ..fixtures.store import URL, make_store, store_place

needs_server = pytest.mark.skipif(
    URL is None or shutil.which("pg_dump") is None,
    reason=f"{ENV_PREFIX}TEST_STORE_URL names no server, or pg_dump is not installed",
)


def script(place: str | None, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    variables = {} if place is None else {f"{ENV_PREFIX}STORE__URL": place}
    return subprocess.run(
        [sys.executable, PROJECT / "scripts" / "store.py", *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def sessions(store: Store) -> Sessions:
    return Sessions(store, Cipher(FixedSecret(DATA_KEY)), keep_days=30)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_real_environment_must_be_given_a_server(tmp_path: Path, environment: str) -> None:
    settings = make_settings(tmp_path, environment=environment)
    with pytest.raises(ConfigurationError, match="STORE__URL_FILE"):
        build_engine(settings.store, tmp_path)
    assert settings.store.tls == "verify-full"
    assert not settings.store.migrate_at_start


@needs_server
async def test_what_is_backed_up_comes_back_in_an_empty_database(tmp_path: Path) -> None:
    async with make_store(tmp_path / "old").opened() as store:
        await sessions(store).add(
            SessionTurn(subject="ann", session_id="s", question="My number is 4711 08", answer="{}", correlation_id="c")
        )
        dump = tmp_path / "store.dump"
        done = script(str(store_place(tmp_path / "old")["url"]), "backup", dump)  # while it is in use
        assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    assert b"4711 08" not in dump.read_bytes()
    done = script(str(store_place(tmp_path / "new")["url"]), "restore", dump)
    assert (done.returncode, done.stderr) == (0, "")
    async with make_store(tmp_path / "new", migrate_at_start=False).opened() as store:
        await store.check()
        assert [turn.question for turn in await sessions(store).turns("ann", "s")] == ["My number is 4711 08"]
        again = script(str(store_place(tmp_path / "new")["url"]), "restore", dump)
    assert (again.returncode, "has tables" in again.stderr) == (1, True)
    assert script(str(store_place(tmp_path / "new")["url"]), "backup", dump).returncode == 1  # nothing is overwritten


@needs_server
def test_a_damaged_backup_restores_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.dump").write_bytes(b"PGDMP nonsense")
    place = str(store_place(tmp_path / "empty")["url"])
    done = script(place, "restore", tmp_path / "bad.dump")
    assert (done.returncode, done.stderr.startswith("not done: pg_restore")) == (1, True)


def test_what_cannot_be_done_is_said_without_the_password(tmp_path: Path) -> None:
    for place, command, file in (
        (None, "backup", "x.dump"),
        ("mysql://a:hunter2@b/c", "backup", "x.dump"),
        ("postgresql://a:hunter2@127.0.0.1:9/c", "restore", "none.dump"),
    ):
        done = script(place, command, tmp_path / file)
        assert (done.returncode, done.stderr.startswith("not done: "), "hunter2" in done.stderr) == (1, True, False)
    assert list(tmp_path.iterdir()) == []
