"""Research: finds in the documents what a task asks for, and nothing else."""

from ...exceptions.projects import NothingFoundError
from ...models.messages import StepResult, TaskAssigned
from ..answering import CITATION
from ..runner import Outcome
from .member import LlmMember, cited


class ResearchAgent(LlmMember):
    """Looks things up. A finding without a document behind it is none."""

    def checked(self, assignment: TaskAssigned, text: str, outcome: Outcome) -> StepResult:  # noqa: ARG002
        """Return the findings with the documents that a tool really showed."""
        shown = {source for result in outcome.evidence for source in CITATION.findall(result.content)}
        sources = cited(text, shown)
        if not sources:
            message = "the documents say nothing about it"
            raise NothingFoundError(message)
        return StepResult(text=text, sources=sources)
