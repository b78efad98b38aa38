"""The tools of the service."""

from collections.abc import Mapping

from pydantic import JsonValue, TypeAdapter

from ..models.tools import ToolCall, ToolDescription, ToolResult
from .operation import Call, Operation

DESCRIPTIONS: TypeAdapter[list[ToolDescription]] = TypeAdapter(list[ToolDescription])


def _find_tools() -> Call[list[ToolDescription]]:
    """Return the tools that the caller may call, as models read about them."""
    return Call(read=DESCRIPTIONS.validate_json, repeatable=True)


def _call_tool(name: str, arguments: Mapping[str, JsonValue] | None = None) -> Call[ToolResult]:
    """Call a tool."""
    body = ToolCall(arguments=dict(arguments or {}))
    return Call(parts={"name": name}, body=body, read=ToolResult.model_validate_json)


class Tools:
    """What others can have the service do."""

    find_tools = Operation("GET", "/v1/tools", _find_tools)
    call_tool = Operation("POST", "/v1/tools/{name}", _call_tool)
