"""Starting: with what it was told, or not at all and with one line that says why."""

from pathlib import Path

from ... import ENV_PREFIX
from ..fixtures.process import start


def test_a_wrong_setting_ends_the_start_with_one_clear_line(tmp_path: Path) -> None:
    service = start(tmp_path, ENVIRONMENT="holiday")
    output = service.end()
    assert service.process.returncode not in {0, None}
    assert f"configuration error: {ENV_PREFIX}ENVIRONMENT" in output
    assert "Traceback" not in output
