"""`replay FILE` and `check --replay FILE`: a recording in place of orgs and tenants, with a journal of its own."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tui.base.clock import Clock, ManualClock, ScaledClock, SystemClock
from tui.base.text import counted
from tui.config import Config
from tui.connections.state import State
from tui.headless.check import read_once
from tui.net import Net
from tui.recordings import format
from tui.recordings.format import Recording
from tui.recordings.replay import Replay, configuration

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


@dataclass(frozen=True)
class Opened:
    """A recording that can be played; `state_folder` is for its journal and goes with it."""

    recording: Recording
    config: Config
    state_folder: Path

    @property
    def times(self) -> list[datetime]:
        return [reading.at for reading in self.recording.readings if reading.at is not None]

    @property
    def told(self) -> str:
        """What is being played, as one line."""
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
        clock = ManualClock(self.times[0])
        replay = Replay(self.recording, self.config, clock)
        states: list[State] = []
        for at in self.times:
            clock.advance(at - clock.now())
            states = await read_once(self.config, names, clock, net=replay)
        return states, clock.now()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The recording in `path`. Raises Problem."""
    recording = format.load(path)
    folder = Path(tempfile.mkdtemp(prefix="remonitor-replay-"))
    try:
        yield Opened(recording, configuration(recording, folder, str(path)), folder / "state")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
