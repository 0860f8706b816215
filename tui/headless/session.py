"""A watcher for one command: opened on the shared journal, closed with it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from random import Random

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.paths import state_folder
from tui.base.problem import Problem, UsageProblem
from tui.base.text import clean
from tui.config import Config
from tui.config.tables import nearest
from tui.connections.state import State
from tui.net import Net
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

JOURNAL = "journal.db"
"""The journal's file in the state folder; the app uses the same."""


@asynccontextmanager
async def watching(config: Config, clock: Clock, *, net: Net | None = None) -> AsyncIterator[Watcher]:
    """A running watcher over `config`; everything is closed at the end, also when cancelled."""
    own = net or Net(ca_bundle=config.app.ca_bundle)
    journal = Journal(state_folder() / JOURNAL)
    try:
        async with Watcher(config, clock=clock, net=own, journal=journal, random=Random()) as watcher:
            yield watcher
    finally:
        await own.aclose()


async def read_by(watcher: Watcher, tell: Callable[[str], None]) -> list[State]:
    """A state of each connection from a reading made now, in the configuration's order.

    Where another process watches, its newest states. `tell` hears what the operator should know about the way
    they were got. Raises Problem.
    """
    names = [c.name for c in watcher.connections]
    if watcher.following is None:
        async for _ in watcher.states():
            if all(_tried(watcher, name) for name in names):
                break
    else:
        tell(f"The process {watcher.following} watches these connections; this is what it read last.")
    for problem in dict.fromkeys(watcher.ahead(name).journal_problem for name in names):
        tell(problem)
    states = [watcher.state(name) for name in names]
    if None in states:
        raise Problem(
            "Not read",
            f"{names[states.index(None)]} is watched by the process {watcher.following}, not read by it yet.",
            "Try again in a minute, or set REMONITOR_STATE to another folder.",
        )
    return [state for state in states if state is not None]


def _tried(watcher: Watcher, name: str) -> bool:
    """What the journal remembers comes first: only a state after this process's own reading counts."""
    ahead = watcher.ahead(name)
    return watcher.state(name) is not None and ahead.last_try is not None and not ahead.reading


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
