"""Starting: with what it was told, or not at all and with one line that says why."""

import json
from pathlib import Path

from ... import ENV_PREFIX
from ...models.identity import Role
from ..fixtures.collector import collecting
from ..fixtures.process import serving, start

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def test_spans_reach_the_collector_and_records_name_the_trace(tmp_path: Path) -> None:
    with collecting() as collector, serving(tmp_path, OTLP_ENDPOINT=collector.endpoint) as service:
        trace = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
        token = service.token(Role.CLIENT)
        asked = service.request("POST", "/v1/answers", {"question": "Why?"}, Authorization=token, **trace)
        assert asked.status == 200
        service.process.terminate()
        records = service.end()
    sent = b"".join(body for path, body in collector.received if path == "/v1/traces")
    assert bytes.fromhex(TRACE_ID) in sent
    assert b"model.complete" in sent
    assert b"tenant" in sent
    requests = [json.loads(line) for line in records.splitlines() if '"/v1/answers"' in line]
    assert [record["trace_id"] for record in requests] == [TRACE_ID]


def test_a_wrong_setting_ends_the_start_with_one_clear_line(tmp_path: Path) -> None:
    service = start(tmp_path, ENVIRONMENT="holiday")
    output = service.end()
    assert service.process.returncode not in {0, None}
    assert f"configuration error: {ENV_PREFIX}ENVIRONMENT" in output
    assert "Traceback" not in output
