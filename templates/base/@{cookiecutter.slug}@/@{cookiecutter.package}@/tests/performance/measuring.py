"""What a piece of work costs, in units that hold on any machine.

A unit is one round of a fixed loop of plain Python. A machine that is twice as fast does both twice as fast, so a cost
in units can be compared with a baseline that another machine wrote. Time is that of the processor, not of the clock,
the smallest of several rounds counts, and each round measures the loop and the work side by side: a busy machine
disturbs neither the one nor the other for long.
"""

import gc
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_MOST = 2.0
"""How much more than its baseline something may cost: less than that is the difference between machines."""
ROUNDS = 5
LOOPS = 200

Held = Callable[[str, Callable[[], object], int], None]
"""Told what is measured, how, and how often in a round; fails when it costs more than the baseline allows."""


def cost(work: Callable[[], object], times: int) -> float:
    """Return what one call of ``work`` costs, in units.

    Args:
        work: What is measured.
        times: Calls in one round; together they should take some 10 ms.
    """
    work()  # what is only loaded or kept once does not count
    _unit()
    with _undisturbed():
        rounds = [(_seconds(_unit, LOOPS) / LOOPS, _seconds(work, times) / times) for _ in range(ROUNDS)]
    return min(seconds for _, seconds in rounds) / min(unit for unit, _ in rounds)


def _unit() -> str:
    """Do a bit of everything that a service does."""
    words = [f"word-{number}" for number in range(20)]
    text = json.dumps({word: len(word) for word in words})
    counted = sum(json.loads(text).values())
    return hashlib.sha256(f"{text}{counted}".encode()).hexdigest()


def _seconds(work: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - started


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep coverage and the garbage collector out of the measurement."""
    tracer = sys.gettrace()
    sys.settrace(None)
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        sys.settrace(tracer)
