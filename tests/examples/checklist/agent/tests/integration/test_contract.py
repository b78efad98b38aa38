import json
from pathlib import Path

from shop_agent.config.settings import Settings
from shop_agent.main import create_app


def test_the_contract_is_in_step() -> None:
    kept = json.loads(Path("docs/openapi.json").read_text())
    assert create_app(Settings()).openapi()["paths"].keys() == kept["paths"].keys()
