"""Every failure that an operator can meet on the way to an org, side by side: what, why, what next."""

import json
import re

import httpx
import pytest

from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.net import Answer, Net, NetProblem
from tui.salesforce import errors
from tui.salesforce.sign_in import refusals, way

HOST = "acme.my.salesforce.com"
MEND = "Sign in again: remonitor login acme"

# A token endpoint's error and description: what, why, what next. The message quotes the error before the why.
TOKEN = {
    "rate_limit_exceeded: login rate exceeded": (
        "Too many sign-ins",
        "This user signed in too often within an hour.",
        "Wait: the next reading tries again by itself. Setup › Login History shows which application uses them up.",
    ),
    "invalid_grant: login rate exceeded": (
        "Too many sign-ins",
        "This user signed in too often within an hour.",
        "Wait: the next reading tries again by itself. Setup › Login History shows which application uses them up.",
    ),
    "inactive_org: organization is inactive": (
        "The org is locked or inactive",
        "Nobody can sign in to it.",
        "Ask Salesforce support about the org.",
    ),
    "inactive_user: user is inactive": (
        "Your user is inactive",
        "It was deactivated in Salesforce.",
        "An administrator must activate the user you sign in as.",
    ),
    "invalid_grant: inactive user": (
        "Your user is inactive",
        "It was deactivated in Salesforce.",
        "An administrator must activate the user you sign in as.",
    ),
    "invalid_grant: ip restricted": (
        "Sign-in from here is not allowed",
        "The user's profile or the app limits from which addresses and when one may sign in.",
        "Sign in from an allowed address, or have an administrator allow this one.",
    ),
    "invalid_grant: expired access/refresh token": (
        "The sign-in has ended",
        "Its token expired, or somebody revoked it.",
        "Sign in again: remonitor login acme",
    ),
    "invalid_grant: user hasn't approved this consumer": (
        "The app is not approved",
        "This user never allowed the app to act for them.",
        "An administrator must pre-authorise the app for your profile or a permission set of yours.",
    ),
    "invalid_grant: audience is invalid": (
        "The audience does not fit",
        "The sign-in was written for another kind of org.",
        "Set audience of the sign-in to production, sandbox or my_domain.",
    ),
    "invalid_app_access: user is not admin approved to access this app": (
        "The app may not be used",
        "The app's policy does not let this user in.",
        "An administrator must allow the app for your profile or a permission set of yours.",
    ),
    "invalid_client_id: client identifier invalid": (
        "The app is not known",
        "This org has no app with that client_id.",
        "Check client_id, and that api_url is the org that has the app. A new app needs some minutes.",
    ),
    "invalid_client: invalid client credentials": (
        "The app's secret is refused",
        "client_id and client_secret do not belong together.",
        "Check client_id and client_secret in the configuration.",
    ),
    "invalid_grant: authentication failure": (
        "The org refused the sign-in",
        "It does not say why: the user may be frozen or locked, or the sign-in wrong.",
        "Look at the user under Setup › Login History first. Sign in again: remonitor login acme",
    ),
    "invalid_grant: no client credentials user enabled": (
        "The app has no user to act as",
        "Client credentials are on, but no run-as user is set.",
        "An administrator must set the run-as user in the app's policies.",
    ),
    "redirect_uri_mismatch: redirect_uri must match configuration": (
        "The app has another callback",
        "The callback of this sign-in is not among those of the app.",
        "Add http://localhost:PORT/callback to the app, with the port that callback_port names.",
    ),
    "invalid_grant: invalid code verifier": (
        "The sign-in was not the one begun here",
        "Its code belongs to another sign-in.",
        "Sign in again: remonitor login acme",
    ),
    "invalid_grant: expired authorization code": (
        "The sign-in took too long",
        "Its code can be used once and for a short time.",
        "Sign in again: remonitor login acme",
    ),
    "access_denied: end-user denied authorization": (
        "The sign-in was refused",
        "Somebody pressed Deny, or the user may not use the app.",
        "Sign in again: remonitor login acme",
    ),
    "invalid_grant: invalid assertion": (
        "The org refused the signed request",
        "The key may not belong to the certificate of the app.",
        "Check key_file, client_id and username, the certificate of the app, and this machine's clock.",
    ),
    "unsupported_grant_type: grant type not supported": (
        "The app does not allow this sign-in",
        "This way of signing in is off for the app or the org.",
        "An administrator must turn the flow on in the app's settings, or choose another way to sign in.",
    ),
    "something_new": (
        "The org refused the sign-in",
        "The error is not one that this program knows.",
        "Look the error up in Salesforce's help. Sign in again: remonitor login acme",
    ),
}

# A bare status or a web page: what, why, what next.
STATUS = {
    "401": (
        "The org refused the token",
        "acme.my.salesforce.com answered 401 without saying why.",
        "Sign in to the org again and renew the token that the configuration names.",
    ),
    "403": (
        "The org refused",
        "acme.my.salesforce.com answered 403 without saying why.",
        "Check api_url in the configuration.",
    ),
    "404": (
        "The org does not know this address",
        "acme.my.salesforce.com answered 404 without saying why.",
        "Check api_url in the configuration.",
    ),
    "420": (
        "The org is overloaded or in maintenance",
        "acme.my.salesforce.com answered 420 without saying why.",
        "Wait: the next reading tries again by itself.",
    ),
    "429": (
        "The org is overloaded or in maintenance",
        "acme.my.salesforce.com answered 429 without saying why.",
        "Wait: the next reading tries again by itself.",
    ),
    "503": (
        "The org is overloaded or in maintenance",
        "acme.my.salesforce.com answered 503 without saying why.",
        "Wait: the next reading tries again by itself.",
    ),
    "200 page": (
        "A web page instead of data",
        "acme.my.salesforce.com answered 200 with a web page: maintenance, overload or a proxy in between.",
        "Wait: the next reading tries again by itself. If it stays, check api_url and the proxy.",
    ),
    "502 page": (
        "A web page instead of data",
        "acme.my.salesforce.com answered 502 with a web page: maintenance, overload or a proxy in between.",
        "Wait: the next reading tries again by itself. If it stays, check api_url and the proxy.",
    ),
}

# What breaks on the way: what, why, what next.
NETWORK = {
    "no route": (
        "No connection",
        "acme.my.salesforce.com cannot be reached: All connection attempts failed.",
        "Check the address and the network.",
    ),
    "no connection in time": (
        "No connection",
        "acme.my.salesforce.com could not be reached in time.",
        "Check network and proxy.",
    ),
    "no answer in time": (
        "No answer in time",
        "acme.my.salesforce.com did not answer within 20 s.",
        "Try again; if it stays, check network and proxy.",
    ),
    "proxy": (
        "The proxy refused",
        "The proxy of the environment did not connect to acme.my.salesforce.com: 407 Proxy Authentication Required.",
        "Check the proxy's address and rights, or exclude the host with NO_PROXY.",
    ),
    "certificate": (
        "The certificate is not trusted",
        "acme.my.salesforce.com: its issuer is not known here (certificate verify failed).",
        "If a proxy opens TLS, name its certificate with ca_bundle or SSL_CERT_FILE.",
    ),
    "cut off": (
        "The answer broke off",
        "The connection to acme.my.salesforce.com ended before the whole answer was there.",
        "Try again; if it stays, check network and proxy.",
    ),
    "bad header": (
        "The request cannot be sent",
        "The request to acme.my.salesforce.com breaks the rules of HTTP.",
        "Check the secrets in the configuration for stray characters.",
    ),
}

BREAKS: dict[str, Exception] = {
    "no route": httpx.ConnectError("All connection attempts failed"),
    "no connection in time": httpx.ConnectTimeout(""),
    "no answer in time": httpx.ReadTimeout(""),
    "proxy": httpx.ProxyError("407 Proxy Authentication Required"),
    "certificate": httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
    "cut off": httpx.RemoteProtocolError("peer closed connection"),
    "bad header": httpx.LocalProtocolError("Illegal header value"),
}


def api(code: str) -> Problem:
    body = json.dumps([{"errorCode": code, "message": "Its own words."}]).encode()
    return errors.of_body(body, 503 if code == "SERVER_UNAVAILABLE" else 400, HOST)


def token(error: str) -> Problem:
    name, _, description = error.partition(": ")
    return refusals.of_error(refusals.OAuthError(name, description), HOST, MEND)


def status(name: str) -> Problem:
    number, _, kind = name.partition(" ")
    body, content = (b"<html>", "text/html") if kind == "page" else (b"", "text/plain")
    return errors.of_answer(Answer(int(number), {"content-type": content}, body), HOST)


async def network(name: str) -> Problem:
    def fail(request: httpx.Request) -> httpx.Response:
        raise BREAKS[name]

    net = Net(transports={f"https://{HOST}": httpx.MockTransport(fail)})
    with pytest.raises(NetProblem) as caught:
        await net.request("GET", f"https://{HOST}/services/data?q=1")
    return caught.value


async def local(sign_in: SignIn) -> Problem:
    async def resolve(reference: str | tuple[str, ...]) -> Secret:
        raise AssertionError

    org = Org("acme", f"https://{HOST}", HOST, sign_in)
    with pytest.raises(Problem) as caught:
        await way(org, Net(), resolve=resolve).token()
    return caught.value


def well_formed(problem: Problem) -> None:
    """A title without a full stop, a whole sentence of why, and an order or an instruction."""
    assert re.fullmatch(r"[A-Z].*[^.]", problem.title)
    assert re.fullmatch(r"(?s).+[.…]", problem.message)
    assert re.fullmatch(r"[A-Z].{10,}", problem.next_step)
    assert problem.title.rstrip(".") not in problem.message


@pytest.mark.parametrize("code", [*errors.WORDS, "SOMETHING_NEW"])
def test_an_org_that_refuses_a_call_is_quoted_and_explained(code: str) -> None:
    problem = api(code)
    assert problem.message == f"{code}: Its own words."
    well_formed(problem)


# What one code means by its message: message, title, seconds to leave the org alone.
MEANINGS = [
    ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "The org's daily API calls are used up", 900),
    (
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        "Too many long requests now",
        30,
    ),
    (
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentPerOrgLongTxn Limit exceeded.",
        "Too many long requests now",
        30,
    ),
    ("REQUEST_LIMIT_EXCEEDED", "Something new.", "A request limit of the org is reached", 30),
    (
        "QUERY_TIMEOUT",
        "Your query request was running for too long.",
        "The org needed too long for the query",
        None,
    ),
    ("INVALID_SESSION_ID", "Session expired or invalid", "The org refused the token", None),
    (
        "INVALID_SESSION_ID",
        "This session is not valid for use with the REST API",
        "The token is not one for the API",
        None,
    ),
    (
        "API_CURRENTLY_DISABLED",
        "API is currently disabled for this User",
        "The API is off for your user",
        None,
    ),
    (
        "API_DISABLED_FOR_ORG",
        "The REST API is not enabled for this Organization.",
        "The API is off",
        None,
    ),
]


@pytest.mark.parametrize(("code", "message", "title", "seconds"), MEANINGS, ids=[m[1] for m in MEANINGS])
def test_a_code_of_several_meanings_is_told_by_its_message(
    code: str, message: str, title: str, seconds: int | None
) -> None:
    body = json.dumps([{"errorCode": code, "message": message}]).encode()
    problem = errors.of_body(body, 403, HOST)
    assert (problem.title, problem.retry_after) == (title, seconds)
    assert ("daily" in str(problem)) is ("TotalRequests" in message)
    assert problem.no_answer is (code in ("REQUEST_LIMIT_EXCEEDED", "QUERY_TIMEOUT"))
    well_formed(problem)


@pytest.mark.parametrize("status", [400, 403])
def test_one_word_of_an_oauth_endpoint_is_a_code(status: int) -> None:
    problem = errors.of_body(b"Bad_OAuth_Token", status, HOST)
    assert problem.title == "The token is no longer accepted"
    assert problem.stale
    assert "api_url" not in str(problem)


def test_a_code_without_words_of_its_own_is_not_taken_for_another() -> None:
    known = {api(code).title for code in errors.WORDS}
    assert api("SOMETHING_NEW").title not in known


@pytest.mark.parametrize("error", TOKEN)
def test_a_token_endpoint_that_refuses(error: str) -> None:
    problem = token(error)
    title, why, next_step = TOKEN[error]
    assert (problem.title, problem.next_step) == (title, next_step)
    assert problem.message == f"{HOST} said {error}. {why}"
    well_formed(problem)


@pytest.mark.parametrize("row", refusals.TABLE, ids=lambda row: row.part)
def test_every_row_of_the_table_can_be_met(row: refusals.Row) -> None:
    """A row behind a more general one would never speak."""
    assert refusals.meaning_of(refusals.OAuthError(row.part)) is row.meaning
    well_formed(refusals.of_error(refusals.OAuthError(row.part), HOST, MEND))


# Whose matter each is: the org's, the user's, the app's, the secret's, the host's, or nobody's: later.
TITLES = {
    "invalid_client: app must be installed into org": "The app is not installed",
    "invalid_client: External client app is not installed in this org": "The app is not installed",
    "OAUTH_EC_APP_NOT_FOUND: external client app is not installed in this org": "The app is not installed",
    "OAUTH_APP_BLOCKED: this app is blocked by admin": "The app is blocked",
    "OAUTH_APP_ACCESS_DENIED: user is not admin approved to access this app": "The app may not be used",
    "invalid_grant: user hasn't approved this consumer": "The app is not approved",
    "invalid_grant: no valid scopes defined": "The app lacks a scope",
    "invalid_grant: request not supported on this domain": "The host does not fit",
    "invalid_grant: Audience validation failed": "The audience does not fit",
    "invalid_grant: inactive organization": "The org is locked or inactive",
    "inactive_org: organization is locked, closed, or suspended": "The org is locked or inactive",
    "invalid_grant: inactive user": "Your user is inactive",
    "inactive_user: user is inactive": "Your user is inactive",
    "invalid_grant: activation secret invalid": "The activation secret is refused",
    "invalid_client_credentials: client secret invalid": "The app's secret is refused",
    "invalid_grant: authentication failure": "The org refused the sign-in",
    "invalid_grant: IP restricted or invalid login hours": "Sign-in from here is not allowed",
    "unknown_error: retry your request": "The org cannot sign anybody in now",
    "invalid_grant: token request is already being processed": "The org cannot sign anybody in now",
    "server_error: server busy": "The org cannot sign anybody in now",
    "rate_limit_exceeded: number of logins exceeded": "Too many sign-ins",
    "invalid_grant: login rate exceeded": "Too many sign-ins",
}
LATER = ("The org cannot sign anybody in now", "The org is in maintenance", "Too many sign-ins")


@pytest.mark.parametrize("error", TITLES)
def test_a_refused_sign_in_is_told_by_whose_matter_it_is(error: str) -> None:
    problem = token(error)
    assert problem.title == TITLES[error]
    assert problem.no_answer is (problem.title in LATER)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b'{"error": "something_new"}'])
def test_a_token_endpoint_that_is_down_has_refused_nobody(status: int, body: bytes) -> None:
    problem = refusals.of_answer(Answer(status, {}, body), HOST, MEND)
    assert problem.no_answer
    assert MEND not in problem.next_step


@pytest.mark.parametrize("name", STATUS)
def test_an_answer_that_says_nothing(name: str) -> None:
    problem = status(name)
    assert (problem.title, problem.message, problem.next_step) == STATUS[name]
    well_formed(problem)


@pytest.mark.parametrize("name", NETWORK)
async def test_a_network_that_fails(name: str) -> None:
    problem = await network(name)
    assert (problem.title, problem.message, problem.next_step) == NETWORK[name]
    well_formed(problem)


def test_every_break_stands_in_this_file() -> None:
    assert set(NETWORK) == set(BREAKS)


@pytest.mark.parametrize(
    "sign_in",
    [
        SignIn("sf_cli", {"target_org": "prod"}),
        SignIn("jwt", {"client_id": "3M", "username": "ops@acme.example", "key_file": "/nowhere/key.pem"}),
        SignIn("web", {"client_id": "3M", "refresh_token": "file:/nowhere/token"}),
    ],
)
async def test_a_sign_in_that_cannot_begin(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    well_formed(await local(sign_in))
