"""What the journal tells of changes that were sent, and what it forgets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.evidence import NOW
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene
from tui.connections.repair import Outcome, Result
from tui.connections.state import Status
from tui.watching import journal as journals
from tui.watching.entry import Entry, EntryKind
from tui.watching.journal import Journal, Sent, Stored, Transition

YEAR = timedelta(days=365)
APPLIED = Outcome(Result.APPLIED)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite3")
    await opened.open()
    yield opened
    await opened.close()


def line(at: datetime) -> Entry:
    return Entry(at, EMEA.name, EntryKind.STATUS, at.isoformat())


async def write(journal: Journal, *moments: datetime) -> None:
    made = Transition(entries=tuple(line(at) for at in moments))
    await journal.transition(EMEA.name, lambda _: made, Stored(), NOW)


def room(journal: Journal) -> int:
    """Bytes on the disk."""
    return sum(file.stat().st_size for file in journal.path.parent.iterdir())


async def told(journal: Journal) -> list[datetime]:
    return [entry.at for entry in await journal.history(EMEA.name, 10_000)]


async def test_a_sent_change_is_told_with_its_outcome(journal: Journal) -> None:
    number = await journal.intend(EMEA.name, UNFREEZE, "ops@acme.example", NOW)
    await journal.complete(number, (APPLIED,), NOW + timedelta(seconds=2))
    assert await journal.sent(EMEA.name) == (
        Sent(UNFREEZE, "ops@acme.example", NOW, NOW + timedelta(seconds=2), (APPLIED,)),
    )


async def test_a_change_without_an_outcome_is_told_too(journal: Journal) -> None:
    await journal.intend(EMEA.name, UNFREEZE, "ops@acme.example", NOW)
    (sent,) = await journal.sent(EMEA.name)
    assert (sent.completed, sent.outcomes) == (None, ())


async def test_changes_are_told_newest_first_and_of_their_own_connection(journal: Journal) -> None:
    number = await journal.intend("Another", UNFREEZE, "ops@acme.example", NOW)
    await journal.complete(number, (APPLIED,), NOW)
    for minute in (1, 2):
        at = NOW + timedelta(minutes=minute)
        number = await journal.intend(EMEA.name, UNFREEZE, "ops@acme.example", at)
        await journal.complete(number, (APPLIED,), at)
    assert [s.at.minute for s in await journal.sent(EMEA.name)] == [2, 1]


async def test_lines_older_than_the_limit_are_forgotten(journal: Journal) -> None:
    old, young = NOW - YEAR - timedelta(days=1), NOW - timedelta(days=1)
    await write(journal, old, young)
    await journal.prune(NOW - YEAR)
    assert await told(journal) == [young]


async def test_the_lines_of_outages_stay_for_ever(journal: Journal) -> None:
    old = NOW - 3 * YEAR
    lines = tuple(
        Entry(old, EMEA.name, kind, f"{kind} {status} {was}", status=status, was=was)
        for kind, status, was in [
            (EntryKind.ERROR, Status.ERROR, None),
            (EntryKind.RETURNED, Status.MONITORING, Status.RECOVERING),
            (EntryKind.OVERDUE, None, None),
            (EntryKind.STATUS, Status.RECOVERING, Status.ERROR),
            (EntryKind.STATUS, Status.MONITORING, Status.ERROR),
            (EntryKind.STATUS, Status.MONITORING, Status.UNKNOWN),
            (EntryKind.DIFFERENCE, None, None),
            (EntryKind.STEP, None, None),
        ]
    )
    made = Transition(entries=lines)
    await journal.transition(EMEA.name, lambda _: made, Stored(), NOW)
    await journal.prune(NOW - YEAR)
    assert [e.key for e in reversed(await journal.history(EMEA.name))] == [e.key for e in lines[:5]]


async def test_what_was_forgotten_no_longer_takes_room(journal: Journal) -> None:
    await write(journal, *(NOW - YEAR - timedelta(minutes=n) for n in range(1, 5_000)))
    before = room(journal)
    await journal.prune(NOW - YEAR)
    assert room(journal) < before / 3


async def test_a_lot_at_a_time_is_forgotten_and_the_loop_goes_on_between(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "PRUNED", 10)
    await write(journal, *(NOW - YEAR - timedelta(minutes=n) for n in range(1, 101)))
    pruning = asyncio.create_task(journal.prune(NOW - YEAR))
    seen = set()
    while not pruning.done():
        await asyncio.sleep(0)
        seen.add(len(await told(journal)))
    assert len(seen) > 5


async def test_many_old_lines_are_forgotten_in_one_go(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "PRUNED", 3)
    await write(journal, *(NOW - YEAR - timedelta(minutes=10 - n) for n in range(7)), NOW)
    await journal.prune(NOW - YEAR)
    assert await told(journal) == [NOW]


async def test_a_journal_without_lines_can_be_pruned(journal: Journal) -> None:
    await journal.prune(NOW)
    assert await told(journal) == []


async def test_an_old_change_is_forgotten_but_one_without_an_outcome_stays(journal: Journal) -> None:
    long_ago = NOW - YEAR - timedelta(days=1)
    number = await journal.intend(EMEA.name, UNFREEZE, "done@acme.example", long_ago)
    await journal.complete(number, (APPLIED,), long_ago)
    await journal.intend(EMEA.name, UNFREEZE, "open@acme.example", long_ago)
    await journal.prune(NOW - YEAR)
    assert [s.operator for s in await journal.sent(EMEA.name)] == ["open@acme.example"]


async def test_the_watcher_forgets_at_its_start(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    before = scene.journal
    await before.open()
    await write(before, NOW - YEAR - timedelta(days=1))
    await before.close()
    async with scene.watcher() as watcher:
        assert all(entry.at > NOW - YEAR for entry in await watcher.history(EMEA.name))


async def test_the_watcher_tells_what_it_sent(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    async with scene.watcher() as watcher:
        await watcher.repair(EMEA.name, UNFREEZE)
        (sent,) = await watcher.changes(EMEA.name)
    assert (sent.repair, sent.outcomes) == (UNFREEZE, (APPLIED,))
