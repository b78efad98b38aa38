"""Evaluations by a judge: of what the agent answers now, or of recorded conversations."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ..config.agent_config import AgentConfig
from ..config.evaluation import Criterion
from ..exceptions import ConfigurationError, InvalidInputError
from ..exceptions.evaluation import EvaluationError
from ..interfaces.agent import Agent
from ..interfaces.documents import DocumentCollection
from ..models.answer import Answer, Question
from ..models.documents import Search
from ..models.evaluation import CriterionResult, EvaluationReport, Exchange, Judgement
from ..models.history import History, PastTurn
from .answering import CITATION
from .judging import Judge

PASSAGES = 5


class Case(BaseModel):
    """A question of a data set."""

    model_config = ConfigDict(extra="ignore")

    name: str
    question: str
    before: tuple[PastTurn, ...] = ()

    @property
    def asked(self) -> str:
        """The question behind those before it, without which it may not be understood."""
        return "\n".join([*(past.question for past in self.before), self.question])


class _Cases(BaseModel):
    cases: tuple[Case, ...] = Field(min_length=1)


class Record(BaseModel):
    """A question and what was answered."""

    model_config = ConfigDict(extra="ignore")

    question: str
    answer: str | dict[str, JsonValue]

    @property
    def text(self) -> str:
        """The answer as its reader saw it."""
        return self.answer if isinstance(self.answer, str) else str(self.answer.get("answer_text", ""))


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How answers are judged.

    Args:
        judge: Who judges.
        criteria: By what.
        floor: The share of answers that have to reach each criterion's score.
        at_once: Answers that are judged at the same time.
    """

    judge: Judge
    criteria: Sequence[Criterion]
    floor: float
    at_once: int

    async def report(self, config: AgentConfig, exchanges: Sequence[Exchange]) -> EvaluationReport:
        """Return what came of it.

        Args:
            config: Who answered.
            exchanges: What is judged.

        Raises:
            EvaluationError: There is nothing to judge.
            CommunicationError: The judge cannot be had.
        """
        if not exchanges:
            message = "there is nothing to judge"
            raise EvaluationError(message)
        places = asyncio.Semaphore(self.at_once)

        async def judged(exchange: Exchange, criterion: Criterion) -> Judgement:
            async with places:
                return await self.judge.judgement(exchange, criterion)

        pairs = [(exchange, criterion) for criterion in self.criteria for exchange in exchanges]
        judgements = await asyncio.gather(*(judged(*pair) for pair in pairs))
        results = tuple(self._result(criterion, judgements) for criterion in self.criteria)
        return EvaluationReport(
            agent_id=config.agent_id,
            agent_version=config.version,
            judge=self.judge.name,
            floor=self.floor,
            verdict="pass" if all(result.passed for result in results) else "fail",
            criteria=results,
            judgements=tuple(judgements),
        )

    def _result(self, criterion: Criterion, judgements: Sequence[Judgement]) -> CriterionResult:
        own = [judgement for judgement in judgements if judgement.criterion == criterion.name]
        share = sum(judgement.passed for judgement in own) / len(own)
        return CriterionResult(
            criterion=criterion.name,
            passes_at=criterion.passes_at,
            mean=round(sum(judgement.score for judgement in own) / len(own), 2),
            share=round(share, 3),
            passed=share >= self.floor,
        )


async def answered(cases: Sequence[Case], agent: Agent, documents: DocumentCollection) -> list[Exchange]:
    """Return what the agent answers now.

    Raises:
        AgentError: No answer could be had.
    """
    texts = [await _answer(agent, case) for case in cases]
    return [await _exchange(case.name, case.asked, text, documents) for case, text in zip(cases, texts, strict=True)]


async def recorded(records: Mapping[int, Record], documents: DocumentCollection) -> list[Exchange]:
    """Return what was answered, each named by its line."""
    return [
        await _exchange(f"line {number}", record.question, record.text, documents) for number, record in records.items()
    ]


def read_cases(file: Path) -> tuple[Case, ...]:
    """Return the questions of a data set such as ``evals/answers.yaml``.

    Raises:
        ConfigurationError: The file is none.
    """
    try:
        return _Cases.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).cases
    except (OSError, ValueError, yaml.YAMLError) as error:
        message = f"{file}: holds no cases with a name and a question"
        raise ConfigurationError(message) from error


def read_records(file: Path) -> dict[int, Record]:
    """Return what was recorded, by line: JSON with ``question`` and ``answer``, as ``personal-data export`` prints it.

    Other lines, such as those of the audit trail, are left out.

    Raises:
        ConfigurationError: The file cannot be read, or a line is wrong.
    """
    try:
        lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        values = {number: json.loads(line) for number, line in lines if line.strip()}
    except (OSError, ValueError) as error:
        message = f"{file}: is no file of JSON lines"
        raise ConfigurationError(message) from error
    return {
        number: _record(f"{file}:{number}", value)
        for number, value in values.items()
        if isinstance(value, dict) and {"question", "answer"} <= value.keys()
    }


def _record(place: str, value: dict[str, JsonValue]) -> Record:
    try:
        return Record.model_validate(value)
    except ValidationError as error:
        message = f"{place}: question and answer must be texts"
        raise ConfigurationError(message) from error


async def _answer(agent: Agent, case: Case) -> str:
    try:
        answer: Answer = await agent.answer(Question(question=case.question), History(case.before), fresh=True)
    except InvalidInputError as error:
        return f"Refused: {error}"
    return str(answer.output.get("answer_text", ""))


async def _exchange(name: str, question: str, answer: str, documents: DocumentCollection) -> Exchange:
    """Add what the documents say: those that the answer cites, whole, and the passages that fit the question."""
    cited = [await documents.read(document) for document in dict.fromkeys(CITATION.findall(answer))]
    whole = [f"[{document.id}] {document.title}\n{document.text}" for document in cited if document is not None]
    (passages,) = await documents.search([Search(question, PASSAGES)])
    fitting = [f"[{passage.document_id}] {passage.title}: {passage.text}" for passage in passages]
    return Exchange(name=name, question=question, answer=answer, documents="\n\n".join([*whole, *fitting]))


def refuse_if_failed(report: EvaluationReport) -> None:
    """Let nothing pass that is not good enough.

    Raises:
        EvaluationError: Names what failed, and why.
    """
    if report.verdict == "pass":
        return
    failed = [result for result in report.criteria if not result.passed]
    shares = [f"{one.criterion}: {one.share:.0%} of the answers pass, {report.floor:.0%} have to" for one in failed]
    names = {result.criterion for result in failed}
    reasons = [
        f"  {one.criterion} {one.score}: {one.exchange}: {one.reason}"
        for one in report.judgements
        if not one.passed and one.criterion in names
    ]
    raise EvaluationError("\n".join(["the answers are not good enough", *shares, *reasons]))
