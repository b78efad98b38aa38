"""CI and the protection of main, in step with the repository."""

import json

import yaml

from ...config.settings import PROJECT


def test_main_is_protected_by_checks_that_exist() -> None:
    path = PROJECT / ".github" / "workflows" / "ci.yml"
    required = json.loads((PROJECT / ".github/branch-protection.json").read_text())["required_status_checks"]
    assert set(required["contexts"]) == set(yaml.safe_load(path.read_text())["jobs"])


def test_each_folder_with_an_owner_exists() -> None:
    lines = (PROJECT / ".github" / "CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert [path for path, *_ in rules[1:] if not (PROJECT / path.strip("/")).is_dir()] == []
    assert all(owners and all(owner.startswith("@") for owner in owners) for _, *owners in rules)
