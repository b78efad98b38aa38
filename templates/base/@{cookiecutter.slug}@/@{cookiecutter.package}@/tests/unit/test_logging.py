import json
import logging

import pytest
import structlog
from opentelemetry import trace

from ...utils.logging import configure_logging


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_records_are_json_and_name_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "production", readable=False)
    structlog.get_logger().info("hello", number=7)
    (record,) = records(capsys)
    assert (record["event"], record["number"], record["level"]) == ("hello", 7, "info")
    assert record["environment"] == "production"
    assert record.keys() >= {"service", "version", "timestamp"}


def test_records_of_libraries_have_the_same_form_and_correlation_id(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "production", readable=False)
    with structlog.contextvars.bound_contextvars(correlation_id="abc"):
        structlog.get_logger().info("ours")
        logging.getLogger("uvicorn.error").warning("theirs %s", 1)
    ours, theirs = records(capsys)
    assert theirs["event"] == "theirs 1"
    assert ours["correlation_id"] == theirs["correlation_id"] == "abc"


@pytest.mark.parametrize("key", ["password", "api_key", "Authorization", "access_token", "jwt_secret"])
def test_secrets_are_redacted(capsys: pytest.CaptureFixture[str], key: str) -> None:
    configure_logging("INFO", "production", readable=False)
    structlog.get_logger().info("login", **{key: "hunter2"})
    assert "hunter2" not in capsys.readouterr().out


def test_how_many_tokens_a_model_took_is_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "production", readable=False)
    structlog.get_logger().info("model_answered", input_tokens=17)
    (record,) = records(capsys)
    assert record["input_tokens"] == 17


def test_the_level_holds(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("WARNING", "production", readable=False)
    structlog.get_logger().info("quiet")
    assert records(capsys) == []


def test_an_exception_is_data(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "production", readable=False)
    structlog.get_logger().error("crashed", exc_info=ValueError("why"))
    (record,) = records(capsys)
    assert "why" in json.dumps(record["exception"])


def test_a_traceback_tells_where_and_not_what_variables_held(capsys: pytest.CaptureFixture[str]) -> None:
    def crash(question: str) -> None:
        message = f"{len(question)} characters"
        raise ValueError(message)

    configure_logging("INFO", "production", readable=False)
    try:
        crash("My account number is canary-4711")
    except ValueError as error:
        structlog.get_logger().error("crashed", exc_info=error)
        logging.getLogger("uvicorn.error").exception("theirs")
    text = capsys.readouterr().out
    assert text.count('"name": "crash"') == 2
    assert "canary-4711" not in text


def test_the_current_trace_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "production", readable=False)
    context = trace.SpanContext(trace_id=7, span_id=7, is_remote=True)
    with trace.use_span(trace.NonRecordingSpan(context)):
        structlog.get_logger().info("inside")
    structlog.get_logger().info("outside")
    inside, outside = records(capsys)
    assert inside["trace_id"] == f"{7:032x}"
    assert "trace_id" not in outside


def test_development_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "development", readable=True)
    structlog.get_logger().info("hello")
    assert "hello" in capsys.readouterr().out
