"""The guard against a corpus (``injections.yaml``): what it has to see, and what it must leave alone."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from ...services.text_guard import findings


class Corpus(BaseModel):
    """Texts that were sorted by people."""

    model_config = ConfigDict(extra="forbid")

    floor: float = Field(ge=0, le=1)
    attacks: tuple[str, ...]
    plain: tuple[str, ...]


CORPUS = Corpus.model_validate(yaml.load(Path(__file__).with_name("injections.yaml").read_bytes(), yaml.CSafeLoader))


def test_enough_attacks_are_seen() -> None:
    missed = [text for text in CORPUS.attacks if not findings(text)]
    assert 1 - len(missed) / len(CORPUS.attacks) >= CORPUS.floor, missed


@pytest.mark.parametrize("text", CORPUS.plain)
def test_plain_text_is_left_alone(text: str) -> None:
    assert findings(text) == []
