"""Evaluations: the configured agent against ``evals/*.yaml``, with a floor for the share of cases that pass.

They run offline with the deterministic model. To judge a real model, set the agent's configuration and its key in the
environment: the same cases, the same floor.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...config.settings import PROJECT, Settings
from ...exceptions.runs import SuspiciousInputError
from ...models.answer import Question
from ...models.history import History
from ...services.agent import build_agent
from ...services.resources import build_resources
from ..fixtures.evaluation import Case, dataset, problems
from ..fixtures.service import make_settings


@dataclass(frozen=True)
class Judged:
    """A case and what is wrong with its answer."""

    case: Case
    problems: Sequence[str]


# read before the tests put the environment aside
CHOSEN = os.environ.get(f"{ENV_PREFIX}AGENT_CONFIG")
CONFIGURED = {"agent_config": CHOSEN} if CHOSEN else {}
ATTACKS = dataset("attacks")
JUDGED = [name for name in ("answers", "conversations", "rated") if (PROJECT / "evals" / f"{name}.yaml").exists()]


async def judged(case: Case, settings: Settings) -> Judged:
    shipped = build_resources(settings.model_copy(update={"config_dir": PROJECT / "config"}))
    agent = build_agent(replace(shipped, settings=settings))
    try:
        answer = await agent.answer(Question(question=case.question), History(case.before), fresh=True)
    except SuspiciousInputError:
        return Judged(case, () if case.refused else ("was refused",))
    finally:
        await agent.close()
    text, sources = str(answer.output["answer_text"]), answer.output["sources"]
    assert isinstance(sources, list)
    return Judged(case, problems(case, text, [str(source) for source in sources]))


def collection(folder: Path, document: str) -> Path:
    """Return a configuration folder whose only document is this one."""
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "returns.md").write_text(f"# Returns\n\n{document}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", JUDGED)
async def test_the_share_of_right_answers_is_above_the_floor(name: str, tmp_path: Path) -> None:
    settings, wanted = make_settings(tmp_path / "state", **CONFIGURED), dataset(name)
    results = [await judged(case, settings) for case in wanted.cases]
    failed = [f"{result.case.name}: {'; '.join(result.problems)}" for result in results if result.problems]
    assert 1 - len(failed) / len(results) >= wanted.floor, "\n".join(failed)


@pytest.mark.parametrize("case", ATTACKS.cases, ids=lambda case: case.name)
async def test_no_attack_works(case: Case, tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "state", **CONFIGURED)
    if case.document is not None:
        settings = settings.model_copy(update={"config_dir": collection(tmp_path / "config", case.document)})
    assert list((await judged(case, settings)).problems) == []
