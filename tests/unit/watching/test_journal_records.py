"""What the journal holds: the slow facts of an org, and records that nobody can decode."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.evidence import NOW, present
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene, World, held, quiet
from tui.connections.evidence import Remembered, RememberedFact
from tui.connections.state import Status
from tui.watching.clients import Remembers
from tui.watching.journal import Journal

SPOILT = {
    "state": "UPDATE states SET state = ?",
    "state's beginning": "UPDATE states SET began = ?",
    "line": "UPDATE entries SET entry = ?",
    "walkthrough": "UPDATE walkthroughs SET walkthrough = ?",
    "walkthrough's time": "UPDATE walkthroughs SET at = ?",
    "repair": "UPDATE changes SET repair = ?",
    "intent's time": "UPDATE changes SET intended_at = ?",
    "outcome": "UPDATE changes SET outcomes = ?",
    "outcome's time": "UPDATE changes SET completed_at = ?",
    "setting": "UPDATE settings SET value = ?",
    "fact": "UPDATE facts SET value = ?",
    "fact's time": "UPDATE facts SET read_at = ?",
}
WITH = (b"\xff\xfe", "", "no json", "5", "[" * 100_000, '{"schema":1}', "2026-02-30T00:00:00+00:00")


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("value", WITH, ids=range(len(WITH)))
async def test_the_watch_reads_on_and_a_command_too(tmp_path: Path, what: str, value: str | bytes) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
        await watcher.switch_experience(EMEA.name)
        await watcher.repair(EMEA.name, UNFREEZE)
    with sqlite3.connect(scene.folder / "journal.sqlite3") as raw:
        raw.execute(SPOILT[what], (value,))
    raw.close()
    scene.world.freeze()
    for standing in (True, False):
        async with scene.watcher(standing=standing) as watcher:
            await quiet()
            assert watcher.state(EMEA.name).status is Status.ERROR
            await watcher.history(EMEA.name)
            await watcher.changes(EMEA.name)
            assert watcher.left_walkthroughs() is not None
            assert not watcher.progress(EMEA.name).journal_problem


async def test_a_state_that_a_new_one_replaces_is_kept_beside_it_and_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    async with scene.watcher():
        pass
    path = scene.folder / "journal.sqlite3"
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE states SET state = 'of another age'")
    raw.close()
    async with scene.watcher():
        pass
    journal = scene.journal
    await journal.open()
    assert present((await held(journal)).state).status is Status.MONITORING
    assert await journal.undecodable() == 1
    await journal.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT source, data FROM undecoded").fetchall() == [("state", "of another age")]
    raw.close()


async def test_an_intent_that_cannot_be_decoded_is_neither_settled_nor_in_the_way(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    await journal.open()
    await journal.intend(EMEA.name, UNFREEZE, "ops", NOW)
    present(journal._data._sqlite).execute("UPDATE changes SET intended_at = 'tomorrow'")
    assert await journal.open_intents() == ()
    assert await journal.intend(EMEA.name, UNFREEZE, "ops", NOW)
    assert await journal.undecodable() == 1
    await journal.close()


def fact(value: object, minutes: int = 0) -> RememberedFact:
    return RememberedFact(msgspec.Raw(msgspec.json.encode(value)), NOW + timedelta(minutes=minutes))


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    await opened.open()
    yield opened
    await opened.close()


async def test_what_was_remembered_comes_back_with_its_time(journal: Journal) -> None:
    known = Remembered("00D1", {"rights": fact(["ManageUsers"]), "api_version": fact("66.0", 1)})
    await journal.facts.remember("acme", known)
    assert await journal.facts.remembered("acme") == known
    assert await journal.facts.remembered("beta") is None


async def test_a_new_fact_replaces_its_own_and_leaves_the_others(journal: Journal) -> None:
    await journal.facts.remember("acme", Remembered("00D1", {"rights": fact(1), "streams": fact(2)}))
    await journal.facts.remember("acme", Remembered("00D1", {"rights": fact(3, 15)}))
    found = await journal.facts.remembered("acme")
    assert found == Remembered("00D1", {"rights": fact(3, 15), "streams": fact(2)})


async def test_facts_of_another_org_are_set_aside_and_found_again(journal: Journal) -> None:
    right, wrong = Remembered("00D1", {"rights": fact(1)}), Remembered("00D2", {"rights": fact(2, 5)})
    await journal.facts.remember("acme", right)
    await journal.facts.remember("acme", wrong)
    assert await journal.facts.remembered("acme", "00D1") == right
    assert await journal.facts.remembered("acme", "00D3") is None
    assert await journal.facts.remembered("acme") == wrong


class Learning(World):
    """A reader that asks for the slow facts only where it does not know them."""

    known: Remembered | None = None
    recalled: list[Remembered]
    asked_slow = 0

    def recall(self, known: Remembered) -> None:
        self.known = known

    def catch_up(self, known: Remembered) -> None:
        self.recalled_later = known

    def learned(self) -> Remembered | None:
        if self.known is None:
            self.asked_slow += 1
            self.known = Remembered("00D1", {"rights": RememberedFact(msgspec.Raw(b"[]"), self.clock.now())})
        return self.known


async def test_the_next_process_goes_on_from_what_the_last_one_learnt(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world = Learning(scene.clock)
    assert isinstance(scene.world, Remembers)
    for _ in range(3):
        async with scene.watcher(standing=False) as watcher:
            await quiet()
            assert watcher.progress(EMEA.name).last_try is not None
        # The next process has a reader of its own.
        known, scene.world.known = scene.world.known, None
        scene.clock.advance(timedelta(minutes=5))
    assert scene.world.asked_slow == 1
    assert known is not None
    assert known.facts["rights"].read_at == NOW
