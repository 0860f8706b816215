"""The rows of the list from the states: worst first, filtered as typed. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tui import wording
from tui.app.connection_list import Row
from tui.app.pen import Pen
from tui.connections.connection import Connection
from tui.connections.state import State
from tui.connections.status import Status

WORST_FIRST = (
    Status.ERROR,
    Status.DEAUTHORIZED,
    Status.UNKNOWN,
    Status.RECOVERING,
    Status.INITIALIZING,
    Status.MONITORING,
)


def rank(state: State | None) -> int:
    """Where a state stands in the list; what was not read yet keeps its place among the unknown."""
    if state is None:
        return WORST_FIRST.index(Status.UNKNOWN)
    return WORST_FIRST.index(Status.ERROR if state.overdue else state.status)


def rows(
    connections: Sequence[Connection],
    states: Mapping[str, State],
    wanted: str,
    pen: Pen,
    now: datetime,
) -> tuple[Row, ...]:
    """One row a connection that matches what was typed; ages move every ten seconds, for quiet's sake."""
    now -= timedelta(seconds=now.second % 10)
    found = []
    for place, connection in enumerate(connections):
        state = states.get(connection.name)
        if not _matches(connection, state, wanted):
            continue
        row = Row(
            name=connection.name,
            sign=wording.status_sign(state, plain=pen.ascii),
            text=pen.text(connection.name),
            word=_word(state),
            short=wording.age(state, now),
            tone=_tone(state),
        )
        found.append((rank(state), place, row))
    return tuple(row for _, _, row in sorted(found, key=lambda item: item[:2]))


def _matches(connection: Connection, state: State | None, wanted: str) -> bool:
    status = state.status.value if state is not None else ""
    texts = (connection.name, connection.org, connection.service_account, status)
    return all(any(word in text.casefold() for text in texts) for word in wanted.casefold().split())


def _word(state: State | None) -> str:
    if state is None:
        return "unread"
    return "overdue" if state.overdue else wording.status_word(state)


def _tone(state: State | None) -> str:
    if state is None:
        return "unknown"
    if state.overdue or state.status in (Status.ERROR, Status.DEAUTHORIZED):
        return "error"
    if state.status in (Status.RECOVERING, Status.INITIALIZING):
        return "recovering"
    return "monitoring" if state.status is Status.MONITORING else "unknown"
