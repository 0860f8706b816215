"""OAuth client credentials: the app signs in as its run-as user, on the My Domain host."""

import msgspec
from msgspec import Struct

from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce import errors
from tui.salesforce.sign_in.identity import ask_who
from tui.salesforce.sign_in.way import Operator, Resolve


class TokenAnswer(Struct, frozen=True):
    """The part of a token endpoint's answer that is used."""

    access_token: str


class ClientCredentials:
    """`sign_in = { way = "client_credentials", client_id = "…", client_secret = "file:…" }`."""

    def __init__(self, org: Org, net: Net, resolve: Resolve) -> None:
        self._org = org
        self._net = net
        self._resolve = resolve
        self._token: Secret | None = None
        self._who: Operator | None = None

    async def token(self, *, renew: bool = False) -> Secret:
        if self._token is None or renew:
            self._token = await self._ask()
        return self._token

    async def who(self) -> Operator:
        if self._who is None:
            self._who = await ask_who(self._org, self._net, await self.token())
        return self._who

    async def _ask(self) -> Secret:
        settings = self._org.sign_in.settings
        client_id = settings["client_id"]
        if not isinstance(client_id, str):
            raise Problem(
                "The sign-in cannot be used", "client_id must be a text.", "Correct the configuration."
            )
        secret = await self._resolve(settings["client_secret"])
        answer = await self._net.request(
            "POST",
            f"{self._org.api_url.rstrip('/')}/services/oauth2/token",
            form={"grant_type": "client_credentials"},
            basic=(client_id, secret),
        )
        host = host_of(self._org.api_url)
        if answer.status != 200 or answer.is_page:
            raise errors.of_oauth(answer, host)
        try:
            # Straight into the secret: a token is neither cleaned nor capped nor quoted in an error.
            return Secret(msgspec.json.decode(answer.body, type=TokenAnswer).access_token)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise errors.shape("Sign-in", "the answer carries no access_token") from None
