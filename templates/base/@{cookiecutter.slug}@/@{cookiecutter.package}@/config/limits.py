"""How every agent runs in one environment."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, StringConstraints

from .parts import Part

RoutePath = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._{}-]+)+$")]
"""How routes begin, in whole parts: ``/v1/sessions`` are ``/v1/sessions`` and ``/v1/sessions/{session_id}``."""


class CommonLimits(Part):
    """The limits of an agent of any kind; ``agent_limits.py`` has what this kind adds."""

    timeout: PositiveFloat = Field(description="Seconds for one answer, retries included.")
    retries: NonNegativeInt = Field(description="Further attempts after a passing failure.")
    cache_enabled: bool = Field(description="Whether answers are kept.")
    cache_ttl: PositiveFloat = Field(description="Seconds that an answer is kept.")
    cache_size: PositiveInt = Field(description="Answers that are kept at most.")
    rate_limit: PositiveInt = Field(description="Requests per client and minute.")
    rate_limits: dict[RoutePath, PositiveInt] = Field(
        default={}, description="The same for routes that begin so: they count there and nowhere else."
    )
    max_concurrency: PositiveInt = Field(description="Requests worked on at once; more are turned away.")
    breaker_threshold: PositiveInt = Field(description="Failures in a row that open the circuit.")
    breaker_cooldown: PositiveFloat = Field(description="Seconds that the circuit stays open.")
    history_turns: NonNegativeInt = Field(default=10, description="Earlier turns of a session that the agent is told.")
    history_chars: NonNegativeInt = Field(default=8_000, description="Characters of these turns together.")
