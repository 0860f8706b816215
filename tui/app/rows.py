"""The rows of the list from the states: filtered as typed, in the order that was chosen."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from tui import wording
from tui.app.connection_list import Row
from tui.app.filtering import matches, terms
from tui.app.pen import Pen
from tui.connections.connection import Connection
from tui.connections.state import State, rank
from tui.connections.status import Status

PROBLEMS = (Status.ERROR, Status.DEAUTHORIZED, Status.UNKNOWN)


class Order(StrEnum):
    """How the list is sorted; within it the configuration's order holds."""

    WORST = "worst first"
    NAME = "by name"
    ORG = "by org"

    @property
    def following(self) -> "Order":
        every = list(Order)
        return every[(every.index(self) + 1) % len(every)]


class Rows:
    """Makes the rows, and makes each only once as long as its state and its age stay the same."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self._made: dict[str, tuple[State | None, datetime, bool, Row]] = {}

    def of(
        self,
        connections: Sequence[Connection],
        states: Mapping[str, State],
        typed: str,
        order: Order,
        now: datetime,
        paused: Container[str] = (),
    ) -> tuple[Row, ...]:
        """One row a connection that matches what was typed; ages move every ten seconds, for quiet's sake."""
        now = now.replace(microsecond=0) - timedelta(seconds=now.second % 10)
        wanted = terms(typed)
        found = []
        for place, connection in enumerate(connections):
            state = states.get(connection.name)
            if matches(connection, state, wanted):
                key = _key(order, connection, state)
                found.append((key, place, self._row(connection, state, now, connection.name in paused)))
        found.sort(key=lambda item: item[:2])
        return tuple(row for _, _, row in found)

    def _row(self, connection: Connection, state: State | None, now: datetime, paused: bool) -> Row:
        made = self._made.get(connection.name)
        if made is not None and made[0] is state and made[1:3] == (now, paused):
            return made[3]
        row = Row(
            name=connection.name,
            sign=wording.status_sign(state, plain=self.pen.ascii),
            text=self.pen.text(connection.name),
            word=_word(state),
            short="paused" if paused else wording.age(state, now),
            # Nobody looks: whatever it was read as last may not be so any more.
            tone="quiet" if paused else _tone(state),
            problem=state is not None and (state.overdue or state.status in PROBLEMS),
            mark=_mark(state),
        )
        if made is not None and made[3] == row:
            row = made[3]
        self._made[connection.name] = (state, now, paused, row)
        return row


def _key(order: Order, connection: Connection, state: State | None) -> tuple[str | tuple[int, bool], ...]:
    match order:
        case Order.WORST:
            return (rank(state),)
        case Order.NAME:
            return (connection.name.casefold(),)
        case Order.ORG:
            return (connection.org.casefold(), rank(state))


def _word(state: State | None) -> str:
    if state is None:
        return "unread"
    return wording.status_word(state)


def _mark(state: State | None) -> str:
    """An early warning beside a status that is well."""
    warned = state is not None and state.status is Status.MONITORING and state.diagnosis.warnings
    return "!" if warned else ""


def _tone(state: State | None) -> str:
    if state is None:
        return "unknown"
    if state.overdue or state.status in (Status.ERROR, Status.DEAUTHORIZED):
        return "error"
    if state.status in (Status.RECOVERING, Status.INITIALIZING):
        return "recovering"
    return "monitoring" if state.status is Status.MONITORING else "unknown"
