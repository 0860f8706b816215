from datetime import timedelta

from msgspec import Raw, json
from msgspec.structs import replace

from tests.unit.salesforce.fake_org import ACME, ORG, START, FakeOrg, error
from tui.connections.evidence import Read, Remembered, RememberedFact, Unreadable

DEEP = {ACME.name: START - timedelta(days=7)}


async def learned(fake: FakeOrg, *, deep: bool = False) -> Remembered:
    """What a process that read once hands on, after a way through the journal."""
    reader = fake.reader()
    await reader.read([ACME], deep=DEEP if deep else None)
    known = reader.learned()
    assert known is not None
    return json.decode(json.encode(known), type=Remembered)


async def test_the_next_process_pays_one_call_and_after_a_quarter_of_an_hour_three() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    costs = []
    for _ in range(4):
        fake.clock.advance(timedelta(minutes=5))
        reader = fake.reader()
        reader.recall(known)
        costs.append((await reader.read([ACME]))[ACME.name].api_calls)
        found = reader.learned()
        assert found is not None
        known = found
    assert costs == [1, 1, 3, 1]


async def test_it_does_not_ask_for_the_list_of_versions_again_that_day() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    fake.requests.clear()
    reader = fake.reader()
    reader.recall(known)
    await reader.read([ACME])
    assert not [r for r in fake.requests if r.url.path == "/services/data"]
    fake.clock.advance(timedelta(days=1))
    later = fake.reader()
    later.recall(known)
    await later.read([ACME])
    assert [r for r in fake.requests if r.url.path == "/services/data"]


async def test_each_part_is_shown_with_the_time_when_it_was_read() -> None:
    fake = FakeOrg()
    known = await learned(fake, deep=True)
    fake.clock.advance(timedelta(minutes=5))
    reader = fake.reader()
    reader.recall(known)
    evidence = (await reader.read([ACME]))[ACME.name]
    read = (
        evidence.rights,
        evidence.org,
        evidence.fields,
        evidence.licenses,
        evidence.tokens,
        evidence.streams,
    )
    for part in (*read, evidence.dependencies, evidence.days):
        assert isinstance(part, Read), part
        assert part.at == START


async def test_what_did_not_change_is_handed_on_unchanged() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    fake.clock.advance(timedelta(minutes=5))
    reader = fake.reader()
    reader.recall(known)
    await reader.read([ACME])
    assert reader.learned() == known


async def test_facts_of_another_org_than_the_pinned_one_are_not_used() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    fake.org = replace(fake.org, org_id=ORG)
    reader = fake.reader()
    reader.recall(replace(known, subject="00D000000000009EAA"))
    assert (await reader.read([ACME]))[ACME.name].api_calls == 3


async def test_they_are_dropped_where_another_org_answers_now() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    fake.refuse("org", 404, error("NOT_FOUND"))
    other = {"Id": "00D000000000009EAA", "Name": "Copy", "IsSandbox": True}
    fake.parts["organization"]["records"] = [other]
    reader = fake.reader()
    reader.recall(known)
    evidence = (await reader.read([ACME]))[ACME.name]
    assert isinstance(evidence.org, Read)
    assert evidence.org.value.id == other["Id"]
    found = reader.learned()
    assert found is not None
    assert found.subject == other["Id"]


async def test_a_fact_that_cannot_be_decoded_is_read_again() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    broken = known.facts | {
        "rights": RememberedFact(Raw(b'{"x": 1}'), START),
        "days": RememberedFact(Raw(b"?"), START),
    }
    reader = fake.reader()
    reader.recall(Remembered(known.subject, broken))
    evidence = (await reader.read([ACME]))[ACME.name]
    assert isinstance(evidence.rights, Read)
    assert evidence.api_calls == 3


async def test_another_account_makes_them_be_read_again() -> None:
    fake = FakeOrg()
    known = await learned(fake)
    reader = fake.reader()
    reader.recall(known)
    other = replace(ACME, name="B", service_account="b@acme.example", user_id=None)
    assert (await reader.read([ACME, other]))["B"].api_calls > 1


async def test_a_refused_part_is_remembered_as_refused() -> None:
    fake = FakeOrg()
    fake.refused["licenses"] = error("INVALID_TYPE")
    known = await learned(fake)
    reader = fake.reader()
    reader.recall(known)
    assert isinstance((await reader.read([ACME]))[ACME.name].licenses, Unreadable)


async def test_nothing_is_handed_on_before_the_org_is_known() -> None:
    fake = FakeOrg()
    reader = fake.reader()
    assert reader.learned() is None
    fake.answer = lambda request: fake.json(503, error("SERVER_UNAVAILABLE"))
    await reader.read([ACME])
    assert reader.learned() is None
