import subprocess

from shop_agent.config.settings import Settings


def test_restore_brings_back_what_backup_kept() -> None:
    assert Settings().model_timeout
    assert subprocess.run(["scripts/backup.sh"], check=True, timeout=60).returncode == 0
    assert subprocess.run(["scripts/restore.sh"], check=True, timeout=60).returncode == 0
