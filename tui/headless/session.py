"""A watcher for one command: opened on the shared journal, closed with it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.paths import state_folder
from tui.base.problem import UsageProblem
from tui.base.text import clean
from tui.config import Config
from tui.config.tables import nearest
from tui.net import Net
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

JOURNAL = "journal.db"
"""The journal's file in the state folder; the app uses the same."""


@asynccontextmanager
async def watching(config: Config, clock: Clock, *, net: Net | None = None) -> AsyncIterator[Watcher]:
    """A running watcher over `config`; everything is closed at the end, also when cancelled."""
    own = net or Net()
    journal = Journal(state_folder() / JOURNAL)
    try:
        async with Watcher(config, clock=clock, net=own, journal=journal, random=Random()) as watcher:
            yield watcher
    finally:
        await own.aclose()


def only(config: Config, names: Iterable[str]) -> Config:
    """The configuration with these connections alone; all of them where none is named. Raises UsageProblem."""
    wanted = list(dict.fromkeys(names))
    known = [c.name for c in config.connections]
    for name in wanted:
        if name not in known:
            raise UsageProblem(
                "Unknown connection",
                f'"{clean(name, 80)}" is not in {config.path}{nearest(name, known)}.',
                "remonitor list shows every name.",
            )
    if not wanted:
        return config
    return replace(config, connections=tuple(c for c in config.connections if c.name in wanted))
