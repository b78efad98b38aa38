import asyncio
from unittest.mock import patch

import pytest

from ...exceptions import CircuitOpenError, DependencyRefusedError, DependencyTimeoutError, DependencyUnavailableError
from ...services.resilience import Policy, Resilience

POLICY = Policy(timeout=5, retries=2, threshold=2, cooldown=60)


class Flaky:
    """Fails so many times, then works."""

    def __init__(self, failures: int, error: type[Exception] = DependencyUnavailableError) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("no")
        return "yes"


async def test_a_passing_failure_is_retried() -> None:
    operation = Flaky(failures=2)
    assert await Resilience("it", POLICY).call(operation) == "yes"
    assert operation.calls == 3


async def test_retries_are_bounded() -> None:
    operation = Flaky(failures=99)
    with pytest.raises(DependencyUnavailableError):
        await Resilience("it", POLICY).call(operation)
    assert operation.calls == 3


async def test_a_refusal_is_not_retried_and_does_not_open_the_circuit() -> None:
    resilience = Resilience("it", POLICY)
    operation = Flaky(failures=99, error=DependencyRefusedError)
    for _ in range(5):
        with pytest.raises(DependencyRefusedError):
            await resilience.call(operation)
    assert operation.calls == 5


async def test_the_time_limit_holds_for_all_attempts_together() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DependencyTimeoutError, match=r"0\.01 s"):
        await Resilience("it", Policy(timeout=0.01, retries=5, threshold=5, cooldown=1)).call(never)


async def test_the_circuit_opens_and_closes_again() -> None:
    resilience = Resilience("it", POLICY)
    operation = Flaky(failures=6)
    for _ in range(2):
        with pytest.raises(DependencyUnavailableError):
            await resilience.call(operation)
    with pytest.raises(CircuitOpenError):
        await resilience.call(operation)
    assert operation.calls == 6
    with patch("purgatory.domain.model.time.time", return_value=1e11):  # after the cooldown: half open
        assert await resilience.call(operation) == "yes"
    assert await resilience.call(operation) == "yes"


async def test_timeouts_open_the_circuit_too() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    resilience = Resilience("it", Policy(timeout=0.01, retries=0, threshold=1, cooldown=60))
    with pytest.raises(DependencyTimeoutError):
        await resilience.call(never)
    with pytest.raises(CircuitOpenError):
        await resilience.call(never)


async def test_a_client_that_goes_away_does_not_open_the_circuit() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    resilience = Resilience("it", Policy(timeout=60, retries=0, threshold=1, cooldown=60))
    call = asyncio.create_task(resilience.call(never))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await resilience.call(Flaky(failures=0)) == "yes"
