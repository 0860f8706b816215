"""The token endpoint takes client credentials, refresh tokens and JWTs, and refuses in OAuth's words."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.demo.conftest import Org, People
from tui.base.clock import ManualClock

TOKEN = "/services/oauth2/token"
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
