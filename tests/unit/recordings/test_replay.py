"""Requests are answered by part and subject, not by text; what was not recorded is said to be so."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from tests.recordings.playing import HERE
from tui.base.clock import ManualClock
from tui.net import Answer
from tui.recordings import format
from tui.recordings.format import Reading, Recording
from tui.recordings.replay import Replay, configuration

API = "https://acme.my.salesforce.com"
TENANT = "https://api.us.code42.com"
ORG = "00D000000000001AAA"
BASES = HERE / "bases"
FROZEN = format.load(HERE / "audit_actions" / "frozeuser.json", bases=BASES)


class Stand:
    """A recording that is being played, its clock and a network upon it."""

    def __init__(self, recording: Recording, folder: Path) -> None:
        at = recording.readings[0].at
        assert at is not None
        self.clock = ManualClock(at)
        self.replay = Replay(recording, configuration(recording, folder, "test"), self.clock)
        self.net = self.replay

    async def query(self, soql: str, path: str = "/query/") -> Any:
        return await self.get(f"/services/data/v66.0{path}?q={quote(soql, safe='')}")

    async def get(self, path: str) -> Any:
        return json.loads((await self.net.request("GET", API + path)).body)

    async def composite(self, **parts: str) -> tuple[Answer, dict[str, Any]]:
        asked = [
            {"method": "GET", "referenceId": name, "url": f"/services/data/v66.0{path}"}
            for name, path in parts.items()
        ]
        answer = await self.net.request(
            "POST", f"{API}/services/data/v66.0/composite", json={"compositeRequest": asked}
        )
        return answer, {each["referenceId"]: each for each in json.loads(answer.body)["compositeResponse"]}

    async def search(self, *filters: tuple[str, str, str], **more: Any) -> Any:
        terms = [{"term": term, "operator": operator, "value": value} for term, operator, value in filters]
        body = {"groups": [{"filters": terms}], "srtKey": "event.inserted", "srtDir": "desc", **more}
        return json.loads((await self.net.request("POST", f"{TENANT}/v2/file-events", json=body)).body)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(FROZEN, tmp_path)


def soql(text: str) -> str:
    return f"/query/?q={quote(text, safe='')}"


async def test_a_query_in_other_words_finds_its_part(stand: Stand) -> None:
    told = await stand.query("SELECT IsFrozen, Id, NewField FROM UserLogin WHERE UserId = '005000000000001'")
    assert [row["IsFrozen"] for row in told["records"]] == [True]


async def test_a_row_about_another_account_is_not_given(stand: Stand) -> None:
    told = await stand.query("SELECT Id FROM UserLogin WHERE UserId IN ('005000000000002AAA')")
    assert (told["records"], told["totalSize"]) == ([], 0)


async def test_two_queries_over_one_object_are_told_apart_by_whom_they_are_about(tmp_path: Path) -> None:
    like = "SELECT Id FROM User WHERE Name LIKE 'Incydr%' AND Id NOT IN ('005000000000001AAA')"
    account = "SELECT Id FROM User WHERE Id IN ('005000000000001AAA')"
    asked = {"like": [{"Id": "005000000000007AAA"}], "account": [{"Id": "005000000000001AAA"}]}
    exchanges = tuple(
        format.Exchange(
            format.Request("org:acme", "/services/data/v66.0/query/", query=query),
            format.Answer(records=asked[name]),
        )
        for name, query in (("account", account), ("like", like))
    )
    first = FROZEN.readings[0]
    stand = Stand(replace(FROZEN, readings=(Reading(first.at, exchanges),)), tmp_path)
    for query, name in ((like, "like"), (account, "account"), (like, "like")):
        assert (await stand.query(query))["records"] == asked[name]


async def test_two_queries_over_the_trail_share_its_rows_by_action_and_time(stand: Stand) -> None:
    rare = (
        "SELECT Id FROM SetupAuditTrail WHERE Action IN ('frozeuser') AND CreatedDate >= 2026-11-01T00:00:00Z"
    )
    assignments = "SELECT Id FROM SetupAuditTrail WHERE Action LIKE 'PermSet%'"
    later = "SELECT Id FROM SetupAuditTrail WHERE CreatedDate >= 2026-11-22T13:30:00Z"
    _, told = await stand.composite(one=soql(rare), two=soql(assignments), three=soql(later))
    found = {name: [row["Action"] for row in part["body"]["records"]] for name, part in told.items()}
    assert found == {"one": ["frozeuser"], "two": [], "three": []}


async def test_the_last_hour_is_told_from_the_window_by_its_start(stand: Stand) -> None:
    text = "SELECT COUNT(Id) times FROM LoginHistory WHERE LoginTime >= {} GROUP BY UserId, LoginType"
    hour = await stand.query(text.format("2026-11-22T13:00:00Z"))
    window = await stand.query(text.format("2026-11-15T14:00:00Z"))
    assert all("SourceIp" in row for row in hour["records"])
    assert not any("SourceIp" in row for row in window["records"])


@pytest.mark.parametrize(("record_id", "status"), [(ORG, 200), (ORG[:15], 200), ("00D000000000009AAA", 404)])
async def test_the_organization_is_there_under_its_own_id_alone(
    stand: Stand, record_id: str, status: int
) -> None:
    _, told = await stand.composite(pinned=f"/sobjects/Organization/{record_id}?fields=Id")
    assert told["pinned"]["httpStatusCode"] == status


async def test_what_was_not_recorded_is_a_refusal_that_says_so(stand: Stand) -> None:
    answer, told = await stand.composite(
        new=soql("SELECT Id FROM NewThing"), user=soql("SELECT Id FROM User")
    )
    assert answer.status == 200
    assert told["new"]["httpStatusCode"] == 400
    assert told["new"]["body"][0]["message"] == "Not in this recording: NewThing."
    assert told["user"]["httpStatusCode"] == 200
    assert stand.replay.unknown == ["org:acme NewThing"]


async def test_another_host_is_never_reached(stand: Stand) -> None:
    answer = await stand.net.request("GET", "https://elsewhere.example/x")
    assert answer.status == 404
    assert stand.replay.unknown == ["elsewhere.example"]


@pytest.mark.parametrize("method", ["PATCH", "POST", "DELETE"])
async def test_nothing_can_be_changed_in_a_recording(stand: Stand, method: str) -> None:
    answer = await stand.net.request(
        method, f"{API}/services/data/v66.0/sobjects/UserLogin/0Yw000000000001AAA"
    )
    assert answer.status == 403
    assert b"This is a recording" in answer.body


async def test_a_search_in_other_words_is_answered_from_the_recorded_events(stand: Stand) -> None:
    observer = ("event.observer", "IS", "Salesforce")
    named = ("event.detectorDisplayName", "IS", "Acme EMEA")
    assert (await stand.search(observer))["totalCount"] == 1
    assert (await stand.search(observer, named))["totalCount"] == 1
    assert (await stand.search(observer, (named[0], "IS", "Acme US")))["totalCount"] == 0
    assert (await stand.search(observer, ("event.inserted", "ON_OR_AFTER", "2026-11-22T13:30:00Z")))[
        "totalCount"
    ] == 0


async def test_a_searchs_pages_come_one_after_the_other(tmp_path: Path) -> None:
    events = [{"event": {"id": str(n), "inserted": f"2026-11-22T13:0{n}:00Z"}} for n in range(5)]
    answer = format.Answer(body={"totalCount": 5, "fileEvents": events})
    reading = replace(FROZEN.readings[0], parts={"tenant:acme": {"/v2/file-events": answer}})
    stand = Stand(replace(FROZEN, readings=(reading,)), tmp_path)
    seen, token = [], ""
    while token is not None:
        page = await stand.search(pgSize=2, pgToken=token)
        seen += [event["event"]["id"] for event in page["fileEvents"]]
        token = page["nextPgToken"]
    assert seen == ["4", "3", "2", "1", "0"]


def readings(*frozen: bool) -> Recording:
    at = FROZEN.readings[0].at
    assert at is not None
    later = [
        Reading(
            at + timedelta(minutes=5 * number),
            parts={"org:acme": {"UserLogin": format.Answer(records=[{"IsFrozen": on}])}},
        )
        for number, on in enumerate(frozen, 1)
    ]
    return replace(FROZEN, readings=(*FROZEN.readings, *later))


async def test_readings_come_at_their_times_and_what_they_lack_is_as_before(tmp_path: Path) -> None:
    stand = Stand(readings(False, True), tmp_path)
    seen = []
    for _ in range(4):
        told = await stand.query("SELECT IsFrozen FROM UserLogin")
        seen.append(told["records"][0]["IsFrozen"])
        assert (await stand.query("SELECT Id FROM User"))["totalSize"] == 1
        stand.clock.advance(timedelta(minutes=5))
    assert seen == [True, False, True, True]


async def test_several_answers_of_one_reading_come_in_turn_and_the_last_stays(tmp_path: Path) -> None:
    answers = [format.Answer(400, body=[]), format.Answer(records=[])]
    reading = replace(FROZEN.readings[0], parts={"org:acme": {"User": answers}})
    stand = Stand(replace(FROZEN, readings=(reading,)), tmp_path)
    found = [(await stand.composite(user=soql("SELECT Id FROM User")))[1]["user"] for _ in range(3)]
    assert [part["httpStatusCode"] for part in found] == [400, 200, 200]


async def test_the_orgs_clock_is_that_of_the_recorded_answer(tmp_path: Path) -> None:
    whole = format.Answer(headers={"date": "Sun, 22 Nov 2026 14:03:00 GMT"})
    first = FROZEN.readings[0]
    dated = {**first.parts, "org:acme": {**first.parts["org:acme"], "composite": whole}}
    stand = Stand(replace(FROZEN, readings=(replace(first, parts=dated),)), tmp_path)
    stand.clock.advance(timedelta(minutes=2))
    answer, _ = await stand.composite(user=soql("SELECT Id FROM User"))
    assert answer.date is not None
    assert str(answer.date) == "2026-11-22 14:03:00+00:00"


async def test_an_answer_without_a_date_is_of_the_readings_time(tmp_path: Path) -> None:
    stand = Stand(readings(False), tmp_path)
    stand.clock.advance(timedelta(minutes=7))
    answer, _ = await stand.composite(user=soql("SELECT Id FROM User"))
    assert str(answer.date) == "2026-11-22 14:05:00+00:00"
