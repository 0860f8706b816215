"""One fault before one healthy connection, read as `check` reads: in virtual time, by the program's own rooms."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.clocks import run
from tests.demo_world import ORIGIN, config_of
from tests.whole.fault_matrix.faults import Between, Doing
from tui import wording
from tui.base.clock import LoopClock
from tui.connections.state import State, Status
from tui.console import Exit
from tui.console.watcher import read_rows
from tui.demo import serve
from tui.net import Net
from tui.reports.checked import worst
from tui.reports.text import as_text

NAME = "Acme US"


@dataclass(frozen=True)
class Fault:
    """What is wrong where, and what has to be said about it.

    `where` is org or tenant, `at` a part of the paths that are hit. `words` stand in the answer,
    `never` do not.
    """

    name: str
    where: str
    doing: Doing
    words: tuple[str, ...]
    status: Status = Status.UNKNOWN
    code: Exit = Exit.UNKNOWN
    at: str = ""
    never: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.where}: {self.name}"


@dataclass(frozen=True)
class Seen:
    """What a check brought: its exit code, its text, the state, and the requests that met the fault."""

    code: Exit
    text: str
    state: State | None
    requests: list[httpx.Request] = field(repr=False)


def look(fault: Fault, folder: Path) -> Seen:
    """One `check` of a healthy connection with this fault on its way."""
    return run(_check(fault, folder))


async def _check(fault: Fault, folder: Path) -> Seen:
    clock, requests = LoopClock(ORIGIN), list[httpx.Request]()
    demo = serve.build("healthy", clock)
    config = config_of(demo.ready(), folder)
    transports: dict[str, httpx.AsyncBaseTransport] = {}
    for url, app in demo.apps.items():
        good = httpx.ASGITransport(app)
        hit = url == demo.urls[f"{fault.where}:acme"]
        transports[url] = Between(good, fault.doing, fault.at, requests) if hit else good
    async with demo.running():
        rows = await read_rows(config, [NAME], clock, net=Net(transports=transports))
    text = as_text(rows, wording.Times(None, clock.now()))
    return Seen(Exit(worst(rows)), text, rows[0].state, requests)
