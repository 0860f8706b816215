"""A demo world that stands still, and the people who ask it things over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tui.base.clock import ManualClock
from tui.demo import serve
from tui.demo.serve import Demo

START = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
VERSION = "/services/data/v66.0"


class Org:
    """The operator of one org, signed in."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def query(self, text: str, kind: str = "query", **more: str) -> httpx.Response:
        return await self.client.get(f"{VERSION}/{kind}", params={"q": text, **more})

    async def records(self, text: str, kind: str = "query") -> list[dict[str, Any]]:
        answer = await self.query(text, kind)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["records"])

    async def patch(self, name: str, row_id: str, fields: Mapping[str, Any]) -> httpx.Response:
        return await self.client.patch(f"{VERSION}/sobjects/{name}/{row_id}", json=dict(fields))

    async def composite(self, requests: list[dict[str, Any]]) -> httpx.Response:
        body = {"allOrNone": False, "compositeRequest": requests}
        return await self.client.post(f"{VERSION}/composite", json=body)


class People:
    """Clients of one demo: `await people.operator("acme")`, `people.control`."""

    def __init__(self, demo: Demo, stack: AsyncExitStack) -> None:
        self.demo = demo
        self._stack = stack

    async def anybody(self, part: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.demo.by_part[part])
        client = httpx.AsyncClient(base_url=self.demo.urls[part], transport=transport)
        return await self._stack.enter_async_context(client)

    async def operator(self, org: str) -> Org:
        client = await self.anybody(f"org:{org}")
        known = self.demo.ready()["orgs"][org]
        answer = await client.post(
            "/services/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": known["client_id"],
                "client_secret": known["client_secret"],
            },
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return Org(client)

    async def analyst(self) -> httpx.AsyncClient:
        client = await self.anybody("tenant:acme")
        known = self.demo.ready()["tenants"]["acme"]
        answer = await client.post(
            "/v1/oauth?grant_type=client_credentials", auth=(known["client_id"], known["client_secret"])
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    async def order(self, path: str, /, **order: Any) -> httpx.Response:
        control = await self.anybody("control")
        return await control.post(path, json=order)

    async def truth(self, connection: str) -> dict[str, Any]:
        control = await self.anybody("control")
        return dict((await control.get("/truth")).json()["connections"][connection])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def demo(clock: ManualClock) -> Demo:
    return serve.build("tour", clock, 1)


@pytest.fixture
async def people(demo: Demo) -> AsyncIterator[People]:
    async with AsyncExitStack() as stack:
        yield People(demo, stack)


@pytest.fixture
async def acme(people: People) -> Org:
    return await people.operator("acme")
