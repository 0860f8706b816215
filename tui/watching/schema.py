"""The journal's tables, version by version: a new file takes the same way as an old one that is migrated."""

import sqlite3

APPLICATION_ID = 0x52454D4F
"""Marks the file as this program's ("REMO")."""

_RELEASED = """
CREATE TABLE states (connection TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, key TEXT NOT NULL UNIQUE, entry BLOB NOT NULL
);
CREATE INDEX entries_of_connection ON entries (connection, id);
CREATE TABLE walkthroughs (connection TEXT PRIMARY KEY, walkthrough BLOB NOT NULL, at TEXT NOT NULL);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, repair BLOB NOT NULL, operator TEXT NOT NULL,
    intended_at TEXT NOT NULL, completed_at TEXT, outcomes BLOB
);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# `revision` counts the writes of a state, `began` is when its reading began (ISO, the writer's clock),
# `counted` until when the roll-up is counted. `entries.at` and every other INTEGER time are seconds since 1970.
_TOGETHER = """
ALTER TABLE states ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE states ADD COLUMN began TEXT;
ALTER TABLE states ADD COLUMN counted INTEGER;
ALTER TABLE entries ADD COLUMN at INTEGER;
ALTER TABLE entries ADD COLUMN outage INTEGER NOT NULL DEFAULT 1;
UPDATE entries SET
    at = CAST(strftime('%s', json_extract(CAST(entry AS TEXT), '$.at')) AS INTEGER),
    outage = json_extract(CAST(entry AS TEXT), '$.kind') IN ('error', 'returned', 'overdue')
        OR coalesce(json_extract(CAST(entry AS TEXT), '$.status') IN ('Error', 'Recovering'), 0)
        OR coalesce(json_extract(CAST(entry AS TEXT), '$.was') IN ('Error', 'Recovering'), 0)
    WHERE json_valid(CAST(entry AS TEXT)) AND json_type(CAST(entry AS TEXT), '$.kind') = 'text';
CREATE INDEX entries_by_time ON entries (outage, at);
ALTER TABLE changes ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN pid INTEGER NOT NULL DEFAULT 0;
CREATE INDEX open_changes ON changes (id) WHERE completed_at IS NULL;
CREATE TABLE leases (
    org TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, terminal TEXT NOT NULL,
    generation INTEGER NOT NULL, until REAL NOT NULL
);
CREATE TABLE readings (
    org TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, token TEXT NOT NULL,
    began REAL NOT NULL, until REAL NOT NULL
);
CREATE TABLE deliveries (
    entry INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE, receiver TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, tried_at INTEGER, acknowledged_at INTEGER,
    PRIMARY KEY (entry, receiver)
) WITHOUT ROWID;
CREATE TABLE hours (
    connection TEXT NOT NULL, hour INTEGER NOT NULL,
    well INTEGER NOT NULL DEFAULT 0, error INTEGER NOT NULL DEFAULT 0,
    recovering INTEGER NOT NULL DEFAULT 0, unknown INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connection, hour)
) WITHOUT ROWID;
CREATE TABLE facts (
    org TEXT NOT NULL, subject TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, read_at TEXT NOT NULL,
    PRIMARY KEY (org, subject, key)
) WITHOUT ROWID;
CREATE TABLE undecoded (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, connection TEXT NOT NULL, data BLOB NOT NULL,
    UNIQUE (source, connection, data)
);
"""

# `noticed` is when a line was written (REAL: seconds since 1970, the writer's clock), `read_by` the process behind a
# state, `read_at` when the holder of a lease began its newest reading of the whole org. A receipt says how far a
# receiver of changes is with a connection.
_CALLING = """
ALTER TABLE entries ADD COLUMN noticed REAL;
ALTER TABLE states ADD COLUMN read_by TEXT NOT NULL DEFAULT '';
ALTER TABLE leases ADD COLUMN read_at REAL;
DROP TABLE deliveries;
CREATE TABLE receipts (
    receiver TEXT NOT NULL, connection TEXT NOT NULL, receipt BLOB NOT NULL,
    PRIMARY KEY (receiver, connection)
) WITHOUT ROWID;
CREATE TABLE mutes (
    connection TEXT PRIMARY KEY, at REAL NOT NULL, until REAL NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS = (_RELEASED, _TOGETHER, _CALLING)
"""What brings a file from version n to n + 1."""

VERSION = len(MIGRATIONS)


def migrate(sqlite: sqlite3.Connection, *, upto: int = VERSION) -> None:
    """Bring the open file to version `upto`, all of it or nothing. Raises sqlite3.Error."""
    if _number(sqlite, "user_version") >= upto:
        return
    sqlite.execute("BEGIN EXCLUSIVE")
    try:
        # Another process may have been faster.
        version = _number(sqlite, "user_version")
        for statements in MIGRATIONS[version:upto]:
            _run(sqlite, statements)
        sqlite.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        sqlite.execute(f"PRAGMA user_version = {max(version, upto)}")
        sqlite.execute("COMMIT")
    except BaseException:
        if sqlite.in_transaction:
            sqlite.execute("ROLLBACK")
        raise


def _run(sqlite: sqlite3.Connection, statements: str) -> None:
    """One by one: executescript would commit what was begun."""
    for statement in statements.split(";\n"):
        if statement.strip():
            sqlite.execute(statement)


def _number(sqlite: sqlite3.Connection, pragma: str) -> int:
    (found,) = sqlite.execute(f"PRAGMA {pragma}").fetchone()
    return int(found)
