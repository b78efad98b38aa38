"""The operators' scripts, run as an operator runs them, on the state that the service itself writes."""

import json
import os
import runpy
import shutil
import socket
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...config.settings import PROJECT, Settings
from ...models.audit import AuditEntry
from ...models.identity import Role
from ...services.audit import FileAuditTrail
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, running

QUESTION = {"question": "What?", "session_id": "s"}


def run(script: str, state: Path, *arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, PROJECT / "scripts" / script, *arguments],
        env=os.environ | {f"{ENV_PREFIX}STATE_DIR": str(state)},
        input=given,
        capture_output=True,
        check=False,
    )


def ask(service: Service, subject: str) -> None:
    headers = service.headers(Role.CLIENT, subject=subject)
    assert service.client.post("/v1/answers", json=QUESTION, headers=headers).status_code == 200


def subjects(folder: Path) -> list[str]:
    paths = [*sorted(folder.glob("audit-*.jsonl")), *folder.glob("audit.jsonl")]
    return [json.loads(line)["subject"] for path in paths for line in path.read_text().splitlines()]


def entry(subject: str, time: str) -> AuditEntry:
    return AuditEntry(action="ask", subject=subject, outcome="answered", correlation_id="1", digest="d", time=time)


def test_what_is_backed_up_and_destroyed_comes_back(settings: Settings) -> None:
    state = settings.state_dir
    with running(settings, ScriptedAgent()) as service:
        ask(service, "ann")
        backup = run("backup.py", state, "-")  # while the service runs and the database is open
    assert backup.returncode == 0, backup.stderr
    shutil.rmtree(state)

    restored = run("restore.py", state, "-", given=backup.stdout)
    assert restored.returncode == 0, restored.stderr
    assert subjects(state) == ["ann"]
    assert stat.S_IMODE((state / "audit.jsonl").stat().st_mode) == 0o600
    with running(settings, ScriptedAgent()) as service:  # and it goes on from there
        ask(service, "bob")
        kept = service.client.get("/v1/sessions/s", headers=service.headers(Role.CLIENT, subject="ann")).json()
    assert [turn["question"] for turn in kept["turns"]] == ["What?"]
    assert subjects(state) == ["ann", "bob"]


def test_a_line_that_is_being_written_is_left_to_the_next_backup(tmp_path: Path) -> None:
    state, target = tmp_path / "state", tmp_path / "backup.tar.gz"
    FileAuditTrail(state / "audit.jsonl").record(entry("ann", "2026-01-01T00:00:00+00:00"))
    with (state / "audit.jsonl").open("a") as file:
        file.write('{"subject": "half')
    assert run("backup.py", state, str(target)).returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert run("restore.py", tmp_path / "new", str(target)).returncode == 0
    assert subjects(tmp_path / "new") == ["ann"]


def test_state_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    FileAuditTrail(tmp_path / "audit.jsonl").record(entry("ann", "2026-01-01T00:00:00+00:00"))
    backup = run("backup.py", tmp_path, "-").stdout
    FileAuditTrail(tmp_path / "audit.jsonl").record(entry("bob", "2026-01-02T00:00:00+00:00"))
    restored = run("restore.py", tmp_path, "-", given=backup)
    assert (restored.returncode, subjects(tmp_path)) == (1, ["ann", "bob"])
    assert b"move it away" in restored.stderr


@pytest.mark.parametrize("damage", ["cut", "changed", "no archive", "outside"])
def test_a_damaged_backup_restores_nothing(tmp_path: Path, damage: str) -> None:
    state, target = tmp_path / "state", tmp_path / "new"
    FileAuditTrail(state / "audit.jsonl").record(entry("ann", "2026-01-01T00:00:00+00:00"))
    restored = run("restore.py", target, "-", given=damaged(run("backup.py", state, "-").stdout, damage, tmp_path))
    assert restored.returncode == 1
    assert restored.stderr.startswith(b"nothing restored: ")
    assert not target.exists()


def damaged(archive: bytes, damage: str, folder: Path) -> bytes:
    if damage == "cut":
        return archive[: len(archive) // 2]
    if damage == "no archive":
        return b"not an archive"
    if damage == "changed":
        with tarfile.open(folder / "made.tar.gz", "w:gz") as bundle:
            (folder / "sums").write_text(f"{'0' * 64}  audit.jsonl\n")
            bundle.add(folder / "sums", "SHA256SUMS")
            bundle.add(folder / "state" / "audit.jsonl", "audit.jsonl")
    else:
        with tarfile.open(folder / "made.tar.gz", "w:gz") as bundle:
            bundle.add(folder / "state" / "audit.jsonl", "../outside.jsonl")
    return (folder / "made.tar.gz").read_bytes()


def test_nothing_to_back_up_is_no_backup(tmp_path: Path) -> None:
    done = run("backup.py", tmp_path / "nowhere", str(tmp_path / "backup.tar.gz"))
    assert (done.returncode, done.stderr[:10]) == (1, b"no backup:")
    assert not (tmp_path / "backup.tar.gz").exists()


@pytest.fixture
def smoke(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Run the script that tries a service, with a token to show."""
    monkeypatch.setenv("SMOKE_TOKEN", "a-secret-token")
    main: Callable[[list[str]], int] = runpy.run_path(str(PROJECT / "scripts" / "smoke.py"))["main"]
    return lambda url: main([url])


@pytest.mark.parametrize("url", ["", "agent.example.com", "file:///etc/passwd"])
def test_a_trial_without_an_address_is_none(
    smoke: Callable[[str], int], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert smoke(url) == 2
    assert "must be an address" in capsys.readouterr().err


def test_a_trial_without_credentials_is_none(
    smoke: Callable[[str], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMOKE_TOKEN", "")
    assert smoke("http://127.0.0.1:1") == 2
    assert "set SMOKE_TOKEN, or SMOKE_TOKEN_URL, SMOKE_CLIENT_ID, SMOKE_CLIENT_SECRET" in capsys.readouterr().err


def test_a_trial_where_nobody_answers_fails(smoke: Callable[[str], int], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # and does not listen
        assert smoke(f"http://127.0.0.1:{listener.getsockname()[1]}") == 1
    told = capsys.readouterr()
    assert "nobody answers" in told.err
    assert "a-secret-token" not in told.out + told.err
