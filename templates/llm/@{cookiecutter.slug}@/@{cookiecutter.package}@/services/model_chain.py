"""The models in their order: when the first fails, the next one is asked."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from opentelemetry import trace

from ..exceptions import CommunicationError
from ..interfaces.model import LanguageModel, OnText
from ..models.conversation import Prompt, Reply
from ..models.events import ModelAnswered, ModelFailed
from .observers import Observers
from .resilience import Resilience

tracer = trace.get_tracer(__name__)


@dataclass(frozen=True)
class GuardedModel:
    """A model, and what guards the calls to it: a time limit, retries, a circuit breaker."""

    model: LanguageModel
    resilience: Resilience


class TextSink:
    """Where the text of a streamed answer goes.

    Args:
        add: Told each piece.
        void: Told that the pieces so far do not count.
    """

    def __init__(self, add: OnText, void: Callable[[], None]) -> None:
        self._add = add
        self._void = void
        self._begun = False

    def add(self, text: str) -> None:
        """Pass a piece on."""
        self._begun = True
        self._add(text)

    def restart(self) -> None:
        """Begin again, if anything was begun."""
        if self._begun:
            self._begun = False
            self._void()


class ModelChain:
    """Asks one model after the other until one replies.

    Args:
        models: The first one, then its fallbacks; not empty.
        observers: Told every reply and failure.
        choices: The models that a prompt can name, each with its fallbacks.
    """

    def __init__(
        self,
        models: Sequence[GuardedModel],
        observers: Observers,
        choices: Mapping[str, Sequence[GuardedModel]] | None = None,
    ) -> None:
        self._models = tuple(models)
        self._observers = observers
        self._choices = dict(choices or {})

    @property
    def first(self) -> str:
        """The name of the model that is asked first."""
        return self._models[0].model.name

    @property
    def choices(self) -> tuple[str, ...]:
        """What a prompt can name beside the first model."""
        return tuple(self._choices)

    async def reply(self, prompt: Prompt, sink: TextSink | None = None) -> Reply:
        """Return the first reply that can be had.

        Raises:
            CommunicationError: Every model failed; the last one's error.
        """
        first, *others = self._choices.get(prompt.model or "", self._models)
        try:
            return await self._ask(first, prompt, sink)
        except CommunicationError as error:  # the fallback is the next model
            last = self._failed(first, error)
        for guarded in others:
            try:
                return replace(await self._ask(guarded, prompt, sink), second=True)
            except CommunicationError as error:
                last = self._failed(guarded, error)
        raise last

    async def close(self) -> None:
        """Close all of them."""
        for guarded in chain(self._models, *self._choices.values()):
            await guarded.model.close()

    async def _ask(self, guarded: GuardedModel, prompt: Prompt, sink: TextSink | None) -> Reply:
        model = guarded.model

        async def attempt() -> Reply:
            if sink is not None:
                sink.restart()  # what an attempt before it wrote is void
            with tracer.start_as_current_span("model.complete", attributes={"model.name": model.name}):
                return await model.reply(prompt, sink.add if sink is not None else None)

        started = time.perf_counter()
        reply = await guarded.resilience.call(attempt)
        self._observers.notify(
            ModelAnswered(
                model=model.name,
                seconds=time.perf_counter() - started,
                input_tokens=reply.usage.input_tokens,
                output_tokens=reply.usage.output_tokens,
                cost=reply.usage.cost,
            )
        )
        return reply

    def _failed(self, guarded: GuardedModel, error: CommunicationError) -> CommunicationError:
        self._observers.notify(
            ModelFailed(model=guarded.model.name, error_type=type(error).__name__, detail=str(error))
        )
        return error
