"""The hourly roll-up: how long a connection was seen as what, whoever looked."""

from datetime import timedelta
from pathlib import Path

from tests.evidence import NOW
from tests.unit.watching.fakes import EMEA, Scene
from tui.watching.hours import HOUR, Hour, Span, by_hour

SECONDS = ("well", "error", "recovering", "unknown")


async def seen(scene: Scene) -> tuple[Hour, ...]:
    journal = scene.journal
    await journal.open()
    found = await journal.hours(EMEA.name, NOW - timedelta(days=1))
    await journal.close()
    return found


def total(hours: tuple[Hour, ...]) -> dict[str, int]:
    return {kind: sum(getattr(hour, kind) for hour in hours) for kind in SECONDS}


async def after(scene: Scene, minutes: int) -> None:
    for _ in range(minutes):
        await scene.after(minutes=1)


async def test_a_watched_day_is_told_to_the_minute(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    async with scene.watcher():
        await after(scene, 60)
        scene.world.freeze()
        await after(scene, 30)
        scene.world.unfreeze()
        await after(scene, 15)
    found = await seen(scene)
    assert [hour.start for hour in found] == [NOW, NOW + timedelta(hours=1)]
    assert found[0].well == HOUR
    counted = total(found)
    assert abs(counted["well"] - 65 * 60) <= 60
    assert abs(counted["error"] - 25 * 60) <= 120
    assert counted["recovering"] > 10 * 60


async def test_two_processes_that_look_at_once_count_it_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    async with scene.watcher(), scene.watcher(standing=False):
        await after(scene, 60)
    assert total(await seen(scene))["well"] <= HOUR


async def test_checks_from_cron_leave_no_hole_and_a_night_without_them_is_one(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    for _ in range(13):
        async with scene.watcher(standing=False):
            pass
        scene.clock.advance(timedelta(minutes=5))
    scene.clock.advance(timedelta(hours=8))
    async with scene.watcher(standing=False):
        pass
    found = await seen(scene)
    assert total(found)["well"] == HOUR
    assert found[0].not_observed == 0


def test_a_span_is_cut_at_the_hours_and_at_what_was_counted_before() -> None:
    start = NOW + timedelta(minutes=50)
    span = Span(start, start + timedelta(minutes=80), "well")
    begin = int(NOW.timestamp())
    assert list(by_hour(span, 0)) == [(begin, 600), (begin + HOUR, HOUR), (begin + 2 * HOUR, 600)]
    assert list(by_hour(span, begin + HOUR + 1_800)) == [(begin + HOUR, 1_800), (begin + 2 * HOUR, 600)]
