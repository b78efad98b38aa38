import asyncio

import pytest

from ...services.single_flight import SingleFlight


class Work:
    """Takes as long as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.done = asyncio.Event()
        self.begun = 0
        self.cancelled = 0
        self._error = error

    async def __call__(self) -> str:
        self.begun += 1
        try:
            await self.done.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self._error:
            raise self._error
        return "result"


async def started(*tasks: "asyncio.Task[str]") -> None:
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_the_same_work_is_done_once_and_other_work_for_itself() -> None:
    flights: SingleFlight[str] = SingleFlight()
    work = Work()
    tasks = [asyncio.create_task(flights.do(key, work())) for key in ("a", "a", "a", "b")]
    await started(*tasks)
    assert work.begun == 2
    work.done.set()
    assert await asyncio.gather(*tasks) == ["result"] * 4
    assert await flights.do("a", work()) == "result"
    assert work.begun == 3


async def test_all_are_told_when_it_fails_and_the_next_one_tries_again() -> None:
    flights: SingleFlight[str] = SingleFlight()
    work = Work(ValueError("no"))
    work.done.set()
    results = await asyncio.gather(*(flights.do("a", work()) for _ in range(2)), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError]
    with pytest.raises(ValueError, match="no"):
        await flights.do("a", work())
    assert work.begun == 2


async def test_who_goes_away_takes_nobody_along() -> None:
    flights: SingleFlight[str] = SingleFlight()
    work = Work()
    leader = asyncio.create_task(flights.do("a", work()))
    follower = asyncio.create_task(flights.do("a", work()))
    await started(leader, follower)
    leader.cancel()
    await started(follower)
    work.done.set()
    assert await follower == "result"
    assert (work.begun, work.cancelled) == (1, 0)


async def test_the_last_one_who_goes_away_ends_the_work() -> None:
    flights: SingleFlight[str] = SingleFlight()
    work = Work()
    task = asyncio.create_task(flights.do("a", work()))
    await started(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    work.done.set()
    assert await flights.do("a", work()) == "result"
    assert (work.begun, work.cancelled) == (2, 1)
