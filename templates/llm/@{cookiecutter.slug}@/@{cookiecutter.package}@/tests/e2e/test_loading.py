"""What a start loads."""

from ..fixtures.process import Running

OPTIONAL = {"anthropic", "boto3", "google.genai", "jsonschema", "mcp", "openai", "pydantic_ai"}


def test_a_start_loads_nothing_that_is_not_configured(service: Running) -> None:
    loaded = service.loaded()
    assert loaded >= {"uvicorn", "fastapi", "sqlalchemy"}
    assert OPTIONAL & loaded == set()
