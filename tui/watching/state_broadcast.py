"""Hands the latest state of each connection to everybody who iterates."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from msgspec import Struct, field

from tui.connections.state import State


class _Subscriber(Struct, eq=False):
    names: dict[str, None]
    filled: asyncio.Event = field(default_factory=asyncio.Event)


class StateBroadcast:
    """Names that have news, for each reader apart; a slow reader gets the latest state only."""

    def __init__(self, state_of: Callable[[str], State | None]) -> None:
        self._state_of = state_of
        self._subscribers: list[_Subscriber] = []
        self._closed = False

    def publish(self, name: str) -> None:
        """There is news about `name`."""
        for subscriber in self._subscribers:
            subscriber.names[name] = None
            subscriber.filled.set()

    def close(self) -> None:
        """End every iteration once what has arrived is read."""
        self._closed = True
        for subscriber in self._subscribers:
            subscriber.filled.set()

    async def states(self, names: Iterable[str]) -> AsyncIterator[State]:
        """What is known of `names` now, then every change."""
        subscriber = _Subscriber(dict.fromkeys(names))
        self._subscribers.append(subscriber)
        try:
            while True:
                while subscriber.names:
                    name = next(iter(subscriber.names))
                    del subscriber.names[name]
                    if (state := self._state_of(name)) is not None:
                        yield state
                if self._closed:
                    return
                subscriber.filled.clear()
                await subscriber.filled.wait()
        finally:
            self._subscribers.remove(subscriber)
