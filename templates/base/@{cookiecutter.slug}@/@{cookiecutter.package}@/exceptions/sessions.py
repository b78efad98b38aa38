"""What can be wrong with a request about a session."""

from . import AgentError


class SessionNotFoundError(AgentError):
    """The caller has no such session."""

    def __init__(self) -> None:
        super().__init__("There is no such session of yours.")


class TurnNotFoundError(AgentError):
    """The caller has no such turn."""

    def __init__(self) -> None:
        super().__init__("There is no such turn in this session of yours.")


class NotRatedError(AgentError):
    """There is no rating that could be changed."""

    def __init__(self) -> None:
        super().__init__("This turn is not rated yet: POST gives the first rating.")


class RatedAlreadyError(AgentError):
    """A turn is rated once."""

    def __init__(self) -> None:
        super().__init__("This turn is rated already: PUT changes the rating.")
