"""An answer that is the same as last time: nothing in it is decoded again, and time still passes."""

from datetime import timedelta

import pytest

from tests.unit.salesforce.fake_org import ACME, START, FakeOrg, grant_row, login_row, rows, sign_in_row
from tui.connections.evidence import Evidence, Read, value_of
from tui.connections.finding import Diagnosis
from tui.diagnosis.diagnose import diagnose
from tui.salesforce import evidence_parts
from tui.salesforce.reading import OrgReader

LATER = timedelta(minutes=5)


@pytest.fixture
def fake() -> FakeOrg:
    return FakeOrg()


async def read(reader: OrgReader) -> Evidence:
    return (await reader.read([ACME]))[ACME.name]


async def settled(fake: FakeOrg) -> tuple[OrgReader, Evidence]:
    """A reader that has read the org twice: from the second reading on it asks the same."""
    reader = fake.reader()
    await read(reader)
    return reader, await read(reader)


def held(diagnosis: Diagnosis) -> bool:
    return any(line.held for line in diagnosis.permissions)


async def test_it_is_not_decoded_again(fake: FakeOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, _ = await settled(fake)
    decoded = 0
    original = evidence_parts.grant

    def counted(*given: object) -> object:
        nonlocal decoded
        decoded += 1
        return original(*given)  # type: ignore[arg-type] # whatever the reader hands in

    monkeypatch.setattr(evidence_parts, "grant", counted)
    await read(reader)
    assert decoded == 0
    fake.parts["grants"] = rows(grant_row(), grant_row(PermissionSetId="0PS5g000002m2F8GAI"))
    found = value_of((await read(reader)).grants)
    assert found is not None
    assert (decoded, len(found)) == (2, 2)


async def test_its_parts_are_dated_by_the_newest_answer(fake: FakeOrg) -> None:
    reader, before = await settled(fake)
    fake.clock.advance(LATER)
    after = await read(reader)
    assert after.org_now == before.org_now + LATER
    for part in (after.user, after.freeze, after.grants, after.sign_ins):
        assert isinstance(part, Read)
        assert part.at == after.org_now


async def test_the_window_of_sign_ins_moves_on(fake: FakeOrg) -> None:
    reader, before = await settled(fake)
    fake.clock.advance(LATER)
    first, second = value_of(before.sign_ins), value_of((await read(reader)).sign_ins)
    assert first is not None
    assert second is not None
    assert second.since == first.since + LATER
    assert second.window == first.window


async def test_an_assignment_expires_in_it(fake: FakeOrg) -> None:
    fake.parts["grants"] = rows(grant_row(ExpirationDate=f"{START + LATER:%Y-%m-%dT%H:%M:%S}.000+0000"))
    reader, before = await settled(fake)
    assert held(diagnose(ACME, before))
    fake.clock.advance(LATER)
    assert not held(diagnose(ACME, await read(reader)))


async def test_every_other_part_counts_at_once(fake: FakeOrg) -> None:
    reader, _ = await settled(fake)
    fake.parts["freeze"] = rows(login_row(IsFrozen=True))
    login = value_of((await read(reader)).freeze)
    assert login is not None
    assert login.is_frozen
    fake.parts["hour"] = rows(sign_in_row(SourceIp="203.0.113.12", times=3))
    history = value_of((await read(reader)).sign_ins)
    assert history is not None
    assert history.hour[0].count == 3
