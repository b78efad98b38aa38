"""The audit trail."""

from abc import ABC, abstractmethod

from ..models.audit import AuditEntry


class AuditTrail(ABC):
    """Keeps who did what; entries are only ever added."""

    @abstractmethod
    def record(self, entry: AuditEntry) -> None:
        """Add an entry.

        Raises:
            AuditError: It could not be written.
        """

    @abstractmethod
    def check(self) -> None:
        """Find out whether entries can be added.

        Raises:
            AuditError: They cannot.
        """
