"""What the watch knows of one connection, and which connections use one service account.

Accounts are compared by the Ids of org and user as read, else by the configured names: sandbox copies keep
production's user Ids, and a renamed user is the same one.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.memory import stands_for, subject_of
from tui.connections.state import State, Status
from tui.connections.walkthrough import Walkthrough
from tui.watching.entry import Entry
from tui.watching.hours import Span
from tui.watching.journal_records import Stored

Ids = tuple[str, str]


class WatchedConnection(Struct, eq=False):
    """One connection as it is watched. Times are this machine's clock."""

    connection: Connection
    state: State | None = None
    walk: Walkthrough | None = None
    walk_left: datetime | None = None
    """When the walkthrough was left, where another process began it."""
    walking: bool = False
    """The walkthrough was begun or resumed here."""
    walk_unwritten: bool = False
    reading: bool = False
    paused: bool = False
    attended_at: datetime | None = None
    """When somebody pressed a key in its open walkthrough last; None: it is not open."""
    next_at: datetime | None = None
    last_try: datetime | None = None
    extras_at: datetime | None = None
    """When the tenant and the console were asked last."""
    clock_doubted_since: datetime | None = None
    """Since when the org's clock contradicts what it was before."""
    throttled: bool = False
    """The next reading is later than it would be, because of the share of the org's daily calls."""
    tenant_postponed: bool = False
    """The tenant had no turn left for this connection: it is asked soon."""
    last_logged_status: Status | None = None
    """The status that the history shows last."""
    stored: Stored = field(default_factory=Stored)
    """What the journal held when it was looked at last."""
    stored_version: tuple[int, int] | None = None
    """The journal's version then."""
    unwritten: list[Entry] = field(default_factory=list)
    spans: tuple[Span, ...] = ()
    """What was seen and is not in the roll-up yet."""
    subject: tuple[str, str] | None = None
    """The Ids of org and user as this process read them last."""
    read_by: str = ""
    """The process that made the reading behind the state."""
    confirmed_at: datetime | None = None
    """When a later reading of another process found nothing changed."""
    refused: set[str] = field(default_factory=set)
    """Causes whose first repair the org refused for good: another way is offered while they last."""

    @property
    def name(self) -> str:
        return self.connection.name


class Accounts:
    """Who uses which service account, as far as is known now: `note` hears of each connection that may have news."""

    def __init__(self, connections: Iterable[WatchedConnection]) -> None:
        self._keys: dict[str, tuple[Ids | None, Ids]] = {}
        """The Ids of each connection, and its configured names."""
        self._users: dict[tuple[str, Ids], dict[str, WatchedConnection]] = {}
        self.note(connections)

    def note(self, connections: Iterable[WatchedConnection]) -> None:
        """Mark each connection that shares its account with another one, these and those that it concerns."""
        concerned: dict[str, WatchedConnection] = {}
        for watched in connections:
            found, name = ids(watched), _named(watched.connection)
            before = self._keys.get(watched.name)
            if before == (found, name):
                continue
            self._keys[watched.name] = found, name
            for group in _groups(*before) if before is not None else ():
                del self._users[group][watched.name]
                concerned |= self._users[group]
            for group in _groups(found, name):
                self._users.setdefault(group, {})[watched.name] = watched
                concerned |= self._users[group]
        for watched in concerned.values():
            shared = self._shared(*self._keys[watched.name])
            if shared != watched.connection.shared:
                watched.connection = replace(watched.connection, shared=shared)

    def _shared(self, found: Ids | None, name: Ids) -> bool:
        if found is None:
            return len(self._users[_BY_NAME, name]) > 1
        return len(self._users[_BY_IDS, found]) > 1 or bool(self._users.get((_UNREAD, name)))


_BY_NAME, _BY_IDS, _UNREAD = "name", "ids", "unread"


def _groups(found: Ids | None, name: Ids) -> tuple[tuple[str, Ids], ...]:
    """In which groups a connection counts: by name in any case, by its Ids, or as one whose Ids nobody has read."""
    return (_BY_NAME, name), (_UNREAD, name) if found is None else (_BY_IDS, found)


def ids(watched: WatchedConnection) -> Ids | None:
    """The Ids of org and user as they were read last, else as they are pinned; None where neither is known."""
    if watched.subject is not None:
        return watched.subject
    if watched.state is not None and watched.state.subject is not None:
        return watched.state.subject
    pinned = watched.connection
    if pinned.org_id is None or pinned.user_id is None:
        return None
    return pinned.org_id[:15], pinned.user_id[:15]


def read_ids(connection: Connection, evidence: Evidence) -> Ids | None:
    """The Ids of org and user in this reading; None where one is missing or is not the pinned one."""
    found = subject_of(evidence)
    if found is None:
        return None
    pins = (connection.org_id, connection.user_id)
    return found if all(pin is None or pin[:15] == id for pin, id in zip(pins, found, strict=True)) else None


def _named(connection: Connection) -> tuple[str, str]:
    """Salesforce compares usernames without regard to case."""
    return connection.org, connection.service_account.casefold()


def of_subject(watched: WatchedConnection, stored: Stored) -> State | None:
    """The state that is stored, where it is about the account that the name stands for now."""
    state = stored.state
    if state is None:
        return None
    return state if stands_for(state, watched.connection) else None


def newest_walk(watched: WatchedConnection, stored: Stored) -> Walkthrough | None:
    """The walkthrough that is stored; none of another subject's."""
    return stored.walk if stored.state is None or of_subject(watched, stored) is not None else None
