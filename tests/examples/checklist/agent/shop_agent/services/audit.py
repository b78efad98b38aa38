"""Who did what."""

import structlog

from shop_agent.models import Caller

logger = structlog.get_logger("audit")


class AuditTrail:
    """Appends only."""

    def record(self, caller: Caller, action: str) -> None:
        """Keep one action."""
        logger.info("audit", tenant=caller.tenant_id, action=action)


audit = AuditTrail()
