"""Make the vectors of passages before they are needed, or compare the search by words with the one by vectors, too."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ...config.retrieval import RetrievalConfig
from ...config.settings import PROJECT, Settings
from ...exceptions import ConfigurationError
from ...services.documents import FolderDocuments
from ...services.hybrid_documents import HybridDocuments, build_hybrid
from ...services.observers import LoggingObserver, Observers
from ...services.resources import build_resources
from ...services.retrieval_evaluation import RetrievalScore, read_retrieval_cases, refuse_if_poor, scored

NAME = "retrieval"
OFFLINE = RetrievalConfig.model_validate(
    {"embedder": {"provider": "hashed", "dimensions": 512}, "min_similarity": 0.15}
)
"""What the comparison takes where the environment searches by words alone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("index", help="make the vectors that are missing, and delete those that nothing needs")
    evaluate = actions.add_parser("evaluate", help="say what each way of searching finds; 1 when it is too little")
    evaluate.add_argument("--cases", type=Path, default=PROJECT / "evals" / "retrieval.yaml", help="the searches")


async def run(arguments: argparse.Namespace, settings: Settings) -> Sequence[str]:
    """Do it; return what to print."""
    if settings.retrieval is None and arguments.action == "index":
        message = f"{settings.config_dir / 'retrieval.yaml'} names no embedder for {settings.environment}"
        raise ConfigurationError(message)
    resources = build_resources(settings)
    words = FolderDocuments(settings.config_dir / "documents")
    hybrid = build_hybrid(words, settings.retrieval or OFFLINE, resources, Observers([LoggingObserver()]))
    async with resources.store.opened():
        try:
            await hybrid.prepare()
            if arguments.action == "index":
                return [f"{len(words.passages)} passages have a vector"]
            return await _compared(words, hybrid, arguments.cases)
        finally:
            await hybrid.close()


async def _compared(words: FolderDocuments, hybrid: HybridDocuments, path: Path) -> list[str]:
    wanted = read_retrieval_cases(path)
    by_words, by_both = await scored("words", words, wanted.cases), await scored("hybrid", hybrid, wanted.cases)
    refuse_if_poor(by_both, wanted.floor)
    return [_line(by_words), _line(by_both)]


def _line(score: RetrievalScore) -> str:
    missed = f"; missed: {', '.join(score.missed)}" if score.missed else ""
    return f"{score.ranking}: {score.recall:.0%} found, mean reciprocal rank {score.reciprocal_rank:.2f}{missed}"
