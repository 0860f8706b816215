"""What the journal remembers, brought back; and the life of a second process, which only looks at it."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from tui.connections.connection import Experience
from tui.watching import history
from tui.watching.journal import Intent
from tui.watching.tracking import Desk, Track

LOOK = timedelta(seconds=5)
"""How often a second process looks whether the journal has news, or the watcher has gone."""

EXPERIENCE = "experience:"

KEPT = timedelta(days=365)
"""How long the journal remembers what happened."""


async def restore(desk: Desk, tracks: Sequence[Track]) -> tuple[Intent, ...]:
    """Take states, walkthroughs and choices from the journal; returns the changes that were left open."""
    await desk.write(desk.journal.open())
    if (aside := desk.journal.set_aside) is not None:
        desk.notice = f"The journal could not be read: it was set aside as {aside.name}, a new one is begun."
    intents = await desk.write(desk.journal.open_intents()) or ()
    for name, value in (await desk.write(desk.journal.settings()) or {}).items():
        if name.startswith(EXPERIENCE) and value in tuple(Experience):
            desk.experiences[name.removeprefix(EXPERIENCE)] = Experience(value)
    await refresh(desk, tracks)
    return intents


async def prune(desk: Desk) -> None:
    """Forget what is older than a year; only the process that watches may."""
    await desk.write(desk.journal.prune(desk.clock.now() - KEPT))


async def refresh(desk: Desk, tracks: Sequence[Track]) -> None:
    """Take the newest states and walkthroughs from the journal."""
    states = await desk.write(desk.journal.states()) or {}
    walks = await desk.write(desk.journal.walkthroughs()) or {}
    for track in tracks:
        state = states.get(track.name)
        if state is None or not _same_subject(track, state.connection.org, state.connection.service_account):
            continue
        walk, left = walks.get(track.name, (None, None))
        if (track.stored, track.walk) == (state, walk):
            continue
        track.stored = state
        track.state = replace(state, connection=track.connection)
        track.walk, track.walk_left = walk, left
        track.told = history.told(await desk.write(desk.journal.history(track.name)) or ())
        desk.publish(track.name)


async def look(desk: Desk, tracks: Sequence[Track]) -> None:
    """Wait a little, then show what other processes have read and written meanwhile."""
    await desk.clock.sleep_until(desk.clock.now() + LOOK)
    if await desk.write(desk.journal.changed()):
        await refresh(desk, tracks)


def _same_subject(track: Track, org: str, service_account: str) -> bool:
    """A name that now stands for another account has no past."""
    return (track.connection.org, track.connection.service_account) == (org, service_account)
