"""Data about people: told, erased, and deleted after its time. Every module in this folder is a place that has some.

A module has ``holder(resources)``, which returns a ``PersonalData``; ``docs/operations/personal-data.md`` names them.
"""

import pkgutil
from collections.abc import AsyncIterator
from importlib import import_module

import structlog
from pydantic import JsonValue

from ...interfaces.personal_data import PersonalData
from ...utils.tenancy import every_tenant
from ..resources import Resources

logger = structlog.get_logger(__name__)

SWEEP_SECONDS = 6 * 3_600


def holders(resources: Resources) -> list[PersonalData]:
    """Return every place with data about people."""
    names = [module.name for module in pkgutil.iter_modules(__path__, f"{__name__}.")]
    return [import_module(name).holder(resources) for name in names]


async def export(resources: Resources, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
    """Yield everything that is kept about somebody of the tenant, each record with the name of its place."""
    for holder in holders(resources):
        async for record in holder.export(subject):
            yield {"place": holder.name, **record}


async def erase(resources: Resources, subject: str) -> dict[str, int]:
    """Take somebody out of every place; return how many records that were in each."""
    return {holder.name: await holder.erase(subject) for holder in holders(resources)}


async def renew_encryption(resources: Resources) -> dict[str, int]:
    """Encrypt in every place what is encrypted, of all tenants, with the newest key; return how much that was."""
    with every_tenant():
        return {holder.name: await holder.renew_encryption() for holder in holders(resources)}


async def sweep(resources: Resources) -> dict[str, int]:
    """Delete in every place what has been kept long enough, of all tenants; return how much that was in each."""
    with every_tenant():
        deleted = {holder.name: await holder.sweep() for holder in holders(resources)}
    for name, count in deleted.items():
        resources.metrics.retention.labels(name).inc(count)
    logger.info("retention_sweep", deleted=deleted)
    return deleted
