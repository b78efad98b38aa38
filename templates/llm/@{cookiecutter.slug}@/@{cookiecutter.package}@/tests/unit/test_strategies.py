import pytest

from ...config.settings import Settings
from ...models.events import LimitReached, ToolCalled, ToolOutcome
from ...services.observers import Observers
from ...services.strategies import ContextStrategy, PerformanceStrategy, build_strategy
from ..fixtures.models import shipped_tools
from ..fixtures.service import limited

TOOLS = tuple(shipped_tools())
NAMES = ("search_documents", "read_document", "list_documents")


def called(tool: str, outcome: ToolOutcome, seconds: float = 0.1) -> ToolCalled:
    return ToolCalled(tool=tool, outcome=outcome, seconds=seconds, digest="")


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How long is the warranty?", "search_documents"),
        ("Which documents are there?", "list_documents"),
        ("Give me an overview.", "list_documents"),
        ("Show me the whole document on returns.", "read_document"),
    ],
)
def test_the_question_decides_which_tool_comes_first(question: str, first: str) -> None:
    offered = ContextStrategy(8).choose(TOOLS, question)
    assert offered[0].name == first
    assert {tool.name for tool in offered} == set(NAMES)


@pytest.mark.parametrize("strategy", [ContextStrategy(2), PerformanceStrategy(2)])
def test_no_more_tools_are_offered_than_told(strategy: ContextStrategy | PerformanceStrategy) -> None:
    assert len(strategy.choose(TOOLS, "Why?")) == 2
    assert strategy.choose((), "Why?") == ()


def order(strategy: PerformanceStrategy) -> tuple[str, ...]:
    return tuple(tool.name for tool in strategy.choose(TOOLS, "Why?"))


def test_tools_that_fail_come_last_and_come_back() -> None:
    strategy = PerformanceStrategy(8)
    assert order(strategy) == NAMES
    strategy.notify(called("search_documents", "failed"))
    strategy.notify(called("search_documents", "timeout"))
    assert order(strategy)[-1] == "search_documents"
    for _ in range(20):
        strategy.notify(called("search_documents", "ok"))
    strategy.notify(called("read_document", "failed"))
    assert order(strategy) == ("list_documents", "search_documents", "read_document")


def test_of_tools_that_work_the_quicker_one_comes_first() -> None:
    strategy = PerformanceStrategy(8)
    strategy.notify(called("search_documents", "ok", 2.0))
    strategy.notify(called("read_document", "ok", 1.0))
    assert order(strategy) == ("list_documents", "read_document", "search_documents")


def test_a_models_own_mistakes_are_not_held_against_a_tool() -> None:
    strategy = PerformanceStrategy(8)
    for _ in range(5):
        strategy.notify(called("search_documents", "invalid"))
    strategy.notify(LimitReached(limit="steps"))
    assert order(strategy) == NAMES


def test_the_environment_chooses_the_strategy(settings: Settings) -> None:
    observers = Observers()
    assert isinstance(build_strategy(settings.limits, observers), ContextStrategy)
    limits = limited(settings, tool_strategy="performance").limits
    strategy = build_strategy(limits, observers)
    assert isinstance(strategy, PerformanceStrategy)
    observers.notify(called("search_documents", "failed"))
    assert order(strategy)[-1] == "search_documents"  # it looks on
