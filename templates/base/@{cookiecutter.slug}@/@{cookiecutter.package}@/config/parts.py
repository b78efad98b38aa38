"""What every part of a configuration file is: checked strictly, and never changed."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A mapping in a configuration file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
