"""Wakes those up who wait for something to change, inside this process."""

import asyncio
from weakref import WeakValueDictionary


class Signals:
    """A signal for each name; one that nobody waits for takes no memory."""

    def __init__(self) -> None:
        self._waiting: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Event:
        """Return the event that the next ``notify`` sets. Take it before you look at what may change."""
        event = self._waiting.get(name)
        if event is None:
            event = self._waiting[name] = asyncio.Event()
        return event

    def notify(self, name: str) -> None:
        """Wake all of them up."""
        event = self._waiting.pop(name, None)
        if event is not None:
            event.set()


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Return whether the event is set within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
