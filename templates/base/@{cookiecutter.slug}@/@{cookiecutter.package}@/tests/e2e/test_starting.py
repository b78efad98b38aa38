"""Starting: with what it was told, or not at all and with one line that says why."""

import json
from collections.abc import Mapping
from pathlib import Path

from ... import ENV_PREFIX, SERVICE
from ...models.identity import Role
from ..fixtures.collector import Span, collecting
from ..fixtures.process import serving, start

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


def test_spans_reach_the_collector_and_records_name_the_trace(tmp_path: Path) -> None:
    with collecting() as collector, serving(tmp_path, OTLP_ENDPOINT=collector.endpoint) as service:
        trace = {"traceparent": f"00-{TRACE_ID}-{CALLER}-01"}
        token = service.token(Role.CLIENT)
        asked = service.request("POST", "/v1/answers", {"question": "Why?"}, Authorization=token, **trace)
        assert asked.status == 200
        service.process.terminate()
        records = service.end()
    spans = {span.id: span for span in collector.spans if span.trace == TRACE_ID}
    assert {span.resource["service.name"] for span in spans.values()} == {SERVICE}
    (whole,) = (span for span in spans.values() if span.parent == CALLER)
    assert whole.attributes["http.route"] == "/v1/answers"
    assert all(span.parent in spans for span in spans.values() if span is not whole)  # it hangs together
    models = [span for span in spans.values() if span.name == "model.complete"]
    assert any("tenant" in span.attributes for span in spans.values())
    assert "Why?" not in str(spans)  # spans hold no content
    assert {_way_up(model, spans)[-1].id for model in models} == {whole.id}
    requests = [json.loads(line) for line in records.splitlines() if '"/v1/answers"' in line]
    assert [record["trace_id"] for record in requests] == [TRACE_ID]


def _way_up(span: Span, spans: Mapping[str, Span]) -> list[Span]:
    """Return a span, the one that it is a part of, and so on."""
    way = [span]
    while (above := spans.get(way[-1].parent)) is not None:
        way.append(above)
    return way


def test_a_wrong_setting_ends_the_start_with_one_clear_line(tmp_path: Path) -> None:
    service = start(tmp_path, ENVIRONMENT="holiday")
    output = service.end()
    assert service.process.returncode not in {0, None}
    assert f"configuration error: {ENV_PREFIX}ENVIRONMENT" in output
    assert "Traceback" not in output
