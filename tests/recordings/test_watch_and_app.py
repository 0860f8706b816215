"""Not only `check`: the standing watch and the app run on a recording, without any network."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.clocks import run
from tests.recordings.playing import HERE
from tui.app.app import RemonitorApp
from tui.base.clock import LoopClock, ManualClock
from tui.config import Config
from tui.recordings import format
from tui.recordings.replay import Replay, configuration
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

US = "Acme US"
FROZEN = format.load(HERE / "demo" / "frozen.json.gz")


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def test_a_standing_watch_sees_the_readings_at_their_times(tmp_path: Path) -> None:
    times = [reading.at for reading in FROZEN.readings if reading.at is not None]

    async def watch() -> list[tuple[str, timedelta]]:
        clock = LoopClock(times[0])
        config = configuration(FROZEN, tmp_path, "frozen")
        net = Replay(FROZEN, config, clock)
        journal = Journal(tmp_path / "state" / "journal.db")
        seen: list[tuple[str, timedelta]] = []
        async with Watcher(config, clock=clock, net=net, journal=journal, random=Random(1)) as watcher:
            async for state in watcher.states():
                if not seen or seen[-1][0] != state.status.value:
                    seen.append((state.status.value, clock.now() - times[0]))
                if clock.now() > times[-1] and state.status.value == "Monitoring":
                    break
        await net.aclose()
        return seen

    seen = run(watch())
    assert [status for status, _ in seen] == ["Monitoring", "Error", "Monitoring"]
    for (_, after), at in zip(seen, times[:3], strict=True):
        assert timedelta(0) <= times[0] + after - at <= timedelta(minutes=6)


async def test_the_app_shows_a_recording(tmp_path: Path) -> None:
    recording = format.load(HERE / "demo" / "tour.json.gz")
    at = recording.readings[0].at
    assert at is not None
    clock = ManualClock(at)
    config = configuration(recording, tmp_path, "tour")

    @asynccontextmanager
    async def watching(_: Config) -> AsyncIterator[Watcher]:
        net = Replay(recording, config, clock)
        journal = Journal(tmp_path / "state" / "journal.db")
        async with Watcher(config, clock=clock, net=net, journal=journal, random=Random(1)) as watcher:
            yield watcher
        await net.aclose()

    app = RemonitorApp(config, clock=clock, tz=UTC, open_watcher=watching, environ={"TERM": "xterm-256color"})
    async with app.run_test(size=(120, 36)) as pilot, asyncio.timeout(20):
        while "frozen by Jane Doe" not in text_of(app):
            await pilot.pause()
        assert "Acme LATAM" in text_of(app)


def text_of(app: RemonitorApp) -> str:
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)
