"""The rows of the list from the states: filtered as typed, in the order that was chosen."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tui import wording
from tui.app.connection_list import Cells, Row
from tui.app.renderer import Renderer
from tui.connections.connection import Connection
from tui.connections.state import State, Status, rank
from tui.pictures.availability import last_day, strip
from tui.pictures.pieces import Tone
from tui.walkthrough.marks import SIGNS, StepMark
from tui.watching.hours import HOUR, Hour, Seen, kind_of
from tui.wording.times import Times

PROBLEMS = (Status.ERROR, Status.DEAUTHORIZED, Status.UNKNOWN)


CELL_TONES = {
    Tone.GOOD: "monitoring",
    Tone.BAD: "error",
    Tone.WARNING: "recovering",
    Tone.QUIET: "quiet",
}


class Order(StrEnum):
    """How the list is sorted; within it the configuration's order holds."""

    WORST = "worst first"
    NAME = "by name"
    ORG = "by org"

    @property
    def following(self) -> "Order":
        every = list(Order)
        return every[(every.index(self) + 1) % len(every)]


def step(times: Times) -> datetime:
    """The moment of which ages are told: it moves every ten seconds, for quiet's sake."""
    return times.now.replace(microsecond=0) - timedelta(seconds=times.now.second % 10)


class Rows:
    """Makes the rows, and makes each only once as long as its state and its age stay the same."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self._made: dict[str, tuple[State | None, datetime, str, Row]] = {}
        self._days: dict[str, tuple[Sequence[Hour], int, Seen | None, Cells]] = {}

    def of(
        self,
        connections: Sequence[Connection],
        states: Mapping[str, State],
        typed: str,
        order: Order,
        times: Times,
        paused: Container[str] = (),
        muted: Container[str] = (),
        hours: Mapping[str, Sequence[Hour]] | None = None,
    ) -> tuple[Row, ...]:
        """One row a connection that matches what was typed.

        `hours`: how each was seen in the last 24; None: not known yet.
        """
        now = step(times)
        times = replace(times, now=now)
        wanted = terms(typed)
        found = []
        for place, connection in enumerate(connections):
            state = states.get(connection.name)
            if matches(connection, state, wanted):
                key = _key(order, connection, state)
                note = "paused" if connection.name in paused else "muted" if connection.name in muted else ""
                cells = self._cells(connection, state, now, hours)
                found.append((key, place, self._row(connection, state, times, note, cells)))
        found.sort(key=lambda item: item[:2])
        return tuple(row for _, _, row in found)

    def _cells(
        self,
        connection: Connection,
        state: State | None,
        now: datetime,
        hours: Mapping[str, Sequence[Hour]] | None,
    ) -> Cells:
        """The last 24 hours; made anew only where a reading, the hour or the roll-up differs."""
        if hours is None:
            return ()
        own = hours.get(connection.name, ())
        kind = kind_of(state) if state is not None else None
        made, hour = self._days.get(connection.name), int(now.timestamp()) // HOUR
        if made is None or made[0] is not own or made[1:3] != (hour, kind):
            line = strip(last_day(own, now, kind), ascii=self.renderer.ascii)
            made = (own, hour, kind, tuple((text, CELL_TONES[tone]) for text, tone in line))
            self._days[connection.name] = made
        return made[3]

    def _row(self, connection: Connection, state: State | None, times: Times, note: str, cells: Cells) -> Row:
        made, now = self._made.get(connection.name), times.now
        if made is not None and made[0] is state and made[1:3] == (now, note) and made[3].cells == cells:
            return made[3]
        row = Row(
            name=connection.name,
            sign=wording.status_sign(state, plain=self.renderer.ascii),
            text=self.renderer.text(connection.name),
            word=_word(state),
            short=note or wording.age(state, now),
            # Nobody looks: whatever it was read as last may not be so any more.
            tone="quiet" if note == "paused" else _tone(state),
            problem=state is not None and (state.overdue or state.status in PROBLEMS),
            mark=self.renderer.text(_mark(state)),
            said=wording.word_note(state, times) if state is not None else "",
            cells=cells,
            about=self.renderer.text(_about(connection, state)),
        )
        if made is not None and made[3] == row:
            row = made[3]
        self._made[connection.name] = (state, now, note, row)
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


def _about(connection: Connection, state: State | None) -> str:
    """The first cause, by whom, and the org."""
    finding = next(iter(state.diagnosis.findings), None) if state is not None else None
    what = (
        (wording.done(finding, brief=True), finding.by.name if finding.by is not None else "")
        if finding is not None
        else ()
    )
    return " · ".join(part for part in (*what, connection.org) if part)


def _mark(state: State | None) -> str:
    """Beside a status that is well: the operator's word alone, or an early warning."""
    if state is not None and state.by_word is not None:
        return SIGNS[StepMark.OPERATOR]
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


# What was typed into the filter, as a question to each connection

FIELDS = ("status", "name", "org", "user", "cause")
"""What `field:word` may ask for."""


class Term(Struct, frozen=True):
    """One word: it must be there, or with `without` must not; `field` empty: wherever one looks first."""

    word: str
    field: str = ""
    without: bool = False


def terms(typed: str) -> tuple[Term, ...]:
    """The words of the filter. What is still being typed (`!`, `status:`) asks for nothing yet."""
    found = []
    for part in typed.casefold().split():
        without = part.startswith("!")
        word = part.removeprefix("!")
        field, colon, rest = word.partition(":")
        if not colon or field not in FIELDS:
            field, rest = "", word
        if rest:
            found.append(Term(rest, field, without))
    return tuple(found)


def matches(connection: Connection, state: State | None, wanted: tuple[Term, ...]) -> bool:
    """Every term holds."""
    if not wanted:
        return True
    texts = _texts(connection, state)
    return all(_within(term, texts) is not term.without for term in wanted)


def _texts(connection: Connection, state: State | None) -> dict[str, str]:
    status, cause = "unread", ""
    if state is not None:
        status = f"overdue {state.status.value}" if state.overdue else state.status.value
        cause = " ".join(f"{finding.cause} {finding.title}" for finding in state.diagnosis.findings)
    texts = {
        "status": status,
        "name": connection.name,
        "org": connection.org,
        "user": connection.service_account,
        "cause": cause,
    }
    return {field: text.casefold() for field, text in texts.items()}


def _within(term: Term, texts: dict[str, str]) -> bool:
    if term.field:
        return term.word in texts[term.field]
    return any(term.word in text for field, text in texts.items() if field != "cause")
