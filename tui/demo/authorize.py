"""The stand-in org's page that asks a person to let an app act for him, and the codes it gives."""

import base64
import hashlib
import hmac
import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from tui.demo.org import Client, Org
from tui.demo.sign_in import SignInRefused

CODE_LIFE = timedelta(minutes=10)
SCOPES = {"api", "refresh_token", "offline_access", "openid", "id", "profile", "web", "full"}

_PAGE = """<!DOCTYPE html><html lang="en"><head><title>Allow Access?</title></head><body>
<h1>{app}</h1><p>{app} asks to act as {user} in {org}.</p>
<form method="post"><button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Deny</button></form></body></html>"""


@dataclass(frozen=True)
class Grant:
    """What a person allowed, until its code is used."""

    client_id: str
    user_id: str
    redirect_uri: str
    challenge: str
    expires: datetime


def page(org: Org, query: Mapping[str, str]) -> str:
    """The page for one request. Raises SignInRefused."""
    client, user_id = _asked(org, query)
    user = org.tables["User"][user_id]
    texts = {"app": client.app, "user": user["Username"], "org": org.name}
    return _PAGE.format(**{key: html.escape(text) for key, text in texts.items()})


def answer(org: Org, codes: dict[str, Grant], query: Mapping[str, str], allowed: bool) -> str:
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
    if (back.scheme, back.hostname, back.path, back.query) != ("http", "localhost", "/callback", ""):
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
