"""Streaming of the events that Incydr reads is off in the org."""

from datetime import timedelta
from typing import Any

import pytest

from tests.evidence import (
    ago,
    audit_row,
    connection,
    evidence,
    streams,
    subject,
    switched,
    trail,
    unreadable,
)
from tui.base.limits import STREAMS
from tui.causes.event_streaming_disabled import CAUSE
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, Read
from tui.connections.finding import NOT_SIGN_INS, Finding, Past, Undetermined
from tui.connections.repair import NoRepair
from tui.rules.required_permissions import REQUIREMENTS

LOGIN, LOGOUT, REPORT = STREAMS
REPORT_OFF = streams(LOGIN, LOGOUT, off=(REPORT,))


def examine(**parts: Any) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(**parts), REQUIREMENTS)


def found(**parts: Any) -> Finding:
    verdict = examine(**parts)
    assert isinstance(verdict, Finding)
    return verdict


def past(**parts: Any) -> Past | None:
    return CAUSE.past(connection(), evidence(**parts), REQUIREMENTS)


def test_all_three_streams_on_is_well() -> None:
    assert examine(streams=streams(*STREAMS)) is None


@pytest.mark.parametrize("entity", STREAMS)
def test_each_of_the_three_stops_monitoring(entity: str) -> None:
    on = tuple(each for each in STREAMS if each != entity)
    finding = found(streams=streams(*on, off=(entity,)))
    assert len(finding.facts) == 1
    assert finding.proofs == NOT_SIGN_INS
    assert (finding.delay, finding.delay_assumed) == (timedelta(minutes=20), True)


def test_streams_that_incydr_does_not_read_do_not_matter() -> None:
    assert examine(streams=streams(*STREAMS, off=("ListViewEventStream",))) is None


@pytest.mark.parametrize("part", [None, unreadable("needs Customize Application")])
def test_unread_settings_are_not_checked_and_block_nothing(part: object) -> None:
    verdict = examine(streams=part)
    assert isinstance(verdict, Undetermined)
    assert not verdict.blocks


def test_a_stream_that_the_org_does_not_show_is_not_checked() -> None:
    verdict = examine(streams=streams(LOGIN, LOGOUT))
    assert isinstance(verdict, Undetermined)
    assert (verdict.blocks, verdict.reason) == (False, "this org does not show Report Event")


def test_it_is_as_old_as_the_reading_of_the_settings() -> None:
    assert found(streams=Read(REPORT_OFF, ago(minutes=9))).seen_at == ago(minutes=9)


def test_the_newest_row_about_the_stream_says_who_and_when() -> None:
    rows = trail(switched(REPORT, ago(hours=2)), switched(LOGIN, ago(hours=1)))
    finding = found(streams=REPORT_OFF, audit=rows)
    assert finding.by is not None
    assert (finding.since, finding.by.name) == (ago(hours=2), "Jane Doe")


def test_the_language_of_the_row_does_not_matter() -> None:
    row = audit_row("realTimeEventStreaming", f"Streaming für {REPORT} deaktiviert", ago(hours=2))
    assert found(streams=REPORT_OFF, audit=trail(row)).since == ago(hours=2)


def test_without_a_row_it_says_why_nobody_is_named() -> None:
    assert (
        found(streams=REPORT_OFF, audit=trail()).by_unknown
        == "by whom: not known (the audit trail does not show it)"
    )


def test_a_short_time_without_streaming_is_past() -> None:
    rows = trail(switched(REPORT, ago(minutes=9)), switched(REPORT, ago(minutes=5), word="Enabled"))
    was = past(audit=rows)
    assert was is not None
    assert was.repaired_by is not None
    assert (was.finding.since, was.repaired_by.at) == (ago(minutes=9), ago(minutes=5))


def test_streams_that_nobody_switched_have_no_past() -> None:
    assert past(audit=trail()) is None


def test_with_the_settings_unread_a_row_may_have_done_either() -> None:
    was = past(streams=unreadable(), audit=trail(switched(REPORT, ago(hours=1))))
    assert was is not None
    assert (was.finding.since, was.repaired_by) == (ago(hours=1), None)


def test_no_documented_api_switches_it_on() -> None:
    of = evidence(streams=REPORT_OFF)
    assert isinstance(CAUSE.repair(found(streams=REPORT_OFF), subject(of)), NoRepair)


@pytest.mark.parametrize(
    ("experience", "place"),
    [(Experience.LIGHTNING, "Platform Tools"), (Experience.CLASSIC, "Build › Develop")],
)
def test_the_step_names_the_streams_that_are_off_and_the_event_manager(
    experience: Experience, place: str
) -> None:
    text = CAUSE.steps[-1].text(subject(evidence(streams=REPORT_OFF)), experience)
    assert place in text.breadcrumb
    assert "Enable Streaming for: Report Event." in text.lines


@pytest.mark.parametrize(
    ("reading", "verdict"),
    [
        (evidence(), True),
        (evidence(streams=REPORT_OFF), False),
        (evidence(streams=unreadable()), None),
        (evidence(streams=streams(LOGIN)), None),
    ],
    ids=["on", "off", "unread", "not shown"],
)
def test_the_step_is_done_when_all_three_are_on(reading: Evidence, verdict: bool | None) -> None:
    test = CAUSE.steps[-1].test
    assert test is not None
    assert test(reading) is verdict
