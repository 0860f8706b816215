from datetime import date, timedelta
from typing import Any

from tests.unit.salesforce.fake_org import ACME, START, UNPINNED, USER, FakeOrg, error, rights, rows
from tui.connections.connection import Connection
from tui.connections.evidence import Read, SignInDay, SignInDays, Unreadable


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
