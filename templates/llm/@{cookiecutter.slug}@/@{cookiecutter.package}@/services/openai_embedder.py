"""Embeddings of OpenAI, and of every address that answers ``/embeddings`` as it does."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError, omit

from ..config.secrets import Secret
from ..exceptions import DependencyRefusedError, DependencyUnavailableError
from ..interfaces.embedder import Embedder
from ..models.embeddings import Embedded

PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
"""Client errors that a later attempt may not meet."""
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)


class OpenAIEmbedder(Embedder):
    """Asks a provider, by its own package.

    Args:
        model: Its name there.
        dimensions: Of a vector; without them as many as the model has.
        sdk: The provider's package, where and how it is reached.
        key: The provider's key, asked for each time, so that it can be rotated.
        close: Releases what the package holds open.
    """

    def __init__(
        self, model: str, dimensions: int | None, sdk: AsyncOpenAI, key: Secret, close: Callable[[], Awaitable[None]]
    ) -> None:
        self._model = model
        self._dimensions = dimensions
        self._sdk = sdk
        self._key = key
        self._close = close

    @property
    def name(self) -> str:
        """Where it is asked, the model and its dimensions."""
        return f"{self._sdk.base_url.host}/{self._model}/{self._dimensions or 'all'}"

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Return a vector for each text."""
        try:
            made = await self._sdk.with_options(api_key=self._key.value()).embeddings.create(
                model=self._model, input=list(texts), dimensions=self._dimensions or omit, encoding_format="float"
            )
            found = sorted(made.data, key=lambda item: item.index)
            tokens = made.usage.prompt_tokens if made.usage else 0  # some addresses do not tell
            return Embedded([item.embedding for item in found], tokens)
        except OpenAIError as error:
            raise _translated(error) from error
        except UNREADABLE as error:
            message = "the provider's embeddings cannot be read"
            raise DependencyUnavailableError(message) from error

    async def close(self) -> None:
        """Release what the package holds open."""
        await self._close()


def _translated(error: OpenAIError) -> DependencyUnavailableError | DependencyRefusedError:
    """Return our own error; what the provider said about itself stays out of it."""
    if isinstance(error, APIStatusError):
        status = error.status_code
        refused = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING
        kind = DependencyRefusedError if refused else DependencyUnavailableError
        return kind(f"the embeddings' provider answered {status}")
    reason = "cannot be reached" if isinstance(error, APIConnectionError) else f"failed ({type(error).__name__})"
    return DependencyUnavailableError(f"the embeddings' provider {reason}")
