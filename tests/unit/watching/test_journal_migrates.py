"""A journal of the released version is taken over whole; a newer one is left alone."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.evidence import NOW, connection, evidence, froze, login, trail
from tests.unit.watching.fakes import UNFREEZE, Scene, held
from tui.connections.connection import Experience
from tui.connections.finding import Past, ProofKind
from tui.connections.recovery import advance
from tui.connections.repair import Outcome, Result
from tui.connections.state import CounterEvidence, CounterKind, Memory, State, Status
from tui.connections.walkthrough import plan
from tui.diagnosis.diagnose import diagnose
from tui.watching import schema
from tui.watching.entry import Entry, EntryKind
from tui.watching.journal import Journal

EMEA = connection()
YEAR = timedelta(days=365)
WALK = plan((), Experience.CLASSIC, NOW)

RELEASED = """
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
PRAGMA application_id=1380273487;
PRAGMA user_version=1;
"""
"""The released schema, to the letter: it never changes."""

LINES = (
    Entry(NOW - 2 * YEAR, EMEA.name, EntryKind.ERROR, "old error", status=Status.ERROR),
    Entry(NOW - 2 * YEAR, EMEA.name, EntryKind.DIFFERENCE, "old difference", text="was changed"),
    Entry(
        NOW - timedelta(minutes=1, microseconds=5), EMEA.name, EntryKind.STATUS, "new", status=Status.ERROR
    ),
)


def sick() -> State:
    reading = evidence(freeze=login(frozen=True), audit=trail(froze(NOW)))
    return advance(EMEA, None, reading, diagnose(EMEA, reading), None)


def released(path: Path, mode: str = "WAL") -> sqlite3.Connection:
    """A journal as the released version leaves it."""
    path.parent.mkdir(exist_ok=True)
    sqlite = sqlite3.connect(path, isolation_level=None)
    sqlite.execute(f"PRAGMA journal_mode={mode}")
    sqlite.executescript(RELEASED)
    encode = msgspec.json.encode
    sqlite.execute("INSERT INTO states VALUES (?, ?)", (EMEA.name, encode(sick())))
    sqlite.executemany(
        "INSERT INTO entries (connection, key, entry) VALUES (?, ?, ?)",
        [(line.connection, line.key, encode(line)) for line in LINES],
    )
    sqlite.execute("INSERT INTO walkthroughs VALUES (?, ?, ?)", (EMEA.name, encode(WALK), NOW.isoformat()))
    done = (NOW.isoformat(), encode([Outcome(Result.APPLIED)]))
    for completed in (done, (None, None)):
        sqlite.execute(
            "INSERT INTO changes (connection, repair, operator, intended_at, completed_at, outcomes)"
            " VALUES (?, ?, 'ops', ?, ?, ?)",
            (EMEA.name, encode(UNFREEZE), NOW.isoformat(), *completed),
        )
    sqlite.execute("INSERT INTO settings VALUES ('experience:acme', 'classic')")
    return sqlite


async def opened(path: Path) -> Journal:
    journal = Journal(path)
    await journal.open()
    return journal


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
async def test_everything_of_the_released_version_is_there_afterwards(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "journal.db"
    released(path, mode).close()
    journal = await opened(path)
    assert journal.set_aside is None
    kept = await held(journal)
    assert (kept.state, kept.walk, kept.walk_at, kept.last_logged_status) == (sick(), WALK, NOW, Status.ERROR)
    assert [e.key for e in await journal.history(EMEA.name)] == ["new", "old difference", "old error"]
    assert [i.repair for i in await journal.open_intents()] == [UNFREEZE]
    assert [s.completed for s in await journal.sent(EMEA.name)] == [None, NOW]
    assert await journal.settings() == {"experience:acme": "classic"}
    assert await journal.undecodable() == 0
    await journal.close()


def test_a_state_is_stored_under_the_names_of_the_released_version() -> None:
    stored = json.loads(msgspec.json.encode(sick()))
    assert {"bads", "aside"} <= stored.keys()
    assert "mended" in stored["recovery"]
    memory = json.loads(msgspec.json.encode(Memory(("00D1", "0051"))))
    past = json.loads(msgspec.json.encode(Past(sick().diagnosis.findings[0])))
    assert ("bads" in memory, "mended" in past) == (True, True)


async def test_what_speaks_against_monitoring_is_found_under_its_old_name(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    file = released(path)
    old = json.loads(msgspec.json.encode(sick()))
    old["bads"] = [{"at": NOW.isoformat(), "what": "audit", "proofs": ["event"], "text": "user_frozen"}]
    file.execute("UPDATE states SET state = ?", (json.dumps(old),))
    file.close()
    journal = await opened(path)
    state = (await held(journal)).state
    assert state is not None
    assert state.counter_evidence == (
        CounterEvidence(NOW, CounterKind.AUDIT, (ProofKind.EVENT,), "user_frozen"),
    )
    assert json.loads(msgspec.json.encode(state))["bads"][0]["what"] == "audit"
    await journal.close()


async def test_old_lines_have_their_time_and_outages_stay_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    released(path).close()
    journal = await opened(path)
    await journal.prune(NOW - YEAR)
    assert [e.key for e in await journal.history(EMEA.name)] == ["new", "old error"]
    await journal.close()


async def test_a_record_that_nobody_can_decode_stops_no_migration_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    raw = released(path)
    for number, entry in enumerate(
        (b"no json", b"5", b"{}", b'{"at":"9999-99-99","kind":"status"}', "\u20ac")
    ):
        raw.execute(
            "INSERT INTO entries (connection, key, entry) VALUES (?, ?, ?)", (EMEA.name, str(number), entry)
        )
    raw.close()
    journal = await opened(path)
    assert journal.set_aside is None
    assert len(await journal.history(EMEA.name)) == len(LINES)
    assert await journal.undecodable() == 5
    await journal.prune(NOW + YEAR)
    assert await journal.undecodable() == 5
    await journal.close()


async def test_a_migrated_file_gives_its_room_back_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    raw = released(path)
    raw.execute("BEGIN")
    for number in range(5_000):
        line = Entry(NOW - 2 * YEAR, EMEA.name, EntryKind.STEP, f"step {number}")
        raw.execute(
            "INSERT INTO entries (connection, key, entry) VALUES (?, ?, ?)",
            (EMEA.name, line.key, msgspec.json.encode(line)),
        )
    raw.execute("COMMIT")
    raw.close()
    before = path.stat().st_size
    journal = await opened(path)
    await journal.prune(NOW - YEAR)
    await journal.close()
    assert path.stat().st_size < before / 2


async def test_two_processes_that_open_an_old_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    released(path).close()
    first, second = sqlite3.connect(path, isolation_level=None), sqlite3.connect(path, isolation_level=None)
    schema.migrate(first)
    schema.migrate(second)
    assert second.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    assert second.execute("SELECT count(*) FROM entries").fetchone() == (len(LINES),)
    first.close()
    second.close()


async def test_the_version_before_this_one_is_taken_over_whole_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    raw = released(path)
    schema.migrate(raw, upto=schema.VERSION - 1)
    raw.execute("INSERT INTO leases VALUES ('acme', 'jump1', 4711, 'pts/1', 3, 0)")
    raw.close()
    journal = await opened(path)
    kept, holder = await held(journal), await journal.leases.holder("acme")
    assert (kept.state, kept.read_by) == (sick(), "")
    assert holder is not None and (holder.generation, holder.read_at) == (3, None)
    assert await journal.mutes.all() == {} and await journal.receipts.all() == ()
    _, lines = await journal.receipts.open("a receiver", EMEA.name)
    assert [line.entry.key for line in lines] == ["old error", "old difference", "new"]
    await journal.close()


async def test_a_migration_that_is_cut_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    released(path).close()
    broken = sqlite3.connect(path, isolation_level=None)
    broken.execute("CREATE TABLE deliveries (in_the_way TEXT)")
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(broken)
    assert broken.execute("PRAGMA user_version").fetchone() == (1,)
    assert [row[1] for row in broken.execute("PRAGMA table_info(states)")] == ["connection", "state"]
    broken.execute("DROP TABLE deliveries")
    schema.migrate(broken)
    assert broken.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    broken.close()


async def test_the_watch_goes_on_where_the_released_version_left_off(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    released(scene.folder / "journal.sqlite3").close()
    async with scene.watcher() as watcher:
        assert watcher.state(EMEA.name).status is Status.ERROR
        assert [name for name, _, _ in watcher.left_walkthroughs()] == [EMEA.name]
        assert not watcher.progress(EMEA.name).journal_problem
        assert [e.kind for e in watcher.take_news()].count(EntryKind.ERROR) == 0
