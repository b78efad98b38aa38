"""What was said before."""

import asyncio
from dataclasses import dataclass

from langchain_core.messages import AnyMessage, trim_messages
from langchain_core.tools import tool
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

from shop_agent.interfaces import Model

SLOTS = asyncio.Semaphore(4)


@dataclass(frozen=True)
class ConversationState:
    """What the agent knows of one conversation; each turn makes a new one."""

    thread_id: str
    messages: tuple[AnyMessage, ...] = ()


@tool
def order_status(number: str) -> str:
    """Return where an order is."""
    return f"{number} is on its way"


def with_tools(model: Model) -> object:
    """Return the model with all tools that it may call."""
    return model.bind_tools([order_status])


async def remembered(address: str, thread_id: str) -> list[AnyMessage]:
    """Return what the model shall see of a conversation."""
    async with AsyncPostgresSaver.from_conn_string(address) as saver:
        state = await saver.aget({"configurable": {"thread_id": thread_id}})
    return trim_messages(list(state or ()), max_tokens=1000)


async def all_remembered(address: str, thread_ids: list[str]) -> list[list[AnyMessage]]:
    """Return several conversations, four at a time."""

    async def one(thread_id: str) -> list[AnyMessage]:
        async with SLOTS:
            return await remembered(address, thread_id)

    return list(await asyncio.gather(*(one(thread_id) for thread_id in thread_ids)))
