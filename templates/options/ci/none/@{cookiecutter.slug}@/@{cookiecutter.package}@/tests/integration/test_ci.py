"""Who agrees to changes, in step with the repository."""

from ...config.settings import PROJECT


def test_each_folder_with_an_owner_exists() -> None:
    lines = (PROJECT / "CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert [path for path, *_ in rules[1:] if not (PROJECT / path.strip("/")).is_dir()] == []
    assert all(owners and all(owner.startswith("@") for owner in owners) for _, *owners in rules)
