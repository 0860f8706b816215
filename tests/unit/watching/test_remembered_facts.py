"""Slow facts outlive the process that read them, and belong to the org that answered."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.evidence import NOW
from tests.unit.watching.fakes import EMEA, Scene, World, quiet
from tui.connections.evidence import Remembered, RememberedFact
from tui.watching.clients import Remembers
from tui.watching.journal import Journal


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
