"""Outages summed up from the lines of the history."""

from datetime import timedelta

from tests.states import at
from tui.connections.state import Status
from tui.watching.entry import Entry, EntryKind
from tui.watching.outages import Outage, outages, summary

HOUR = 60.0
DAY = 24 * HOUR


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
