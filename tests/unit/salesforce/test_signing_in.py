"""How a token is asked for, cached, shared and renewed, whatever the way of signing in."""

import asyncio
import base64

import httpx
import pytest

from tests.unit.salesforce.fake_org import ACME, FakeOrg, error
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.connections.evidence import Read, Unreadable
from tui.net import Net
from tui.salesforce.sign_in import Operator, SignInWay, way
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


def sign_in(handler: "httpx.MockTransport", name: str = "client_credentials") -> SignInWay:
    settings: dict[str, str | tuple[str, ...]] = {
        "client_id": "app-id",
        "client_secret": "env:SECRET",
        "token": "env:TOKEN",
    }

    async def resolve(reference: str | tuple[str, ...]) -> Secret:
        return Secret(f"value of {reference}".replace(" ", "-"))

    org = Org("acme", API, "acme.my.salesforce.com", SignIn(name, settings))
    return way(org, Net(transports={API: handler}), resolve=resolve)


async def test_client_credentials_send_the_secret_and_give_the_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"access_token": "00D!token", "instance_url": "https://evil.example"})

    assert await sign_in(httpx.MockTransport(answer)).token() == Secret("00D!token")
    expected = base64.b64encode(b"app-id:value-of-env:SECRET").decode()
    assert seen[0].headers["authorization"] == f"Basic {expected}"
    assert seen[0].content == b"grant_type=client_credentials"
    assert seen[0].url == f"{API}/services/oauth2/token"


async def test_a_token_is_asked_for_once_until_it_must_be_renewed() -> None:
    tokens = iter(["one", "two"])
    transport = httpx.MockTransport(lambda r: httpx.Response(200, json={"access_token": next(tokens)}))
    signed_in = sign_in(transport)
    assert [await signed_in.token(), await signed_in.token()] == [Secret("one"), Secret("one")]
    assert await signed_in.token(renew=True) == Secret("two")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "invalid_grant", "error_description": "inactive user"}, "must activate the user"),
        ({"error": "invalid_grant", "error_description": "ip restricted"}, "allowed address"),
        ({"error": "invalid_client"}, "client_id and client_secret"),
        ({"error": "inactive_org"}, "Salesforce support"),
        ({"error": "invalid_grant", "error_description": "something new"}, "Look the error up"),
    ],
)
async def test_a_refused_sign_in_says_what_to_do(body: dict[str, str], words: str) -> None:
    with pytest.raises(Problem) as refused:
        await sign_in(httpx.MockTransport(lambda r: httpx.Response(400, json=body))).token()
    assert words in refused.value.next_step


@pytest.mark.parametrize("body", [b"{}", b"[]", b"\xff", b'{"access_token": 5}'])
async def test_an_answer_without_a_token_is_a_problem_that_quotes_nothing(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        await sign_in(httpx.MockTransport(lambda r: httpx.Response(200, content=body))).token()
    assert "no access_token" in str(refused.value)


async def test_an_access_token_is_read_from_its_reference_and_says_whose_it_is() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer value-of-env:TOKEN"
        return httpx.Response(200, json={"user_id": "005A", "preferred_username": "ops@acme.example"})

    signed_in = sign_in(httpx.MockTransport(answer), "access_token")
    assert await signed_in.who() == Operator("ops@acme.example", "005A")


async def test_an_unknown_way_names_the_ones_there_are() -> None:
    with pytest.raises(Problem, match="client_credentials"):
        sign_in(httpx.MockTransport(lambda r: httpx.Response(200)), "carrier_pigeon")


async def test_an_answer_that_names_nobody_is_a_problem() -> None:
    transport = httpx.MockTransport(lambda r: httpx.Response(200, json={"sub": "x"}))
    with pytest.raises(Problem):
        await sign_in(transport, "access_token").who()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(403, text="Missing_OAuth_Token"), "403 Missing_OAuth_Token"),
        (httpx.Response(403, text="Bad_OAuth_Token"), "403 Bad_OAuth_Token"),
        (httpx.Response(403), "refused userinfo with 403"),
        (httpx.Response(403, json={"error": "insufficient_scope"}), "insufficient_scope"),
    ],
)
async def test_an_org_that_does_not_say_who_that_is_is_quoted_and_the_rest_goes_on(
    answer: httpx.Response, words: str
) -> None:
    who = await sign_in(httpx.MockTransport(lambda r: answer), "access_token").who()
    assert (who.username, who.user_id) == ("", "")
    assert words in who.hidden
    assert "api_url" not in who.hidden
    assert "View Setup" not in who.hidden


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"access_token":' + b"[" * 100_000, b'{"a":1e999999}'])
async def test_a_hostile_token_answer_is_a_problem(body: bytes) -> None:
    for status in (200, 400):
        with pytest.raises(Problem):
            await sign_in(httpx.MockTransport(lambda r, s=status: httpx.Response(s, content=body))).token()
