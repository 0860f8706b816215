"""The journal as a file: private, honest about trouble, whole after a sudden end."""

import asyncio
import os
import signal
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.evidence import NOW, connection, evidence, froze, login, trail
from tests.unit.watching.fakes import UNFREEZE, held, store
from tui.connections.connection import Experience
from tui.connections.repair import Outcome, Result
from tui.connections.state import State
from tui.connections.walkthrough import plan
from tui.diagnosis.diagnose import first_state
from tui.watching import leases, schema
from tui.watching.database import on_network, type_of
from tui.watching.entry import Entry, EntryKind
from tui.watching.journal import Journal, JournalProblem, Stored, Transition

ENTRY = Entry(NOW, "Acme EMEA", EntryKind.STATUS, "a key")


def sick() -> State:
    reading = evidence(freeze=login(frozen=True), audit=trail(froze(NOW)))
    return first_state(connection(), reading)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "state" / "journal.sqlite3")
    await opened.open()
    yield opened
    await opened.close()


async def again(journal: Journal) -> Journal:
    await journal.close()
    other = Journal(journal.path)
    await other.open()
    return other


async def test_a_state_comes_back_as_it_was(journal: Journal) -> None:
    await store(journal, sick())
    assert (await held(await again(journal))).state == sick()


async def test_only_the_latest_state_is_kept(journal: Journal) -> None:
    await store(journal, sick())
    later = replace(sick(), failures=7)
    await store(journal, later)
    assert (await held(journal)).state == later


async def test_history_is_newest_first_and_limited(journal: Journal) -> None:
    for number in range(5):
        await store(journal, sick(), [replace(ENTRY, key=str(number))])
    assert [e.key for e in await journal.history("Acme EMEA", 3)] == ["4", "3", "2"]


async def test_two_writers_of_one_transition_leave_one_line(journal: Journal) -> None:
    other = Journal(journal.path)
    await other.open()
    assert await store(journal, sick(), [ENTRY]) == (ENTRY,)
    assert await store(other, sick(), [ENTRY]) == ()
    assert await journal.history("Acme EMEA") == (ENTRY,)
    await other.close()


async def test_a_change_is_open_until_its_outcome_is_written(journal: Journal) -> None:
    number = await journal.intend("Acme EMEA", UNFREEZE, "ops@acme.example", NOW)
    (intent,) = await journal.open_intents()
    assert (intent.id, intent.repair, intent.operator, intent.at) == (
        number,
        UNFREEZE,
        "ops@acme.example",
        NOW,
    )
    await journal.complete(number, [Outcome(Result.APPLIED)], NOW)
    assert await journal.open_intents() == ()


async def test_a_walkthrough_is_kept_until_it_is_closed(journal: Journal) -> None:
    walk = plan((), Experience.CLASSIC, NOW)
    for kept in (walk, None):
        made = Transition(walk=kept)
        await journal.transition("Acme EMEA", partial(lambda made, held: made, made), Stored(), NOW)
        assert (await held(journal)).walk == kept


async def test_file_and_folder_are_for_their_owner_alone(journal: Journal) -> None:
    await store(journal, sick())
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in journal.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


async def test_changes_of_others_are_noticed_once(journal: Journal) -> None:
    other = Journal(journal.path)
    await other.open()
    await journal.changed()
    assert not await journal.changed()
    await store(other, sick())
    assert await journal.changed()
    assert not await journal.changed()
    await other.close()


async def test_a_state_of_another_schema_is_left_out(journal: Journal) -> None:
    await store(journal, replace(sick(), schema=99))
    assert (await held(journal)).state is None


async def test_a_state_that_cannot_be_read_is_left_out(journal: Journal) -> None:
    await store(journal, sick())
    raw = sqlite3.connect(journal.path)
    raw.execute("UPDATE states SET state = '{\"connection\": 5}'")
    raw.commit()
    raw.close()
    assert (await held(journal)).state is None


async def test_a_file_that_is_no_database_is_set_aside_unharmed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(b"shopping list\n" * 500)
    journal = Journal(path)
    await journal.open()
    assert journal.set_aside is not None
    assert journal.set_aside.read_bytes().startswith(b"shopping list")
    assert (await held(journal)).state is None
    await journal.close()


async def test_another_programs_database_is_set_aside_unharmed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE recipes (name TEXT)")
    foreign.close()
    journal = Journal(path)
    await journal.open()
    assert journal.set_aside is not None
    kept = sqlite3.connect(journal.set_aside)
    assert kept.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    kept.close()
    await journal.close()


async def test_an_earlier_file_that_was_set_aside_is_not_overwritten(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        path = tmp_path / "journal.sqlite3"
        path.unlink(missing_ok=True)
        path.write_bytes(content * 500)
        journal = Journal(path)
        await journal.open()
        await journal.close()
    assert (tmp_path / "journal.sqlite3.set-aside-1").read_bytes().startswith(b"first")
    assert (tmp_path / "journal.sqlite3.set-aside-2").read_bytes().startswith(b"second")


async def test_the_journal_of_a_newer_version_is_neither_touched_nor_set_aside(journal: Journal) -> None:
    await journal.close()
    newer = sqlite3.connect(journal.path)
    newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    newer.close()
    old = Journal(journal.path)
    with pytest.raises(JournalProblem, match="newer remonitor"):
        await old.open()
    with pytest.raises(JournalProblem, match="newer remonitor"):
        await held(old)
    assert [path.name for path in journal.path.parent.glob("*set-aside*")] == []


async def test_a_database_cut_short_is_set_aside(journal: Journal) -> None:
    await store(journal, sick())
    await journal.close()
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[: len(whole) // 2])
    other = Journal(journal.path)
    await other.open()
    assert other.set_aside is not None
    await other.close()


async def opened_beside(pid: int, journal: Journal) -> Journal:
    """The journal, damaged where only a look at every page finds it, as this process opens it after that one."""
    path = journal.path.with_name("other.db")
    old = Transition(entries=tuple(Entry(NOW, "Old", EntryKind.STATUS, f"{n}" * 50) for n in range(2_000)))
    await journal.transition("Old", lambda _: old, Stored(), NOW)
    await journal.close()
    pages = journal.path.read_bytes()
    path.write_bytes(pages[:-20_000] + b"\xff" * 4096 + pages[-20_000 + 4096 :])
    sqlite = sqlite3.connect(path, isolation_level=None)
    row = ("acme", leases.this_host(), pid, "", 1, 0)
    sqlite.execute(
        "INSERT INTO leases (org, host, pid, terminal, generation, until) VALUES (?,?,?,?,?,?)", row
    )
    sqlite.close()
    path.with_name("other.db-wal").touch()
    other = Journal(path)
    await other.open()
    await other.close()
    return other


async def test_after_an_unclean_end_the_whole_file_is_looked_at(journal: Journal) -> None:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await child.wait()
    assert (await opened_beside(child.pid, journal)).set_aside is not None


async def test_beside_a_process_at_work_a_journal_is_opened_at_once(journal: Journal) -> None:
    assert (await opened_beside(os.getppid(), journal)).set_aside is None


class Patience:
    """Counts the pauses instead of sleeping; `until` is called at the given pause."""

    def __init__(self, at: int = -1, until: object = None) -> None:
        self.pauses = 0
        self.seconds = 0.0
        self._at, self._until = at, until

    async def __call__(self, seconds: float) -> None:
        self.pauses += 1
        self.seconds += seconds
        if self.pauses == self._at:
            self._until()  # type: ignore[operator]


def locked(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_a_write_waits_for_another_program(journal: Journal) -> None:
    holder = locked(journal.path)
    patient = Journal(journal.path, pause=Patience(3, holder.close))
    await patient.open()
    await store(patient, sick())
    assert (await held(patient)).state == sick()
    await patient.close()


async def test_after_two_seconds_the_journal_is_busy(journal: Journal) -> None:
    holder = locked(journal.path)
    patience = Patience()
    patient = Journal(journal.path, pause=patience)
    await patient.open()
    with pytest.raises(JournalProblem, match="busy"):
        await store(patient, sick())
    assert patience.seconds == pytest.approx(2.0)
    with pytest.raises(JournalProblem, match="busy"):
        await store(patient, sick())
    assert patience.seconds == pytest.approx(2.2), "who has waited in vain does not wait as long again"
    holder.close()
    await store(patient, sick())
    holder = locked(journal.path)
    with pytest.raises(JournalProblem, match="busy"):
        await store(patient, sick())
    assert patience.seconds == pytest.approx(4.2)
    holder.close()
    await patient.close()


async def test_reading_goes_on_while_another_program_writes(journal: Journal) -> None:
    await store(journal, sick())
    holder = locked(journal.path)
    assert (await held(journal)).state == sick()
    holder.close()


async def test_a_folder_that_cannot_be_made_is_a_problem_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file" / "journal.sqlite3")
    with pytest.raises(JournalProblem, match="file/journal"):
        await journal.open()
    with pytest.raises(JournalProblem, match="file/journal"):
        await held(journal)


CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.evidence import NOW
from tests.unit.watching.fakes import UNFREEZE
from tui.watching.journal import Journal

async def main():
    journal = Journal(Path(sys.argv[1]))
    await journal.open()
    await journal.intend("Acme EMEA", UNFREEZE, "ops@acme.example", NOW)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_an_intent_survives_a_kill_before_its_outcome(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    root = Path(__file__).parents[3]
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, path, cwd=root)
    assert await child.wait() == -signal.SIGKILL
    journal = Journal(path)
    await journal.open()
    assert journal.set_aside is None
    assert [i.repair for i in await journal.open_intents()] == [UNFREEZE]
    await journal.close()


MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw shared:5 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/jane/local rw - xfs /dev/vdb rw
32 22 0:42 / /mnt/with\040blank rw master:3 - cifs //server/share rw
33 22 0:43 / /mnt/sshfs rw - fuse.sshfs jump:/ rw
34 22 0:44 / /mnt/twice rw - ext4 /dev/vdc rw
35 34 0:45 / /mnt/twice rw - 9p hostshare rw
36 22 0:46 / /mnt/fuse rw - fuse.encfs encfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/var/lib/remonitor", "ext4", False),
        ("/home/jane/.local/state", "nfs4", True),
        ("/home/jane/local/state", "xfs", False),
        ("/homes/jane", "ext4", False),
        ("/mnt/with blank/state", "cifs", True),
        ("/mnt/sshfs", "fuse.sshfs", True),
        ("/mnt/twice/state", "9p", True),
        ("/mnt/fuse/state", "fuse.encfs", False),
    ],
)
def test_the_mount_that_holds_the_path_decides(tmp_path: Path, path: str, kind: str, network: bool) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert type_of(Path(path), MOUNTS) == kind
    assert on_network(Path(path), table) is network


@pytest.mark.parametrize("text", ["", "garbage\n", "1 2 3 - \n - ext4\n"])
def test_a_table_that_says_nothing_means_a_local_one(tmp_path: Path, text: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(text)
    assert not on_network(tmp_path, table)
    assert not on_network(tmp_path, tmp_path / "none")
