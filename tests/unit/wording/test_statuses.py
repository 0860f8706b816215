"""A connection's status in words."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.evidence import NEEDED, NOW, ago, connection, evidence, permission_set, profile, restrained
from tests.states import CONNECTION, at, finding, reading
from tui import wording
from tui.connections.evidence import Part
from tui.connections.finding import Actor, Diagnosis, Finding, Kind, Quota, Undetermined
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import Recovery, Repaired, ShownBy, State, Status, Why, WhyCode
from tui.diagnosis.diagnose import first_state

JANE = Actor("Jane Doe", "jane@acme.example", at=at(-1))
FROZEN = finding("user_frozen", 0, -1, title="The service account is frozen", by=JANE)


def state(status: Status, *findings: Finding, **more: object) -> State:
    base = State(CONNECTION, reading(0), Diagnosis(findings), status, at(0))
    return replace(base, **more)


def error(*findings: Finding) -> State:
    found = tuple(restrained(each, reading(0)) for each in findings or (FROZEN,))
    return state(Status.ERROR, *found, recovery=Recovery(at(-1), found))


def recovering(**more: object) -> State:
    repaired = Repaired(at(5), at(5), JANE, ShownBy.AUDIT)
    recovery = Recovery(at(-1), (FROZEN,), repaired=repaired, deadline=at(25))
    return state(Status.RECOVERING, recovery=replace(recovery, **more))


def now(minute: float) -> datetime:
    return at(minute)


def test_the_status_line_tells_since_when_and_what_it_means() -> None:
    line = wording.status_line(error(), wording.Times(UTC, now(0)))
    assert line == "Error since 13:00 UTC · monitoring has stopped"


def test_an_unknown_status_tells_what_it_was() -> None:
    line = wording.status_line(state(Status.UNKNOWN, was=Status.ERROR), wording.Times(UTC, now(0)))
    assert line == "Unknown since 13:00 UTC · was: Error"


def test_an_overdue_recovery_says_that_incydr_is_not_back() -> None:
    line = wording.status_line(recovering(overdue=True), wording.Times(UTC, now(30)))
    assert line.endswith("repaired, Incydr not back")


@pytest.mark.parametrize(
    ("shown", "sign", "plain"),
    [
        (error(), "✖", "x"),
        (recovering(), "◔", "~"),
        (recovering(overdue=True), "✖", "x"),
        (state(Status.MONITORING), "●", "*"),
        (state(Status.UNKNOWN), "?", "?"),
        (state(Status.DEAUTHORIZED), "✖", "x"),
        (None, "?", "?"),
    ],
)
def test_a_status_has_a_sign_and_a_plain_one(shown: State | None, sign: str, plain: str) -> None:
    assert (wording.status_sign(shown), wording.status_sign(shown, plain=True)) == (sign, plain)


def test_every_status_has_a_line() -> None:
    lines = {wording.status_line(state(status), wording.Times(UTC, now(0))) for status in Status}
    assert len(lines) == len(Status)


@pytest.mark.parametrize(
    ("shown", "minute", "age"),
    [
        (error(), 20, "21m"),
        (recovering(), 17.3, "7:42"),
        (recovering(overdue=True), 31, "6m"),
        (state(Status.MONITORING), 20, ""),
        (state(Status.UNKNOWN), 20, "20m"),
        (None, 0, ""),
    ],
)
def test_the_list_shows_how_long_or_what_is_left(shown: State | None, minute: float, age: str) -> None:
    assert wording.age(shown, now(minute)) == age


def test_an_age_is_counted_on_the_clock_of_the_org() -> None:
    skewed = error()
    skewed = replace(skewed, evidence=replace(skewed.evidence, org_now=at(2)))
    assert wording.age(skewed, now(0)) == "3m"


def test_the_headline_leaves_whom_to_ask_to_the_step() -> None:
    assert wording.headline(error(), wording.Times(UTC, now(0))) == "The service account is frozen"


def test_what_the_operator_did_himself_needs_no_question() -> None:
    own = replace(FROZEN, by=Actor("Alex Kim", "OPS@acme.example", at=at(-1)))
    assert wording.headline(error(own), wording.Times(UTC, now(0))) == "The service account is frozen"


def test_a_headline_counts_further_causes() -> None:
    both = error(replace(FROZEN, by=None), finding("permissions_missing", 0))
    assert (
        wording.headline(both, wording.Times(UTC, now(0)))
        == "The service account is frozen (and 1 more cause)"
    )


def test_behind_a_login_as_the_administrator_is_asked() -> None:
    delegated = replace(FROZEN, by=replace(JANE, delegate="root@acme.example"))
    assert wording.ask_first(restrained(delegated, reading(0))) == "root@acme.example"


def test_a_self_healing_cause_asks_nobody() -> None:
    healing = replace(FROZEN, kind=Kind.SELF_HEALING)
    assert wording.restraint(restrained(healing, reading(0))) == ""


def test_what_automation_did_will_come_back() -> None:
    robot = replace(FROZEN, by=replace(JANE, name="HR Sync", automation=True))
    assert wording.restraint(restrained(robot, reading(0))) == (
        "HR Sync did this automatically and may do it again: fix it there first."
    )


def test_the_by_line_names_person_time_and_source() -> None:
    assert wording.by_line(FROZEN, wording.Times(UTC, now(0))) == (
        "by Jane Doe (jane@acme.example) at 12:59:00, from the audit trail"
    )


def test_a_doubtful_actor_is_probable() -> None:
    doubtful = replace(FROZEN, by=replace(JANE, certain=False))
    assert wording.by_line(doubtful, wording.Times(UTC, now(0))).startswith("probably by Jane Doe")


def test_without_an_actor_the_reason_is_given() -> None:
    nobody = replace(FROZEN, by=None, by_unknown="by whom: audit trail not readable", may_be_automatic=True)
    assert wording.by_line(nobody, wording.Times(UTC, now(0))) == (
        "since 12:59:00 · by whom: audit trail not readable · perhaps automatic, after too many sign-ins"
    )


REPAIR = Repair("user_frozen", "Unfreeze", ())


@pytest.mark.parametrize(
    ("offer", "line"),
    [
        (REPAIR, "You must act · repair: Unfreeze · you have the right to do it"),
        (NoRepair("user_frozen", "Repairs are off."), "You must act, by hand · Repairs are off."),
        (None, "You must act"),
    ],
)
def test_the_kind_line_says_what_the_program_may_do(offer: Repair | NoRepair | None, line: str) -> None:
    assert wording.kind_line(FROZEN, offer, wording.Times(UTC, now(0))) == line


def test_a_quota_resets_within_an_estimated_range() -> None:
    rate = finding("login_rate_exceeded", 0, reset=(at(30), at(45)))
    assert wording.kind_line(rate, None, wording.Times(UTC, now(0))) == (
        "No action: ends by itself · the hourly limit ends between 13:30 and 13:45 (estimate)"
    )


def test_users_of_the_quota_are_lower_bounds() -> None:
    rate = finding("login_rate_exceeded", 0, quota=(Quota("Data Loader", 3588, "203.0.113.7"), Quota("", 2)))
    assert wording.quota_lines(rate) == (
        "Data Loader: at least 3,588 from 203.0.113.7",
        "no application named: at least 2",
    )


def test_many_users_of_the_quota_are_summed_up() -> None:
    rate = finding("login_rate_exceeded", 0, quota=tuple(Quota(f"App {n}", 10) for n in range(7)))
    assert wording.quota_lines(rate)[-2:] == ("App 3: at least 10", "3 others: at least 30")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            Why(WhyCode.UNREADABLE, "needs Manage Users", part="freeze"),
            "Cannot read the freeze: needs Manage Users",
        ),
        (Why(WhyCode.QUIET, at=at(-60)), "No fault found, but nothing seen from Incydr since 12:00"),
        (Why(WhyCode.OTHER_ORG, "00D1"), "Another org answered (00D1): a refreshed sandbox?"),
        (Why(WhyCode.CONSOLE_ERROR), "The console shows Error, its cause is not visible in Salesforce"),
        (Why(WhyCode.CONSOLE_WORD, "Paused"), "The console shows Paused"),
    ],
)
def test_the_reason_behind_a_status_is_said(why: Why, said: str) -> None:
    assert wording.why_text(why, wording.Times(UTC, now(0))) == said


def test_a_reason_comes_with_its_own_next_step() -> None:
    told = state(Status.UNKNOWN, why=Why(WhyCode.UNREADABLE, "time-out", "Check the network.", "user"))
    assert wording.why_lines(told, wording.Times(UTC, now(0))) == (
        "Cannot read the user: time-out.",
        "Check the network.",
    )


def test_what_could_not_be_decided_but_does_not_block_is_marked_as_not_checked() -> None:
    item = Undetermined("event_streaming_disabled", Part.STREAMS, "needs Customize Application", blocks=False)
    assert wording.undetermined(item) == (
        "Cannot read the streaming settings (not checked): needs Customize Application."
    )


def unreadable(part: Part, reason: str) -> Undetermined:
    return Undetermined(f"cause of {part}", part, reason)


def test_parts_that_cannot_be_read_for_one_reason_share_a_line() -> None:
    told = replace(
        state(Status.UNKNOWN, why=Why(WhyCode.UNREADABLE, "time-out", part="user")),
        diagnosis=Diagnosis(
            undetermined=(
                unreadable(Part.USER, "time-out"),
                unreadable(Part.FREEZE, "time-out"),
                unreadable(Part.GRANTS, "time-out"),
                unreadable(Part.SIGN_INS, "needs Manage Users"),
            )
        ),
    )
    assert wording.undetermined_lines(told) == (
        "Cannot read the freeze, the permissions: time-out.",
        "Cannot read the sign-ins: needs Manage Users.",
    )


def test_a_reason_that_is_a_sentence_gets_no_second_full_stop() -> None:
    told = state(Status.UNKNOWN, why=Why(WhyCode.UNREADABLE, "No connection.", part="user"))
    assert wording.why_lines(told, wording.Times(UTC, now(0))) == ("Cannot read the user: No connection.",)


def test_the_header_counts_what_is_not_well() -> None:
    states = [error(), error(), recovering(), state(Status.MONITORING), None]
    assert wording.counts(states) == "5 connections · 2 Error · 1 Recovering"


def test_the_header_counts_the_overdue_apart() -> None:
    assert wording.counts([recovering(overdue=True)]) == "1 connection · 1 overdue"


def test_the_header_says_when_all_is_well() -> None:
    assert wording.counts([state(Status.MONITORING)] * 2) == "2 connections · all Monitoring"


def test_the_org_time_follows_this_machines_clock() -> None:
    shown = error()
    assert wording.org_time(shown, now(3)) - shown.evidence.org_now == timedelta(minutes=3)


def test_a_warning_tells_its_moment() -> None:
    held = (profile("RunReports", "ManagePvtRptsAndDashbds"), permission_set(*NEEDED, expires=ago(hours=-5)))
    of = evidence(grants=held)
    lines = wording.warning_lines(first_state(connection(), of), wording.Times(UTC, NOW))
    assert lines[0].endswith("Incydr Access gives API Enabled, and that assignment expires (19:00:00)")
    assert len(lines) == len(NEEDED)
