"""Which connections use one service account: by the Ids of org and user as read, else by the configured names.

Sandbox copies keep production's user Ids, and a renamed user is the same one: names decide only where nothing was
read or pinned.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.memory import subject_of

if TYPE_CHECKING:
    from tui.watching.state_store import WatchedConnection

Ids = tuple[str, str]


def share(connections: Sequence["WatchedConnection"]) -> None:
    """Mark each connection that shares its account with another one, as far as is known now."""
    known = {watched.name: ids(watched) for watched in connections}
    by_ids = Counter(found for found in known.values() if found is not None)
    by_name = Counter(_named(watched.connection) for watched in connections)
    unread = Counter(_named(watched.connection) for watched in connections if known[watched.name] is None)
    for watched in connections:
        name, found = _named(watched.connection), known[watched.name]
        shared = by_name[name] > 1 if found is None else by_ids[found] > 1 or unread[name] > 0
        if shared != watched.connection.shared:
            watched.connection = replace(watched.connection, shared=shared)


def ids(watched: "WatchedConnection") -> Ids | None:
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
