"""advance(): the status rules, one by one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.states import CLEAN, CONNECTION, at, event, finding, reading, sick, sign_ins
from tui.connections.connection import Connection
from tui.connections.evidence import (
    ConsoleWord,
    Evidence,
    FileEvents,
    OrgIdentity,
    Part,
    SignInHistory,
    Unreadable,
)
from tui.connections.finding import Actor, Diagnosis, Past, ProofKind, Undetermined
from tui.connections.outage import Act, RepairApplied, SaysMonitoring, SaysRepaired, WithdrawsMonitoring
from tui.connections.recovery import advance
from tui.connections.state import State, Status
from tui.diagnosis.diagnose import diagnose
from tui.rules.refused_sign_ins import refusal

UNREAD = Unreadable("the org did not answer", "Check the network.")
FROZEN_UNREAD = Undetermined("user_frozen", Part.FREEZE, "the org did not answer")


class Story:
    """Readings one after the other."""

    def __init__(self, connection: Connection = CONNECTION) -> None:
        self.connection = connection
        self.state: State | None = None

    def read(self, evidence: Evidence, diagnosis: Diagnosis = CLEAN, act: Act | None = None) -> State:
        diagnosis = replace(diagnosis, refusal=refusal(self.connection, evidence))
        self.state = advance(self.connection, self.state, evidence, diagnosis, act)
        return self.state

    def act(self, act: Act) -> State:
        assert self.state is not None
        return self.read(self.state.evidence, self.state.diagnosis, act)

    def freeze(self, minute: float = 0, since: float = -5) -> State:
        return self.read(reading(minute), sick(finding("user_frozen", minute, since)))


def test_a_healthy_account_with_a_recent_sign_in_is_monitoring() -> None:
    state = Story().read(reading(0))
    assert state.status is Status.MONITORING
    assert state.life is not None
    assert (state.life.kind, state.life.at) == (ProofKind.SIGN_IN, at(-30))


def test_any_cause_is_an_error_since_it_began() -> None:
    state = Story().freeze(0, since=-5)
    assert state.status is Status.ERROR
    assert state.since == at(-5)


def test_without_a_pinned_application_sign_ins_prove_nothing() -> None:
    state = Story(replace(CONNECTION, incydr_app=None)).read(reading(0))
    assert state.status is Status.UNKNOWN
    assert state.why is not None
    assert state.why.code == "never_seen"


def test_a_shared_account_proves_no_connection_by_its_sign_ins() -> None:
    assert Story(replace(CONNECTION, shared=True)).read(reading(0)).status is Status.UNKNOWN


def test_another_applications_sign_in_is_no_sign_of_life() -> None:
    state = Story().read(reading(0, sign_ins=sign_ins(("Data Loader", "Success", -1))))
    assert state.status is Status.UNKNOWN


def test_an_account_quiet_for_longer_than_the_window_is_unknown() -> None:
    state = Story().read(reading(0, sign_ins=sign_ins(("Incydr", "Success", -25 * 60))))
    assert state.why is not None
    assert (state.status, state.why.code) == (Status.UNKNOWN, "quiet")


def test_the_window_follows_the_usual_quiet_of_the_account() -> None:
    state = Story().read(reading(0, sign_ins=sign_ins(("Incydr", "Success", -25 * 60))))
    (one,) = sign_ins(("Incydr", "Success", -30)).window
    rare = replace(one, first=at(-25 * 60 - 20 * 60), last=at(-25 * 60), count=2)
    usual = Story().read(reading(0, sign_ins=SignInHistory(at(-10080), (rare,))))
    assert (state.status, usual.status) == (Status.UNKNOWN, Status.MONITORING)


def test_after_the_repair_the_connection_is_recovering_until_a_proof() -> None:
    story = Story()
    story.freeze()
    state = story.read(reading(1))
    assert state.status is Status.RECOVERING
    assert state.recovery is not None
    assert state.recovery.repaired is not None
    assert (state.recovery.repaired.earliest, state.recovery.repaired.latest) == (at(0), at(1))
    assert state.recovery.deadline == at(21)


def test_a_sign_in_after_the_repair_proves_the_return_from_a_freeze() -> None:
    story = Story()
    story.freeze()
    story.read(reading(1))
    state = story.read(reading(8, sign_ins=sign_ins(("Incydr", "Success", 7))))
    assert state.status is Status.MONITORING
    assert state.recovery is not None
    assert state.recovery.returned is not None
    assert (state.recovery.returned.kind, state.recovery.returned.at) == (ProofKind.SIGN_IN, at(7))


def test_sign_ins_never_prove_the_return_of_permissions() -> None:
    story = Story()
    story.read(reading(0), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1))
    state = story.read(reading(8, sign_ins=sign_ins(("Incydr", "Success", 7))))
    assert state.status is Status.RECOVERING


def test_an_event_after_the_repair_proves_the_return_of_permissions() -> None:
    story = Story()
    story.read(reading(0), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1))
    state = story.read(reading(8, events=event(7)))
    assert state.status is Status.MONITORING


def test_an_event_within_the_difference_of_clocks_does_not_count() -> None:
    story = Story()
    story.read(reading(0), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1))
    assert story.read(reading(4, events=event(2.9))).status is Status.RECOVERING
    assert story.read(reading(5, events=event(3.1))).status is Status.MONITORING


def test_with_two_causes_the_strictest_proof_is_needed() -> None:
    story = Story()
    story.read(reading(0), sick(finding("user_frozen", 0, -5), finding("permissions_missing", 0, -5)))
    story.read(reading(1), sick(finding("permissions_missing", 1, -5)))
    story.read(reading(2))
    assert story.read(reading(8, sign_ins=sign_ins(("Incydr", "Success", 7)))).status is Status.RECOVERING
    assert story.read(reading(9, events=event(8))).status is Status.MONITORING


def test_with_two_causes_the_interval_takes_the_later_of_both() -> None:
    story = Story()
    story.read(reading(0), sick(finding("user_frozen", 0, -5), finding("permissions_missing", 0, -5)))
    story.read(reading(1), sick(finding("permissions_missing", 1, -5)))
    state = story.read(reading(2))
    assert state.recovery is not None
    assert state.recovery.repaired is not None
    assert (state.recovery.repaired.earliest, state.recovery.repaired.latest) == (at(1), at(2))


def test_the_audit_row_that_mended_it_gives_both_bounds_and_the_name() -> None:
    story = Story()
    story.freeze(0, since=-5)
    jane = Actor("Jane Doe", "jane@acme.example", at=at(0.5))
    state = story.read(reading(1), Diagnosis(past=(Past(finding("user_frozen", 0, -5), jane),)))
    assert state.recovery is not None
    assert state.recovery.repaired is not None
    assert state.recovery.repaired.earliest == state.recovery.repaired.latest == at(0.5)
    assert state.recovery.repaired.by == jane


def test_our_own_repair_counts_from_its_read_back() -> None:
    story = Story()
    story.freeze(0)
    story.act(RepairApplied(("user_frozen",), at(0.2), at(0.3), "ops@acme.example"))
    state = story.read(reading(0.5))
    assert state.recovery is not None
    assert state.recovery.repaired is not None
    assert (state.recovery.repaired.earliest, state.recovery.repaired.latest) == (at(0.2), at(0.3))
    assert state.recovery.repaired.how == "program"


def test_a_repair_that_is_undone_again_is_an_error_again() -> None:
    story = Story()
    story.freeze(0)
    story.act(RepairApplied(("user_frozen",), at(0.2), at(0.3), "ops@acme.example"))
    state = story.read(reading(1), sick(finding("user_frozen", 1, 0.6)))
    assert state.status is Status.ERROR
    assert state.recovery is not None
    assert state.recovery.repairs == {}


def test_past_the_deadline_a_successful_reading_declares_it_overdue() -> None:
    story = Story()
    story.freeze(0)
    story.read(reading(1))
    assert not story.read(reading(21)).overdue
    assert story.read(reading(21.1)).overdue


@pytest.mark.parametrize(
    ("unread_before", "declared"),
    [(None, True), (at(40), False), (at(1.5), False), (at(1), True), (at(-10), True)],
    ids=["all read", "cut short", "since the repair", "at the repair", "before the repair"],
)
def test_what_a_cut_short_answer_may_hide_is_not_overdue(
    unread_before: datetime | None, declared: bool
) -> None:
    story = Story(replace(CONNECTION, tenant="acme"))
    story.freeze(0)
    story.read(reading(1))
    state = story.read(reading(40, events=FileEvents(unread_before=unread_before)))
    assert state.overdue is declared
    assert state.status is (Status.RECOVERING if declared else Status.UNKNOWN)
    assert (state.why.code if state.why else None) == (None if declared else "events_unreadable")
    assert story.read(reading(41, events=FileEvents())).overdue


@pytest.mark.parametrize(
    "change",
    [{"only_connection": True}, {"detector_name": "Acme Europe"}, {"tenant": "other"}],
    ids=lambda change: next(iter(change)),
)
def test_what_events_rest_on_drops_the_proof_by_event_alone(change: dict[str, Any]) -> None:
    story = Story(replace(CONNECTION, tenant="acme"))
    before = story.read(reading(0, events=event(-3)))
    assert [proof.kind for proof in before.proofs] == [ProofKind.EVENT, ProofKind.SIGN_IN]
    story.connection = replace(story.connection, **change)
    after = story.read(reading(5, events=None))
    assert [proof.kind for proof in after.proofs] == [ProofKind.SIGN_IN]


def test_a_failed_reading_never_declares_overdue() -> None:
    story = Story()
    story.freeze(0)
    story.read(reading(1))
    state = story.read(reading(40, freeze=UNREAD), sick(undetermined=(FROZEN_UNREAD,)))
    assert (state.status, state.overdue) == (Status.UNKNOWN, False)


def test_a_late_return_is_still_a_return() -> None:
    story = Story()
    story.freeze(0)
    story.read(reading(1))
    story.read(reading(30))
    state = story.read(reading(40, sign_ins=sign_ins(("Incydr", "Success", 39))))
    assert (state.status, state.overdue) == (Status.MONITORING, False)


def test_a_new_cause_before_the_return_is_the_same_outage() -> None:
    story = Story()
    first = story.freeze(0, since=-5)
    story.read(reading(1))
    state = story.read(reading(2), sick(finding("user_deactivated", 2, 1.5)))
    assert first.recovery is not None
    assert state.recovery is not None
    assert state.recovery.began == first.recovery.began
    assert {f.cause for f in state.recovery.findings} == {"user_frozen", "user_deactivated"}
    assert state.recovery.repaired is None


def test_an_unreadable_part_hides_the_error_but_keeps_it() -> None:
    story = Story()
    story.freeze(0, since=-5)
    state = story.read(reading(1, freeze=UNREAD), sick(undetermined=(FROZEN_UNREAD,)))
    assert (state.status, state.was) == (Status.UNKNOWN, Status.ERROR)
    assert state.diagnosis.causes == ("user_frozen",)
    assert state.diagnosis.findings[0].seen_at == at(0)
    assert state.failures == 1


def test_failures_in_a_row_are_counted_and_end_with_a_reading_that_decides() -> None:
    story = Story()
    story.freeze(0)
    for minute in (1, 2, 3):
        state = story.read(reading(minute, freeze=UNREAD), sick(undetermined=(FROZEN_UNREAD,)))
    assert state.failures == 3
    assert story.freeze(4).failures == 0


def test_after_a_time_of_not_knowing_it_is_never_straight_monitoring() -> None:
    story = Story()
    story.freeze(0)
    story.read(reading(1, freeze=UNREAD), sick(undetermined=(FROZEN_UNREAD,)))
    proof = sign_ins(("Incydr", "Success", 2))
    assert story.read(reading(3, sign_ins=proof)).status is Status.RECOVERING
    assert story.read(reading(4, sign_ins=proof)).status is Status.MONITORING


def test_unknown_between_two_healthy_readings_leaves_no_trace() -> None:
    story = Story()
    story.read(reading(0))
    unknown = story.read(reading(5, freeze=UNREAD), sick(undetermined=(FROZEN_UNREAD,)))
    assert (unknown.status, unknown.was) == (Status.UNKNOWN, None)
    assert story.read(reading(10)).status is Status.MONITORING


def test_a_cause_that_may_stay_unchecked_does_not_block() -> None:
    unchecked = Undetermined("access_revoked", Part.TOKENS, "needs Customize Application", blocks=False)
    assert Story().read(reading(0), sick(undetermined=(unchecked,))).status is Status.MONITORING


def test_a_freeze_and_unfreeze_between_readings_is_a_recovery() -> None:
    jane = Actor("Jane Doe", "jane@acme.example", at=at(-10))
    past = Diagnosis(past=(Past(finding("user_frozen", -20, -20), jane),))
    state = Story().read(reading(0), past)
    assert state.status is Status.RECOVERING
    assert state.recovery is not None
    assert state.recovery.repaired is not None
    assert (state.recovery.began, state.recovery.repaired.latest) == (at(-20), at(-10))


def test_a_freeze_in_the_past_that_life_outlived_is_history() -> None:
    jane = Actor("Jane Doe", "jane@acme.example", at=at(-50))
    past = Diagnosis(past=(Past(finding("user_frozen", -60, -60), jane),))
    assert Story().read(reading(0), past).status is Status.MONITORING


@pytest.mark.parametrize("application", ["Incydr", "N/A", ""])
def test_a_failed_sign_in_newer_than_life_is_recovering(application: str) -> None:
    rows = sign_ins(("Incydr", "Success", -30), (application, "User is frozen", -10))
    assert Story().read(reading(0, sign_ins=rows)).status is Status.RECOVERING


def test_another_applications_failed_sign_in_says_nothing() -> None:
    rows = sign_ins(("Incydr", "Success", -30), ("Data Loader", "Invalid password", -10))
    assert Story().read(reading(0, sign_ins=rows)).status is Status.MONITORING


def test_an_unreadable_audit_trail_never_proves_that_nothing_happened() -> None:
    state = Story().read(reading(0, audit=UNREAD))
    assert state.why is not None
    assert (state.status, state.why.code) == (Status.UNKNOWN, "audit_unreadable")


def test_an_event_after_an_unreadable_audit_trail_is_proof_enough() -> None:
    story = Story()
    story.read(reading(0, audit=UNREAD))
    assert story.read(reading(5, audit=None)).status is Status.UNKNOWN
    assert story.read(reading(10, audit=None, events=event(9))).status is Status.MONITORING


def test_the_operators_word_returns_a_connection_after_the_repair() -> None:
    story = Story()
    story.read(reading(0), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1))
    state = story.act(SaysMonitoring("Alex Kim", at(5)))
    assert state.status is Status.MONITORING
    assert state.recovery is not None
    assert state.recovery.returned is not None
    assert (state.recovery.returned.kind, state.recovery.returned.by) == (ProofKind.WORD, "Alex Kim")


def test_the_operators_word_before_the_repair_is_not_taken() -> None:
    story = Story()
    story.freeze(0)
    assert story.act(SaysMonitoring("Alex Kim", at(0.5))).status is Status.ERROR
    state = story.read(reading(1))
    assert state.status is Status.RECOVERING


def test_a_later_failure_withdraws_the_operators_word() -> None:
    story = Story()
    story.freeze(0)
    story.read(reading(1))
    assert story.act(SaysMonitoring("Alex Kim", at(5))).status is Status.MONITORING
    failed = sign_ins(("Incydr", "User is frozen", 7))
    assert story.read(reading(8, sign_ins=failed)).status is Status.RECOVERING


def said_so(story: Story) -> State:
    """Without permissions, repaired, and the operator says that the console shows Monitoring."""
    story.read(reading(0), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1))
    return story.act(SaysMonitoring("Alex Kim", at(5)))


def test_withdrawn_the_operators_word_leaves_what_was_before_it() -> None:
    story = Story()
    before = replace(said_so(story), status=Status.RECOVERING).recovery
    assert before is not None
    state = story.act(WithdrawsMonitoring("Alex Kim", at(7)))
    assert (state.status, state.word, state.returned) == (Status.RECOVERING, None, None)
    assert state.recovery == replace(before, word=None, returned=None, returned_seen=None)
    assert story.read(reading(60)).status is Status.RECOVERING
    assert story.act(SaysMonitoring("Alex Kim", at(61))).status is Status.MONITORING


def test_withdrawn_when_something_else_shows_the_return_too_it_is_monitoring_by_that() -> None:
    story = Story()
    said_so(story)
    story.read(reading(10, events=event(8)))
    state = story.act(WithdrawsMonitoring("Alex Kim", at(11)))
    assert (state.status, state.returned and state.returned.kind) == (Status.MONITORING, ProofKind.EVENT)


def test_without_a_word_there_is_nothing_to_withdraw() -> None:
    story = Story()
    before = story.freeze(0)
    assert story.act(WithdrawsMonitoring("Alex Kim", at(1))) == before


def test_monitoring_is_by_the_operators_word_until_a_proof_that_counts_comes_after_it() -> None:
    story = Story()
    word = said_so(story).by_word
    assert word is not None
    assert word.at == at(5)
    signed_in = sign_ins(("Incydr", "Success", 9))
    assert story.read(reading(10, sign_ins=signed_in)).by_word == word
    assert story.read(reading(12, events=event(11))).by_word is None


def test_the_operators_word_expires_with_the_window() -> None:
    story = Story()
    silent = sign_ins()
    story.read(reading(0, sign_ins=silent), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1, sign_ins=silent))
    story.act(SaysMonitoring("Alex Kim", at(5)))
    assert story.read(reading(60, sign_ins=silent)).status is Status.MONITORING
    assert story.read(reading(6 + 24 * 60, sign_ins=silent)).status is Status.UNKNOWN


def test_the_consoles_error_wins_without_a_cause() -> None:
    state = Story().read(reading(0, console=ConsoleWord("Error", at(0), "something else")))
    assert state.why is not None
    assert (state.status, state.why.code) == (Status.ERROR, "console_error")


def test_a_cause_wins_over_the_consoles_monitoring() -> None:
    state = Story().read(
        reading(0, console=ConsoleWord("Monitoring", at(0))), sick(finding("user_frozen", 0, -5))
    )
    assert state.status is Status.ERROR


def test_the_consoles_monitoring_counts_twenty_minutes_after_the_finding_began() -> None:
    story = Story()
    story.freeze(0, since=-5)
    assert story.read(reading(10, console=ConsoleWord("Monitoring", at(10)))).status is Status.RECOVERING
    assert story.read(reading(16, console=ConsoleWord("Monitoring", at(16)))).status is Status.MONITORING


def test_an_unreadable_console_word_is_unknown_where_one_is_configured() -> None:
    assert Story().read(reading(0, console=UNREAD)).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Initializing", Status.INITIALIZING),
        ("Deauthorized", Status.DEAUTHORIZED),
        ("Paused", Status.UNKNOWN),
    ],
)
def test_the_consoles_other_words_are_shown_as_they_are(word: str, status: Status) -> None:
    assert Story().read(reading(0, console=ConsoleWord(word, at(0)))).status is status


def test_another_org_is_not_the_connections_org() -> None:
    story = Story(replace(CONNECTION, org_id="00D000000000001AAA"))
    assert story.read(reading(0)).status is Status.MONITORING
    copy = reading(5, org=OrgIdentity("00D000000000002AAA", "Acme copy"))
    state = story.read(copy, diagnose(story.connection, copy))
    assert state.why is not None
    assert (state.status, state.why.code) == (Status.UNKNOWN, "other_org")


def test_unreadable_events_while_recovering_are_unknown_and_keep_the_recovery() -> None:
    story = Story()
    story.read(reading(0), sick(finding("permissions_missing", 0, -5)))
    story.read(reading(1))
    state = story.read(reading(2, events=UNREAD))
    assert (state.status, state.was) == (Status.UNKNOWN, Status.RECOVERING)
    assert state.recovering is not None


def test_the_rate_limits_deadline_counts_from_the_end_of_the_hour() -> None:
    story = Story()
    story.read(
        reading(0),
        sick(finding("login_rate_exceeded", 0, -30, reset=(at(20), at(30)))),
    )
    state = story.read(reading(31))
    assert state.recovery is not None
    assert state.recovery.deadline == at(50)


def test_a_freeze_that_outlives_the_hour_counts_from_its_repair() -> None:
    story = Story()
    story.read(reading(0), sick(finding("user_frozen", 0, -90, reset=(at(-30), at(-20)))))
    state = story.read(reading(1))
    assert state.recovery is not None
    assert state.recovery.deadline == at(21)


def test_a_cause_without_a_documented_time_has_no_deadline() -> None:
    story = Story()
    story.read(reading(0), sick(finding("service_account_missing", 0, -30, delay=None)))
    story.read(reading(1))
    state = story.read(reading(500))
    assert (state.status, state.overdue) == (Status.RECOVERING, False)


def test_off_time_is_a_range_from_cause_and_life_to_repair_and_proof() -> None:
    story = Story()
    story.read(reading(-10))
    story.freeze(0, since=-5)
    story.act(RepairApplied(("user_frozen",), at(2), at(2), "ops@acme.example"))
    story.read(reading(3))
    state = story.read(reading(9, sign_ins=sign_ins(("Incydr", "Success", 8))))
    assert state.recovery is not None
    assert state.recovery.off == (timedelta(minutes=7), timedelta(minutes=38))


def test_a_closed_outage_gives_way_to_a_new_one() -> None:
    story = Story()
    story.freeze(0)
    story.read(reading(1))
    story.read(reading(8, sign_ins=sign_ins(("Incydr", "Success", 7))))
    state = story.freeze(60, since=55)
    assert state.recovery is not None
    assert (state.recovery.began, state.recovery.returned) == (at(55), None)


def blocked(minute: float, row: float) -> Diagnosis:
    """A refused sign-in at `row`, which nothing but that row shows."""
    return sick(finding("sign_in_blocked", minute, row, part="sign_ins", shown_at=at(row)))


def test_the_operators_done_is_believed_where_only_an_old_row_shows_the_cause() -> None:
    story = Story()
    refused = sign_ins(("Incydr", "Success", -90), ("Incydr", "Restricted IP", -5))
    story.read(reading(0, sign_ins=refused), blocked(0, -5))
    assert story.act(SaysRepaired("sign_in_blocked", "Alex Kim", at(1))).status is Status.RECOVERING
    state = story.read(reading(2, sign_ins=refused), blocked(2, -5))
    assert state.status is Status.RECOVERING
    assert state.recovery is not None
    assert state.recovery.repaired is not None
    assert (state.recovery.repaired.latest, state.recovery.repaired.how) == (at(1), "operator")


def test_a_newer_refusal_withdraws_the_operators_done() -> None:
    story = Story()
    story.read(reading(0), blocked(0, -5))
    story.act(SaysRepaired("sign_in_blocked", "Alex Kim", at(1)))
    assert story.read(reading(4), blocked(4, 3)).status is Status.ERROR


def test_the_operators_done_changes_nothing_where_salesforce_shows_the_cause_itself() -> None:
    story = Story()
    story.freeze(0)
    assert story.act(SaysRepaired("user_frozen", "Alex Kim", at(1))).status is Status.ERROR
