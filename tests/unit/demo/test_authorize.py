"""The page that lets an app act for a person, its codes and refresh tokens: as strict as Salesforce."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.demo.conftest import Org, People
from tui.base.clock import ManualClock

AUTHORIZE = "/services/oauth2/authorize"
TOKEN = "/services/oauth2/token"
BACK = "http://localhost:1717/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
QUERY = {
    "response_type": "code",
    "client_id": "remonitor-acme",
    "redirect_uri": BACK,
    "state": "a state",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "scope": "api refresh_token",
}
FORM = {
    "grant_type": "authorization_code",
    "client_id": "remonitor-acme",
    "redirect_uri": BACK,
    "code_verifier": VERIFIER,
}


@pytest.fixture
async def browser(people: People) -> httpx.AsyncClient:
    return await people.anybody("org:acme")


async def answered(browser: httpx.AsyncClient, answer: str = "allow", **changed: str) -> dict[str, str]:
    """What the callback is told."""
    page = await browser.post(AUTHORIZE, params=QUERY | changed, data={"answer": answer})
    assert page.status_code == 302, page.text
    assert page.headers["location"].startswith(f"{BACK}?")
    return {key: values[0] for key, values in parse_qs(urlsplit(page.headers["location"]).query).items()}


async def redeemed(browser: httpx.AsyncClient, code: str, **changed: str) -> httpx.Response:
    return await browser.post(TOKEN, data=FORM | {"code": code} | changed)


async def test_the_page_says_who_asks_and_for_whom(browser: httpx.AsyncClient) -> None:
    text = (await browser.get(AUTHORIZE, params=QUERY)).text
    assert "remonitor asks to act as ops@acme.example" in text


async def test_a_code_gives_a_session_and_a_refresh_token_that_gives_another(
    browser: httpx.AsyncClient,
) -> None:
    told = await answered(browser)
    assert told["state"] == "a state"
    first = (await redeemed(browser, told["code"])).json()
    form = {"grant_type": "refresh_token", "client_id": "remonitor-acme"}
    second = (await browser.post(TOKEN, data=form | {"refresh_token": first["refresh_token"]})).json()
    for each in (first, second):
        info = await browser.get(
            "/services/oauth2/userinfo", headers={"Authorization": f"Bearer {each['access_token']}"}
        )
        assert info.json()["preferred_username"] == "ops@acme.example"


async def test_the_sign_ins_are_in_the_history(browser: httpx.AsyncClient, acme: Org) -> None:
    await redeemed(browser, (await answered(browser))["code"])
    rows = await acme.records(
        "SELECT Application, Status FROM LoginHistory WHERE LoginSubType = 'OauthWebServer'"
    )
    assert [(row["Application"], row["Status"]) for row in rows] == [("remonitor", "Success")]


async def test_whoever_denies_sends_no_code(browser: httpx.AsyncClient) -> None:
    told = await answered(browser, "deny")
    assert (told["error"], "code" in told) == ("access_denied", False)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": "http://localhost:1717/other"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"scope": "everything"},
    ],
)
async def test_a_wrong_request_gets_no_page(browser: httpx.AsyncClient, changed: dict[str, str]) -> None:
    assert (await browser.get(AUTHORIZE, params=QUERY | changed)).status_code == 400


async def test_a_code_is_good_once(browser: httpx.AsyncClient) -> None:
    code = (await answered(browser))["code"]
    assert (await redeemed(browser, code)).status_code == 200
    assert (await redeemed(browser, code)).json()["error_description"] == "expired authorization code"


async def test_a_code_is_good_for_ten_minutes(browser: httpx.AsyncClient, clock: ManualClock) -> None:
    code = (await answered(browser))["code"]
    clock.advance(timedelta(minutes=10))
    assert (await redeemed(browser, code)).json()["error_description"] == "expired authorization code"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:1718/callback"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client_id"),
    ],
)
async def test_a_code_in_other_hands_is_refused(
    browser: httpx.AsyncClient, changed: dict[str, str], error: str
) -> None:
    code = (await answered(browser))["code"]
    answer = await redeemed(browser, code, **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
