import asyncio

import pytest

from ...services import periodic
from ...services.periodic import Periodic
from ...utils.metrics import Metrics


@pytest.fixture
def jobs() -> Periodic:
    return Periodic(Metrics("development", "agent-v1", "1.0.0"))


async def test_it_is_done_at_once_again_and_after_a_failure(jobs: Periodic) -> None:
    done = 0
    thrice = asyncio.Event()

    async def job() -> None:
        nonlocal done
        done += 1
        if done == 3:
            thrice.set()
        raise OSError("the disk is away")

    jobs.start("a job", job, 0.001)
    async with asyncio.timeout(10):
        await thrice.wait()
    await jobs.stop()


async def test_what_is_at_work_finishes_and_is_not_begun_again(jobs: Periodic) -> None:
    begun = asyncio.Event()
    done = 0

    async def job() -> None:
        nonlocal done
        begun.set()
        await asyncio.sleep(0.01)
        done += 1

    jobs.start("a job", job, 0)
    await begun.wait()
    await jobs.stop()
    assert done == 1


async def test_what_hangs_is_not_waited_for(jobs: Periodic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic, "GRACE_SECONDS", 0.01)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def job() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    jobs.start("a job", job, 1)
    await begun.wait()
    async with asyncio.timeout(10):
        await jobs.stop()
    assert ended.is_set()
