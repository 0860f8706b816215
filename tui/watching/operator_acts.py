"""What the operator does with a connection: he walks through its steps, gives his word, sends repairs."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from tui.connections import walkthrough
from tui.connections.connection import Experience
from tui.connections.outage import SaysMonitoring, SaysRepaired, WithdrawsMonitoring
from tui.connections.repair import NoRepair, Outcome, Repair
from tui.connections.step import Subject
from tui.connections.walkthrough import Walkthrough
from tui.diagnosis.offers import offer_back
from tui.watching import taking_back, walking
from tui.watching.entry import Entry, EntryKind
from tui.watching.evidence_parts import org_clock
from tui.watching.org_watch import OrgWatch
from tui.watching.repair_runner import refused_for_good
from tui.watching.state_store import StateStore
from tui.watching.watched_connection import WatchedConnection


class OperatorActs:
    """The part of the Watcher that a walkthrough acts on."""

    _store: StateStore
    _watched: dict[str, WatchedConnection]
    _orgs: dict[str, OrgWatch]

    # The walk

    def walkthrough(self, name: str) -> Walkthrough | None:
        return self._watched[name].walk

    def left_walkthroughs(self) -> tuple[tuple[str, Walkthrough, datetime], ...]:
        """Walkthroughs that another process began and nobody has resumed yet, and when they were left; newest first."""
        every = self._watched.values()
        left = [
            (t.name, t.walk, t.walk_left) for t in every if t.walk is not None and t.walk_left is not None
        ]
        return tuple(sorted(left, key=lambda walk: walk[2], reverse=True))

    async def walk(self, name: str) -> Walkthrough | None:
        """Begin the walkthrough of `name`, or resume it, on what Salesforce shows now.

        None where there is nothing to repair or to wait for.
        """
        watched, watch = self._watched[name], self._watch(name)
        watch.start(None)
        await watch.read_first(name)
        self._store.resume(watched)
        if watched.walk is None:
            await self._store.move_walk(watched, lambda walk: walk or self._begun(watched))
        self._reschedule(name)
        return watched.walk

    async def step_done(self, name: str) -> None:
        """The operator says that the current step is done; Salesforce is asked at once."""
        watched = self._watched[name]
        if watched.walk is None:
            return
        walk, state, now = watched.walk, watched.state, self._store.clock.now()
        await self._move(watched, lambda walk: walkthrough.done(walk, now))
        if state is not None and walking.done_by_word(state, walk.item.cause, walk):
            act = SaysRepaired(walk.item.cause, walking.operator(state), org_clock(state, now))
            await self._store.apply_act(watched, act)
        self._watch(name).ask(name)

    async def step_skip(self, name: str) -> None:
        watched, now = self._watched[name], self._store.clock.now()
        if watched.walk is not None:
            await self._move(watched, lambda walk: walkthrough.skip(walk, now))
            self._reschedule(name)

    async def step_back(self, name: str) -> None:
        watched = self._watched[name]
        if watched.walk is not None:
            await self._move(watched, walkthrough.back)
            self._reschedule(name)

    async def step_again(self, name: str, index: int) -> None:
        """Go back to the step at this place."""
        watched = self._watched[name]
        if watched.walk is not None:
            await self._move(watched, lambda walk: walkthrough.go_to(walk, index))
            self._reschedule(name)

    async def close_walk(self, name: str) -> None:
        """The walkthrough is over, whatever is left to do in it; nobody is asked to resume it."""
        watched = self._watched[name]
        if watched.walk is not None:
            await self._store.move_walk(watched, lambda _: None)
            self._reschedule(name)

    def experience(self, name: str) -> Experience:
        """The one that was chosen last for the org, by default the configuration's."""
        return self._experience(self._watched[name])

    async def switch_experience(self, name: str) -> Experience:
        """The other of Lightning and Classic, for this org from now on, on this machine."""
        watched = self._watched[name]
        lightning = self._experience(watched) is Experience.LIGHTNING
        new = Experience.CLASSIC if lightning else Experience.LIGHTNING
        await self._store.choose_experience(org := watched.connection.org, new)
        for each in self._watched.values():
            if each.connection.org == org and each.walk is not None:
                await self._move(each, lambda walk: replace(walk, experience=new))
        return new

    # What the operator does

    async def say_monitoring(self, name: str, by: str) -> bool:
        """The operator's word that the console shows Monitoring; False where it does not count (no repair yet)."""
        watched = self._watched[name]
        state = watched.state
        if state is None:
            return False
        act = SaysMonitoring(by, org_clock(state, self._store.clock.now()))
        await self._store.apply_act(watched, act)
        self._watch(name).ask(name)
        recovery = watched.state.recovery if watched.state is not None else None
        return recovery is not None and recovery.word is not None and recovery.word.at == act.at

    async def withdraw_monitoring(self, name: str, by: str) -> bool:
        """The operator takes that word back; False where there is none."""
        watched = self._watched[name]
        state = watched.state
        if state is None or state.word is None:
            return False
        act = WithdrawsMonitoring(by, org_clock(state, self._store.clock.now()))
        await self._store.apply_act(watched, act)
        self._watch(name).ask(name)
        return True

    async def say_console(self, name: str, word: str, by: str) -> bool:
        """Write down what the operator sees in the console now; it decides nothing. False without a journal."""
        now = self._store.clock.now()
        at = org_clock(self._watched[name].state, now)
        line = Entry(at, name, EntryKind.WORD, f"{name}|console|{now.isoformat()}", by=by, text=word)
        _, failed = await self._store.tried(self._store.journal.note(line))
        if not failed:
            self._store.publish(name)
        return not failed

    def repair_offers(self, name: str) -> tuple[Repair | NoRepair, ...]:
        """For each cause that is present, in order: the repair that the program may apply, or why not.

        Where the org has refused the first way, and there is another one, that one.
        """
        watched = self._watched[name]
        offers = watched.state.diagnosis.offers if watched.state is not None else ()
        return tuple(
            offer.alternative
            if offer.alternative is not None and offer.cause in watched.refused
            else offer.repair
            for offer in offers
        )

    async def repair(self, name: str, repair: Repair) -> tuple[Outcome, ...]:
        """Apply `repair`, journalled before and after, and read everything again.

        Raises Problem where nothing was sent: the journal cannot be written, or a change of the same record is open.
        """
        watched, watch = self._watched[name], self._watch(name)
        outcomes = await watch.repair_runner.run(watched, repair)
        if refused_for_good(outcomes) and not repair.takes_back:
            watched.refused.add(repair.cause)
        await watch.read(name)
        return outcomes

    async def undo_offer(self, name: str) -> Repair | NoRepair:
        """What takes back the last repair of the last 24 hours, or why nothing does."""
        watched, now = self._watched[name], self._store.clock.now()
        org = self._store.config.orgs[watched.connection.org]
        evidence = watched.state.evidence if watched.state is not None else None
        sent = await self._store.write(self._store.journal.sent(name)) or ()
        undo = taking_back.offer(sent, watched.connection.service_account, now)
        return offer_back(undo, Subject(watched.connection, org, evidence))

    # Inside

    def _experience(self, watched: WatchedConnection) -> Experience:
        org = self._store.config.orgs[watched.connection.org]
        return self._store.experiences.get(org.id, org.experience)

    def _begun(self, watched: WatchedConnection) -> Walkthrough | None:
        store = self._store
        return walking.begin(watched.state, self._experience(watched), store.clock.now(), store.required)

    async def _move(self, watched: WatchedConnection, move: Callable[[Walkthrough], Walkthrough]) -> None:
        """Move the newest walkthrough; one that somebody has closed stays closed."""
        await self._store.move_walk(watched, lambda walk: move(walk) if walk is not None else None)

    def _watch(self, name: str) -> OrgWatch:
        return self._orgs[self._watched[name].connection.org]

    def _reschedule(self, name: str) -> None:
        self._watch(name).reschedule()
