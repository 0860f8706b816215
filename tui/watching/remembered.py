"""The states that the journal knew last, for the first frame. It only looks: the watcher opens the journal itself."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import msgspec

from tui.connections.connection import Connection
from tui.connections.memory import stands_for
from tui.connections.state import SCHEMA, State


def last_states(path: Path) -> dict[str, State]:
    """By connection; empty where the journal at `path` cannot be read."""
    try:
        address = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0)) as sql:
            rows = sql.execute("SELECT connection, state FROM states").fetchall()
    except (sqlite3.Error, OSError):
        return {}
    found = ((name, _decoded(data)) for name, data in rows)
    return {name: state for name, state in found if state is not None and state.schema == SCHEMA}


def of_subject(connection: Connection, known: dict[str, State]) -> State | None:
    """What is known of this connection; a name that now stands for another account has no past."""
    state = known.get(connection.name)
    if state is None:
        return None
    if not stands_for(state, connection):
        return None
    return msgspec.structs.replace(state, connection=connection)


def _decoded(data: bytes) -> State | None:
    try:
        return msgspec.json.decode(data, type=State)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None
