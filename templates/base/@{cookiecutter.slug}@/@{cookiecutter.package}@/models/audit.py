"""An entry of the audit trail."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..utils.tenancy import current_tenant


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Who did what, and how it ended. Holds no content of questions or answers, only a digest."""

    action: str
    subject: str
    outcome: str
    correlation_id: str
    digest: str = ""
    tenant: str = field(default_factory=current_tenant)
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    def as_dict(self) -> dict[str, str]:
        """Return the entry as plain data."""
        return dict(vars(self))
