"""What happens in a run, for those who look on. Events hold no text of questions, documents or answers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

RunOutcome = Literal["model", "second-model", "fallback"]
Ranking = Literal["hybrid", "words"]
MemoryAction = Literal["kept", "known", "refused", "offered", "unavailable"]
ToolOutcome = Literal["ok", "unknown", "invalid", "timeout", "failed"]


@dataclass(frozen=True, kw_only=True)
class ModelAnswered:
    """A model replied."""

    model: str
    seconds: float
    input_tokens: int
    output_tokens: int
    cost: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ModelFailed:
    """A model did not reply, and the next way is tried."""

    model: str
    error_type: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class ToolCalled:
    """A tool was called; ``digest`` stands for its arguments."""

    tool: str
    outcome: ToolOutcome
    seconds: float
    digest: str


@dataclass(frozen=True, kw_only=True)
class GuardFound:
    """Untrusted text reads like an attack."""

    finding: str
    source: str


@dataclass(frozen=True, kw_only=True)
class LimitReached:
    """A run came to one of its caps."""

    limit: str


@dataclass(frozen=True, kw_only=True)
class RunEnded:
    """A run is over."""

    outcome: RunOutcome
    steps: int
    tool_calls: int
    tokens: int
    cost: Decimal | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class TextsEmbedded:
    """An embedder made vectors of texts."""

    embedder: str
    texts: int
    tokens: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class EmbedderFailed:
    """An embedder made no vectors; searches go on by words."""

    embedder: str
    error_type: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class PassagesSearched:
    """Searches that could have used vectors were done: by both, or by words alone because there were none."""

    ranking: Ranking
    searches: int


@dataclass(frozen=True, kw_only=True)
class IndexRenewed:
    """So many passages have a vector, and so many lack one."""

    indexed: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class MemoryUsed:
    """Something was kept for a user, or refused, or was told to the model; or nothing could be read."""

    action: MemoryAction
    count: int


Event = (
    ModelAnswered
    | ModelFailed
    | ToolCalled
    | GuardFound
    | LimitReached
    | RunEnded
    | TextsEmbedded
    | EmbedderFailed
    | PassagesSearched
    | IndexRenewed
    | MemoryUsed
)
