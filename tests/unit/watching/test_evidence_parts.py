"""Evidence completed with what was read before or elsewhere, and clocks that jump."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import NOW, connection, evidence, login, present
from tests.states import CONNECTION, reading
from tests.unit.watching.fakes import EMEA, Scene, held
from tui.connections.evidence import Evidence, FileEvents, Unreadable, value_of
from tui.connections.finding import Diagnosis
from tui.connections.recovery import advance
from tui.connections.state import Status
from tui.watching.entry import EntryKind
from tui.watching.evidence_parts import completed, sharing

WRONG = (
    timedelta(days=10),
    timedelta(days=-10),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
)


class Skewed(Scene):
    """An org whose clock can be put somewhere else."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.wrong: timedelta | datetime | None = None
        read = self.world.read

        async def skewed(connections: object) -> dict[str, Evidence]:
            found = await read(connections)  # type: ignore[arg-type]
            return {name: replace(evidence, org_now=self.org_now()) for name, evidence in found.items()}

        self.world.read = skewed  # type: ignore[method-assign]

    def org_now(self) -> datetime:
        if isinstance(self.wrong, datetime):
            return self.wrong
        return self.clock.now() + (self.wrong or timedelta(0))


@pytest.fixture
def scene(tmp_path: Path) -> Skewed:
    return Skewed(tmp_path / "state")


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_while_the_vendors_clock_is_wrong_nothing_ends_and_readings_go_on(
    scene: Skewed, wrong: timedelta | datetime
) -> None:
    async with scene.watcher() as w:
        scene.wrong = wrong
        for _ in range(3):
            read = len(scene.world.reads)
            await scene.after(minutes=16)
            assert len(scene.world.reads) > read
        assert w.state(EMEA.name) is not None
        scene.wrong = None
        await scene.after(minutes=16)
        scene.world.incydr_signs_in()
        await scene.after(minutes=16)
        await scene.after(minutes=16)
        assert "internal fault" not in (w.state(EMEA.name).why.text if w.state(EMEA.name).why else "")


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_a_vendors_clock_that_was_wrong_for_five_minutes_makes_no_overdue(
    scene: Skewed, wrong: timedelta | datetime
) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.unfreeze()
        await scene.after(minutes=1)
        assert present(w.state(EMEA.name)).status is Status.RECOVERING
        scene.wrong = wrong
        for _ in range(5):
            await scene.after(minutes=1)
            assert not w.state(EMEA.name).overdue
        scene.wrong = None
        await scene.after(minutes=1)
        await scene.after(minutes=10)
        state = w.state(EMEA.name)
        assert (state.status, state.overdue) == (Status.RECOVERING, False)
        scene.world.incydr_signs_in()
        await scene.after(minutes=1)
        assert present(w.state(EMEA.name)).status is Status.MONITORING
        assert EntryKind.OVERDUE not in [e.kind for e in await w.history(EMEA.name)]


async def test_a_clock_that_stays_where_it_jumped_to_is_believed_in_the_end(scene: Skewed) -> None:
    async with scene.watcher() as w:
        scene.wrong = timedelta(days=1)
        for _ in range(6):
            await scene.after(minutes=6)
        assert w.state(EMEA.name).evidence.org_now == scene.org_now()


@pytest.mark.parametrize("hours", [-3, -1, 1, 3])
async def test_a_clock_that_is_always_off_is_the_orgs_clock(scene: Skewed, hours: int) -> None:
    scene.wrong = timedelta(hours=hours)
    async with scene.watcher() as w:
        for _ in range(2):
            await scene.after(minutes=6)
            assert w.state(EMEA.name).evidence.org_now == scene.org_now()


@pytest.mark.parametrize("days", [10, 4_000])
async def test_this_machines_clock_that_was_ahead_stops_no_reading_and_no_write(
    scene: Skewed, days: int
) -> None:
    scene.clock.advance(timedelta(days=days))
    async with scene.watcher():
        pass
    scene.clock._now -= timedelta(days=days)
    scene.world.freeze()
    for standing in (True, False):
        async with scene.watcher(standing=standing) as w:
            assert present(w.state(EMEA.name)).status is Status.ERROR
            assert w.progress(EMEA.name).next_at - scene.clock.now() <= timedelta(minutes=1)
    journal = scene.journal
    await journal.open()
    kept = await held(journal)
    assert (present(kept.state).status, kept.began) == (Status.ERROR, scene.clock.now())
    assert present(await journal.leases.holder("acme")).until < scene.clock.now() + timedelta(days=1)
    await journal.close()


@pytest.mark.parametrize(
    ("events", "now", "kept"),
    [
        ({"detector_name": "Acme EMEA"}, {}, True),
        ({"detector_name": ""}, {}, True),
        ({"detector_name": "Acme EMEA"}, {"detector_name": "Acme\u200b EMEA"}, True),
        ({"detector_name": "Acme EMEA"}, {"detector_name": "Acme Europe"}, False),
        ({"detector_name": "Acme EMEA", "counts_unnamed": True}, {"only_connection": True}, True),
        ({"detector_name": "Acme EMEA", "counts_unnamed": True}, {}, False),
        ({"detector_name": "Acme EMEA"}, {"only_connection": True}, True),
    ],
)
def test_events_of_another_configuration_are_dropped(
    events: dict[str, Any], now: dict[str, Any], kept: bool
) -> None:
    found = FileEvents(NOW, NOW, 1, **events)
    before = advance(CONNECTION, None, reading(0, events=found), Diagnosis())
    after = completed(evidence(), before, connection(**now))
    assert value_of(after.events) == (found if kept else None)
    assert isinstance(after.events, Unreadable) is not kept


def test_events_that_were_read_now_stand() -> None:
    fresh = FileEvents(NOW, NOW, 2, detector_name="Acme Europe")
    before = advance(CONNECTION, None, reading(0, events=FileEvents(detector_name="Acme EMEA")), Diagnosis())
    of = evidence(events=fresh)
    assert value_of(completed(of, before, connection(detector_name="Acme Europe")).events) == fresh


def test_what_is_as_before_is_the_same_value_and_nothing_else_is_changed() -> None:
    before, new = evidence(), evidence(now=NOW + timedelta(minutes=5), freeze=login(frozen=True))
    shared = sharing(new, before)
    assert shared == new
    assert value_of(shared.grants) is value_of(before.grants)
    assert value_of(shared.freeze) is value_of(new.freeze)
