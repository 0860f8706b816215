"""The trail in two queries and around changes: an org that filters, orders and limits as SetupAuditTrail does."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.salesforce.fake_org import ACME, START, FakeOrg, error, grant_row, login_row, rows
from tui.connections.evidence import AuditTrail, Evidence, Read
from tui.rules.audit_actions import AUDIT_ACTIONS

WEEK_AGO = START - timedelta(days=7)
_SPAN = re.compile(r"\(CreatedDate >= (\S+) AND CreatedDate <= (\S+?)\)")


def stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class TrailOrg(FakeOrg):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []
        self.asked: list[str] = []

    def add(self, action: str, display: str, at: datetime, *, times: int = 1, step: int = 1) -> None:
        """`times` rows, each `step` seconds older than the one before."""
        for i in range(times):
            self.rows.append(
                {
                    "Id": f"0Ym{len(self.rows):012d}",
                    "Action": action,
                    "Display": display,
                    "CreatedDate": stamp(at - timedelta(seconds=i * step)),
                    "CreatedBy": {"Name": "Jane Doe", "Username": "jane@acme.example"},
                }
            )

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        query = parse_qs(urlsplit(part["url"]).query).get("q", [""])[0]
        if "FROM SetupAuditTrail" not in query or part["referenceId"] in self.refused:
            return super()._part(part)
        self.asked.append(query)
        found = sorted(
            (row for row in self.rows if matches(query, row)), key=lambda r: r["CreatedDate"], reverse=True
        )
        return {
            "referenceId": part["referenceId"],
            "httpStatusCode": 200,
            "httpHeaders": {},
            "body": {"totalSize": len(found), "done": True, "records": found[:2_000]},
        }


def matches(query: str, row: dict[str, Any]) -> bool:
    at = row["CreatedDate"][:19] + "Z"
    if spans := _SPAN.findall(query):
        return any(start <= at <= end for start, end in spans)
    since = re.search(r"CreatedDate >= (\S+)", query)
    until = re.search(r"CreatedDate <= (\S+)", query)
    if (since and at < since[1]) or (until and at > until[1]):
        return False
    listed = re.search(r"Action IN \((.*?)\)", query)
    exact = re.findall(r"'([^']*)'", listed[1]) if listed else []
    begun = [text.replace("\\_", "_").rstrip("%") for text in re.findall(r"Action LIKE '([^']*)'", query)]
    return row["Action"] in exact or row["Action"].startswith(tuple(begun))


async def deepened(org: TrailOrg, since: datetime = WEEK_AGO) -> Evidence:
    return (await org.reader().read([ACME], deep={ACME.name: since}))[ACME.name]


def trail(evidence: Evidence) -> AuditTrail:
    assert isinstance(evidence.audit, Read), evidence.audit
    return evidence.audit.value


@pytest.mark.parametrize("action", AUDIT_ACTIONS, ids=lambda action: action.action)
async def test_every_action_of_the_table_is_asked_for_in_the_one_query_that_it_belongs_to(
    action: Any,
) -> None:
    org = TrailOrg()
    await deepened(org)
    rare, assignments = (
        next(q for q in org.asked if ("'frozeuser'" in q) is is_rare) for is_rare in (True, False)
    )
    row = {"Action": action.action + ("Custom" if action.prefix else ""), "CreatedDate": stamp(START)}
    assert matches(assignments, row) is action.assignment
    assert matches(rare, row) is not action.assignment


async def test_wildcards_in_an_action_stand_for_themselves() -> None:
    org = TrailOrg()
    await deepened(org)
    assert "LIKE 'SetupEntityAccessAudit\\_Profile\\_ConnectedApplication\\_%'" in " ".join(org.asked)


FOREIGN = "Permission set X assigned to user Other (UserID: [005000000000009])"
OURS = "Permission set Incydr Access: unassigned from user Incydr EMEA (UserID: [0055g000002m2bV])"


async def test_2500_foreign_assignments_hide_no_freeze_and_no_assignment_of_ours() -> None:
    org = TrailOrg()
    org.add("PermSetAssign", FOREIGN, START - timedelta(minutes=1), times=2_500)
    org.add("frozeuser", "Froze user Incydr EMEA", START - timedelta(days=6))
    org.add("PermSetUnassign", OURS, START - timedelta(days=6, hours=1))
    evidence = await deepened(org)
    found = trail(evidence)
    assert [row.action for row in found.rows] == ["frozeuser", "PermSetUnassign"]
    assert (found.since, found.complete, found.assignments_since) == (WEEK_AGO, True, None)
    assert evidence.api_calls == 6


async def test_a_trail_that_is_longer_than_two_calls_more_is_whole_from_its_oldest_row_on() -> None:
    org = TrailOrg()
    org.add("PermSetAssign", FOREIGN, START, times=9_000, step=60)
    org.add("frozeuser", "Froze user Incydr EMEA", WEEK_AGO)
    evidence = await deepened(org)
    found = trail(evidence)
    assert evidence.api_calls == 7
    assert (found.since, found.complete) == (WEEK_AGO, False)
    assert found.assignments_since == START - timedelta(minutes=5_997)
    assert [row.action for row in found.rows] == ["frozeuser"]


async def test_our_own_assignment_is_found_at_its_moment_beyond_the_cut() -> None:
    org = TrailOrg()
    assigned = START - timedelta(days=6, hours=3)
    org.parts["grants"] = rows(grant_row(Id="0Pa1", SystemModstamp=stamp(assigned)))
    org.add("PermSetAssign", FOREIGN, START, times=9_000, step=60)
    org.add("PermSetAssign", OURS.replace("unassigned from", "assigned to"), assigned + timedelta(seconds=9))
    assert [row.at for row in trail(await deepened(org)).rows] == [assigned + timedelta(seconds=9)]


async def test_rows_of_any_action_stand_around_the_changes_of_freeze_record_assignments_and_sets() -> None:
    org = TrailOrg()
    froze, assigned, changed = (START - timedelta(days=n) for n in (1, 2, 3))
    org.parts["freeze"] = rows(login_row(LastModifiedDate=stamp(froze)))
    org.parts["grants"] = rows(
        grant_row(SystemModstamp=stamp(assigned), PermissionSet={"LastModifiedDate": stamp(changed)})
    )
    for moment in (froze, assigned, changed):
        org.add("somethingElse", "Changed field X", moment - timedelta(seconds=10))
        org.add("somethingElse", "Changed field Y", moment + timedelta(seconds=11))
    found = trail(await deepened(org))
    assert [row.at for row in found.rows] == [m - timedelta(seconds=10) for m in (froze, assigned, changed)]


async def test_moments_before_the_span_are_not_asked_for_and_never_more_than_twenty() -> None:
    org = TrailOrg()
    moments = [START - timedelta(hours=6 * n) for n in range(1, 40)]
    org.parts["grants"] = rows(*(grant_row(SystemModstamp=stamp(m)) for m in moments))
    await deepened(org)
    around = next(q for q in org.asked if _SPAN.search(q))
    spans = [datetime.fromisoformat(start) for start, _ in _SPAN.findall(around)]
    assert len(spans) == 20
    assert spans[0] == moments[0] - timedelta(seconds=10)
    assert min(spans) >= WEEK_AGO - timedelta(seconds=10)


async def test_a_moment_that_was_asked_for_is_not_asked_for_again() -> None:
    org = TrailOrg()
    reader = org.reader()
    for _ in range(2):
        await reader.read([ACME], deep={ACME.name: WEEK_AGO})
        org.clock.advance(timedelta(minutes=1))
    assert sum(bool(_SPAN.search(q)) for q in org.asked) == 1


async def test_what_was_cut_off_is_read_on_by_the_next_deep_reading() -> None:
    org = TrailOrg()
    org.add("PermSetAssign", FOREIGN, START, times=2_500)
    org.add("frozeuser", "Froze user Incydr EMEA", START - timedelta(days=1), times=2_500)
    reader = org.reader()
    calls = len(org.data_calls())

    def fail_further(request: httpx.Request) -> httpx.Response | None:
        further = b"CreatedDate%20%3C%3D" in request.content and b"around" not in request.content
        return org.json(503, error("SERVER_UNAVAILABLE")) if further else None

    org.answer = fail_further
    first = (await reader.read([ACME], deep={ACME.name: WEEK_AGO}))[ACME.name]
    assert not trail(first).complete
    org.answer = lambda request: None
    org.clock.advance(timedelta(minutes=1))
    second = (await reader.read([ACME], deep={ACME.name: WEEK_AGO}))[ACME.name]
    assert (trail(second).complete, trail(second).since) == (True, WEEK_AGO)
    assert len([r for r in trail(second).rows if r.action == "frozeuser"]) == 2_500
    assert len(org.data_calls()) - calls <= 5 + 2 + 1 + 2 + 2


async def test_many_rows_of_one_second_end_the_reading_on() -> None:
    org = TrailOrg()
    org.add("frozeuser", "Froze user Incydr EMEA", START, times=2_500, step=0)
    evidence = await deepened(org)
    assert not trail(evidence).complete
    assert evidence.api_calls <= 7


async def test_assignments_that_are_refused_leave_the_rare_actions() -> None:
    org = TrailOrg()
    org.add("frozeuser", "Froze user Incydr EMEA", START - timedelta(hours=1))
    org.refused["assignments"] = error("QUERY_TIMEOUT")
    found = trail(await deepened(org))
    assert [row.action for row in found.rows] == ["frozeuser"]
    assert (found.complete, found.assignments_since) == (False, START)


async def test_the_longest_query_fits_an_address() -> None:
    org = TrailOrg()
    org.parts["grants"] = rows(
        *(grant_row(SystemModstamp=stamp(START - timedelta(minutes=n))) for n in range(200))
    )
    await deepened(org)
    sizes = [
        len(p["url"]) for r in org.data_calls() if r.url.path.endswith("/composite") for p in org._asked(r)
    ]
    assert max(sizes) < 16_384


async def test_a_further_page_that_is_refused_leaves_the_trail_cut_short() -> None:
    org = TrailOrg()
    org.add("frozeuser", "Froze user Incydr EMEA", START, times=2_500)
    whole = org._part

    def changed(part: dict[str, Any]) -> dict[str, Any]:
        if "CreatedDate%20%3C%3D" in part["url"] and part["referenceId"] == "audit":
            told = error("QUERY_TIMEOUT")
            return {"referenceId": "audit", "httpStatusCode": 400, "httpHeaders": {}, "body": told}
        return whole(part)

    org._part = changed  # type: ignore[method-assign]
    evidence = await deepened(org)
    assert (trail(evidence).complete, trail(evidence).since) == (False, START - timedelta(seconds=1_999))
    assert evidence.api_calls == 6


async def test_a_flood_since_the_last_reading_is_whole_from_its_oldest_row_on() -> None:
    org = TrailOrg()
    org.add("frozeuser", "Froze user Incydr EMEA", START - timedelta(days=1))
    reader = org.reader()
    await reader.read([ACME], deep={ACME.name: WEEK_AGO})
    org.clock.advance(timedelta(hours=20))
    later = START + timedelta(hours=20)
    org.add("profilePermChangedCustom", "Changed profile X", later, times=7_000, step=10)
    found = trail((await reader.read([ACME], deep={ACME.name: WEEK_AGO}))[ACME.name])
    assert not found.complete
    assert found.since == found.rows[-1].at
    assert found.since > START
