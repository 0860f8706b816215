"""The way back in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import present
from tests.states import CLEAN, CONNECTION, at, event, finding, reading
from tui import wording
from tui.base.limits import EVENT_LATENESS
from tui.connections.connection import Connection
from tui.connections.evidence import Lateness, Unreadable
from tui.connections.finding import Actor, Diagnosis, Finding, Kind, Past, ProofKind
from tui.connections.state import Proof, Recovery, Repaired, ShownBy, State, Status, Why, WhyCode
from tui.connections.step import Step, StepText

JANE = Actor("Jane Doe", "jane@acme.example", at=at(5))
FROZEN = finding("user_frozen", 0, title="The service account is frozen")
NO_PERMISSION = finding("permissions_missing", 0, title="The service account lacks permissions")


def recovering(*findings: Finding, connection: Connection = CONNECTION, **more: object) -> State:
    repaired = Repaired(at(5), at(5), JANE, ShownBy.AUDIT)
    recovery = Recovery(at(-1), findings or (FROZEN,), repaired=repaired, deadline=at(25), last_life=at(-6))
    recovery = replace(recovery, **more)
    return State(connection, reading(5), Diagnosis(), Status.RECOVERING, at(5), recovery=recovery)


def now(minute: float) -> datetime:
    return at(minute)


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (Proof(ProofKind.SIGN_IN, at(62.2)), "Incydr signed in at 14:02:12"),
        (Proof(ProofKind.EVENT, at(65)), "a file event from 14:05:00"),
        (Proof(ProofKind.CONSOLE, at(65)), "the console showed Monitoring at 14:05:00"),
        (
            Proof(ProofKind.WORD, at(65), "Alex Kim"),
            "Alex Kim said at 14:05:00 that the console shows Monitoring",
        ),
    ],
)
def test_a_proof_says_what_and_when(proof: Proof, said: str) -> None:
    assert wording.proof(proof, wording.Times(UTC, now(70))) == said


def test_a_wait_tells_who_repaired_what_counts_and_until_when() -> None:
    assert wording.waiting_lines(recovering(), wording.Times(UTC, now(6))) == (
        "Repaired by Jane Doe (jane@acme.example) at 13:05:00 (from the audit trail).",
        "Waiting for a file event from after the repair, or a sign-in by Incydr's app after the repair. "
        "An event may be stored up to an hour late.",
        "Incydr comes back by itself, by 13:25:00 at the latest.",
    )


def test_a_repair_between_two_readings_is_a_range() -> None:
    state = recovering(repaired=Repaired(at(4), at(5), None, ShownBy.READINGS))
    assert (
        wording.waiting_lines(state, wording.Times(UTC, now(6)))[0]
        == "Repaired between 13:04:00 and 13:05:00."
    )


def test_with_permissions_gone_sign_ins_are_not_waited_for() -> None:
    awaited = wording.waiting_lines(recovering(NO_PERMISSION), wording.Times(UTC, now(6)))[1]
    assert (
        awaited
        == "Waiting for a file event from after the repair. An event may be stored up to an hour late."
    )


BLIND = replace(CONNECTION, tenant=None)


@pytest.mark.parametrize(
    ("finding", "connection", "reason"),
    [
        (NO_PERMISSION, BLIND, "a sign-in proves nothing"),
        (FROZEN, replace(BLIND, shared=True), "other connections use the same account"),
        (FROZEN, replace(BLIND, incydr_app=None), "incydr_app"),
    ],
)
def test_where_nothing_can_show_the_return_the_reason_and_the_console_are_named(
    finding: Finding, connection: Connection, reason: str
) -> None:
    awaited = wording.waiting_lines(recovering(finding, connection=connection), wording.Times(UTC, now(6)))[1]
    assert awaited.startswith("Only the Incydr console can show that Incydr is back")
    assert reason in awaited
    assert "Look at it in 20 minutes" in awaited


def test_an_assumed_delay_is_marked() -> None:
    state = recovering(replace(FROZEN, delay_assumed=True))
    assert wording.waiting_lines(state, wording.Times(UTC, now(6)))[-1].endswith("(assumed, not documented).")


RATE = finding("login_rate_exceeded", 0, kind=Kind.SELF_HEALING, title="Too many sign-ins within the hour")


@pytest.mark.parametrize(
    ("there", "clock"),
    [
        (FROZEN, "After the repair Incydr comes back by itself, within 20 minutes."),
        (RATE, "When this has ended, Incydr comes back by itself, within 20 minutes."),
        (
            replace(FROZEN, delay=None),
            "It is not known how long this takes: you may have to authorise Incydr again.",
        ),
    ],
)
def test_before_the_repair_the_wait_says_what_is_still_there_and_when_the_clock_starts(
    there: Finding, clock: str
) -> None:
    before = recovering(there, repaired=None, deadline=None)
    state = replace(before, diagnosis=Diagnosis((there,)), status=Status.ERROR)
    assert wording.waiting_lines(state, wording.Times(UTC, now(6))) == (
        f"Salesforce still shows: {there.title}.",
        clock,
    )


def test_while_nothing_can_be_read_the_wait_goes_on_in_other_words() -> None:
    state = replace(recovering(), status=Status.UNKNOWN, was=Status.RECOVERING)
    assert wording.waiting_lines(state, wording.Times(UTC, now(6)))[0] == (
        "The status is not known now (was: Recovering). remonitor keeps waiting."
    )


def test_an_unrepaired_cause_that_cannot_be_read_keeps_its_clock_unstarted() -> None:
    before = recovering(repaired=None, deadline=None)
    state = replace(before, status=Status.UNKNOWN, was=Status.ERROR)
    assert wording.waiting_lines(state, wording.Times(UTC, now(6)))[1:] == (
        "Not repaired yet.",
        "After the repair Incydr comes back by itself, within 20 minutes.",
    )


@pytest.mark.parametrize(("minute", "share", "left"), [(5, 0.0, "20:00 left"), (15, 0.5, "10:00 left")])
def test_the_wait_runs_from_repair_to_deadline(minute: float, share: float, left: str) -> None:
    state = recovering()
    assert (wording.progress(state, now(minute)), wording.left(state, now(minute))) == (share, left)


def test_past_the_deadline_the_time_over_is_told() -> None:
    state = recovering()
    assert (wording.progress(state, now(28)), wording.left(state, now(28))) == (1.0, "3 min late")


def test_without_a_deadline_there_is_no_progress() -> None:
    state = recovering(deadline=None)
    assert (wording.progress(state, now(6)), wording.left(state, now(6))) == (None, "")


def test_overdue_says_what_to_do_with_deauthorising_last() -> None:
    lines = wording.overdue_lines(recovering(overdue=True), wording.Times(UTC, now(30)))
    assert lines[0] == "Incydr should have been back by 13:25:00."
    assert "The last way: deauthorise" in lines[-1]


def test_only_for_causes_that_stop_sign_ins_overdue_doubts_the_sign_in() -> None:
    doubt = "Incydr may be back without a new sign-in: remonitor then cannot see it."
    assert doubt in wording.overdue_lines(recovering(overdue=True), wording.Times(UTC, now(30)))
    assert doubt not in wording.overdue_lines(
        recovering(NO_PERMISSION, overdue=True), wording.Times(UTC, now(30))
    )


def test_overdue_and_waiting_reckon_with_an_event_stored_late_where_events_can_be_seen() -> None:
    assert timedelta(hours=1) == EVENT_LATENESS
    late = "An event may be stored up to an hour late."
    seen, blind = recovering(overdue=True), replace(recovering(overdue=True), connection=BLIND)
    assert late in wording.overdue_lines(seen, wording.Times(UTC, now(30)))
    assert late not in wording.overdue_lines(blind, wording.Times(UTC, now(30)))
    assert late not in " ".join(wording.waiting_lines(blind, wording.Times(UTC, now(6))))


def test_how_late_events_are_here_and_how_long_it_was_quiet_before_is_told_where_it_is_known() -> None:
    state = recovering(overdue=True)
    for largest, told in ((timedelta(minutes=7), "up to an hour"), (timedelta(hours=2), "up to 2 h")):
        late = replace(state.evidence, lateness=Lateness(100, timedelta(minutes=4), largest))
        known = replace(state, evidence=late, longest_gap=timedelta(hours=5))
        lines = wording.overdue_lines(known, wording.Times(UTC, now(30)))
        assert f"An event may be stored {told} late (here usually 4 min)." in lines
        assert "Before the outage nothing was seen from it for up to 5 h." in lines
    assert not any(
        "nothing was seen" in line for line in wording.overdue_lines(state, wording.Times(UTC, now(30)))
    )


def test_a_problem_of_a_tenant_is_told_once_for_all_its_connections() -> None:
    down = Unreadable("Too many requests: api.us.code42.com allows 120 a minute.", "Wait.")
    names = ("Acme EMEA", "Acme US", "Other")
    states = [
        State(
            replace(CONNECTION, name=name, tenant="other" if name == "Other" else "acme"),
            reading(0, events=down),
            CLEAN,
            Status.MONITORING,
            at(0),
        )
        for name in names
    ]
    assert wording.tenant_lines(states) == (
        "Incydr's events could not be read from tenant acme: Too many requests: api.us.code42.com allows 120 a "
        "minute. The strongest proof is missing for Acme EMEA, Acme US. Wait.",
        "Incydr's events could not be read from tenant other: Too many requests: api.us.code42.com allows 120 a "
        "minute. The strongest proof is missing for Other. Wait.",
    )


def test_of_a_tenant_that_was_read_or_is_not_configured_nothing_is_told() -> None:
    known = State(CONNECTION, reading(0, events=event(-5)), CLEAN, Status.MONITORING, at(0))
    none = State(BLIND, reading(0), CLEAN, Status.MONITORING, at(0))
    assert wording.tenant_lines([known, none]) == ()


def test_within_the_deadline_nothing_is_overdue() -> None:
    assert wording.overdue_lines(recovering(), wording.Times(UTC, now(10))) == ()


def test_the_loss_of_events_has_a_moment() -> None:
    assert wording.lost_events(recovering(), wording.Times(UTC, now(6))) == (
        "Salesforce keeps events 72 h. The oldest of this outage expire on 25 Nov 12:59."
    )


def test_after_72_hours_the_moment_moves() -> None:
    assert "from before 23 Nov 13:00" in wording.lost_events(recovering(), wording.Times(UTC, now(96 * 60)))


RETURNED: dict[str, Any] = {"returned": Proof(ProofKind.SIGN_IN, at(9)), "returned_seen": at(10)}


def test_a_return_names_its_proof_and_how_long_monitoring_was_off() -> None:
    state = replace(recovering(**RETURNED), status=Status.MONITORING)
    assert wording.returned_lines(state, wording.Times(UTC, now(10))) == (
        "Incydr is back: Incydr signed in at 13:09:00.",
        "Repaired by Jane Doe (jane@acme.example) at 13:05:00 (from the audit trail).",
        "Monitoring was off for 6 min to 15 min: at least from the cause to the repair, "
        "at most from when Incydr was last seen to the proof.",
        "Look at the report exports of that time yourself: it is not known whether Incydr catches up on them.",
    )


def test_after_the_return_no_loss_is_announced() -> None:
    assert wording.lost_events(recovering(**RETURNED), wording.Times(UTC, now(10))) == ""


def test_a_new_error_while_waiting_is_told_as_a_difference() -> None:
    before = recovering()
    after = replace(before, diagnosis=Diagnosis((NO_PERMISSION,)), status=Status.ERROR)
    assert wording.news(before, after, wording.Times(UTC, now(6))) == (
        "New: The service account lacks permissions. The wait starts again after the repair."
    )
    assert wording.news(after, after, wording.Times(UTC, now(6))) == ""


def test_somebody_elses_repair_is_named() -> None:
    before = replace(recovering(repaired=None), diagnosis=Diagnosis((FROZEN,)))
    assert wording.news(before, recovering(), wording.Times(UTC, now(6))).startswith("Repaired by Jane Doe")


def replaced(*past: Past) -> tuple[State, State]:
    """Permissions were missing, then the account is frozen instead; `past` as the audit trail has it."""
    before = replace(
        recovering(NO_PERMISSION, repaired=None), diagnosis=Diagnosis((NO_PERMISSION,)), status=Status.ERROR
    )
    after = replace(before, diagnosis=Diagnosis((FROZEN,), past=past))
    return before, after


def test_a_cause_that_another_replaces_is_told_with_who_mended_it() -> None:
    told = wording.news(*replaced(Past(NO_PERMISSION, JANE)), wording.Times(UTC, now(6)))
    assert told == (
        "No longer so: The service account lacks permissions. "
        "Repaired by Jane Doe (jane@acme.example) at 13:05:00."
        " New: The service account is frozen."
    )


def test_a_cause_that_goes_without_a_row_is_told_without_a_name() -> None:
    told = wording.news(*replaced(), wording.Times(UTC, now(6)))
    assert told.startswith("No longer so: The service account lacks permissions. New:")


def test_the_programs_own_repair_of_one_of_two_causes_is_not_told_again() -> None:
    before, after = replaced()
    mended = {"permissions_missing": Repaired(at(5), at(5), None, ShownBy.PROGRAM)}
    after = replace(after, recovery=replace(present(after.recovery), repairs=mended))
    assert wording.news(before, after, wording.Times(UTC, now(6))) == "New: The service account is frozen."


def test_the_programs_own_repair_is_not_somebody_elses() -> None:
    before = replace(recovering(repaired=None), diagnosis=Diagnosis((FROZEN,)))
    own = recovering(repaired=Repaired(at(5), at(5), None, ShownBy.PROGRAM))
    assert wording.news(before, own, wording.Times(UTC, now(6))) == ""


def step(verdict: bool | None) -> Step:
    return Step("unfreeze", "Unfreeze", lambda s, e: StepText(()), lambda evidence: verdict, "still frozen")


@pytest.mark.parametrize(("verdict", "said"), [(False, "still frozen"), (True, "done"), (None, "not known")])
def test_salesforces_own_answer_stands_under_a_step(verdict: bool | None, said: str) -> None:
    shown = now(5) + timedelta(seconds=4)
    line = wording.salesforce_says(recovering(), step(verdict), shown + timedelta(seconds=6), shown)
    assert line == f"Salesforce says: {said} · checked 4 s ago · next in 6 s"


def test_a_step_without_a_test_asks_for_enter() -> None:
    untested = Step("setup", "Open Setup", lambda s, e: StepText(()))
    assert "Press Enter" in wording.salesforce_says(recovering(), untested, None, now(5))


def test_without_a_sign_of_life_that_is_said() -> None:
    assert wording.life_line(recovering(), wording.Times(UTC, now(5))) == "Incydr has not been seen yet."


def test_overdue_is_one_word_until_nothing_can_be_read() -> None:
    state = recovering(overdue=True)
    assert wording.status_word(state) == "overdue"
    assert (
        wording.status_line(state, wording.Times(UTC, now(30)))
        == "overdue since 13:25 UTC · repaired, Incydr not back"
    )
    assert wording.checks(state, None, False, wording.Times(UTC, now(5))) == "checked 13:05:00: overdue"
    assert wording.counts([state]) == "1 connection · 1 overdue"


def test_an_overdue_recovery_that_cannot_be_read_is_unknown_and_was_overdue() -> None:
    why = Why(WhyCode.UNREADABLE, "acme does not answer", part="user")
    state = replace(recovering(overdue=True), status=Status.UNKNOWN, was=Status.RECOVERING, why=why)
    assert wording.status_word(state) == "Unknown"
    assert wording.status_line(state, wording.Times(UTC, now(30))) == "Unknown since 13:05 UTC · was: overdue"
    assert (
        wording.headline(state, wording.Times(UTC, now(30))) == "Cannot read the user: acme does not answer"
    )
    assert (
        wording.checks(state, now(6), False, wording.Times(UTC, now(5)))
        == "checked 13:05:00: Unknown · next 13:06:00"
    )
    assert wording.counts([state]) == "1 connection · 1 Unknown"
