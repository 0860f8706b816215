"""A tenant that searches and pages as documented, and a reader on it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tui.base.clock import ManualClock
from tui.base.secret import Secret
from tui.connections.connection import Connection, Tenant
from tui.connections.evidence import FileEvents, Read, Unreadable
from tui.incydr.reading import TenantReader
from tui.net import Net

BASE = "https://api.us.code42.com"
START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SINCE = START - timedelta(hours=1)
ACME = Connection("Renamed", "acme", "incydr@acme.example", "Acme EMEA", tenant="acme")
ONLY = Connection("Renamed", "acme", "incydr@acme.example", "Acme EMEA", tenant="acme", only_connection=True)
DATED = {"Date": "Sun, 22 Nov 2026 14:00:30 GMT"}


def event(
    happened: str | datetime | None,
    inserted: str | datetime | None = "2026-11-22T13:59:00Z",
    name: str | None = "Acme EMEA",
) -> dict[str, Any]:
    part = {"inserted": _text(inserted), "id": "1", "observer": "Salesforce", "detectorDisplayName": name}
    return {"@timestamp": _text(happened), "event": part, "user": {"email": "x"}}


def _text(when: str | datetime | None) -> str | None:
    return when.isoformat() if isinstance(when, datetime) else when


class FakeTenant:
    """`events` are found by observer and name, whenever they were stored; `answer` overrides an answer."""

    def __init__(self, events: Sequence[dict[str, Any]] = (), *, tokens: bool = False) -> None:
        self.clock = ManualClock(START)
        self.requests: list[httpx.Request] = []
        self.events = list(events)
        self.tokens = tokens
        self.answer: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.net = Net(transports={BASE: httpx.MockTransport(self._handle)})
        self.reader = self.another_reader()

    def another_reader(self) -> TenantReader:
        """As another process would have one."""
        tenant = Tenant("acme", BASE, "key-1", "env:SECRET")
        return TenantReader(tenant, self.net, self.clock, resolve=self._resolve)

    async def read(
        self, connection: Connection = ACME, since: datetime = SINCE
    ) -> Read[FileEvents] | Unreadable | None:
        return await self.reader.read(connection, since)

    async def seen(self, connection: Connection = ACME) -> FileEvents:
        found = await self.read(connection)
        assert isinstance(found, Read), found
        return found.value

    def sign_ins(self) -> int:
        return sum(r.url.path == "/v1/oauth" for r in self.requests)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(r.content) for r in self.requests if r.url.path == "/v2/file-events"]

    @property
    def searches(self) -> list[dict[str, tuple[str, str]]]:
        """The filters of each request."""
        return [
            {f["term"]: (f["operator"], f["value"]) for f in body["groups"][0]["filters"]}
            for body in self.bodies
        ]

    async def _resolve(self, reference: str | tuple[str, ...]) -> Secret:
        return Secret("shh")

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        await asyncio.sleep(0)  # Others get their turn, as over a network.
        body = json.loads(request.content or b"{}")
        if (answer := self.answer(request)) is not None:
            return answer
        if request.url.path == "/v1/oauth":
            token = {"access_token": f"t{self.sign_ins()}", "token_type": "bearer", "expires_in": 900}
            return httpx.Response(200, json=token)
        return httpx.Response(200, json=self._page(body), headers=DATED)

    def _page(self, body: dict[str, Any]) -> dict[str, Any]:
        filters = body["groups"][0]["filters"]
        name = next((f["value"] for f in filters if f["term"] == "event.detectorDisplayName"), None)
        found = [e for e in self.events if name in (None, e["event"]["detectorDisplayName"])]
        found.sort(key=lambda e: e["event"]["inserted"] or "", reverse=True)
        size = body["pgSize"]
        begin = int(body["pgToken"]) if "pgToken" in body else (body["pgNum"] - 1) * size
        more = begin + size < len(found)
        return (
            {
                "totalCount": len(found),
                "fileEvents": found[begin : begin + size] or None,
                "nextPgToken": str(begin + size) if self.tokens and more else None,
                "problems": None,
            }
            if found
            else {"totalCount": 0, "fileEvents": [], "nextPgToken": "", "problems": None}
        )
