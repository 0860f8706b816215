"""The evidence as a table."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.states import CONNECTION, at, event, finding, reading, sign_ins
from tui import wording
from tui.connections.connection import Connection
from tui.connections.evidence import (
    ConsoleWord,
    FileEvents,
    Grant,
    GrantKind,
    Part,
    Read,
    Rights,
    SignInHistory,
    SignIns,
    Stream,
    Token,
    Unreadable,
    User,
    UserLogin,
)
from tui.connections.finding import Diagnosis, Finding, Undetermined
from tui.connections.state import Recovery, Repaired, ShownBy, State, Status
from tui.diagnosis.diagnose import diagnose
from tui.diagnosis.evidence_signs import evidence_signs
from tui.wording import Row, Sign


def rows(*findings: Finding, undetermined: tuple[Undetermined, ...] = (), **parts: Any) -> dict[str, Row]:
    evidence = reading(0, **parts)
    found = diagnose(CONNECTION, evidence)
    permissions = found.permissions
    newest = found.last_sign_in
    signs = evidence_signs(CONNECTION, evidence, findings, undetermined, permissions, newest)
    diagnosis = Diagnosis(findings, undetermined, permissions=permissions, signs=signs, last_sign_in=newest)
    shown = State(CONNECTION, evidence, diagnosis, Status.ERROR, at(0))
    return {row.label: row for row in wording.evidence_rows(shown, wording.Times(UTC, at(0)))}


def seen(row: Row) -> tuple[Sign, str]:
    return row.sign, row.text


def hour(*rows: tuple[str, int]) -> SignInHistory:
    return SignInHistory(
        at(-60), hour=tuple(SignIns(app, "Success", at(-50), at(-1), count) for app, count in rows)
    )


def test_a_healthy_account_shows_good_signs_alone() -> None:
    assert {row.sign for row in rows().values()} == {Sign.GOOD}


def test_a_part_that_nobody_asked_for_is_left_out() -> None:
    assert "streaming" not in rows()
    assert "file events" not in rows()


def test_a_frozen_user_shows_since_when() -> None:
    login = UserLogin("0Yw1", "0051", True)
    found = rows(finding("user_frozen", 0, -19), freeze=login)
    assert seen(found["freeze"]) == (Sign.BAD, "frozen since 12:41:00")


def test_a_locked_password_is_a_warning() -> None:
    assert rows(freeze=UserLogin("0Yw1", "0051", False, True))["freeze"].sign is Sign.WARNING


def test_a_user_without_a_sign_in_record_is_not_frozen() -> None:
    assert seen(rows(freeze=Read(None, at(0)))["freeze"]) == (Sign.GOOD, "not frozen")


def test_a_missing_user_is_named() -> None:
    assert seen(rows(user=Read(None, at(0)))["user"]) == (
        Sign.BAD,
        "no user svc@acme.example in this org",
    )


def test_a_deactivated_user_is_bad() -> None:
    user = User("0051", CONNECTION.service_account, "Incydr", False)
    assert seen(rows(user=user)["user"]) == (Sign.BAD, "deactivated")


def test_a_part_that_cannot_be_read_says_why() -> None:
    streams = Unreadable("needs Customize Application")
    assert seen(rows(streams=streams)["streaming"]) == (
        Sign.UNREAD,
        "not readable: needs Customize Application",
    )


@pytest.mark.parametrize(
    ("part", "label"),
    [
        ("user", "user"),
        ("freeze", "freeze"),
        ("grants", "permissions"),
        ("sign_ins", "sign-ins"),
        ("rights", "your rights"),
        ("audit", "audit trail"),
        ("events", "file events"),
        ("console", "console"),
        ("tokens", "app token"),
    ],
)
def test_an_unreadable_part_is_shown_as_not_read(part: str, label: str) -> None:
    parts: dict[str, Any] = {part: Unreadable("time-out")}
    assert rows(**parts)[label] == Row(Sign.UNREAD, label, "not readable: time-out")


def test_the_hour_is_counted_by_application_against_the_quota() -> None:
    found = rows(sign_ins=hour(("Incydr", 12), ("", 3)))
    assert found["sign-ins"].text == "15 of 3,600 in the last hour · Incydr 12, no application 3"


def test_a_quota_that_is_nearly_used_warns() -> None:
    assert rows(sign_ins=hour(("Data Loader", 3000)))["sign-ins"].sign is Sign.WARNING


def test_an_exceeded_quota_is_a_lower_bound() -> None:
    found = rows(finding("login_rate_exceeded", 0), sign_ins=hour(("Data Loader", 3590)))["sign-ins"]
    assert seen(found) == (
        Sign.BAD,
        "at least 3,590 of 3,600 in the last hour · Data Loader 3,590 · more are refused",
    )


def test_the_newest_sign_in_of_incydr_is_shown() -> None:
    found = rows(sign_ins=sign_ins(("Incydr", "Success", -30), ("Incydr", "User is frozen", -4)))
    assert seen(found["Incydr"]) == (Sign.BAD, "refused at 12:56:00: User is frozen")


def test_sign_ins_of_others_say_nothing_about_incydr() -> None:
    assert rows(sign_ins=sign_ins(("Data Loader", "Success", -3)))["Incydr"].sign is Sign.WARNING


def test_missing_permissions_are_named_by_their_label() -> None:
    held = (Grant(GrantKind.PROFILE, "P", "0PS1", ("CustomizeApplication", "ViewDataLeakageEvents")),)
    found = rows(finding("permissions_missing", 0, missing=("ApiEnabled",)), grants=held)["permissions"]
    assert seen(found) == (Sign.BAD, "has 2 of 3 needed · missing: API Enabled")


def test_permissions_that_cannot_be_told_are_not_good() -> None:
    found = rows(undetermined=(Undetermined("permissions_missing", Part.GRANTS, "the group is updating"),))
    assert seen(found["permissions"]) == (Sign.UNREAD, "not known: the group is updating")


def test_streams_that_are_off_are_named() -> None:
    streams = (Stream("LoginEventStream", True), Stream("ReportEventStream", False))
    assert seen(rows(streams=streams)["streaming"]) == (Sign.WARNING, "off for Report")


def test_streams_that_incydr_does_not_read_do_not_matter() -> None:
    streams = (Stream("ListViewEventStream", False), Stream("ReportEventStream", True))
    assert seen(rows(streams=streams)["streaming"]) == (Sign.GOOD, "on for Report")


def test_an_org_without_any_of_the_streams_is_a_warning() -> None:
    streams = (Stream("ListViewEventStream", True),)
    assert rows(streams=streams)["streaming"].sign is Sign.WARNING


def test_the_use_of_a_token_is_an_attempt_never_a_proof() -> None:
    found = rows(tokens=(Token("Incydr", last_used=at(-2)),))["app token"]
    assert seen(found) == (Sign.INFO, "last used at 12:58:00 (also moves on failed attempts)")


def test_a_slow_fact_shows_its_age() -> None:
    tokens = Read((Token("Incydr"),), at(0) - timedelta(minutes=9))
    assert rows(tokens=tokens)["app token"].text == "there, never used · read 9 min ago"


def test_a_late_event_is_marked() -> None:
    found = rows(events=FileEvents(at(-180), at(-1), 1))["file events"]
    assert found.text == "newest from 10:00:00 · arrived late"


def test_an_event_from_before_the_repair_that_was_stored_after_it_does_not_count() -> None:
    repaired = Repaired(at(-10), at(-10), None, ShownBy.READINGS)
    outage = Recovery(at(-60), (finding("user_frozen", -60),), repaired=repaired)
    shown = State(
        CONNECTION,
        reading(0, events=FileEvents(at(-45), at(-5), 1)),
        Diagnosis(),
        Status.RECOVERING,
        at(-10),
        recovery=outage,
    )
    texts = [row.text for row in wording.evidence_rows(shown, wording.Times(UTC, at(0)))]
    assert "newest from 12:15:00 · a late event from before the repair: it does not count" in texts


ONLY = replace(CONNECTION, only_connection=True)


@pytest.mark.parametrize(
    ("of", "events", "text"),
    [
        (
            CONNECTION,
            FileEvents(detector_name="Acme EMEA", unnamed=at(-5), others=("Acme US",)),
            "an event from 12:55:00 names no connection: it does not count",
        ),
        (
            CONNECTION,
            FileEvents(others=("A", "B", "C", "D")),
            "none of this connection, some of A, B, C",
        ),
        (CONNECTION, FileEvents(), "none in the time searched"),
        (
            CONNECTION,
            FileEvents(unread_before=at(-9)),
            "none in the time searched · events stored before 12:51:00 were not read",
        ),
        (ONLY, FileEvents(at(-5), at(-4), 1, "X", at(-5), True), "newest from 12:55:00, names no connection"),
        (ONLY, FileEvents(at(-3), at(-2), 2, "X", at(-5), True), "newest from 12:57:00"),
        (
            ONLY,
            FileEvents(at(-3), at(-2), 1, "X", at(-1), others=("Acme US",)),
            "newest from 12:57:00 · an event from 12:59:00 names no connection: it does not count · "
            "only_connection is suspended",
        ),
    ],
)
def test_events_that_name_nobody_or_others_are_told_apart(
    of: Connection, events: FileEvents, text: str
) -> None:
    shown = State(of, reading(0, events=events), Diagnosis(), Status.MONITORING, at(0))
    found = {row.label: row.text for row in wording.evidence_rows(shown, wording.Times(UTC, at(0)))}
    assert found["file events"] == text


def test_the_newest_event_is_shown() -> None:
    assert rows(events=event(-5))["file events"].text == "newest from 12:55:00"


@pytest.mark.parametrize(
    ("word", "sign"), [("Monitoring", Sign.GOOD), ("Error", Sign.BAD), ("Initializing", Sign.INFO)]
)
def test_the_consoles_word_is_shown_as_it_is(word: str, sign: Sign) -> None:
    found = rows(console=ConsoleWord(word, at(-1), "a text"))["console"]
    assert seen(found) == (sign, f"showed {word} at 12:59:00: a text")


def test_the_operator_is_warned_where_he_is_the_service_account() -> None:
    rights = Rights(CONNECTION.service_account.upper(), "0051")
    assert rows(rights=rights)["your rights"].sign is Sign.WARNING


def test_a_nearly_used_day_of_api_calls_warns() -> None:
    tight = replace(reading(0), api_used=14_000, api_limit=15_000)
    shown = State(CONNECTION, tight, diagnose(CONNECTION, tight), Status.MONITORING, at(0))
    texts = [row.text for row in wording.evidence_rows(shown, wording.Times(UTC, at(0)))]
    assert "14,000 of 15,000 used today by everybody in this org" in texts


def test_the_heading_tells_when_and_at_what_cost_it_was_read() -> None:
    shown = State(CONNECTION, reading(0), Diagnosis(), Status.MONITORING, at(0))
    assert wording.evidence_read(shown, wording.Times(UTC, at(5))) == f"read {at(0):%H:%M:%S}, 0 API calls"


def test_a_reason_that_several_rows_share_is_said_once() -> None:
    down = Unreadable("the org does not answer")
    told = rows(user=down, freeze=down, grants=down, sign_ins=Unreadable("needs Manage Users"))
    assert told["user"].text == "not readable: the org does not answer"
    assert told["freeze"].text == told["permissions"].text == "not readable, for the same reason"
    assert told["sign-ins"].text == "not readable: needs Manage Users"
