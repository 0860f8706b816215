"""The token endpoint of the stand-in org: who asks, by which grant, and what he is told."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tui.demo.authorize import Grant, redeem
from tui.demo.org import Client, Org, Row
from tui.demo.sign_in import SignInRefused, refused_token, sign_in

_MILLISECONDS_FROM = 100_000_000_000
"""A moment of so many seconds is the year 5138."""

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token(
    org: Org, codes: dict[str, Grant], form: Mapping[str, str], base_url: str, source_ip: str
) -> dict[str, Any]:
    """Answer one request of the token endpoint; `codes` are those given and not used. Raises SignInRefused."""
    more: dict[str, Any] = {}
    match form.get("grant_type"):
        case "client_credentials":
            client = _client(org, form)
            if client.run_as is None:
                raise SignInRefused("invalid_grant", "no client credentials user enabled")
            user, subtype = org.tables["User"][client.run_as], "OauthClientCredentials"
        case "authorization_code":
            client = _client(org, form, public=True)
            grant = redeem(org, codes, client, form)
            user, subtype = org.tables["User"][grant.user_id], "OauthWebServer"
            more = {"refresh_token": _approve(org, client, user)}
        case "refresh_token":
            client = _client(org, form, public=True)
            user, subtype = _of_refresh_token(org, client, form, source_ip), "OauthRefreshToken"
        case grant if grant == JWT_GRANT:
            client, user = _of_assertion(org, form.get("assertion", ""), base_url)
            subtype = "OauthJwtBearer"
        case _:
            raise SignInRefused("unsupported_grant_type", "grant type not supported")
    return _answer(org, user, sign_in(org, user, client.app, subtype, source_ip), base_url) | more


def _answer(org: Org, user: Row, bearer: str, base_url: str) -> dict[str, Any]:
    return {
        "access_token": bearer,
        "instance_url": base_url,
        "id": f"{base_url}/id/{org.id}/{user['Id']}",
        "token_type": "Bearer",
        "scope": "api refresh_token",
        "issued_at": str(int(org.now().timestamp() * 1000)),
        "signature": base64.b64encode(org.random.randbytes(32)).decode(),
    }


def _client(org: Org, form: Mapping[str, str], *, public: bool = False) -> Client:
    """The app that asks. A `public` one proves itself otherwise, but a secret that it sends must be right."""
    client = org.clients.get(form.get("client_id", ""))
    if client is None:
        raise SignInRefused("invalid_client_id", "client identifier invalid")
    if form.get("client_secret", client.secret if public else None) != client.secret:
        raise SignInRefused("invalid_client", "invalid client credentials")
    return client


def _approve(org: Org, client: Client, user: Row) -> str:
    """A refresh token for an app that `user` has just approved."""
    now = org.now()
    row = org.add("OauthToken", AppName=client.app, AppMenuItemId=org.menu_item(client.app),
                  UserId=user["Id"], CreatedDate=now, LastUsedDate=now, UseCount=1)  # fmt: skip
    given = f"5Aep{org.random.getrandbits(160):040x}"
    org.refresh_tokens[given] = row["Id"]
    return given


def _of_refresh_token(org: Org, client: Client, form: Mapping[str, str], source_ip: str) -> Row:
    given = form.get("refresh_token", "")
    row_id = org.refresh_tokens.get(given)
    if row_id is None:
        raise SignInRefused("invalid_grant", "expired access/refresh token")
    row = org.tables["OauthToken"].get(row_id)
    if row is None:
        user = org.tables["User"].get(org.revoked_tokens[row_id]["UserId"])
        if user is None:
            raise SignInRefused("invalid_grant", "expired access/refresh token")
        raise refused_token(org, user, client.app, source_ip)
    return org.tables["User"][row["UserId"]]


def _of_assertion(org: Org, assertion: str, base_url: str) -> tuple[Client, Row]:
    """The app and the user a JWT speaks for; its claims are checked, its signature is not."""
    claims = _claims(assertion)
    client = org.clients.get(str(claims.get("iss", "")))
    if client is None:
        raise SignInRefused("invalid_client_id", "client identifier invalid")
    allowed = {
        "https://login.salesforce.com",
        "https://test.salesforce.com",
        f"https://{org.my_domain}",
        base_url,
    }
    if claims.get("aud") not in allowed:
        raise SignInRefused("invalid_grant", "audience is invalid")
    if not _in_time(claims.get("exp"), org.now().timestamp()):
        raise SignInRefused("invalid_grant", "expired authorization code")
    try:
        return client, org.user(str(claims.get("sub", "")))
    except KeyError:
        raise SignInRefused("invalid_grant", "user hasn't approved this consumer") from None


def _in_time(expires: object, now: float) -> bool:
    """Whether `exp` is still to come, at most 5 minutes ahead; clocks may differ by 3 minutes.

    Real clients send seconds as a number or as text (simple-salesforce), or milliseconds (Salesforce's CLI).
    """
    # inferred: stand_in_sign_ins - how far the clocks may differ.
    try:
        seconds = float(str(expires))
    except ValueError:
        return False
    if seconds > _MILLISECONDS_FROM:
        seconds /= 1_000
    skew = timedelta(minutes=3).total_seconds()
    return now - skew < seconds <= now + timedelta(minutes=5).total_seconds() + skew


def _claims(assertion: str) -> dict[str, Any]:
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError):
        raise SignInRefused("invalid_grant", "invalid assertion") from None
    if not isinstance(claims, dict):
        raise SignInRefused("invalid_grant", "invalid assertion")
    return claims
