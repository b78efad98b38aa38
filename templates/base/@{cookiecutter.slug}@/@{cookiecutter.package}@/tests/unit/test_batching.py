import asyncio
from collections.abc import Sequence

import pytest

from ...services.batching import Batcher

NEVER = 3600.0


class Work:
    """Doubles numbers, and remembers in which batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        await asyncio.sleep(0)
        if 13 in items:
            raise ValueError("thirteen")
        return [2 * item for item in items if item != 99]


async def test_a_full_batch_does_not_wait() -> None:
    work = Work()
    batcher = Batcher(work, size=3, wait=NEVER)
    results = await asyncio.gather(*(batcher.submit(number) for number in range(6)))
    assert results == [0, 2, 4, 6, 8, 10]
    assert work.batches == [[0, 1, 2], [3, 4, 5]]


async def test_a_batch_that_does_not_fill_waits_no_longer_than_told() -> None:
    work = Work()
    batcher = Batcher(work, size=100, wait=0.01)
    assert [*await asyncio.gather(batcher.submit(1), batcher.submit(2))] == [2, 4]
    assert await batcher.submit(3) == 6
    assert work.batches == [[1, 2], [3]]


async def test_everybody_in_a_batch_is_told_that_it_failed() -> None:
    batcher = Batcher(Work(), size=2, wait=NEVER)
    results = await asyncio.gather(batcher.submit(1), batcher.submit(13), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError]
    assert [*await asyncio.gather(batcher.submit(1), batcher.submit(2))] == [2, 4]


async def test_a_batch_with_too_few_results_fails() -> None:
    batcher = Batcher(Work(), size=2, wait=NEVER)
    results = await asyncio.gather(batcher.submit(1), batcher.submit(99), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError]


async def test_who_went_away_is_left_out() -> None:
    work = Work()
    batcher = Batcher(work, size=2, wait=NEVER)
    gone = asyncio.create_task(batcher.submit(1))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await batcher.submit(2) == 4
    assert work.batches == [[2]]
    later = asyncio.create_task(batcher.submit(3))
    other = asyncio.create_task(batcher.submit(4))
    await asyncio.sleep(0)
    later.cancel()  # while the batch runs
    assert await other == 8
