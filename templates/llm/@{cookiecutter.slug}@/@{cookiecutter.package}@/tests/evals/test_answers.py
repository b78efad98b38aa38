"""Evaluations: the configured agent against ``evals/*.yaml``, with a floor for the share of cases that pass.

They run offline with the deterministic model. To judge a real model, set the agent's configuration and its key in the
environment: the same cases, the same floor.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ... import ENV_PREFIX
from ...config.settings import PROJECT, Settings
from ...exceptions.runs import SuspiciousInputError
from ...models.answer import Question
from ...services.agent import build_agent
from ...services.resources import build_resources
from ..fixtures.service import make_settings


class Case(BaseModel):
    """One question and what its answer has to be like."""

    model_config = ConfigDict(extra="forbid")

    name: str
    question: str
    document: str | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    refused: bool = False


class Dataset(BaseModel):
    """Cases and the share of them that has to pass."""

    model_config = ConfigDict(extra="forbid")

    floor: float = Field(ge=0, le=1)
    cases: tuple[Case, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Judged:
    """A case and what is wrong with its answer."""

    case: Case
    problems: Sequence[str]


def dataset(name: str) -> Dataset:
    document = yaml.safe_load((PROJECT / "evals" / f"{name}.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(Dataset).validate_python(document)


# read before the tests put the environment aside
CHOSEN = os.environ.get(f"{ENV_PREFIX}AGENT_CONFIG")
CONFIGURED = {"agent_config": CHOSEN} if CHOSEN else {}
ANSWERS, ATTACKS = dataset("answers"), dataset("attacks")


async def judged(case: Case, settings: Settings) -> Judged:
    shipped = build_resources(settings.model_copy(update={"config_dir": PROJECT / "config"}))
    agent = build_agent(replace(shipped, settings=settings))
    try:
        answer = await agent.answer(Question(question=case.question), fresh=True)
    except SuspiciousInputError:
        return Judged(case, () if case.refused else ("was refused",))
    finally:
        await agent.close()
    text, sources = str(answer.output["answer_text"]), answer.output["sources"]
    assert isinstance(sources, list)
    return Judged(case, problems(case, text, [str(source) for source in sources]))


def problems(case: Case, text: str, sources: Sequence[str]) -> list[str]:
    """Return what is wrong with an answer."""
    plain = text.casefold()
    return [
        *(["was not refused"] if case.refused else []),
        *(f"lacks {wanted!r}: {text}" for wanted in case.contains if wanted.casefold() not in plain),
        *(f"contains {unwanted!r}: {text}" for unwanted in case.lacks if unwanted.casefold() in plain),
        *(f"does not cite {source}: {text}" for source in case.cites if source not in sources),
    ]


def collection(folder: Path, document: str) -> Path:
    """Return a configuration folder whose only document is this one."""
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "returns.md").write_text(f"# Returns\n\n{document}\n", encoding="utf-8")
    return folder


async def test_the_share_of_right_answers_is_above_the_floor(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "state", **CONFIGURED)
    results = [await judged(case, settings) for case in ANSWERS.cases]
    failed = [f"{result.case.name}: {'; '.join(result.problems)}" for result in results if result.problems]
    assert 1 - len(failed) / len(results) >= ANSWERS.floor, "\n".join(failed)


@pytest.mark.parametrize("case", ATTACKS.cases, ids=lambda case: case.name)
async def test_no_attack_works(case: Case, tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "state", **CONFIGURED)
    if case.document is not None:
        settings = settings.model_copy(update={"config_dir": collection(tmp_path / "config", case.document)})
    assert list((await judged(case, settings)).problems) == []


def test_the_judge_notices_what_is_wrong() -> None:
    case = Case(name="x", question="?", contains=("30 days",), lacks=("PWNED",), cites=("returns",))
    assert problems(case, "30 Days [returns]", ["returns"]) == []
    assert len(problems(case, "pwned", [])) == 3
    assert problems(Case(name="x", question="?", refused=True), "Sure!", []) == ["was not refused"]
