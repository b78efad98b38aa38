"""What a project may use up, and what it has."""

from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt


class Spending(BaseModel):
    """An amount of everything that is bounded.

    Args:
        steps: Calls of models.
        tokens: Tokens, read and written.
        cost: US dollars; models without a known price cost nothing here.
        seconds: Time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: NonNegativeInt = 0
    tokens: NonNegativeInt = 0
    cost: Decimal = Decimal()
    seconds: NonNegativeFloat = 0.0

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(
            steps=self.steps + other.steps,
            tokens=self.tokens + other.tokens,
            cost=self.cost + other.cost,
            seconds=self.seconds + other.seconds,
        )

    def less(self, other: "Spending") -> "Spending":
        """Return what is left after the other amount is taken away; never below nothing."""
        return Spending(
            steps=max(0, self.steps - other.steps),
            tokens=max(0, self.tokens - other.tokens),
            cost=max(Decimal(), self.cost - other.cost),
            seconds=max(0.0, self.seconds - other.seconds),
        )


@dataclass
class Purse:
    """What one task may use up, and what it has."""

    allotment: Spending
    spent: Spending = field(default_factory=Spending)
