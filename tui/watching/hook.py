"""Calling the operator's own program when a connection changes: argv, JSON on its standard input, never a shell."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from tui.base import process
from tui.base.text import clean
from tui.connections.state import State, Status
from tui.watching.entry import EntryKind
from tui.watching.leases import Lease, LeaseLost
from tui.watching.mutes import Mute
from tui.watching.receipts import Line, Receipt
from tui.watching.state_store import StateStore

KINDS = frozenset(
    {EntryKind.STATUS, EntryKind.ERROR, EntryKind.UNKNOWN, EntryKind.RETURNED, EntryKind.OVERDUE}
)
"""Lines of the history that somebody elsewhere wants to hear of."""

OLDEST = timedelta(hours=1)
"""What was noticed longer ago is no news: then only the status now is sent, where it is another."""

TRIES = 5
BACK_OFF = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""How long to wait after each try that failed, but the last."""

AT_ONCE = 4
TIMEOUT_SECONDS = 30.0
"""Real seconds that the program may take."""

LOOK_EVERY = timedelta(seconds=2)
"""How often the journal is asked for new lines."""

JOURNAL_AGAIN = timedelta(seconds=30)
"""When the journal is asked again after it could not be."""

MUTE_AGAIN = timedelta(minutes=1)
"""How long a mute that somebody has ended meanwhile may be overlooked."""

SHOWN = 200
"""Characters of what the program said that are kept of a failure."""

log = logging.getLogger(__name__)


Describe = Callable[["Delivery", State, datetime], bytes]
"""The JSON of a delivery; the state is that of now."""


class Hook(Struct, frozen=True):
    """The program that is called for each change, and how a change is described to it."""

    argv: tuple[str, ...]
    describe: Describe

    @property
    def receiver(self) -> str:
        return receiver_of(self.argv)


class Delivery(Struct, frozen=True):
    """One change of one connection on its way to a receiver."""

    connection: str
    id: str
    dedup_key: str
    before: Status | None
    after: Status
    lines: tuple[Line, ...]
    """What happened, oldest first; empty where only the status now is sent."""
    newest: int
    """Number of the newest line that it answers for."""


def receiver_of(argv: Sequence[str]) -> str:
    """The name under which the journal knows a receiver: another program is another one."""
    return hashlib.sha256("\0".join(argv).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def delivery(
    receipt: Receipt, lines: Sequence[Line], state: State, now: datetime, mute: Mute | None = None
) -> Delivery | None:
    """What a receiver has to hear; None where nothing of `lines`, which come after `receipt`, is worth a call."""
    changes = [line for line in lines if line.entry.kind in KINDS]
    if not changes:
        return None
    since = max(now - OLDEST, mute.until) if mute is not None and mute.at <= now else now - OLDEST
    fresh = tuple(line for line in changes if line.noticed >= since)
    if not fresh and state.status is receipt.status:
        return None
    if receipt.status is None and state.status is Status.MONITORING:
        # Seen for the first time, and all is well.
        return None
    name = state.connection.name
    return Delivery(
        connection=name,
        id=_key(name, changes[-1].entry.key),
        dedup_key=receipt.outage or _key(name, changes[0].entry.key),
        before=receipt.status,
        after=state.status,
        lines=fresh,
        newest=lines[-1].number,
    )


def passed_over(receipt: Receipt, lines: Sequence[Line], state: State) -> Receipt:
    """Where nothing of `lines` is worth a call: they are done."""
    changed = any(line.entry.kind in KINDS for line in lines)
    return replace(receipt, acknowledged=lines[-1].number, status=state.status if changed else receipt.status)


def tried(receipt: Receipt, made: Delivery, now: datetime) -> Receipt:
    """Before the program is called: how often, and when."""
    again = receipt.trying == made.newest
    return replace(
        receipt,
        trying=made.newest,
        tries=receipt.tries + 1 if again else 1,
        tried_at=now,
        outage=made.dedup_key,
    )


def acknowledged(receipt: Receipt, made: Delivery) -> Receipt:
    """After the program has ended with 0."""
    outage = "" if made.after is Status.MONITORING else made.dedup_key
    done = replace(receipt, acknowledged=made.newest, status=made.after, outage=outage)
    return replace(done, tries=0, tried_at=None, trying=0, trouble="")


def failed(receipt: Receipt, made: Delivery, trouble: str) -> Receipt:
    """After a try that failed; the last one gives the change up."""
    receipt = replace(receipt, trouble=trouble)
    if receipt.tries < TRIES:
        return receipt
    return replace(
        receipt, acknowledged=made.newest, tries=0, tried_at=None, trying=0, given_up=receipt.given_up + 1
    )


def retry_at(receipt: Receipt, newest: int) -> datetime | None:
    """When the next try is due; None: now. A newer change does not wait for an older one's next try."""
    if receipt.tried_at is None or receipt.trying != newest or not 0 < receipt.tries <= len(BACK_OFF):
        return None
    return receipt.tried_at + BACK_OFF[receipt.tries - 1]


class HookRunner:
    """Delivers what changes on the connections whose org this process has the lease of. `run` until cancelled."""

    def __init__(self, hook: Hook, store: StateStore, lease_of: Callable[[str], Lease | None]) -> None:
        self._hook = hook
        self._store = store
        self._lease_of = lease_of
        self._due: dict[str, datetime] = {}
        """When to look what a connection's receiver has not heard."""
        self._places = asyncio.Semaphore(AT_ONCE)
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        store, receipts = self._store, self._store.journal.receipts
        names = [watched.name for watched in store.connections]
        newest = await store.write(receipts.begin(self._hook.receiver, names))
        self._due = dict.fromkeys(names, store.clock.now())
        try:
            while True:
                # Also lines that another process has written: a check, or the watch before.
                found = await store.write(receipts.lines_after(newest or 0))
                if found is not None:
                    newest, changed = found
                    self._due.update(dict.fromkeys(changed & set(names), store.clock.now()))
                for name in [name for name, at in self._due.items() if at <= store.clock.now()]:
                    if name not in self._running and self._lease_of(name) is not None:
                        del self._due[name]
                        self._running[name] = asyncio.create_task(self._deliver(name), name=f"hook {name}")
                await store.clock.sleep_until(store.clock.now() + LOOK_EVERY)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def settled(self) -> None:
        """Return when no call is under way."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def receipts(self) -> dict[str, Receipt]:
        """How far the receiver is, by connection; empty without a journal."""
        return await self._store.write(self._store.journal.receipts.of(self._hook.receiver)) or {}

    async def _deliver(self, name: str) -> None:
        try:
            again = await self._try(name)
        except LeaseLost:
            again = None
        except Exception:
            log.exception("the hook of %s ended by an internal fault", name)
            again = self._store.clock.now() + JOURNAL_AGAIN
        del self._running[name]
        if again is not None:
            self._due[name] = min(again, self._due.get(name, again))

    async def _try(self, name: str) -> datetime | None:
        """Deliver what is open, once; when to look again, None: at the next line. Raises LeaseLost."""
        store, receipts, receiver = self._store, self._store.journal.receipts, self._hook.receiver
        found = await store.write(receipts.open(receiver, name))
        mutes = await store.write(store.journal.mutes.all())
        now = store.clock.now()
        if found is None or mutes is None:
            return now + JOURNAL_AGAIN
        receipt, lines = found
        watched = next(each for each in store.connections if each.name == name)
        # The newest line may be about a reading that another process has made.
        await store.refresh(watched)
        state = watched.state
        if state is None or not lines:
            return None
        if watched.last_try is None or watched.reading:
            # What the journal remembers may be over: the org is asked first.
            return now + LOOK_EVERY
        mute = mutes.get(name)
        if mute is not None and mute.holds(now):
            return min(mute.until, now + MUTE_AGAIN)
        made = delivery(receipt, lines, state, now, mute)
        if made is None:
            done = replace(passed_over(receipt, lines, state), tries=0, tried_at=None, trying=0)
            await store.write(receipts.keep(receiver, name, done, self._lease_of(name)))
            return None
        if (later := retry_at(receipt, made.newest)) is not None and later > now:
            return later
        async with self._places:
            return await self._call(made, receipt, state)

    async def _call(self, made: Delivery, receipt: Receipt, state: State) -> datetime | None:
        store, name = self._store, made.connection
        receipt, now = tried(receipt, made, store.clock.now()), store.clock.now()
        keep = store.journal.receipts.keep
        # Written before the call: whoever goes on after a kill knows that it may have been heard.
        _, unwritten = await store.tried(keep(self._hook.receiver, name, receipt, self._lease_of(name)))
        if unwritten:
            return now + JOURNAL_AGAIN
        trouble = await call(self._hook.argv, self._hook.describe(made, state, now))
        after = failed(receipt, made, trouble) if trouble else acknowledged(receipt, made)
        await store.write(keep(self._hook.receiver, name, after, None))
        if trouble:
            gone = ", given up" if after.given_up > receipt.given_up else ""
            log.warning("the hook for %s: %s (try %d of %d%s)", name, trouble, receipt.tries, TRIES, gone)
        return retry_at(after, made.newest) or store.clock.now()


async def call(argv: Sequence[str], data: bytes) -> str:
    """Run the program once; why it failed, empty where it has ended with 0."""
    try:
        finished = await process.run(argv, TIMEOUT_SECONDS, data)
    except TimeoutError:
        return f"it did not end within {TIMEOUT_SECONDS:.0f} s"
    except OSError as error:
        return f"{argv[0]} cannot be started: {error.strerror or error}"
    if finished.code == 0:
        return ""
    said = clean((finished.stderr or finished.stdout).decode("utf-8", "replace"), SHOWN)
    ending = f"exit {finished.code}" if finished.code > 0 else f"ended by signal {-finished.code}"
    return f"{ending}: {said}" if said else ending


def _key(name: str, key: str) -> str:
    return hashlib.sha256(f"{name}\0{key}".encode()).hexdigest()[:20]
