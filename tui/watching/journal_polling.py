"""What the journal remembers, brought back; and the life of a process that only looks at it."""

from collections.abc import Sequence
from datetime import timedelta

from tui.connections.connection import Experience
from tui.watching.state_store import StateStore, WatchedConnection

POLL_EVERY = timedelta(seconds=5)
"""How often a process looks whether the journal has news, or a watcher has gone."""

EXPERIENCE = "experience:"

KEPT = timedelta(days=365)
"""How long the journal remembers what happened."""

UPKEEP_EVERY = timedelta(days=1)


async def restore(store: StateStore, connections: Sequence[WatchedConnection]) -> None:
    """Take states, walkthroughs and choices from the journal."""
    await store.write(store.journal.open())
    if (aside := store.journal.set_aside) is not None:
        store.notice = f"The journal could not be read: it was set aside as {aside.name}, a new one is begun."
    for name, value in (await store.write(store.journal.settings()) or {}).items():
        if name.startswith(EXPERIENCE) and value in tuple(Experience):
            store.experiences[name.removeprefix(EXPERIENCE)] = Experience(value)
    await poll_journal(store, connections)


async def poll_journal(store: StateStore, connections: Sequence[WatchedConnection]) -> None:
    """Take the newest states and walkthroughs from the journal."""
    news = [await store.refresh(watched) for watched in connections]
    store.mutes = await store.write(store.journal.mutes.all()) or {}
    if any(news):
        # What another process read may show that two connections use one account.
        store.share()


async def keep_up(store: StateStore) -> None:
    """Once a day: forget what is older than a year, and look whether the file is whole."""
    while True:
        now = store.clock.now()
        await store.write(store.journal.check(now))
        await store.write(store.journal.prune(now - KEPT))
        await store.clock.sleep_until(now + UPKEEP_EVERY)
