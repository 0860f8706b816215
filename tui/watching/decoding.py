"""What the journal holds, decoded; what cannot be decoded is logged once and counted, never an error."""

import logging
import sqlite3
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from tui.connections.repair import Outcome, Repair
from tui.connections.state import SCHEMA, State
from tui.connections.walkthrough import Walkthrough
from tui.watching.entry import Entry

T = TypeVar("T")

log = logging.getLogger(__name__)

_logged: set[str] = set()
MOST_LOGGED = 100


def decode(data: str | bytes, kind: type[T], what: str) -> T | None:
    """`data` as `kind`; None where it cannot be read. `what` names it in the log."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        _note(what, str(error))
        return None


def state(data: str | bytes, name: str) -> State | None:
    """A state of this version's schema."""
    found = decode(data, State, f"state of {name}")
    if found is not None and found.schema != SCHEMA:
        _note(f"state of {name}", f"schema {found.schema}")
        return None
    return found


def moment(text: Any) -> datetime | None:
    """A moment as the journal writes it; None where it is none. Without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def count(sql: sqlite3.Connection) -> int:
    """How many records of the open file cannot be decoded."""
    (bad,) = sql.execute("SELECT count(*) FROM undecoded").fetchone()
    for name, data in sql.execute("SELECT connection, state FROM states"):
        bad += state(data, name) is None
    for number, data in sql.execute("SELECT id, entry FROM entries"):
        bad += decode(data, Entry, f"entry {number}") is None
    for name, data, at in sql.execute("SELECT connection, walkthrough, at FROM walkthroughs"):
        bad += decode(data, Walkthrough, f"walkthrough of {name}") is None or moment(at) is None
    rows = sql.execute("SELECT id, repair, outcomes, intended_at, completed_at FROM changes")
    for number, repair, outcomes, intended, completed in rows:
        good = decode(repair, Repair, f"change {number}") is not None and moment(intended) is not None
        good = good and (
            not outcomes or decode(outcomes, tuple[Outcome, ...], f"change {number}") is not None
        )
        bad += not (good and (completed is None or moment(completed) is not None))
    return int(bad)


def _note(what: str, why: str) -> None:
    if what not in _logged and len(_logged) < MOST_LOGGED:
        _logged.add(what)
        log.warning("the journal's %s cannot be decoded, it is kept: %s", what, why)
