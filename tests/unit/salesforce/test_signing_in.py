import base64

import httpx
import pytest

from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.net import Net
from tui.salesforce.sign_in import Operator, SignInWay, way

API = "https://acme.my.salesforce.com"


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
