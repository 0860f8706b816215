"""Hands the latest state of each connection to everybody who iterates."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

from tui.connections.state import State


@dataclass(eq=False)
class _Box:
    names: dict[str, None]
    filled: asyncio.Event = field(default_factory=asyncio.Event)


class Post:
    """Names that have news, for each reader apart; a slow reader gets the latest state only."""

    def __init__(self, state_of: Callable[[str], State | None]) -> None:
        self._state_of = state_of
        self._boxes: list[_Box] = []
        self._closed = False

    def publish(self, name: str) -> None:
        """There is news about `name`."""
        for box in self._boxes:
            box.names[name] = None
            box.filled.set()

    def close(self) -> None:
        """End every iteration once what has arrived is read."""
        self._closed = True
        for box in self._boxes:
            box.filled.set()

    async def states(self, names: Iterable[str]) -> AsyncIterator[State]:
        """What is known of `names` now, then every change."""
        box = _Box(dict.fromkeys(names))
        self._boxes.append(box)
        try:
            while True:
                while box.names:
                    name = next(iter(box.names))
                    del box.names[name]
                    if (state := self._state_of(name)) is not None:
                        yield state
                if self._closed:
                    return
                box.filled.clear()
                await box.filled.wait()
        finally:
            self._boxes.remove(box)
