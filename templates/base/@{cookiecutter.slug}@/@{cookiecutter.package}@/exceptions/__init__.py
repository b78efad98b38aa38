"""Every error that the service raises on purpose.

The classes know nothing of HTTP: ``handlers/errors.py`` is the one place that maps them to answers.
"""


class AgentError(Exception):
    """Root of all errors of this service. The message must be safe to show to a client."""


class ConfigurationError(AgentError):
    """A setting or a configuration file is missing or wrong."""


class InvalidInputError(AgentError):
    """What came in cannot be worked on, and sending it again will not help."""


class PayloadTooLargeError(InvalidInputError):
    """The request's body is over the limit."""


class HeadersTooLargeError(InvalidInputError):
    """The request's headers are over the limit."""


class AuthenticationError(AgentError):
    """The caller did not prove who it is."""


class PermissionDeniedError(AgentError):
    """The caller is known but may not do this."""


class ResourceError(AgentError):
    """The service cannot take this on right now."""


class RateLimitedError(ResourceError):
    """The client used up its share.

    Args:
        retry_after: Seconds until the client may try again.
        reason: Why.
    """

    def __init__(self, retry_after: int, reason: str = "Too many requests") -> None:
        super().__init__(f"{reason}; try again in {retry_after} s.")
        self.retry_after = retry_after


class QuotaExceededError(RateLimitedError):
    """The client's tenant used up what its tier allows.

    Args:
        retry_after: Seconds until there is some again.
        what: Of what.
    """

    def __init__(self, retry_after: int, what: str = "requests") -> None:
        super().__init__(retry_after, f"Your tenant's quota of {what} is used up")


class OverloadedError(ResourceError):
    """As many requests as allowed are already being worked on."""


class ShuttingDownError(ResourceError):
    """The process is draining and takes no new work."""


class AuditError(ResourceError):
    """The audit trail cannot be written, so nothing may be done that it would have to record."""


class StoreError(ResourceError):
    """The store cannot be had, or lacks the tables that this version needs."""


class CommunicationError(AgentError):
    """Something that the agent depends on did not do its part."""


class DependencyUnavailableError(CommunicationError):
    """The dependency failed in a way that may pass; worth a retry."""


class DependencyRefusedError(CommunicationError):
    """The dependency rejected the request; a retry would be rejected too."""


class DependencyTimeoutError(CommunicationError):
    """The dependency did not answer in time."""


class CircuitOpenError(CommunicationError):
    """The dependency failed too often and is left alone for a while."""


class OutputError(AgentError):
    """What the agent produced does not fit its declared schema."""
