"""Who judges answers, and by what: ``evals/judge.yaml`` and the prompts in ``evals/criteria``."""

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, PositiveInt

from ..exceptions import ConfigurationError
from ..models.fields import Share
from .checked import checked
from .files import read_mapping
from .llm_config import ModelConfig
from .parts import Part

BEST = 5
HEAD = re.compile(r"# (?P<name>[a-z][a-z0-9-]*)\nPasses at (?P<passes>[1-5]) of 5\.\n\n(?P<prompt>.*\S)\s*", re.DOTALL)


class EvaluationConfig(Part):
    """The judge and the gate."""

    floor: Share = Field(description="The share of answers that have to reach the score of each criterion.")
    judge: ModelConfig
    concurrency: PositiveInt = Field(default=4, description="Answers that are judged at once.")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What answers are judged by.

    Args:
        name: Its name, which is the file's.
        passes_at: The score, 1 to 5, that an answer has to reach.
        prompt: What the judge is told.
    """

    name: str
    passes_at: int
    prompt: str


def load_evaluation(folder: Path) -> tuple[EvaluationConfig, tuple[Criterion, ...]]:
    """Return the judge of a folder and its criteria, by name.

    Raises:
        ConfigurationError: A file is missing or wrong, or there is no criterion.
    """
    path = folder / "judge.yaml"
    config = checked(EvaluationConfig, read_mapping(path), str(path))
    criteria = tuple(_criterion(file) for file in sorted((folder / "criteria").glob("*.md")))
    if not criteria:
        message = f"{folder / 'criteria'}: holds no criteria (*.md)"
        raise ConfigurationError(message)
    return config, criteria


def _criterion(file: Path) -> Criterion:
    head = HEAD.fullmatch(file.read_text(encoding="utf-8"))
    if head is None or head["name"] != file.stem:
        message = (
            f"{file}: must begin with '# {file.stem}', 'Passes at N of {BEST}.' and an empty line, then the prompt"
        )
        raise ConfigurationError(message)
    return Criterion(name=head["name"], passes_at=int(head["passes"]), prompt=head["prompt"])
