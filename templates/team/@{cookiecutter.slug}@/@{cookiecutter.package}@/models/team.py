"""Who works in the team."""

from enum import StrEnum


class TeamRole(StrEnum):
    """What a member is responsible for. A further member begins with a further role."""

    COORDINATION = "coordination"
    RESEARCH = "research"
    ANALYSIS = "analysis"
    WRITING = "writing"
