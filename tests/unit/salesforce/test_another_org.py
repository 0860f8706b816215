from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.unit.salesforce.fake_org import ACME, ORG, START, UNPINNED, FakeOrg, error, rows, user_row
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Read, Unreadable, value_of
from tui.salesforce.reading import OrgReader

OTHER = "00D000000000009EAA"
PINNED = replace(ACME, org_id=ORG)


def becomes_another(fake: FakeOrg) -> None:
    """A refreshed sandbox: the same user Ids, another org Id."""
    fake.refuse("org", 404, error("NOT_FOUND", "The requested resource does not exist"))
    fake.parts["organization"] = rows({"Id": OTHER, "Name": "Copy", "IsSandbox": True})


def becomes_the_right_one(fake: FakeOrg) -> None:
    fake.refused.clear()
    fake.parts["organization"] = rows({"Id": ORG, "Name": "Acme", "IsSandbox": False})


def org_of(evidence: Evidence) -> str | None:
    org = value_of(evidence.org)
    return org.id if org is not None else None


async def read(reader: OrgReader, connection: Connection = PINNED) -> Evidence:
    return (await reader.read([connection]))[connection.name]


async def settled(fake: FakeOrg, connection: Connection = PINNED) -> OrgReader:
    reader = fake.reader()
    await read(reader, connection)
    fake.clock.advance(timedelta(minutes=1))
    return reader


@pytest.mark.parametrize("by_org", [True, False])
async def test_the_pinned_id_travels_with_the_fast_call_without_a_query(by_org: bool) -> None:
    fake = FakeOrg()
    if by_org:
        fake.org = replace(fake.org, org_id=ORG)
    reader = await settled(fake, ACME if by_org else PINNED)
    evidence = await read(reader, ACME if by_org else PINNED)
    parts = fake._asked(fake.data_calls()[-1])
    paths = [part["url"] for part in parts if part["referenceId"] == "org"]
    assert paths == [f"/services/data/v66.0/sobjects/Organization/{ORG}?fields=Id"]
    assert sum("/query/" in part["url"] for part in parts) == 5
    assert evidence.api_calls == 1


async def test_another_org_is_seen_by_the_fast_call_and_its_id_is_read_at_once() -> None:
    fake = FakeOrg()
    reader = await settled(fake)
    becomes_another(fake)
    evidence = await read(reader)
    assert org_of(evidence) == OTHER
    assert evidence.api_calls == 3
    fake.clock.advance(timedelta(minutes=1))
    evidence = await read(reader)
    assert (org_of(evidence), evidence.api_calls) == (OTHER, 1)


async def test_so_it_is_where_the_row_has_another_id() -> None:
    fake = FakeOrg()
    reader = await settled(fake)
    becomes_another(fake)
    fake.refused.clear()
    fake.parts["org"] = {"Id": OTHER}
    assert org_of(await read(reader)) == OTHER


async def test_so_it_is_where_nothing_is_pinned_but_the_org_was_read_before() -> None:
    fake = FakeOrg()
    reader = await settled(fake, UNPINNED)
    becomes_another(fake)
    assert org_of(await read(reader, UNPINNED)) == OTHER


async def test_when_the_right_org_answers_again_its_id_is_read_at_once() -> None:
    fake = FakeOrg()
    reader = await settled(fake)
    becomes_another(fake)
    await read(reader)
    becomes_the_right_one(fake)
    fake.clock.advance(timedelta(minutes=1))
    evidence = await read(reader)
    assert (org_of(evidence), evidence.api_calls) == (ORG, 3)


async def test_what_was_known_of_the_one_is_not_told_of_the_other() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    await reader.read([PINNED], deep={PINNED.name: START - timedelta(days=7)})
    becomes_another(fake)
    fake.refused |= {"tokens": error("INVALID_TYPE"), "licenses": error("SERVER_UNAVAILABLE")}
    fake.clock.advance(timedelta(minutes=1))
    evidence = await read(reader)
    assert isinstance(evidence.licenses, Unreadable)
    assert evidence.audit is None
    assert evidence.dependencies is None


async def test_the_users_of_another_org_are_not_remembered() -> None:
    fake = FakeOrg()
    reader = await settled(fake, UNPINNED)
    becomes_another(fake)
    fake.parts["user"] = rows(user_row(Id="005000000000009AAA"))
    await read(reader, UNPINNED)
    becomes_the_right_one(fake)
    fake.parts["user"] = rows(user_row())
    fake.clock.advance(timedelta(minutes=1))
    assert isinstance((await read(reader, UNPINNED)).freeze, Read)


async def test_an_org_whose_id_cannot_be_read_tells_nothing_about_its_users() -> None:
    fake = FakeOrg()
    reader = await settled(fake)
    fake.refuse("org", 404, error("NOT_FOUND"))
    fake.refused["organization"] = error("INVALID_TYPE")
    evidence = await read(reader)
    for part in (evidence.user, evidence.freeze, evidence.grants, evidence.sign_ins, evidence.org):
        assert isinstance(part, Unreadable)
        assert "another org answers" in part.reason


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_failure_of_that_part_alone_leaves_the_org_as_it_is_known(status: int) -> None:
    fake = FakeOrg()
    reader = await settled(fake)
    fake.refuse("org", status, error("INSUFFICIENT_ACCESS"))
    evidence = await read(reader)
    assert (org_of(evidence), evidence.api_calls) == (ORG, 1)
    assert isinstance(evidence.user, Read)
