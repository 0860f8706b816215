"""The watch as the app sees it: how it is run beside the screen, and what it tells."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from textual.message import Message

from tui.base.paths import log_file
from tui.base.problem import Problem
from tui.config import Config
from tui.connections.state import State

if TYPE_CHECKING:
    from tui.watching.watcher import Watcher

log = logging.getLogger("remonitor.app")


OpenWatcher = Callable[[Config], AbstractAsyncContextManager["Watcher"]]
"""Called after the first paint: whatever it imports or opens does not hold the first frame up."""


class WatchStarted(Message):
    """The watcher is there: its journal is open and its first readings are under way."""


class WatchStopped(Message):
    """The watch ended by a problem: nothing on screen will change any more."""

    def __init__(self, title: str, message: str) -> None:
        super().__init__()
        self.title = title
        self.message = message


class StateChanged(Message):
    """A connection has a new state, walkthrough or plan of its next reading."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state


class Watch:
    """The watch of one configuration after another, in a task of its own; what it finds it tells by messages."""

    def __init__(self, open_watcher: OpenWatcher | None, tell: Callable[[Message], object]) -> None:
        """Without `open_watcher` nothing is watched."""
        self.watcher: Watcher | None = None
        self._open = open_watcher
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self, config: Config | None) -> None:
        """Begin to watch these connections."""
        if self._open is not None and config is not None:
            self._task = asyncio.create_task(self._run(self._open(config)), name="watch")

    async def end(self) -> None:
        """Stop watching and wait until journal and connections are closed."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self, opened: AbstractAsyncContextManager["Watcher"]) -> None:
        try:
            async with opened as watcher:
                self.watcher = watcher
                self._tell(WatchStarted())
                async for state in watcher.states():
                    self._tell(StateChanged(state))
        except Problem as problem:
            self._tell(WatchStopped(problem.title, f"{problem.message} {problem.next_step}"))
        except Exception as fault:
            log.exception("the watch ended")
            told = f"{type(fault).__name__}: see the log, {log_file()}"
            self._tell(WatchStopped("The watch ended by an internal fault", told))
