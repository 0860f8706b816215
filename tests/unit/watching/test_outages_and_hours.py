"""Outages as the history tells them, and the hourly roll-up of what was seen."""

from datetime import timedelta
from pathlib import Path

from tests.evidence import NOW
from tests.states import at
from tests.unit.watching.fakes import EMEA, Scene
from tui.connections.state import Status
from tui.watching.entry import Entry, EntryKind
from tui.watching.hours import HOUR, Hour, Seen, Span, by_hour
from tui.watching.outages import Outage, outages, summary

AN_HOUR = 60.0
DAY = 24 * AN_HOUR


def error(minute: float, cause: str = "user_frozen") -> Entry:
    return Entry(at(minute), "Acme EMEA", EntryKind.ERROR, f"e{minute}", status=Status.ERROR, cause=cause)


def repaired(minute: float, by: str = "") -> Entry:
    return Entry(at(minute), "Acme EMEA", EntryKind.STATUS, f"r{minute}", status=Status.RECOVERING, by=by)


def unknown(minute: float) -> Entry:
    return Entry(at(minute), "Acme EMEA", EntryKind.UNKNOWN, f"u{minute}", status=Status.UNKNOWN)


def returned(minute: float, causes: str = "user_frozen") -> Entry:
    return Entry(
        at(minute),
        "Acme EMEA",
        EntryKind.RETURNED,
        f"b{minute}",
        status=Status.MONITORING,
        text=causes,
        result="sign_in",
    )


def told(*oldest_first: Entry) -> tuple[Outage, ...]:
    """The outages of a history, which the journal gives newest first."""
    return outages(tuple(reversed(oldest_first)))


def test_an_outage_runs_from_its_error_to_the_proof_of_return() -> None:
    assert told(error(0), repaired(18, "Jane Doe"), returned(25)) == (
        Outage(at(0), ("user_frozen",), at(18), "Jane Doe", at(25), "sign_in"),
    )


def test_a_second_cause_belongs_to_the_same_outage_and_undoes_the_repair() -> None:
    (outage,) = told(error(0), repaired(5), error(9, "permissions_missing"))
    assert (outage.causes, outage.repaired, outage.ended) == (
        ("user_frozen", "permissions_missing"),
        None,
        None,
    )


def test_not_knowing_for_a_while_does_not_end_an_outage() -> None:
    (outage,) = told(error(0), unknown(10), error(20), repaired(30), returned(40))
    assert (outage.began, outage.ended) == (at(0), at(40))


def test_an_outage_that_nobody_saw_begin_counts_from_what_is_known() -> None:
    (outage,) = told(repaired(5), returned(9))
    assert (outage.began, outage.causes, outage.ended) == (at(5), ("user_frozen",), at(9))


def test_two_errors_with_a_return_between_are_two_outages() -> None:
    assert [o.began for o in told(error(0), returned(9), error(20))] == [at(0), at(20)]


def test_lines_written_out_of_order_never_make_negative_times() -> None:
    (outage,) = told(error(10), repaired(5), returned(4))
    assert outage.repaired == outage.ended == outage.began


def test_an_empty_history_has_no_outages() -> None:
    assert summary(told(), at(0)).count == 0


def test_time_off_and_time_to_repair_are_summed_up() -> None:
    found = told(error(0), repaired(10), returned(30), error(100), repaired(130), returned(140))
    total = summary(found, at(200))
    assert (total.count, total.off, total.to_repair, total.longest) == (
        2,
        timedelta(minutes=70),
        timedelta(minutes=20),
        timedelta(minutes=40),
    )


def test_an_open_outage_counts_up_to_now() -> None:
    total = summary(told(error(0)), at(45))
    assert (total.open, total.off, total.to_repair) == (1, timedelta(minutes=45), None)


def test_what_was_over_before_the_30_days_does_not_count() -> None:
    total = summary(told(error(0), returned(9), error(40 * DAY), returned(40 * DAY + 5)), at(41 * DAY))
    assert (total.count, total.off) == (1, timedelta(minutes=5))


def test_of_an_outage_that_began_earlier_only_the_time_within_the_30_days_is_off() -> None:
    total = summary(told(error(0)), at(31 * DAY))
    assert (total.off, total.longest) == (timedelta(days=30), timedelta(days=31))


def test_a_cause_that_came_twice_within_30_days_is_named() -> None:
    found = told(error(0), returned(9), error(DAY), returned(DAY + 9))
    assert summary(found, at(2 * DAY)).again == ("user_frozen",)


def test_a_cause_that_came_once_in_each_of_two_months_is_not() -> None:
    found = told(error(0), returned(9), error(40 * DAY), returned(40 * DAY + 9))
    assert summary(found, at(41 * DAY)).again == ()


SECONDS = ("well", "error", "recovering", "unknown")


async def seen(scene: Scene) -> tuple[Hour, ...]:
    journal = scene.journal
    await journal.open()
    found = (await journal.hours([EMEA.name], NOW - timedelta(days=1)))[EMEA.name]
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
    span = Span(start, start + timedelta(minutes=80), Seen.WELL)
    begin = int(NOW.timestamp())
    assert list(by_hour(span, 0)) == [(begin, 600), (begin + HOUR, HOUR), (begin + 2 * HOUR, 600)]
    assert list(by_hour(span, begin + HOUR + 1_800)) == [(begin + HOUR, 1_800), (begin + 2 * HOUR, 600)]
