"""The disk is full, gone or read-only: nothing is done that could not be written down, and it goes on by itself."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ...config.settings import Settings
from ...models.identity import Role
from ...services import health
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, running

QUESTION = {"question": "What is an agent?"}
FULL = OSError(errno.ENOSPC, "No space left on device")


def ask(service: Service) -> tuple[int, str]:
    response = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
    return response.status_code, response.json().get("type", "")


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: OSError) -> Iterator[None]:
    """Let a call of the operating system fail for the audit trail."""
    real = getattr(os, name)

    def call(*arguments: object) -> object:
        if name == "write" or "audit" in str(arguments[0]):
            raise error
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(f"{health.__package__}.audit.os.{name}", call)
        yield


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("write", FULL),
        ("open", FULL),
        ("open", OSError(errno.EROFS, "Read-only file system")),
        ("open", OSError(errno.EMFILE, "Too many open files")),
        ("open", PermissionError(errno.EACCES, "Permission denied")),
        ("write", OSError(errno.EIO, "Input/output error")),
    ],
)
def test_without_an_audit_trail_no_answer_leaves_and_it_recovers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, error: OSError
) -> None:
    with running(settings, ScriptedAgent()) as service:
        with failing(monkeypatch, name, error):
            assert ask(service) == (503, "urn:problem:unavailable")
            assert service.client.get("/health/live").status_code == 200
            assert service.client.get("/health/ready").status_code == 503
        assert ask(service) == (200, "")
    with running(settings, ScriptedAgent()) as service:
        assert service.client.get("/health/ready").status_code == 200


def test_a_disk_that_fills_up_is_seen_by_operators_before_it_is_full(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(settings, ScriptedAgent()) as service:
        monkeypatch.setattr(service.container.health, "_usage", lambda: health.ResourceUsage(memory=0.2, disk=0.95))
        deep = service.client.get("/health/deep", headers=service.headers(Role.OPERATOR))
        assert (deep.status_code, deep.json()["checks"]["disk"]) == (503, "unhealthy")
        assert service.client.get("/health/ready").status_code == 200  # one full disk must not take all replicas away
