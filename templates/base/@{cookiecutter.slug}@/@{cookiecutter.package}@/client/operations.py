"""All operations of this kind of agent; a test compares them with ``docs/openapi.json``."""

from .answers import Answers
from .sessions import Sessions


class Operations(Answers, Sessions):
    """What a client can do."""
