from fastapi.testclient import TestClient

from shop_agent.config.settings import Settings
from shop_agent.main import create_app


def test_is_ready() -> None:
    with TestClient(create_app(Settings())) as client:
        assert client.get("/health/ready").status_code == 200
