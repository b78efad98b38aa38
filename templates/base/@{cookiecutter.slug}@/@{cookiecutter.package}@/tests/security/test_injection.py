"""What attackers send (``payloads.yaml``) in every place where something comes in."""

import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ...models.identity import Role
from ..fixtures.shipped import Shipped, shipped

PAYLOADS: dict[str, str] = yaml.load(Path(__file__).with_name("payloads.yaml").read_bytes(), yaml.CSafeLoader)
everywhere = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("injection")) as service:
        yield service


@everywhere
def test_a_question_is_only_ever_text(service: Shipped, payload: str) -> None:
    response = service.client.post("/v1/answers", json={"question": payload}, headers=service.headers(Role.CLIENT))
    assert response.status_code in {200, 422}
    assert "json" in response.headers["content-type"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert {"49", "root:", "uid="} & set(response.text.split()) == set()


@everywhere
def test_a_correlation_id_is_not_taken_on(service: Shipped, payload: str) -> None:
    headers = [(b"x-correlation-id", payload.encode())]
    response = service.client.get("/health/live", headers=headers)
    assert response.status_code == 200
    assert response.headers["x-correlation-id"].isalnum()
    assert "set-cookie" not in response.headers


@everywhere
def test_a_path_is_not_shown_and_makes_no_label(service: Shipped, payload: str) -> None:
    response = service.client.get("/" + urllib.parse.quote(payload, safe=""))
    assert response.status_code == 404
    assert payload not in response.text
    assert payload not in service.client.get("/metrics").text


@everywhere
def test_a_token_is_refused(service: Shipped, payload: str) -> None:
    headers = [(b"authorization", b"Bearer " + payload.encode())]
    response = service.client.post("/v1/answers", json={"question": "ok"}, headers=headers)
    assert response.status_code == 401
    assert payload not in response.text


def test_a_subject_stays_one_field_of_one_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with shipped(tmp_path) as own:
        for payload in PAYLOADS.values():
            headers = own.headers(Role.CLIENT, subject=payload)
            own.client.post("/v1/answers", json={"question": "ok"}, headers=headers)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]  # each line is one whole record
    assert [record["event"] for record in records].count("request") == len(PAYLOADS)
    entries = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert {entry["subject"] for entry in entries} <= {*PAYLOADS.values(), ""}
