"""All operations of this kind of agent; a test compares them with ``docs/openapi.json``."""

from .answers import Answers
from .information import Information
from .projects import Projects
from .questions import Questions
from .sessions import Sessions
from .streaming import Streaming


class Operations(Answers, Streaming, Projects, Questions, Sessions, Information):
    """What a client can do."""
