"""Calls to what may fail: a time limit, retries, a circuit breaker."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from ..exceptions import CircuitOpenError, DependencyRefusedError, DependencyTimeoutError, DependencyUnavailableError

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How far to go for one call.

    Args:
        timeout: Seconds for the whole call, retries included.
        retries: Further attempts after a passing failure, with growing delays.
        threshold: Failed calls in a row that open the circuit.
        cooldown: Seconds until one call may try again.
    """

    timeout: float
    retries: int
    threshold: int
    cooldown: float


class Resilience:
    """Guards the calls to one dependency."""

    def __init__(self, dependency: str, policy: Policy) -> None:
        self._dependency = dependency
        self._policy = policy
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=policy.threshold,
            default_ttl=policy.cooldown,
            # a rejected request and a client that went away say nothing about the dependency's health
            exclude=[DependencyRefusedError, asyncio.CancelledError],
        )

    async def call(self, operation: Callable[[], Awaitable[Result]]) -> Result:
        """Return the operation's result.

        Raises:
            CircuitOpenError: It failed too often; it was not called.
            DependencyTimeoutError: The time was over.
            DependencyUnavailableError: The last attempt failed too.
            DependencyRefusedError: It was rejected; not tried again.
        """
        try:
            async with await self._breakers.get_breaker(self._dependency), asyncio.timeout(self._policy.timeout):
                return await self._attempts(operation)
        except OpenedState as error:
            message = f"{self._dependency} is being left alone after repeated failures"
            raise CircuitOpenError(message) from error
        except TimeoutError as error:
            message = f"{self._dependency} did not answer within {self._policy.timeout:g} s"
            raise DependencyTimeoutError(message) from error

    async def _attempts(self, operation: Callable[[], Awaitable[Result]]) -> Result:
        async for attempt in stamina.retry_context(
            on=DependencyUnavailableError,
            attempts=self._policy.retries + 1,
            timeout=None,  # the limit around it holds for all attempts together
            wait_initial=0.1,
            wait_max=2.0,
        ):
            with attempt:
                return await operation()
        message = "retrying ended without a result"  # pragma: no cover
        raise AssertionError(message)  # pragma: no cover  # the last attempt returns or raises
