"""All operations of this kind of agent; a test compares them with ``docs/openapi.json``."""

from .answers import Answers
from .information import Information
from .memories import Memories
from .sessions import Sessions
from .streaming import Streaming


class Operations(Answers, Streaming, Sessions, Memories, Information):
    """What a client can do."""
