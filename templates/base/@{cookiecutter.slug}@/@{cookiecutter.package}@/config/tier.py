"""What a tenant may use of this kind of agent."""

from pydantic import Field, PositiveInt

from .parts import Part


class Tier(Part):
    """``tiers.<name>`` in ``config/tenants.yaml``: the quota of each tenant that has it."""

    requests_per_minute: PositiveInt = Field(description="Requests of all clients of a tenant together.")
