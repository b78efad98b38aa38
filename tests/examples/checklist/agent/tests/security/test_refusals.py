from fastapi.testclient import TestClient

from shop_agent.config.settings import Settings
from shop_agent.main import create_app


def test_no_token() -> None:
    assert TestClient(create_app(Settings())).post("/v1/answers", json={"text": "x"}).status_code == 401


def test_no_text() -> None:
    assert TestClient(create_app(Settings())).post("/v1/answers", json={}).status_code == 422
