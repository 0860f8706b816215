"""One org's API: version, token, one renewal, limits and the org's clock, for every request of this room."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from tui.base.clock import Clock
from tui.base.secret import Secret
from tui.connections.connection import Org
from tui.net import BAD_DATA, Answer, Net, NetProblem, host_of
from tui.salesforce import errors, queries, soql, wire
from tui.salesforce.errors import OrgProblem
from tui.salesforce.sign_in.oauth_endpoints import Operator
from tui.salesforce.sign_in.way import SignInWay

TESTED = 66
"""The highest API version that this program was tested with (Spring '26)."""
MAX_PAGES = 20
_VERSION = re.compile(r"([0-9]{1,4})\.[0-9]{1,4}")
_IN_BRACKETS = re.compile(r"\([^()]*\)")


class Reply(Struct, frozen=True):
    """A good answer: its body, and the org's clock at that moment."""

    body: bytes
    at: datetime


class Answers(Struct, frozen=True, dict=True):
    """The answers to the parts of one call, by reference; each is decoded on its own."""

    host: str
    at: datetime
    bodies: Mapping[str, tuple[int, list[bytes]]]

    @cached_property
    def _decoded(self) -> dict[tuple[str, str], Any]:
        return {}

    def rows(self, name: str, kind: type[wire.T]) -> tuple[wire.T, ...]:
        """All rows of the query `name`, always decoded as the same `kind`. Raises OrgProblem."""
        if (found := self._decoded.get((name, ""))) is None:
            rows: list[wire.T] = []
            for body in self._bodies(name):
                page = wire.frame(body, wire.Page, name)
                rows += wire.decode(page.records, list[kind], name)  # type: ignore[valid-type]
            found = self._decoded[name, ""] = tuple(rows)
        return cast(tuple[wire.T, ...], found)

    def rows_of(self, name: str, kind: type[wire.T], attribute: str, user_id: str) -> Sequence[wire.T]:
        """The rows of `name` whose `attribute` is this user's Id. Raises OrgProblem."""
        if (index := self._decoded.get((name, attribute))) is None:
            index = {}
            for row in self.rows(name, kind):
                index.setdefault(wire.key(getattr(row, attribute)), []).append(row)
            self._decoded[name, attribute] = index
        return cast(Sequence[wire.T], index.get(wire.key(user_id), ()))

    def succeeded(self, name: str) -> bool:
        """Whether the org has answered this part; what it says is not looked at."""
        return name in self.bodies and self.bodies[name][0] < 300

    @cached_property
    def digest(self) -> bytes:
        """The same for equal answers, and only for these."""
        found = blake2b(digest_size=16)
        for name, (status, pages) in self.bodies.items():
            for page in pages:
                found.update(f"{name} {status} {len(page)} ".encode())
                found.update(page)
        return found.digest()

    def whole(self, name: str) -> bytes:
        """The body of a part that is no query. Raises OrgProblem."""
        return self._bodies(name)[0]

    def _bodies(self, name: str) -> list[bytes]:
        if name not in self.bodies:
            raise errors.shape(name, "this answer is missing in the composite answer")
        status, bodies = self.bodies[name]
        if status >= 300:
            raise errors.of_body(bodies[0], status, self.host)
        return bodies


class Lacking(Struct, frozen=True):
    """Uses of fields that an org does not allow, as it was found in one API version."""

    version: int
    uses: tuple[soql.FieldUse, ...] = ()


class Session:
    """Requests to one org. `calls` counts them; `used` and `limit` are the org's own daily count."""

    def __init__(self, org: Org, net: Net, sign_in: SignInWay, clock: Clock) -> None:
        self.calls = 0
        self.used: int | None = None
        self.limit: int | None = None
        self.offered: tuple[int, ...] = ()
        """All API versions that the org offers, tested or not; empty until it was asked for them."""
        self.limit_info: str | None = None
        """Sforce-Limit-Info as it came last; None: no answer had one."""
        self.lacking: Lacking | None = None
        """What no query reads, where this version is spoken."""
        self.retry_at: datetime | None = None
        """This machine's clock: not before then, as the org asked."""
        self._api = org.api_url.rstrip("/")
        self._net = net
        self._sign_in = sign_in
        self._clock = clock
        self._offset: timedelta | None = None
        self._versions: list[int] = []
        self._proven = False

    @property
    def host(self) -> str:
        return host_of(self._api)

    def now(self) -> datetime:
        """The org's clock, by the Date of its last answer; this machine's clock before any."""
        return self._clock.now() + (self._offset or timedelta(0))

    @property
    def offset(self) -> timedelta | None:
        """How far the org's clock is ahead of this machine's; None before any answer."""
        return self._offset

    @property
    def versions(self) -> tuple[int, ...]:
        """The API versions that are offered and tested, lowest first; empty until the org was asked for them."""
        return tuple(self._versions)

    @versions.setter
    def versions(self, known: Sequence[int]) -> None:
        """Go on from an earlier process: one that the org no longer offers gives way to the next lower."""
        self._versions = sorted(n for n in known if n <= TESTED)

    async def who(self) -> Operator:
        """The operator. Raises Problem."""
        return await self._sign_in.who()

    async def base(self) -> str:
        """`/services/data/v66.0`: the highest version that the org offers, up to the tested. Raises Problem."""
        if not self._versions:
            answer = self._read_headers(await self._net.request("GET", f"{self._api}/services/data"))
            if answer.status != 200 or answer.is_page:
                raise self._note_retry_after(errors.of_answer(answer, self.host))
            offered = wire.decode(answer.body, list[wire.Version], "List of API versions")
            numbers = {int(found[1]) for v in offered if (found := _VERSION.fullmatch(v.version))}
            self.offered = tuple(sorted(numbers))
            self._versions = [n for n in self.offered if n <= TESTED]
            if not self._versions:
                raise errors.shape("List of API versions", f"nothing up to {TESTED}.0 is offered")
        return _base(self._versions[-1])

    async def send(self, method: str, path: str, *, json: object = None, safe: bool | None = None) -> Reply:
        """Send one request below the version (`/composite`). Raises NetProblem or OrgProblem.

        `safe`: it changes nothing and may be sent again (by default a GET).
        """
        while True:
            base = await self.base()
            answer = await self._ask(method, f"{self._api}{base}{path}", json, safe)
            if len(self._versions) > 1 and self._unknown_version(answer):
                self._versions.pop()
                continue
            return self._checked(answer)

    async def composite(self, requests: Mapping[str, str]) -> Answers:
        """Ask several queries, or GET addresses (`{base}/…`), by reference name, as one call; further pages follow.

        Raises NetProblem or OrgProblem where the whole call failed.
        """
        base = await self.base()
        body = {
            "allOrNone": False,
            "compositeRequest": [
                {"method": "GET", "referenceId": name, "url": self._address(base, asked)}
                for name, asked in requests.items()
            ],
        }
        reply = await self.send("POST", "/composite", json=body, safe=True)
        answers = wire.frame(reply.body, wire.CompositeAnswer, "Composite answer").compositeResponse
        bodies: dict[str, tuple[int, list[bytes]]] = {}
        for part in answers:
            pages = [bytes(part.body)]
            if part.httpStatusCode < 300:
                pages += await self._further(pages[0], part.referenceId)
            bodies[part.referenceId] = (part.httpStatusCode, pages)
        return Answers(self.host, reply.at, bodies)

    async def query(self, query: str, *, tooling: bool = False) -> Answers:
        """One query as a call of its own, as the part `rows`. Raises NetProblem or OrgProblem."""
        await self.base()
        path = self._address("/tooling" if tooling else "", query)
        reply = await self.send("GET", path)
        pages = [reply.body, *await self._further(reply.body, "rows")]
        return Answers(self.host, reply.at, {"rows": (200, pages)})

    def _address(self, base: str, asked: str) -> str:
        """Of a query, without what the org lacks, or of what is an address already."""
        if asked.startswith("{base}"):
            return asked.replace("{base}", base)
        if self.lacking is not None and self.lacking.version == self._versions[-1]:
            asked = soql.without(asked, self.lacking.uses)
        return queries.address(base, asked)

    async def _further(self, first: bytes, name: str) -> list[bytes]:
        pages: list[bytes] = []
        body = first
        while len(pages) < MAX_PAGES:
            try:
                page = msgspec.json.decode(body, type=wire.Page)
            except BAD_DATA:
                # No query, or a bad one: whoever decodes this part says so.
                return pages
            if page.done:
                return pages
            path = page.nextRecordsUrl or ""
            if not path.startswith("/services/data/") or urlsplit(path).netloc:
                raise errors.shape(name, "more rows than one answer holds, and no address for the rest")
            body = self._checked(await self._ask("GET", self._api + path)).body
            pages.append(body)
        raise errors.shape(name, f"more than {MAX_PAGES} pages of rows")

    async def _ask(self, method: str, url: str, json: object = None, safe: bool | None = None) -> Answer:
        answer = await self._once(method, url, json, safe, await self._token(renew=False))
        if self._refuses_token(answer):
            answer = await self._once(method, url, json, safe, await self._token(renew=True))
        if self._refuses_token(answer):
            refused = errors.of_answer(answer, self.host)
            if refused.stale:
                refused.next_step = self._sign_in.next_step
            raise self._note_retry_after(refused)
        return answer

    def _refuses_token(self, answer: Answer) -> bool:
        """By the status, or by the one word of the OAuth endpoints."""
        return answer.status == 401 or (answer.status == 403 and errors.of_answer(answer, self.host).stale)

    def _unknown_version(self, answer: Answer) -> bool:
        if answer.status == 404:
            return not self._proven
        return (
            400 <= answer.status < 420
            and errors.of_answer(answer, self.host).code == "UNSUPPORTED_API_VERSION"
        )

    async def _token(self, *, renew: bool) -> Secret:
        try:
            return await self._sign_in.token(renew=renew)
        except (OrgProblem, NetProblem) as problem:
            raise self._note_retry_after(problem) from None

    async def _once(self, method: str, url: str, json: object, safe: bool | None, token: Secret) -> Answer:
        self.calls += 1
        return self._read_headers(await self._net.request(method, url, json=json, bearer=token, safe=safe))

    def _read_headers(self, answer: Answer) -> Answer:
        if answer.date is not None:
            self._offset = answer.date - self._clock.now()
        self.limit_info = answer.headers.get("sforce-limit-info", self.limit_info)
        if usage := api_usage(answer.headers.get("sforce-limit-info", "")):
            self.used, self.limit = usage
        return answer

    def _checked(self, answer: Answer) -> Reply:
        if answer.status >= 300:
            raise self._note_retry_after(errors.of_answer(answer, self.host))
        if answer.is_page:
            raise errors.page(answer.status, self.host)
        self._proven = True
        self.retry_at = None
        return Reply(answer.body, answer.date or self.now())

    def _note_retry_after(self, problem: "OrgProblem | NetProblem") -> "OrgProblem | NetProblem":
        """Remember when the org wants to be asked again."""
        if problem.retry_after is not None:
            self.retry_at = self._clock.now() + timedelta(seconds=min(problem.retry_after, 86_400.0))
        return problem


def _base(version: int) -> str:
    return f"/services/data/v{version}.0"


def api_usage(header: str) -> tuple[int, int] | None:
    """Calls used and allowed a day, by the directive `api-usage` of Sforce-Limit-Info wherever it stands.

    Directives are joined by semicolons (documented), in older answers by commas; a list of apps stands in brackets.
    """
    for directive in re.split("[;,]", _IN_BRACKETS.sub("", header)):
        name, _, usage = directive.partition("=")
        used, _, limit = usage.strip().partition("/")
        numbers = (used.strip(), limit.strip())
        if name.strip().lower() == "api-usage" and all(n.isascii() and n.isdigit() for n in numbers):
            return int(numbers[0][:12]), int(numbers[1][:12])
    return None


MOST = 2
"""Further pages, smaller batches, names: so many calls a reading, the rest waits for the next one."""


class CallBudget:
    """What is left of them."""

    def __init__(self, calls: int = MOST) -> None:
        self.calls = calls

    def take(self) -> bool:
        """Take one; False where none is left."""
        if self.calls <= 0:
            return False
        self.calls -= 1
        return True
