"""Who works in the team."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

MemberName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
"""Who does a step: the role of an agent, or the name of a team within the team."""


class TeamRole(StrEnum):
    """What a member is responsible for. A further member begins with a further role."""

    COORDINATION = "coordination"
    RESEARCH = "research"
    ANALYSIS = "analysis"
    WRITING = "writing"
