"""Moments and spans in words."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tui import wording

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
    assert wording.clock_time(NOW, PARIS, NOW) == "14:42:07"


def test_a_moment_of_another_day_shows_its_date() -> None:
    assert wording.clock_time(NOW - span(days=1), UTC, NOW, seconds=False) == "21 Nov 13:42"


def test_a_moment_of_another_year_shows_the_year() -> None:
    assert wording.clock_time(NOW - span(days=400), UTC, NOW, seconds=False) == "18 Oct 2025 13:42"


def test_what_day_it_is_depends_on_the_zone() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert wording.clock_time(late, PARIS, NOW, seconds=False) == "23 Nov 00:30"


def test_a_coarse_age_changes_every_ten_seconds_only() -> None:
    ages = {wording.ago(NOW, NOW + span(seconds=s), coarse=True) for s in range(20, 30)}
    assert ages == {"20 s ago"}


def test_the_future_is_just_now() -> None:
    assert wording.ago(NOW + span(seconds=3), NOW) == "just now"


def test_the_zone_is_named() -> None:
    assert wording.zone(PARIS, NOW) == "CET"


@pytest.fixture
def berlin() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_the_local_zone_is_right_on_both_sides_of_a_change_of_the_clocks() -> None:
    summer = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    winter = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    shown = [
        f"{at.astimezone(wording.LOCAL):%H:%M} {wording.zone(wording.LOCAL, at)}" for at in (summer, winter)
    ]
    assert shown == ["02:30 CEST", "02:30 CET"]
