"""A watcher for one command: opened on the shared journal, closed with it."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from random import Random

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.paths import state_folder
from tui.base.problem import UsageProblem
from tui.base.text import clean
from tui.config import Config
from tui.config.tables import nearest
from tui.connections.connection import Connection
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
        opening = Watcher(config, clock=clock, net=own, journal=journal, random=Random(), standing=False)
        async with opening as watcher:
            yield watcher
    finally:
        await own.aclose()


async def read_by(watcher: Watcher, names: Sequence[str], tell: Callable[[str], None]) -> list[State]:
    """A state of each of these connections from a reading that began after this command did.

    `tell` hears what the operator should know about the way they were got.
    """
    async for _ in watcher.states():
        if all(tried(watcher, name) for name in names):
            break
    for problem in dict.fromkeys(watcher.progress(name).journal_problem for name in names):
        tell(problem)
    states = (watcher.state(name) for name in names)
    return [state for state in states if state is not None]


async def states_of(watcher: Watcher, name: str) -> AsyncIterator[State]:
    """The states of one connection that say something about now: what is remembered comes first, and is none."""
    async for state in watcher.states():
        if state.connection.name == name and tried(watcher, name):
            yield state


def tried(watcher: Watcher, name: str) -> bool:
    """What the journal remembers comes first: only a state after this process's own reading counts."""
    progress = watcher.progress(name)
    return watcher.state(name) is not None and progress.last_try is not None and not progress.reading


def only(config: Config, names: Iterable[str]) -> Config:
    """The configuration with these connections first, and the others of their orgs: an org is read as a whole.

    All of them where none is named. Raises UsageProblem.
    """
    wanted = named(config, names)
    orgs = {c.org for c in wanted}
    others = [c for c in config.connections if c.org in orgs and c not in wanted]
    return replace(config, connections=(*wanted, *others))


def named(config: Config, names: Iterable[str]) -> tuple[Connection, ...]:
    """The connections of these names in the configuration's order; all where none is named. Raises UsageProblem."""
    wanted = list(dict.fromkeys(names))
    known = [c.name for c in config.connections]
    for name in wanted:
        if name not in known:
            raise UsageProblem(
                "Unknown connection",
                f'"{clean(name, 80)}" is not in {config.path}{nearest(name, known)}.',
                "remonitor list shows every name.",
            )
    return tuple(c for c in config.connections if not wanted or c.name in wanted)
