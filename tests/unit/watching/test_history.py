"""Which lines a new state adds to the history."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence import (
    NOW,
    connection,
    deactivated,
    evidence,
    froze,
    history,
    login,
    present,
    rate_exceeded,
    signed_in,
    trail,
    unreadable,
    user,
)
from tui.connections.evidence import Evidence
from tui.connections.outage import SaysMonitoring
from tui.connections.recovery import advance
from tui.connections.state import State, Status
from tui.diagnosis.diagnose import diagnose
from tui.watching import history as lines
from tui.watching.entry import Entry, EntryKind, rings

LIFE = signed_in(at=NOW - timedelta(minutes=10))


class Story:
    """Readings of one connection, one after the other, and the lines they leave."""

    def __init__(self) -> None:
        self.now = NOW
        self.state: State | None = None
        self.last_logged_status: Status | None = None
        self.entries: list[Entry] = []

    def read(self, minutes: float = 1, *, sign_ins: Any = None, **parts: Any) -> Sequence[Entry]:
        self.now += timedelta(minutes=minutes)
        rows = sign_ins if sign_ins is not None else history(LIFE)
        return self._take(evidence(now=self.now, sign_ins=rows, **parts))

    def unreadable(self, minutes: float = 1) -> Sequence[Entry]:
        self.now += timedelta(minutes=minutes)
        none: dict[str, Any] = dict.fromkeys(("user", "freeze", "grants", "sign_ins"), unreadable())
        return self._take(evidence(now=self.now, **none))

    def _take(self, reading: Evidence, act: Any = None) -> Sequence[Entry]:
        known = connection()
        state = advance(known, self.state, reading, diagnose(known, reading), act)
        new = lines.entries(self.last_logged_status, self.state, state)
        self.state = state
        self.last_logged_status = next((e.status for e in reversed(new) if e.status), self.last_logged_status)
        self.entries.extend(new)
        return new

    def says_monitoring(self) -> Sequence[Entry]:
        assert self.state is not None
        return self._take(self.state.evidence, SaysMonitoring("ops", self.now + timedelta(seconds=1)))


def kinds(entries: Sequence[Entry]) -> list[EntryKind]:
    return [e.kind for e in entries]


FROZEN: dict[str, Any] = {"freeze": login(frozen=True)}


def test_the_first_reading_tells_the_status() -> None:
    story = Story()
    (entry,) = story.read()
    assert (entry.kind, entry.status, entry.was) == (EntryKind.STATUS, Status.MONITORING, None)


def test_a_quiet_reading_tells_nothing() -> None:
    story = Story()
    story.read()
    assert story.read(5) == ()


def test_an_error_names_cause_time_and_who_did_it() -> None:
    story = Story()
    story.read()
    at = NOW + timedelta(minutes=2)
    (entry,) = story.read(5, freeze=login(frozen=True, modified=at), audit=trail(froze(at)))
    assert entry.kind is EntryKind.ERROR
    assert (entry.cause, entry.by, entry.at) == ("user_frozen", "Jane Doe", at)


def test_an_error_that_lasts_is_told_once() -> None:
    story = Story()
    story.read(**FROZEN)
    assert story.read(1, **FROZEN) == ()


def test_one_more_cause_is_told_and_rings() -> None:
    story = Story()
    story.read(**FROZEN)
    (entry,) = story.read(1, **FROZEN, user=user(is_active=False))
    assert entry.cause == "user_deactivated"
    assert rings(entry)


def test_two_causes_found_at_once_are_two_lines_each_with_its_own_author() -> None:
    story = Story()
    story.read()
    at = NOW + timedelta(minutes=2)
    rows = trail(froze(at), deactivated(at + timedelta(seconds=30), by=("John Roe", "john@acme.example")))
    parts = {"freeze": login(frozen=True, modified=at), "user": user(is_active=False), "audit": rows}
    found = story.read(5, **parts)
    assert {(e.cause, e.by) for e in found} == {
        ("user_frozen", "Jane Doe"),
        ("user_deactivated", "John Roe"),
    }
    assert story.read(1, **parts) == ()


def test_one_failed_reading_is_no_news() -> None:
    story = Story()
    story.read(**FROZEN)
    assert story.unreadable() == ()
    assert story.read(1, **FROZEN) == ()


def test_two_failed_readings_in_an_outage_are_told_and_ring() -> None:
    story = Story()
    story.read(**FROZEN)
    story.unreadable()
    (entry,) = story.unreadable()
    assert (entry.kind, entry.was) == (EntryKind.UNKNOWN, Status.ERROR)
    assert rings(entry)
    assert story.unreadable() == ()


def test_two_failed_readings_of_a_healthy_connection_do_not_ring() -> None:
    story = Story()
    story.read()
    story.unreadable()
    (entry,) = story.unreadable()
    assert not rings(entry)


def test_the_same_error_after_a_time_of_not_knowing_does_not_ring_again() -> None:
    story = Story()
    story.read(**FROZEN)
    story.unreadable()
    story.unreadable()
    (entry,) = story.read(1, **FROZEN)
    assert (entry.kind, entry.status) == (EntryKind.STATUS, Status.ERROR)
    assert not rings(entry)


def test_the_return_names_its_proof_and_rings() -> None:
    story = Story()
    story.read(**FROZEN)
    story.read(1)
    (entry,) = story.read(5, sign_ins=history(signed_in(at=story.now + timedelta(minutes=4))))
    assert (entry.kind, entry.status, entry.result) == (EntryKind.RETURNED, Status.MONITORING, "sign_in")
    assert rings(entry)


def test_the_same_cause_again_while_waiting_rings_again_under_another_key() -> None:
    story = Story()
    story.read(**FROZEN)
    story.read(1)
    (entry,) = story.read(1, **FROZEN)
    assert rings(entry)
    assert len({e.key for e in story.entries}) == len(story.entries)


def test_past_the_deadline_it_is_overdue_once() -> None:
    story = Story()
    story.read(**FROZEN)
    story.read(1)
    assert kinds(story.read(25)) == [EntryKind.OVERDUE]
    assert story.read(1) == ()


def test_the_operators_word_is_told_with_his_name() -> None:
    story = Story()
    story.read(**FROZEN)
    story.read(1)
    entries = story.says_monitoring()
    assert EntryKind.WORD in kinds(entries)
    assert {e.by for e in entries if e.kind is EntryKind.WORD} == {"ops"}


def refused(at: datetime) -> Any:
    return history(LIFE, rate_exceeded(at))


def test_a_new_refusal_within_the_hour_continues_the_episode_silently() -> None:
    story = Story()
    first = NOW + timedelta(minutes=1)
    story.read(1, sign_ins=refused(first))
    back = NOW + timedelta(minutes=20)
    story.read(20, sign_ins=history(signed_in(at=back), rate_exceeded(first)))
    story.read(5, sign_ins=history(signed_in(at=back), rate_exceeded(first)))
    again = NOW + timedelta(minutes=40)
    story.read(20, sign_ins=history(signed_in(at=back), rate_exceeded(again, first=first)))
    assert story.state is not None
    assert story.state.status is Status.ERROR
    assert kinds(story.entries).count(EntryKind.ERROR) == 1


def test_states_that_differ_in_reading_times_alone_are_the_same() -> None:
    story = Story()
    story.read()
    before = story.state
    story.read(5)
    assert lines.same(present(before), present(story.state))


def test_a_new_sign_in_is_a_difference() -> None:
    story = Story()
    story.read()
    before = story.state
    story.read(5, sign_ins=history(signed_in(at=NOW + timedelta(minutes=2))))
    assert not lines.same(present(before), present(story.state))


def test_each_sick_reading_is_a_difference_because_proofs_must_be_newer() -> None:
    story = Story()
    story.read(**FROZEN)
    before = story.state
    story.read(1, **FROZEN)
    assert not lines.same(present(before), present(story.state))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(st.sampled_from(["well", "frozen", "inactive", "unreadable"]), max_size=12))
def test_keys_never_collide_and_the_told_status_follows(readings: list[str]) -> None:
    story = Story()
    for what in readings:
        if what == "unreadable":
            story.unreadable()
        elif what == "frozen":
            story.read(**FROZEN)
        elif what == "inactive":
            story.read(user=user(is_active=False))
        else:
            story.read(sign_ins=history(signed_in(at=story.now + timedelta(seconds=50))))
        if story.state is not None and story.state.failures == 0:
            assert story.last_logged_status is story.state.status
    assert len({e.key for e in story.entries}) == len(story.entries)
