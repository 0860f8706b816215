"""LoginHistory of accounts with many sign-ins, over the window, the hour and by day."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.salesforce.fake_org import ACME, START, UNPINNED, USER, FakeOrg, error, rights, rows, user_row
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Read, SignInDay, SignInDays, SignInHistory, Unreadable
from tui.salesforce.reading import OrgReader

ATTACKED = 7


def user_id(number: int) -> str:
    return f"005{number:012d}AAA"


def account(number: int) -> Connection:
    return Connection(
        f"C{number}",
        "acme",
        f"c{number}@acme.example",
        f"C{number}",
        incydr_app="Incydr",
        user_id=user_id(number),
    )


class CountingOrg(FakeOrg):
    """`sources` are the addresses from which somebody signs in within the hour, by account; `apps` in the window."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.accounts = [account(n) for n in range(count)]
        self.parts["user"] = rows(
            *(user_row(Id=c.user_id, Username=c.service_account, Name=c.name) for c in self.accounts)
        )
        self.sources: dict[int, int] = dict.fromkeys(range(count), 1)
        self.apps: dict[int, int] = dict.fromkeys(range(count), 1)
        self.counted = 0

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        if not part["referenceId"].startswith(("window", "hour")):
            return super()._part(part)
        query = parse_qs(urlsplit(part["url"]).query)["q"][0]
        self.counted += 1
        asked = [int(found) for found in re.findall(r"'005(\d{12})AAA'", query)]
        if "SourceIp" in query:
            found = [self.row(n, SourceIp=f"ip{i}") for n in asked for i in range(self.sources[n])]
        elif part["referenceId"].startswith("window"):
            found = [self.row(n, Application=f"app{i}") for n in asked for i in range(self.apps[n])]
        else:
            found = [self.row(n, times=self.sources[n]) for n in asked]
        if len(found) > 2_000:
            told = error("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT")
            return {
                "referenceId": part["referenceId"],
                "httpStatusCode": 400,
                "httpHeaders": {},
                "body": told,
            }
        return {
            "referenceId": part["referenceId"],
            "httpStatusCode": 200,
            "httpHeaders": {},
            "body": {"totalSize": len(found), "done": True, "records": found},
        }

    def row(self, number: int, **changes: Any) -> dict[str, Any]:
        return {
            "UserId": user_id(number),
            "Application": "Incydr",
            "Status": "Success",
            "earliest": "2026-11-22T13:30:00.000+0000",
            "latest": "2026-11-22T13:50:00.000+0000",
            "times": 1,
            **changes,
        }


async def read(reader: OrgReader, org: CountingOrg) -> dict[str, Evidence]:
    return await reader.read(org.accounts)


def histories(found: Iterable[Evidence]) -> list[SignInHistory]:
    parts = [e.sign_ins for e in found]
    assert all(isinstance(part, Read) for part in parts), [p for p in parts if isinstance(p, Unreadable)]
    return [part.value for part in parts if isinstance(part, Read)]


def cost(found: dict[str, Evidence]) -> int:
    return next(iter(found.values())).api_calls


async def settled(org: CountingOrg) -> OrgReader:
    """A reader that has its slow facts."""
    sources, apps = org.sources, org.apps
    org.sources, org.apps = dict.fromkeys(sources, 1), dict.fromkeys(apps, 1)
    reader = org.reader()
    await read(reader, org)
    org.sources, org.apps = sources, apps
    return reader


@pytest.mark.parametrize("count", [1, 2, 40, 173])
async def test_one_attacked_account_hides_no_other_and_is_read_without_addresses(count: int) -> None:
    org = CountingOrg(count)
    attacked = min(ATTACKED, count - 1)
    org.sources[attacked] = 2_500
    reader = await settled(org)
    found = await read(reader, org)
    by_source = [h.by_source for h in histories(found.values())]
    assert by_source == [n != attacked for n in range(count)]
    assert sum(s.count for s in histories(found.values())[attacked].hour) == 2_500
    assert cost(found) <= 3


async def test_what_did_not_fit_is_asked_right_at_once_for_an_hour() -> None:
    org = CountingOrg(40)
    org.sources[ATTACKED] = 2_500
    reader = await settled(org)
    await read(reader, org)
    for _ in range(3):
        org.clock.advance(timedelta(minutes=4))
        found = await read(reader, org)
        assert cost(found) == 2
        assert [h.by_source for h in histories(found.values())].count(False) == 1


async def test_after_the_hour_the_addresses_are_asked_again() -> None:
    org = CountingOrg(3)
    org.sources[1] = 2_500
    reader = await settled(org)
    await read(reader, org)
    org.sources[1] = 5
    org.clock.advance(timedelta(minutes=61))
    assert all(h.by_source for h in histories((await read(reader, org)).values()))


async def test_a_single_attacked_account_costs_one_call_more_once_and_none_after() -> None:
    org = CountingOrg(1)
    org.sources[0] = 2_500
    reader = await settled(org)
    assert cost(await read(reader, org)) == 2
    org.clock.advance(timedelta(minutes=4))
    assert cost(await read(reader, org)) == 1


async def test_several_attacked_accounts_leave_the_others_with_their_addresses() -> None:
    org = CountingOrg(30)
    for n in (3, 4, 20):
        org.sources[n] = 2_100
    reader = await settled(org)
    found = await read(reader, org)
    assert [n for n, h in enumerate(histories(found.values())) if not h.by_source] == [3, 4, 20]
    assert cost(found) <= 3


async def test_a_busy_account_with_few_addresses_keeps_them_beside_an_attacked_one() -> None:
    org = CountingOrg(3)
    org.sources[1] = 2_500
    reader = await settled(org)
    plain = org.row

    def busy(number: int, **changes: Any) -> dict[str, Any]:
        if number == 2 and "SourceIp" not in changes:
            changes["times"] = 3_600
        return plain(number, **changes)

    org.row = busy  # type: ignore[method-assign]
    found = await read(reader, org)
    assert [h.by_source for h in histories(found.values())] == [True, False, True]


async def test_a_window_with_too_many_groups_is_asked_in_smaller_batches() -> None:
    org = CountingOrg(173)
    org.apps = dict.fromkeys(range(173), 15)
    reader = await settled(org)
    found = await read(reader, org)
    assert all(len(h.window) == 15 for h in histories(found.values()))
    assert cost(found) == 2
    org.clock.advance(timedelta(minutes=4))
    found = await read(reader, org)
    assert all(len(h.window) == 15 for h in histories(found.values()))
    assert cost(found) == 2


async def test_never_more_than_two_calls_more_and_what_is_left_says_so() -> None:
    org = CountingOrg(173)
    org.apps = dict.fromkeys(range(173), 1_500)
    reader = await settled(org)
    found = await read(reader, org)
    assert cost(found) == 3
    unread = [e.sign_ins for e in found.values() if isinstance(e.sign_ins, Unreadable)]
    assert unread
    assert "Too many sign-ins" in unread[0].reason or "EXCEEDED_ID_LIMIT" in unread[0].reason


async def test_a_first_reading_by_usernames_alone_loses_no_sign_ins() -> None:
    org = FakeOrg()
    told = error("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore()")
    whole = org._part

    def changed(part: dict[str, Any]) -> dict[str, Any]:
        if "SourceIp" in part["url"]:
            return {"referenceId": part["referenceId"], "httpStatusCode": 400, "body": told}
        if part["referenceId"].startswith("hour"):
            return whole({**part, "referenceId": "hour"}) | {"referenceId": part["referenceId"]}
        return whole(part)

    org._part = changed  # type: ignore[method-assign]
    unpinned = Connection("Acme EMEA", "acme", "incydr.emea@acme.example", "Acme EMEA")
    history = (await org.reader().read([unpinned]))["Acme EMEA"].sign_ins
    assert isinstance(history, Read)
    assert not history.value.by_source
    assert history.value.hour
    assert history.at == START


async def test_the_next_process_asks_right_at_once_too() -> None:
    org = CountingOrg(1)
    org.sources[0] = 2_500
    reader = await settled(org)
    await read(reader, org)
    known = reader.learned()
    assert known is not None
    org.clock.advance(timedelta(minutes=4))
    later = org.reader()
    later.recall(known)
    found = await read(later, org)
    assert cost(found) == 1
    assert [h.by_source for h in histories(found.values())] == [False]


async def test_a_further_call_that_fails_leaves_the_sign_ins_unread_and_the_rest_read() -> None:
    org = CountingOrg(2)
    org.sources[1] = 2_500
    reader = await settled(org)
    org.answer = lambda request: (
        org.json(503, error("SERVER_UNAVAILABLE")) if b'"user"' not in request.content else None
    )
    found = await read(reader, org)
    assert all(isinstance(e.sign_ins, Unreadable) for e in found.values())
    assert all(isinstance(e.user, Read) for e in found.values())


def day_row(**changes: Any) -> dict[str, Any]:
    return {
        "UserId": USER,
        "Application": "Incydr",
        "Status": "Success",
        "day": "2026-11-20",
        "times": 3,
        **changes,
    }


async def days(fake: FakeOrg, connection: Connection = ACME) -> object:
    return (await fake.reader().read([connection]))[connection.name].days


async def test_successes_are_counted_by_application_and_day_over_thirty_days() -> None:
    fake = FakeOrg()
    fake.parts["days"] = rows(
        day_row(),
        day_row(Status="success"),
        day_row(Status="Invalid password", times=40),
        day_row(day="2026-11-23T00:00:00.000Z", Application=None),
        day_row(UserId="005000000000009AAA"),
    )
    found = (SignInDay("Incydr", date(2026, 11, 20), 6), SignInDay("", date(2026, 11, 23), 3))
    assert await days(fake) == Read(SignInDays(date(2026, 10, 23), found), START)
    assert "DAY_ONLY(LoginTime) day, COUNT(Id) times" in fake.last_query("days")
    assert "LoginTime >= 2026-10-23T00:00:00Z" in fake.last_query("days")


async def test_they_travel_with_the_slow_facts_once_a_day() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    asked = []
    for _ in range(3):
        evidence = (await reader.read([ACME]))[ACME.name]
        assert evidence.api_calls == 3
        assert isinstance(evidence.days, Read)
        composites = [fake._asked(r) for r in fake.data_calls() if r.url.path.endswith("/composite")]
        asked.append(any(part["referenceId"] == "days" for part in composites[-2]))
        fake.clock.advance(timedelta(hours=12))
    assert asked == [True, False, True]


async def test_an_org_that_refuses_is_not_asked_again_that_day() -> None:
    fake = FakeOrg()
    fake.refused["days"] = error("MALFORMED_QUERY", "Grouped query cannot use DAY_ONLY")
    reader = fake.reader()
    first = (await reader.read([ACME]))[ACME.name].days
    assert isinstance(first, Unreadable)
    fake.clock.advance(timedelta(hours=23))
    fake.requests.clear()
    evidence = (await reader.read([ACME]))[ACME.name]
    assert isinstance(evidence.days, Unreadable)
    assert isinstance(evidence.sign_ins, Read)
    assert "DAY_ONLY" not in "".join(r.content.decode() for r in fake.requests)


async def test_without_the_right_own_rows_are_not_the_whole() -> None:
    fake = FakeOrg()
    fake.parts |= {"rights": rights("ViewAllUsers"), "days": rows(day_row())}
    assert isinstance(await days(fake), Unreadable)


async def test_a_day_that_is_no_date_is_unreadable() -> None:
    fake = FakeOrg()
    fake.parts["days"] = rows(day_row(day="0000-99-99"))
    assert isinstance(await days(fake), Unreadable)


async def test_an_account_that_is_not_known_by_id_yet_is_asked_about_later() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    assert (await reader.read([UNPINNED]))[UNPINNED.name].days is None
    fake.clock.advance(timedelta(minutes=15))
    assert isinstance((await reader.read([UNPINNED]))[UNPINNED.name].days, Read)


def many(count: int) -> list[Connection]:
    return [
        Connection(f"C{n}", "acme", f"c{n}@acme.example", f"C{n}", user_id=f"005{n:012d}AAA")
        for n in range(count)
    ]


async def test_many_accounts_are_asked_in_twenties_with_at_most_two_calls_more() -> None:
    fake = FakeOrg()
    fake.parts |= {f"days{n}": rows() for n in range(5)}
    reader = fake.reader()
    accounts = many(300)
    await reader.read(accounts)
    known = [e for e in (reader._slow.days.known.get(f"005{n:012d}") for n in range(300)) if e is not None]
    assert len(known) == 20 + 2 * 5 * 20
    fake.clock.advance(timedelta(minutes=15))
    await reader.read(accounts)
    assert len(reader._slow.days.known) == 300


async def test_a_hundred_accounts_cost_one_call_more_a_day() -> None:
    fake = FakeOrg()
    fake.parts |= {f"days{n}": rows() for n in range(5)}
    assert (await fake.reader().read(many(100)))["C0"].api_calls == 4


async def test_a_twenty_that_is_too_much_is_asked_in_halves_next_time() -> None:
    fake = FakeOrg()
    fake.refused["days"] = error("EXCEEDED_ID_LIMIT")
    fake.parts |= {f"days{n}": rows() for n in range(5)}
    reader = fake.reader()
    await reader.read(many(20))
    fake.refused.clear()
    fake.clock.advance(timedelta(minutes=15))
    await reader.read(many(20))
    assert len(reader._slow.days.known) == 20
    assert fake.last_query("days").count("'005") == 10
