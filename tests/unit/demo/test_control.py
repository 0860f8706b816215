"""Each knob makes a vendor misbehave, for so many requests or until it is cleared."""

import asyncio
import json

import httpx
import pytest

from tests.clocks import NothingToWaitFor, run
from tests.unit.demo.conftest import Org, People

V = "/services/data/v66.0"
QUERY = "SELECT Id FROM User LIMIT 1"


@pytest.mark.parametrize(
    ("knob", "status", "code"),
    [
        ({"kind": "unauthorized"}, 401, "INVALID_SESSION_ID"),
        ({"kind": "request_limit"}, 403, "REQUEST_LIMIT_EXCEEDED"),
        ({"kind": "overload"}, 503, "SERVER_UNAVAILABLE"),
        ({"kind": "overload", "status": 429}, 429, "SERVER_UNAVAILABLE"),
    ],
)
async def test_a_knob_holds_for_the_next_request_only(
    acme: Org, people: People, knob: dict[str, object], status: int, code: str
) -> None:
    await people.order("/knobs", org="acme", requests=1, **knob)
    answer = await acme.query(QUERY)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert (await acme.query(QUERY)).status_code == 200


async def test_a_knob_without_a_number_holds_until_it_is_cleared(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="overload")
    assert [(await acme.query(QUERY)).status_code for _ in range(3)] == [503] * 3
    await people.order("/knobs", org="acme", clear=True)
    assert (await acme.query(QUERY)).status_code == 200


@pytest.mark.parametrize(("retry_after", "shown"), [(30, "30"), (None, None)])
async def test_an_overload_may_say_when_to_try_again(
    acme: Org, people: People, retry_after: int | None, shown: str | None
) -> None:
    await people.order("/knobs", org="acme", kind="overload", requests=1, retry_after=retry_after)
    assert (await acme.query(QUERY)).headers.get("retry-after") == shown


async def test_html_comes_instead_of_json(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="html", status=200, requests=1)
    answer = await acme.query(QUERY)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_a_body_is_cut_in_half(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="cut_body", requests=1)
    answer = await acme.query(QUERY)
    assert int(answer.headers["content-length"]) == pytest.approx(2 * len(answer.content), abs=1)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_a_redirect_leads_to_another_host(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="redirect", requests=1)
    answer = await acme.query(QUERY)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")


async def test_expired_tokens_need_a_new_sign_in(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="expire_tokens")
    assert (await acme.query(QUERY)).status_code == 401
    assert (await (await people.operator("acme")).query(QUERY)).status_code == 200


async def test_the_tenant_misbehaves_in_its_own_words(people: People) -> None:
    client = await people.analyst()
    await people.order("/knobs", tenant="acme", kind="unauthorized", requests=1)
    assert (await client.post("/v2/file-events", json={})).json() == {"message": "Unauthorized"}
    await people.order("/knobs", tenant="acme", kind="expire_tokens")
    assert (await client.post("/v2/file-events", json={})).status_code == 401


async def test_other_paths_can_be_left_alone(acme: Org, people: People) -> None:
    await people.order("/knobs", org="acme", kind="overload", path="/tooling")
    assert (await acme.query(QUERY)).status_code == 200
    assert (await acme.query("SELECT Id FROM RealTimeEventSettings", "tooling/query")).status_code == 503


async def test_incydr_is_spared_unless_the_knob_is_for_everyone(people: People) -> None:
    client = await people.anybody("org:acme")
    client.headers["User-Agent"] = "Incydr/1.0"
    await people.order("/knobs", org="acme", kind="html")
    assert (await client.get("/services/data")).status_code == 200
    await people.order("/knobs", org="acme", kind="html", everyone=True)
    assert (await client.get("/services/data")).status_code == 503


async def test_an_unknown_knob_is_refused(people: People) -> None:
    answer: httpx.Response = await people.order("/knobs", org="acme", kind="explode")
    assert answer.status_code == 400
    assert "latency" in answer.json()["error"]


def test_a_day_of_sleep_takes_no_time_and_wakes_in_order() -> None:
    async def sleepers() -> list[tuple[float, float]]:
        order: list[tuple[float, float]] = []

        async def sleeper(seconds: float) -> None:
            await asyncio.sleep(seconds)
            order.append((seconds, asyncio.get_running_loop().time()))

        await asyncio.gather(sleeper(86_400), sleeper(60), sleeper(3_600))
        return order

    woken = run(sleepers())
    assert [seconds for seconds, _ in woken] == [60, 3_600, 86_400]
    assert all(at == pytest.approx(seconds, abs=0.001) for seconds, at in woken)


def test_waiting_for_what_never_comes_is_an_error() -> None:
    with pytest.raises(NothingToWaitFor):
        run(asyncio.Event().wait())


def test_a_time_out_runs_in_virtual_time() -> None:
    async def waits() -> None:
        async with asyncio.timeout(600):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run(waits())
