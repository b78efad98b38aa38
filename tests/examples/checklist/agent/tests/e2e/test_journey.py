from fastapi.testclient import TestClient

from shop_agent.config.settings import Settings
from shop_agent.main import create_app


def test_from_the_question_to_the_metrics() -> None:
    with TestClient(create_app(Settings())) as client:
        assert "shop_answers" in client.get("/metrics").text
