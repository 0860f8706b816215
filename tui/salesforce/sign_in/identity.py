"""Asks an org whose token this is."""

import msgspec
from msgspec import Struct

from tui.base.decoding import BAD_DATA
from tui.base.secret import Secret
from tui.base.text import clean, clean_json
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce import errors
from tui.salesforce.errors import OrgProblem
from tui.salesforce.sign_in.way import Operator

REFUSALS = (400, 401, 403, 404)
SCOPE = "All else goes on. To have it told, give the app the scope openid, and sign in again."


class NotTold(OrgProblem):
    """The org refuses to say whose token it is, which says nothing about what else the token may do."""


class UserInfo(Struct, frozen=True):
    """The part of `/services/oauth2/userinfo` that is used."""

    user_id: str
    preferred_username: str


async def ask_who(org: Org, net: Net, token: Secret) -> Operator:
    """The user behind `token`. Not a call against the API limits.

    Raises NotTold where the org refuses to say it, else Problem.
    """
    host = host_of(org.api_url)
    # inferred: userinfo_is_free - it is no call of the REST API.
    answer = await net.request("GET", f"{org.api_url.rstrip('/')}/services/oauth2/userinfo", bearer=token)
    if answer.status in REFUSALS and not answer.is_page:
        told = errors.of_answer(answer, host)
        raise NotTold(
            "The org does not say who you are",
            f"{host} refused userinfo with {answer.status}{f' {told.code}' if told.code else ''}.",
            SCOPE,
            code=told.code,
            status=answer.status,
            refused=True,
            stale=told.stale,
        )
    if answer.status != 200 or answer.is_page:
        raise errors.of_answer(answer, host)
    try:
        info = msgspec.convert(clean_json(answer.body), UserInfo)
    except BAD_DATA as error:
        raise errors.shape("userinfo", clean(str(error), 200)) from None
    return Operator(info.preferred_username, info.user_id)
