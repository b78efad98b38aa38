from pathlib import Path

import pytest

from ...exceptions import ConfigurationError
from ...services.facts import MAX_CHARS, load_facts


def test_lines_with_a_dash_are_facts_and_the_rest_is_for_people(tmp_path: Path) -> None:
    path = tmp_path / "facts.md"
    path.write_text("# Facts\n\nFor people - all of them.\n- One. \n\n## More\n- Two.\n  - Three.\n")
    assert load_facts(path) == "- One.\n- Two."


@pytest.mark.parametrize("content", [b"# None\n", b"", b"- \xff\n", b"- " + b"x" * MAX_CHARS])
def test_a_file_that_is_no_good_is_found_at_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.md"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"facts\.md"):
        load_facts(path)


def test_a_file_that_is_missing_is_found_at_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_facts(tmp_path / "facts.md")
