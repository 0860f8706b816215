"""The OAuth addresses of the stand-in org: the page that asks a person, the token endpoint, and who somebody is."""

import base64
import binascii
import hashlib
import hmac
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from tui.demo.org import Client, Org, Row
from tui.demo.sign_in import SignInRefused, refused_token, sign_in
from tui.demo.soql_results import printed

CODE_LIFE = timedelta(minutes=10)
SCOPES = {"api", "refresh_token", "offline_access", "openid", "id", "profile", "web", "full"}

_PAGE = """<!DOCTYPE html><html lang="en"><head><title>Allow Access?</title></head><body>
<h1>{app}</h1><p>{app} asks to act as {user} in {org}.</p>
<form method="post"><button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Deny</button></form></body></html>"""

CALLBACKS = ("/callback", "/OauthRedirect")
"""Paths of the app's callbacks on localhost."""


@dataclass(frozen=True)
class Grant:
    """What a person allowed, until its code is used."""

    client_id: str
    user_id: str
    redirect_uri: str
    challenge: str
    expires: datetime


def authorize_page(org: Org, query: Mapping[str, str]) -> str:
    """The page for one request. Raises SignInRefused."""
    client, user_id = _asked(org, query)
    user = org.tables["User"][user_id]
    texts = {"app": client.app, "user": user["Username"], "org": org.name}
    return _PAGE.format(**{key: html.escape(text) for key, text in texts.items()})


def authorize(org: Org, codes: dict[str, Grant], query: Mapping[str, str], allowed: bool) -> str:
    """Where the browser goes next; a code that is given is good once. Raises SignInRefused."""
    client, user_id = _asked(org, query)
    back = query["redirect_uri"]
    state = {"state": query["state"]} if "state" in query else {}
    if not allowed:
        refused = {"error": "access_denied", "error_description": "end-user denied authorization"}
        return f"{back}?{urlencode(refused | state)}"
    code = f"aPrx{org.random.getrandbits(160):040x}"
    codes[code] = Grant(client.client_id, user_id, back, query["code_challenge"], org.now() + CODE_LIFE)
    return f"{back}?{urlencode({'code': code} | state)}"


def redeem(org: Org, codes: dict[str, Grant], client: Client, form: Mapping[str, str]) -> Grant:
    """What the code of a token request stands for; it is used up by the attempt. Raises SignInRefused."""
    grant = codes.pop(form.get("code", ""), None)
    if grant is None or grant.expires <= org.now():
        raise SignInRefused("invalid_grant", "expired authorization code")
    if grant.client_id != client.client_id:
        raise SignInRefused("invalid_grant", "expired authorization code")
    if grant.redirect_uri != form.get("redirect_uri"):
        raise SignInRefused("redirect_uri_mismatch", "redirect_uri must match configuration")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if not hmac.compare_digest(base64.urlsafe_b64encode(digest).decode().rstrip("="), grant.challenge):
        raise SignInRefused("invalid_grant", "invalid code verifier")
    return grant


def _asked(org: Org, query: Mapping[str, str]) -> tuple[Client, str]:
    client = org.clients.get(query.get("client_id", ""))
    if client is None:
        raise SignInRefused("invalid_client_id", "client identifier invalid")
    back = urlsplit(query.get("redirect_uri", ""))
    if (back.scheme, back.hostname, back.query) != ("http", "localhost", "") or back.path not in CALLBACKS:
        raise SignInRefused("redirect_uri_mismatch", "redirect_uri must match configuration")
    if query.get("response_type") != "code":
        raise SignInRefused("unsupported_response_type", "response type not supported")
    if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
        raise SignInRefused("invalid_request", "code challenge is required")
    if not set(query.get("scope", "api").split()) <= SCOPES:
        raise SignInRefused("invalid_scope", "the requested scope is not allowed")
    if client.run_as is None:
        # Nobody is signed in to the browser that a demo does not have: the app's own user stands in.
        raise SignInRefused("invalid_request", "nobody is signed in")
    return client, client.run_as


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


def userinfo(org: Org, user: Row, base_url: str) -> dict[str, Any]:
    """The answer of /services/oauth2/userinfo."""
    return {
        "sub": f"{base_url}/id/{org.id}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": org.id,
        "preferred_username": user["Username"],
        "nickname": _nick(user),
        "username": user["Username"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "zoneinfo": "Etc/UTC",
        "locale": "en_US",
        "language": "en_US",
        "active": user["IsActive"],
        "user_type": user["UserType"].upper(),
        "photos": _photos(org),
        "urls": _urls(org, base_url),
    }


def identity(org: Org, user: Row, base_url: str) -> dict[str, Any]:
    """The answer of /id/{org}/{user}."""
    # An identity is an https address also where the demo speaks without TLS: clients check that.
    host = base_url if base_url.startswith("https:") else f"https://{org.my_domain}"
    first, _, last = user["Name"].rpartition(" ")
    return {
        "id": f"{host}/id/{org.id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": org.id,
        "username": user["Username"],
        "nick_name": _nick(user),
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "first_name": first or None,
        "last_name": last,
        "timezone": "Etc/UTC",
        "photos": _photos(org),
        "status": {"created_date": None, "body": None},
        "urls": _urls(org, base_url),
        "active": user["IsActive"],
        "user_type": user["UserType"].upper(),
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": printed(user["LastModifiedDate"]),
        "is_app_installed": True,
    }


def _nick(user: Row) -> str:
    return str(user["Username"]).partition("@")[0]


def _photos(org: Org) -> dict[str, str]:
    base = f"https://{org.my_domain}/profilephoto/005"
    return {"picture": f"{base}/F", "thumbnail": f"{base}/T"}


def _urls(org: Org, base_url: str) -> dict[str, str]:
    data = f"{base_url}/services/data/v{{version}}"
    return {
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "query": f"{data}/query/",
        "custom_domain": f"https://{org.my_domain}",
    }
