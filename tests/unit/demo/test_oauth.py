"""The page that lets an app act for a person, its codes and refresh tokens: as strict as Salesforce."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
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


JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(clock: ManualClock, **changed: object) -> str:
    claims = {
        "iss": "remonitor-acme",
        "sub": "ops@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": int((clock.now() + timedelta(minutes=3)).timestamp()),
    } | changed
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)
    ]
    return ".".join([*encoded, "c2ln"])


async def test_client_credentials_give_a_session_of_the_run_as_user(acme: Org) -> None:
    rows = await acme.records(
        "SELECT Application, Status FROM LoginHistory WHERE LoginSubType = 'OauthClientCredentials'"
    )
    assert [(row["Application"], row["Status"]) for row in rows] == [("remonitor", "Success")]


async def test_client_and_secret_may_come_by_http_basic(people: People) -> None:
    client = await people.anybody("org:acme")
    auth = ("remonitor-acme", "remonitor-acme-secret")
    answer = await client.post(TOKEN, data={"grant_type": "client_credentials"}, auth=auth)
    assert answer.json()["instance_url"] == "http://acme.demo.invalid"


async def test_a_jwt_gives_a_session_of_its_subject(people: People, clock: ManualClock) -> None:
    client = await people.anybody("org:acme")
    answer = (await client.post(TOKEN, data={"grant_type": JWT, "assertion": assertion(clock)})).json()
    info = await client.get(
        "/services/oauth2/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"}
    )
    assert info.json()["preferred_username"] == "ops@acme.example"


def moment(clock: ManualClock, seconds: float, factor: int = 1) -> float:
    return (clock.now().timestamp() + seconds) * factor


@pytest.mark.parametrize(
    ("exp", "taken"),
    [
        (lambda clock: int(moment(clock, 180)), True),
        (lambda clock: moment(clock, 180), True),
        (lambda clock: f"{moment(clock, 180):.0f}", True),  # simple-salesforce
        (lambda clock: int(moment(clock, 300)), True),  # aiosalesforce
        (lambda clock: int(moment(clock, 0.3, 1_000)), True),  # Salesforce's CLI
        (lambda clock: f"{moment(clock, 0.3, 1_000):.0f}", True),
        (lambda clock: int(moment(clock, -120)), True),
        (lambda clock: int(moment(clock, -240)), False),
        (lambda clock: int(moment(clock, -240, 1_000)), False),
        (lambda clock: int(moment(clock, 3_600)), False),
        (lambda clock: int(moment(clock, 3_600, 1_000)), False),
        (lambda _: "soon", False),
        (lambda _: None, False),
        (lambda _: [1], False),
        (lambda _: float("inf"), False),
    ],
)
async def test_the_end_of_a_jwt_is_read_as_real_clients_send_it(
    people: People, clock: ManualClock, exp: Callable[[ManualClock], object], taken: bool
) -> None:
    client = await people.anybody("org:acme")
    form = {"grant_type": JWT, "assertion": assertion(clock, exp=exp(clock))}
    assert ((await client.post(TOKEN, data=form)).status_code == 200) is taken


@pytest.mark.parametrize(
    ("changed", "error", "description"),
    [
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
        ({"sub": "nobody@acme.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"exp": 1}, "invalid_grant", "expired authorization code"),
    ],
)
async def test_a_wrong_claim_is_refused(
    people: People, clock: ManualClock, changed: dict[str, Any], error: str, description: str
) -> None:
    client = await people.anybody("org:acme")
    answer = await client.post(TOKEN, data={"grant_type": JWT, "assertion": assertion(clock, **changed)})
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "x", "password": "y"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_client_id"),
        (
            {"grant_type": "client_credentials", "client_id": "remonitor-acme", "client_secret": "y"},
            "invalid_client",
        ),
        ({"grant_type": JWT, "assertion": "no.jwt!"}, "invalid_grant"),
    ],
)
async def test_wrong_requests_are_refused(people: People, form: dict[str, Any], error: str) -> None:
    client = await people.anybody("org:acme")
    answer = await client.post(TOKEN, data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
