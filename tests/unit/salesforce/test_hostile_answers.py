"""Texts, numbers, dates and nesting that no sane org sends: each spoils its own text or part, never more."""

from typing import Any

import httpx
import pytest

from tests.unit.salesforce.fake_org import ACME, FakeOrg, login_row, rows, sign_in_row, user_row
from tui.connections.evidence import Evidence, Read, SignIns, Unreadable, value_of

PARTS = ("user", "freeze", "grants", "sign_ins", "rights", "licenses", "tokens", "streams", "org", "days")


async def read_one(fake: FakeOrg) -> Evidence:
    return (await fake.reader().read([ACME]))[ACME.name]


def unreadable(evidence: Evidence) -> list[str]:
    return [name for name in PARTS if isinstance(getattr(evidence, name), Unreadable)]


@pytest.mark.parametrize(
    "settings",
    [
        rows({"Id": "000000000000000AAA", "Metadata": {"realTimeEvents": None, "urls": None}}),
        rows({"Id": "000000000000000AAA", "Metadata": {"urls": None}}),
        rows({"Id": "000000000000000AAA", "Metadata": None}),
        rows({"Id": "000000000000000AAA", "Metadata": {"realTimeEvents": []}}),
    ],
)
async def test_no_list_of_events_is_an_empty_one(settings: Any) -> None:
    fake = FakeOrg()
    fake.streams = settings
    assert value_of((await read_one(fake)).streams) == ()


@pytest.mark.parametrize("half", [r"\ud800", r"\udc00", r"\ud83d\ud83d", r"x\uDBFF", "\\ud800\\n"])
async def test_half_a_character_spoils_its_own_text_alone(half: str) -> None:
    fake = FakeOrg()
    fake.parts["window"] = rows(sign_in_row(Application="HALF"), sign_in_row(Application="Grüße 😀"))

    def spoil(request: httpx.Request) -> httpx.Response | None:
        fake.answer = lambda request: None
        answer = fake._handle(request)
        fake.answer = spoil
        fake.requests.pop()
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content.replace(b"HALF", half.encode())
        )

    fake.answer = spoil
    evidence = await read_one(fake)
    assert unreadable(evidence) == []
    history = value_of(evidence.sign_ins)
    assert history is not None
    spoiled, whole = history.window
    assert whole.application == "Grüße 😀"
    assert isinstance(spoiled, SignIns)
    assert "\ud800" not in spoiled.application
    spoiled.application.encode()


@pytest.mark.parametrize("times", [2**63, 2**70, -(2**70), 1.5, "7", None, True, 10**400])
async def test_a_number_out_of_range_makes_its_part_unreadable(times: Any) -> None:
    fake = FakeOrg()
    fake.parts["window"] = rows(sign_in_row(times=times))
    assert unreadable(await read_one(fake)) == ["sign_ins"]


@pytest.mark.parametrize(
    "date",
    [
        "0000-01-01T00:00:00.000+0000",
        "0001-01-01T00:00:00.000+1400",
        "9999-12-31T23:59:59.000-1200",
        "2026-13-01T00:00:00.000+0000",
        "2026-11-22T24:61:00.000+0000",
        "2026-11-22T13:00:00.000+9959",
        "yesterday",
        "",
    ],
)
async def test_a_date_out_of_range_makes_its_part_unreadable(date: str) -> None:
    fake = FakeOrg()
    fake.parts["freeze"] = rows(login_row(LastModifiedDate=date))
    assert unreadable(await read_one(fake)) == ["freeze"]


async def test_nesting_without_end_makes_its_part_unreadable() -> None:
    fake = FakeOrg()
    deep: Any = "x"
    for _ in range(400):
        deep = {"a": deep}
    fake.parts["grants"] = rows(deep)
    assert unreadable(await read_one(fake)) == ["grants"]


async def test_a_row_of_another_kind_makes_its_part_unreadable() -> None:
    fake = FakeOrg()
    fake.parts["user"] = rows(user_row(IsActive="yes"))
    evidence = await read_one(fake)
    assert isinstance(evidence.user, Unreadable)
    assert isinstance(evidence.rights, Read)
