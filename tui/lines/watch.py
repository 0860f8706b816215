"""`watch`: the app's watch without a screen, for systemd and containers. A line for each change, nothing else."""

import asyncio
import contextlib
import hashlib
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from tui import wording
from tui.base.clock import Clock
from tui.base.paths import write_shared
from tui.base.problem import Problem
from tui.base.systemd import Service
from tui.config import Config
from tui.connections.state import State, Status
from tui.console.watcher import row_of
from tui.diagnosis.guide import REQUIREMENTS
from tui.reports import changes, checked, documents, text
from tui.reports.checked import Checked
from tui.reports.prometheus import prometheus
from tui.watching.watcher import Watcher

HEARTBEAT = timedelta(seconds=30)
"""How often metrics and systemd's status line are made anew where nothing changes."""

HUNG = timedelta(minutes=10)
"""A reading that is so late has hung: systemd's watchdog hears nothing more, and the metrics grow old."""

log = logging.getLogger("remonitor.watch")


@dataclass(frozen=True)
class Options:
    """What is asked of the watch; no `names`: all connections."""

    names: Sequence[str] = ()
    jsonl: bool = False
    metrics: Path | None = None


class Watch:
    """Watches until it is cancelled. `load` reads the configuration anew, and raises Problem."""

    def __init__(
        self,
        load: Callable[[], Config],
        open_watcher: Callable[[Config], AbstractAsyncContextManager[Watcher]],
        clock: Clock,
        service: Service,
        options: Options,
        say: Callable[[str], None],
        narrate: Callable[[str], None],
    ) -> None:
        self._load = load
        self._open = open_watcher
        self._clock = clock
        self._service = service
        self._options = options
        self._say = say
        self._narrate = narrate
        self._said: dict[str, tuple[object, ...]] = {}
        """What was said last of each connection."""
        self._status: dict[str, Status] = {}
        self._reload = asyncio.Event()
        self._metrics_failed = ""

    async def run(self, config: Config) -> NoReturn:
        """Watch, by `config` first and by each later one that is sound."""
        with _reloads_on_hangup(self._reload.set):
            try:
                while True:
                    async with self._open(config) as watcher:
                        self._service.ready(self._summary(watcher))
                        config = await self._until_reload(watcher, config)
            finally:
                self._service.stopping()

    async def _until_reload(self, watcher: Watcher, config: Config) -> Config:
        """Watch until another configuration holds; that one."""
        beside = [asyncio.create_task(work) for work in (self._beat(watcher), self._guard(watcher))]
        states = asyncio.create_task(self._tell(watcher, config))
        try:
            while True:
                asked = asyncio.create_task(self._reload.wait())
                done, _ = await asyncio.wait((states, asked), return_when=asyncio.FIRST_COMPLETED)
                asked.cancel()
                if states in done:
                    states.result()
                self._reload.clear()
                if (other := self._anew(config)) is not None:
                    return other
        finally:
            for task in (states, *beside):
                task.cancel()
            await asyncio.gather(states, *beside, return_exceptions=True)

    def _anew(self, config: Config) -> Config | None:
        """The configuration of now; None where it is the same, or broken: then the old one holds."""
        self._service.reloading()
        try:
            other = self._load()
        except Problem as problem:
            self._narrate(f"remonitor: the old configuration holds. {problem}")
            log.warning("the configuration was not taken: %s", problem)
            other = config
        if other != config:
            self._narrate("remonitor: watching by the new configuration.")
            return other
        self._service.ready()
        return None

    # What is said

    async def _tell(self, watcher: Watcher, config: Config) -> None:
        async for state in watcher.states():
            name = state.connection.name
            if name in self._names(watcher) and self._is_of_now(watcher, state):
                self._news(watcher, config, state)

    def _is_of_now(self, watcher: Watcher, state: State) -> bool:
        """What the journal remembered at the start is no news, unless another process goes on reading."""
        progress = watcher.progress(state.connection.name)
        read_here = progress.last_try is not None and not progress.reading
        return read_here or state.connection.name in self._said or state.evidence.read_at >= watcher.began

    def _news(self, watcher: Watcher, config: Config, state: State) -> None:
        name = state.connection.name
        row = row_of(watcher, name)
        said = (row.word, tuple(finding.cause for finding in row.findings))
        if self._said.get(name) == said:
            return
        before, self._said[name], self._status[name] = self._status.get(name), said, state.status
        times = wording.Times(None, self._clock.now())
        if self._options.jsonl:
            outage = state.recovery.began if state.recovery is not None else state.since
            change = changes.change(
                state,
                config.orgs[state.connection.org],
                config.required(REQUIREMENTS),
                times.now,
                id=_key(name, said, state.since),
                dedup_key=_key(name, outage),
                before=before,
            )
            self._say(documents.written(change, indent=-1))
        else:
            was = f" · was: {before}" if before not in (None, state.status) else ""
            at = wording.clock_time(times.now, times)
            problem = checked.what(row, times) if state.status is Status.UNKNOWN else ""
            self._say(f"{at} {text.line(row, times, problem)}{was}")
        self._write_metrics(watcher)

    # Signs of life

    async def _beat(self, watcher: Watcher) -> None:
        while True:
            if not watcher.hung(HUNG):
                self._write_metrics(watcher)
            self._service.status(self._summary(watcher))
            await self._clock.sleep_until(self._clock.now() + HEARTBEAT)

    async def _guard(self, watcher: Watcher) -> None:
        """Tell systemd that this process goes on, as long as it does: twice in the time that it allows."""
        while self._service.watchdog_seconds is not None:
            if watcher.hung(HUNG):
                log.error("a reading has hung: the watchdog gets no more signals")
                return
            self._service.alive()
            await asyncio.sleep(self._service.watchdog_seconds / 2)

    def _summary(self, watcher: Watcher) -> str:
        return checked.counts(self._rows(watcher))

    def _names(self, watcher: Watcher) -> Sequence[str]:
        return self._options.names or [connection.name for connection in watcher.connections]

    def _rows(self, watcher: Watcher) -> list[Checked]:
        return [row_of(watcher, name) for name in self._names(watcher)]

    def _write_metrics(self, watcher: Watcher) -> None:
        path = self._options.metrics
        if path is None:
            return
        answer = prometheus(self._rows(watcher), wording.Times(None, self._clock.now()))
        try:
            write_shared(path, answer + "\n")
            self._metrics_failed = ""
        except OSError as error:
            failed = f"{path}: {error.strerror}"
            if failed != self._metrics_failed:
                self._metrics_failed = failed
                self._narrate(f"remonitor: the metrics cannot be written: {failed}.")


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


@contextlib.contextmanager
def _reloads_on_hangup(reload: Callable[[], None]) -> Iterator[None]:
    """Without a terminal that could hang up, SIGHUP asks for the configuration to be read anew."""
    loop = asyncio.get_running_loop()
    if _has_terminal():
        yield
        return
    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        yield
    finally:
        # Until the process has ended nothing else is meant by it.
        loop.add_signal_handler(signal.SIGHUP, lambda: None)


def _has_terminal() -> bool:
    """Whether this process has a controlling terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK))
    except OSError:
        return False
    return True
