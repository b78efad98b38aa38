"""Analysis: compares and weighs findings that others made, and looks nothing up itself."""

from ...exceptions.projects import NothingFoundError
from ...models.messages import StepResult, TaskAssigned
from ..runner import Outcome
from .member import LlmMember, cited, given_sources


class AnalysisAgent(LlmMember):
    """Draws conclusions. One that cites none of the findings is made up."""

    def checked(self, assignment: TaskAssigned, text: str, outcome: Outcome) -> StepResult:  # noqa: ARG002
        """Return the conclusions with those of the findings' documents that they cite."""
        sources = cited(text, given_sources(assignment))
        if not sources:
            message = "the analysis cites none of the findings"
            raise NothingFoundError(message)
        return StepResult(text=text, sources=sources)
