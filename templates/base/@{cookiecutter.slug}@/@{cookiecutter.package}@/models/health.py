"""What a health check found."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["healthy", "unhealthy"]


class HealthReport(BaseModel):
    """The state of the service and of each thing that was looked at."""

    model_config = ConfigDict(frozen=True)

    status: Status
    checks: dict[str, Status] = {}

    @classmethod
    def of(cls, checks: dict[str, bool]) -> "HealthReport":
        """Return a report that is healthy when every check is."""
        named: dict[str, Status] = {name: _status(passed) for name, passed in checks.items()}
        return cls(status=_status(all(checks.values())), checks=named)


def _status(passed: bool) -> Status:  # noqa: FBT001  # the outcome of a check is a boolean
    return "healthy" if passed else "unhealthy"
