"""All operations of this kind of agent; a test compares them with ``docs/openapi.json``."""

from .agents import Agents
from .answers import Answers
from .sessions import Sessions
from .tasks import Tasks


class Operations(Answers, Tasks, Agents, Sessions):
    """What a client can do."""
