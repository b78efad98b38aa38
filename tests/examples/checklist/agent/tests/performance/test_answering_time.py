import json
import time
from pathlib import Path

from shop_agent.models import Question

BASELINE = json.loads((Path(__file__).parent / "baseline.json").read_text())


def test_a_question_is_checked_as_fast_as_before() -> None:
    start = time.perf_counter()
    Question(text="when?")
    assert time.perf_counter() - start < 2 * BASELINE["question_seconds"]
