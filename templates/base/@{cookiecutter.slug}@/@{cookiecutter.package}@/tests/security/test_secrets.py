"""Secrets and what users write: neither may turn up in answers, records, metrics or the contract."""

import json
from pathlib import Path

import pytest

from ...config.settings import load_settings
from ...models.identity import Role
from ..fixtures.service import DATA_KEY, KEY
from ..fixtures.shipped import environment, shipped, shipped_app, variables

MODEL_KEY = "sk-canary-of-the-model-provider"
PRIVATE = "My account number is canary-4711"
SECRETS = (KEY, DATA_KEY, MODEL_KEY)


def test_nothing_secret_gets_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_API_KEY", MODEL_KEY)
    with shipped(tmp_path, LOG_LEVEL="DEBUG") as service:
        client, good = service.headers(Role.CLIENT), service.client
        stranger = {"Authorization": f"Bearer {KEY}"}
        responses = [
            good.post("/v1/answers", json={"question": PRIVATE}, headers=client),
            good.post("/v1/answers", json={"question": PRIVATE, "password": KEY}, headers=client),
            good.post("/v1/answers", content=KEY, headers=client | {"Content-Type": "application/json"}),
            good.post("/v1/answers", json={"question": "x" * 70_000 + KEY}, headers=client),
            good.post("/v1/answers", json={"question": PRIVATE}, headers=stranger),
            good.get(f"/{KEY}", headers=client),
            good.get("/health/deep", headers=service.headers(Role.OPERATOR)),
            good.get("/metrics"),
        ]
        contract = json.dumps(service.app.openapi())
    outside = [f"{response.headers} {response.text}" for response in responses]
    own = (line for line in capsys.readouterr().out.splitlines() if "http://testserver" not in line)
    records = "\n".join(own)  # without those of the client that asked
    found = [secret for secret in SECRETS for text in (*outside, records, contract) if secret in text]
    assert found == []
    assert client["Authorization"].split()[1] not in records
    assert "canary-4711" not in records
    assert "canary-4711" not in (tmp_path / "audit.jsonl").read_text()


def test_settings_do_not_show_their_secrets(tmp_path: Path) -> None:
    with variables(**environment(tmp_path)):
        settings = load_settings(dotenv=None)
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert KEY not in text
        assert DATA_KEY not in text


def test_a_wrong_secret_is_not_quoted(tmp_path: Path) -> None:
    short = "hunter2"
    with pytest.raises(SystemExit) as caught:
        shipped_app(tmp_path, JWT_SECRET=short)
    assert "JWT_SECRET" in str(caught.value)
    assert short not in str(caught.value)
