"""All operations of this kind of agent; a test compares them with ``docs/openapi.json``."""

from .agents import Agents
from .answers import Answers
from .sessions import Sessions
from .tasks import Tasks
from .tools import Tools
from .watching import Watching


class Operations(Answers, Tasks, Agents, Tools, Watching, Sessions):
    """What a client can do."""
