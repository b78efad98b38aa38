"""Leaves a failing dependency alone."""

from shop_agent.exceptions import ModelError


class CircuitBreaker:
    """Opens after so many failures in a row."""

    def __init__(self, threshold: int) -> None:
        self.threshold = threshold
        self.failures = 0

    def check(self) -> None:
        """Raise while it is open."""
        if self.failures >= self.threshold:
            raise ModelError("the model is being left alone")

    def record(self, status: int) -> None:
        """Count a failure, or start again."""
        self.failures = self.failures + 1 if status >= 500 else 0
