"""Let a judge score what the agent answers, or recorded conversations, by the criteria in evals/criteria."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ...config.evaluation import load_evaluation
from ...config.settings import PROJECT, Settings
from ...models.evaluation import EvaluationReport
from ...services.agent import build_agent, build_shared
from ...services.evaluation import Evaluation, answered, read_cases, read_records, recorded, refuse_if_failed
from ...services.judging import build_judge
from ...services.resources import build_resources

NAME = "evaluate"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--evals", type=Path, default=PROJECT / "evals", help="the folder with judge.yaml and criteria")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--cases", type=Path, help="questions that the agent answers now; default: answers.yaml there")
    source.add_argument(
        "--recorded", type=Path, help="conversations as JSON lines, such as personal-data export prints"
    )
    parser.add_argument("--report", type=Path, help="where the report goes, as JSON; it holds the judge's reasons")


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    config, criteria = load_evaluation(arguments.evals)
    resources = build_resources(settings)
    shared = build_shared(resources)
    judge = build_judge(config.judge)
    evaluation = Evaluation(judge=judge, criteria=criteria, floor=config.floor, at_once=config.concurrency)
    agent, cases = build_agent(resources, shared), arguments.cases or arguments.evals / "answers.yaml"
    async with resources.opened():
        try:
            if arguments.recorded is not None:
                exchanges = await recorded(read_records(arguments.recorded), shared.documents)
            else:
                await agent.open()
                exchanges = await answered(read_cases(cases), agent, shared.documents)
            report = await evaluation.report(resources.agent_config, exchanges)
        finally:
            await agent.close()
            await judge.close()
    if arguments.report is not None:
        arguments.report.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    refuse_if_failed(report)
    return _lines(report)


def _lines(report: EvaluationReport) -> list[str]:
    return [
        f"{result.criterion}: mean {result.mean} of 5, {result.share:.0%} at {result.passes_at} or more"
        for result in report.criteria
    ]
