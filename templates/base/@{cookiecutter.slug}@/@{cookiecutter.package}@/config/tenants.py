"""Tenants and what they may use: ``config/tenants.yaml``, by environment."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from ..models.fields import Identifier, Tenant
from .parts import Part
from .tier import Tier


class TenantSettings(Part):
    """The tiers, and which tenant has which; a tenant that is not named has the default one."""

    tiers: dict[Identifier, Tier] = Field(min_length=1, description="What a tenant of one may use; metrics name them.")
    default_tier: str = Field(description="The tier of every tenant that is not assigned one.")
    assigned: Mapping[Tenant, str] = Field(default={}, description="Tenant to tier.")

    @model_validator(mode="after")
    def _tiers_are_there(self) -> Self:
        named = {"default_tier": self.default_tier, **self.assigned}
        for who, tier in named.items():
            if tier not in self.tiers:
                message = f"{who}: there is no tier {tier}, only {', '.join(sorted(self.tiers))}"
                raise ValueError(message)
        return self

    def tier_of(self, tenant: str) -> str:
        """Return the name of a tenant's tier."""
        return self.assigned.get(tenant, self.default_tier)
