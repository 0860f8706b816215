"""An access token given by hand: read from its reference, and read again when the org refuses it."""

from tui.base.secret import Secret
from tui.connections.connection import Org
from tui.net import Net
from tui.salesforce.sign_in.identity import ask_who
from tui.salesforce.sign_in.way import Operator, Resolve


class AccessToken:
    """`sign_in = { way = "access_token", token = "env:NAME" }`."""

    def __init__(self, org: Org, net: Net, resolve: Resolve) -> None:
        self._org = org
        self._net = net
        self._resolve = resolve
        self._token: Secret | None = None
        self._who: Operator | None = None

    async def token(self, *, renew: bool = False) -> Secret:
        if self._token is None or renew:
            self._token = await self._resolve(self._org.sign_in.settings["token"])
        return self._token

    async def who(self) -> Operator:
        if self._who is None:
            self._who = await ask_who(self._org, self._net, await self.token())
        return self._who
