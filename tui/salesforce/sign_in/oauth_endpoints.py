"""Asks an org's OAuth endpoints: for a token, whatever the grant, and whose token it is."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from tui.base.secret import Secret
from tui.base.text import clean, clean_json
from tui.connections.connection import Org
from tui.net import BAD_DATA, Net, host_of
from tui.salesforce import errors
from tui.salesforce.errors import OrgProblem
from tui.salesforce.sign_in import refusals


class _Wire(Struct, frozen=True):
    access_token: str
    refresh_token: str | None = None


class Tokens(Struct, frozen=True):
    """What the token endpoint gave; not every grant gives a refresh token."""

    access_token: Secret
    refresh_token: Secret | None = None


async def ask_token(
    org: Org,
    net: Net,
    form: Mapping[str, str],
    *,
    next_step: str,
    basic: tuple[str, Secret] | None = None,
    safe: bool = True,
) -> Tokens:
    """Send one request for a token to the org's own host. `next_step` says what to do about a sign-in that has ended.

    `safe`: the request may be sent again where its connection was dead; a code can be redeemed once only.
    Raises OrgProblem or NetProblem. The instance that the answer names is not followed: requests go to api_url.
    """
    url = f"{org.api_url.rstrip('/')}/services/oauth2/token"
    answer = await net.request("POST", url, form=form, basic=basic, safe=safe)
    if answer.status != 200 or answer.is_page:
        raise refusals.of_answer(answer, host_of(url), next_step)
    try:
        # Straight into the secret: a token is neither cleaned nor capped nor quoted in an error.
        tokens = msgspec.json.decode(answer.body, type=_Wire)
    except BAD_DATA:
        raise errors.shape("Sign-in", "the answer carries no access_token") from None
    return Tokens(Secret(tokens.access_token), Secret(tokens.refresh_token) if tokens.refresh_token else None)


REFUSALS = (400, 401, 403, 404)
SCOPE = "Everything else works. To see it, give the app the scope openid and sign in again."


class Operator(Struct, frozen=True):
    """Who is signed in: the operator's username and user Id, both empty where the org does not say.

    `hidden`: why it does not.
    """

    username: str
    user_id: str
    hidden: str = ""


class IdentityRefused(OrgProblem):
    """The org refuses to say whose token it is, which says nothing about what else the token may do."""


class UserInfo(Struct, frozen=True):
    """The part of `/services/oauth2/userinfo` that is used."""

    user_id: str
    preferred_username: str


async def ask_who(org: Org, net: Net, token: Secret) -> Operator:
    """The user behind `token`. Not a call against the API limits.

    Raises IdentityRefused where the org refuses to say it, else Problem.
    """
    host = host_of(org.api_url)
    # inferred: userinfo_is_free - it is no call of the REST API.
    answer = await net.request("GET", f"{org.api_url.rstrip('/')}/services/oauth2/userinfo", bearer=token)
    if answer.status in REFUSALS and not answer.is_page:
        refusal = errors.of_answer(answer, host)
        raise IdentityRefused(
            "The org does not say who you are",
            f"{host} refused userinfo with {answer.status}{f' {refusal.code}' if refusal.code else ''}.",
            SCOPE,
            code=refusal.code,
            status=answer.status,
            refused=True,
            stale=refusal.stale,
        )
    if answer.status != 200 or answer.is_page:
        raise errors.of_answer(answer, host)
    try:
        info = msgspec.convert(clean_json(answer.body), UserInfo)
    except BAD_DATA as error:
        raise errors.shape("userinfo", clean(str(error), 200)) from None
    return Operator(info.preferred_username, info.user_id)
