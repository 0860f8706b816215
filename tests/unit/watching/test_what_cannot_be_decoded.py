"""Whatever a journal holds that cannot be decoded is kept and counted, and ends no command."""

import sqlite3
from pathlib import Path

import pytest

from tests.evidence import NOW, present
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene, held, quiet
from tui.connections.state import Status
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
