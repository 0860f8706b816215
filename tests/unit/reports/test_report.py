"""The report for the ticket: what it says of an outage, and that outside text never becomes markup."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.evidence import (
    NOW,
    connection,
    evidence,
    froze,
    history,
    login,
    profile,
    signed_in,
    trail,
    unfroze,
    unreadable,
)
from tests.unit.watching.fakes import UNFREEZE
from tui.causes.registry import CAUSES
from tui.connections.evidence import Evidence
from tui.connections.outage import RepairApplied
from tui.connections.recovery import advance
from tui.connections.repair import Outcome, Result
from tui.connections.state import State, Status, Why, WhyCode
from tui.diagnosis.diagnose import diagnose
from tui.reports.report import Report, Zone, escaped, file_name, markdown, past, report_of
from tui.watching import history as lines
from tui.watching.entry import Entry, EntryKind
from tui.watching.journal import Sent
from tui.wording import Times

EARLIER = timezone(timedelta(hours=-8), "PST")
FROZE = NOW - timedelta(minutes=18)
ROW = trail(froze(FROZE))


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def read(before: State | None, minute: float, act: Any = None, **parts: Any) -> State:
    """One more reading; `minute` after NOW, with the sign-in of before the freeze unless given."""
    parts = {"sign_ins": history(signed_in(at=NOW - timedelta(minutes=30)))} | parts
    reading: Evidence = evidence(now=later(minute), **parts)
    known = before.connection if before else connection()
    return advance(known, before, reading, diagnose(known, reading), act)


def frozen() -> State:
    return read(None, 0, freeze=login(frozen=True, modified=FROZE), audit=ROW)


def waiting() -> State:
    act = RepairApplied(("user_frozen",), later(4), later(5), "ops@acme.example")
    return read(read(frozen(), 5, audit=ROW), 5, act, audit=ROW)


def returned() -> State:
    return read(waiting(), 12, audit=ROW, sign_ins=history(signed_in(at=later(10))))


def told(*states: State) -> tuple[Entry, ...]:
    """The history of these states, newest first."""
    found: list[Entry] = []
    before: State | None = None
    for state in states:
        known = next((e.status for e in reversed(found) if e.status), None)
        found += lines.entries(known, before, state)
        before = state
    return tuple(reversed(found))


APPLIED = Sent(UNFREEZE, "ops@acme.example", later(4), later(5), (Outcome(Result.APPLIED),))


def report(
    state: State, *, sent: tuple[Sent, ...] = (), entries: tuple[Entry, ...] = (), tz: tzinfo = UTC
) -> Report:
    now = state.evidence.read_at + timedelta(minutes=1)
    return report_of(state, "acme.my.salesforce.com", entries, sent, "remonitor 1", Times(tz, now))


def text(report: Report, tz: Any = UTC) -> str:
    return markdown(report, tz)


def shown(source: str) -> str:
    """What a reader of the rendered Markdown sees, without the structure."""
    parser = MarkdownIt("commonmark", {"linkify": False}).enable("table").enable("strikethrough")
    seen: list[str] = []
    for token in parser.parse(source):
        for child in token.children or ():
            assert child.type in ("text", "softbreak"), child
            seen.append(child.content if child.type == "text" else "\n")
    return "".join(seen)


def test_it_says_who_did_what_and_when() -> None:
    said = text(report(frozen()))
    assert "The service account is frozen since 2026-11-22 13:42:00 UTC." in said
    assert (
        "- Caused by Jane Doe (jane@acme.example) at 2026-11-22 13:42:00 UTC, from the audit trail\n" in said
    )


def test_moments_are_in_utc_and_in_the_operators_zone() -> None:
    assert "2026-11-22 13:42:00 UTC (05:42:00 PST)" in text(report(frozen()), EARLIER)


def is_drawn(line: str) -> bool:
    """A row of a table or a line of the timeline, whose times are said to be UTC."""
    return line.startswith("|") or (line.startswith("    ") and not line.lstrip().startswith("-"))


def test_the_outage_is_drawn_as_text_with_its_days() -> None:
    said = text(report(returned()))
    assert re.search(r"^    ●─+✖━+◔╌+●$", said, re.MULTILINE)
    assert "22 Nov 14:10 back: Incydr signed in" in said
    assert "times in UTC" in said


def test_outside_tables_and_picture_no_moment_is_without_its_date_and_both_zones() -> None:
    state = returned()
    said = text(report(state, sent=(APPLIED,), entries=told(frozen(), waiting(), state)), EARLIER)
    prose = "\n".join(line for line in said.splitlines() if "Status" in line or not is_drawn(line))
    whole = r"2026-11-22 \d\d:\d\d:\d\d UTC \(\d\d:\d\d:\d\d PST\)"
    assert len(re.findall(whole, prose)) >= 10
    assert not re.search(r"\d\d:\d\d", re.sub(whole, "", prose))


def test_of_a_table_the_zone_is_said() -> None:
    assert "Times in the tables are UTC." in text(report(frozen()), EARLIER)


def test_as_data_the_operators_zone_stands_there_once() -> None:
    assert report(frozen(), tz=EARLIER).zone == Zone("PST", "-0800")


def test_a_quiet_connection_tells_since_when_in_full() -> None:
    state = replace(read(None, 0), status=Status.UNKNOWN, why=Why(WhyCode.QUIET, at=FROZE))
    assert "nothing seen from Incydr since 2026-11-22 13:42:00 UTC (05:42:00 PST)." in text(
        report(state), EARLIER
    )


def test_org_and_account_stand_there_with_their_ids() -> None:
    said = text(report(frozen()))
    assert "| Service account | incydr.svc@acme.example, user 005000000000001AAA |" in said
    assert "| Salesforce org | acme.my.salesforce.com, org 00D000000000001AAA |" in said


def test_where_the_ids_cannot_be_read_those_of_the_configuration_stand_there() -> None:
    hidden = read(None, 0, user=unreadable(), org=unreadable())
    assert "user" not in text(report(hidden)).split("Detector")[0]
    known = replace(hidden, connection=connection(user_id="005KNOWN", org_id="00DKNOWN"))
    said = text(report(known))
    assert ", user 005KNOWN |" in said
    assert ", org 00DKNOWN |" in said


def test_every_column_of_a_table_has_a_name() -> None:
    lacking = read(None, 0, grants=(profile("ApiEnabled", "ViewDataLeakageEvents"),))
    assert "|  |" not in text(report(lacking))


def test_a_cause_that_is_over_is_told_in_the_past_with_its_end_and_who_repaired_it() -> None:
    rows = trail(froze(FROZE), unfroze(later(3), ("John Roe", "john@acme.example")))
    said = text(report(read(frozen(), 5, audit=rows)))
    assert (
        "- The service account was frozen from 2026-11-22 13:42:00 UTC until 2026-11-22 14:03:00 UTC,"
        " repaired by John Roe (john@acme.example).\n"
    ) in said
    assert "is frozen" not in said


def test_an_end_that_nobody_saw_lies_between_two_readings() -> None:
    lacking = read(None, 0, grants=(profile("ApiEnabled", "ViewDataLeakageEvents"),))
    said = text(report(read(lacking, 5)))
    assert (
        "- The service account lacked permissions until a moment between 2026-11-22 14:00:00 UTC"
        " and 2026-11-22 14:05:00 UTC.\n"
    ) in said


def test_what_showed_a_cause_is_told_as_of_the_reading_that_saw_it() -> None:
    said = text(report(returned()))
    assert (
        "    - Seen at 2026-11-22 14:00:00 UTC:\n        - Salesforce shows the user as frozen · 2026-11-22 13:42:00"
        in said
    )


def test_a_cause_that_is_there_is_told_in_the_present() -> None:
    assert "- The service account is frozen since" in text(report(frozen()))


def test_a_cause_that_cannot_be_read_now_is_told_as_it_was_last_read() -> None:
    said = text(report(read(frozen(), 5, freeze=unreadable(), audit=ROW)))
    assert "is frozen since 2026-11-22 13:42:00 UTC (not readable now).\n" in said
    assert "Seen at 2026-11-22 14:00:00 UTC:" in said


@pytest.mark.parametrize("title", [cause.title for cause in CAUSES])
def test_no_title_of_a_cause_that_is_over_speaks_of_now(title: str) -> None:
    assert not {"is", "has", "lacks", "does"} & set(past(title).split())


def test_another_day_in_the_operators_zone_is_said() -> None:
    east = timezone(timedelta(hours=12), "NZST")
    assert "2026-11-22 13:42:00 UTC (2026-11-23 01:42:00 NZST)" in text(report(frozen()), east)


def test_an_open_outage_has_no_proof_and_asks_for_the_repair() -> None:
    said = text(report(frozen()))
    assert "Not repaired yet." in said
    assert "There is no proof of return yet." in said
    assert "- [ ] Bring the connection back to Monitoring" in said
    assert "- [ ] Ask Jane Doe first" in said


def test_it_says_what_the_program_changed_as_whom_and_what_became_of_it() -> None:
    said = text(report(waiting(), sent=(APPLIED,)))
    assert "- 2026-11-22 14:04:00 UTC: Unfreeze, by remonitor as ops@acme.example" in said
    assert "    - IsFrozen: true → false" in said
    assert "    - Done, and confirmed by Salesforce." in said


def test_what_the_program_changed_is_dated_by_the_clock_of_the_org_like_all_else() -> None:
    state = waiting()
    ahead = replace(state, evidence=replace(state.evidence, read_at=later(4)))
    assert "- 2026-11-22 14:05:00 UTC: Unfreeze, by remonitor" in text(report(ahead, sent=(APPLIED,)))


def test_a_change_whose_outcome_nobody_saw_is_said_so() -> None:
    assert "The result is not known." in text(report(waiting(), sent=(replace(APPLIED, outcomes=()),)))


def test_where_the_program_changed_nothing_it_says_so() -> None:
    assert "remonitor changed nothing." in text(report(frozen()))


def test_the_return_is_told_with_its_proof_and_the_time_off_as_a_range() -> None:
    said = text(report(returned()))
    assert "# Incydr connection Acme EMEA: Monitoring again" in said
    assert "Proof of return: Incydr signed in at 2026-11-22 14:10:00 UTC." in said
    assert "Monitoring was off for 22 min to 40 min: at least" in said


def test_the_exports_of_the_gap_are_to_be_checked() -> None:
    said = text(report(returned()))
    assert "- [ ] Look at the report exports from 2026-11-22 13:30:00 UTC to 2026-11-22 14:10:00" in said
    assert "The outage was shorter." in said


def test_of_a_gap_longer_than_72_hours_events_may_be_lost() -> None:
    state = read(frozen(), 80 * 60, freeze=login(frozen=True, modified=FROZE), audit=ROW)
    lost = later(80 * 60 + 1) - timedelta(hours=72)
    assert f"Those of this outage from before {lost:%Y-%m-%d %H:%M:%S} UTC have expired" in text(
        report(state)
    )


def test_of_a_shorter_open_gap_the_moment_is_said_from_which_events_may_be_lost() -> None:
    assert "The oldest of this outage expire at 2026-11-25 13:30:00 UTC." in text(report(frozen()))


def test_the_history_of_the_outage_is_told_oldest_first() -> None:
    said = text(report(returned(), entries=told(frozen(), waiting(), returned())))
    order = [
        said.index(part)
        for part in ("Error: The service account is frozen", "Recovering", "Monitoring again, shown")
    ]
    assert order == sorted(order)


def test_a_line_that_was_noticed_late_stands_at_its_moment() -> None:
    first, last = (
        Entry(later(minute), "Acme EMEA", EntryKind.DIFFERENCE, str(minute), text=f"minute {minute}")
        for minute in (1, 9)
    )
    late, same = replace(first, at=later(5), key="a", text="late"), replace(first, key="b", text="same")
    made = report(frozen(), entries=(late, last, same, first))
    assert [e.text for e in made.history] == ["minute 1", "same", "late", "minute 9"]


@pytest.mark.parametrize(("minutes", "is_told"), [(0, True), (59, True), (60, True), (61, False)])
def test_the_report_begins_one_hour_before_the_outage(minutes: int, is_told: bool) -> None:
    moment = FROZE - timedelta(minutes=minutes)
    entry = Entry(moment, "Acme EMEA", EntryKind.DIFFERENCE, "key", text="the profile was changed")
    written = report(frozen(), entries=(entry,), sent=(replace(APPLIED, at=moment),))
    assert [line.at for line in written.history] == [moment] * is_told
    assert [change.at for change in written.sent] == [moment] * is_told
    assert ("the profile was changed" in text(written)) is is_told


def test_a_cause_that_came_before_asks_to_mend_the_source() -> None:
    before = Entry(NOW - timedelta(days=3), "Acme EMEA", EntryKind.ERROR, "a", cause="user_frozen")
    back = Entry(NOW - timedelta(days=2), "Acme EMEA", EntryKind.RETURNED, "b", text="user_frozen")
    said = text(report(frozen(), entries=(*told(frozen()), back, before)))
    assert "- [ ] Fix the source of this cause: The service account is frozen." in said


def test_a_connection_without_an_outage_has_a_report_too() -> None:
    said = text(report(read(None, 0)))
    assert "No outage is recorded." in said
    assert "There was no outage." in said


def test_the_evidence_stands_in_a_table() -> None:
    assert "| ✖ | freeze | frozen since 13:42:00 |" in text(report(frozen()))


def test_the_permissions_stand_one_by_one_where_they_are_what_is_missing() -> None:
    lacking = read(None, 0, grants=(profile("ApiEnabled", "ViewDataLeakageEvents"),))
    said = text(report(lacking))
    assert "| ✓ | API Enabled | from profile" in said
    assert "| ✖ | Customize Application | not granted" in said
    assert "Customize Application" not in text(report(frozen()))


@pytest.mark.parametrize("name", ["Acme EMEA", "../../etc/passwd", "***", "Ünïcode / Ω"])
def test_the_name_of_the_file_is_harmless(name: str) -> None:
    state = replace(frozen(), connection=connection(name=name))
    assert all(c.isascii() and (c.isalnum() or c in "-.") for c in file_name(report(state)))


def test_the_name_of_the_file_tells_connection_and_time() -> None:
    assert file_name(report(frozen())) == "Acme-EMEA-20261122T140100Z.md"


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="\u0000")))
def test_outside_text_is_shown_as_it_stands(outside: str) -> None:
    assert shown(f"- x {escaped(outside)}").split() == ["x", *outside.split()]


@pytest.mark.parametrize(
    "nasty",
    [
        "[a](https://evil.example)",
        "![x](https://evil.example/p.png)",
        "<img src=x onerror=y>",
        "https://evil.example",
        "www.evil.example",
        "`code` **bold** __x__ ~~y~~ | z",
        "&lt;script&gt;",
        "# heading",
        "- [x] done",
    ],
)
def test_a_name_full_of_markup_stays_a_name(nasty: str) -> None:
    state = replace(frozen(), connection=connection(name=nasty, service_account=nasty))
    said = shown(text(report(state)))
    assert f"Incydr connection {nasty}: Error" in said


def test_no_viewer_finds_a_link_in_outside_text() -> None:
    parser = MarkdownIt("commonmark", {"linkify": False})
    kinds = {
        child.type
        for token in parser.parse(escaped("<https://evil.example> [x](y) www.evil.example"))
        for child in token.children or ()
    }
    assert kinds == {"text"}
