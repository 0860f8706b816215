"""Moments and spans in words."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies

from tests.clocks import POSIX, machine_in
from tui import wording
from tui.wording import Times, clock_time

NOW = datetime(2026, 11, 22, 13, 42, 7, tzinfo=UTC)
PARIS = timezone(timedelta(hours=1), "CET")


def span(**parts: float) -> timedelta:
    return timedelta(**parts)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (span(seconds=-5), "0s"),
        (span(seconds=59), "59s"),
        (span(minutes=21, seconds=59), "21m"),
        (span(hours=47, minutes=59), "47h"),
        (span(hours=48), "2d"),
    ],
)
def test_a_span_in_a_list_is_one_number(given: timedelta, shown: str) -> None:
    assert wording.short(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (span(seconds=45), "45 s"),
        (span(minutes=21), "21 min"),
        (span(hours=3), "3 h"),
        (span(hours=3, minutes=5), "3 h 5 min"),
        (span(days=2), "2 d"),
        (span(days=2, hours=4, minutes=9), "2 d 4 h"),
    ],
)
def test_a_span_in_a_sentence_has_units(given: timedelta, shown: str) -> None:
    assert wording.long(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (span(minutes=7, seconds=42), "7:42"),
        (span(hours=1, minutes=2, seconds=3), "1:02:03"),
        (span(seconds=-3), "0:00"),
    ],
)
def test_a_countdown_ends_at_zero(given: timedelta, shown: str) -> None:
    assert wording.countdown(given) == shown


def test_a_moment_of_today_shows_the_time_in_the_operators_zone() -> None:
    assert clock_time(NOW, Times(PARIS, NOW)) == "14:42:07"


def test_a_moment_of_another_day_shows_its_date() -> None:
    assert clock_time(NOW - span(days=1), Times(UTC, NOW), seconds=False) == "21 Nov 13:42"


def test_a_moment_of_another_year_shows_the_year() -> None:
    assert clock_time(NOW - span(days=400), Times(UTC, NOW), seconds=False) == "18 Oct 2025 13:42"


def test_what_day_it_is_depends_on_the_zone() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert clock_time(late, Times(PARIS, NOW), seconds=False) == "23 Nov 00:30"


def test_the_zone_is_named_on_request() -> None:
    assert clock_time(NOW, Times(PARIS, NOW), seconds=False, zone=True) == "14:42 CET"


def test_a_coarse_age_changes_every_ten_seconds_only() -> None:
    ages = {wording.ago(NOW, NOW + span(seconds=s), coarse=True) for s in range(20, 30)}
    assert ages == {"20 s ago"}


def test_the_future_is_just_now() -> None:
    assert wording.ago(NOW + span(seconds=3), NOW) == "just now"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CHANGES = [
    # zone, moment, now, as it is told
    ("Europe/Berlin", "2026-10-25T00:49:07", "2026-10-25T00:55", "02:49:07 CEST"),
    ("Europe/Berlin", "2026-10-25T00:49:07", "2026-10-25T01:10", "02:49:07 CEST"),
    ("Europe/Berlin", "2026-10-25T01:05:00", "2026-10-25T01:10", "02:05:00 CET"),
    ("Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T02:10", "03:00:00"),
    ("Europe/Berlin", "2026-10-24T23:59:59", "2026-10-25T00:10", "01:59:59"),
    ("Europe/Berlin", "2026-10-25T01:09:00", "2026-10-25T00:50", "02:09:00 CET"),
    ("Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29T01:10", "01:59:59 CET"),
    ("Europe/Berlin", "2026-03-29T01:00:00", "2026-03-29T01:10", "03:00:00"),
    ("Europe/Berlin", "2026-07-01T10:00:00", "2026-11-25T10:00", "1 Jul 12:00:00 CEST"),
    ("America/New_York", "2026-11-01T05:30:00", "2026-11-01T06:10", "01:30:00 EDT"),
    ("America/New_York", "2026-11-01T06:05:00", "2026-11-01T06:10", "01:05:00 EST"),
    ("America/New_York", "2026-03-08T06:59:59", "2026-03-08T07:10", "01:59:59 EST"),
    ("America/New_York", "2026-03-08T07:10:00", "2026-03-08T06:50", "03:10:00 EDT"),
    ("Australia/Lord_Howe", "2026-04-04T14:45:00", "2026-04-04T15:05", "01:45:00 +11"),
    ("Australia/Lord_Howe", "2026-04-04T15:05:00", "2026-04-04T15:10", "01:35:00 +1030"),
    ("Australia/Lord_Howe", "2026-04-04T14:29:59", "2026-04-04T14:35", "01:29:59"),
    ("Australia/Lord_Howe", "2026-10-03T15:29:00", "2026-10-03T15:40", "01:59:00 +1030"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00", "2026-10-03T15:20", "02:30:00 +11"),
]


@pytest.mark.parametrize(("name", "at", "now", "told"), CHANGES)
def test_around_a_change_of_the_clocks_a_moment_names_the_zone_in_force_then(
    name: str, at: str, now: str, told: str
) -> None:
    assert clock_time(utc(at), Times(ZoneInfo(name), utc(now))) == told
    with machine_in(POSIX[name]):
        assert clock_time(utc(at), Times(None, utc(now))) == told


@pytest.mark.parametrize("name", POSIX)
@given(at=strategies.integers(1_640_995_200, 2_145_916_800))
def test_the_machines_zone_is_asked_for_every_moment(name: str, at: int) -> None:
    """Every second from 2022 to 2037 is as likely."""
    moment = datetime.fromtimestamp(at, UTC)
    there = moment.astimezone(ZoneInfo(name))
    with machine_in(POSIX[name]):
        times = Times(None, NOW)
        assert (times.at(moment).utcoffset(), times.zone(moment)) == (there.utcoffset(), there.tzname())


@pytest.mark.skipif(not Path("/usr/share/zoneinfo/Europe/Berlin").exists(), reason="no zone database here")
@pytest.mark.parametrize("tz", ["Europe/Berlin", ":Europe/Berlin", ":/usr/share/zoneinfo/Europe/Berlin"])
def test_every_spelling_of_the_tz_variable_is_understood(tz: str) -> None:
    with machine_in(tz):
        times = Times(None, utc("2026-10-25T01:10"))
        assert clock_time(utc("2026-10-25T00:49:07"), times) == "02:49:07 CEST"


def test_a_change_of_the_clocks_between_two_moments_of_one_text_names_each_by_its_own() -> None:
    times = Times(ZoneInfo("Europe/Berlin"), utc("2026-10-25T00:55"))
    assert [clock_time(utc(f"2026-10-25T0{at}"), times) for at in ("0:59:59", "1:00:00")] == [
        "02:59:59 CEST",
        "02:00:00 CET",
    ]


def test_a_text_for_elsewhere_tells_both_clocks_and_the_zone_of_each_moment() -> None:
    times = Times(ZoneInfo("Europe/Berlin"), utc("2026-10-25T01:10"), full=True)
    told = [
        clock_time(utc(at), times) for at in ("2026-10-25T00:49:07", "2026-10-24T22:30", "2026-10-25T01:05")
    ]
    assert told == [
        "2026-10-25 00:49:07 UTC (02:49:07 CEST)",
        "2026-10-24 22:30:00 UTC (2026-10-25 00:30:00 CEST)",
        "2026-10-25 01:05:00 UTC (02:05:00 CET)",
    ]


@pytest.mark.parametrize(
    ("name", "edge"),
    [
        ("Europe/Berlin", datetime.max.replace(tzinfo=UTC)),
        ("America/New_York", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_a_day_that_the_zone_cannot_have_is_told_in_utc(name: str, edge: datetime) -> None:
    with machine_in(POSIX[name]):
        for times in (Times(None, NOW), Times(ZoneInfo(name), NOW)):
            assert clock_time(edge, times).endswith(f"{edge:%H:%M:%S} UTC")


def test_a_moment_of_another_day_takes_another_preposition() -> None:
    times = wording.Times(UTC, datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
    assert wording.at_time(datetime(2026, 11, 22, 13, 41, 7, tzinfo=UTC), times) == "at 13:41:07"
    assert wording.at_time(datetime(2026, 11, 21, 13, 41, 7, tzinfo=UTC), times) == "on 21 Nov 13:41:07"
