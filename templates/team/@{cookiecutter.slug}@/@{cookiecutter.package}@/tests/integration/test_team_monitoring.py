"""The team's alerts follow its limits."""

import yaml

from ...config.settings import PROJECT, load_settings
from ..fixtures.service import KEY

RULES = yaml.load((PROJECT / "deploy/monitoring/rules/team.yaml").read_text(), yaml.CSafeLoader)
EXPRESSIONS = {rule["alert"]: rule["expr"].strip() for group in RULES["groups"] for rule in group["rules"]}


def test_thresholds_follow_the_limits_of_production() -> None:
    limits = load_settings(dotenv=None, environment="production", jwt_secret=KEY).limits
    assert EXPRESSIONS["TeamNearlyFull"].endswith(f"> {limits.max_projects * 8 // 10}")
    assert float(EXPRESSIONS["ProjectsSlow"].rpartition("> ")[2]) < limits.project_timeout / 2
    (description,) = [
        rule["annotations"]["description"]
        for group in RULES["groups"]
        for rule in group["rules"]
        if rule["alert"] == "ProjectsSlow"
    ]
    assert f"after {limits.project_timeout:g} s" in description
