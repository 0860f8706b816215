"""One watcher for a command, on the shared journal, over the connections that its arguments name."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.paths import state_folder
from tui.base.problem import Problem, UsageProblem
from tui.base.text import clean
from tui.config import Config
from tui.config.tables import nearest
from tui.connections.connection import Connection, Org
from tui.connections.state import State
from tui.console import Arguments, Exit, exit_of, load_config, narrate, on_loop, start_log, system_clock
from tui.net import Net
from tui.reports.checked import Checked
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher
from tui.wording import long

if TYPE_CHECKING:
    from tui.watching.hook import Hook

JOURNAL = "journal.db"
"""The journal's file in the state folder; the app uses the same."""
REST = timedelta(seconds=0.5)
"""Of the time that a check may take, what is kept for everything but reading."""


@asynccontextmanager
async def open_watcher(
    config: Config,
    clock: Clock,
    *,
    net: Net | None = None,
    standing: bool = False,
    hook: "Hook | None" = None,
    not_before: datetime | None = None,
    folder: Path | None = None,
) -> AsyncIterator[Watcher]:
    """A running watcher over `config`; everything is closed at the end, also when cancelled.

    `standing`: for as long as it is open; else for one answer, from readings that began after `not_before`, by
    default now. `folder`: where its journal is, by default the program's own.
    """
    own = net or Net(ca_bundle=config.app.ca_bundle)
    journal = Journal((folder or state_folder()) / JOURNAL)
    try:
        opening = Watcher(
            config,
            clock=clock,
            net=own,
            journal=journal,
            random=Random(),
            standing=standing,
            hook=hook,
            not_before=not_before,
        )
        async with opening as watcher:
            yield watcher
    finally:
        await own.aclose()


def on_watcher(
    arguments: Arguments,
    name: str,
    work: Callable[[Watcher, Config, Clock], Coroutine[Any, Any, int]],
    *,
    read: bool = True,
) -> int:
    """Run `work` on a watcher of the org of this connection; unless told, it has been read. Raises Problem."""
    config = only(load_config(arguments), [name])
    start_log(arguments)
    clock = system_clock()

    async def run() -> int:
        async with open_watcher(config, clock) as watcher:
            if read:
                await fresh_states(watcher, [name], narrate)
            return await work(watcher, config, clock)

    return on_loop(run())


async def fresh_states(watcher: Watcher, names: Sequence[str], tell: Callable[[str], None]) -> list[State]:
    """A state of each of these connections from a reading that began after this command did.

    `tell` hears what the operator should know about the way they were got.
    """
    unread = set(names)
    async for state in watcher.states():
        if has_read(watcher, state.connection.name):
            unread.discard(state.connection.name)
        if not unread:
            break
    for problem in dict.fromkeys(watcher.progress(name).journal_problem for name in names):
        tell(problem)
    states = (watcher.state(name) for name in names)
    return [state for state in states if state is not None]


async def states_of(watcher: Watcher, name: str) -> AsyncIterator[State]:
    """The states of one connection that say something about now: what is remembered comes first, and is none."""
    async for state in watcher.states():
        if state.connection.name == name and has_read(watcher, name):
            yield state


def has_read(watcher: Watcher, name: str) -> bool:
    """What the journal remembers comes first: only a state after this process's own reading counts."""
    progress = watcher.progress(name)
    return watcher.state(name) is not None and progress.last_try is not None and not progress.reading


async def read_once(
    config: Config,
    names: Sequence[str],
    clock: Clock,
    *,
    net: Net | None = None,
    tell: Callable[[str], None] = lambda text: None,
    folder: Path | None = None,
) -> list[State]:
    """A state of each connection from a reading made now, in the configuration's order.

    `folder`: where its journal is, by default the program's own. Of an org that another process watches, its newest
    states. `tell` hears what the operator should know about the way they were got. Raises Problem.
    """
    wanted = [c.name for c in named(config, names)]
    if not wanted:
        return []
    async with open_watcher(only(config, wanted), clock, net=net, folder=folder) as watcher:
        return await fresh_states(watcher, wanted, tell)


async def read_rows(
    config: Config,
    names: Sequence[str],
    clock: Clock,
    *,
    timeout: timedelta | None = None,
    cached: timedelta = timedelta(0),
    net: Net | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> tuple[Checked, ...]:
    """A row for each connection, in the configuration's order: what cannot be read is one too.

    `timeout`: real time of the whole check: what is not read towards its end is answered as not read.
    `cached`: a reading of another process will do that is not older.
    Raises UsageProblem.
    """
    wanted = [c.name for c in named(config, names)]
    if not wanted:
        return ()
    not_before = clock.now() - cached
    async with open_watcher(only(config, wanted), clock, net=net, not_before=not_before) as watcher:
        problems: dict[str, Problem] = {}
        try:
            # The start and the end of the process take their part of the time too.
            async with asyncio.timeout(
                max(timeout * 0.9, timeout - REST).total_seconds() if timeout is not None else None
            ):
                await fresh_states(watcher, wanted, tell)
        except TimeoutError:
            span = long(timeout or timedelta(0))
            late = Problem("Not read", f"Not read within {span}.", "Give it more time: --timeout.")
            problems = {name: late for name in wanted if not has_read(watcher, name)}
        return tuple(row_of(watcher, name, problems.get(name)) for name in wanted)


def row_of(watcher: Watcher, name: str, problem: Problem | None = None) -> Checked:
    """What is known of a connection as a row of an answer; `problem`: why it was not read."""
    state, mute = watcher.state(name), watcher.mute(name)
    until = mute.until if mute is not None else None
    if problem is None and state is not None:
        (row,) = rows_of([state])
        read_at, read_by = watcher.read_at(name), watcher.read_by(name)
        return replace(row, read_at=read_at, read_by=read_by, muted_until=until)
    org = next(c.org for c in watcher.connections if c.name == name)
    return Checked(name, org, int(Exit.UNKNOWN), problem=problem, muted_until=until)


def rows_of(states: Sequence[State]) -> tuple[Checked, ...]:
    """States as rows of an answer."""
    return tuple(
        Checked(state.connection.name, state.connection.org, int(exit_of(state)), state) for state in states
    )


def only(config: Config, names: Iterable[str]) -> Config:
    """The configuration with these connections first, and the others of their orgs: an org is read as a whole.

    All of them where none is named. Raises UsageProblem.
    """
    wanted = named(config, names)
    orgs = {c.org for c in wanted}
    first = {c.name for c in wanted}
    others = [c for c in config.connections if c.org in orgs and c.name not in first]
    return replace(config, connections=(*wanted, *others))


def named(config: Config, names: Iterable[str]) -> tuple[Connection, ...]:
    """The connections of these names in the configuration's order; all where none is named. Raises UsageProblem."""
    wanted = dict.fromkeys(names)
    known = {c.name: None for c in config.connections}
    for name in wanted:
        if name not in known:
            raise UsageProblem(
                "Unknown connection",
                f'"{clean(name, 80)}" is not in {config.path}{nearest(name, known)}.',
                "remonitor list shows every name.",
            )
    return tuple(c for c in config.connections if not wanted or c.name in wanted)


def must_be_known(
    config: Config | None, name: str, what: str = "not a configured connection", others: Sequence[str] = ()
) -> None:
    """Refuse a name that is no configured connection, nor one of `others`. Raises UsageProblem."""
    names = [c.name for c in config.connections] if config else []
    if name not in names:
        known = ", ".join([*names, *others]) or "none, there is no configuration"
        text = f'"{clean(name, 80)}" is {what}{nearest(name, [*names, *others])}.'
        raise UsageProblem("Unknown name", text, f"Known: {known}.")


def known_org(config: Config, id: str) -> Org:
    """The org of this id in the configuration. Raises UsageProblem."""
    if (org := config.orgs.get(id)) is not None:
        return org
    shown = clean(id, 80)
    raise UsageProblem(
        "Unknown org",
        f'"{shown}" is no org in {config.path}{nearest(shown, config.orgs)}.',
        f"Known: {', '.join(config.orgs) or 'none'}.",
    )
