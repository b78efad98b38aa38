"""What goes to a language model and what comes back."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from pydantic import JsonValue

from .history import PastTurn


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What was used up.

    Args:
        input_tokens: Tokens that the model read.
        output_tokens: Tokens that it wrote.
        cost: US dollars; ``None`` when nobody knows the price.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        known = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=sum(known, Decimal()) if known else None,
        )


@dataclass(frozen=True, kw_only=True)
class ToolDescription:
    """A tool, as the model sees it; ``parameters`` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """A model's wish to use a tool; ``arguments`` is JSON as the model wrote it, never to be trusted."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """What a tool said, ready for the model."""

    call: ToolCall
    content: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model said: an answer, or calls of tools.

    Args:
        text: What it wrote.
        calls: The tools that it wants to use; without any the text is the answer.
        usage: What that took.
        model: The model's name.
        second: Whether it is not the model that was asked first.
        origin: The adapter's own form, so that what only the provider understands goes back to it unchanged.
    """

    text: str
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    model: str = ""
    second: bool = False
    origin: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Turn:
    """One step that is over: what the model wanted and what came of it."""

    reply: Reply
    results: tuple[ToolResult, ...]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Everything that a model gets to see.

    Args:
        system: What it is told by us.
        user: What it is asked, fenced by the guard.
        history: What was said before, oldest first, fenced by the guard, too.
        context: What is known of who asks, fenced as well; empty when nothing is.
        turns: The steps so far.
        tools: The tools that it may use.
        answer_now: It has to answer; the tools are only there to make sense of the earlier turns.
        model: The model that the caller chose, if any.
    """

    system: str
    user: str
    history: tuple[PastTurn, ...] = ()
    context: str = ""
    turns: tuple[Turn, ...] = ()
    tools: tuple[ToolDescription, ...] = ()
    answer_now: bool = False
    model: str | None = None

    def after(self, reply: Reply, results: tuple[ToolResult, ...]) -> "Prompt":
        """Return the prompt of the next step."""
        return replace(self, turns=(*self.turns, Turn(reply, results)))
