"""OAuth client credentials: the app signs in as its run-as user, on the My Domain host."""

from tui.base.secret import Secret
from tui.salesforce.sign_in.oauth_endpoints import ask_token
from tui.salesforce.sign_in.way import CachedToken


class ClientCredentials(CachedToken):
    """`sign_in = { way = "client_credentials", client_id = "…", client_secret = "file:…" }`."""

    @property
    def next_step(self) -> str:
        return "Check client_id and client_secret, and that the app's run-as user may use the API."

    async def fetch(self) -> Secret:
        secret = await self._resolve(self._org.sign_in.settings["client_secret"])
        # inferred: client_credentials_basic - for this grant by HTTP Basic.
        tokens = await ask_token(
            self._org,
            self._net,
            {"grant_type": "client_credentials"},
            next_step=self.next_step,
            basic=(self.setting("client_id"), secret),
        )
        return tokens.access_token
