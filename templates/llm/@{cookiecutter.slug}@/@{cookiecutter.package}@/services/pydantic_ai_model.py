"""Any model that pydantic-ai knows, behind our own interface.

Only pydantic-ai's models are used, not its agent: the loop with its caps, guard and tools is ``runner.py``, and one
call costs a fraction of a millisecond of our own time.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from http import HTTPStatus

from pydantic import JsonValue
from pydantic_ai import direct, exceptions, messages
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from ..exceptions import DependencyRefusedError, DependencyUnavailableError
from ..interfaces.model import LanguageModel, OnText
from ..models.conversation import Prompt, Reply, ToolCall, ToolDescription, Turn, Usage
from ..models.history import PastTurn

REFUSALS = (
    exceptions.ModelRequestRejectedError,
    exceptions.ModelQuotaExceededError,
    exceptions.ContentFilterError,
)
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What the providers' packages raise at an answer that has another form than they expect."""
PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
"""Client errors that a later attempt may not meet."""


class PydanticAiModel(LanguageModel):
    """Asks a model of pydantic-ai.

    Args:
        name: The model's name, for operators.
        source: Returns the model for each call, so that its key can be rotated.
        settings: Its parameters.
        close: Releases what the model holds open.
    """

    def __init__(
        self,
        name: str,
        source: Callable[[], Model],
        settings: ModelSettings,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._name = name
        self._source = source
        self._settings = settings
        self._close = close

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    async def reply(self, prompt: Prompt, on_text: OnText | None = None) -> Reply:
        """Return the model's reply."""
        try:
            response = await (self._at_once(prompt) if on_text is None else self._streamed(prompt, on_text))
            reply = _reply(response, self._name)
        except exceptions.AgentRunError as error:
            raise _translated(error) from error
        except UNREADABLE as error:
            message = "the model provider's answer cannot be read"
            raise DependencyUnavailableError(message) from error
        except Exception as error:  # clouds' packages have errors of their own, such as for missing credentials
            message = f"the model provider's package failed ({type(error).__name__})"
            raise DependencyUnavailableError(message) from error
        if not reply.text and not reply.calls:
            message = "the model provider sent an empty answer"
            raise DependencyUnavailableError(message)
        return reply

    async def close(self) -> None:
        """Release what the model holds open."""
        if self._close is not None:
            await self._close()

    async def _at_once(self, prompt: Prompt) -> messages.ModelResponse:
        return await direct.model_request(
            self._source(),
            _history(prompt),
            model_settings=self._settings_for(prompt),
            model_request_parameters=_parameters(prompt),
        )

    async def _streamed(self, prompt: Prompt, on_text: OnText) -> messages.ModelResponse:
        async with direct.model_request_stream(
            self._source(),
            _history(prompt),
            model_settings=self._settings_for(prompt),
            model_request_parameters=_parameters(prompt),
        ) as stream:
            async for event in stream:
                if text := _text_of(event):
                    on_text(text)
            return stream.get()

    def _settings_for(self, prompt: Prompt) -> ModelSettings:
        return {**self._settings, "tool_choice": "none"} if prompt.answer_now and prompt.tools else self._settings


def _history(prompt: Prompt) -> list[messages.ModelMessage]:
    before = [message for past in prompt.history for message in _past(past, prompt.system)]
    later = [message for turn in prompt.turns for message in _turn(turn, prompt.system)]
    return [*before, _asked(prompt.user, prompt.system, prompt.context), *later]


def _past(past: PastTurn, system: str) -> list[messages.ModelMessage]:
    answer = messages.ModelResponse(parts=[messages.TextPart(past.answer)])
    return [_asked(past.question, system), answer]


def _asked(question: str, system: str, context: str = "") -> messages.ModelRequest:
    parts = [messages.UserPromptPart(text) for text in (context, question) if text]
    return messages.ModelRequest(parts=parts, instructions=system)


def _turn(turn: Turn, system: str) -> list[messages.ModelMessage]:
    origin = turn.reply.origin
    response = origin if isinstance(origin, messages.ModelResponse) else _response(turn.reply)
    results = [
        messages.ToolReturnPart(result.call.name, result.content, tool_call_id=result.call.id)
        for result in turn.results
    ]
    return [response, messages.ModelRequest(parts=results, instructions=system)]


def _response(reply: Reply) -> messages.ModelResponse:
    calls = [messages.ToolCallPart(call.name, call.arguments, tool_call_id=call.id) for call in reply.calls]
    texts = [messages.TextPart(reply.text)] if reply.text else []
    return messages.ModelResponse(parts=[*texts, *calls])


def _parameters(prompt: Prompt) -> ModelRequestParameters:
    return ModelRequestParameters(function_tools=[_definition(tool) for tool in prompt.tools], allow_text_output=True)


def _definition(tool: ToolDescription) -> ToolDefinition:
    schema: dict[str, JsonValue] = tool.parameters
    return ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=schema)


def _text_of(event: messages.ModelResponseStreamEvent) -> str:
    match event:
        case messages.PartStartEvent(part=messages.TextPart(content=text)):
            return text
        case messages.PartDeltaEvent(delta=messages.TextPartDelta(content_delta=text)):
            return text
        case _:
            return ""


def _reply(response: messages.ModelResponse, name: str) -> Reply:
    texts = [part.content for part in response.parts if isinstance(part, messages.TextPart)]
    calls = [
        ToolCall(id=part.tool_call_id, name=part.tool_name, arguments=part.args_as_json_str())
        for part in response.parts
        if isinstance(part, messages.ToolCallPart)
    ]
    usage = Usage(
        input_tokens=response.usage.input_tokens, output_tokens=response.usage.output_tokens, cost=_cost(response)
    )
    return Reply(text="".join(texts), calls=tuple(calls), usage=usage, model=name, origin=response)


def _cost(response: messages.ModelResponse) -> Decimal | None:
    if response.usage.cost is not None:
        return response.usage.cost
    try:
        return response.cost().total_price
    except (LookupError, ValueError, AssertionError):
        return None  # a model without a known price


def _translated(error: exceptions.AgentRunError) -> DependencyUnavailableError | DependencyRefusedError:
    """Return our own error; what the provider said about itself stays out of it."""
    if isinstance(error, exceptions.ModelHTTPError) and not isinstance(error, REFUSALS):
        status = error.status_code
        refused = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING
        kind: type[DependencyUnavailableError | DependencyRefusedError] = (
            DependencyRefusedError if refused else DependencyUnavailableError
        )
        return kind(f"the model provider answered {status}")
    if isinstance(error, REFUSALS):
        return DependencyRefusedError(f"the model provider rejected the request ({type(error).__name__})")
    return DependencyUnavailableError(f"the model provider failed ({type(error).__name__})")
