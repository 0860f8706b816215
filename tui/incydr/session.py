"""One tenant's API: sign-in, one renewal, the limit, and every failure as a Problem."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from tui.base.clock import Clock
from tui.base.limits import TENANT_REQUESTS
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Tenant
from tui.incydr import wire
from tui.net import BAD_DATA, Answer, Net, NetProblem, host_of


class LimitReached(Exception):
    """The tenant's limit is reached: nothing was sent, ask again later."""


class Limiter:
    """Lets `count` requests go within any `per`."""

    def __init__(
        self, clock: Clock, *, count: int = TENANT_REQUESTS, per: timedelta = timedelta(minutes=1)
    ) -> None:
        self._clock = clock
        self._count = count
        self._per = per
        self._sent: deque[datetime] = deque()

    def take(self) -> None:
        """Count a request that goes now. Raises LimitReached where none may go."""
        now = self._clock.now()
        # What was sent "later" was sent before the machine's clock was set back.
        while self._sent and not timedelta(0) <= now - self._sent[0] < self._per:
            self._sent.popleft()
        if len(self._sent) >= self._count:
            raise LimitReached
        self._sent.append(now)


Resolve = Callable[[str | tuple[str, ...]], Awaitable[Secret]]

LATER = "Wait: the next reading tries again by itself."
REFERENCES = ("env:", "file:")
"""How an API client's id begins that stands elsewhere; another one is the id itself."""
EARLY = timedelta(seconds=60)
"""A token is renewed this long before it ends."""
PAUSE = timedelta(seconds=60)
"""How long to wait after a 429 without Retry-After: the limit counts a minute."""


class Session:
    """Requests to one tenant. `retry_at`: not before then, by this machine's clock."""

    def __init__(self, tenant: Tenant, net: Net, clock: Clock, resolve: Resolve) -> None:
        self.retry_at: datetime | None = None
        self._tenant = tenant
        self._base = tenant.base_url.rstrip("/")
        self._net = net
        self._clock = clock
        self._resolve = resolve
        self._limiter = Limiter(clock)
        self._pause: NetProblem | None = None
        self._token: Secret | None = None
        self._ends: datetime | None = None
        self._signing_in = asyncio.Lock()
        self._refusal: Problem | None = None
        self._refused_times = 0

    @property
    def host(self) -> str:
        return host_of(self._base)

    async def post(self, path: str, body: object) -> Answer:
        """Send one request; a refused token is renewed once.

        Raises Problem, without asking where the tenant wants to be left alone, and LimitReached at its limit.
        """
        token = await self._valid_token()
        answer = await self._once(path, body, token)
        if answer.status == 401:
            answer = await self._once(path, body, await self._valid_token(refused=token))
        return self._checked(answer)

    async def _once(self, path: str, body: object, token: Secret) -> Answer:
        self._take_turn()
        # A search changes nothing.
        return await self._net.request("POST", self._base + path, json=body, bearer=token, safe=True)

    def _take_turn(self) -> None:
        if self.retry_at is not None and self._clock.now() < self.retry_at:
            seconds = (self.retry_at - self._clock.now()).total_seconds()
            pause = self._pause or NetProblem("The tenant cannot answer now", f"{self.host} is busy.", LATER)
            raise NetProblem(pause.title, f"{pause.message} remonitor waits {seconds:.0f} s more.", LATER)
        self._limiter.take()

    async def _valid_token(self, refused: Secret | None = None) -> Secret:
        """The token, a fresh one before its end or instead of a `refused` one; asked for once for everybody."""
        before = self._refused_times
        async with self._signing_in:
            now = self._clock.now()
            if self._token is None or self._token is refused or self._ends is None or now >= self._ends:
                if self._refusal is not None and self._refused_times > before:
                    # It was tried while this one waited: a tenant that hangs is waited for once, not in turn.
                    raise self._refusal
                try:
                    self._token, self._ends = await self._sign_in(now)
                except Problem as problem:
                    self._refusal, self._refused_times = problem, self._refused_times + 1
                    raise
            return self._token

    async def _sign_in(self, now: datetime) -> tuple[Secret, datetime]:
        client_id = self._tenant.client_id
        if client_id.startswith(REFERENCES):
            client_id = (await self._resolve(client_id)).reveal()
        secret = await self._resolve(self._tenant.client_secret)
        self._take_turn()
        answer = await self._net.request(
            "POST",
            f"{self._base}/v1/oauth",
            params={"grant_type": "client_credentials"},
            basic=(client_id, secret),
            safe=True,
        )
        if answer.status in (400, 401, 403) and not answer.is_page:
            raise Problem(
                "The tenant refused the sign-in",
                f"{self.host} answered {answer.status}.",
                "Check client_id and client_secret of the tenant: the API client may have been removed.",
            )
        self._checked(answer)
        try:
            # Straight into the secret: a token is neither cleaned nor capped nor quoted in an error.
            token = msgspec.json.decode(answer.body, type=wire.TokenAnswer)
        except BAD_DATA:
            raise wire.shape("Incydr sign-in", "the answer carries no access_token") from None
        lasts = timedelta(seconds=min(max(token.expires_in, 0.0), 86_400.0))
        return Secret(token.access_token), now + max(lasts - EARLY, timedelta(0))

    def _checked(self, answer: Answer) -> Answer:
        if answer.status == 200 and not answer.is_page:
            self.retry_at = self._pause = None
            return answer
        problem = self._problem(answer)
        if answer.status in (429, 503) and isinstance(problem, NetProblem):
            wait = answer.retry_after
            pause = PAUSE if wait is None else timedelta(seconds=min(wait, 86_400.0))
            self.retry_at, self._pause = self._clock.now() + pause, problem
        raise problem

    def _problem(self, answer: Answer) -> Problem:
        status = answer.status
        if status == 429:
            return NetProblem("Too many requests", f"{self.host} allows 120 a minute.", LATER)
        if status >= 500:
            return NetProblem("The tenant cannot answer now", f"{self.host} answered {status}.", LATER)
        if answer.is_page:
            return NetProblem(
                "A web page instead of data",
                f"{self.host} answered {status} with a web page: maintenance or a proxy in between.",
                f"{LATER} If it stays, check base_url of the tenant and the proxy.",
            )
        if status == 400 and (bad := _bad_filters(answer.body)):
            return Problem(
                "The tenant refused the search",
                f"{self.host}: {bad}",
                "Check detector_name; if it stays, this tenant's API differs from what this program knows.",
            )
        if status in (401, 403):
            return Problem(
                "The tenant refused",
                f"{self.host} answered {status}.",
                "Give the API client the right to read file events.",
            )
        return Problem(
            "Unexpected answer", f"{self.host} answered {status}.", "Check base_url of the tenant."
        )


def _bad_filters(body: bytes) -> str:
    try:
        problems = wire.decode(body, wire.Refusal, "File events").problems or []
    except Problem:
        return ""
    return " ".join(problem.description for problem in problems if problem.description)
