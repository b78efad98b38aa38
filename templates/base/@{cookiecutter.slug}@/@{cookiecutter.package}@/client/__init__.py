"""A client of the agent's API: blocking and asynchronous, typed with the service's own models.

    from @{cookiecutter.package}@.client import Client

    with Client("https://agent.example", token) as client:
        print(client.ask("What is an agent?").output["answer_text"])

It needs none of the service's settings. Every operation is described once, in the modules of this folder, and both
clients have it. Errors are those of ``exceptions/client.py``; what is asked wrongly is a ``pydantic.ValidationError``
before anything is sent. A call carries the correlation id of the work that it is made in
(``structlog.contextvars.bound_contextvars(correlation_id="order-17")``), else one of its own, which errors name.
"""

from .asynchronous import Asynchronous
from .blocking import Blocking
from .operations import Operations
from .requests import Retries

__all__ = ["AsyncClient", "Client", "Retries"]


class Client(Operations, Blocking):
    """Asks the agent and waits for the answer."""


class AsyncClient(Operations, Asynchronous):
    """Asks the agent without blocking the event loop: every method is to be awaited, streams are ``async with``."""
