"""What the watch tells the screens."""

from textual.message import Message

from tui.app.watching import Watching
from tui.connections.state import State


class WatchStarted(Message):
    """The watcher is there: its journal is open and its first readings are under way."""

    def __init__(self, watcher: Watching) -> None:
        super().__init__()
        self.watcher = watcher


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
