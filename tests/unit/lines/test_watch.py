"""The watch without a screen: a line a change, metrics, the configuration anew, and what systemd hears."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from tests.unit.watching.fakes import EMEA, FakeClients, Middle, Scene, another_holder, quiet
from tui.base.problem import ConfigProblem
from tui.base.systemd import Service
from tui.config import Config
from tui.lines import watch as watch_room
from tui.lines.watch import Options, Watch
from tui.net import Net
from tui.reports.documents import schema
from tui.watching.watcher import Watcher

OTHER = replace(EMEA, name="Acme APAC", service_account="incydr.apac@acme.example", detector_name="Acme APAC")


class Running:
    """A watch over a scene, with everything that it said."""

    def __init__(self, scene: Scene, options: Options, service: Service) -> None:
        self.scene = scene
        self.said: list[str] = []
        self.told: list[str] = []
        self.next_config: Config | ConfigProblem = scene.config(EMEA.name)
        self.watch = Watch(
            self.load, self.open, scene.clock, service, options, self.said.append, self.told.append
        )

    def load(self) -> Config:
        if isinstance(self.next_config, ConfigProblem):
            raise self.next_config
        return self.next_config

    def open(self, config: Config) -> AbstractAsyncContextManager[Watcher]:
        return Watcher(
            config,
            clock=self.scene.clock,
            net=Net(),
            journal=self.scene.journal,
            random=Middle(),
            clients=FakeClients(self.scene.world),
        )

    async def hang_up(self) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        # The loop hears a signal in its next turns.
        for _ in range(10):
            await asyncio.sleep(0)
            await quiet()

    async def after(self, **span: float) -> None:
        await self.scene.after(**span)
        await quiet()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, (EMEA, OTHER))


@asynccontextmanager
async def running(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    options: Options | None = None,
    service: Service | None = None,
) -> AsyncIterator[Running]:
    monkeypatch.setattr(watch_room, "_has_terminal", lambda: False)
    it = Running(scene, options or Options(), service or Service())
    task = asyncio.create_task(it.watch.run(scene.config(EMEA.name)))
    await quiet()
    try:
        yield it
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_change_is_one_line_and_nothing_else_is(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scene, monkeypatch) as it:
        await it.after(minutes=20)
        assert [line.partition(" ")[2] for line in it.said] == [
            "● Acme EMEA: Monitoring since 14:00 UTC · Incydr is watching"
        ]
        scene.world.freeze()
        await it.after(minutes=6)
        await it.after(minutes=6)
        assert len(it.said) == 2
        assert "✖ Acme EMEA: Error" in it.said[1] and it.said[1].endswith("was: Monitoring")


async def test_json_lines_are_as_the_schema_of_the_hook_says(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scene, monkeypatch, Options(jsonl=True)) as it:
        scene.world.freeze()
        await it.after(minutes=6)
        lines = [json.loads(line) for line in it.said]
    for line in lines:
        jsonschema.validate(line, schema("hook"))
    assert [(line["from"], line["to"]) for line in lines] == [(None, "Monitoring"), ("Monitoring", "Error")]


async def test_what_another_process_reads_is_told_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async with another_holder(scene), running(scene, monkeypatch) as it:
        assert it.said == []
        await it.after(seconds=10)
        scene.world.freeze()
        async with scene.watcher(standing=False):
            pass
        await it.after(seconds=10)
        assert [line.partition(" ")[2].partition(" since")[0] for line in it.said] == ["✖ Acme EMEA: Error"]


async def test_metrics_are_replaced_at_each_change_and_tell_that_the_watch_is_alive(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "remonitor.prom"

    def value(name: str) -> str:
        return next(line.split()[-1] for line in path.read_text().splitlines() if line.startswith(name))

    async with running(scene, monkeypatch, Options(metrics=path)) as it:
        assert path.stat().st_mode & 0o777 == 0o644
        before = float(value("remonitor_last_run_timestamp_seconds"))
        await it.after(minutes=1)
        assert float(value("remonitor_last_run_timestamp_seconds")) > before
        scene.world.freeze()
        await it.after(minutes=6)
        error = 'remonitor_connection_status{connection="Acme EMEA",org="acme",status="Error"}'
        assert value(error) == "1" and value("remonitor_org_last_reading_timestamp_seconds")


async def test_metrics_that_cannot_be_written_are_told_once_and_the_watch_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with running(scene, monkeypatch, Options(metrics=tmp_path / "none" / "x.prom")) as it:
        await it.after(minutes=5)
        assert len(it.told) == 1 and "cannot be written" in it.told[0]
        scene.world.freeze()
        await it.after(minutes=6)
        assert "Error" in it.said[-1]


async def test_a_hangup_reads_the_configuration_anew_and_a_broken_one_changes_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scene, monkeypatch) as it:
        it.next_config = ConfigProblem("Configuration", "line 3 is broken.", "Correct it.")
        await it.hang_up()
        assert it.told == [
            "remonitor: the old configuration holds. Configuration: line 3 is broken. Correct it."
        ]
        it.next_config = scene.config()
        await it.hang_up()
        assert it.told[1:] == ["remonitor: watching by the new configuration."]
        await it.after(seconds=1)
        assert [line.split(": ")[0].partition("● ")[2] for line in it.said] == ["Acme EMEA", "Acme APAC"]


# systemd


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        yield heard


def messages(manager: socket.socket) -> list[str]:
    found: list[str] = []
    while True:
        try:
            found.append(manager.recv(4096).decode().split("\n")[0])
        except BlockingIOError:
            return found


def notifies(manager: socket.socket, watchdog: float | None = None) -> Service:
    return Service(manager.getsockname(), watchdog)


async def test_systemd_hears_ready_reload_and_stop_in_their_order(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, manager: socket.socket
) -> None:
    async with running(scene, monkeypatch, service=notifies(manager)) as it:
        assert messages(manager)[0] == "READY=1"
        await it.hang_up()
        again = [word for word in messages(manager) if not word.startswith("STATUS")]
        assert again == ["RELOADING=1", "READY=1"]
    assert messages(manager)[-1] == "STOPPING=1"


async def test_the_watchdog_hears_nothing_more_and_the_metrics_grow_old_where_a_reading_has_hung(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, manager: socket.socket, tmp_path: Path
) -> None:
    metrics = tmp_path / "remonitor.prom"
    # The pauses between two signs of life are real time: 0 makes them turns of the loop.
    async with running(scene, monkeypatch, Options(metrics=metrics), notifies(manager, 1e-9)) as it:
        await quiet()
        assert "WATCHDOG=1" in messages(manager)
        scene.world.blocks = asyncio.Event()
        await it.after(minutes=6)
        await it.after(minutes=30)
        await quiet()
        messages(manager)
        before = metrics.read_text()
        await it.after(minutes=5)
        assert "WATCHDOG=1" not in messages(manager)
        assert metrics.read_text() == before
        scene.world.blocks.set()
