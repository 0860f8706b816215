"""Hours and days as cells: the worst of each, what nobody observed said, the percent of the observed time alone."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import NOW
from tui.pictures.availability import (
    CELLS,
    DAYS,
    HOURS,
    Month,
    drawn,
    last_day,
    legend,
    month_of,
    sentence,
    strip,
)
from tui.pictures.pieces import as_text
from tui.watching.hours import HOUR, Hour, Seen
from tui.watching.outages import SPAN, Summary

NONE = Summary(SPAN)


def hour(back: int, **seconds: int) -> Hour:
    return Hour(NOW - timedelta(hours=back), **seconds)


def test_a_cell_is_the_worst_of_its_hour() -> None:
    hours = (
        hour(4, well=3_599, error=1),
        hour(3, well=60),
        hour(2, well=60, unknown=9),
        hour(1, recovering=5),
    )
    cells = last_day(hours, NOW + timedelta(minutes=5), Seen.WELL)
    assert len(cells) == HOURS
    assert cells[-6:] == (None, Seen.ERROR, Seen.WELL, Seen.UNKNOWN, Seen.RECOVERING, Seen.WELL)


def test_the_current_hour_is_at_least_as_bad_as_it_is_now() -> None:
    assert last_day((hour(0, well=60),), NOW, Seen.ERROR)[-1] is Seen.ERROR
    assert last_day((hour(0, error=60),), NOW, Seen.WELL)[-1] is Seen.ERROR
    assert last_day((), NOW)[-1] is None


def test_no_two_cells_look_the_same_without_colours() -> None:
    for column in (0, 1):
        assert len({signs[column] for signs in CELLS.values()}) == len(CELLS)
    assert all(plain.isascii() for _, plain, _ in CELLS.values())
    assert legend(ascii=True).isascii()
    assert all(sign in legend() for sign, _, _ in CELLS.values())


def test_the_percent_is_of_the_observed_time_and_the_rest_is_said() -> None:
    month = month_of(
        (hour(26, error=1_800), hour(25, well=HOUR), hour(24, well=HOUR)), NOW, Summary(SPAN, count=1)
    )
    assert month.days[-2:] == (Seen.ERROR, None)
    assert sentence(month) == "Monitoring 80 % of the observed time · 1 outage · 707 hours not observed"


def test_not_quite_all_of_the_time_is_never_a_hundred_percent() -> None:
    assert "99.9 %" in sentence(Month((), 99_999, 100_000, 100_000, 1))
    assert "100 % of the observed time · 0 outages" in sentence(Month((), 100_000, 100_000, 100_000, 0))


def test_a_month_in_which_nobody_looked_says_so() -> None:
    month = month_of((), NOW, NONE)
    assert sentence(month) == "not observed in the last 30 days"
    assert as_text(drawn(month, ascii=True))[0] == "30 days  " + "." * DAYS


@given(st.lists(st.sampled_from([*Seen, None]), max_size=60))
def test_a_strip_has_a_sign_for_each_cell_in_as_few_pieces_as_there_are_changes(
    cells: list[Seen | None],
) -> None:
    line = strip(cells)
    assert "".join(text for text, _ in line) == "".join(CELLS[cell][0] for cell in cells)
    assert all(one[0][0] != other[0][0] for one, other in pairwise(line))
