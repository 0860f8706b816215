"""What the journal remembers, brought back; and the life of a process that only looks at it."""

from collections.abc import Sequence
from datetime import timedelta

from tui.connections.connection import Experience
from tui.watching.tracking import Desk, Track

LOOK = timedelta(seconds=5)
"""How often a process looks whether the journal has news, or a watcher has gone."""

EXPERIENCE = "experience:"

KEPT = timedelta(days=365)
"""How long the journal remembers what happened."""

UPKEEP_EVERY = timedelta(days=1)


async def restore(desk: Desk, tracks: Sequence[Track]) -> None:
    """Take states, walkthroughs and choices from the journal."""
    await desk.write(desk.journal.open())
    if (aside := desk.journal.set_aside) is not None:
        desk.notice = f"The journal could not be read: it was set aside as {aside.name}, a new one is begun."
    for name, value in (await desk.write(desk.journal.settings()) or {}).items():
        if name.startswith(EXPERIENCE) and value in tuple(Experience):
            desk.experiences[name.removeprefix(EXPERIENCE)] = Experience(value)
    await refresh(desk, tracks)


async def refresh(desk: Desk, tracks: Sequence[Track]) -> None:
    """Take the newest states and walkthroughs from the journal."""
    news = [await desk.refresh(track) for track in tracks]
    if any(news):
        # What another process read may show that two connections use one account.
        desk.share()


async def keep_up(desk: Desk) -> None:
    """Once a day: forget what is older than a year, and look whether the file is whole."""
    while True:
        now = desk.clock.now()
        await desk.write(desk.journal.check(now))
        await desk.write(desk.journal.prune(now - KEPT))
        await desk.clock.sleep_until(now + UPKEEP_EVERY)
