"""The stand-in Incydr: one task a connection, which knows the org only over HTTP, and shows a console status."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from tui.base.clock import Clock
from tui.base.limits import STREAMS
from tui.demo.middleware import INSIDER, Middleware
from tui.demo.past import REPORTS
from tui.demo.tenant import Tenant
from tui.demo.world import DEACTIVATED, FROZEN, PERMISSIONS, UNDOCUMENTED, Connection

TIMEOUT = 20.0
"""Real seconds that one request may take."""


class Unreachable(Exception):
    """No usable answer came."""


@dataclass(frozen=True)
class Answer:
    """Status and decoded JSON; `body` is None where there was none."""

    status: int
    body: Any


class Http:
    """A client of one host. `app` answers in this process instead of the network."""

    def __init__(self, base_url: str, source_ip: str, app: Middleware | None = None) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"User-Agent": INSIDER, "X-Demo-Source-Ip": source_ip},
            transport=httpx.ASGITransport(app=app) if app else None,
            timeout=TIMEOUT,
            trust_env=False,
            verify=False,  # noqa: S501 (loopback without TLS)
        )

    async def post_form(self, path: str, form: Mapping[str, str]) -> Answer:
        """POST a form. Raises Unreachable."""
        return await self._send("POST", path, data=dict(form))

    async def get(self, path: str, token: str, query: Mapping[str, str]) -> Answer:
        """GET with a bearer token. Raises Unreachable."""
        return await self._send("GET", path, params=dict(query), headers={"Authorization": f"Bearer {token}"})

    async def _send(self, method: str, path: str, **how: Any) -> Answer:
        try:
            response = await self._client.request(method, path, **how)
            return Answer(response.status_code, response.json() if response.content else None)
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(str(error)) from error

    async def close(self) -> None:
        await self._client.aclose()


# inferred: stand_in_incydr - sessions that end with a freeze, how often it looks, most of the console's words.


NEEDED = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")
_DATA = "/services/data/v66.0"
_DEAUTHORIZED = "Deauthorized"


class _Fault(Exception):
    """Monitoring cannot go on; `message` is what the console shows."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class _SessionEnded(Exception):
    """The org no longer takes the token."""


class Incydr:
    """Watches one connection for as long as `run` runs."""

    def __init__(
        self,
        connection: Connection,
        tenant: Tenant,
        http: Http,
        clock: Clock,
        people: tuple[str, ...],
        seed: int,
    ) -> None:
        self._connection = connection
        self._tenant = tenant
        self._http = http
        self._clock = clock
        self._people = people
        self._random = Random(f"{seed}:incydr:{connection.name}")
        self._token: str | None = None
        self._collected_to = clock.now()

    async def run(self) -> None:
        """Look, sleep, look again; never ends by itself."""
        try:
            await self._pause(self._first_pause())
            while True:
                if self._connection.console.status != _DEAUTHORIZED:
                    await self._round()
                await self._pause(self._next_pause())
        finally:
            await self._http.close()

    async def _pause(self, time: timedelta) -> None:
        await self._clock.sleep_until(self._clock.now() + time)

    def _first_pause(self) -> timedelta:
        if self._connection.console.status == "Error":
            return self._next_pause()
        return timedelta(seconds=self._random.uniform(5, self._connection.habits.every.total_seconds()))

    def _next_pause(self) -> timedelta:
        habits = self._connection.habits
        if self._connection.console.status != "Error":
            return habits.every * self._random.uniform(0.9, 1.1)
        if habits.slow_console:
            return timedelta(minutes=self._random.uniform(25, 50))
        return timedelta(seconds=self._random.uniform(60, habits.notices_within.total_seconds()))

    async def _round(self) -> None:
        """Sign in where due, check everything, set the console's status, collect events."""
        console = self._connection.console
        try:
            await self._look()
        except _Fault as fault:
            console.show("Error", fault.message, self._clock.now())
            return
        except Unreachable:
            return
        now = self._clock.now()
        returned = console.status != "Monitoring"
        gap_began = self._collected_to
        console.show("Monitoring", None, now)
        self._collected_to = now
        if returned:
            if self._connection.habits.replays_events:
                self._collect(gap_began, now, self._random.randint(1, 4))
            self._collect(now, now, 1)
        elif self._random.random() < 0.3:
            self._collect(gap_began, now, self._random.randint(1, 2))

    async def _look(self) -> None:
        """One full check. Raises _Fault and Unreachable."""
        habits, console = self._connection.habits, self._connection.console
        permission_trouble = console.status == "Error" and console.message in (PERMISSIONS, UNDOCUMENTED)
        keeps_session = habits.long_session or (habits.quiet_in_permission_errors and permission_trouble)
        if self._token is None or not keeps_session:
            self._token = await self._sign_in()
        try:
            await self._check(self._token)
        except _SessionEnded:
            self._token = None
            self._token = await self._sign_in()
            try:
                await self._check(self._token)
            except _SessionEnded:
                raise Unreachable("a fresh session was refused") from None

    async def _sign_in(self) -> str:
        connection = self._connection
        answer = await self._http.post_form(
            "/services/oauth2/token",
            {
                "grant_type": "refresh_token",
                "client_id": connection.client_id,
                "client_secret": connection.client_secret,
                "refresh_token": connection.refresh_token,
            },
        )
        if answer.status == 200:
            return str(answer.body["access_token"])
        if answer.status != 400:
            raise Unreachable(f"sign-in answered {answer.status}")
        match answer.body.get("error"), answer.body.get("error_description"):
            case _, "inactive user":
                raise _Fault(DEACTIVATED)
            case "invalid_app_access", _:
                raise _Fault(PERMISSIONS)
            case ("rate_limit_exceeded", _) | (_, "authentication failure"):
                # The console says frozen for both: that is the article's trap.
                raise _Fault(FROZEN)
        raise _Fault(UNDOCUMENTED)

    async def _check(self, token: str) -> None:
        """Look whether everything Incydr needs is there. Raises _Fault, _SessionEnded, Unreachable."""
        names = ", ".join(f"Permissions{name}" for name in NEEDED)
        own = await self._query(token, "query", f"SELECT {names} FROM UserPermissionAccess")  # noqa: S608 (SOQL)
        if not own or not all(own[0].get(f"Permissions{name}") for name in NEEDED):
            raise _Fault(PERMISSIONS)
        settings = await self._query(token, "tooling/query", "SELECT Metadata FROM RealTimeEventSettings")
        events = settings[0]["Metadata"]["realTimeEvents"] if settings else []
        enabled = {event["entityName"] for event in events if event["isEnabled"]}
        if not enabled.issuperset(STREAMS):
            raise _Fault(UNDOCUMENTED)

    async def _query(self, token: str, kind: str, text: str) -> list[dict[str, Any]]:
        answer: Answer = await self._http.get(f"{_DATA}/{kind}", token, {"q": text})
        if answer.status == 200:
            return list(answer.body["records"])
        if answer.status == 401:
            raise _SessionEnded
        code = answer.body[0].get("errorCode") if isinstance(answer.body, list) and answer.body else ""
        if code in ("API_DISABLED_FOR_ORG", "INVALID_FIELD", "INVALID_TYPE"):
            raise _Fault(PERMISSIONS)
        raise Unreachable(f"{answer.status} {code}")

    def _collect(self, since: datetime, until: datetime, number: int) -> None:
        """Store events of report downloads that happened between the two times."""
        for _ in range(number):
            happened = since + (until - since) * self._random.random()
            habits = self._connection.habits
            if habits.late_events:
                stored = happened + timedelta(minutes=self._random.uniform(40, 58))
            else:
                stored = until + timedelta(seconds=self._random.uniform(5, 60))
            skew = self._tenant.habits.skew
            self._tenant.store(
                None if habits.nameless_events else self._connection.detector_name,
                self._random.choice(self._people),
                self._random.choice(REPORTS),
                happened + skew,
                max(stored, until) + skew,
            )


async def watch_all(watchers: list[Incydr]) -> None:
    """Run all of them until cancelled; the first that fails ends all."""
    async with asyncio.TaskGroup() as group:
        for watcher in watchers:
            group.create_task(watcher.run())
