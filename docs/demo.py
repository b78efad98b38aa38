"""Show what agentctl does, for real: an agent is created in a temporary folder and taken through the five commands.

It needs no key, no server and no Docker. The agent's packages are kept in ``.cache`` for the next time; everything
else is removed at the end, also after Ctrl-C. The exit code is 0 when every command said yes and the checklist took the
two runs that were just made as its evidence.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
NAME = "demo-agent"
PROVED = {"TS02": "the tests", "TS08": "the load test"}
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VIRTUAL_ENV"))},
    "COLUMNS": os.environ.get("COLUMNS", "100"),
}


def main() -> int:
    """Run the five commands one after the other."""
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(prefix="agentctl-demo-", ignore_cleanup_errors=True) as folder:
        project, judged = Path(folder, NAME), Path(folder, "checklist.json")
        _show("new", NAME, "--kind", "service", "--yes", cwd=Path(folder))
        _set_up(project)
        _show("validate", cwd=project)
        _show("test", cwd=project)
        _show("loadtest", "--serve", "--rate", "20", "--duration", "5s", cwd=project)
        _show("checklist", "--output", f"json={judged}", cwd=project)
        return _proved(json.loads(judged.read_text(encoding="utf-8")))


def _show(*arguments: str, cwd: Path) -> None:
    """Run one command where it can be seen; the first that does not say yes ends the demonstration."""
    print(f"\n$ {shlex.join(('agentctl', *arguments))}\n", flush=True)
    done = subprocess.run([sys.executable, "-m", "agentctl", *arguments], cwd=cwd, env=ENVIRONMENT, check=False)
    if done.returncode != 0:
        sys.exit(f"\nagentctl {arguments[0]} ended with {done.returncode}; the demonstration stops here")


def _set_up(project: Path) -> None:
    """Run the agent's own ``make setup``; its environment lies in our cache, one for each version of its lock."""
    lock = (project / "requirements-dev.lock").read_bytes()
    cached = ROOT / ".cache" / "demo-venv" / hashlib.sha256(lock + sys.version.encode()).hexdigest()[:16]
    cached.mkdir(parents=True, exist_ok=True)
    print("\n$ make setup\n", flush=True)
    command = ["make", "--silent", "setup", f"PYTHON={sys.executable}", f"VENV={cached}"]
    done = subprocess.run(command, cwd=project, env={**ENVIRONMENT, "PIP_QUIET": "1"}, check=False)
    if done.returncode != 0:
        sys.exit("\nthe agent's packages could not be installed; is there a package index?")
    (project / ".venv").symlink_to(cached, target_is_directory=True)
    print(f"The agent's packages are in {cached.relative_to(ROOT)}, for the next time.")


def _proved(report: dict[str, object]) -> int:
    results = report["results"]
    verdicts = {result["id"]: result["verdict"] for result in results} if isinstance(results, list) else {}
    missing = [f"{item} ({what})" for item, what in PROVED.items() if verdicts.get(item) != "pass"]
    if missing:
        print(f"\nThe checklist did not take these runs as evidence: {', '.join(missing)}")
        return 1
    print("\nTS02 and TS08 passed from the two runs that were just made.")
    return 0


def _stop(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(143)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
