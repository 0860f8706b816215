"""A recording in place of orgs and tenants, with its own journal: for `replay` and other commands' `--replay`."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tui.base.clock import Clock, ManualClock, ScaledClock, SystemClock
from tui.base.text import counted
from tui.config import Config
from tui.connections.state import State
from tui.console import narrate, on_loop
from tui.console.watcher import fresh_states, only, open_watcher, read_once
from tui.net import Net
from tui.recordings import format
from tui.recordings.format import Recording
from tui.recordings.replay import Replay, configuration
from tui.watching.watcher import Watcher

Work = Callable[[Watcher, Config, Clock], Coroutine[Any, Any, int]]
AFTER_THE_END = timedelta(minutes=17)
"""How long the clock goes on after the last reading: a watch looks at the latest every 15 minutes, and a tenth."""


class EndingClock:
    """Another clock that stands still from `end` on: nothing was recorded after it."""

    def __init__(self, clock: Clock, end: datetime) -> None:
        self._clock = clock
        self._end = end

    def now(self) -> datetime:
        return min(self._clock.now(), self._end)

    async def sleep_until(self, when: datetime) -> None:
        await self._clock.sleep_until(min(when, self._end))
        if when > self._end:
            await asyncio.get_running_loop().create_future()


class Opened:
    """A recording that can be played; `state_folder` is for its journal and goes with it."""

    def __init__(self, recording: Recording, config: Config, state_folder: Path) -> None:
        self.recording = recording
        self.config = config
        self.state_folder = state_folder

    @property
    def times(self) -> list[datetime]:
        return [reading.at for reading in self.recording.readings if reading.at is not None]

    @property
    def description(self) -> str:
        """What is being played, in one line."""
        readings, first = counted(len(self.times), "reading"), self.times[0]
        about = f": {self.recording.about}" if self.recording.about else ""
        return f"A recording ({self.recording.origin}), {readings} from {first:%Y-%m-%d %H:%M} UTC on{about}."

    def watched(self, speed: float) -> tuple[Clock, Net]:
        """A clock that begins with the first reading now, `speed` times as fast, and the network upon it."""

        running = ScaledClock(self.times[0], SystemClock().now().timestamp(), speed)
        clock = EndingClock(running, self.times[-1] + AFTER_THE_END)
        return clock, Replay(self.recording, self.config, clock)

    async def check(self, names: Sequence[str]) -> tuple[list[State], datetime]:
        """Every reading in its turn; the states after the last one, and its time. Raises Problem."""
        clock, net = self._before_the_last()
        states: list[State] = []
        for at in self.times:
            clock.advance(at - clock.now())
            states = await read_once(self.config, names, clock, net=net, folder=self.state_folder)
        return states, clock.now()

    async def on_watcher(self, name: str, work: Work) -> int:
        """`work` on a watcher that has read this connection at every reading's time. Raises Problem."""
        config = only(self.config, [name])
        clock, net = self._before_the_last()
        for at in self.times[:-1]:
            clock.advance(at - clock.now())
            await read_once(config, [name], clock, net=net, folder=self.state_folder)
        clock.advance(self.times[-1] - clock.now())
        async with open_watcher(config, clock, net=net, folder=self.state_folder) as watcher:
            await fresh_states(watcher, [name], narrate)
            return await work(watcher, config, clock)

    def _before_the_last(self) -> tuple[ManualClock, Replay]:
        clock = ManualClock(self.times[0])
        return clock, Replay(self.recording, self.config, clock)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The recording in `path`. Raises Problem."""

    recording = format.load(path)
    folder = Path(tempfile.mkdtemp(prefix="remonitor-replay-"))
    try:
        yield Opened(recording, configuration(recording, folder, str(path)), folder / "state")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_recording(path: Path, name: str, work: Work) -> int:
    """`work` on a watcher of what is recorded in `path`, after its last reading. Raises Problem."""
    with opened(path) as played:
        narrate(played.description)
        return on_loop(played.on_watcher(name, work))
