"""The client against the contract, and against the service itself."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import httpx2
import pytest
from pydantic import BaseModel

from ...client import AsyncClient, Client
from ...client.operation import Operation, StreamOperation
from ...config.settings import PROJECT, Settings
from ...exceptions import client as errors
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, limited, running

LEFT_OUT: dict[str, str] = {}
"""Operations that the client does not have, and why."""

Described = Operation[..., Any] | StreamOperation[..., Any]
CONTRACT: dict[str, Any] = json.loads((PROJECT / "docs" / "openapi.json").read_text())


def promised() -> dict[str, dict[str, Any]]:
    """Return the contract's operations."""
    paths = {path: methods for path, methods in CONTRACT["paths"].items() if path.startswith("/v1/")}
    return {f"{method.upper()} {path}": told for path, methods in paths.items() for method, told in methods.items()}


def offered() -> dict[str, Described]:
    """Return the client's."""
    found = [one for _, one in inspect.getmembers(Client) if isinstance(one, Operation | StreamOperation)]
    return {f"{one.method} {one.route}": one for one in found}


def test_the_client_has_every_operation_of_the_contract_and_no_other() -> None:
    assert set(offered()) == set(promised()) - set(LEFT_OUT)


def test_operations_have_names_that_generated_clients_read_well() -> None:
    methods = [told for path in CONTRACT["paths"].values() for told in path.values()]
    names = [told["operationId"] for told in methods]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)?", name)] == []


@pytest.mark.parametrize("name", sorted(offered()))
def test_an_operation_takes_everything_that_the_contract_takes(name: str) -> None:
    taken = inspect.signature(offered()[name].make).parameters
    told = promised()[name]
    assert {_python_name(one["name"]) for one in told.get("parameters", ())} <= set(taken)
    fields = _body_fields(told)
    assert fields <= set(taken) or any(_is_model(one.annotation) for one in taken.values())


def _is_model(annotation: object) -> bool:
    """Tell whether a parameter is the whole body."""
    return any(isinstance(one, type) and issubclass(one, BaseModel) for one in (annotation, *get_args(annotation)))


def _python_name(parameter: str) -> str:
    return {"prefer": "wait"}.get(parameter.lower(), parameter.lower().replace("-", "_"))


def _body_fields(told: dict[str, Any]) -> set[str]:
    if "requestBody" not in told:
        return set()
    (content,) = told["requestBody"]["content"].values()
    model = content["schema"]["$ref"].rpartition("/")[2]
    return set(CONTRACT["components"]["schemas"][model]["properties"])


@pytest.fixture
def asking(service: Service) -> Iterator[Client]:
    token = service.container.tokens.issue("ann", [Role.CLIENT])
    with Client("http://testserver", token, transport=service.client._transport) as client:
        yield client


def test_a_session_is_kept_found_named_and_deleted(asking: Client) -> None:
    answer = asking.ask("What is an agent?", session_id="mine")
    (turn,) = asking.read_session("mine").turns
    assert (turn.question, turn.output) == ("What is an agent?", answer.output)
    assert asking.rename_session("mine", "Agents").name == "Agents"
    assert [found.name for found in asking.find_sessions(limit=5).items] == ["Agents"]
    assert asking.rename_session("mine", None).name == "What is an agent?"
    asking.delete_session("mine")
    assert asking.read_session("mine").turns == ()


def test_sessions_are_found_and_renamed_and_answers_rated(asking: Client) -> None:
    for session in ("one", "two"):
        turn = asking.ask("What is an agent?", session_id=session).turn_id
    assert asking.rename_session("two", "Agents").name == "Agents"
    first = asking.find_sessions(limit=1)
    assert [item.name for item in first.items] == ["Agents"]
    assert [item.session_id for item in asking.find_sessions(cursor=first.next_cursor).items] == ["one"]
    assert turn is not None
    assert asking.rate_answer("two", turn, 5).score == 5
    with pytest.raises(errors.ConflictError):
        asking.rate_answer("two", turn, 4)
    assert asking.change_rating("two", turn, 2, comment="It depends").comment == "It depends"


def test_what_the_service_refuses_is_a_typed_error(service: Service, asking: Client, settings: Settings) -> None:
    operator = service.container.tokens.issue("olga", [Role.OPERATOR])
    client = Client("http://testserver", operator, transport=service.client._transport)
    with client, pytest.raises(errors.NotPermittedError, match="answers:ask"):
        client.ask("What?")
    with pytest.raises(errors.InvalidRequestError) as caught:
        asking.read_session("a b")
    assert caught.value.problem.errors[0].pointer == "/path/session_id"
    with running(limited(settings, rate_limit=1), ScriptedAgent()) as strict:
        token = strict.container.tokens.issue("ann", [Role.CLIENT])
        with Client("http://testserver", token, transport=strict.client._transport) as greedy:
            greedy.ask("What?")
            with pytest.raises(errors.TooManyRequestsError) as limit:
                greedy.ask("What?")
    assert limit.value.retry_after is not None


async def test_the_asynchronous_client_speaks_to_the_service_itself(service: Service) -> None:
    token = service.container.tokens.issue("ann", [Role.OPERATOR])
    transport = httpx2.ASGITransport(service.client.app)
    async with AsyncClient("http://testserver", token, transport=transport) as client:
        with pytest.raises(errors.NotPermittedError):
            await client.ask("What?")
