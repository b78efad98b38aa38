"""Writing: makes a text for the client out of what others found, and adds nothing to it."""

from ...exceptions import OutputError
from ...models.messages import StepResult, TaskAssigned
from ..answering import CITATION
from ..runner import Outcome
from .member import LlmMember, cited, given_sources


class WritingAgent(LlmMember):
    """Writes the report. It may cite what it was given, all of it or some, and nothing else."""

    def checked(self, assignment: TaskAssigned, text: str, outcome: Outcome) -> StepResult:  # noqa: ARG002
        """Return the report with the documents that it cites."""
        given = given_sources(assignment)
        if strange := sorted(set(CITATION.findall(text)) - given):
            message = f"the report cites {', '.join(strange)}, which nobody found"
            raise OutputError(message)
        sources = cited(text, given)
        if not sources:
            message = "the report cites nothing"
            raise OutputError(message)
        return StepResult(text=text, sources=sources)
