# mypy: disable-error-code="no-untyped-call"
# (psutil ships no types)

"""What a process and its descendants use of CPU and memory."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What the server used at one moment: percent of one core since the moment before, and bytes of memory."""

    cpu: float
    memory: int


class Meter:
    """Adds up processor time and memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = (time.monotonic(), self._total()[0])

    def read(self) -> Usage | None:
        """Return what was used since the reading before, or None when the process has gone."""
        now, (cpu, memory) = time.monotonic(), self._total()
        (then, used), self._before = self._before, (now, cpu)
        if not memory or now <= then:
            return None
        return Usage(cpu=max(0.0, 100 * (cpu - used) / (now - then)), memory=memory)

    def _total(self) -> tuple[float, int]:
        import psutil

        cpu, memory = 0.0, 0
        with suppress(psutil.Error):
            first = psutil.Process(self._pid)
            for one in (first, *first.children(recursive=True)):
                with suppress(psutil.Error):
                    times = one.cpu_times()
                    cpu += times.user + times.system
                    memory += one.memory_info().rss
        return cpu, memory
