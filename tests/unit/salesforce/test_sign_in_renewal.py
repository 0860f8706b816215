"""How a token is held, shared and renewed, whatever the way of signing in."""

import asyncio

import httpx

from tests.unit.salesforce.fake_org import ACME, FakeOrg, error
from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.connections.evidence import Read, Unreadable
from tui.net import Net
from tui.salesforce.sign_in import Operator
from tui.salesforce.sign_in.way import CachedToken

API = "https://acme.my.salesforce.com"


class Counted(CachedToken):
    """A way whose tokens are numbered; a fetch ends when `let` is set."""

    fetched = 0
    next_step = "Do something."

    def __init__(self, answer: httpx.MockTransport | None = None) -> None:
        async def nothing(reference: str | tuple[str, ...]) -> Secret:
            raise AssertionError

        org = Org("acme", API, "acme.my.salesforce.com", SignIn("counted"))
        super().__init__(org, Net(transports={API: answer} if answer else None), nothing)
        self.let = asyncio.Event()
        self.let.set()

    async def fetch(self) -> Secret:
        await self.let.wait()
        self.fetched += 1
        return Secret(f"token-{self.fetched}")


async def test_everybody_who_asks_meanwhile_gets_the_same_token() -> None:
    way = Counted()
    way.let.clear()
    asking = [asyncio.create_task(way.token()) for _ in range(3)]
    await asyncio.sleep(0)
    way.let.set()
    assert await asyncio.gather(*asking) == [Secret("token-1")] * 3


async def test_a_token_that_two_were_refused_with_is_renewed_once() -> None:
    way = Counted()
    await way.token()
    way.let.clear()
    renewing = [asyncio.create_task(way.token(renew=True)) for _ in range(2)]
    await asyncio.sleep(0)
    way.let.set()
    assert await asyncio.gather(*renewing) == [Secret("token-2")] * 2


async def test_a_fetch_that_was_cancelled_does_not_lock_the_others_out() -> None:
    way = Counted()
    way.let.clear()
    first = asyncio.create_task(way.token())
    await asyncio.sleep(0)
    first.cancel()
    way.let.set()
    assert await way.token() == Secret("token-1")


async def test_a_stale_token_is_renewed_once_before_it_is_asked_whose_it_is() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == "Bearer token-1":
            return httpx.Response(403, text="Bad_OAuth_Token")
        return httpx.Response(200, json={"user_id": "005A", "preferred_username": "ops@acme.example"})

    assert await Counted(httpx.MockTransport(answer)).who() == Operator("ops@acme.example", "005A")


async def test_an_org_that_refuses_a_fresh_token_too_says_what_to_do_and_is_not_asked_again() -> None:
    fake = FakeOrg()
    fake.answer = lambda request: fake.json(401, error("INVALID_SESSION_ID", "Session expired or invalid"))
    user = (await fake.reader().read([ACME]))[ACME.name].user
    assert isinstance(user, Unreadable)
    assert user.next_step == "Put a fresh access token into the environment variable SF_TOKEN."
    assert len(fake.data_calls()) == 2


async def test_one_word_instead_of_data_renews_the_token_too() -> None:
    fake = FakeOrg()
    fresh = iter(["stale", "token-1", "token-1"])

    async def resolve(reference: str | tuple[str, ...]) -> Secret:
        return Secret(next(fresh))

    fake.resolve = resolve  # type: ignore[method-assign]  # the first token that is read is stale
    stale = httpx.Response(403, text="Bad_OAuth_Token")
    fake.answer = lambda r: stale if r.headers["authorization"] == "Bearer stale" else None
    assert isinstance((await fake.reader().read([ACME]))[ACME.name].user, Read)


async def test_the_token_of_a_browser_session_is_told_as_one() -> None:
    fake = FakeOrg()
    words = "This session is not valid for use with the REST API"
    fake.answer = lambda request: fake.json(401, error("INVALID_SESSION_ID", words))
    user = (await fake.reader().read([ACME]))[ACME.name].user
    assert isinstance(user, Unreadable)
    assert "scope api" in user.next_step
