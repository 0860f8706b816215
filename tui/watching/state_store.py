"""What the watcher holds of each connection, and the one way by which a new state comes in."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from tui.base.clock import Clock
from tui.config import Config
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis
from tui.connections.memory import configured
from tui.connections.outage import Act
from tui.connections.walkthrough import Walkthrough
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching import leases
from tui.watching.entry import Entry
from tui.watching.evidence_parts import sharing
from tui.watching.journal import Journal, JournalProblem, Stored, Transition
from tui.watching.leases import Lease
from tui.watching.mutes import Mute
from tui.watching.schedule import ReadingProgress, saving
from tui.watching.transition import Context, Step, Walk
from tui.watching.watched_connection import Accounts, WatchedConnection, of_subject

T = TypeVar("T")

log = logging.getLogger(__name__)

EXPERIENCE = "experience:"
"""Begins the name of the setting that keeps the experience of an org."""

REMEMBERED = timedelta(days=365)
"""How long the journal remembers what happened."""

UPKEEP_EVERY = timedelta(days=1)

LOT = 50
"""States that are taken from the journal before others have their turn."""

AT_ONCE = 100
"""Orgs that are read at the same time: more would only wait for this process, until their time is over."""


class StateStore:
    """What all loops share: clock, configuration, journal, and who is told of changes."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        journal: Journal,
        publish: Callable[[str], None],
        *,
        standing: bool = True,
        not_before: datetime | None = None,
    ) -> None:
        self.began = clock.now()
        """When this watch, or this command, began."""
        self.not_before = not_before or self.began
        """No older reading is an answer to this command."""
        self.required = config.required(REQUIREMENTS)
        """The permissions that service accounts need."""
        self.config = config
        self.clock = clock
        self.journal = journal
        app = config.app
        self.context = Context(clock, self.required, app.intervals, app.window, standing)
        self.turns = asyncio.Semaphore(AT_ONCE)
        """Whose reading nobody awaits takes one of them."""
        self.standing = standing
        """A standing watch; else one command, which reads by itself and whose every reading is kept."""
        self.publish = publish
        self.connections: Sequence[WatchedConnection] = ()
        """All that is watched: an account may be shared across the orgs of the configuration."""
        self._accounts = Accounts(())
        self.journal_problem = ""
        self.notice = ""
        """Something about the journal that stays worth showing: its file was set aside."""
        self.experiences: dict[str, Experience] = {}
        """The experience chosen last, by org."""
        self.news: list[Entry] = []
        """What was written since somebody looked, for the bell."""
        self.mutes: dict[str, Mute] = {}
        """Of connections that are, or were, kept still."""

    def progress(self, watched: WatchedConnection) -> ReadingProgress:
        return ReadingProgress(
            watched.reading,
            watched.next_at,
            watched.last_try,
            watched.paused,
            self.journal_problem or self.notice,
            saving(watched.state),
            watched.throttled,
        )

    async def apply_reading(
        self,
        watched: WatchedConnection,
        evidence: Evidence,
        diagnosis: Diagnosis,
        began: datetime,
        *,
        lease: Lease | None = None,
    ) -> None:
        """Advance the state by a reading that began at `began`, write down what is new, tell everybody.

        A reading that began before the one that the journal holds changes nothing. Raises LeaseLost.
        """
        if watched.state is not None:
            evidence = sharing(evidence, watched.state.evidence)
            diagnosis = sharing(diagnosis, watched.state.diagnosis)
        step = Step(self.context, watched, evidence, diagnosis, began=began)
        # What a reading found the next one finds again; an act is known from here alone.
        await self._commit(watched, step, lease=lease, lasting=False)

    async def apply_act(self, watched: WatchedConnection, act: Act) -> None:
        """Advance the newest state by what the operator or the program did."""
        state = watched.state
        if state is not None:
            await self._commit(watched, Step(self.context, watched, state.evidence, state.diagnosis, act=act))

    def share(self, connections: Sequence[WatchedConnection]) -> None:
        """Mark the connections that use one account, as far as is known now; of these there is news."""
        self._accounts.note(connections)

    async def restore(self) -> None:
        """Open the journal and take states, walkthroughs and choices from it."""
        await self.write(self.journal.open())
        if (damaged := self.journal.set_aside) is not None:
            self.notice = (
                f"The journal could not be read: it was set aside as {damaged.name}, a new one is begun."
            )
        for name, value in (await self.write(self.journal.settings()) or {}).items():
            if name.startswith(EXPERIENCE) and value in tuple(Experience):
                self.experiences[name.removeprefix(EXPERIENCE)] = Experience(value)
        await self.poll_journal(self.connections)

    async def choose_experience(self, org: str, experience: Experience) -> None:
        """Show this one of Salesforce's interfaces for an org from now on, on this machine."""
        self.experiences[org] = experience
        await self.write(self.journal.keep_setting(EXPERIENCE + org, experience.value))

    async def keep_up(self) -> None:
        """Once a day: forget what is older than a year, and look whether the file is whole."""
        while True:
            now = self.clock.now()
            await self.write(self.journal.check(now))
            await self.write(self.journal.prune(now - REMEMBERED))
            await self.clock.sleep_until(now + UPKEEP_EVERY)

    async def poll_journal(self, connections: Sequence[WatchedConnection]) -> None:
        """Take what other processes have written about these connections."""
        version = await self.write(self.journal.version())
        if version is not None and all(watched.stored_version == version for watched in connections):
            return
        news = []
        for number, watched in enumerate(connections, 1):
            news.append(await self.refresh(watched))
            if not number % LOT:
                # Thousands take seconds: keys come first.
                await asyncio.sleep(0)
        self.mutes = await self.write(self.journal.mutes.all()) or {}
        for watched in connections:
            # What was written since the version was read is taken the next time.
            watched.stored_version = version if not self.journal_problem else None
        if any(news):
            # What another process read may show that two connections use one account.
            self.share(connections)

    async def refresh(self, watched: WatchedConnection) -> bool:
        """Take what other processes have written about a connection; whether there was anything."""
        stored = await self.write(self.journal.stored(watched.name, watched.stored))
        if stored is None or stored is watched.stored:
            return False
        self.adopt(watched, stored)
        self.publish(watched.name)
        return True

    def adopt(self, watched: WatchedConnection, stored: Stored) -> None:
        """Show what the journal holds; a state of another subject by the same name is nobody's past."""
        state = of_subject(watched, stored)
        if stored.revision != watched.stored.revision or watched.state is None:
            watched.state = configured(state, watched.connection) if state is not None else watched.state
            watched.read_by = stored.read_by if state is not None else watched.read_by
            watched.last_logged_status = (
                stored.last_logged_status if state is not None else watched.last_logged_status
            )
        if state is not None or stored.state is None:
            self._adopt_walk(watched, stored)
        watched.stored = stored

    @staticmethod
    def resume(watched: WatchedConnection) -> None:
        """The walkthrough goes on here."""
        watched.walking = watched.walk is not None
        watched.walk_left = None

    async def _commit(
        self, watched: WatchedConnection, step: Step, *, lease: Lease | None = None, lasting: bool = True
    ) -> None:
        now, known = self.clock.now(), watched.stored
        if await self._changes_nothing(watched, step):
            self._take(watched, step, written_down=True)
            self.publish(watched.name)
            return
        writing = self.journal.transition(watched.name, step.decide, known, now, lease=lease, lasting=lasting)
        result = await self.write(writing)
        if result is None:
            # Without a journal the watch goes on in memory; what it has to say is written later.
            step.decide(known)
            watched.unwritten.extend(step.fresh)
            watched.walk_unwritten = watched.walk_unwritten or step.walk_moved
        else:
            stored, written = result
            self.news.extend(written)
            if step.is_stored:
                watched.unwritten.clear()
                watched.spans = ()
                watched.walk_unwritten = False
            if step.outdated:
                self.adopt(watched, stored)
            elif not step.walk_moved:
                self._adopt_walk(watched, stored)
            watched.stored = stored
        if not step.outdated:
            self._take(watched, step, written_down=result is not None)
        self.publish(watched.name)

    async def _changes_nothing(self, watched: WatchedConnection, step: Step) -> bool:
        """Whether the step leaves the journal as it is, where nobody else has written since it was looked at."""
        version = await self.write(self.journal.version())
        if version is None or version != watched.stored_version:
            return False
        return step.decide(watched.stored) == Transition() and not step.outdated

    def _take(self, watched: WatchedConnection, step: Step, *, written_down: bool) -> None:
        state = step.state
        assert state is not None  # noqa: S101 - a step that is not outdated has decided
        watched.state = state
        watched.read_by = leases.this_process() if step.is_reading else watched.read_by
        watched.refused &= set(state.diagnosis.causes)
        watched.last_logged_status = step.last_logged_status
        if not (written_down and step.is_stored):
            watched.spans = step.spans
        if step.walk_moved:
            watched.walk = step.walk
            watched.walking = watched.walking and step.walk is not None
            watched.walk_left = None if step.walk is None else watched.walk_left

    def _adopt_walk(self, watched: WatchedConnection, stored: Stored) -> None:
        if stored.walk_stamp == watched.stored.walk_stamp or watched.walk_unwritten:
            return
        watched.walk = stored.walk
        watched.walking = watched.walking and stored.walk is not None
        watched.walk_left = None if watched.walking else stored.walk_at

    async def move_walk(
        self,
        watched: WatchedConnection,
        move: Callable[[Walkthrough | None], Walkthrough | None],
        *,
        acted: bool = True,
    ) -> None:
        """Store where the operator is now: `move` goes from the newest walkthrough, whoever moved it.

        The history says what became of which step. `acted`: the operator moved it, not a reading.
        """
        now = self.clock.now()
        walk = Walk(self.context, watched, move, acted, now)
        result = await self.write(self.journal.transition(watched.name, walk.decide, watched.stored, now))
        if result is None:
            walk.decide(watched.stored)
            watched.walk_unwritten = True
            watched.unwritten.extend(walk.lines)
        else:
            watched.walk_unwritten = False
            watched.stored, written = result
            self.news.extend(written)
        watched.walk = walk.walk
        watched.walking = walk.walk is not None
        watched.walk_left = None
        self.publish(watched.name)

    async def write(self, writing: Awaitable[T]) -> T | None:
        """Await a write to the journal; a failure shows on every connection and never stops the watch."""
        result, _ = await self.tried(writing)
        return result

    async def tried(self, writing: Awaitable[T]) -> tuple[T | None, bool]:
        """Like `write`; also whether the journal failed."""
        try:
            result = await writing
        except JournalProblem as problem:
            if self.journal_problem != str(problem):
                log.warning("%s", problem)
            self.journal_problem = str(problem)
            return None, True
        self.journal_problem = ""
        return result, False
