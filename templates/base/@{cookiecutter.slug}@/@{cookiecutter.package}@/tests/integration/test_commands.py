"""The commands of operators, run as an operator runs them, on what the service itself wrote."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from ... import AGENT, ENV_PREFIX
from ...config.settings import PROJECT, Settings
from ...handlers.commands import main
from ...models.audit import AuditEntry
from ...models.identity import Role
from ...services.audit import FileAuditTrail
from ...services.audit_files import AuditFiles
from ..fixtures.evaluation import Dataset
from ..fixtures.service import DATA_KEY, KEY, Service


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}STATE_DIR", str(settings.state_dir))
    monkeypatch.setenv(f"{ENV_PREFIX}JWT_SECRET", KEY)
    monkeypatch.setenv(f"{ENV_PREFIX}ENCRYPTION_KEYS", DATA_KEY)
    if settings.store.url is not None:
        monkeypatch.setenv(f"{ENV_PREFIX}STORE__URL", settings.store.url.get_secret_value())
        monkeypatch.setenv(f"{ENV_PREFIX}STORE__TLS", settings.store.tls)


def ask(service: Service, subject: str, session: str | None = None) -> None:
    headers = service.headers(Role.CLIENT, subject=subject)
    body = {"question": "What?", "session_id": session}
    assert service.client.post("/v1/answers", json=body, headers=headers).status_code == 200


def subjects(folder: Path) -> list[str]:
    paths = [*sorted(folder.glob("audit-*.jsonl")), *folder.glob("audit.jsonl")]
    return [json.loads(line)["subject"] for path in paths for line in path.read_text().splitlines()]


def entry(subject: str, age: timedelta = timedelta()) -> AuditEntry:
    time = (datetime.now(UTC) - age).isoformat()
    return AuditEntry(action="ask", subject=subject, outcome="answered", correlation_id="1", digest="d", time=time)


def test_the_commands_run_by_the_packages_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", AGENT, "migrate"],
        env=os.environ | {f"{ENV_PREFIX}STATE_DIR": str(tmp_path), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "taken: base_0001" in done.stdout.splitlines()
    assert (tmp_path / "store.db").exists()


@pytest.mark.usefixtures("environment")
def test_tables_are_made_checked_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}STATE_DIR", str(tmp_path / "new"))
    assert main(["migrate", "--check"]) == 1
    assert re.search("the store lacks .*step base_0001", capsys.readouterr().err)
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["migrate", "--check"]) == 0
    assert main(["migrate", "--down", "base"]) == 0
    assert "taken back: base_0001" in capsys.readouterr().out
    assert main(["migrate", "--down", "nowhere"]) == 2
    assert "there is no step nowhere to go back to; there are base_0001" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_what_is_kept_about_somebody_is_told_and_erased(
    service: Service, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for subject, session in (("ann", "s"), ("bob", "s"), ("ann", None)):
        ask(service, subject, session)
    capsys.readouterr()
    assert main(["personal-data", "export", "ann"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["place"] for record in records] == ["audit_trail", "audit_trail", "sessions"]
    assert (records[2]["question"], records[2]["answer"]) == ("What?", {"answer_text": "fine"})
    assert main(["personal-data", "erase", "ann"]) == 0  # while the service runs
    erased = capsys.readouterr().out.splitlines()
    assert {"audit_trail: 2 records erased", "sessions: 1 records erased"} <= set(erased)
    assert main(["personal-data", "export", "ann"]) == 0
    assert capsys.readouterr().out == ""
    ask(service, "cid")
    assert subjects(settings.state_dir) == ["[erased]", "bob", "[erased]", "cid"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in settings.state_dir.glob("audit*")}
    assert modes == {0o600}


@pytest.mark.usefixtures("environment")
def test_rated_answers_become_cases_of_an_evaluation(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ratings", "export"]) == 1
    assert "no answer was rated" in capsys.readouterr().err
    headers = service.headers(Role.CLIENT, subject="ann")
    for question, rating in (("First?", {"score": 5}), ("Second?", None), ("Third?", {"score": 1, "comment": "Wrong"})):
        body = {"question": question, "session_id": "s"}
        turn = service.client.post("/v1/answers", json=body, headers=headers).json()["turn_id"]
        if rating:
            path = f"/v1/sessions/s/turns/{turn}/rating"
            assert service.client.post(path, json=rating, headers=headers).status_code == 201
    capsys.readouterr()
    assert main(["ratings", "export"]) == 0
    good, bad = Dataset.model_validate(yaml.load(capsys.readouterr().out, yaml.CSafeLoader)).cases
    assert (good.question, good.before, good.reference, good.lacks) == ("First?", (), "fine", ())
    assert (bad.question, bad.reference, bad.lacks, bad.note) == ("Third?", None, ("fine",), "Wrong")
    assert [past.question for past in bad.before] == ["First?", "Second?"]


@pytest.mark.usefixtures("environment")
def test_what_is_old_goes(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    trail = FileAuditTrail(settings.state_dir / "audit.jsonl")
    trail.record(entry("ancient", timedelta(days=366)))
    assert main(["personal-data", "sweep"]) == 0
    assert {"audit_trail: 1 deleted", "sessions: 0 deleted"} <= set(capsys.readouterr().out.splitlines())
    trail.record(entry("yesterday", timedelta(days=2)))
    trail.record(entry("new"))
    assert main(["personal-data", "sweep"]) == 0
    assert subjects(settings.state_dir) == ["yesterday", "new"]
    assert len(list(settings.state_dir.glob("audit-*.jsonl"))) == 1


@pytest.mark.usefixtures("environment")
def test_keys_are_made_and_everything_is_encrypted_anew(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(service, "ann", "s")
    capsys.readouterr()
    assert main(["keys", "new"]) == 0
    new = capsys.readouterr().out.strip()
    monkeypatch.setenv(f"{ENV_PREFIX}ENCRYPTION_KEYS", f"{new}\n{DATA_KEY}")
    assert main(["keys", "renew"]) == 0
    assert "sessions: 1 encrypted anew" in capsys.readouterr().out.splitlines()
    monkeypatch.setenv(f"{ENV_PREFIX}ENCRYPTION_KEYS", new)
    assert main(["personal-data", "export", "ann"]) == 0
    assert '"question": "What?"' in capsys.readouterr().out


def test_what_cannot_be_done_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(f"{ENV_PREFIX}STATE_DIR", str(tmp_path / "file"))
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err.endswith("\nnot done: the store cannot be had\n")
    monkeypatch.setenv(f"{ENV_PREFIX}ENVIRONMENT", "production")
    monkeypatch.setenv(f"{ENV_PREFIX}STORE__EMBEDDED", "true")
    assert main(["personal-data", "sweep"]) == 2
    assert "ENCRYPTION_KEYS_FILE" in capsys.readouterr().err


def test_entries_that_are_written_meanwhile_are_kept(tmp_path: Path) -> None:
    trail, files, stopped = FileAuditTrail(tmp_path / "audit.jsonl"), AuditFiles(tmp_path), threading.Event()
    written: list[str] = []

    def write() -> None:
        while not stopped.is_set():
            written.append(str(len(written)))
            trail.record(entry("ann" if len(written) % 2 else written[-1]))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(2):
                files.erase("ann")
        finally:
            stopped.set()
        writing.result()
    assert len(subjects(tmp_path)) == len(written)
    assert [subject for subject in subjects(tmp_path) if subject.isdecimal()] == written[1::2]
