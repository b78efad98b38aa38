"""Look at many files: what the cache knows first, the rest in as many processes as pay."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from agentctl.validation import outcome
from agentctl.validation.cache import opened, signature
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.outcome import Outcome

WORTH_CACHING = 16  # files; fewer are checked as fast as the cache is read
WORTH_A_PROCESS = 1_000  # files for each; a process costs as much as checking a hundred
MOST_PROCESSES = 8
ENDING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What came of many files.

    Attributes:
        told: The outcomes that have something to tell, in the files' order.
        clean: How many further files are simply fine.
    """

    told: Sequence[Outcome]
    clean: int = 0


def look(
    candidates: Iterable[Candidate], governance: Governance, disabled: AbstractSet[str], *, cached: bool = True
) -> Outcomes:
    """Look at files; with ``cached`` those that have not changed since the last time are not read again."""
    wanted = list(candidates)
    cache = opened(governance, disabled) if cached and len(wanted) >= WORTH_CACHING else None
    with _rarely_collected():
        todo = wanted if cache is None else [one for one in wanted if not cache.take(one)]
        signatures = [signature(one) for one in todo] if cache else []
        found = _looked_at(todo, governance, disabled)
        if cache:
            for one, before, came in zip(todo, signatures, found, strict=True):
                if came:
                    cache.put(one, before, came)
            cache.write()
    made = [one for one in found if one]
    told = [one for one in made if not one.is_clean]
    clean = len(made) - len(told)
    return Outcomes(told=[*(cache.outcomes if cache else ()), *told], clean=clean + (cache.clean if cache else 0))


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Look for rings of garbage rarely: nodes are many, and are freed without."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _looked_at(todo: Sequence[Candidate], governance: Governance, disabled: AbstractSet[str]) -> list[Outcome | None]:
    number = _processes(len(todo))
    if number < 2:  # noqa: PLR2004 - one is this one
        return [outcome.look(one, governance, disabled) for one in todo]
    with _Helpers(todo, governance, disabled, number) as helpers:
        own = [outcome.look(one, governance, disabled) for one in todo[::number]]
        shares = [own, *helpers.shares()]
    found: list[Outcome | None] = [None] * len(todo)
    for place, share in enumerate(shares):
        missed = [] if share else todo[place::number]
        found[place::number] = share or [outcome.look(one, governance, disabled) for one in missed]
    return found


def _processes(files: int) -> int:
    """Return how many processes pay: one, where they cannot be forked safely."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return max(1, min(files // WORTH_A_PROCESS, len(os.sched_getaffinity(0)), MOST_PROCESSES))


class _Helpers:
    """Forked processes that look at a share of the files each, and end when they have told what they found.

    One that dies, of whatever cause, leaves its share to this process. Ctrl-C is for this process, which ends them.
    """

    def __init__(
        self, todo: Sequence[Candidate], governance: Governance, disabled: AbstractSet[str], number: int
    ) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._pairs = []
        with _signals_held():
            for place in range(1, number):
                receive, send = context.Pipe(duplex=False)
                share = todo[place::number]
                helper = context.Process(target=_help, args=(send, share, governance, disabled), daemon=True)
                helper.start()
                send.close()
                self._pairs.append((helper, receive))

    def __enter__(self) -> Self:
        return self

    def shares(self) -> list[list[Any]]:
        """Return what each found; nothing from one that died."""
        return [_received(receive) for _, receive in self._pairs]

    def __exit__(self, *_: object) -> None:
        for helper, receive in self._pairs:
            receive.close()
            helper.terminate()
            helper.join()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold signals back until a helper has set how it takes them: one that comes before would show a traceback."""
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)


def _received(receive: Any) -> list[Any]:
    try:
        return list(receive.recv())
    except (EOFError, OSError):
        return []


def _help(send: Any, share: Sequence[Candidate], governance: Governance, disabled: AbstractSet[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    found = [outcome.look(one, governance, disabled) for one in share]
    with suppress(OSError):
        send.send(found)
