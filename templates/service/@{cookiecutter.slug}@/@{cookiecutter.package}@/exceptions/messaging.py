"""Errors of the bus and the queues."""

from . import InvalidInputError, ResourceError


class SlowSubscriberError(ResourceError):
    """A subscriber takes its events too slowly and has missed some."""


class LostMessageError(InvalidInputError):
    """A message came back from a dead worker once too often."""


class RefusedMessageError(InvalidInputError):
    """A message says something that cannot be worked on, or its sender may not send it; it quotes nothing."""
