"""Asks an org's token endpoint, whatever the grant."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from tui.base.decoding import BAD_DATA
from tui.base.secret import Secret
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce import errors
from tui.salesforce.sign_in import refusals


class _Wire(Struct, frozen=True):
    access_token: str
    refresh_token: str | None = None


@dataclass(frozen=True)
class Tokens:
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
        told = msgspec.json.decode(answer.body, type=_Wire)
    except BAD_DATA:
        raise errors.shape("Sign-in", "the answer carries no access_token") from None
    return Tokens(Secret(told.access_token), Secret(told.refresh_token) if told.refresh_token else None)
