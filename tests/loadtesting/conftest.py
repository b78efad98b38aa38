"""A real server in a child process, and a project whose settings serve it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = Path(__file__).parent / "server.py"


@pytest.fixture
def start():
    """Return a function that starts the server and returns its URL; every one is stopped at the end."""
    children = []

    def started(*arguments: str) -> str:
        child = subprocess.Popen([sys.executable, str(SERVER), "0", *arguments], stdout=subprocess.PIPE)
        children.append(child)
        line = child.stdout.readline().decode().split()
        assert line[:1] == ["port"]
        return f"http://127.0.0.1:{line[1]}"

    yield started
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def project(tmp_path):
    """Return a function that writes a project's settings and returns its folder."""

    def written(path: str = "/chat", *, server: str = "", extra: str = "") -> Path:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        command = json.dumps(f"{{python}} {SERVER} {{port}} {server}")
        settings = f'[loadtest]\nserve = {command}\nready = "/health/ready"\npath = "{path}"\n{extra}\n'
        (folder / "agentctl.toml").write_text(settings, encoding="utf-8")
        return folder

    return written
