"""How every agent runs in one environment."""

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from .parts import Part


class CommonLimits(Part):
    """The limits of an agent of any kind; ``agent_limits.py`` has what this kind adds."""

    timeout: PositiveFloat = Field(description="Seconds for one answer, retries included.")
    retries: NonNegativeInt = Field(description="Further attempts after a passing failure.")
    cache_enabled: bool = Field(description="Whether answers are kept.")
    cache_ttl: PositiveFloat = Field(description="Seconds that an answer is kept.")
    cache_size: PositiveInt = Field(description="Answers that are kept at most.")
    rate_limit: PositiveInt = Field(description="Requests per client and minute.")
    max_concurrency: PositiveInt = Field(description="Requests worked on at once; more are turned away.")
    breaker_threshold: PositiveInt = Field(description="Failures in a row that open the circuit.")
    breaker_cooldown: PositiveFloat = Field(description="Seconds that the circuit stays open.")
    history_turns: NonNegativeInt = Field(default=10, description="Earlier turns of a session that the agent is told.")
    history_chars: NonNegativeInt = Field(default=8_000, description="Characters of these turns together.")
