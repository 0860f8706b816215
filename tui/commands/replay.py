"""`replay FILE`, and for `check --replay FILE`: a recording in place of orgs and tenants, with its own journal."""

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui.base.text import counted
from tui.console import Arguments, narrate, on_loop, start_log, why_no_app
from tui.console.command import ENDED, USAGE, Command, Page, add_app_options, positive

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.connections.state import State
    from tui.net import Net
    from tui.recordings.format import Recording

AFTER_THE_END = timedelta(minutes=17)
"""How long the clock goes on after the last reading: a watch looks at the latest every 15 minutes, and a tenth."""

PAGE = Page(
    "open the app on a recording, without any network",
    """\
Opens the app on a recording of what orgs and tenants answered: its readings
come at their times. Nothing goes over the network and nothing can be changed;
what was not recorded is said to be unreadable.""",
    (
        ("remonitor replay tuesday.json.gz", "as it was"),
        ("remonitor replay tuesday.json.gz --speed 60", "an hour takes a minute"),
    ),
    (
        ("0", "left; line by line: Incydr is back"),
        ("1", "line by line: left while Recovering"),
        ("2", "line by line: left while it is in Error"),
        ("3", "the recording cannot be read"),
        USAGE,
        ENDED,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_app_options(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--speed", type=positive, default=1.0, metavar="N", help="recorded seconds a second")


def run(arguments: Arguments) -> int:
    with opened(arguments.file) as played:
        os.environ["REMONITOR_STATE"] = str(played.state_folder)
        start_log(arguments)
        narrate(played.description)
        lines = why_no_app(arguments)
        if lines:
            narrate(lines)

        async def open_app() -> int:
            clock, net = played.watched(arguments.speed)
            if lines is not None:
                from tui.lines import app

                return await app.run(arguments, played.config, clock, net)
            from tui.app.start import run

            return await run(
                played.config,
                clock=clock,
                net=net,
                theme=arguments.theme,
                ascii=arguments.ascii,
                mouse=arguments.mouse,
                resumable=False,
            )

        return on_loop(open_app())


class EndingClock:
    """Another clock that stands still from `end` on: nothing was recorded after it."""

    def __init__(self, clock: "Clock", end: datetime) -> None:
        self._clock = clock
        self._end = end

    def now(self) -> datetime:
        return min(self._clock.now(), self._end)

    async def sleep_until(self, when: datetime) -> None:
        import asyncio

        await self._clock.sleep_until(min(when, self._end))
        if when > self._end:
            await asyncio.get_running_loop().create_future()


class Opened:
    """A recording that can be played; `state_folder` is for its journal and goes with it."""

    def __init__(self, recording: "Recording", config: "Config", state_folder: Path) -> None:
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

    def watched(self, speed: float) -> "tuple[Clock, Net]":
        """A clock that begins with the first reading now, `speed` times as fast, and the network upon it."""
        from tui.base.clock import ScaledClock, SystemClock
        from tui.recordings.replay import Replay

        running = ScaledClock(self.times[0], SystemClock().now().timestamp(), speed)
        clock = EndingClock(running, self.times[-1] + AFTER_THE_END)
        return clock, Replay(self.recording, self.config, clock)

    async def check(self, names: Sequence[str]) -> "tuple[list[State], datetime]":
        """Every reading in its turn; the states after the last one, and its time. Raises Problem."""
        from tui.base.clock import ManualClock
        from tui.console.watcher import read_once
        from tui.recordings.replay import Replay

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
    import shutil
    import tempfile

    from tui.recordings import format
    from tui.recordings.replay import configuration

    recording = format.load(path)
    folder = Path(tempfile.mkdtemp(prefix="remonitor-replay-"))
    try:
        yield Opened(recording, configuration(recording, folder, str(path)), folder / "state")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


COMMAND = Command("replay", PAGE, run, add_arguments)
