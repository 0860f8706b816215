"""Asks an org whose token this is."""

import msgspec
from msgspec import Struct

from tui.base.secret import Secret
from tui.base.text import clean_json
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce import errors
from tui.salesforce.sign_in.way import Operator


class UserInfo(Struct, frozen=True):
    """The part of `/services/oauth2/userinfo` that is used."""

    user_id: str
    preferred_username: str


async def ask_who(org: Org, net: Net, token: Secret) -> Operator:
    """The user behind `token`. Not a call against the API limits (inferred). Raises Problem."""
    host = host_of(org.api_url)
    answer = await net.request("GET", f"{org.api_url.rstrip('/')}/services/oauth2/userinfo", bearer=token)
    if answer.status != 200 or answer.is_page:
        raise errors.of_answer(answer, host)
    try:
        info = msgspec.convert(clean_json(answer.body), UserInfo)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise errors.shape("userinfo", str(error)) from None
    return Operator(info.preferred_username, info.user_id)
